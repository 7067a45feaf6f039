//! What the fuzz targets of `core/fuzz` call; compiled under `cfg(fuzzing)` only, no API.

use bytes::{Bytes, BytesMut};

use crate::fs::{Conventions, assert_invariants};
use crate::rpc::frame::FrameDecoder;
use crate::rpc::message;

/// Panics where a path breaks what `fs::path` promises. The first byte chooses the conventions.
pub fn fs_path(data: &[u8]) {
    let Some((first, text)) = data.split_first() else { return };
    let conventions = if first % 2 == 0 { Conventions::Posix } else { Conventions::Windows };
    assert_invariants(&String::from_utf8_lossy(text), conventions);
}

/// Panics where the frame codec or what reads its frames breaks a promise: the same bytes give the same frames however they
/// are cut, no frame is over the limit, and what is read as a message can be read again. The first two bytes choose the cut.
pub fn frame(data: &[u8]) {
    let Some((cut, stream)) = data.split_at_checked(2) else { return };
    let cut = 1 + usize::from(u16::from_le_bytes([cut[0], cut[1]])) % 512;
    let whole = frames(stream, stream.len().max(1));
    assert_eq!(whole, frames(stream, cut), "frames depend on how the stream is cut");
    for frame in whole.0 {
        assert!(frame.len() <= LIMIT);
        if let Ok(frame) = message::repair(frame) {
            let _ = message::parse(&frame);
        }
    }
}

const LIMIT: usize = 4096;

/// All frames of a stream that comes in pieces, and whether it ended in an error.
fn frames(stream: &[u8], piece: usize) -> (Vec<Bytes>, bool) {
    let (mut decoder, mut buffer, mut frames) = (FrameDecoder::new(LIMIT), BytesMut::new(), Vec::new());
    for piece in stream.chunks(piece) {
        buffer.extend_from_slice(piece);
        loop {
            match decoder.decode(&mut buffer) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(_) => return (frames, true),
            }
        }
    }
    (frames, false)
}
