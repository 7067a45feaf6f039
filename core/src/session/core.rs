//! What there is of a session before the user has a handle, and as long as the runtime may speak of it.
//!
//! One lock guards its state; it is taken after the registry's, never together with it, and never held while user code
//! runs. The read task calls [`SessionCore::deliver`] in wire order and [`SessionCore::wake`] once a batch.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

use super::ask;
use super::dispatch::{self, Dispatcher, Registration};
use super::facts::Facts;
use super::handlers::{EventHandler, Handler, HandlerFailure, Handlers};
use super::parking::Item;
use super::queue::{EventQueue, QueueLimits, SubscriberId};
use super::seen::SeenIds;
use super::serve;
use super::tool::Tool;
use super::wait::{self, Outcome, Signal, Wait};
use crate::counters::{AtomicCounters, Counters, bump};
use crate::error::{Error, Result};
use crate::fs::FsServer;
use crate::protocol::capabilities::merge_capabilities;
use crate::protocol::event::SessionEvent;
use crate::protocol::requests::defaults::Question;
use crate::protocol::requests::{ToolInvocation, ToolResult};
use crate::rpc::peer::Peer;

/// What a session is made of, apart from its id.
pub(crate) struct SessionParts {
    pub(crate) peer: Arc<Peer>,
    pub(crate) runtime: Handle,
    pub(crate) handlers: Handlers,
    pub(crate) tools: Vec<Tool>,
    pub(crate) limits: QueueLimits,
    pub(crate) handler_deadline: Option<Duration>,
    /// Cloud sessions are not ready before their worker is, and ask by events what others ask by requests.
    pub(crate) in_cloud: bool,
}

/// How long a handler's answer is of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Until the main agent's turn is over: its tools and permissions.
    Turn,
    /// Until the work is aborted: hooks, and what sub-agents ask.
    Work,
    /// Until the session ends: commands, forms, logins. Their handlers may well wait for a turn themselves.
    Session,
}

impl Scope {
    /// The scope of a question, asked by the main agent or a sub-agent.
    pub(crate) fn of(question: Question, by_sub_agent: bool) -> Scope {
        use Question::{AutoModeSwitch, ExitPlanMode, Hook, Permission, Tool, UserInput};
        match question {
            Hook => Scope::Work,
            Permission | Tool | UserInput | ExitPlanMode | AutoModeSwitch if by_sub_agent => Scope::Work,
            Permission | Tool | UserInput | ExitPlanMode | AutoModeSwitch => Scope::Turn,
            _ => Scope::Session,
        }
    }
}

pub(crate) struct SessionCore {
    id: OnceLock<Arc<str>>,
    pub(crate) peer: Arc<Peer>,
    pub(crate) runtime: Handle,
    pub(crate) handlers: Handlers,
    pub(crate) tools: BTreeMap<String, Handler<ToolInvocation, ToolResult>>,
    pub(crate) handler_deadline: Option<Duration>,
    pub(crate) counters: AtomicCounters,
    state: Mutex<State>,
    /// Fires at the session's end; every handler's cancellation hangs on it.
    ended: CancellationToken,
    ready: watch::Sender<bool>,
    pub(crate) in_cloud: bool,
    fs: OnceLock<FsServer>,
    /// The runtime reorders sends that are written without waiting for the first one's answer [P].
    pub(crate) sending: tokio::sync::Mutex<()>,
}

pub(crate) struct State {
    pub(crate) queue: EventQueue,
    pub(crate) dispatcher: Dispatcher,
    seen: SeenIds,
    waits: HashMap<u64, Waiter>,
    next_wait: u64,
    pub(crate) facts: Facts,
    capabilities: Value,
    /// Cancelled by an abort; a new one follows.
    work: CancellationToken,
    /// Below `work`: cancelled by the end of the turn, too.
    turn: CancellationToken,
    /// Handlers at work for a `requestId`, to be cancelled when the runtime says that it is over.
    asks: HashMap<Box<str>, CancellationToken>,
}

struct Waiter {
    wait: Wait,
    sender: oneshot::Sender<Outcome>,
}

impl SessionCore {
    pub(crate) fn new(parts: SessionParts) -> Arc<Self> {
        let work = CancellationToken::new();
        let SessionParts { peer, runtime, handlers, tools, limits, handler_deadline, in_cloud } = parts;
        let mut state = State {
            queue: EventQueue::new(limits),
            dispatcher: Dispatcher::default(),
            seen: SeenIds::default(),
            waits: HashMap::new(),
            next_wait: 1,
            facts: Facts::default(),
            capabilities: Value::Null,
            turn: work.child_token(),
            work,
            asks: HashMap::new(),
        };
        for handler in &handlers.on_event {
            state.add_handler(handler.clone());
        }
        Arc::new(SessionCore {
            id: OnceLock::new(),
            peer,
            runtime,
            tools: tools.into_iter().filter_map(|tool| Some((tool.name, tool.handler?))).collect(),
            handlers,
            handler_deadline,
            counters: AtomicCounters::default(),
            state: Mutex::new(state),
            ended: CancellationToken::new(),
            ready: watch::Sender::new(!in_cloud),
            in_cloud,
            fs: OnceLock::new(),
            sending: tokio::sync::Mutex::new(()),
        })
    }

    /// The id; empty for a cloud session that is not bound yet.
    pub(crate) fn id(&self) -> &str {
        self.id.get().map_or("", |id| id)
    }

    pub(crate) fn set_id(&self, id: Arc<str>) {
        let _ = self.id.set(id);
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what the runtime sent for this session. Called on the read task, in wire order.
    pub(crate) fn deliver(self: &Arc<Self>, item: Item) {
        match item {
            Item::Event(event) => self.event(event),
            Item::Request { responder, method, params } => serve::request(self, responder, &method, &params),
        }
    }

    fn event(self: &Arc<Self>, event: SessionEvent) {
        // Nearly all events of a burst are streamed deltas, and concern nobody but subscribers.
        let concerns_us = ask::concerns_us(event.event_type());
        let mut state = self.state();
        if state.queue.is_closed() {
            return;
        }
        if !state.seen.insert(event.id()) {
            bump(&self.counters.duplicates);
            return;
        }
        if !concerns_us {
            state.queue.push(event);
            return;
        }
        let ended = state.observe(&event);
        state.queue.push(event.clone());
        drop(state);
        if !ended.is_empty() {
            // Whoever waits for a turn does not hear of its end before its events are announced.
            self.wake();
        }
        for (sender, outcome) in ended {
            let _ = sender.send(outcome);
        }
        ask::react(self, &event);
    }

    /// Wakes whoever has something to read now. Called after each batch, so that a burst wakes once.
    pub(crate) fn wake(self: &Arc<Self>) {
        let mut wakers = Vec::new();
        let mut state = self.state();
        state.queue.take_wakers(&mut wakers);
        let due = state.dispatcher.subscriber.is_some_and(|s| state.queue.has_events(s));
        let start = due && !state.dispatcher.running;
        state.dispatcher.running |= due;
        drop(state);
        wakers.into_iter().for_each(std::task::Waker::wake);
        if start {
            let core = self.clone();
            self.runtime.spawn_blocking(move || dispatch::run(core));
        }
    }

    /// Adds an event handler for what comes from now on.
    pub(crate) fn on(&self, handler: EventHandler) -> Registration {
        self.state().add_handler(handler)
    }

    /// The session's filesystem. Cloud sessions have none: their state is with the server.
    pub(crate) fn fs(&self) -> Option<&FsServer> {
        self.fs.get()
    }

    /// Stores what the session's filesystem holds back, within the deadline.
    pub(crate) async fn flush_fs(&self, deadline: Duration) -> Result<()> {
        match &self.fs.get() {
            Some(fs) => fs.flush(deadline).await,
            None => Ok(()),
        }
    }

    /// Gives the session its filesystem, before its create or resume is written.
    pub(crate) fn set_fs(&self, fs: FsServer) {
        let _ = self.fs.set(fs);
    }

    /// Registers a wait, before its prompt is sent.
    pub(crate) fn wait_for(&self, prompt: &str, immediate: bool) -> (u64, oneshot::Receiver<Outcome>) {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.state();
        let id = state.next_wait;
        state.next_wait += 1;
        let wait = Wait::new(prompt, immediate, state.facts.busy);
        state.waits.insert(id, Waiter { wait, sender });
        (id, receiver)
    }

    /// Tells a wait the id its prompt got. On the read task: what comes next belongs to it.
    pub(crate) fn bind_wait(&self, id: u64, message_id: &str) {
        let mut state = self.state();
        let ended = state.waits.get_mut(&id).and_then(|waiter| waiter.wait.bind(message_id));
        let waiter = ended.as_ref().and_then(|_| state.waits.remove(&id));
        drop(state);
        if let (Some(outcome), Some(waiter)) = (ended, waiter) {
            let _ = waiter.sender.send(outcome);
        }
    }

    /// Nobody waits any more.
    pub(crate) fn forget_wait(&self, id: u64) {
        self.state().waits.remove(&id);
    }

    pub(crate) fn capabilities(&self) -> Value {
        self.state().capabilities.clone()
    }

    pub(crate) fn merge_capabilities(&self, update: &Value) {
        merge_capabilities(&mut self.state().capabilities, update);
    }

    /// The cloud worker is there.
    pub(crate) fn set_ready(&self) {
        self.ready.send_replace(true);
    }

    pub(crate) fn readiness(&self) -> watch::Receiver<bool> {
        self.ready.subscribe()
    }

    /// A cancellation for a handler; with a `requestId`, the runtime can end it alone.
    pub(crate) fn cancellation(&self, scope: Scope, request_id: Option<&str>) -> CancellationToken {
        let mut state = self.state();
        let token = match scope {
            _ if self.ended.is_cancelled() => return self.ended.child_token(),
            Scope::Turn => state.turn.child_token(),
            Scope::Work => state.work.child_token(),
            Scope::Session => self.ended.child_token(),
        };
        if let Some(id) = request_id {
            state.asks.insert(id.into(), token.clone());
        }
        token
    }

    /// The runtime needs no answer to this request any more, or has it.
    pub(crate) fn settle(&self, request_id: &str) -> Option<CancellationToken> {
        self.state().asks.remove(request_id)
    }

    /// Ends what handlers do for a turn that is over.
    pub(crate) fn end_turn(&self) {
        let mut state = self.state();
        let next = state.work.child_token();
        let turn = std::mem::replace(&mut state.turn, next);
        drop(state);
        turn.cancel();
    }

    /// Ends what handlers do for work that was aborted.
    pub(crate) fn end_work(&self) {
        let mut state = self.state();
        let work = std::mem::replace(&mut state.work, CancellationToken::new());
        state.turn = state.work.child_token();
        drop(state);
        work.cancel();
    }

    /// Fires when the session has ended here.
    pub(crate) fn on_end(&self) -> &CancellationToken {
        &self.ended
    }

    /// Ends the session here: handlers are cancelled, waits end, subscribers get what is there and then the end.
    pub(crate) fn close(self: &Arc<Self>) {
        let mut state = self.state();
        state.queue.close();
        let waits: Vec<Waiter> = state.waits.drain().map(|(_, waiter)| waiter).collect();
        drop(state);
        self.ended.cancel();
        self.end_work();
        for waiter in waits {
            let _ = waiter.sender.send(Outcome::SessionEnded);
        }
        self.wake();
    }

    /// Counts, logs and tells the user that a handler failed.
    pub(crate) fn report(&self, place: &str, error: Error) {
        bump(&self.counters.handler_errors);
        tracing::warn!(session_id = self.id(), place, %error, "a handler failed");
        if let Some(handler) = &self.handlers.on_handler_error {
            let failure = HandlerFailure { place: place.to_owned(), session_id: self.id().to_owned(), error };
            let call = std::panic::AssertUnwindSafe(|| handler(&failure));
            if std::panic::catch_unwind(call).is_err() {
                tracing::error!(session_id = self.id(), place, "the handler of handler errors panicked");
            }
        }
    }

    pub(crate) fn counters(&self) -> Counters {
        let queue = self.state().queue.counters();
        let mut counters = self.counters.snapshot();
        counters.events_received = queue.received;
        counters.events_merged = queue.merged;
        counters.events_lost = queue.lost;
        counters
    }

    pub(crate) fn subscribe(&self, from_seq: Option<u64>) -> SubscriberId {
        self.state().queue.subscribe(from_seq)
    }
}

impl State {
    fn add_handler(&mut self, handler: EventHandler) -> Registration {
        let from_seq = self.queue.next_seq();
        if self.dispatcher.subscriber.is_none() {
            self.dispatcher.subscriber = Some(self.queue.subscribe(None));
        }
        Registration::new(self.dispatcher.add(handler, from_seq))
    }

    /// Lets facts and waits see an event of the main agent; gives those waits that it ended.
    fn observe(&mut self, event: &SessionEvent) -> Vec<(oneshot::Sender<Outcome>, Outcome)> {
        self.facts.note(event, self.queue.next_seq());
        if event.agent_id().is_some() {
            return Vec::new();
        }
        let Some(signal) = wait::signal(event.event_type(), event.data_json()) else { return Vec::new() };
        match signal {
            Signal::TurnStart | Signal::UserMessage { .. } => self.facts.busy = true,
            Signal::Idle { .. } | Signal::Shutdown => self.facts.busy = false,
            _ => {}
        }
        let ended: Vec<(u64, Outcome)> = (self.waits.iter_mut())
            .filter_map(|(id, waiter)| Some((*id, waiter.wait.observe(&signal)?)))
            .collect();
        let taken =
            ended.into_iter().filter_map(|(id, outcome)| Some((self.waits.remove(&id)?.sender, outcome)));
        taken.collect()
    }
}
