//! Codriver drives the GitHub Copilot agent runtime over JSON-RPC.
#![forbid(unsafe_code)]

pub mod error;
pub mod fs;
pub mod options;
pub mod protocol;
pub mod session;
pub mod store;
pub(crate) mod transport;

pub use error::{Error, ErrorKind, Result, RpcError};
pub use options::{ClientOptions, SessionConfig};
pub use session::{Cancellation, HandlerContext, HandlerError, HandlerFailure, HandlerResult, Tool};
pub use transport::discovery::{FoundRuntime, find_runtime, runtime_install_dir};
