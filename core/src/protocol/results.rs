//! What the runtime answers to the calls of a client.
//!
//! All of it is read tolerantly: absent and `null` are defaults, unknown fields are kept in `extra` (but for `PingResult`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::tolerant::tolerant;

pub use super::capabilities::{SessionCapabilities, UiCapabilities, merge_capabilities};
pub use super::model_info::{
    ModelBilling, ModelCapabilities, ModelInfo, ModelLimits, ModelPolicy, ModelSupports,
};

tolerant! {
    /// A stored session: an element of `session.list`'s `sessions`, or `session.getMetadata`'s `session`.
    ///
    /// The runtime lists a session once a turn of it is stored.
    #[derive(Serialize)]
    pub struct SessionMetadata {
        /// Its id.
        pub session_id: String,
        /// When it was created, ISO 8601; empty where the runtime does not know (cloud).
        pub start_time: String,
        /// When it last changed, ISO 8601; may be empty.
        pub modified_time: String,
        /// The session in a few words.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub summary: Option<String>,
        /// The name it was given.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// The client that created or last resumed it.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub client_name: Option<String>,
        /// Whether it lives in the cloud.
        pub is_remote: bool,
        /// Whether it is one of maintenance that users need not see.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub is_detached: Option<bool>,
        /// Where it works.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub context: Option<SessionContext>,
        /// Fields that are not known yet.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }

    /// Where a stored session works.
    #[derive(Serialize)]
    pub struct SessionContext {
        /// Working directory.
        pub cwd: String,
        /// Root of the git repository it is in.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub git_root: Option<String>,
        /// `owner/name`, from the git remote.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub repository: Option<String>,
        /// The branch.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub branch: Option<String>,
        /// Fields that are not known yet.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }

    /// The runtime's version: `status.get`.
    #[derive(Serialize)]
    pub struct RuntimeStatus {
        /// The runtime's, e.g. `1.0.102`.
        pub version: String,
        /// The protocol's.
        pub protocol_version: u64,
        /// Fields that are not known yet.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }

    /// Who is logged in: `auth.getStatus`. A provider of one's own needs no login.
    #[derive(Serialize)]
    pub struct AuthStatus {
        /// Whether somebody is.
        pub is_authenticated: bool,
        /// By what: `user`, `env`, `gh-cli`, `token`, `api-key`, `hmac`, `copilot-api-token`, …
        #[serde(skip_serializing_if = "Option::is_none")]
        pub auth_type: Option<String>,
        /// The GitHub host.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub host: Option<String>,
        /// Who.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub login: Option<String>,
        /// The same in words, for people.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub status_message: Option<String>,
        /// The plan, e.g. `individual_pro`.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub copilot_plan: Option<String>,
        /// Fields that are not known yet.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }

    /// The answer to `ping`. Fields that are not known are passed over: to keep them would cost more than all the rest.
    #[derive(Serialize)]
    pub struct PingResult {
        /// `pong`, or `pong: ` and the message that was sent.
        pub message: String,
        /// When the runtime answered, ISO 8601.
        pub timestamp: String,
        /// The protocol's version.
        pub protocol_version: u64,
    }
}

/// Which stored sessions to list: those that match every field that is set, exactly.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct SessionListFilter {
    /// Working directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// Root of the git repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_root: Option<String>,
    /// `owner/name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// The branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
}

impl SessionListFilter {
    /// A filter that every session matches.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only sessions of this working directory.
    #[must_use]
    pub fn cwd(mut self, cwd: impl Into<String>) -> Self {
        self.cwd = Some(cwd.into());
        self
    }

    /// Only sessions of the git repository with this root.
    #[must_use]
    pub fn git_root(mut self, git_root: impl Into<String>) -> Self {
        self.git_root = Some(git_root.into());
        self
    }

    /// Only sessions of this repository, `owner/name`.
    #[must_use]
    pub fn repository(mut self, repository: impl Into<String>) -> Self {
        self.repository = Some(repository.into());
        self
    }

    /// Only sessions of this branch.
    #[must_use]
    pub fn branch(mut self, branch: impl Into<String>) -> Self {
        self.branch = Some(branch.into());
        self
    }

    /// Whether a session matches, for stores that list by themselves.
    pub fn matches(&self, session: &SessionMetadata) -> bool {
        let context = session.context.as_ref();
        let same =
            |wanted: &Option<String>, found: Option<&str>| wanted.is_none() || wanted.as_deref() == found;
        same(&self.cwd, context.map(|c| c.cwd.as_str()))
            && same(&self.git_root, context.and_then(|c| c.git_root.as_deref()))
            && same(&self.repository, context.and_then(|c| c.repository.as_deref()))
            && same(&self.branch, context.and_then(|c| c.branch.as_deref()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listed() -> Value {
        json!({"sessionId": "probe-1", "startTime": "2026-11-21T06:09:24.401Z",
            "modifiedTime": "2026-11-21T06:09:28.547Z", "isRemote": false, "isDetached": false, "summary": "N",
            "name": "N", "clientName": "sdk", "context": {"cwd": "/tmp", "repository": "a/b"}})
    }

    #[test]
    fn a_session_as_the_runtime_lists_it_is_read_and_comes_back_the_same() {
        let session: SessionMetadata = serde_json::from_value(listed()).unwrap();
        assert_eq!((session.session_id.as_str(), session.name.as_deref()), ("probe-1", Some("N")));
        assert_eq!(session.context.as_ref().unwrap().cwd, "/tmp");
        assert_eq!(serde_json::to_value(&session).unwrap(), listed());
    }

    #[test]
    fn a_session_with_empty_absent_or_null_times_is_read() {
        let cloud = json!({"sessionId": "task-1", "startTime": "", "modifiedTime": null, "context": null, "mcTaskId": "t"});
        let session: SessionMetadata = serde_json::from_value(cloud).unwrap();
        assert_eq!((session.start_time.as_str(), session.modified_time.as_str()), ("", ""));
        assert_eq!(session.context, None);
        assert_eq!(session.extra["mcTaskId"], "t");
    }

    #[test]
    fn a_filter_sends_only_what_is_set_and_matches_the_same() {
        let filter = SessionListFilter::new().cwd("/tmp").repository("a/b");
        assert_eq!(serde_json::to_value(&filter).unwrap(), json!({"cwd": "/tmp", "repository": "a/b"}));
        let session: SessionMetadata = serde_json::from_value(listed()).unwrap();
        assert!(filter.matches(&session));
        assert!(!filter.branch("main").matches(&session));
        assert!(SessionListFilter::new().matches(&SessionMetadata::default()));
        assert!(!SessionListFilter::new().cwd("/tmp").matches(&SessionMetadata::default()));
        assert_eq!(
            serde_json::to_value(SessionListFilter::new().git_root("/g")).unwrap(),
            json!({"gitRoot": "/g"})
        );
    }

    #[test]
    fn status_ping_and_login_are_read_as_the_three_runtimes_send_them() {
        let status: RuntimeStatus =
            serde_json::from_value(json!({"version": "1.0.57", "protocolVersion": 3})).unwrap();
        assert_eq!((status.version.as_str(), status.protocol_version), ("1.0.57", 3));
        let ping: PingResult = serde_json::from_value(
            json!({"message": "pong: hi", "timestamp": "2026-11-21T01:44:36.208376239Z", "protocolVersion": 3}),
        )
        .unwrap();
        assert_eq!((ping.message.as_str(), ping.protocol_version), ("pong: hi", 3));
        assert_eq!(ping.timestamp, "2026-11-21T01:44:36.208376239Z");
        let nobody: AuthStatus =
            serde_json::from_value(json!({"isAuthenticated": false, "statusMessage": "Not authenticated"}))
                .unwrap();
        assert!(!nobody.is_authenticated);
        assert_eq!((nobody.login, nobody.status_message.as_deref()), (None, Some("Not authenticated")));
    }
}
