//! The way to the client: frames whole, in pieces, or several in one write.

use std::io::{self, Write};

/// Where bytes go; closing it is dropping it.
pub type Sink = Box<dyn Write + Send>;

/// A sink with the two ways in which a script can disturb how frames are cut into writes.
pub struct Output {
    sink: Option<Sink>,
    piece: usize,
    held: Option<Vec<u8>>,
}

impl Output {
    /// An output that writes each frame with one write.
    pub fn new(sink: Sink) -> Self {
        Output { sink: Some(sink), piece: 0, held: None }
    }

    /// Writes bytes: at once, in pieces, or into what is held back. After a close it does nothing, and a client that is
    /// gone closes it: what a peer says to nobody is no error of the peer.
    pub fn write(&mut self, bytes: &[u8]) {
        if let Some(held) = &mut self.held {
            held.extend_from_slice(bytes);
            return;
        }
        let Some(sink) = &mut self.sink else { return };
        let piece = if self.piece == 0 { bytes.len().max(1) } else { self.piece };
        let written: io::Result<()> =
            bytes.chunks(piece).try_for_each(|part| sink.write_all(part).and_then(|()| sink.flush()));
        if written.is_err() {
            self.sink = None;
        }
    }

    /// From now on writes `bytes` at a time; 0 means whole again.
    pub fn split(&mut self, bytes: usize) {
        self.piece = bytes;
    }

    /// Holds everything back until [`Output::release`].
    pub fn hold(&mut self) {
        self.held.get_or_insert_default();
    }

    /// Writes what was held back in one write.
    pub fn release(&mut self) {
        if let Some(held) = self.held.take() {
            self.write(&held);
        }
    }

    /// Closes the way to the client.
    pub fn close(&mut self) {
        self.sink = None;
    }

    /// Whether something written now can still arrive.
    pub fn is_open(&self) -> bool {
        self.sink.is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Writes(Arc<Mutex<Vec<Vec<u8>>>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn frames_are_cut_or_joined_as_told() {
        let writes = Writes::default();
        let mut output = Output::new(Box::new(writes.clone()));
        output.write(b"ab");
        output.split(1);
        output.write(b"cd");
        output.split(0);
        output.hold();
        output.write(b"e");
        output.write(b"f");
        output.release();
        output.close();
        output.write(b"g");
        assert_eq!(*writes.0.lock().unwrap(), [b"ab".to_vec(), b"c".to_vec(), b"d".to_vec(), b"ef".to_vec()]);
        assert!(!output.is_open());
    }
}
