//! Stores by URL.

use std::path::Path;
use std::sync::Arc;

use super::{MemoryStore, Store};
use crate::error::{Error, ErrorKind, Result};

const ACCEPTED: &str = "`memory:`, `dir:PATH`, `sqlite:PATH` or `sqlite-dir:PATH`";

/// The store that a URL names: `memory:` (a new one each time), `dir:PATH` (a directory), `sqlite:PATH` (one file for
/// all sessions) or `sqlite-dir:PATH` (a directory with one file for each); the last two need the cargo feature
/// `sqlite`. Everything behind the colon is the path, as it is; a relative one is of the working
/// directory. What is not there is made.
///
/// [`ErrorKind::InvalidConfig`] for a URL that names no store, [`ErrorKind::FsIo`] for a store that cannot be opened.
pub async fn open(url: &str) -> Result<Arc<dyn Store>> {
    match parse(url)? {
        Target::Memory => Ok(Arc::new(MemoryStore::new())),
        Target::Directory(path) => directory(url, path).await,
        Target::Sqlite(path) => sqlite(url, path).await,
        Target::SqliteDirectory(path) => sqlite_directory(url, path).await,
    }
}

/// The same for a store that must be there already: nothing is made, so that a misspelt path is no empty store.
///
/// As [`open`], and [`ErrorKind::FsNotFound`].
pub async fn open_existing(url: &str) -> Result<Arc<dyn Store>> {
    let path = match parse(url)? {
        Target::Memory => None,
        Target::Directory(path) | Target::Sqlite(path) | Target::SqliteDirectory(path) => Some(path),
    };
    if path.is_some_and(|path| matches!(Path::new(path).try_exists(), Ok(false))) {
        return Err(Error::new(ErrorKind::FsNotFound, format!("there is no store {url}")));
    }
    open(url).await
}

/// Whether [`open`] can make something of the URL; nothing is opened.
pub(crate) fn check_url(url: &str) -> Result<()> {
    parse(url).map(drop)
}

enum Target<'a> {
    Memory,
    Directory(&'a str),
    Sqlite(&'a str),
    SqliteDirectory(&'a str),
}

fn parse(url: &str) -> Result<Target<'_>> {
    let (scheme, path) = url.split_once(':').ok_or_else(|| invalid(url, "it has no scheme"))?;
    match scheme {
        "memory" if path.is_empty() => Ok(Target::Memory),
        "memory" => Err(invalid(url, "nothing can be behind `memory:`")),
        "dir" | "sqlite" | "sqlite-dir" if path.is_empty() => Err(invalid(url, "the path is missing")),
        "dir" | "sqlite" | "sqlite-dir" if path.contains('\0') => Err(invalid(url, "the path has a NUL")),
        "dir" => Ok(Target::Directory(path)),
        "sqlite" => Ok(Target::Sqlite(path)),
        "sqlite-dir" => Ok(Target::SqliteDirectory(path)),
        _ => Err(invalid(url, &format!("there is no store {scheme:?}"))),
    }
}

#[cfg(unix)]
async fn directory(_url: &str, path: &str) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(super::DirectoryStore::open(path).await?))
}

#[cfg(not(unix))]
async fn directory(url: &str, _path: &str) -> Result<Arc<dyn Store>> {
    Err(invalid(url, "`dir:` is not there on this platform, take `sqlite:`"))
}

#[cfg(feature = "sqlite")]
async fn sqlite(_url: &str, path: &str) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(super::SqliteStore::open(path).await?))
}

#[cfg(all(unix, feature = "sqlite"))]
async fn sqlite_directory(_url: &str, path: &str) -> Result<Arc<dyn Store>> {
    Ok(Arc::new(super::SqliteDirectoryStore::open(path).await?))
}

#[cfg(all(not(unix), feature = "sqlite"))]
async fn sqlite_directory(url: &str, _path: &str) -> Result<Arc<dyn Store>> {
    Err(invalid(url, "`sqlite-dir:` is not there on this platform, take `sqlite:`"))
}

#[cfg(not(feature = "sqlite"))]
async fn sqlite_directory(url: &str, path: &str) -> Result<Arc<dyn Store>> {
    sqlite(url, path).await
}

#[cfg(not(feature = "sqlite"))]
async fn sqlite(url: &str, _path: &str) -> Result<Arc<dyn Store>> {
    Err(invalid(url, "this build is without the cargo feature `sqlite`"))
}

/// Names the scheme only where there is one that is ours: later URLs hold passwords (I29).
fn invalid(url: &str, reason: &str) -> Error {
    let shown = match url.split_once(':') {
        Some((scheme, _)) => format!("{scheme}:…"),
        None => "without a colon".to_owned(),
    };
    Error::new(ErrorKind::InvalidConfig, format!("the store URL ({shown}): {reason}; accepted: {ACCEPTED}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_store_that_must_be_there_is_not_made() {
        let directory = tempfile::tempdir().unwrap();
        for scheme in ["dir", "sqlite"] {
            let url = format!("{scheme}:{}", directory.path().join(scheme).display());
            let Err(error) = open_existing(&url).await else { panic!("{url} was opened") };
            assert_eq!(error.to_string(), format!("FS_NOT_FOUND: there is no store {url}"));
            assert!(!directory.path().join(scheme).exists());
            open(&url).await.unwrap();
            open_existing(&url).await.unwrap();
        }
        assert_eq!(open_existing("dir:").await.err().unwrap().kind(), ErrorKind::InvalidConfig);
    }

    #[tokio::test]
    async fn a_url_that_names_no_store_is_told_what_is_wrong_and_what_is_accepted() {
        for (url, reason) in [
            ("", "it has no scheme"),
            ("memory", "it has no scheme"),
            ("memory:x", "nothing can be behind"),
            ("dir:", "the path is missing"),
            ("sqlite:", "the path is missing"),
            ("sqlite-dir:", "the path is missing"),
            ("dir:a\0b", "the path has a NUL"),
            ("redis://:secret@host", "there is no store \"redis\""),
        ] {
            let Err(error) = open(url).await else { panic!("{url:?} was opened") };
            assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{url:?}");
            assert!(error.message().contains(reason), "{error}");
            assert!(error.message().ends_with(ACCEPTED), "{error}");
            assert!(!error.message().contains("secret"), "{error}");
        }
    }
}
