//! The frame codec, pure: bytes in, whole frames out, however the bytes were split.
//!
//! `Content-Length: N\r\n\r\n` + N bytes. Header names are matched without regard to case, other headers are ignored,
//! in any order. A frame's bytes are a slice of the read buffer, not a copy.

use bytes::{Buf, Bytes, BytesMut};

/// The longest header block that is waited for; the runtime's are about 30 bytes.
const MAX_HEADER_BYTES: usize = 8 * 1024;

/// Why the stream cannot be read any further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    /// The peer announced more than the limit.
    #[error("a frame of {length} bytes is over the limit of {limit} bytes (option `max_frame_bytes`)")]
    TooLarge { length: u64, limit: usize },
    /// What came is no frame header.
    #[error("the peer does not speak the protocol: expected a `Content-Length` header, got {excerpt:?}")]
    NotAFrame { excerpt: String },
}

/// Cuts a byte stream into frames.
#[derive(Debug)]
pub(crate) struct FrameDecoder {
    max_frame_bytes: usize,
    /// Length of the body whose header was read already.
    body: Option<usize>,
    /// How far the header block has been searched for its end.
    searched: usize,
}

impl FrameDecoder {
    pub(crate) fn new(max_frame_bytes: usize) -> Self {
        FrameDecoder { max_frame_bytes, body: None, searched: 0 }
    }

    /// Takes the next whole frame off `buffer`, or `None` when more bytes are needed.
    pub(crate) fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        let length = match self.body {
            Some(length) => length,
            None => match self.header(buffer)? {
                Some(length) => length,
                None => return Ok(None),
            },
        };
        if buffer.len() < length {
            self.body = Some(length);
            return Ok(None);
        }
        self.body = None;
        Ok(Some(buffer.split_to(length).freeze()))
    }

    /// How many bytes are missing to the end of the frame that has begun; a hint for the next read.
    pub(crate) fn missing(&self, buffer: &BytesMut) -> usize {
        self.body.map_or(0, |length| length.saturating_sub(buffer.len()))
    }

    fn header(&mut self, buffer: &mut BytesMut) -> Result<Option<usize>, FrameError> {
        let mut length = None;
        let mut start = 0;
        while let Some(end) = memchr::memchr(b'\n', &buffer[start.max(self.searched)..]) {
            let end = start.max(self.searched) + end;
            let line = buffer[start..end].trim_ascii_end();
            if line.is_empty() {
                let Some(length) = length else { return Err(not_a_frame(buffer)) };
                buffer.advance(end + 1);
                self.searched = 0;
                return self.within_limit(length).map(Some);
            }
            match header_line(line) {
                Some(Header::ContentLength(n)) => length = Some(n),
                Some(Header::Other) => {}
                None => return Err(not_a_frame(buffer)),
            }
            start = end + 1;
            self.searched = 0;
        }
        if buffer.len() - start > MAX_HEADER_BYTES {
            return Err(not_a_frame(buffer));
        }
        // Lines that are whole are read again next time; only an unfinished first line is worth remembering.
        self.searched = if start == 0 { buffer.len() } else { 0 };
        Ok(None)
    }

    fn within_limit(&self, length: u64) -> Result<usize, FrameError> {
        match usize::try_from(length) {
            Ok(n) if n <= self.max_frame_bytes => Ok(n),
            _ => Err(FrameError::TooLarge { length, limit: self.max_frame_bytes }),
        }
    }
}

enum Header {
    ContentLength(u64),
    Other,
}

fn header_line(line: &[u8]) -> Option<Header> {
    let colon = memchr::memchr(b':', line)?;
    let (name, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
    if name.is_empty() || !name.iter().all(|b| b.is_ascii_graphic()) {
        return None;
    }
    if !name.eq_ignore_ascii_case(b"content-length") {
        return Some(Header::Other);
    }
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // More digits than a u64 holds is a length over any limit.
    Some(Header::ContentLength(std::str::from_utf8(value).ok()?.parse().unwrap_or(u64::MAX)))
}

fn not_a_frame(buffer: &[u8]) -> FrameError {
    let excerpt = String::from_utf8_lossy(&buffer[..buffer.len().min(80)]).into_owned();
    FrameError::NotAFrame { excerpt }
}

/// Puts one frame behind what is in `out`.
pub(crate) fn encode(body: &[u8], out: &mut Vec<u8>) {
    use std::io::Write as _;
    out.reserve(body.len() + 32);
    // Writing to a Vec cannot fail.
    let _ = write!(out, "Content-Length: {}\r\n\r\n", body.len());
    out.extend_from_slice(body);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode_all(decoder: &mut FrameDecoder, buffer: &mut BytesMut) -> Result<Vec<Bytes>, FrameError> {
        let mut frames = Vec::new();
        while let Some(frame) = decoder.decode(buffer)? {
            frames.push(frame);
        }
        Ok(frames)
    }

    fn one(input: &[u8]) -> Result<Vec<Bytes>, FrameError> {
        decode_all(&mut FrameDecoder::new(1024), &mut BytesMut::from(input))
    }

    #[test]
    fn header_case_order_and_unknown_headers_do_not_matter() {
        for input in [
            &b"Content-Length: 2\r\n\r\n{}"[..],
            b"content-length:2\r\n\r\n{}",
            b"X-Odd: a:b\r\nCONTENT-LENGTH:   2  \r\nContent-Type: x; charset=utf-8\r\n\r\n{}",
            b"Content-Length: 2\n\n{}",
        ] {
            assert_eq!(one(input).unwrap(), [Bytes::from_static(b"{}")], "{input:?}");
        }
    }

    #[test]
    fn garbage_is_told_as_soon_as_its_line_ends() {
        let error = one(b"Welcome to the runtime!\n").unwrap_err();
        assert_eq!(error, FrameError::NotAFrame { excerpt: "Welcome to the runtime!\n".into() });
        assert!(one(b"Content-Length: -1\r\n\r\n").is_err());
        assert!(one(b"Content-Length: two\r\n\r\n").is_err());
        assert!(one(b"X-Only: 1\r\n\r\n").is_err());
    }

    #[test]
    fn a_header_without_end_is_not_waited_for_for_ever() {
        assert!(one(&[b'a'; MAX_HEADER_BYTES + 1]).is_err());
    }

    #[test]
    fn a_frame_over_the_limit_is_refused_before_its_body_is_read() {
        assert_eq!(
            one(b"Content-Length: 1025\r\n\r\n").unwrap_err(),
            FrameError::TooLarge { length: 1025, limit: 1024 }
        );
        assert!(matches!(
            one(b"Content-Length: 99999999999999999999999\r\n\r\n").unwrap_err(),
            FrameError::TooLarge { length: u64::MAX, .. }
        ));
    }

    proptest! {
        #[test]
        fn frames_survive_every_split(
            bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..8),
            cuts in prop::collection::vec(1usize..40, 1..400),
        ) {
            let mut stream = Vec::new();
            bodies.iter().for_each(|body| encode(body, &mut stream));
            let (mut decoder, mut buffer, mut frames) = (FrameDecoder::new(1024), BytesMut::new(), Vec::new());
            let (mut rest, mut cuts) = (&stream[..], cuts.iter().cycle());
            while !rest.is_empty() {
                let (now, later) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
                buffer.extend_from_slice(now);
                rest = later;
                frames.extend(decode_all(&mut decoder, &mut buffer).unwrap());
            }
            prop_assert_eq!(frames.iter().map(|f| f.to_vec()).collect::<Vec<_>>(), bodies);
            prop_assert!(buffer.is_empty());
        }

        #[test]
        fn arbitrary_bytes_never_panic(input in prop::collection::vec(any::<u8>(), 0..500)) {
            let _ = one(&input);
        }
    }
}
