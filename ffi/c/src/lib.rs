//! The C interface of codriver: `include/codriver.h`. Its conventions are a page, `README.md` beside this crate.
//!
//! No function here decides anything: each is its docs, its signature, and one call of [`ffi-support`](codriver_ffi_support)
//! through the one gate (`gate::enter`). All `unsafe` of the project is in this crate; each block says what it relies on.
#![allow(non_camel_case_types, reason = "the names are those of C")]

pub mod callbacks;
pub mod client;
pub mod discovery;
pub mod error;
pub mod events;
mod gate;
pub mod operation;
pub mod permission;
pub mod request;
pub mod session;
pub mod status;
pub mod store;
pub mod stored;
#[cfg(feature = "test-hooks")]
pub mod test_hooks;
pub mod text;
pub mod ui;
pub mod version;
