//! What a play came to.

use std::sync::atomic::AtomicU64;

use serde::Serialize;

/// What the handlers count.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) events: AtomicU64,
    pub(crate) tool_calls: AtomicU64,
    pub(crate) asked: AtomicU64,
    pub(crate) approved: AtomicU64,
}

/// What the play came to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) runtimes: Vec<Runtime>,
    pub(crate) tool_calls: u64,
    pub(crate) asked: u64,
    pub(crate) approved: u64,
    /// What the second runtime knew of what was before it.
    pub(crate) stored_events: usize,
    pub(crate) store: Store,
}

/// A runtime that took part.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Runtime {
    pub(crate) version: String,
    pub(crate) pid: u32,
}

/// The store, while no runtime ran.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Store {
    pub(crate) url: String,
    pub(crate) bytes: u64,
    /// How many events it had of the session.
    pub(crate) events: usize,
}
