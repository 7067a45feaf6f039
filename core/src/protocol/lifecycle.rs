//! What a server tells every client about every session: notification `session.lifecycle`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::tolerant::{plain_field, tolerant};

tolerant! {
    /// A session came, went or changed. It may be a session of another client of the same server.
    ///
    /// The order around `session.create` differs by runtime, and one thing may be told twice: 1.0.57 sends `created`
    /// before the response, 1.0.85 after it, 1.0.102 both.
    #[derive(Serialize)]
    pub struct SessionLifecycleEvent {
        /// What happened.
        #[serde(rename = "type")]
        pub kind: SessionLifecycleKind,
        /// The session.
        pub session_id: String,
        /// What is known of it; `None` for a deleted one.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub metadata: Option<SessionLifecycleMetadata>,
        /// The id that the creating client gave it in `clientSessionId`; no runtime up to 1.0.102 sends it.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub client_session_id: Option<String>,
        /// Fields that are not known yet.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }

    /// What a lifecycle event tells of a session.
    #[derive(Serialize)]
    pub struct SessionLifecycleMetadata {
        /// ISO 8601; empty where the runtime does not know (cloud sessions of 1.0.102).
        pub start_time: String,
        /// ISO 8601; may be empty.
        pub modified_time: String,
        /// The session in a few words.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub summary: Option<String>,
        /// Fields that are not known yet.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }
}

/// What happened to a session; on the wire the name with `session.` before it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionLifecycleKind {
    /// `session.created`: it was created or resumed.
    Created,
    /// `session.deleted`: it was deleted, or only left by its client (`session.destroy`).
    Deleted,
    /// `session.updated`: its metadata changed; comes with nearly every stored event.
    Updated,
    /// `session.foreground`: the terminal shows it.
    Foreground,
    /// `session.background`: the terminal shows another.
    Background,
    /// Any other, with its whole name as on the wire.
    Other(String),
}

impl SessionLifecycleKind {
    /// The name on the wire, e.g. `session.created`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Created => "session.created",
            Self::Deleted => "session.deleted",
            Self::Updated => "session.updated",
            Self::Foreground => "session.foreground",
            Self::Background => "session.background",
            Self::Other(name) => name,
        }
    }
}

impl From<String> for SessionLifecycleKind {
    fn from(name: String) -> Self {
        match name.as_str() {
            "session.created" => Self::Created,
            "session.deleted" => Self::Deleted,
            "session.updated" => Self::Updated,
            "session.foreground" => Self::Foreground,
            "session.background" => Self::Background,
            _ => Self::Other(name),
        }
    }
}

impl Default for SessionLifecycleKind {
    fn default() -> Self {
        Self::Other(String::new())
    }
}

impl fmt::Display for SessionLifecycleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for SessionLifecycleKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SessionLifecycleKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

plain_field!(SessionLifecycleKind);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(value: Value) -> SessionLifecycleEvent {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_cloud_session_with_an_empty_start_time_is_read() {
        let read = event(json!({"type": "session.created", "sessionId": "task-1", "metadata":
            {"startTime": "", "modifiedTime": "2026-11-21T02:54:09.766Z", "summary": "Remote session in the cloud"}}));
        assert_eq!(read.kind, SessionLifecycleKind::Created);
        let metadata = read.metadata.unwrap();
        assert_eq!(metadata.start_time, "");
        assert_eq!(metadata.summary.as_deref(), Some("Remote session in the cloud"));
    }

    #[test]
    fn metadata_may_be_absent_null_or_partial() {
        assert_eq!(event(json!({"type": "session.deleted", "sessionId": "s"})).metadata, None);
        assert_eq!(
            event(json!({"type": "session.deleted", "sessionId": "s", "metadata": null})).metadata,
            None
        );
        let partial =
            event(json!({"type": "session.updated", "sessionId": "s", "metadata": {"startTime": null}}));
        assert_eq!(partial.metadata, Some(SessionLifecycleMetadata::default()));
    }

    #[test]
    fn every_kind_keeps_its_name_on_the_wire_also_an_unknown_one() {
        for name in ["created", "deleted", "updated", "foreground", "background", "hibernated"] {
            let wire = json!({"type": format!("session.{name}"), "sessionId": "s"});
            let read = event(wire.clone());
            assert_eq!(matches!(read.kind, SessionLifecycleKind::Other(_)), name == "hibernated");
            assert_eq!(serde_json::to_value(&read).unwrap(), wire);
        }
    }

    #[test]
    fn unknown_fields_survive_beside_the_clients_own_id() {
        let read = event(
            json!({"type": "session.created", "sessionId": "s", "clientSessionId": "c", "region": "eu"}),
        );
        assert_eq!(read.client_session_id.as_deref(), Some("c"));
        assert_eq!(read.extra["region"], "eu");
    }
}
