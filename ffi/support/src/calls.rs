//! Questions that are out: each has an id that is never used again, and ends once.

use std::sync::{Arc, Mutex};

use codriver::{Error, ErrorKind, Result};
use tokio::sync::oneshot;

use crate::answer::{Answer, Decode, Failure, FsReply};
use crate::dispatcher::{Dispatcher, Message};
use crate::process::{Object, Process, lock};

/// Answers a question with JSON, from any thread. An answer that cannot be used is refused, and the question stays open.
///
/// # Errors
/// `INVALID_ARGUMENT` with the field, `BAD_HANDLE` where nobody waits for an answer (any more), `FORKED`.
pub fn respond(call_id: u64, json: &str) -> Result<()> {
    settle(call_id, |call| call.answer(Answer::Json(json)))
}

/// Answers a call of a filesystem.
///
/// # Errors
/// As [`respond`].
pub fn respond_fs(call_id: u64, reply: FsReply) -> Result<()> {
    settle(call_id, |call| call.answer(Answer::Fs(reply)))
}

/// Says that there is no answer, and why: `number` is one of [`ErrorKind`] (`FS_NOT_FOUND`, … for filesystems), or 0.
/// What the runtime is told then is the secure default of the question; the text may get there.
///
/// # Errors
/// `BAD_HANDLE`, `FORKED`.
pub fn fail(call_id: u64, number: u32, message: &str) -> Result<()> {
    settle(call_id, |call| call.fail(Failure { number, message: message.to_owned() }))
}

fn settle(call_id: u64, settle: impl FnOnce(&dyn Answerable) -> Result<bool>) -> Result<()> {
    let process = Process::current();
    let call = process.call(call_id)?;
    // Read outside of the table's lock: an answer may be large.
    if settle(&*call)? {
        process.remove(call_id);
        return Ok(());
    }
    Err(Error::new(ErrorKind::BadHandle, format!("call {call_id} was answered or cancelled already")))
}

/// A question that is out. `false`: it was settled before.
pub(crate) trait Answerable: Send + Sync {
    fn answer(&self, answer: Answer<'_>) -> Result<bool>;
    fn fail(&self, failure: Failure) -> Result<bool>;
    /// Nobody waits any more. `false`: it was settled before.
    fn give_up(&self) -> bool;
    /// The client whose end is its end.
    fn owner(&self) -> u64;
}

struct Call<T> {
    owner: u64,
    decode: Decode<T>,
    /// Whoever takes it settles the call.
    sender: Mutex<Option<oneshot::Sender<Result<T, Failure>>>>,
}

impl<T: Send> Call<T> {
    fn settle(&self, outcome: Result<T, Failure>) -> bool {
        let sender = lock(&self.sender).take();
        sender.is_some_and(|sender| sender.send(outcome).is_ok())
    }
}

impl<T: Send> Answerable for Call<T> {
    fn answer(&self, answer: Answer<'_>) -> Result<bool> {
        Ok(self.settle(Ok((self.decode)(answer)?)))
    }

    fn fail(&self, failure: Failure) -> Result<bool> {
        Ok(self.settle(Err(failure)))
    }

    fn give_up(&self) -> bool {
        lock(&self.sender).take().is_some()
    }

    fn owner(&self) -> u64 {
        self.owner
    }
}

/// Where the questions of one client go.
#[derive(Clone)]
pub(crate) struct Asker {
    pub(crate) client: u64,
    pub(crate) dispatcher: Arc<Dispatcher>,
}

impl Asker {
    /// Asks foreign code and waits. Dropped before the answer, the call is cancelled.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        decode: Decode<T>,
        message: impl FnOnce(u64) -> Message,
    ) -> Result<T, Failure> {
        let process = Process::current();
        let (sender, receiver) = oneshot::channel();
        let id = process.new_id();
        let call = Call { owner: self.client, decode, sender: Mutex::new(Some(sender)) };
        process.insert(id, Object::Call(Arc::new(call)));
        let _guard = Asked { id, process, dispatcher: &self.dispatcher };
        if self.dispatcher.send(message(id)).is_err() {
            return Err(Failure::closed());
        }
        receiver.await.unwrap_or_else(|_| Err(Failure::closed()))
    }
}

/// A question that somebody waits for.
struct Asked<'a> {
    id: u64,
    process: &'static Process,
    dispatcher: &'a Dispatcher,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        // Whoever answers settles the call first, and takes it out of the table then.
        if let Some(Object::Call(call)) = self.process.remove(self.id)
            && call.give_up()
        {
            let _ = self.dispatcher.send(Message::Cancel(self.id));
        }
    }
}
