//! What a client tells that is no event of a session: state, lifecycle, notifications, handlers that failed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use codriver::protocol::lifecycle::SessionLifecycleKind;
use codriver::{Client, HandlerFailure};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::batch::Batch;
use crate::dispatcher::{Dispatcher, Message};
use crate::error::error_value;
use crate::process::lock;

/// From here on what repeats is left out, as in the core.
const MANY: usize = 4096;

pub(crate) struct Notices {
    client: u64,
    dispatcher: Arc<Dispatcher>,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    queue: VecDeque<String>,
    /// A wake is out, and nothing has left the queue empty since.
    woken: bool,
}

impl Notices {
    /// Listens to a client.
    pub(crate) fn of(id: u64, client: &Client, dispatcher: Arc<Dispatcher>) -> Arc<Self> {
        let notices = Arc::new(Notices { client: id, dispatcher, inner: Mutex::default() });
        let own = notices.clone();
        client.on_state(move |state| own.push(json!({ "kind": "state", "state": state }).to_string(), false));
        let own = notices.clone();
        client.on_lifecycle(move |event| {
            let repeats = event.kind == SessionLifecycleKind::Updated;
            own.push(json!({ "kind": "lifecycle", "event": event }).to_string(), repeats);
        });
        let own = notices.clone();
        client.on_notification(move |notification| {
            let params: Option<&RawValue> = serde_json::from_str(notification.params_json()).ok();
            let method = Value::from(notification.method.as_str());
            let params = params.map_or("null", RawValue::get);
            own.push(format!(r#"{{"kind":"notification","method":{method},"params":{params}}}"#), false);
        });
        notices
    }

    /// A handler of session `session` failed.
    pub(crate) fn handler_failed(&self, session: u64, failure: &HandlerFailure) {
        let notice = json!({
            "kind": "handlerError",
            "session": session,
            "sessionId": failure.session_id,
            "place": failure.place,
            "error": error_value(&failure.error),
        });
        self.push(notice.to_string(), false);
    }

    fn push(&self, notice: String, repeats: bool) {
        let mut inner = lock(&self.inner);
        if repeats && inner.queue.len() >= MANY {
            return;
        }
        inner.queue.push_back(notice);
        let woken = std::mem::replace(&mut inner.woken, true);
        drop(inner);
        if !woken {
            let _ = self.dispatcher.send(Message::Wake(self.client));
        }
    }

    pub(crate) fn take(&self, max: usize) -> Batch {
        let mut inner = lock(&self.inner);
        let count = max.min(inner.queue.len());
        let taken: Vec<String> = inner.queue.drain(..count).collect();
        let more = !inner.queue.is_empty();
        inner.woken = more;
        drop(inner);
        Batch { json: format!("[{}]", taken.join(",")), count, more, ended: false }
    }
}
