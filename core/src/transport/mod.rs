//! How bytes reach the runtime: a child's pipes, a socket, our own stdio, or any pair of streams. Knows only bytes.

pub(crate) mod child;
pub(crate) mod descendants;
pub(crate) mod discovery;
pub(crate) mod parent;
pub(crate) mod process;
pub(crate) mod stderr;
pub(crate) mod tcp;
pub(crate) mod watchdog;

use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};

pub(crate) use process::Process;

/// The reading half of a connection.
pub(crate) type Reader = Pin<Box<dyn AsyncRead + Send>>;
/// The writing half of a connection.
pub(crate) type Writer = Pin<Box<dyn AsyncWrite + Send>>;

/// A connection that was made, with the runtime's process where it is ours.
pub(crate) struct Wire {
    pub(crate) reader: Reader,
    pub(crate) writer: Writer,
    pub(crate) process: Option<Process>,
}
