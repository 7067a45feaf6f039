//! Codriver drives the GitHub Copilot agent runtime over JSON-RPC.
#![forbid(unsafe_code)]

pub mod error;
pub mod fs;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzz;
pub mod options;
pub mod protocol;
mod rpc;
pub mod session;
pub mod store;
mod transport;

pub use error::{Error, ErrorKind, Result, RpcError};
pub use session::{Cancellation, HandlerContext, HandlerError, HandlerFailure, HandlerResult, Tool};
