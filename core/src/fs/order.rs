//! The order of operations that change state: a chain of turns (DESIGN I21).

use std::mem;
use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;
use tokio::sync::oneshot::error::TryRecvError;

/// Hands out turns. The place of a turn is decided when [`Order::take`] returns, not when somebody waits for it.
pub(super) struct Order {
    last: Mutex<Link>,
}

/// A place in an [`Order`], until it is dropped: the next one is reached when this one and all before it were dropped.
/// One that is dropped before it was reached leaves the chain; those behind it wait for what it waited for.
pub(super) struct Turn {
    before: Option<Link>,
    end: Option<oneshot::Sender<Link>>,
}

/// What a turn waits for: that the sender is dropped (the turn before has ended), or another link that takes the place
/// of this one (the turn before has left the chain).
struct Link(oneshot::Receiver<Link>);

impl Order {
    pub(super) fn new() -> Self {
        Order { last: Mutex::new(Link(oneshot::channel().1)) }
    }

    /// Takes the place behind every turn taken so far.
    pub(super) fn take(&self) -> Turn {
        let (end, ended) = oneshot::channel();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        Turn { before: Some(mem::replace(&mut last, Link(ended))), end: Some(end) }
    }
}

impl Turn {
    /// Ends when every earlier turn was dropped. Cancel safe.
    pub(super) async fn reached(&mut self) {
        while let Some(Link(before)) = &mut self.before {
            self.before = before.await.ok();
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let (Some(mut before), Some(end)) = (self.before.take(), self.end.take()) else { return };
        loop {
            match before.0.try_recv() {
                // Followed here, or a chain of links in links would be dropped by recursion.
                Ok(link) => before = link,
                Err(TryRecvError::Closed) => return,
                Err(TryRecvError::Empty) => {
                    let _nobody_is_behind = end.send(before);
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    fn is_reached(turn: &mut Turn) -> bool {
        pin!(turn.reached()).poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn a_turn_is_reached_when_all_before_it_were_dropped() {
        let order = Order::new();
        let (mut first, mut second, mut third) = (order.take(), order.take(), order.take());
        assert!(!is_reached(&mut third));
        assert!(!is_reached(&mut second));
        assert!(is_reached(&mut first));
        drop(first);
        assert!(!is_reached(&mut third));
        assert!(is_reached(&mut second));
        drop(second);
        assert!(is_reached(&mut third));
        assert!(is_reached(&mut third), "asking again is fine");
    }

    #[test]
    fn a_turn_that_leaves_the_chain_lets_nobody_overtake() {
        let order = Order::new();
        let (first, second, third, mut fourth) = (order.take(), order.take(), order.take(), order.take());
        assert!(!is_reached(&mut fourth));
        drop(third);
        assert!(!is_reached(&mut fourth));
        drop(second);
        assert!(!is_reached(&mut fourth));
        drop(first);
        assert!(is_reached(&mut fourth));
    }

    #[test]
    fn a_million_turns_that_left_do_not_pile_up() {
        let order = Order::new();
        let first = order.take();
        for _ in 0..1_000_000 {
            drop(order.take());
        }
        let mut last = order.take();
        assert!(!is_reached(&mut last));
        drop(first);
        assert!(is_reached(&mut last));
    }
}
