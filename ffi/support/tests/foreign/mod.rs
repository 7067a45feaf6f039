//! Foreign code as a test sees it: everything it is told goes into a channel.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses another part")]

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use codriver_ffi_support::{
    Callbacks, Client, Dispatch, FsRequest, Operation, Request, Result, Session, take, wait,
};
use serde_json::{Value, json};

pub const PATIENCE: Duration = Duration::from_secs(30);

/// What foreign code was told, and by which thread.
#[derive(Debug)]
pub enum Told {
    Wake(u64),
    Request(Request),
    Fs(FsRequest),
    Cancel(u64),
    Destroyed,
}

pub struct Foreign(Sender<(Told, String)>);

impl Foreign {
    fn tell(&self, told: Told) {
        let thread = std::thread::current().name().unwrap_or_default().to_owned();
        let _ = self.0.send((told, thread));
    }
}

impl Callbacks for Foreign {
    fn wake(&self, id: u64) {
        self.tell(Told::Wake(id));
    }

    fn request(&self, request: Request) {
        self.tell(Told::Request(request));
    }

    fn fs_request(&self, request: FsRequest) {
        self.tell(Told::Fs(request));
    }

    fn cancel(&self, call_id: u64) {
        self.tell(Told::Cancel(call_id));
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        self.tell(Told::Destroyed);
    }
}

/// Callbacks, and where what they are told is heard.
pub fn foreign() -> (Foreign, Ear) {
    let (sender, receiver) = channel();
    (Foreign(sender), Ear(receiver))
}

/// What a client's foreign side hears.
pub struct Ear(Receiver<(Told, String)>);

impl Ear {
    /// The next thing that `wanted` takes; the rest is passed over. All of it comes from the one thread.
    pub fn hear<T>(&self, mut wanted: impl FnMut(Told) -> Option<T>) -> T {
        loop {
            let (told, thread) = self.0.recv_timeout(PATIENCE).expect("it is told in time");
            assert_eq!(thread, "codriver-callbacks", "{told:?}");
            if let Some(found) = wanted(told) {
                return found;
            }
        }
    }

    pub fn request(&self) -> Request {
        self.hear(|told| if let Told::Request(request) = told { Some(request) } else { None })
    }

    pub fn cancelled(&self) -> u64 {
        self.hear(|told| if let Told::Cancel(id) = told { Some(id) } else { None })
    }

    /// Hears everything up to the end, and that nothing comes after it.
    pub fn end(self) {
        self.hear(|told| matches!(told, Told::Destroyed).then_some(()));
        assert!(self.0.recv_timeout(PATIENCE).is_err(), "nothing comes after the end");
    }

    pub fn now(&self) -> Option<(Told, String)> {
        self.0.try_recv().ok()
    }
}

/// The mock runtime, built once.
pub fn mock() -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        let built =
            cargo.args(["build", "--quiet", "--locked", "--package", "mock-runtime"]).status().unwrap();
        assert!(built.success(), "the mock runtime does not build");
    });
    let test = std::env::current_exe().unwrap();
    test.parent().unwrap().parent().unwrap().join("mock-runtime")
}

/// A client of a mock that plays `script`; further options on top.
pub fn client_with(script: &Value, dispatch: Dispatch, more: Value) -> (Client, Ear) {
    let (foreign, ear) = foreign();
    let mut options = json!({ "cliPath": mock(), "env": { "MOCK_RUNTIME_SCRIPT": script.to_string() } });
    options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let client = Client::new(&options.to_string(), Box::new(foreign), dispatch).unwrap();
    (client, ear)
}

/// A connected client of a mock that plays `script`.
pub fn connected(script: &Value) -> (Client, Ear) {
    let (client, ear) = client_with(script, Dispatch::Thread, json!({}));
    done(client.connect());
    (client, ear)
}

/// What an operation gives.
pub fn outcome(operation: Result<Operation>) -> Result<Value> {
    let text = wait(operation?.start(None)?, PATIENCE)?;
    Ok(serde_json::from_str(&text).expect("an operation gives JSON"))
}

pub fn done(operation: Result<Operation>) -> Value {
    outcome(operation).unwrap()
}

/// A session that is open.
pub fn created(client: Client, config: Value) -> Session {
    let session = Session::new(client, &config.to_string()).unwrap();
    done(session.create());
    session
}

/// Takes events until one of type `last`, waiting for wakes; each with its number.
pub fn events_until(ear: &Ear, id: u64, last: &str) -> Vec<(u64, Value)> {
    let mut seen = Vec::new();
    loop {
        ear.hear(|told| matches!(told, Told::Wake(woken) if woken == id).then_some(()));
        loop {
            let batch = take(id, 3, 1 << 20).unwrap();
            let read: Value = serde_json::from_str(&batch.json).unwrap();
            let numbers = read["seq"].as_array().unwrap().iter().map(|seq| seq.as_u64().unwrap());
            let events = read["events"].as_array().unwrap().iter().cloned();
            assert_eq!(batch.count, events.len());
            assert!(batch.count > 0, "a wake, or `more`, says that there is something");
            seen.extend(numbers.zip(events));
            if !batch.more {
                break;
            }
        }
        if seen.last().is_some_and(|(_, event)| event["type"] == last) {
            return seen;
        }
    }
}
