//! What came for a session nobody knows *yet*, pure: kept in order and in bounds while a create is in flight (DESIGN I10).

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::protocol::event::SessionEvent;
use crate::protocol::methods;
use crate::rpc::inbound::Responder;

/// The bounds of the parking.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ParkingLimits {
    pub(crate) max_items: usize,
    pub(crate) max_bytes: usize,
    pub(crate) max_ids: usize,
    pub(crate) timeout: Duration,
}

/// Something addressed to a session.
#[derive(Debug)]
pub(crate) enum Item {
    Event(SessionEvent),
    Request { responder: Responder, method: Box<str>, params: Bytes },
}

impl Item {
    /// Whether it is a call of the session's filesystem.
    pub(crate) fn is_for_the_filesystem(&self) -> bool {
        matches!(self, Item::Request { method, .. } if method.starts_with(methods::SESSION_FS_PREFIX))
    }

    fn weight(&self) -> usize {
        match self {
            Item::Event(event) => event.raw_json().len(),
            Item::Request { method, params, .. } => method.len() + params.len(),
        }
    }
}

/// Items by session id, in the order they came.
#[derive(Debug)]
pub(crate) struct Parking {
    limits: ParkingLimits,
    lots: HashMap<Box<str>, Lot>,
}

#[derive(Debug)]
struct Lot {
    items: VecDeque<Item>,
    bytes: usize,
    since: Instant,
}

impl Parking {
    pub(crate) fn new(limits: ParkingLimits) -> Self {
        Parking { limits, lots: HashMap::new() }
    }

    /// Keeps an item; gives it back where a bound is reached.
    pub(crate) fn park(&mut self, session_id: &str, item: Item, now: Instant) -> Result<(), Item> {
        let limits = self.limits;
        if !self.lots.contains_key(session_id) && self.lots.len() >= limits.max_ids {
            return Err(item);
        }
        let new = || Lot { items: VecDeque::new(), bytes: 0, since: now };
        let lot = self.lots.entry(session_id.into()).or_insert_with(new);
        if lot.items.len() >= limits.max_items || lot.bytes + item.weight() > limits.max_bytes {
            return Err(item);
        }
        lot.bytes += item.weight();
        lot.items.push_back(item);
        Ok(())
    }

    /// Takes what came for a session that is known now.
    pub(crate) fn take(&mut self, session_id: &str) -> VecDeque<Item> {
        self.lots.remove(session_id).map(|lot| lot.items).unwrap_or_default()
    }

    /// Takes what has waited too long.
    pub(crate) fn expired(&mut self, now: Instant) -> Vec<(Box<str>, Item)> {
        let timeout = self.limits.timeout;
        self.remove_if(|lot| now.duration_since(lot.since) >= timeout)
    }

    /// Takes everything: no create is in flight any more, so nothing of it is ours.
    pub(crate) fn drain(&mut self) -> Vec<(Box<str>, Item)> {
        self.remove_if(|_| true)
    }

    /// When the oldest lot expires.
    pub(crate) fn next_expiry(&self) -> Option<Instant> {
        self.lots.values().map(|lot| lot.since + self.limits.timeout).min()
    }

    fn remove_if(&mut self, over: impl Fn(&Lot) -> bool) -> Vec<(Box<str>, Item)> {
        let ids: Vec<Box<str>> =
            self.lots.iter().filter(|(_, lot)| over(lot)).map(|(id, _)| id.clone()).collect();
        ids.into_iter()
            .flat_map(|id| self.take(&id).into_iter().map(move |item| (id.clone(), item)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ParkingLimits =
        ParkingLimits { max_items: 3, max_bytes: 100, max_ids: 2, timeout: Duration::from_secs(120) };

    fn event(kind: &str) -> Item {
        Item::Event(SessionEvent::from_json(&format!(r#"{{"type":"{kind}"}}"#)).unwrap())
    }

    fn texts(items: impl IntoIterator<Item = Item>) -> Vec<String> {
        let text = |item| match item {
            Item::Event(event) => event.event_type().to_owned(),
            Item::Request { method, .. } => method.into(),
        };
        items.into_iter().map(text).collect()
    }

    #[test]
    fn i10_items_come_back_in_order_requests_and_events_together() {
        let (mut parking, now) = (Parking::new(LIMITS), Instant::now());
        parking.park("s", event("a"), now).unwrap();
        let peer = crate::rpc::peer::Peer::new(Box::pin(tokio::io::sink()), |text| text);
        let responder = Responder::new(peer, "1".into());
        let request = Item::Request { responder, method: "m".into(), params: Bytes::new() };
        parking.park("s", request, now).unwrap();
        parking.park("t", event("x"), now).unwrap();
        parking.park("s", event("b"), now).unwrap();
        assert_eq!(texts(parking.take("s")), ["a", "m", "b"]);
        assert!(parking.take("s").is_empty());
        assert_eq!(texts(parking.drain().into_iter().map(|(_, item)| item)), ["x"]);
    }

    #[test]
    fn i10_each_bound_gives_the_item_back() {
        let (mut parking, now) = (Parking::new(LIMITS), Instant::now());
        (0..3).for_each(|_| parking.park("s", event("a"), now).unwrap());
        assert!(parking.park("s", event("fourth"), now).is_err());
        parking.park("t", event("a"), now).unwrap();
        assert!(parking.park("u", event("third id"), now).is_err());
        let big = event(&"x".repeat(100));
        assert!(parking.park("t", big, now).is_err());
    }

    #[test]
    fn i10_what_waits_too_long_is_given_up() {
        let (mut parking, now) = (Parking::new(LIMITS), Instant::now());
        parking.park("s", event("a"), now).unwrap();
        parking.park("t", event("b"), now + Duration::from_secs(60)).unwrap();
        assert_eq!(parking.next_expiry(), Some(now + LIMITS.timeout));
        assert_eq!(parking.expired(now + Duration::from_secs(119)).len(), 0);
        assert_eq!(parking.expired(now + Duration::from_secs(120)).len(), 1);
        assert_eq!(parking.next_expiry(), Some(now + Duration::from_secs(180)));
    }
}
