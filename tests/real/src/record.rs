//! What was heard or asked, in order, to wait for and to look at.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::time::Duration;

use codriver::{HandlerContext, HandlerResult, SessionEvent};
use serde_json::Value;
use tokio::sync::watch;

/// Far more than anything takes, also on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that came, oldest first. Clones share it.
#[derive(Debug)]
pub struct Record<T>(Arc<watch::Sender<Vec<T>>>);

impl<T> Clone for Record<T> {
    fn clone(&self) -> Self {
        Record(self.0.clone())
    }
}

impl<T> Default for Record<T> {
    fn default() -> Self {
        Record(Arc::new(watch::Sender::new(Vec::new())))
    }
}

impl<T: Clone + Send + Sync + 'static> Record<T> {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what came.
    pub fn push(&self, item: T) {
        self.0.send_modify(|items| items.push(item));
    }

    /// Everything so far.
    pub fn all(&self) -> Vec<T> {
        self.0.borrow().clone()
    }

    /// How much came so far.
    pub fn count(&self) -> usize {
        self.0.borrow().len()
    }

    /// Waits until what came satisfies `condition`; `None` where it does not within a minute.
    pub async fn until(&self, mut condition: impl FnMut(&[T]) -> bool) -> Option<Vec<T>> {
        let mut items = self.0.subscribe();
        let found = tokio::time::timeout(PATIENCE, items.wait_for(|items| condition(items))).await;
        found.ok()?.ok().map(|items| items.clone())
    }

    /// A handler that records its request and answers at once.
    pub fn answers<R>(
        &self,
        answer: impl Fn(&T) -> R + Send + Sync + 'static,
    ) -> impl Fn(T, HandlerContext) -> Ready<HandlerResult<R>> + Send + Sync + 'static {
        let record = self.clone();
        move |request, _| {
            record.push(request.clone());
            ready(Ok(answer(&request)))
        }
    }

    /// A handler that records its request and throws.
    pub fn throws<R>(
        &self,
        text: &'static str,
    ) -> impl Fn(T, HandlerContext) -> Ready<HandlerResult<R>> + Send + Sync + 'static {
        let record = self.clone();
        move |request, _| {
            record.push(request);
            ready(Err(text.into()))
        }
    }
}

impl Record<SessionEvent> {
    /// A handler of events that records them.
    pub fn hears(&self) -> impl Fn(&SessionEvent) + Send + Sync + 'static {
        let record = self.clone();
        move |event| record.push(event.clone())
    }

    /// The events of a type.
    pub fn of(&self, kind: &str) -> Vec<SessionEvent> {
        self.all().into_iter().filter(|event| event.event_type() == kind).collect()
    }

    /// Waits for the first event of a type.
    ///
    /// # Panics
    /// When none comes, with what came instead.
    pub async fn first(&self, kind: &str) -> SessionEvent {
        self.nth(kind, 1).await
    }

    /// Waits for the `n`th event of a type, from 1.
    ///
    /// # Panics
    /// When it does not come, with what came instead.
    pub async fn nth(&self, kind: &str, n: usize) -> SessionEvent {
        let is_there =
            |events: &[SessionEvent]| events.iter().filter(|e| e.event_type() == kind).count() >= n;
        match self.until(is_there).await {
            Some(_) => self.of(kind).swap_remove(n - 1),
            None => panic!("no `{kind}` number {n} came, but {:#?}", self.types()),
        }
    }

    /// The types, in order.
    pub fn types(&self) -> Vec<String> {
        self.all().iter().map(|event| event.event_type().to_owned()).collect()
    }
}

/// The `data` of an event.
pub fn data(event: &SessionEvent) -> Value {
    event.data_as().expect("the data of an event is JSON")
}
