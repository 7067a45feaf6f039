//! Sessions: registry, pre-registration, parking, events, handlers, waiting.

pub(crate) mod ask;
pub(crate) mod core;
pub(crate) mod dispatch;
pub(crate) mod facts;
mod handle;
pub(crate) mod handlers;
pub(crate) mod invoke;
pub(crate) mod merge;
pub(crate) mod parking;
pub(crate) mod queue;
pub(crate) mod registry;
pub(crate) mod reservation;
pub(crate) mod seen;
pub(crate) mod send;
pub(crate) mod serve;
mod stream;
pub(crate) mod tool;
mod ui;
pub(crate) mod wait;

pub use dispatch::Registration;
pub use handle::Session;
pub use handlers::{Cancellation, HandlerContext, HandlerError, HandlerFailure, HandlerResult, Handlers};
pub use send::{SendOptions, TurnResult};
pub use stream::EventStream;
pub use tool::Tool;
pub use ui::Ui;
