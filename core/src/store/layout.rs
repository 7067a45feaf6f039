//! Where a session's files are in a store, whatever the runtime calls the places: so every tool finds them in every store.
//!
//! | in the store | what |
//! |---|---|
//! | `/state` | the runtime's session state: `events.jsonl`, `workspace.yaml`, `checkpoints/` … |
//! | `/runtime` | the runtime's second root (PROTOCOL §4) |
//! | `/codriver` | what this library keeps beside it; the runtime does not see it |

use crate::fs::{Conventions, FsPath};

/// The runtime's session state.
pub(crate) const STATE: &str = "/state";
/// The runtime's second root.
pub(crate) const RUNTIME: &str = "/runtime";
/// The session's events, one JSON a line.
pub(crate) const EVENTS: &str = "/state/events.jsonl";
/// What the runtime knows of the session: id, working directory, repository, names, times.
pub(crate) const WORKSPACE: &str = "/state/workspace.yaml";
/// The image of the session's SQLite database.
pub(crate) const DATABASE: &str = "/codriver/session.db";

/// A path of this layout.
///
/// # Panics
/// For what is not an absolute path: the constants above are.
pub(crate) fn path(text: &str) -> FsPath {
    FsPath::parse(text, Conventions::Posix).expect("a constant that is an absolute path")
}
