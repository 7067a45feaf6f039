//! What the runtime sends by itself, to whom it belongs. On the read task: nothing here waits.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::notices::Notices;
use crate::protocol::event::SessionEvent;
use crate::protocol::lifecycle::{SessionLifecycleEvent, SessionLifecycleKind};
use crate::protocol::methods;
use crate::rpc::inbound::Responder;
use crate::rpc::peer::Peer;
use crate::rpc::reader::Inbound;
use crate::session::core::SessionCore;
use crate::session::parking::Item;
use crate::session::registry::Registry;
use crate::session::serve;

pub(crate) struct Router {
    pub(crate) peer: Arc<Peer>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) notices: Arc<Notices>,
    /// Sessions that got something since the last flush.
    pub(crate) touched: Vec<Arc<SessionCore>>,
}

impl Router {
    fn route(&mut self, session_id: &str, item: Item) {
        let Some((core, item)) = self.registry.route(session_id, item) else { return };
        core.deliver(item);
        if !self.touched.iter().rev().any(|known| Arc::ptr_eq(known, &core)) {
            self.touched.push(core);
        }
    }
}

impl Inbound for Router {
    fn event(&mut self, session_id: &str, event: SessionEvent) {
        match self.touched.last() {
            // A burst is nearly always one session's: who that is was asked at its first event.
            Some(core) if core.id() == session_id => core.deliver(Item::Event(event)),
            _ => self.route(session_id, Item::Event(event)),
        }
    }

    fn notification(&mut self, method: &str, params: Bytes) {
        match method {
            methods::SESSION_EVENT => match event_of(&params) {
                Some((session_id, event)) => self.event(&session_id, event),
                None => {
                    tracing::warn!("a session.event without session, or whose event is no object with a type")
                }
            },
            methods::SESSION_LIFECYCLE => match serde_json::from_slice::<SessionLifecycleEvent>(&params) {
                Ok(event) => {
                    if event.kind == SessionLifecycleKind::Created
                        && let Some(ours) = &event.client_session_id
                    {
                        self.registry.created(ours, &event.session_id);
                    }
                    self.notices.lifecycle(event);
                }
                Err(error) => tracing::warn!(%error, "a session.lifecycle that cannot be read"),
            },
            methods::CANCEL_REQUEST => {
                #[derive(Deserialize)]
                struct Params<'a> {
                    #[serde(borrow)]
                    id: &'a RawValue,
                }
                if let Ok(params) = serde_json::from_slice::<Params<'_>>(&params) {
                    self.peer.open_requests().cancel(params.id.get());
                }
            }
            _ => self.notices.notification(method, params),
        }
    }

    fn request(&mut self, responder: Responder, method: &str, params: Bytes) {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Addressed<'a> {
            #[serde(borrow, default)]
            session_id: Option<Cow<'a, str>>,
        }
        let addressed = serde_json::from_slice::<Addressed<'_>>(&params).ok();
        match addressed.and_then(|params| params.session_id).map(Cow::into_owned) {
            Some(session_id) => {
                self.route(&session_id, Item::Request { responder, method: method.into(), params })
            }
            // Every request this library knows is a session's.
            None => responder.answer(&Err(serve::unknown(method))),
        }
    }

    fn flush(&mut self) {
        self.touched.drain(..).for_each(|core| core.wake());
    }
}

/// Session and event of a notification whose parts stand in an unusual order.
fn event_of(params: &Bytes) -> Option<(String, SessionEvent)> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Params<'a> {
        session_id: String,
        #[serde(borrow)]
        event: &'a RawValue,
    }
    let Params { session_id, event } = serde_json::from_slice(params).ok()?;
    Some((session_id, SessionEvent::from_json(event.get()).ok()?))
}
