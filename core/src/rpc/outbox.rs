//! What we write: frames go out whole, in order, and nearly always without a task switch.
//!
//! [`Outbox::push`] tries to write at once on the caller's thread; only what the pipe does not take is left for
//! [`Outbox::drive`]. So a caller that is cancelled can never leave half a frame behind, and nobody waits for the peer
//! to read.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::frame;

pub(crate) use crate::transport::Writer;

pub(crate) struct Outbox {
    state: Mutex<State>,
}

struct State {
    /// `None` once closed.
    writer: Option<Writer>,
    buffer: Vec<u8>,
    written: usize,
    unflushed: bool,
    driver: Option<Waker>,
}

/// The outbox was closed; nothing was written.
#[derive(Debug)]
pub(crate) struct OutboxClosed;

impl Outbox {
    pub(crate) fn new(writer: Writer) -> Self {
        let state =
            State { writer: Some(writer), buffer: Vec::new(), written: 0, unflushed: false, driver: None };
        Outbox { state: Mutex::new(state) }
    }

    /// Sends one frame with this body, behind all that were pushed before.
    pub(crate) fn push(&self, body: &[u8]) -> Result<(), OutboxClosed> {
        let mut state = self.lock();
        if state.writer.is_none() {
            return Err(OutboxClosed);
        }
        let idle = state.buffer.is_empty() && !state.unflushed;
        frame::encode(body, &mut state.buffer);
        state.unflushed = true;
        if idle && matches!(state.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(()))) {
            return Ok(());
        }
        // Not all was taken, or it failed: the driver waits for the pipe, and reports the error.
        if let Some(driver) = state.driver.take() {
            driver.wake();
        }
        Ok(())
    }

    /// Writes what `push` could not. Ends when the outbox is closed (`Ok`) or the pipe is broken.
    pub(crate) async fn drive(&self) -> io::Result<()> {
        std::future::poll_fn(|cx| {
            let mut state = self.lock();
            if state.writer.is_none() {
                return Poll::Ready(Ok(()));
            }
            state.driver = Some(cx.waker().clone());
            match state.poll(cx) {
                Poll::Ready(Err(error)) => {
                    state.writer = None;
                    Poll::Ready(Err(error))
                }
                Poll::Ready(Ok(())) | Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    /// Drops the writing half: the peer sees the end of its input. What was not written yet is discarded.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        let writer = state.writer.take();
        let driver = state.driver.take();
        drop(state);
        drop(writer);
        if let Some(driver) = driver {
            driver.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Writes and flushes all there is; `Ready(Ok)` when nothing is left.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(writer) = self.writer.as_mut() else { return Poll::Ready(Ok(())) };
        while self.written < self.buffer.len() {
            match writer.as_mut().poll_write(cx, &self.buffer[self.written..]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(n)) => self.written += n,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        self.buffer.clear();
        self.written = 0;
        // One large frame must not keep its memory for ever.
        if self.buffer.capacity() > 1 << 20 {
            self.buffer.shrink_to(1 << 16);
        }
        match writer.as_mut().poll_flush(cx) {
            Poll::Ready(Ok(())) => {
                self.unflushed = false;
                Poll::Ready(Ok(()))
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::BytesMut;
    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::rpc::frame::FrameDecoder;

    #[tokio::test]
    async fn frames_arrive_whole_and_in_order_through_a_pipe_that_takes_seven_bytes() {
        let (ours, mut theirs) = tokio::io::duplex(7);
        let outbox = Arc::new(Outbox::new(Box::pin(ours)));
        let driver = tokio::spawn({
            let outbox = outbox.clone();
            async move { outbox.drive().await }
        });
        for n in 0..200 {
            outbox.push(format!("{{\"n\":{n}}}").as_bytes()).unwrap();
        }
        let (mut decoder, mut buffer, mut n) = (FrameDecoder::new(100), BytesMut::new(), 0);
        while n < 200 {
            theirs.read_buf(&mut buffer).await.unwrap();
            while let Some(frame) = decoder.decode(&mut buffer).unwrap() {
                assert_eq!(frame, format!("{{\"n\":{n}}}"));
                n += 1;
            }
        }
        outbox.close();
        driver.await.unwrap().unwrap();
        assert!(outbox.push(b"{}").is_err());
        assert_eq!(theirs.read_buf(&mut buffer).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_push_into_a_free_pipe_is_written_without_the_driver() {
        let (ours, mut theirs) = tokio::io::duplex(1024);
        let outbox = Outbox::new(Box::pin(ours));
        outbox.push(b"{}").unwrap();
        let mut got = [0; 64];
        let n = theirs.read(&mut got).await.unwrap();
        assert_eq!(&got[..n], b"Content-Length: 2\r\n\r\n{}");
    }

    #[tokio::test]
    async fn a_broken_pipe_is_reported_by_the_driver() {
        let (ours, theirs) = tokio::io::duplex(4);
        let outbox = Outbox::new(Box::pin(ours));
        drop(theirs);
        let _ = outbox.push(b"{}");
        assert_eq!(outbox.drive().await.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
