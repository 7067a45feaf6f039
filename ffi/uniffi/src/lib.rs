//! Codriver for Python, Kotlin and Swift: `codriver-ffi-support` in the words of UniFFI. Translates, decides nothing.
//!
//! [`Client`], [`Session`], [`EventCursor`] and [`Store`] are ids with methods; what takes time is an async function whose result
//! is JSON. Foreign code implements [`Callbacks`] and, for files of its own, [`SessionFiles`]: each method returns at once,
//! answers come by [`respond`] and its like (DESIGN §4: wake, take, respond).
//!
//! A continuation of an async function runs where callbacks do, on the thread `codriver-callbacks` of its client, and never
//! on a thread that reads for the runtime (DESIGN I26).

mod answers;
mod callbacks;
mod client;
mod error;
mod events;
mod files;
mod operation;
#[cfg(feature = "options")]
mod options;
mod process;
mod session;
mod store;
#[cfg(feature = "test-hooks")]
mod test_hooks;

pub use answers::{
    FileEntry, FileKind, FileStat, fail, respond, respond_content, respond_done, respond_entries,
    respond_exists, respond_stat,
};
pub use callbacks::{CallbackError, Callbacks};
pub use client::Client;
pub use error::Error;
pub use events::{EventBatch, EventCursor, NoticeBatch};
pub use files::SessionFiles;
#[cfg(feature = "options")]
pub use options::*;
pub use process::{approve_for_session, call_back, find_runtime, shutdown, version};
pub use session::Session;
pub use store::Store;
#[cfg(feature = "test-hooks")]
pub use test_hooks::open_objects;

uniffi::setup_scaffolding!("codriver");
