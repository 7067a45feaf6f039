//! What every store does, and the conformance suite over each.

use std::time::Duration;

use bytes::Bytes;
use tempfile::TempDir;

use super::*;
use crate::fs::conformance::WireFs;
use crate::fs::{Conventions, FsErrorKind, FsPath, FsStat};

crate::session_fs_conformance!(directory, crate::store::tests::temporary("dir"));
crate::session_fs_conformance!(directory_behind_the_wire, crate::store::tests::behind_the_wire("dir"));
crate::session_fs_conformance!(sqlite, crate::store::tests::temporary("sqlite"));
crate::session_fs_conformance!(sqlite_behind_the_wire, crate::store::tests::behind_the_wire("sqlite"));
crate::session_fs_conformance!(sqlite_directory, crate::store::tests::temporary("sqlite-dir"));

/// The stores that are on the disk.
pub(super) const SCHEMES: [&str; 3] = ["dir", "sqlite", "sqlite-dir"];

/// A store that goes away with its files.
struct Temporary(&'static str, TempDir);

impl Temporary {
    fn new(scheme: &'static str) -> Self {
        Temporary(scheme, tempfile::tempdir().unwrap())
    }

    fn url(&self) -> String {
        format!("{}:{}", self.0, self.1.path().join("store").display())
    }
}

#[async_trait]
impl Store for Temporary {
    async fn open(&self, session_id: &str) -> Result<Arc<dyn SessionFs>> {
        open(&self.url()).await?.open(session_id).await
    }
    async fn list(&self) -> Result<Vec<StoredSession>> {
        open(&self.url()).await?.list().await
    }
    async fn exists(&self, session_id: &str) -> Result<bool> {
        open(&self.url()).await?.exists(session_id).await
    }
    async fn delete(&self, session_id: &str) -> Result<()> {
        open(&self.url()).await?.delete(session_id).await
    }
}

fn temporary(scheme: &'static str) -> Arc<dyn SessionFs> {
    Arc::new(LazyFs::new(Arc::new(Temporary::new(scheme)), "session"))
}

fn behind_the_wire(scheme: &'static str) -> Arc<dyn SessionFs> {
    Arc::new(WireFs::around(temporary(scheme)))
}

pub(super) fn at(text: &str) -> FsPath {
    FsPath::parse(text, Conventions::Posix).unwrap()
}

/// One store of each kind, and what keeps its files.
async fn stores() -> Vec<(String, Arc<dyn Store>, Option<Temporary>)> {
    let mut stores = vec![("memory".to_owned(), open("memory:").await.unwrap(), None)];
    for scheme in SCHEMES {
        let temporary = Temporary::new(scheme);
        stores.push((scheme.to_owned(), open(&temporary.url()).await.unwrap(), Some(temporary)));
    }
    stores
}

async fn ids(store: &dyn Store) -> Vec<String> {
    store.list().await.unwrap().into_iter().map(|session| session.id).collect()
}

async fn write(store: &dyn Store, id: &str, path: &str, content: &'static str) {
    store.open(id).await.unwrap().write(&at(path), content.into(), None).await.unwrap();
}

async fn read(store: &dyn Store, id: &str, path: &str) -> Bytes {
    store.open(id).await.unwrap().read(&at(path)).await.unwrap()
}

#[tokio::test]
async fn a_session_is_there_from_its_first_change_on() {
    for (name, store, _files) in stores().await {
        let fs = store.open("s").await.unwrap();
        assert_eq!(fs.read(&at("/state/a")).await.unwrap_err().kind(), FsErrorKind::NotFound, "{name}");
        assert_eq!(fs.read_dir(&at("/")).await.unwrap(), [], "{name}");
        assert!(!store.exists("s").await.unwrap() && ids(&*store).await.is_empty(), "{name}");

        fs.mkdir(&at("/state"), true, None).await.unwrap();
        assert!(store.exists("s").await.unwrap(), "{name}");
        assert_eq!(ids(&*store).await, ["s"], "{name}");
    }
}

#[tokio::test]
async fn sessions_are_listed_the_last_changed_first() {
    for (name, store, _files) in stores().await {
        for id in ["a", "b", "c"] {
            write(&*store, id, "/state/x", "x").await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(ids(&*store).await, ["c", "b", "a"], "{name}");
        let log = store.open("a").await.unwrap();
        log.append(&at("/state/events.jsonl"), "{}\n".into(), None).await.unwrap();
        assert_eq!(ids(&*store).await, ["a", "c", "b"], "{name}");
        for session in store.list().await.unwrap() {
            assert!(session.created <= session.modified, "{name}: {session:?}");
            assert!(session.modified.elapsed().unwrap() < Duration::from_secs(60), "{name}: {session:?}");
        }
    }
}

#[tokio::test]
async fn odd_ids_are_sessions_of_their_own_and_nothing_escapes() {
    let odd =
        ["../up", "..", ".", "/abs", "a/b", "a", "A", "ä", "a%2f", " ", "nul\0", ".lock", "CON", "'; --"];
    for (name, store, _files) in stores().await {
        for id in odd {
            store.open(id).await.unwrap().write(&at("/id"), id.into(), None).await.unwrap();
        }
        let (mut listed, mut expected) = (ids(&*store).await, odd.map(str::to_owned));
        listed.sort();
        expected.sort();
        assert_eq!(listed, expected, "{name}");
        for id in odd {
            assert_eq!(read(&*store, id, "/id").await, id, "{name}");
        }
        let Err(error) = store.open("").await else { panic!("{name} opened an empty id") };
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{name}");
        if let Some(files) = _files {
            let outside = std::fs::read_dir(files.1.path()).unwrap().map(|entry| entry.unwrap().file_name());
            let outside: Vec<_> =
                outside.filter(|file| !file.to_str().unwrap().starts_with("store")).collect();
            assert!(outside.is_empty(), "{name}: {outside:?}");
        }
    }
}

#[tokio::test]
async fn a_deleted_session_is_gone_and_its_id_starts_empty() {
    for (name, store, _files) in stores().await {
        write(&*store, "a", "/state/deep/x", "of a").await;
        write(&*store, "b", "/state/x", "of b").await;
        store.delete("a").await.unwrap();
        assert_eq!(ids(&*store).await, ["b"], "{name}");
        assert_eq!(store.delete("a").await.unwrap_err().kind(), ErrorKind::SessionNotFound, "{name}");
        assert!(!store.open("a").await.unwrap().exists(&at("/state")).await.unwrap(), "{name}");
        write(&*store, "a", "/y", "new").await;
        assert!(!store.open("a").await.unwrap().exists(&at("/state")).await.unwrap(), "{name}");
        assert_eq!(read(&*store, "b", "/state/x").await, "of b", "{name}");
    }
}

#[tokio::test]
async fn a_late_change_does_not_bring_a_deleted_session_back() {
    for scheme in SCHEMES {
        let files = Temporary::new(scheme);
        let store = open(&files.url()).await.unwrap();
        let held = store.open("a").await.unwrap();
        held.write(&at("/state/x"), "x".into(), None).await.unwrap();
        store.delete("a").await.unwrap();
        let late = held.append(&at("/state/events.jsonl"), "late\n".into(), None).await.unwrap_err();
        assert_eq!(
            (late.message(), late.write_changed()),
            ("the session was deleted", Some(false)),
            "{scheme}"
        );
        assert!(!store.exists("a").await.unwrap(), "{scheme}");
    }
}

#[tokio::test]
async fn a_copy_has_everything_and_a_life_of_its_own() {
    for (name, store, _files) in stores().await {
        let source = store.open("from").await.unwrap();
        source.append(&at("/state/events.jsonl"), "one\n".into(), None).await.unwrap();
        source.append(&at("/state/events.jsonl"), "two\n".into(), None).await.unwrap();
        source.mkdir(&at("/state/empty"), true, None).await.unwrap();

        store.copy("from", "to").await.unwrap();
        source.append(&at("/state/events.jsonl"), "three\n".into(), None).await.unwrap();
        let target = store.open("to").await.unwrap();
        target.append(&at("/state/events.jsonl"), "other\n".into(), None).await.unwrap();
        assert_eq!(target.read(&at("/state/events.jsonl")).await.unwrap(), "one\ntwo\nother\n", "{name}");
        assert_eq!(source.read(&at("/state/events.jsonl")).await.unwrap(), "one\ntwo\nthree\n", "{name}");
        assert_eq!(target.read_dir(&at("/state/empty")).await.unwrap(), [], "{name}");

        let kind = |result: Result<()>| result.unwrap_err().kind();
        assert_eq!(kind(store.copy("from", "to").await), ErrorKind::InvalidArgument, "{name}");
        assert_eq!(kind(store.copy("nothing", "x").await), ErrorKind::SessionNotFound, "{name}");
        assert!(!store.exists("x").await.unwrap(), "{name}");
    }
}

/// A file, or a directory where it has no content.
fn entry(path: &str, content: Option<&str>) -> LoadedEntry {
    let (now, size) = (SystemTime::now(), content.map_or(0, str::len) as u64);
    let stat = match content {
        Some(_) => FsStat::file(size, now, now),
        None => FsStat::directory(now, now),
    };
    LoadedEntry::new(at(path), stat, content.map(|content| content.to_owned().into()))
}

#[tokio::test]
async fn a_session_is_made_as_a_whole_or_not_at_all() {
    for (name, store, _files) in stores().await {
        let entries = || {
            vec![entry("/state/dir", None), entry("/state/dir/x", Some("x")), entry("/codriver/y", Some(""))]
        };
        let kind = |result: Result<()>| result.unwrap_err().kind();

        store.create("s", entries()).await.unwrap();
        assert_eq!(read(&*store, "s", "/state/dir/x").await, "x", "{name}");
        assert_eq!(read(&*store, "s", "/codriver/y").await, "", "{name}");
        store.create("empty", Vec::new()).await.unwrap();
        assert!(store.exists("empty").await.unwrap(), "{name}: one without files is one");

        // Somebody's session is not touched, whatever files it has.
        write(&*store, "theirs", "/state/z", "z").await;
        assert_eq!(kind(store.create("theirs", entries()).await), ErrorKind::InvalidArgument, "{name}");
        assert!(!store.open("theirs").await.unwrap().exists(&at("/state/dir")).await.unwrap(), "{name}");

        let mut impossible = entries();
        impossible.push(entry("/state/dir/x/below a file", Some("no")));
        assert_eq!(kind(store.create("no", impossible).await), ErrorKind::FsIo, "{name}");
        assert!(!store.exists("no").await.unwrap(), "{name}");
        let there = store.list().await.unwrap();
        assert_eq!(there.len(), 3, "{name}: {there:?}");
    }
}

#[tokio::test]
async fn of_two_who_make_a_session_at_once_one_succeeds() {
    for (name, store, _files) in stores().await {
        let both = [("a", "/state/a"), ("b", "/state/b")]
            .map(|(content, path)| store.create("s", vec![entry(path, Some(content))]));
        let made = futures_util::future::join_all(both).await;
        let winners: Vec<_> = made.iter().map(Result::is_ok).collect();
        assert!(winners == [true, false] || winners == [false, true], "{name}: {made:?}");
        let (theirs, ours) = if winners[0] { ("/state/a", "/state/b") } else { ("/state/b", "/state/a") };
        let files = store.open("s").await.unwrap();
        assert!(files.exists(&at(theirs)).await.unwrap(), "{name}");
        assert!(!files.exists(&at(ours)).await.unwrap(), "{name}");
    }
}

#[tokio::test]
async fn another_handle_on_the_same_files_sees_every_acknowledged_change() {
    for scheme in SCHEMES {
        let files = Temporary::new(scheme);
        let (one, two) = (open(&files.url()).await.unwrap(), open(&files.url()).await.unwrap());
        let (a, b) = (one.open("s").await.unwrap(), two.open("s").await.unwrap());
        let mut expected = String::new();
        for turn in 0..20 {
            let line = format!("{turn}\n");
            let (writer, reader) = if turn % 2 == 0 { (&a, &b) } else { (&b, &a) };
            writer.append(&at("/log"), line.clone().into(), None).await.unwrap();
            expected.push_str(&line);
            assert_eq!(reader.read(&at("/log")).await.unwrap(), expected, "{scheme}");
        }
    }
}

#[tokio::test]
async fn a_batch_that_cannot_be_made_whole_changes_nothing() {
    use crate::fs::FsChange;
    for (name, store, _files) in stores().await {
        let fs = store.open("s").await.unwrap();
        fs.write(&at("/state/dir/file"), "old".into(), None).await.unwrap();
        let write = |path: &str| FsChange::Write { path: at(path), content: "new".into(), mode: None };
        let mkdir = |path: &str| FsChange::Mkdir { path: at(path), mode: None };
        let rename = |from: &str, to: &str| FsChange::Rename { from: at(from), to: at(to) };
        for last in [
            rename("/state/nothing", "/state/x"),
            rename("/state/dir", "/state/dir/inside"),
            write("/state/dir"),
            mkdir("/state/dir/file/below"),
            // What is there by then is what counts.
            write("/state/moved"),
            FsChange::Remove { path: at("/state/dir"), recursive: false, force: true },
        ] {
            let batch = vec![
                mkdir("/state/new"),
                write("/state/dir/file"),
                rename("/state/new", "/state/moved"),
                FsChange::Append { path: at("/state/log"), content: "{}".into(), mode: None },
                last.clone(),
                write("/state/after"),
            ];
            let error = fs.apply(batch).await.unwrap_err();
            assert_ne!(error.write_changed(), Some(true), "{name}: {last:?}");
            let mut loaded = fs.load(&at("/"), 100).await.unwrap();
            loaded.sort_by(|a, b| a.path.cmp(&b.path));
            let paths: Vec<_> = loaded.iter().map(|entry| entry.path.as_str()).collect();
            assert_eq!(paths, ["/state", "/state/dir", "/state/dir/file"], "{name}: {last:?}");
            assert_eq!(loaded[2].content.as_deref(), Some(&b"old"[..]), "{name}: {last:?}");
        }
    }
}

/// Runs a test of this binary again, alone, as somebody who must not read or write what is not shown to everybody, with
/// this variable set; nothing is hidden from root.
pub(super) fn unprivileged(test: &str, variable: &str, value: &std::path::Path) {
    use std::os::unix::process::CommandExt as _;
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture"]).env(variable, value);
    if rustix::process::getuid().is_root() {
        child.uid(65534);
    }
    let output = child.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "{out}{err}");
}

pub(super) fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Gives everything in a directory, and it, these modes.
pub(super) fn set_modes(directory: &std::path::Path, folders: u32, files: u32) {
    let mut all = vec![directory.to_owned()];
    while let Some(path) = all.pop() {
        set_mode(&path, if path.is_dir() { folders } else { files });
        if path.is_dir() {
            all.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
}

/// Set where this binary was started as a child that must not write.
const CHILD: &str = "CODRIVER_TEST_READ_ONLY";

#[tokio::test]
async fn a_store_that_is_not_there_and_cannot_be_made_is_a_clear_error() {
    if let Ok(directory) = std::env::var(CHILD) {
        for scheme in SCHEMES {
            let url = format!("{scheme}:{directory}/store");
            let Err(error) = open(&url).await else { panic!("{url} was opened") };
            assert_eq!(error.kind(), ErrorKind::FsIo);
            assert!(error.message().starts_with(&format!("the store {url} cannot be opened: ")), "{error}");
            assert!(error.message().contains("Permission denied"), "{error}");
        }
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    set_mode(directory.path(), 0o555);
    let test = "store::tests::a_store_that_is_not_there_and_cannot_be_made_is_a_clear_error";
    unprivileged(test, CHILD, directory.path());
}

#[tokio::test]
async fn a_list_with_files_reads_each_session_once_and_leaves_what_is_too_large_or_missing() {
    for (name, store, _files) in stores().await {
        for (id, content) in [("a", "1234"), ("b", "12345"), ("c", "")] {
            write(&*store, id, "/state/x", content).await;
        }
        write(&*store, "d", "/state/x/file", "below").await;
        write(&*store, "e", "/state/y", "other").await;
        for (id, end) in [("f", "34"), ("g", "345")] {
            write(&*store, id, "/state/x", "12").await;
            store.open(id).await.unwrap().append(&at("/state/x"), end.into(), None).await.unwrap();
        }
        let listed = store.list_with_file(&at("/state/x"), 4).await.unwrap();
        let order: Vec<_> = listed.iter().map(|(session, _)| session.clone()).collect();
        assert_eq!(order, store.list().await.unwrap(), "{name}");
        let mut contents: Vec<_> =
            listed.iter().map(|(session, content)| (&*session.id, content.as_deref())).collect();
        contents.sort();
        let whole = Some(&b"1234"[..]);
        let expected = [
            ("a", whole),
            ("b", None),
            ("c", Some(b"")),
            ("d", None),
            ("e", None),
            ("f", whole),
            ("g", None),
        ];
        assert_eq!(contents, expected, "{name}");
    }
}
