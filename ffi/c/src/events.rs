//! What is taken after a wake.

use std::time::Duration;

use codriver_ffi_support::{Client, close, report_handler_error, take};

use crate::error::codriver_error;
use crate::gate::{enter, give, put};
use crate::status::codriver_status;
use crate::text::{codriver_buf, codriver_str};

/// What was taken.
#[derive(Debug)]
#[repr(C)]
pub struct codriver_batch {
    /// The caller's, to be given back. Of a client an array of notices; of a session or stream
    /// `{"seq":[…],"first":[…],"type":[…],"size":[…],"events":[…]}`, arrays of one length, the events in the runtime's own bytes. `size`
    /// has the bytes of each: behind the first `"events":[` they stand one after the other, a comma between.
    pub json: codriver_buf,
    /// How many.
    pub count: usize,
    /// Whether there is more: take again, no wake comes for it.
    pub more: bool,
    /// Whether the session is over, and everything was taken.
    pub ended: bool,
}

/// Takes up to `max` events, of at most `max_bytes` bytes together (but at least one), or up to `max` notices. `id` is a
/// client, a session with `handlers.onEvent`, or a stream. Does not wait; nothing there is an empty batch.
///
/// # Safety
/// The conventions: `out` is a place for a batch, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_take(
    id: u64,
    max: usize,
    max_bytes: usize,
    out: *mut codriver_batch,
    error: *mut *mut codriver_error,
) -> codriver_status {
    let work = || {
        let batch = take(id, max, max_bytes)?;
        let json = codriver_buf::of(batch.json);
        Ok(codriver_batch { json, count: batch.count, more: batch.more, ended: batch.ended })
    };
    // SAFETY: by this function's contract.
    unsafe { give(out, error, work) }
}

/// Reports that the program failed to handle an event it took from `id`, a session or a stream: it is counted, logged, and
/// comes as a notice `handlerError`, as the failure of any other handler does.
///
/// # Safety
/// The conventions: the texts are readable during the call, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_report_handler_error(
    id: u64,
    place: codriver_str,
    message: codriver_str,
    error: *mut *mut codriver_error,
) -> codriver_status {
    let work = || report_handler_error(id, &place.to_text("place")?, &message.to_text("message")?);
    // SAFETY: by this function's contract.
    unsafe { enter(error, work) }
}

/// Calls back on this thread, for a client made with `CODRIVER_CLIENT_WAIT`: all there is to tell, or what comes first
/// within `timeout_ms`. `count` gets how much it was. For programs with a loop of their own; one thread at a time.
///
/// # Safety
/// The conventions: `count` is NULL or a place for a number, `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_wait(
    client: u64,
    timeout_ms: u64,
    count: *mut usize,
    error: *mut *mut codriver_error,
) -> codriver_status {
    let work = || {
        let told = Client(client).wait(Duration::from_millis(timeout_ms))?;
        // SAFETY: by this function's contract.
        if count.is_null() { Ok(()) } else { unsafe { put(count, told) } }
    };
    // SAFETY: by this function's contract.
    unsafe { enter(error, work) }
}

/// Gives an id back: a client, a session, a stream or a store. A client that was not stopped is ended at once; a session
/// ends here and stays with the runtime. Returns at once, also within a callback; a client's operations that still run end
/// with `CODRIVER_CANCELLED`, then `destroy` is called.
///
/// # Safety
/// `error` is NULL or a place for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn codriver_close(id: u64, error: *mut *mut codriver_error) -> codriver_status {
    // SAFETY: by this function's contract.
    unsafe { enter(error, || close(id)) }
}
