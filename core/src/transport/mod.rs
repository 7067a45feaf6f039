//! How bytes reach the runtime.

pub(crate) mod discovery;
