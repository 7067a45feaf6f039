//! The frame codec of the mock: written on its own, so that a mistake in the core's codec has nothing to agree with.

use std::io::{self, BufRead};

/// Puts `Content-Length: N\r\n\r\n` before a body.
pub fn render(body: &[u8]) -> Vec<u8> {
    with_header("Content-Length: {n}\r\n\r\n", body)
}

/// Puts a header of any shape before a body; `{n}` in it becomes the body's length in bytes.
pub fn with_header(header: &str, body: &[u8]) -> Vec<u8> {
    let mut frame = header.replace("{n}", &body.len().to_string()).into_bytes();
    frame.extend_from_slice(body);
    frame
}

/// Reads frames one after another.
#[derive(Debug)]
pub struct FrameReader<R> {
    input: R,
}

impl<R: BufRead> FrameReader<R> {
    /// A reader of frames from `input`.
    pub fn new(input: R) -> Self {
        FrameReader { input }
    }

    /// The next body; `None` at a clean end of input. Errors on a header that is not `Name: value`, on a missing or
    /// senseless length, and on an end in the middle of a frame.
    pub fn next_body(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut length = None;
        let mut line = String::new();
        let mut first = true;
        loop {
            line.clear();
            if self.input.read_line(&mut line)? == 0 {
                return if first { Ok(None) } else { Err(bad("the input ended inside a header")) };
            }
            first = false;
            let text = line.trim_end_matches(['\r', '\n']);
            if text.is_empty() {
                break;
            }
            let (name, value) =
                text.split_once(':').ok_or_else(|| bad(&format!("not a header: {text:?}")))?;
            if name.trim().eq_ignore_ascii_case("content-length") {
                length = Some(value.trim().parse::<usize>().map_err(|_| bad("the length is no number"))?);
            }
        }
        let mut body = vec![0; length.ok_or_else(|| bad("a frame without Content-Length"))?];
        self.input.read_exact(&mut body)?;
        Ok(Some(body))
    }
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(input: &[u8]) -> io::Result<Vec<Vec<u8>>> {
        let mut reader = FrameReader::new(input);
        let mut all = Vec::new();
        while let Some(body) = reader.next_body()? {
            all.push(body);
        }
        Ok(all)
    }

    #[test]
    fn what_is_rendered_is_read_back() {
        let mut wire = render("{\"a\":\"ü\"}".as_bytes());
        wire.extend(render(b"{}"));
        assert_eq!(bodies(&wire).unwrap(), vec!["{\"a\":\"ü\"}".as_bytes().to_vec(), b"{}".to_vec()]);
    }

    #[test]
    fn header_case_order_and_unknown_headers_do_not_matter() {
        let wire = b"X-Odd: 1\r\ncontent-LENGTH:2\r\nContent-Type: application/json\r\n\r\n{}";
        assert_eq!(bodies(wire).unwrap(), vec![b"{}".to_vec()]);
    }

    #[test]
    fn a_header_of_any_shape_can_be_written() {
        assert_eq!(
            with_header("X: y\r\nCONTENT-LENGTH: {n}\r\n\r\n", b"abc"),
            b"X: y\r\nCONTENT-LENGTH: 3\r\n\r\nabc"
        );
    }

    #[test]
    fn a_frame_without_length_or_with_a_cut_body_is_an_error() {
        assert!(bodies(b"X: 1\r\n\r\n{}").is_err());
        assert!(bodies(b"Content-Length: 9\r\n\r\n{}").is_err());
        assert!(bodies(b"garbage\r\n\r\n").is_err());
        assert!(bodies(b"Content-Length: 2\r\n").is_err());
    }
}
