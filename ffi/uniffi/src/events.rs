//! What a wake announces, taken in one piece.

use codriver_ffi_support as support;

use crate::error::Result;

/// What was taken; see `support::Batch` for the JSON.
#[derive(Debug, Clone, uniffi::Record)]
pub struct TakenBatch {
    /// Of a client an array of notices; else `{"seq":[…],"type":[…],"size":[…],"events":[…]}`.
    pub json: String,
    /// How many.
    pub count: u32,
    /// Whether there is more: then take again, no wake will come.
    pub more: bool,
    /// Whether the session is over and all was taken.
    pub ended: bool,
}

/// Takes up to `max` events, of at most `max_bytes` bytes together (at least one), or notices.
pub(crate) fn take(id: u64, max: u32, max_bytes: u64) -> Result<TakenBatch> {
    let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
    let support::Batch { json, count, more, ended } = support::take(id, max as usize, max_bytes)?;
    Ok(TakenBatch { json, count: count as u32, more, ended })
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
    pub fn take(&self, max: u32, max_bytes: u64) -> Result<TakenBatch> {
        take(self.id, max, max_bytes)
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
