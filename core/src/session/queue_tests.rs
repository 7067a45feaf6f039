use proptest::prelude::*;

use super::*;

const LIMITS: QueueLimits = QueueLimits { max_bytes: 16 * 1024, replay_max_bytes: 2048 };

fn event(json: serde_json::Value) -> SessionEvent {
    SessionEvent::from_json(&json.to_string()).unwrap()
}

fn delta(message: &str, text: &str) -> SessionEvent {
    event(serde_json::json!({"type": "assistant.message_delta", "ephemeral": true, "id": "d",
        "data": {"messageId": message, "deltaContent": text}}))
}

fn ephemeral(n: usize) -> SessionEvent {
    event(serde_json::json!({"type": "session.usage_info", "ephemeral": true, "data": {"n": n}}))
}

fn durable(n: usize) -> SessionEvent {
    event(serde_json::json!({"type": "assistant.message", "data": {"n": n}}))
}

fn drain(queue: &mut EventQueue, id: SubscriberId) -> Vec<SessionEvent> {
    let mut out = Vec::new();
    while queue.take(id, 100, &mut out) > 0 {}
    out
}

/// Every number from `from` on is covered by exactly one event, in order.
fn assert_no_holes(events: &[SessionEvent], from: u64, to: u64) {
    let mut next = from;
    for event in events {
        assert_eq!(event.first_seq(), next, "{event:?}");
        next = event.seq() + 1;
    }
    assert_eq!(next, to + 1);
}

fn content(events: &[SessionEvent]) -> String {
    let text = |e: &SessionEvent| {
        e.data_as::<serde_json::Value>().unwrap()["deltaContent"].as_str().map(str::to_owned)
    };
    events.iter().filter_map(text).collect()
}

#[test]
fn i13_sequence_numbers_start_at_one_and_have_no_holes() {
    let mut queue = EventQueue::new(LIMITS);
    let id = queue.subscribe(None);
    (0..50).for_each(|n| queue.push(durable(n)));
    let events = drain(&mut queue, id);
    assert_eq!(events.len(), 50);
    assert_no_holes(&events, 1, 50);
}

#[test]
fn a_batch_ends_before_its_byte_bound_and_has_at_least_one_event() {
    let mut queue = EventQueue::new(LIMITS);
    let id = queue.subscribe(None);
    (0..3).for_each(|n| queue.push(durable(n)));
    let size = durable(0).raw_json().len();
    let mut out = Vec::new();
    assert_eq!(queue.take_within(id, 9, 2 * size, &mut out), 2);
    assert_eq!(queue.take_within(id, 9, size - 1, &mut out), 0, "there is something in the batch already");
    out.clear();
    assert_eq!(queue.take_within(id, 0, size, &mut out), 0);
    assert_eq!(queue.take_within(id, 9, 0, &mut out), 1, "one that is too large alone must not be stuck");
    assert_eq!(queue.take_within(id, 9, 0, &mut out), 0);
}

#[test]
fn i13_a_late_subscriber_starts_from_now_and_subscribe_from_replays_what_is_held() {
    let mut queue = EventQueue::new(LIMITS);
    (0..5).for_each(|n| queue.push(durable(n)));
    let (now, all, some) = (queue.subscribe(None), queue.subscribe(Some(1)), queue.subscribe(Some(4)));
    queue.push(durable(5));
    assert_no_holes(&drain(&mut queue, now), 6, 6);
    assert_no_holes(&drain(&mut queue, all), 1, 6);
    assert_no_holes(&drain(&mut queue, some), 4, 6);
}

#[test]
fn what_all_have_read_is_forgotten_at_the_replay_bound() {
    let mut queue = EventQueue::new(LIMITS);
    (0..1000).for_each(|n| queue.push(durable(n)));
    assert!(queue.read_bytes <= LIMITS.replay_max_bytes && queue.unread_bytes == 0);
    let late = queue.subscribe(Some(1));
    let events = drain(&mut queue, late);
    assert!(!events.is_empty() && events.len() < 30);
    assert_no_holes(&events, events[0].seq(), 1000);
}

#[test]
fn i14_deltas_of_one_message_are_merged_at_the_bound_and_their_content_is_kept() {
    let mut queue = EventQueue::new(LIMITS);
    let id = queue.subscribe(None);
    let mut expected = String::new();
    for n in 0..5000 {
        expected.push_str(&format!("{} ", n % 7));
        queue.push(delta("m", &format!("{} ", n % 7)));
        queue.push(event(
            serde_json::json!({"type": "assistant.streaming_delta", "ephemeral": true, "data": {}}),
        ));
    }
    assert!(queue.unread_bytes <= LIMITS.max_bytes);
    let events = drain(&mut queue, id);
    assert_no_holes(&events, 1, 10_000);
    assert_eq!(content(&events), expected);
    assert_eq!(queue.counters().lost, 0);
    assert_eq!(queue.counters().merged as usize, 10_000 - events.len());
}

#[test]
fn deltas_of_different_messages_are_not_mixed() {
    let mut queue = EventQueue::new(LIMITS);
    let id = queue.subscribe(None);
    for n in 0..400 {
        queue.push(delta(if n < 200 { "a" } else { "b" }, if n < 200 { "x" } else { "y" }));
    }
    for event in drain(&mut queue, id) {
        let data: serde_json::Value = event.data_as().unwrap();
        let expected = if data["messageId"] == "a" { 'x' } else { 'y' };
        assert!(data["deltaContent"].as_str().unwrap().chars().all(|c| c == expected));
    }
}

#[test]
fn i14_ephemeral_events_become_one_events_lost_in_place_and_the_others_stay() {
    let mut queue = EventQueue::new(LIMITS);
    let id = queue.subscribe(None);
    queue.push(durable(0));
    (0..2000).for_each(|n| queue.push(ephemeral(n)));
    queue.push(durable(1));
    let events = drain(&mut queue, id);
    assert_no_holes(&events, 1, 2002);
    let lost: Vec<_> = events.iter().filter_map(SessionEvent::events_lost).collect();
    assert_eq!(lost.len(), 1);
    assert_eq!((lost[0].from, lost[0].count), (2, lost[0].to - 1));
    assert_eq!(lost[0].count, queue.counters().lost);
    assert_eq!(events.iter().filter(|e| e.event_type() == "assistant.message").count(), 2);
}

#[test]
fn i14_events_that_are_not_ephemeral_are_never_dropped() {
    let mut queue = EventQueue::new(LIMITS);
    let id = queue.subscribe(None);
    (0..3000).for_each(|n| queue.push(durable(n)));
    assert_eq!(drain(&mut queue, id).len(), 3000);
    assert_eq!(queue.counters().lost, 0);
}

#[test]
fn a_subscriber_that_keeps_up_sees_every_event_whatever_a_slow_one_does() {
    let mut queue = EventQueue::new(LIMITS);
    let (slow, fast) = (queue.subscribe(None), queue.subscribe(None));
    let mut seen = Vec::new();
    for n in 0..3000 {
        queue.push(ephemeral(n));
        seen.extend(drain(&mut queue, fast));
    }
    assert_eq!(seen.len(), 3000);
    assert_no_holes(&seen, 1, 3000);
    assert_no_holes(&drain(&mut queue, slow), 1, 3000);
}

proptest! {
    /// Any mix of events, subscribers and reads: no holes for anybody, no content lost, counters true.
    #[test]
    fn i14_whatever_happens_ranges_have_no_holes_and_content_is_whole(
        steps in prop::collection::vec((0u8..12, 0usize..60), 1..800)
    ) {
        let mut queue = EventQueue::new(QueueLimits { max_bytes: 4096, replay_max_bytes: 600 });
        let mut readers = vec![(queue.subscribe(None), 1u64, Vec::new())];
        let mut durables = Vec::new();
        for (step, n) in steps {
            match step {
                0..=4 => queue.push(delta(if n % 2 == 0 { "a" } else { "b" }, "z")),
                5..=6 => queue.push(ephemeral(n)),
                7 => { durables.push(queue.next_seq()); queue.push(durable(n)) }
                8 if readers.len() < 5 => {
                    let from = queue.next_seq();
                    readers.push((queue.subscribe(None), from, Vec::new()));
                }
                9 if readers.len() > 1 => { let (id, ..) = readers.remove(n % readers.len()); queue.unsubscribe(id) }
                _ => {
                    let at = n % readers.len();
                    let (id, _, seen) = &mut readers[at];
                    queue.take(*id, n, seen);
                }
            }
        }
        let last = queue.next_seq() - 1;
        for (id, from, mut seen) in readers {
            while queue.take(id, 7, &mut seen) > 0 {}
            assert_no_holes(&seen, from, last);
            let kept: Vec<u64> = seen.iter().filter(|e| !e.is_ephemeral()).map(|e| e.seq()).collect();
            let due: Vec<u64> = durables.iter().copied().filter(|seq| *seq >= from).collect();
            prop_assert_eq!(kept, due);
        }
        prop_assert_eq!(queue.unread_bytes, 0);
        prop_assert_eq!(queue.read_bytes, queue.log.iter().map(weight).sum::<usize>());
    }
}
