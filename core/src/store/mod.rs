//! Ready-made stores of session filesystems.

mod memory;

pub use memory::{MemoryFs, MemoryStore};
