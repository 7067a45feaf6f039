//! How a client reaches its runtime.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};

use super::secret::Secret;

/// How a client reaches its runtime (JSON: an object with `kind`).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Transport {
    /// A child of ours, over its stdin and stdout.
    #[default]
    Stdio,
    /// A child of ours, over TCP on loopback.
    Tcp {
        /// Port; 0: any.
        #[serde(default)]
        port: u16,
    },
    /// A runtime somebody else started and will end.
    External {
        /// Host name or address.
        host: String,
        /// Port.
        port: u16,
        /// Connection token, where the runtime was started with one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<Secret>,
    },
    /// The runtime that started this process as an extension, over our own stdin and stdout.
    Parent,
    /// Two byte streams; see [`ClientOptions::streams`](super::ClientOptions::streams).
    #[serde(skip)]
    Streams(Streams),
}

impl Transport {
    /// A runtime somebody else started, without a token.
    pub fn external(host: impl Into<String>, port: u16) -> Self {
        Transport::External { host: host.into(), port, token: None }
    }

    /// Whether we start the runtime, and so decide on its arguments and environment.
    pub(crate) fn is_child(&self) -> bool {
        matches!(self, Transport::Stdio | Transport::Tcp { .. })
    }

    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Transport::Stdio => "stdio",
            Transport::Tcp { .. } => "tcp",
            Transport::External { .. } => "external",
            Transport::Parent => "parent",
            Transport::Streams(_) => "streams",
        }
    }
}

/// A boxed reader.
pub(crate) type BoxReader = Box<dyn AsyncRead + Send + Unpin>;
/// A boxed writer.
pub(crate) type BoxWriter = Box<dyn AsyncWrite + Send + Unpin>;

/// Two byte streams that one connection takes; clones share them.
#[derive(Clone)]
pub struct Streams(Arc<Mutex<Option<(BoxReader, BoxWriter)>>>);

impl Streams {
    /// A pair: what the runtime writes, and what it reads.
    pub fn new(
        reader: impl AsyncRead + Send + Unpin + 'static,
        writer: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Self {
        Streams(Arc::new(Mutex::new(Some((Box::new(reader), Box::new(writer))))))
    }

    /// The pair, once.
    pub(crate) fn take(&self) -> Option<(BoxReader, BoxWriter)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Streams")
    }
}
