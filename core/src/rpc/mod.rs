//! JSON-RPC 2.0 with `Content-Length` frames: pure codec, pure tables, and one place that does I/O.

pub(crate) mod frame;
pub(crate) mod inbound;
pub(crate) mod message;
pub(crate) mod outbox;
pub(crate) mod peer;
pub(crate) mod pending;
pub(crate) mod reader;
pub(crate) mod surrogate;
