//! What a boundary implements: how foreign code is told and asked.

use bytes::Bytes;

/// How one client tells and asks foreign code. Each method returns at once, whatever the foreign side then does with it.
///
/// Called from one thread at a time: the client's own (`codriver-callbacks`), or the one that waits
/// ([`Client::wait`](crate::Client::wait)). Dropped once, last, on that thread; of a client that nobody waits for, on one of
/// Codriver's; and where the client could not be made, by [`Client::new`](crate::Client::new) before it returns.
pub trait Callbacks: Send + 'static {
    /// `id` (a client, a session or a stream) has something to [`take`](crate::take), and had nothing before. There is no
    /// second wake until a take left nothing.
    fn wake(&self, id: u64);

    /// A question. The answer is one [`respond`](crate::respond) or [`fail`](crate::fail).
    fn request(&self, request: Request);

    /// A call of a filesystem that is written in the foreign language. The answer is one
    /// [`respond_fs`](crate::respond_fs), `respond` or `fail`.
    fn fs_request(&self, request: FsRequest);

    /// Nobody waits for the answer to this call any more; answering it is `BAD_HANDLE`.
    fn cancel(&self, call_id: u64);
}

/// A question to foreign code.
#[derive(Debug, Clone)]
pub struct Request {
    /// What the answer names.
    pub call_id: u64,
    /// The id of the [`Session`](crate::Session) that asks.
    pub session: u64,
    /// The runtime's id of it.
    pub session_id: String,
    /// `permission`, `tool`, `userInput`, `elicitation`, `exitPlanMode`, `autoModeSwitch`, `hook`, `systemMessage`,
    /// `command`, `mcpAuth`, `mcpHeaders`, `sampling`, `sessionLimits` or `providerToken`.
    pub kind: &'static str,
    /// Which one of its kind: the tool, the hook, the section, the command; else empty.
    pub name: String,
    /// The question as JSON, with the wire's names.
    pub payload: String,
}

/// A call of a filesystem that is written in the foreign language.
#[derive(Debug, Clone)]
pub struct FsRequest {
    /// What the answer names.
    pub call_id: u64,
    /// The runtime's id of the session whose files these are.
    pub session_id: String,
    /// What to do.
    pub operation: FsOperation,
}

/// What a filesystem is asked; paths are absolute and normalised. See [`codriver::fs::SessionFs`] for what each owes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FsOperation {
    /// Answer: the content.
    Read {
        /// The file.
        path: String,
    },
    /// Replaces the whole content, or makes the file.
    Write {
        /// The file.
        path: String,
        /// The content.
        content: Bytes,
        /// A POSIX mode for what is newly made.
        mode: Option<u32>,
    },
    /// Adds to the end, or makes the file.
    Append {
        /// The file.
        path: String,
        /// What is added.
        content: Bytes,
        /// A POSIX mode for what is newly made.
        mode: Option<u32>,
    },
    /// Answer: whether there is something.
    Exists {
        /// The file or directory.
        path: String,
    },
    /// Answer: kind, size and times.
    Stat {
        /// The file or directory.
        path: String,
    },
    /// Makes a directory; fine if it is there.
    Mkdir {
        /// The directory.
        path: String,
        /// Whether its parents are made too.
        recursive: bool,
        /// A POSIX mode for what is newly made.
        mode: Option<u32>,
    },
    /// Answer: the names in a directory, with their kinds.
    ReadDir {
        /// The directory.
        path: String,
    },
    /// Removes a file or directory.
    Remove {
        /// The file or directory.
        path: String,
        /// Whether a directory goes with all in it.
        recursive: bool,
        /// Whether it is fine if nothing is there.
        force: bool,
    },
    /// Moves, and replaces a file that is there.
    Rename {
        /// What is moved.
        path: String,
        /// Where to.
        to: String,
    },
}
