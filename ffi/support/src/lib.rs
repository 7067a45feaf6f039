//! What every boundary to another language needs, once, and without knowing any of them (DESIGN §4).
//!
//! **Handles are numbers.** A client, a session, a stream, a store, an operation and a call each have an id that is never
//! used again; what is behind it is kept here ([`Client`], [`Session`], [`Store`] are ids with methods). After `fork` the
//! ids of the parent answer `FORKED`, and new ones work (I28).
//!
//! **Wake, take, respond.** [`Callbacks::wake`] says without a payload that an id has something to take; [`take`] gives
//! it in one piece. [`Callbacks::request`] hands over a question with a call id and returns at once; later comes
//! one [`respond`] or [`fail`]. [`Callbacks::cancel`] says that nobody waits any more.
//!
//! **Everything else is an [`Operation`]:** started with a completion, or waited for. What it gives is JSON.
//!
//! Foreign code is called by a [`Callbacks`] only, from one named thread a client, under no lock; dropping the `Callbacks`
//! is the last thing that thread does (I26). Only those of a client that could not be made are dropped by whoever gave them.
#![forbid(unsafe_code)]

mod answer;
mod batch;
mod callbacks;
mod calls;
mod client;
mod dispatcher;
mod error;
mod fs;
mod gate;
mod handlers;
mod notices;
mod operation;
mod options;
mod permission;
mod process;
mod session;
mod sigpipe;
mod store;
mod stream;
#[cfg(feature = "test-hooks")]
mod test_hooks;

pub use answer::FsReply;
pub use batch::{Batch, EventBatch, report_handler_error, take, take_events};
pub use callbacks::{Callbacks, FsOperation, FsRequest, Request};
pub use calls::{fail, respond, respond_fs};
pub use client::Client;
pub use dispatcher::Dispatch;
pub use error::error_json;
pub use gate::gate;
pub use operation::{Completion, Operation, cancel, wait};
pub use options::find_runtime;
pub use permission::approve_for_session;
pub use process::{close, shutdown};
pub use session::Session;
pub use store::Store;
#[cfg(feature = "test-hooks")]
pub use test_hooks::open_objects;

pub use codriver::fs::EntryKind;
pub use codriver::{Error, ErrorKind, Result, runtime_install_dir};
