//! The numbers of results, the same in every language.

use codriver_ffi_support::ErrorKind;

use crate::text::codriver_str;

/// What a function returns: 0, or the number of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum codriver_status {
    /// It worked.
    CODRIVER_OK = 0,
    /// An argument is not usable.
    CODRIVER_INVALID_ARGUMENT = 1,
    /// An option is not usable; the message names the field.
    CODRIVER_INVALID_CONFIG = 2,
    /// The client or session was stopped, disconnected, or never connected.
    CODRIVER_CLOSED = 3,
    /// A blocking call from a thread that must not block.
    CODRIVER_WOULD_DEADLOCK = 4,
    /// The id was made before `fork`.
    CODRIVER_FORKED = 5,
    /// The id stands for nothing, or nothing any more.
    CODRIVER_BAD_HANDLE = 6,
    /// Text that is not UTF-8.
    CODRIVER_INVALID_UTF8 = 7,
    /// No runtime was found, or it cannot be executed.
    CODRIVER_RUNTIME_NOT_FOUND = 20,
    /// The runtime or the connection to it is gone.
    CODRIVER_RUNTIME_LOST = 21,
    /// No connection could be made.
    CODRIVER_CONNECT_FAILED = 22,
    /// The runtime wants a connection token or a login.
    CODRIVER_AUTHENTICATION_REQUIRED = 23,
    /// The token was refused.
    CODRIVER_AUTHENTICATION_FAILED = 24,
    /// The peer broke the protocol.
    CODRIVER_PROTOCOL = 40,
    /// The runtime speaks a protocol version that this library does not.
    CODRIVER_VERSION_MISMATCH = 41,
    /// The runtime answered with an error; `codriver_error_json` has its code.
    CODRIVER_RPC = 42,
    /// The runtime does not know the method.
    CODRIVER_METHOD_NOT_FOUND = 43,
    /// A frame over the limit.
    CODRIVER_FRAME_TOO_LARGE = 44,
    /// No session has that id.
    CODRIVER_SESSION_NOT_FOUND = 60,
    /// That session is open in this client already.
    CODRIVER_SESSION_ALREADY_OPEN = 61,
    /// The runtime answered with another id than the one asked for.
    CODRIVER_SESSION_ID_MISMATCH = 62,
    /// The session reported an error while a call waited for it.
    CODRIVER_SESSION_ERROR = 63,
    /// The cloud worker was not there before the deadline.
    CODRIVER_CLOUD_NOT_READY = 64,
    /// Policy forbids the cloud session.
    CODRIVER_CLOUD_POLICY_BLOCKED = 65,
    /// Another holder has the session open for writing.
    CODRIVER_SESSION_LOCKED = 66,
    /// A file or directory is not there.
    CODRIVER_FS_NOT_FOUND = 80,
    /// A path that is malformed or leaves its mount.
    CODRIVER_FS_INVALID_PATH = 81,
    /// The store cannot do this.
    CODRIVER_FS_UNSUPPORTED = 82,
    /// The store failed.
    CODRIVER_FS_IO = 83,
    /// A file was changed by somebody else meanwhile.
    CODRIVER_FS_CONFLICT = 84,
    /// What is stored is damaged, or not what it says it is.
    CODRIVER_FS_CORRUPT = 85,
    /// The caller cancelled.
    CODRIVER_CANCELLED = 100,
    /// A deadline passed.
    CODRIVER_TIMEOUT = 101,
    /// A bug in this library.
    CODRIVER_INTERNAL = 120,
}

use codriver_status::*;

/// Every status, in the order of its number.
const ALL: &[(codriver_status, &str)] = &[
    (CODRIVER_OK, "OK"),
    (CODRIVER_INVALID_ARGUMENT, "INVALID_ARGUMENT"),
    (CODRIVER_INVALID_CONFIG, "INVALID_CONFIG"),
    (CODRIVER_CLOSED, "CLOSED"),
    (CODRIVER_WOULD_DEADLOCK, "WOULD_DEADLOCK"),
    (CODRIVER_FORKED, "FORKED"),
    (CODRIVER_BAD_HANDLE, "BAD_HANDLE"),
    (CODRIVER_INVALID_UTF8, "INVALID_UTF8"),
    (CODRIVER_RUNTIME_NOT_FOUND, "RUNTIME_NOT_FOUND"),
    (CODRIVER_RUNTIME_LOST, "RUNTIME_LOST"),
    (CODRIVER_CONNECT_FAILED, "CONNECT_FAILED"),
    (CODRIVER_AUTHENTICATION_REQUIRED, "AUTHENTICATION_REQUIRED"),
    (CODRIVER_AUTHENTICATION_FAILED, "AUTHENTICATION_FAILED"),
    (CODRIVER_PROTOCOL, "PROTOCOL"),
    (CODRIVER_VERSION_MISMATCH, "VERSION_MISMATCH"),
    (CODRIVER_RPC, "RPC"),
    (CODRIVER_METHOD_NOT_FOUND, "METHOD_NOT_FOUND"),
    (CODRIVER_FRAME_TOO_LARGE, "FRAME_TOO_LARGE"),
    (CODRIVER_SESSION_NOT_FOUND, "SESSION_NOT_FOUND"),
    (CODRIVER_SESSION_ALREADY_OPEN, "SESSION_ALREADY_OPEN"),
    (CODRIVER_SESSION_ID_MISMATCH, "SESSION_ID_MISMATCH"),
    (CODRIVER_SESSION_ERROR, "SESSION_ERROR"),
    (CODRIVER_CLOUD_NOT_READY, "CLOUD_NOT_READY"),
    (CODRIVER_CLOUD_POLICY_BLOCKED, "CLOUD_POLICY_BLOCKED"),
    (CODRIVER_SESSION_LOCKED, "SESSION_LOCKED"),
    (CODRIVER_FS_NOT_FOUND, "FS_NOT_FOUND"),
    (CODRIVER_FS_INVALID_PATH, "FS_INVALID_PATH"),
    (CODRIVER_FS_UNSUPPORTED, "FS_UNSUPPORTED"),
    (CODRIVER_FS_IO, "FS_IO"),
    (CODRIVER_FS_CONFLICT, "FS_CONFLICT"),
    (CODRIVER_FS_CORRUPT, "FS_CORRUPT"),
    (CODRIVER_CANCELLED, "CANCELLED"),
    (CODRIVER_TIMEOUT, "TIMEOUT"),
    (CODRIVER_INTERNAL, "INTERNAL"),
];

impl From<ErrorKind> for codriver_status {
    fn from(kind: ErrorKind) -> Self {
        let found = ALL.iter().find(|(status, _)| *status as u32 == kind.number());
        found.map_or(CODRIVER_INTERNAL, |(status, _)| *status)
    }
}

/// The stable name of a status, e.g. `SESSION_NOT_FOUND`; lives as long as the program. Empty for a number that is none.
#[unsafe(no_mangle)]
pub extern "C" fn codriver_status_name(status: u32) -> codriver_str {
    let found = ALL.iter().find(|(known, _)| *known as u32 == status);
    codriver_str::of(found.map_or("", |(_, name)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_those_of_the_shared_vectors() {
        let vectors: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(include_str!("../../../tests/vectors/errors.json")).unwrap();
        let ours: serde_json::Map<String, serde_json::Value> =
            ALL.iter().map(|(status, name)| ((*name).to_owned(), (*status as u32).into())).collect();
        assert_eq!(vectors, ours);
        for kind in ErrorKind::ALL {
            assert_eq!(codriver_status::from(*kind) as u32, kind.number());
        }
    }
}
