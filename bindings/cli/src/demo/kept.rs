//! Where the demo's session is kept: a store in one file, which can be looked into while no runtime runs.

use std::path::{Path, PathBuf};

use codriver::Result;
use codriver::options::SessionFsOptions;
use codriver::store::{SessionStore, StoredEvents};
use tempfile::TempDir;

use super::cast;

/// The store, in a directory that goes away with it.
pub(crate) struct Kept {
    directory: TempDir,
}

impl Kept {
    pub(crate) fn new() -> Result<Self> {
        Ok(Kept { directory: cast::scratch()? })
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite:{}", self.file().display())
    }

    /// Makes a client keep its sessions here.
    pub(crate) fn options(&self, work: &Path) -> SessionFsOptions {
        SessionFsOptions::url(work.to_string_lossy(), self.state_path().to_string_lossy(), self.url())
    }

    /// How large the store is, with what SQLite has not moved into its file yet.
    pub(crate) fn bytes(&self) -> u64 {
        let log = self.file().with_extension("db-wal");
        [self.file(), log].iter().filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum()
    }

    /// The stored events of a session, read from the store itself.
    pub(crate) async fn events(&self, id: &str) -> Result<StoredEvents> {
        self.sessions().await?.get_events(id).await
    }

    pub(crate) async fn is_empty(&self) -> Result<bool> {
        Ok(self.sessions().await?.list_sessions(None).await?.is_empty())
    }

    /// The files of a session that a runtime with this home keeps on the disk, not in the store. The mark of 1.0.57 that it has
    /// the session in use (`inuse.<pid>.lock`) is none: it is the process's.
    pub(crate) fn elsewhere(&self, home: &Path, id: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut directories = vec![self.state_path(), home.join("session-state").join(id)];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => directories.push(entry.path()),
                    _ if is_mark(&entry.file_name().to_string_lossy()) => {}
                    _ => found.push(entry.path()),
                }
            }
        }
        found
    }

    async fn sessions(&self) -> Result<SessionStore> {
        SessionStore::open_existing(&self.url()).await
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("sessions.db")
    }

    /// Where the runtime sees the state. It makes the directory, and leaves it empty.
    fn state_path(&self) -> PathBuf {
        self.directory.path().join("state")
    }
}

fn is_mark(name: &str) -> bool {
    let pid = name.strip_prefix("inuse.").and_then(|rest| rest.strip_suffix(".lock"));
    pid.is_some_and(|pid| !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_session_on_the_disk_are_found_and_empty_directories_are_none() {
        let (kept, home) = (Kept::new().unwrap(), TempDir::new().unwrap());
        let own = home.path().join("session-state").join("s-1").join("files");
        std::fs::create_dir_all(&own).unwrap();
        std::fs::create_dir_all(kept.state_path()).unwrap();
        assert!(kept.elsewhere(home.path(), "s-1").is_empty());
        std::fs::write(own.join("inuse.17.lock"), "").unwrap();
        assert!(kept.elsewhere(home.path(), "s-1").is_empty());
        let files = [kept.state_path().join("events.jsonl"), own.join("x")];
        for file in &files {
            std::fs::write(file, "").unwrap();
        }
        let mut found = kept.elsewhere(home.path(), "s-1");
        found.sort();
        let mut expected = files.to_vec();
        expected.sort();
        assert_eq!(found, expected);
        assert_eq!(kept.elsewhere(home.path(), "s-2"), files[..1]);
    }
}
