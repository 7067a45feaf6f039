//! Codriver drives the GitHub Copilot agent runtime over JSON-RPC.
#![forbid(unsafe_code)]

mod client;
mod counters;
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

pub use client::{Client, ConnectionState, Notification, RuntimeInfo};
pub use counters::Counters;
pub use error::{Error, ErrorKind, Result, RpcError};
pub use options::{ClientOptions, SessionConfig};
pub use protocol::event::{EVENTS_LOST, EventsLost, SESSION_REPAIRED, SessionEvent};
pub use protocol::event_data::EventData;
pub use protocol::hooks::{HookInput, HookKind, HookOutput};
pub use protocol::requests::{PermissionDecision, PermissionRequest, ToolInvocation, ToolResult};
pub use session::{
    Cancellation, EventStream, HandlerContext, HandlerError, HandlerFailure, HandlerResult, Registration,
    SendOptions, Session, Tool, TurnResult,
};
pub use transport::discovery::{FoundRuntime, find_runtime, runtime_install_dir};

/// The examples of the README, which compile because this does.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}
