//! A chat whose session is kept in a store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use codriver::options::SessionFsOptions;
use codriver::store::{self, Store};
use codriver::{Error, ErrorKind, Result};

use crate::output::quoted;
use crate::sessions::check_lasts;

/// Makes a client keep its sessions in the store of that URL. One to resume must be there: neither the store nor the session
/// is made for it.
///
/// # Errors
/// `INVALID_ARGUMENT` for a store that ends with this program, those of [`store::open`] and [`store::open_existing`],
/// `SESSION_NOT_FOUND`.
pub(super) async fn session_fs(
    url: &str,
    resume: Option<&str>,
    here: &Path,
    state_path: &Path,
) -> Result<SessionFsOptions> {
    check_lasts(url)?;
    let store = match resume {
        Some(id) => known(store::open_existing(url).await?, id).await?,
        None => store::open(url).await?,
    };
    Ok(SessionFsOptions::store(here.to_string_lossy(), state_path.to_string_lossy(), store))
}

/// The store, if the session is in it.
async fn known(store: Arc<dyn Store>, id: &str) -> Result<Arc<dyn Store>> {
    match !id.is_empty() && store.exists(id).await? {
        true => Ok(store),
        false => Err(Error::new(ErrorKind::SessionNotFound, format!("the store has no session {id:?}"))),
    }
}

/// Where the runtime sees the state of a session that is in a store. It makes the directory, and leaves it empty; so it is one
/// that it may make, below its own home, and the same at every resume.
pub(super) fn state_path(base_directory: Option<&Path>) -> PathBuf {
    let home = match base_directory {
        Some(given) => given.to_owned(),
        None => match std::env::var_os("COPILOT_HOME").filter(|home| !home.is_empty()) {
            Some(home) => home.into(),
            None => std::env::home_dir().unwrap_or_default().join(".copilot"),
        },
    };
    std::path::absolute(&home).unwrap_or(home).join("codriver-session")
}

/// The command that goes on with a session, as a shell takes it.
pub(super) fn command(url: Option<&str>, id: &str) -> String {
    let store = url.map(|url| format!("--store {} ", quoted(url))).unwrap_or_default();
    format!("codriver chat {store}--resume {}", quoted(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_goes_on_can_be_pasted() {
        for (url, id, expected) in [
            (None, "s-1", "codriver chat --resume s-1"),
            (Some("sqlite:/a/b.db"), "s-1", "codriver chat --store sqlite:/a/b.db --resume s-1"),
            (Some("dir:my files"), "it's", r"codriver chat --store 'dir:my files' --resume 'it'\''s'"),
        ] {
            assert_eq!(command(url, id), expected);
        }
    }
}
