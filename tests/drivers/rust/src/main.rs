//! The conformance driver of the Rust crate: JSON lines in, JSON lines out, by nothing but the public API.
#![forbid(unsafe_code)]

mod command;
mod driver;
mod foreign;
mod handlers;
mod say;

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use codriver::{Error, ErrorKind, Result};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::oneshot;

use crate::command::{Command, Line};
use crate::driver::Driver;
use crate::say::Say;

/// The commands that have no result yet, each with what cancels it.
type Running = Arc<Mutex<HashMap<u64, oneshot::Sender<()>>>>;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let say = Say;
    let driver = Arc::new(Driver::new(say));
    let running = Running::default();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(text) = lines.next_line().await? {
        match serde_json::from_str::<Line>(&text) {
            Ok(Line { command: Command::Exit, .. }) => break,
            Ok(Line { id, command }) => {
                let mut work: Pin<Box<dyn Future<Output = ()> + Send>> =
                    Box::pin(perform(Arc::clone(&driver), say, Arc::clone(&running), id, command));
                // Polled once here, so that commands start in the order they came.
                let ended = std::future::poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
                if ended.is_pending() {
                    tokio::spawn(work);
                }
            }
            Err(error) => {
                let id = serde_json::from_str::<Value>(&text).unwrap_or_default()["id"].take();
                let error = Error::new(ErrorKind::InvalidArgument, format!("not a command: {error}"));
                say.line(&json!({"id": id, "error": say::error(&error)}));
            }
        }
    }
    std::process::exit(0)
}

/// Runs one command to its end or its cancellation, and says its one result.
async fn perform(driver: Arc<Driver>, say: Say, running: Running, id: u64, command: Command) {
    let (cancel, cancelled) = oneshot::channel();
    lock(&running).insert(id, cancel);
    let result = if let Command::Cancel { target } = command {
        // The target says its own end; a command that has ended already is as cancelled as can be.
        let target = lock(&running).remove(&target);
        let _ = target.map(|cancel| cancel.send(()));
        Ok(json!({}))
    } else {
        tokio::select! {
            biased;
            result = driver.run(id, command) => result,
            Ok(()) = cancelled => cancelled_error(),
        }
    };
    lock(&running).remove(&id);
    say.line(&match result {
        Ok(value) => json!({"id": id, "ok": value}),
        Err(error) => json!({"id": id, "error": say::error(&error)}),
    });
}

/// Rust's own way to cancel is to drop the future; this is what is said of it.
fn cancelled_error() -> Result<Value> {
    Err(Error::new(ErrorKind::Cancelled, "the future of this call was dropped"))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
