//! What a wake announces, taken in one piece.

use codriver_ffi_support as support;

use crate::error::Result;

/// Events that were taken; see [`support::EventBatch`].
#[derive(Debug, Clone, uniffi::Record)]
pub struct EventBatch {
    /// Four little-endian numbers of eight bytes for each event: `seq`, `first`, the place of its type, its size in bytes.
    pub marks: Vec<u8>,
    /// The types, each once.
    pub types: Vec<String>,
    /// The runtime's own bytes of the events, one after the other.
    pub events: Vec<u8>,
    /// Whether there is more: then take again, no wake will come.
    pub more: bool,
    /// Whether the session is over and all was taken.
    pub ended: bool,
}

/// Notices of a client that were taken.
#[derive(Debug, Clone, uniffi::Record)]
pub struct NoticeBatch {
    /// An array.
    pub json: String,
    /// Whether there is more: then take again, no wake will come.
    pub more: bool,
}

/// Takes up to `max` events, of at most `max_bytes` bytes together (at least one).
pub(crate) fn take_events(id: u64, max: u32, max_bytes: u64) -> Result<EventBatch> {
    let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
    let support::EventBatch { marks, types, events, more, ended } =
        support::take_events(id, max as usize, max_bytes)?;
    Ok(EventBatch { marks, types, events, more, ended })
}

/// A place in the events of a session. Dropped, it is given back.
#[derive(Debug, uniffi::Object)]
pub struct EventCursor {
    pub(crate) id: u64,
}

#[uniffi::export]
impl EventCursor {
    /// The id that a wake names.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Takes events.
    pub fn take(&self, max: u32, max_bytes: u64) -> Result<EventBatch> {
        take_events(self.id, max, max_bytes)
    }

    /// Reports that a handler failed that was given an event taken here.
    pub fn report_handler_error(&self, place: String, message: String) -> Result<()> {
        Ok(support::report_handler_error(self.id, &place, &message)?)
    }

    /// Ends it before it is dropped.
    pub fn close(&self) {
        let _ = support::close(self.id);
    }
}

impl Drop for EventCursor {
    fn drop(&mut self) {
        self.close();
    }
}
