//! One error type: a numbered kind, a sentence that says what to do, and where it came from.
//!
//! The numbers and names are the same in every language; `tests/vectors/errors.json` holds them and a test compares.

use std::error::Error as StdError;
use std::fmt;

use serde_json::Value;

/// What every fallible call of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal;)*) => {
        /// The numbered kinds of [`Error`]; numbers and names never change, new kinds fill the gaps.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u32)]
        pub enum ErrorKind {
            $($(#[$doc])* $variant = $number,)*
        }

        impl ErrorKind {
            /// Every kind, in the order of its number.
            pub const ALL: &'static [ErrorKind] = &[$(ErrorKind::$variant,)*];

            /// The stable name, e.g. `SESSION_NOT_FOUND`.
            pub const fn name(self) -> &'static str {
                match self { $(ErrorKind::$variant => $name,)* }
            }
        }
    };
}

kinds! {
    /// An argument of a call is not usable.
    InvalidArgument = 1, "INVALID_ARGUMENT";
    /// A client or session option is not usable; the message names the field.
    InvalidConfig = 2, "INVALID_CONFIG";
    /// The client or session was stopped, disconnected or never connected.
    Closed = 3, "CLOSED";
    /// A blocking call from a thread that must not block.
    WouldDeadlock = 4, "WOULD_DEADLOCK";
    /// The handle was made before `fork`; make a new client in the child.
    Forked = 5, "FORKED";
    /// A handle that names nothing.
    BadHandle = 6, "BAD_HANDLE";
    /// Text that is not UTF-8.
    InvalidUtf8 = 7, "INVALID_UTF8";
    /// No runtime was found, or it cannot be executed.
    RuntimeNotFound = 20, "RUNTIME_NOT_FOUND";
    /// The runtime or the connection to it is gone; the message has exit status and stderr.
    RuntimeLost = 21, "RUNTIME_LOST";
    /// No connection could be made.
    ConnectFailed = 22, "CONNECT_FAILED";
    /// The runtime wants a connection token or a login.
    AuthenticationRequired = 23, "AUTHENTICATION_REQUIRED";
    /// The token was refused.
    AuthenticationFailed = 24, "AUTHENTICATION_FAILED";
    /// The peer broke the protocol.
    Protocol = 40, "PROTOCOL";
    /// The runtime speaks a protocol version this library does not.
    VersionMismatch = 41, "VERSION_MISMATCH";
    /// The runtime answered with an error; see [`Error::rpc`].
    Rpc = 42, "RPC";
    /// The runtime does not know the method.
    MethodNotFound = 43, "METHOD_NOT_FOUND";
    /// A frame over the limit.
    FrameTooLarge = 44, "FRAME_TOO_LARGE";
    /// No session has that id.
    SessionNotFound = 60, "SESSION_NOT_FOUND";
    /// That session is open in this client already.
    SessionAlreadyOpen = 61, "SESSION_ALREADY_OPEN";
    /// The runtime answered with another id than the one asked for.
    SessionIdMismatch = 62, "SESSION_ID_MISMATCH";
    /// The session reported an error while a call waited for it.
    SessionError = 63, "SESSION_ERROR";
    /// The cloud worker was not there before the deadline.
    CloudNotReady = 64, "CLOUD_NOT_READY";
    /// Policy forbids the cloud session.
    CloudPolicyBlocked = 65, "CLOUD_POLICY_BLOCKED";
    /// Another holder has the session open for writing.
    SessionLocked = 66, "SESSION_LOCKED";
    /// A file or directory is not there.
    FsNotFound = 80, "FS_NOT_FOUND";
    /// A path that is malformed or leaves its mount.
    FsInvalidPath = 81, "FS_INVALID_PATH";
    /// The store cannot do this.
    FsUnsupported = 82, "FS_UNSUPPORTED";
    /// The store failed.
    FsIo = 83, "FS_IO";
    /// A file was changed by somebody else meanwhile.
    FsConflict = 84, "FS_CONFLICT";
    /// What is stored is damaged, or not what it says it is.
    FsCorrupt = 85, "FS_CORRUPT";
    /// The caller cancelled.
    Cancelled = 100, "CANCELLED";
    /// A deadline passed.
    Timeout = 101, "TIMEOUT";
    /// A bug in this library.
    Internal = 120, "INTERNAL";
}

impl ErrorKind {
    /// The stable number (DESIGN: 0 is success, and is not an error).
    pub const fn number(self) -> u32 {
        self as u32
    }
}

/// The JSON-RPC error object that the runtime answered with.
#[derive(Debug, Clone, PartialEq)]
pub struct RpcError {
    /// JSON-RPC code, e.g. `-32601`.
    pub code: i64,
    /// The runtime's own words.
    pub message: String,
    /// The runtime's `data`, if it sent any.
    pub data: Option<Value>,
}

impl RpcError {
    pub(crate) const METHOD_NOT_FOUND: i64 = -32601;
    pub(crate) const INVALID_PARAMS: i64 = -32602;
    pub(crate) const INTERNAL: i64 = -32603;
    /// LSP's code for a request that was cancelled.
    pub(crate) const CANCELLED: i64 = -32800;

    /// What we refuse a request of the runtime with.
    pub(crate) fn new(code: i64, message: impl Into<String>) -> Self {
        RpcError { code, message: message.into(), data: None }
    }
}

/// The error of this crate: `NAME: message`, cheap to move, with the RPC error and the cause where there are any.
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    message: String,
    rpc: Option<RpcError>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of `kind` with a sentence for the user.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner { kind, message: message.into(), rpc: None, source: None }))
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Adds the runtime's own error object.
    #[must_use]
    pub fn with_rpc(mut self, rpc: RpcError) -> Self {
        self.0.rpc = Some(rpc);
        self
    }

    /// The numbered kind.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The stable number of [`Error::kind`].
    pub fn number(&self) -> u32 {
        self.0.kind.number()
    }

    /// The stable name of [`Error::kind`].
    pub fn name(&self) -> &'static str {
        self.0.kind.name()
    }

    /// The sentence, without the name.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The runtime's error object, where the runtime answered with one.
    pub fn rpc(&self) -> Option<&RpcError> {
        self.0.rpc.as_ref()
    }

    /// The same error again, for a second waiter; the cause stays with the first.
    pub(crate) fn duplicate(&self) -> Self {
        Error(Box::new(Inner {
            kind: self.0.kind,
            message: self.0.message.clone(),
            rpc: self.0.rpc.clone(),
            source: None,
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_those_of_the_shared_vectors() {
        let vectors: serde_json::Map<String, Value> =
            serde_json::from_str(include_str!("../../tests/vectors/errors.json")).unwrap();
        let ours: serde_json::Map<String, Value> =
            ErrorKind::ALL.iter().map(|k| (k.name().to_owned(), k.number().into())).collect();
        let mut theirs = vectors;
        assert_eq!(theirs.remove("OK"), Some(0.into()));
        assert_eq!(ours, theirs);
    }

    #[test]
    fn display_is_name_and_sentence() {
        let e = Error::new(ErrorKind::Timeout, "no answer in 3 s");
        assert_eq!(e.to_string(), "TIMEOUT: no answer in 3 s");
    }
}
