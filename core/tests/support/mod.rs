//! A runtime written in the test: both ends in one process, over an in-memory pipe, so that time can be paused and every
//! order can be played. Its codec is its own.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses another part")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use codriver::{Client, ClientOptions, Session, SessionConfig, SessionEvent};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};

/// The far side of a connection.
pub struct Runtime {
    input: ReadHalf<DuplexStream>,
    output: WriteHalf<DuplexStream>,
    events: u64,
}

/// A client that is connected to the test's runtime.
pub async fn connected() -> (Client, Runtime) {
    connected_with(|options| options).await
}

/// [`connected`] with other options.
pub async fn connected_with(options: impl FnOnce(ClientOptions) -> ClientOptions) -> (Client, Runtime) {
    let (client, mut runtime) = unconnected(options);
    let shake = async {
        let connect = runtime.expect("connect").await;
        runtime.reply(&connect, json!({"ok": true, "protocolVersion": 3, "version": "0.0.0-test"})).await;
    };
    let (connected, ()) = tokio::join!(client.connect(), shake);
    connected.unwrap();
    (client, runtime)
}

/// A client that is not connected yet, and the runtime it will find.
pub fn unconnected(options: impl FnOnce(ClientOptions) -> ClientOptions) -> (Client, Runtime) {
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let (reader, writer) = tokio::io::split(ours);
    let client = Client::new(options(ClientOptions::streams(reader, writer))).unwrap();
    let (input, output) = tokio::io::split(theirs);
    (client, Runtime { input, output, events: 0 })
}

impl Runtime {
    /// The next message of the client.
    pub async fn next(&mut self) -> Value {
        self.try_next().await.expect("the client closed the connection")
    }

    /// The next message of the client; `None` when it closed.
    pub async fn try_next(&mut self) -> Option<Value> {
        let mut header = Vec::new();
        while !header.ends_with(b"\r\n\r\n") {
            header.push(self.input.read_u8().await.ok()?);
        }
        let header = String::from_utf8(header).unwrap();
        let length: usize = header.trim().rsplit(' ').next().unwrap().parse().unwrap();
        let mut body = vec![0; length];
        self.input.read_exact(&mut body).await.ok()?;
        Some(serde_json::from_slice(&body).unwrap())
    }

    /// The next message, which is a call of `method`.
    pub async fn expect(&mut self, method: &str) -> Value {
        let message = self.next().await;
        assert_eq!(message["method"], method, "{message}");
        message
    }

    /// The next message, which is the answer to our request `id`.
    pub async fn answer_to(&mut self, id: impl Into<Value>) -> Value {
        let message = self.next().await;
        assert_eq!(message["id"], id.into(), "{message}");
        assert!(message.get("method").is_none(), "{message}");
        message
    }

    /// Nothing comes from the client for a while.
    pub async fn expect_silence(&mut self) {
        if let Ok(message) = tokio::time::timeout(Duration::from_millis(200), self.next()).await {
            panic!("expected silence, got {message}");
        }
    }

    pub async fn write(&mut self, message: Value) {
        let body = message.to_string();
        let frame = format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.write_raw(frame.as_bytes()).await;
    }

    pub async fn write_raw(&mut self, bytes: &[u8]) {
        self.output.write_all(bytes).await.unwrap();
    }

    pub async fn reply(&mut self, call: &Value, result: Value) {
        self.write(json!({"jsonrpc": "2.0", "id": call["id"], "result": result})).await;
    }

    pub async fn refuse(&mut self, call: &Value, code: i64, message: &str) {
        let error = json!({"code": code, "message": message});
        self.write(json!({"jsonrpc": "2.0", "id": call["id"], "error": error})).await;
    }

    pub async fn notify(&mut self, method: &str, params: Value) {
        self.write(json!({"jsonrpc": "2.0", "method": method, "params": params})).await;
    }

    pub async fn request(&mut self, id: impl Into<Value>, method: &str, params: Value) {
        self.write(json!({"jsonrpc": "2.0", "id": id.into(), "method": method, "params": params})).await;
    }

    /// Sends an event of a session, with an id of its own.
    pub async fn event(&mut self, session_id: &str, kind: &str, data: Value) {
        self.events += 1;
        let ephemeral = kind.ends_with("_delta") || kind == "session.idle";
        let id = format!("event-{}", self.events);
        let event = json!({"id": id, "timestamp": "2026-11-21T00:00:00.000Z", "parentId": null, "type": kind,
            "data": data, "ephemeral": ephemeral});
        self.notify("session.event", json!({"sessionId": session_id, "event": event})).await;
    }

    /// Answers `session.create` or `session.resume` with its own id.
    pub async fn accept(&mut self, call: &Value) {
        let id = call["params"]["sessionId"].clone();
        self.reply(
            call,
            json!({"sessionId": id, "workspacePath": "/w", "capabilities": {"ui": {"elicitation": true}}}),
        )
        .await;
    }

    /// Closes both directions.
    pub fn close(self) {
        drop(self);
    }
}

/// A session `s1` that is open on both sides.
pub async fn open(client: &Client, runtime: &mut Runtime, config: SessionConfig) -> Session {
    let accept = async {
        let create = runtime.expect("session.create").await;
        runtime.accept(&create).await;
    };
    let (session, ()) = tokio::join!(client.create_session(config.session_id("s1")), accept);
    session.unwrap()
}

/// Collects what handlers saw.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    pub fn push(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// A handler that notes the type of each event.
    pub fn types(&self) -> impl Fn(&SessionEvent) + Send + Sync + 'static + use<> {
        let seen = self.clone();
        move |event| seen.push(event.event_type())
    }

    /// Waits until `count` things were seen. In real time: handlers of events run on threads.
    pub async fn wait_for(&self, count: usize) -> Vec<String> {
        for _ in 0..5000 {
            if self.all().len() >= count {
                return self.all();
            }
            std::thread::sleep(Duration::from_millis(1));
            tokio::task::yield_now().await;
        }
        panic!("saw only {:?}", self.all());
    }
}
