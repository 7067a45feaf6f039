//! How a session tells that its log was repaired.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::json;
use uuid::Uuid;

use super::recover::Recovery;
use crate::fs::{FsPath, timestamp};
use crate::protocol::event::{SESSION_REPAIRED, SessionEvent};

/// The event for a repair; none where nothing was repaired.
pub(crate) fn notice(log: &FsPath, recovery: &Recovery) -> Option<SessionEvent> {
    if recovery.damage.is_empty() {
        return None;
    }
    let (mut kinds, mut taken) = (BTreeMap::<_, u64>::new(), 0);
    for damage in &recovery.damage {
        *kinds.entry(damage.kind).or_default() += 1;
        taken += damage.bytes;
    }
    let words: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} × {}", kind.name())).collect();
    let words = words.join(", ");
    let events = recovery.events;
    let message = match &recovery.quarantine {
        Some(quarantine) => format!(
            "The event log was damaged ({words}). {events} events are whole; {taken} bytes went to {quarantine}."
        ),
        None => format!(
            "The event log was damaged ({words}) and is repaired. All of its {events} events are whole."
        ),
    };
    let damage: Vec<_> = kinds.iter().map(|(kind, count)| json!({"kind": kind, "count": count})).collect();
    let event = json!({
        "id": Uuid::new_v4().to_string(),
        "timestamp": timestamp::format(SystemTime::now()),
        "parentId": null,
        "type": SESSION_REPAIRED,
        "data": {
            "message": message,
            "log": log.as_str(),
            "quarantine": recovery.quarantine.as_ref().map(FsPath::as_str),
            "quarantinedBytes": taken,
            "events": events,
            "damage": damage,
        },
    });
    SessionEvent::from_json(&event.to_string()).ok()
}
