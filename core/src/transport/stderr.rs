//! The end of what a child wrote to its standard error, for the message that says why it is gone.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};

/// How much of it is kept (DESIGN I3).
pub(crate) const KEPT_BYTES: usize = 64 * 1024;

/// A ring of the last [`KEPT_BYTES`].
#[derive(Debug, Clone, Default)]
pub(crate) struct StderrTail(Arc<Mutex<VecDeque<u8>>>);

impl StderrTail {
    /// Reads until the pipe ends, so that the child never blocks on a full one.
    pub(crate) async fn drain(self, mut pipe: impl AsyncRead + Unpin) {
        let mut chunk = vec![0; 8 * 1024];
        while let Ok(n @ 1..) = pipe.read(&mut chunk).await {
            self.push(&chunk[..n]);
        }
    }

    fn push(&self, bytes: &[u8]) {
        let mut ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = &bytes[bytes.len().saturating_sub(KEPT_BYTES)..];
        let excess = (ring.len() + bytes.len()).saturating_sub(KEPT_BYTES);
        ring.drain(..excess);
        ring.extend(bytes);
    }

    /// What is there now, as text.
    pub(crate) fn text(&self) -> String {
        let mut ring = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(ring.make_contiguous()).trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_64_kib_are_kept_however_much_comes() {
        let tail = StderrTail::default();
        let text = (0..40_000).map(|n| format!("{n}\n")).collect::<String>();
        tail.clone().drain(text.as_bytes()).await;
        assert_eq!(tail.0.lock().unwrap().len(), KEPT_BYTES);
        assert!(tail.text().ends_with("39998\n39999"));
    }
}
