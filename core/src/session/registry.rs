//! Which session an id means, and what happens to messages for ids that mean none (DESIGN I6–I12).
//!
//! The registry has one lock, held for look-ups and moves only: never across user code, I/O, or a session's own lock. All
//! that decides by wire order (`route`, `answered`, `bind`) runs on the read task.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use serde::de::IgnoredAny;
use serde_json::json;
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::core::SessionCore;
use super::parking::{Item, Parking, ParkingLimits};
use crate::counters::{AtomicCounters, bump};
use crate::error::{Error, ErrorKind, Result, RpcError};
use crate::protocol::methods;
use crate::rpc::peer::Peer;

/// How long a session that nobody wants any more may take to say so.
const DESTROY_DEADLINE: Duration = Duration::from_secs(10);

pub(crate) struct Registry {
    state: Mutex<State>,
    peer: Arc<Peer>,
    runtime: Handle,
    counters: Arc<AtomicCounters>,
}

struct State {
    by_id: HashMap<Arc<str>, Entry>,
    openings: HashMap<OpeningId, Opening>,
    next_opening: u64,
    parking: Parking,
    /// Whether a task waits for the oldest parked item to expire.
    timer: bool,
}

enum Entry {
    Open(Arc<SessionCore>),
    /// The user's last handle is gone, but the runtime keeps the session, and its files with us: those are served on, or
    /// what it writes at its end would be lost. The id is free.
    Left(Arc<SessionCore>),
    /// Given up here, not yet on the far side: the id is not free, and what comes for it concerns nobody.
    Closing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct OpeningId(u64);

/// A create or resume between reservation and commit.
struct Opening {
    core: Arc<SessionCore>,
    /// Ours at once; a cloud session's only when it is bound.
    id: Option<Arc<str>>,
    /// The id we sent with a cloud create, for a `session.created` that echoes it.
    client_session_id: Option<String>,
    answer: Answer,
    abandoned: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Answer {
    /// Nothing was written: nothing has to be undone.
    Unasked,
    Awaited,
    Refused,
    /// The runtime has the session, under this id.
    Opened(Arc<str>),
}

impl Registry {
    pub(crate) fn new(
        peer: Arc<Peer>,
        runtime: Handle,
        limits: ParkingLimits,
        counters: Arc<AtomicCounters>,
    ) -> Arc<Self> {
        let state = State {
            by_id: HashMap::new(),
            openings: HashMap::new(),
            next_opening: 1,
            parking: Parking::new(limits),
            timer: false,
        };
        Arc::new(Registry { state: Mutex::new(state), peer, runtime, counters })
    }

    /// Registers a session under its own id, before anything is written: from now on it is served.
    pub(crate) fn reserve(&self, id: &str, core: Arc<SessionCore>) -> Result<OpeningId> {
        let mut state = self.lock();
        let id: Arc<str> = id.into();
        match state.by_id.get(&id) {
            Some(Entry::Open(_)) => {
                let text = format!(
                    "session `{id}` is open in this client already; use that handle or disconnect it"
                );
                return Err(Error::new(ErrorKind::SessionAlreadyOpen, text));
            }
            Some(Entry::Closing) => {
                let text = format!("session `{id}` is just being closed by this client; try again");
                return Err(Error::new(ErrorKind::SessionAlreadyOpen, text));
            }
            Some(Entry::Left(_)) | None => {}
        }
        core.set_id(id.clone());
        state.by_id.insert(id.clone(), Entry::Open(core.clone()));
        Ok(state.open(Opening {
            core,
            id: Some(id),
            client_session_id: None,
            answer: Answer::Unasked,
            abandoned: false,
        }))
    }

    /// Registers a cloud session, whose id the server will give.
    pub(crate) fn reserve_cloud(&self, client_session_id: &str, core: Arc<SessionCore>) -> OpeningId {
        let client_session_id = Some(client_session_id.to_owned());
        self.lock().open(Opening {
            core,
            id: None,
            client_session_id,
            answer: Answer::Unasked,
            abandoned: false,
        })
    }

    /// The request is about to be written: from now on giving up means to undo it on the far side.
    pub(crate) fn asked(&self, opening: OpeningId) {
        if let Some(opening) = self.lock().openings.get_mut(&opening) {
            opening.answer = Answer::Awaited;
        }
    }

    /// The answer to the create or resume is there: `Some(id)` where the runtime has the session. Runs on the read task,
    /// so that a cloud session is bound before the next frame is looked at.
    pub(crate) fn answered(self: &Arc<Self>, opening_id: OpeningId, session_id: Option<&str>) {
        let mut state = self.lock();
        let mut bound = None;
        let Some(opening) = state.openings.get_mut(&opening_id) else { return };
        opening.answer = session_id.map_or(Answer::Refused, |id| Answer::Opened(id.into()));
        if let Some(id) = session_id
            && opening.id.is_none()
        {
            bound = state.bind(opening_id, id);
        }
        let over = if state.openings[&opening_id].abandoned { state.give_up(opening_id) } else { None };
        let strangers = state.strangers();
        drop(state);
        deliver(bound);
        self.undo(over);
        self.refuse(strangers);
    }

    /// A lifecycle `session.created`: binds the cloud session whose id of ours it echoes. One without it never binds.
    pub(crate) fn created(&self, client_session_id: &str, session_id: &str) {
        let mut state = self.lock();
        let ours = |o: &&Opening| o.id.is_none() && o.client_session_id.as_deref() == Some(client_session_id);
        let found = state.openings.iter().find(|(_, o)| ours(o)).map(|(id, _)| *id);
        let bound = found.and_then(|opening| state.bind(opening, session_id));
        drop(state);
        deliver(bound);
    }

    /// Who gets `item`: the session, or nobody (`None`), in which case it was parked, or dropped and answered.
    pub(crate) fn route(self: &Arc<Self>, session_id: &str, item: Item) -> Option<(Arc<SessionCore>, Item)> {
        let mut state = self.lock();
        let refused = match state.by_id.get(session_id) {
            Some(Entry::Open(core)) => return Some((core.clone(), item)),
            Some(Entry::Left(core)) if item.is_for_the_filesystem() => return Some((core.clone(), item)),
            Some(Entry::Closing | Entry::Left(_)) => item,
            None if !state.in_flight() => item,
            None => match state.parking.park(session_id, item, Instant::now()) {
                Ok(()) => {
                    bump(&self.counters.parked);
                    if !std::mem::replace(&mut state.timer, true) {
                        let registry = Arc::downgrade(self);
                        self.runtime.spawn(expire(registry));
                    }
                    return None;
                }
                Err(item) => item,
            },
        };
        drop(state);
        self.refuse(vec![(session_id.into(), refused)]);
        None
    }

    /// The session is the user's now; nothing is undone any more.
    pub(crate) fn commit(&self, opening: OpeningId) {
        self.lock().openings.remove(&opening);
    }

    /// The create or resume failed or nobody waits for it: unregisters, and undoes on the far side what may exist there,
    /// as soon as that is known.
    pub(crate) fn abandon(self: &Arc<Self>, opening_id: OpeningId) {
        let mut state = self.lock();
        let Some(opening) = state.openings.get_mut(&opening_id) else { return };
        opening.abandoned = true;
        let core = opening.core.clone();
        let over = match opening.answer {
            Answer::Awaited => {
                if let Some(id) = opening.id.clone() {
                    state.by_id.insert(id, Entry::Closing);
                }
                None
            }
            _ => state.give_up(opening_id),
        };
        let strangers = state.strangers();
        drop(state);
        core.close();
        self.undo(over);
        self.refuse(strangers);
    }

    /// Ends a session that the runtime has ended, too, and keeps what it counted. A newer one of the same id stays.
    pub(crate) fn remove(&self, core: &Arc<SessionCore>) {
        self.end(core, |state| drop(state.by_id.remove(core.id())));
    }

    /// Ends a session that nobody here uses any more while the runtime still does: its filesystem is served on.
    pub(crate) fn leave(&self, core: &Arc<SessionCore>) {
        self.end(core, |state| match core.fs() {
            Some(_) => drop(state.by_id.insert(core.id().into(), Entry::Left(core.clone()))),
            None => drop(state.by_id.remove(core.id())),
        });
    }

    fn end(&self, core: &Arc<SessionCore>, forget: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        let last = match state.by_id.get(core.id()) {
            Some(Entry::Open(known)) if Arc::ptr_eq(known, core) => true,
            Some(Entry::Left(known)) if Arc::ptr_eq(known, core) => false,
            _ => return,
        };
        forget(&mut state);
        drop(state);
        if last {
            self.counters.absorb(&core.counters());
            core.close();
        }
    }

    /// The sessions of which only the filesystem is served.
    pub(crate) fn left(&self) -> Vec<Arc<SessionCore>> {
        let state = self.lock();
        let left = state.by_id.values().filter_map(|entry| match entry {
            Entry::Left(core) => Some(core.clone()),
            Entry::Open(_) | Entry::Closing => None,
        });
        left.collect()
    }

    /// The session with this id, or what is left of it.
    pub(crate) fn get(&self, id: &str) -> Option<Arc<SessionCore>> {
        match self.lock().by_id.get(id) {
            Some(Entry::Open(core) | Entry::Left(core)) => Some(core.clone()),
            _ => None,
        }
    }

    /// All sessions, those whose create is in flight included.
    pub(crate) fn all(&self) -> Vec<Arc<SessionCore>> {
        let state = self.lock();
        let open = state.by_id.values().filter_map(|entry| match entry {
            Entry::Open(core) => Some(core.clone()),
            Entry::Left(_) | Entry::Closing => None,
        });
        let unbound =
            state.openings.values().filter(|o| o.id.is_none() && !o.abandoned).map(|o| o.core.clone());
        open.chain(unbound).collect()
    }

    /// The connection is over: every session ends, after its handlers have seen what had come.
    pub(crate) fn close(&self) {
        let cores = self.all();
        let parked = {
            let mut state = self.lock();
            state.by_id.clear();
            state.openings.clear();
            state.parking.drain()
        };
        for core in &cores {
            self.counters.absorb(&core.counters());
            core.close();
        }
        self.refuse(parked);
    }

    /// Ends on the far side what nobody wants, then frees its id.
    fn undo(self: &Arc<Self>, remote: Option<Arc<str>>) {
        let Some(remote) = remote else { return };
        let registry = self.clone();
        self.runtime.spawn(async move {
            let params = json!({ "sessionId": &*remote });
            let destroyed = registry.peer.request::<IgnoredAny>(
                methods::SESSION_DESTROY,
                &params,
                Some(DESTROY_DEADLINE),
            );
            if let Err(error) = destroyed.await {
                tracing::warn!(session_id = &*remote, %error, "an abandoned session could not be destroyed");
            }
            let mut state = registry.lock();
            if matches!(state.by_id.get(&remote), Some(Entry::Closing)) {
                state.by_id.remove(&remote);
            }
        });
    }

    fn refuse(&self, items: Vec<(Box<str>, Item)>) {
        for (session_id, item) in items {
            bump(&self.counters.expired);
            match item {
                Item::Event(_) => {
                    tracing::debug!(session_id = &*session_id, "an event for no session of ours")
                }
                Item::Request { responder, method, .. } => {
                    let text = format!("`{method}`: no session `{session_id}` is open in this client");
                    responder.answer(&Err(RpcError::new(RpcError::INVALID_PARAMS, text)));
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn open(&mut self, opening: Opening) -> OpeningId {
        let id = OpeningId(self.next_opening);
        self.next_opening += 1;
        self.openings.insert(id, opening);
        id
    }

    /// Whether an id that nobody knows may still become known.
    fn in_flight(&self) -> bool {
        self.openings.values().any(|opening| matches!(opening.answer, Answer::Unasked | Answer::Awaited))
    }

    /// What was parked, once no create is in flight: it is not ours.
    fn strangers(&mut self) -> Vec<(Box<str>, Item)> {
        if self.in_flight() { Vec::new() } else { self.parking.drain() }
    }

    /// Gives a cloud session its id, and what was parked for it. An id that is open here already stays with its session.
    fn bind(&mut self, opening: OpeningId, id: &str) -> Option<(Arc<SessionCore>, VecDeque<Item>)> {
        if self.by_id.contains_key(id) {
            return None;
        }
        let opening = self.openings.get_mut(&opening)?;
        let id: Arc<str> = id.into();
        opening.id = Some(id.clone());
        opening.core.set_id(id.clone());
        let core = opening.core.clone();
        let entry = if opening.abandoned { Entry::Closing } else { Entry::Open(core.clone()) };
        let parked = self.parking.take(&id);
        self.by_id.insert(id, entry);
        Some((core, parked))
    }

    /// Ends an opening that failed; says which session has to be destroyed on the far side.
    fn give_up(&mut self, opening: OpeningId) -> Option<Arc<str>> {
        let opening = self.openings.remove(&opening)?;
        if let Some(id) = &opening.id {
            self.by_id.remove(id);
        }
        let Answer::Opened(remote) = opening.answer else { return None };
        // The runtime answered with the id of a session that somebody here uses: that one is not ours to end.
        if self.by_id.contains_key(&remote) {
            return None;
        }
        self.by_id.insert(remote.clone(), Entry::Closing);
        Some(remote)
    }
}

fn deliver(bound: Option<(Arc<SessionCore>, VecDeque<Item>)>) {
    let Some((core, items)) = bound else { return };
    items.into_iter().for_each(|item| core.deliver(item));
    core.wake();
}

/// Gives up parked items as they expire; ends when none are left.
async fn expire(registry: Weak<Registry>) {
    loop {
        let Some(next) = registry.upgrade().and_then(|registry| {
            let mut state = registry.lock();
            let next = state.parking.next_expiry();
            state.timer = next.is_some();
            next
        }) else {
            return;
        };
        tokio::time::sleep_until(next).await;
        let Some(registry) = registry.upgrade() else { return };
        let expired = registry.lock().parking.expired(Instant::now());
        registry.refuse(expired);
    }
}
