//! Sessions: registry, pre-registration, parking, events, handlers, waiting.

pub(crate) mod handlers;
pub(crate) mod merge;
pub(crate) mod queue;
pub(crate) mod tool;

pub use handlers::{Cancellation, HandlerContext, HandlerError, HandlerFailure, HandlerResult, Handlers};
pub use tool::Tool;
