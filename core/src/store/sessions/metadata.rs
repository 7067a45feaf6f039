//! What a list says of a session, from what the store has and from what a runtime says. Pure.

use std::borrow::Cow;
use std::collections::HashMap;

use bytes::Bytes;

use super::workspace::Workspace;
use crate::fs::timestamp;
use crate::protocol::results::{SessionContext, SessionListFilter, SessionMetadata};
use crate::store::StoredSession;

/// Describes a session by its `workspace.yaml`; without one, by what the store knows. What the store knows for sure, the id
/// and when the session was last changed, the file cannot overrule.
pub(super) fn describe(stored: StoredSession, workspace: Option<&[u8]>) -> SessionMetadata {
    let bytes = workspace.unwrap_or_default();
    // As `from_utf8_lossy`, and six times as fast where all is valid.
    let text = str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
    let found = Workspace::parse(&text);
    let own = |text: &Option<Cow<'_, str>>| text.as_deref().map(str::to_owned);
    let context = SessionContext {
        cwd: own(&found.cwd).unwrap_or_default(),
        git_root: own(&found.git_root),
        repository: own(&found.repository),
        branch: own(&found.branch),
        ..SessionContext::default()
    };
    let created = own(&found.created_at).filter(|text| looks_like_a_time(text));
    SessionMetadata {
        session_id: stored.id,
        start_time: created.unwrap_or_else(|| timestamp::format(stored.created)),
        modified_time: timestamp::format(stored.modified),
        // As the runtime's own list has it.
        summary: own(&found.summary).or_else(|| own(&found.name)),
        name: own(&found.name),
        client_name: own(&found.client_name),
        context: Some(context).filter(|context| *context != SessionContext::default()),
        ..SessionMetadata::default()
    }
}

/// Describes those of a list that match.
pub(super) fn describe_all(
    listed: Vec<(StoredSession, Option<Bytes>)>,
    filter: Option<&SessionListFilter>,
) -> Vec<SessionMetadata> {
    let described = listed.into_iter().map(|(stored, workspace)| describe(stored, workspace.as_deref()));
    match filter {
        Some(filter) => described.filter(|session| filter.matches(session)).collect(),
        None => described.collect(),
    }
}

/// `2026-11-21T…`: people and programs sort by these, so other text must not get among them.
fn looks_like_a_time(text: &str) -> bool {
    let pattern = b"0000-00-00T";
    let fits =
        |(byte, pattern): (u8, &u8)| if *pattern == b'0' { byte.is_ascii_digit() } else { byte == *pattern };
    text.len() >= 20 && text.bytes().zip(pattern).all(fits)
}

/// One description of a session that is in two lists: what the later one says, and from the other what it does not say.
fn merge_one(a: SessionMetadata, b: SessionMetadata) -> SessionMetadata {
    let (mut later, earlier) = if a.modified_time >= b.modified_time { (a, b) } else { (b, a) };
    if later.start_time.is_empty() {
        later.start_time = earlier.start_time;
    }
    later.summary = later.summary.or(earlier.summary);
    later.name = later.name.or(earlier.name);
    later.client_name = later.client_name.or(earlier.client_name);
    later.is_detached = later.is_detached.or(earlier.is_detached);
    later.context = match (later.context, earlier.context) {
        (Some(later), Some(earlier)) => Some(merge_contexts(later, earlier)),
        (later, earlier) => later.or(earlier),
    };
    for (name, value) in earlier.extra {
        later.extra.entry(name).or_insert(value);
    }
    later
}

/// Git's part is taken as a whole: a branch of one repository says nothing of another.
fn merge_contexts(mut later: SessionContext, earlier: SessionContext) -> SessionContext {
    let without_git = |context: &SessionContext| {
        context.git_root.is_none() && context.repository.is_none() && context.branch.is_none()
    };
    if later.cwd.is_empty() {
        later.cwd = earlier.cwd.clone();
    }
    if later.cwd == earlier.cwd && without_git(&later) {
        (later.git_root, later.repository, later.branch) =
            (earlier.git_root, earlier.repository, earlier.branch);
    }
    for (name, value) in earlier.extra {
        later.extra.entry(name).or_insert(value);
    }
    later
}

/// One list of two, without doubles, the last changed first.
pub(crate) fn merge(ours: Vec<SessionMetadata>, theirs: Vec<SessionMetadata>) -> Vec<SessionMetadata> {
    let mut by_id: HashMap<String, SessionMetadata> = HashMap::with_capacity(ours.len() + theirs.len());
    for session in ours.into_iter().chain(theirs) {
        let merged = match by_id.remove(&session.session_id) {
            Some(known) => merge_one(known, session),
            None => session,
        };
        by_id.insert(merged.session_id.clone(), merged);
    }
    let mut sessions: Vec<_> = by_id.into_values().collect();
    sessions.sort_unstable_by(|a, b| {
        b.modified_time.cmp(&a.modified_time).then_with(|| a.session_id.cmp(&b.session_id))
    });
    sessions
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use serde_json::{Value, json};

    use super::*;

    fn stored() -> StoredSession {
        StoredSession::new("s-1", UNIX_EPOCH + Duration::from_secs(86_400), UNIX_EPOCH)
    }

    fn described(workspace: Option<&str>) -> Value {
        serde_json::to_value(describe(stored(), workspace.map(str::as_bytes))).unwrap()
    }

    fn session(value: Value) -> SessionMetadata {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_session_is_described_as_the_runtime_would() {
        let workspace = "id: another\ncwd: /w\ngit_root: /g\nrepository: a/b\nbranch: main\nname: N\nclient_name: sdk\n\
            created_at: 2026-11-21T11:56:40.633Z\n";
        assert_eq!(
            described(Some(workspace)),
            json!({"sessionId": "s-1", "startTime": "2026-11-21T11:56:40.633Z",
                "modifiedTime": "1970-01-02T00:00:00.000Z", "summary": "N", "name": "N", "clientName": "sdk",
                "isRemote": false, "context": {"cwd": "/w", "gitRoot": "/g", "repository": "a/b", "branch": "main"}})
        );
    }

    #[test]
    fn without_a_usable_file_a_session_is_described_by_what_the_store_knows() {
        let known = json!({"sessionId": "s-1", "startTime": "1970-01-01T00:00:00.000Z",
            "modifiedTime": "1970-01-02T00:00:00.000Z", "isRemote": false});
        for workspace in [None, Some(""), Some("\0\0\0"), Some("created_at: yesterday\n"), Some("{")] {
            assert_eq!(described(workspace), known, "{workspace:?}");
        }
        assert_eq!(serde_json::to_value(describe(stored(), Some(b"\xff\xfe"))).unwrap(), known);
    }

    #[test]
    fn a_session_in_both_lists_is_there_once_and_the_later_word_counts() {
        let early = json!({"sessionId": "a", "startTime": "2026-01-01", "modifiedTime": "2026-01-02", "isRemote": false,
            "name": "old", "summary": "said early", "isDetached": true, "new": 1,
            "context": {"cwd": "/w", "gitRoot": "/g", "repository": "a/b", "branch": "main"}});
        let late = json!({"sessionId": "a", "startTime": "", "modifiedTime": "2026-01-03", "isRemote": false,
            "name": "new", "context": {"cwd": "/w"}});
        let merged = json!({"sessionId": "a", "startTime": "2026-01-01", "modifiedTime": "2026-01-03", "isRemote": false,
            "name": "new", "summary": "said early", "isDetached": true, "new": 1,
            "context": {"cwd": "/w", "gitRoot": "/g", "repository": "a/b", "branch": "main"}});
        for (ours, theirs) in [(&early, &late), (&late, &early)] {
            let list = merge(vec![session(ours.clone())], vec![session(theirs.clone())]);
            assert_eq!(serde_json::to_value(list).unwrap(), json!([merged]));
        }
        let moved = session(
            json!({"sessionId": "a", "modifiedTime": "2026-01-04", "context": {"cwd": "/elsewhere"}}),
        );
        let context = merge(vec![session(early)], vec![moved]).remove(0).context.unwrap();
        assert_eq!((context.cwd.as_str(), context.git_root, context.branch), ("/elsewhere", None, None));
    }

    #[test]
    fn the_last_changed_is_the_first_and_who_has_no_time_the_last() {
        let one = |id: &str, time: &str| session(json!({"sessionId": id, "modifiedTime": time}));
        let ours = vec![one("b", "2026-01-01"), one("d", "2026-01-01"), one("e", "")];
        let theirs = vec![one("a", "2026-01-02"), one("c", "2025-12-31")];
        let ids: Vec<_> = merge(ours, theirs).into_iter().map(|session| session.session_id).collect();
        assert_eq!(ids, ["a", "b", "d", "c", "e"]);
    }
}
