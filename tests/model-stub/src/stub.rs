//! The model endpoint.

use std::collections::VecDeque;
use std::future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{self, Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::conversation::Conversation;
use crate::record::{End, RecordedRequest};
use crate::reply::{Answer, Piece, Reply};
use crate::script::Script;
use crate::server::LoopbackServer;
use crate::wire::{self, Completion, Frame};

/// Far above what a runtime sends: a whole history with its tool definitions.
const MAX_BODY_BYTES: usize = 256 * 1024 * 1024;

/// A scripted model on 127.0.0.1: `POST /v1/chat/completions` (streamed or not) and `GET /v1/models`.
///
/// Ends when dropped, closing every connection.
#[derive(Debug)]
pub struct ModelStub {
    server: LoopbackServer,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    script: Script,
    requests: watch::Sender<Vec<RecordedRequest>>,
}

impl ModelStub {
    /// Starts it on any free port.
    ///
    /// # Errors
    /// When no port can be bound or no thread started.
    pub fn start(script: Script) -> io::Result<ModelStub> {
        ModelStub::start_on(0, script)
    }

    /// Starts it on this port; 0 means any.
    ///
    /// # Errors
    /// When the port cannot be bound or no thread started.
    pub fn start_on(port: u16, script: Script) -> io::Result<ModelStub> {
        let shared = Arc::new(Shared { script, requests: watch::Sender::default() });
        let router = Router::new().fallback(serve).with_state(Arc::clone(&shared));
        let server = LoopbackServer::start("model-stub", port, |_| router)?;
        Ok(ModelStub { server, shared })
    }

    /// What `provider.baseUrl` wants: `http://127.0.0.1:PORT/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.server.address())
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.server.address().port()
    }

    /// Every request so far, in the order of arrival.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.requests.borrow().clone()
    }

    /// Waits until the requests so far satisfy `condition`, and returns them. It waits for ever; wrap it in a timeout.
    pub async fn wait_until(
        &self,
        mut condition: impl FnMut(&[RecordedRequest]) -> bool,
    ) -> Vec<RecordedRequest> {
        let mut requests = self.shared.requests.subscribe();
        // The sender lives in `self`, so the wait cannot fail.
        requests.wait_for(|requests| condition(requests)).await.map(|found| found.clone()).unwrap_or_default()
    }
}

async fn serve(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = body::to_bytes(body, MAX_BODY_BYTES).await else {
        return failure(413, "the body is too large or was cut off");
    };
    let recorded = RecordedRequest::new(&parts, &body);
    let request = recorded.body.clone();
    let (receipt, attempt) = Receipt::new(&shared, recorded);
    match (&parts.method, parts.uri.path()) {
        (&Method::POST, "/v1/chat/completions") if request["messages"].is_array() => {
            let reply = shared.script.reply(&Conversation::from_request(&request, attempt));
            match reply {
                Reply::Failure { status, message } => receipt.complete(failure(status, &message)),
                Reply::Answer(answer) if request["stream"] == true => streamed(&request, &answer, receipt),
                Reply::Answer(answer) => {
                    hold_back(&answer).await;
                    receipt.complete(json(StatusCode::OK, &Completion::new(&request).body(&answer)))
                }
            }
        }
        (&Method::POST, "/v1/chat/completions") => {
            receipt.complete(failure(400, "`messages` must be a list"))
        }
        (&Method::GET, "/v1/models") => receipt.complete(json(StatusCode::OK, &wire::models())),
        _ => receipt.complete(failure(404, "only POST /v1/chat/completions and GET /v1/models are here")),
    }
}

fn streamed(request: &Value, answer: &Answer, receipt: Receipt) -> Response {
    let frames = Completion::new(request).frames(answer);
    let body = stream::unfold((frames, Some(receipt)), |(mut frames, mut receipt)| async {
        let data = next_data(&mut frames).await?;
        // The peer may close on `[DONE]` without asking for more: by then all has been said.
        if let Some(receipt) = receipt.take_if(|_| frames.is_empty()) {
            receipt.finish();
        }
        Some((Ok::<_, io::Error>(Bytes::from(data)), (frames, receipt)))
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")];
    (headers, Body::from_stream(body)).into_response()
}

async fn next_data(frames: &mut VecDeque<Frame>) -> Option<String> {
    loop {
        match frames.pop_front()? {
            Frame::Send(data) => return Some(data),
            Frame::Wait(pause) => sleep(pause).await,
            Frame::Hang => future::pending().await,
        }
    }
}

/// Takes as long as streaming the answer would.
async fn hold_back(answer: &Answer) {
    let pauses = answer
        .pieces
        .iter()
        .map(|piece| if let Piece::Pause(pause) = piece { *pause } else { Duration::ZERO });
    sleep(pauses.sum()).await;
    if answer.hangs {
        future::pending::<()>().await;
    }
}

fn failure(status: u16, message: &str) -> Response {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    json(code, &wire::error(status, message))
}

pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Writes down how an answer ended, also when hyper drops it because the peer is gone.
struct Receipt {
    shared: Arc<Shared>,
    index: usize,
    end: End,
}

impl Receipt {
    /// Records the request; also tells how often the same messages were sent before.
    fn new(shared: &Arc<Shared>, recorded: RecordedRequest) -> (Receipt, usize) {
        let (mut index, mut attempt) = (0, 0);
        shared.requests.send_modify(|requests| {
            index = requests.len();
            attempt = requests
                .iter()
                .filter(|earlier| earlier.body["messages"] == recorded.body["messages"])
                .count();
            requests.push(recorded);
        });
        (Receipt { shared: Arc::clone(shared), index, end: End::HungUp }, attempt)
    }

    fn finish(mut self) {
        self.end = End::Complete;
    }

    fn complete(self, response: Response) -> Response {
        self.finish();
        response
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        self.shared.requests.send_modify(|requests| requests[self.index].end = self.end);
    }
}
