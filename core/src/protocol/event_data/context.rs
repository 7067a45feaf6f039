//! Where a session works, and what its context window holds.

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `session.context_changed`: where the session works; also part of its start and resume.
    pub struct SessionContextChanged {
        /// Working directory.
        pub cwd: String,
        /// Root of the git repository it is in.
        pub git_root: Option<String>,
        /// `owner/name`, from the git remote.
        pub repository: Option<String>,
        /// `github` or `ado`.
        pub host_type: Option<String>,
        /// Host of the git remote, e.g. `github.com`.
        pub repository_host: Option<String>,
        /// The branch.
        pub branch: Option<String>,
        /// Its newest commit when the session started.
        pub head_commit: Option<String>,
        /// The commit it branched from.
        pub base_commit: Option<String>,
        /// Whether git was not looked at yet; a second such event follows.
        pub pending_git_context: Option<bool>,
    }

    /// `session.context_cleared`: the conversation starts anew.
    pub struct SessionContextCleared {
        /// The message it starts with.
        pub initial_message: Option<String>,
        /// Messages that are gone.
        pub messages_cleared: u64,
    }

    /// `session.truncation`: old messages left the context window.
    pub struct SessionTruncation {
        /// The window, in tokens.
        pub token_limit: u64,
        /// Tokens before.
        pub pre_truncation_tokens_in_messages: u64,
        /// Messages before.
        pub pre_truncation_messages_length: u64,
        /// Tokens after.
        pub post_truncation_tokens_in_messages: u64,
        /// Messages after.
        pub post_truncation_messages_length: u64,
        /// The difference in tokens; signed, as in a compaction.
        pub tokens_removed_during_truncation: i64,
        /// The difference in messages.
        pub messages_removed_during_truncation: i64,
        /// The part of the runtime that did it.
        pub performed_by: String,
    }

    /// `session.snapshot_rewind`: the session went back in its history.
    pub struct SessionSnapshotRewind {
        /// The first event that is gone; all after it are too.
        pub up_to_event_id: String,
        /// How many are gone.
        pub events_removed: u64,
    }
}
