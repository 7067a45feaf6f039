//! The one error: a case for each name, with number, sentence, and what the runtime answered.

use codriver_ffi_support as support;

macro_rules! cases {
    ($($case:ident),* $(,)?) => {
        /// What can go wrong: a case for each name of DESIGN §5. `rpc_…` is what the runtime answered, where it answered with
        /// an error; `rpc_data` is JSON text.
        #[derive(Debug, Clone, thiserror::Error, uniffi::Error)]
        pub enum Error {
            $(
                /// The kind of this name (DESIGN §5).
                #[error("{name}: {message}")]
                $case {
                    /// The stable number.
                    number: u32,
                    /// The stable name.
                    name: String,
                    /// A sentence for people.
                    message: String,
                    /// JSON-RPC code.
                    rpc_code: Option<i64>,
                    /// The runtime's words.
                    rpc_message: Option<String>,
                    /// The runtime's `data`, as JSON text.
                    rpc_data: Option<String>,
                },
            )*
        }

        impl From<support::Error> for Error {
            fn from(error: support::Error) -> Self {
                let (number, name, message) = (error.number(), error.name().to_owned(), error.message().to_owned());
                let rpc_code = error.rpc().map(|rpc| rpc.code);
                let rpc_message = error.rpc().map(|rpc| rpc.message.clone());
                let rpc_data = error.rpc().and_then(|rpc| rpc.data.as_ref()).map(ToString::to_string);
                match error.kind() {
                    $(support::ErrorKind::$case => {
                        Error::$case { number, name, message, rpc_code, rpc_message, rpc_data }
                    })*
                    // The core's list may grow before this one does; a test compares them.
                    _ => Error::Internal { number, name, message, rpc_code, rpc_message, rpc_data },
                }
            }
        }

        #[cfg(test)]
        const CASES: &[support::ErrorKind] = &[$(support::ErrorKind::$case),*];
    };
}

cases! {
    InvalidArgument, InvalidConfig, Closed, WouldDeadlock, Forked, BadHandle, InvalidUtf8, RuntimeNotFound, RuntimeLost,
    ConnectFailed, AuthenticationRequired, AuthenticationFailed, Protocol, VersionMismatch, Rpc, MethodNotFound,
    FrameTooLarge, SessionNotFound, SessionAlreadyOpen, SessionIdMismatch, SessionError, CloudNotReady,
    CloudPolicyBlocked, SessionLocked, FsNotFound, FsInvalidPath, FsUnsupported, FsIo, FsConflict, FsCorrupt, Cancelled,
    Timeout, Internal,
}

/// A result of this crate.
pub(crate) type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_core_has_a_case() {
        assert_eq!(CASES, support::ErrorKind::ALL);
        let error = Error::from(support::Error::new(support::ErrorKind::SessionLocked, "why"));
        assert_eq!(error.to_string(), "SESSION_LOCKED: why");
        assert!(matches!(error, Error::SessionLocked { number: 66, .. }));
    }
}
