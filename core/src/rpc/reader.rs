//! The read loop: the one place where bytes of the peer become messages. It never waits for user code (DESIGN I1).

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::frame::{FrameDecoder, FrameError};
use super::inbound::Responder;
use super::message::{self, Message};
use super::peer::Peer;
use crate::error::{Error, ErrorKind};
use crate::protocol::event::SessionEvent;

/// How much memory is made for reading, when less than [`ROOM_BYTES`] of the last is left. A frame whose bytes somebody still
/// holds keeps its part of it; a single answer must not cost a new buffer.
const READ_BYTES: usize = 128 * 1024;
/// What one read can take at least; a large frame makes one read take all that is missing of it.
const ROOM_BYTES: usize = 16 * 1024;

/// Who is told of what the peer sends by itself. Every method returns at once.
pub(crate) trait Inbound: Send {
    /// A `session.event`.
    fn event(&mut self, session_id: &str, event: SessionEvent);
    /// Any other notification; `params` is JSON text.
    fn notification(&mut self, method: &str, params: Bytes);
    /// A request, with the duty to answer it.
    fn request(&mut self, responder: Responder, method: &str, params: Bytes);
    /// The moment for wake-ups, one for many events: all that one read brought has been told, or an answer follows, which is not
    /// to overtake them.
    fn flush(&mut self);
}

/// Reads until the stream ends; says why it cannot go on, or `None` at a clean end between two frames.
pub(crate) async fn read_loop(
    mut reader: impl AsyncRead + Unpin,
    max_frame_bytes: usize,
    peer: Arc<Peer>,
    inbound: &mut impl Inbound,
) -> Option<Error> {
    let mut decoder = FrameDecoder::new(max_frame_bytes);
    let mut buffer = BytesMut::new();
    loop {
        let missing = decoder.missing(&buffer);
        if buffer.capacity() - buffer.len() < ROOM_BYTES.max(missing) {
            buffer.reserve(READ_BYTES.max(missing));
        }
        match reader.read_buf(&mut buffer).await {
            Ok(0) if buffer.is_empty() => return None,
            Ok(0) => {
                let text = format!("the stream ended within a frame; {} bytes of it had come", buffer.len());
                return Some(Error::new(ErrorKind::Protocol, text));
            }
            Ok(_) => {}
            Err(error) => {
                return Some(Error::new(ErrorKind::RuntimeLost, error.to_string()).with_source(error));
            }
        }
        let end = dispatch(&mut decoder, &mut buffer, &peer, inbound);
        inbound.flush();
        if end.is_some() {
            return end;
        }
    }
}

fn dispatch(
    decoder: &mut FrameDecoder,
    buffer: &mut BytesMut,
    peer: &Arc<Peer>,
    inbound: &mut impl Inbound,
) -> Option<Error> {
    loop {
        let frame = match decoder.decode(buffer) {
            Ok(Some(frame)) => frame,
            Ok(None) => return None,
            Err(error) => {
                let kind = match error {
                    FrameError::TooLarge { .. } => ErrorKind::FrameTooLarge,
                    FrameError::NotAFrame { .. } => ErrorKind::Protocol,
                };
                return Some(Error::new(kind, error.to_string()).with_source(error));
            }
        };
        let frame = match message::repair(frame) {
            Ok(frame) => frame,
            Err(what) => return Some(Error::new(ErrorKind::Protocol, what)),
        };
        match message::parse(&frame) {
            Ok(Message::Event { session_id, event }) => inbound.event(&session_id, event),
            Ok(Message::Notification { method, params }) => inbound.notification(&method, params),
            Ok(Message::Request { id, method, params }) => {
                inbound.request(Responder::new(peer.clone(), id), &method, params);
            }
            Ok(Message::Response { id, outcome }) => {
                inbound.flush();
                peer.complete(id, outcome);
            }
            Ok(Message::Stray { what }) => tracing::warn!(what, "the peer sent an answer to nothing"),
            Err(what) => return Some(Error::new(ErrorKind::Protocol, what)),
        }
    }
}
