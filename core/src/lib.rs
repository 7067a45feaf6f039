//! Codriver drives the GitHub Copilot agent runtime over JSON-RPC.
#![forbid(unsafe_code)]

pub mod error;
pub mod fs;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzz;
pub mod options;
pub mod protocol;
pub mod session;
pub mod store;

pub use error::{Error, ErrorKind, Result, RpcError};
pub use session::{Cancellation, HandlerContext, HandlerError, HandlerFailure, HandlerResult, Tool};
