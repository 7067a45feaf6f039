//! The bounds and deadlines of a client.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::invalid::invalid;
use crate::error::Result;

const MIB: usize = 1024 * 1024;

/// The bounds and deadlines of a client (JSON: durations are integers of milliseconds, their names end in `_ms`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// Largest frame taken from the runtime, in bytes; a larger one ends the connection with `FRAME_TOO_LARGE`.
    /// Default 64 MiB + 64 KiB: a file in base64 may fill 64 MiB (PROTOCOL §4), the rest is for its envelope.
    pub max_frame_bytes: usize,
    /// Bytes of undelivered events a session holds before deltas are merged (DESIGN I14); default 64 MiB.
    pub event_queue_max_bytes: usize,
    /// Bytes of delivered events a session holds for `subscribe_from`; default 64 KiB.
    pub replay_max_bytes: usize,
    /// Parked messages an unknown session id may have (DESIGN I10); default 1,024.
    pub parking_max_items: usize,
    /// Parked bytes an unknown session id may have; default 4 MiB.
    pub parking_max_bytes: usize,
    /// Unknown session ids that may have parked messages; default 64.
    pub parking_max_ids: usize,
    /// How long a message is parked; default 120 s.
    #[serde(rename = "parkingTimeoutMs", with = "millis")]
    pub parking_timeout: Duration,
    /// How long a filesystem call may take (DESIGN I22); default 30 s.
    #[serde(rename = "fsDeadlineMs", with = "millis")]
    pub fs_deadline: Duration,
    /// How long a handler may take; default: as long as it likes.
    #[serde(rename = "handlerDeadlineMs", with = "optional_millis")]
    pub handler_deadline: Option<Duration>,
    /// How long starting and connecting may take; default 60 s.
    #[serde(rename = "startTimeoutMs", with = "millis")]
    pub start_timeout: Duration,
    /// How long each step of stopping may take; default 10 s.
    #[serde(rename = "stopTimeoutMs", with = "millis")]
    pub stop_timeout: Duration,
    /// How long a prompt waits for a cloud session's worker (DESIGN I11); default 120 s.
    #[serde(rename = "cloudReadyTimeoutMs", with = "millis")]
    pub cloud_ready_timeout: Duration,
    /// How long a call of the runtime may take; default: until it answers or is gone.
    #[serde(rename = "requestTimeoutMs", with = "optional_millis")]
    pub request_timeout: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_frame_bytes: 64 * MIB + 64 * 1024,
            event_queue_max_bytes: 64 * MIB,
            replay_max_bytes: 64 * 1024,
            parking_max_items: 1024,
            parking_max_bytes: 4 * MIB,
            parking_max_ids: 64,
            parking_timeout: Duration::from_secs(120),
            fs_deadline: Duration::from_secs(30),
            handler_deadline: None,
            start_timeout: Duration::from_secs(60),
            stop_timeout: Duration::from_secs(10),
            cloud_ready_timeout: Duration::from_secs(120),
            request_timeout: None,
        }
    }
}

impl Limits {
    /// Refuses what would stop everything; no parking and no replay (0) are fine.
    pub(super) fn check(&self) -> Result<()> {
        if self.max_frame_bytes < 1024 {
            return Err(invalid("limits.maxFrameBytes", "must be at least 1024, or nothing can be said"));
        }
        if self.event_queue_max_bytes == 0 {
            return Err(invalid("limits.eventQueueMaxBytes", "must be at least 1"));
        }
        let durations = [
            ("limits.fsDeadlineMs", Some(self.fs_deadline)),
            ("limits.handlerDeadlineMs", self.handler_deadline),
            ("limits.startTimeoutMs", Some(self.start_timeout)),
            ("limits.stopTimeoutMs", Some(self.stop_timeout)),
            ("limits.cloudReadyTimeoutMs", Some(self.cloud_ready_timeout)),
            ("limits.requestTimeoutMs", self.request_timeout),
        ];
        match durations.iter().find(|(_, duration)| *duration == Some(Duration::ZERO)) {
            Some((field, _)) => Err(invalid(field, "must be above 0; leave it out for the default")),
            None => Ok(()),
        }
    }
}

/// A duration as milliseconds.
mod millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

/// An optional duration as milliseconds or null.
mod optional_millis {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        duration.map(|d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX)).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(deserializer)?.map(Duration::from_millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn durations_are_milliseconds_in_json() {
        let limits: Limits =
            serde_json::from_value(json!({"fsDeadlineMs": 1500, "handlerDeadlineMs": 20})).unwrap();
        assert_eq!(limits.fs_deadline, Duration::from_millis(1500));
        assert_eq!(limits.handler_deadline, Some(Duration::from_millis(20)));
        let json = serde_json::to_value(&limits).unwrap();
        assert_eq!(json["fsDeadlineMs"], 1500);
        assert_eq!(json["requestTimeoutMs"], serde_json::Value::Null);
        assert_eq!(serde_json::from_value::<Limits>(json).unwrap(), limits);
    }

    #[test]
    fn a_100_mb_frame_is_over_the_default_limit_and_the_largest_file_is_not() {
        let limit = Limits::default().max_frame_bytes;
        assert!(limit < 100_000_000);
        let largest_file = (64 * MIB - 1024) / 4 * 3;
        let base64 = largest_file.div_ceil(3) * 4;
        assert!(base64 + 1024 < limit);
    }
}
