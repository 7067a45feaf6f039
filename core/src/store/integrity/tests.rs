//! Repairs over every store, and what comes of one that is interrupted.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use bytes::Bytes;

use super::quarantine::pieces;
use super::recover::{look, recover};
use super::scan::tests::event;
use super::*;
use crate::fs::{DirEntry, FsError, FsErrorKind, FsPath, FsResult, FsStat, SessionFs};
use crate::protocol::event_data::EventData;
use crate::store::{MemoryStore, StoredSession, layout};

const QUARANTINE: &str = "/state/events.jsonl.quarantine";

fn log() -> FsPath {
    layout::path(layout::EVENTS)
}

/// A log with a damage of every kind but one, and what is whole of it.
fn damaged() -> (Bytes, String) {
    let [start, one, two, three] =
        [("session.start", "0"), ("user.message", "1"), ("assistant.message", "2"), ("zzz.unknown", "3")]
            .map(|(kind, text)| event(text.parse().unwrap(), kind, text));
    let text = format!("{start}\n{one}{two}\nnot json\n{one}\n[]\n\0\0\0\0{three}\n");
    let damaged = [text.as_bytes(), b"\xff\xfe\n{\"type\":\"user.mess"].concat();
    (damaged.into(), format!("{start}\n{one}\n{two}\n{three}\n"))
}

/// One store of each kind, and the directory of its files.
async fn stores() -> Vec<(&'static str, Arc<dyn Store>, tempfile::TempDir)> {
    let mut stores = Vec::new();
    for scheme in ["memory", "dir", "sqlite", "sqlite-dir"] {
        let directory = tempfile::tempdir().unwrap();
        let url = match scheme {
            "memory" => "memory:".to_owned(),
            _ => format!("{scheme}:{}", directory.path().join("store").display()),
        };
        stores.push((scheme, crate::store::open(&url).await.unwrap(), directory));
    }
    stores
}

#[tokio::test]
async fn a_damaged_log_is_repaired_in_every_store_and_every_byte_is_there() {
    for (name, store, _files) in stores().await {
        let (before, after) = damaged();
        let fs = store.open("s").await.unwrap();
        fs.write(&log(), before.clone(), None).await.unwrap();

        let seen = check(&*store, "s").await.unwrap();
        assert_eq!((seen.bytes, seen.events, seen.quarantine.as_deref()), (before.len() as u64, 4, None));
        assert_eq!(fs.read(&log()).await.unwrap(), before, "{name}: a check changes nothing");

        let repaired = repair(&*store, "s").await.unwrap();
        assert_eq!((&repaired.damage, repaired.quarantine.as_deref()), (&seen.damage, Some(QUARANTINE)));
        let kinds: Vec<_> = repaired.damage.iter().map(|damage| damage.kind.name()).collect();
        let all = ["fused", "not_json", "duplicate", "not_an_event", "nul_bytes", "invalid_utf8", "torn"];
        assert_eq!(kinds, all, "{name}");
        assert_eq!(fs.read(&log()).await.unwrap(), after, "{name}");
        let held = pieces(&fs.read(&layout::path(QUARANTINE)).await.unwrap());
        for ((offset, bytes), damage) in held.iter().zip(seen.damage.iter().filter(|d| d.bytes > 0)) {
            assert_eq!(before[damage.range()], bytes[..], "{name}");
            assert_eq!(*offset, damage.offset, "{name}");
        }
        assert_eq!(held.len(), all.len() - 1, "{name}");

        // Again: nothing to do, and nothing done.
        let again = repair(&*store, "s").await.unwrap();
        assert!(again.is_healthy() && again.quarantine.is_none(), "{name}: {again:?}");
        assert_eq!(pieces(&fs.read(&layout::path(QUARANTINE)).await.unwrap()), held, "{name}");
    }
}

#[tokio::test]
async fn a_log_that_lost_its_start_gets_one() {
    let fs = MemoryStore::new().open("s");
    let one = event(1, "user.message", "hello");
    fs.write(&log(), format!("n.start\"}}\n{one}\n").into(), None).await.unwrap();
    recover(&*fs, &log(), "s \"1\"").await.unwrap();
    let text = fs.read(&log()).await.unwrap();
    let lines: Vec<&str> = std::str::from_utf8(&text).unwrap().lines().collect();
    let start: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!((&start["type"], &start["data"]["sessionId"]), (&"session.start".into(), &"s \"1\"".into()));
    assert_eq!(lines[1..], [one]);
    assert_eq!(look(&*fs, &log()).await.unwrap().unwrap().damage, []);
}

#[tokio::test]
async fn a_log_in_which_nothing_is_whole_is_left_as_it_is() {
    let store = MemoryStore::new();
    let fs = store.open("s");
    // Events had no parents once.
    let older = [event(0, "session.start", ""), event(1, "user.message", "hello"), String::new()]
        .map(|event| event.replace(r#","parentId":null"#, ""))
        .join("\n");
    for content in ["\0\0\0\0", "{\"type\":\"session.start", "not a log\nat all\n", &older] {
        fs.write(&log(), content.to_owned().into(), None).await.unwrap();
        let error = repair(&store, "s").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FsCorrupt, "{error}");
        assert!(error.message().contains("no event in the log of session \"s\" is whole"), "{error}");
        assert!(error.message().ends_with("or delete the session"), "{error}");
        assert_eq!(fs.read(&log()).await.unwrap(), content);
        assert!(!fs.exists(&layout::path(QUARANTINE)).await.unwrap());
    }
    // Nothing is not damaged.
    fs.write(&log(), Bytes::new(), None).await.unwrap();
    assert!(repair(&store, "s").await.unwrap().is_healthy());
    fs.remove(&log(), false, false).await.unwrap();
    assert_eq!(repair(&store, "s").await.unwrap().bytes, 0);
    assert_eq!(repair(&store, "nobody").await.unwrap_err().kind(), ErrorKind::SessionNotFound);
}

#[tokio::test]
async fn all_sessions_are_checked_and_repaired_though_one_cannot_be() {
    for (name, store, _files) in stores().await {
        let (before, _) = damaged();
        for (id, content) in
            [("good", format!("{}\n", event(0, "session.start", "")).into()), ("bad", before)]
        {
            store.open(id).await.unwrap().write(&log(), content, None).await.unwrap();
        }
        store.open("lost").await.unwrap().write(&log(), "\0".into(), None).await.unwrap();
        store.open("without").await.unwrap().mkdir(&layout::path("/state"), true, None).await.unwrap();
        let states = |all: Vec<(String, Result<LogHealth>)>| {
            let mut states: Vec<_> = all
                .into_iter()
                .map(|(id, health)| {
                    (id, health.map(|health| health.is_healthy()).map_err(|error| error.kind()))
                })
                .collect();
            states.sort_by(|a, b| a.0.cmp(&b.0));
            states
        };
        let expect = |bad, lost| {
            [("bad", Ok(bad)), ("good", Ok(true)), ("lost", lost), ("without", Ok(true))]
                .map(|(id, state)| (id.to_owned(), state))
        };
        assert_eq!(states(check_all(&*store).await.unwrap()), expect(false, Ok(false)), "{name}");
        let corrupt = Err(ErrorKind::FsCorrupt);
        assert_eq!(states(repair_all(&*store).await.unwrap()), expect(false, corrupt), "{name}");
        assert_eq!(states(repair_all(&*store).await.unwrap()), expect(true, corrupt), "{name}");
        assert_eq!(states(check_all(&*store).await.unwrap()), expect(true, Ok(false)), "{name}");
    }
}

/// A filesystem that dies with the change of a number, and counts reads.
struct Dying {
    inner: Arc<dyn SessionFs>,
    changes_left: AtomicUsize,
    /// Is appended to the log once it was read.
    rival: std::sync::Mutex<Option<Bytes>>,
}

impl Dying {
    fn new(inner: &Arc<dyn SessionFs>, changes_left: usize) -> Self {
        Dying { inner: Arc::clone(inner), changes_left: changes_left.into(), rival: Default::default() }
    }

    fn change(&self) -> FsResult<()> {
        let left =
            self.changes_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        left.map(drop).map_err(|_| FsError::io("killed"))
    }
}

#[async_trait]
impl SessionFs for Dying {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        let content = self.inner.read(path).await;
        let rival = self.rival.lock().unwrap().take();
        if let Some(line) = rival {
            self.inner.append(path, line, None).await?;
        }
        content
    }
    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.change()?;
        self.inner.write(path, content, mode).await
    }
    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.change()?;
        self.inner.append(path, content, mode).await
    }
    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        self.inner.stat(path).await
    }
    async fn mkdir(&self, _: &FsPath, _: bool, _: Option<u32>) -> FsResult<()> {
        unreachable!()
    }
    async fn read_dir(&self, _: &FsPath) -> FsResult<Vec<DirEntry>> {
        unreachable!()
    }
    async fn remove(&self, _: &FsPath, _: bool, _: bool) -> FsResult<()> {
        unreachable!()
    }
    async fn rename(&self, _: &FsPath, _: &FsPath) -> FsResult<()> {
        unreachable!()
    }
}

#[tokio::test]
async fn a_repair_that_dies_in_the_middle_is_done_again_without_loss_or_doubles() {
    for changes in 0..2 {
        let fs = MemoryStore::new().open("s");
        let (before, after) = damaged();
        fs.write(&log(), before.clone(), None).await.unwrap();
        let error = recover(&Dying::new(&fs, changes), &log(), "s").await.unwrap_err();
        assert_eq!(error.message(), "/state/events.jsonl is damaged and cannot be repaired: killed");
        assert_eq!(fs.read(&log()).await.unwrap(), before, "the log is the last that is changed");

        let recovery = recover(&*fs, &log(), "s").await.unwrap().unwrap();
        assert_eq!(recovery.quarantine, Some(layout::path(QUARANTINE)));
        assert_eq!(fs.read(&log()).await.unwrap(), after);
        assert_eq!(pieces(&fs.read(&layout::path(QUARANTINE)).await.unwrap()).len(), 6);
    }
}

#[tokio::test]
async fn what_somebody_else_appends_meanwhile_is_not_lost() {
    let fs = MemoryStore::new().open("s");
    let (one, two) = (event(0, "session.start", ""), event(1, "user.message", "late"));
    fs.write(&log(), format!("{one}\njunk\n").into(), None).await.unwrap();
    let rivalled = Dying::new(&fs, 9);
    *rivalled.rival.lock().unwrap() = Some(format!("{two}\n").into());
    recover(&rivalled, &log(), "s").await.unwrap();
    assert_eq!(fs.read(&log()).await.unwrap(), format!("{one}\n{two}\n"));
    assert_eq!(pieces(&fs.read(&layout::path(QUARANTINE)).await.unwrap()).len(), 1);
}

#[tokio::test]
async fn a_healthy_log_costs_one_read_and_no_change() {
    let fs = MemoryStore::new().open("s");
    fs.write(&log(), format!("{}\n", event(0, "session.start", "")).into(), None).await.unwrap();
    let recovery = recover(&Dying::new(&fs, 0), &log(), "s").await.unwrap().unwrap();
    assert_eq!((recovery.events, recovery.damage.len()), (1, 0));
    assert_eq!(recover(&Dying::new(&fs, 0), &layout::path("/state/none"), "s").await.unwrap(), None);
}

#[tokio::test]
async fn the_event_says_what_was_wrong_and_where_it_is_now() {
    let fs = MemoryStore::new().open("s");
    fs.write(&log(), damaged().0, None).await.unwrap();
    let recovery = recover(&*fs, &log(), "s").await.unwrap().unwrap();
    let event = notice(&log(), &recovery).unwrap();
    assert_eq!((event.event_type(), event.is_ephemeral()), ("codriver.session_repaired", false));
    assert!(!event.id().is_empty() && event.timestamp().ends_with('Z'));
    let EventData::SessionRepaired(told) = event.data() else { panic!("{event:?}") };
    assert_eq!((told.log.as_str(), told.quarantine.as_deref()), (layout::EVENTS, Some(QUARANTINE)));
    assert_eq!((told.events, told.damage.len()), (4, 7));
    assert_eq!(told.quarantined_bytes, recovery.damage.iter().map(|damage| damage.bytes).sum::<u64>());
    assert!(told.message.contains("1 × torn"), "{}", told.message);

    let healthy = recover(&*fs, &log(), "s").await.unwrap().unwrap();
    assert!(notice(&log(), &healthy).is_none());
}

/// A store whose sessions cannot be opened is told as such, and not as one without damage.
struct Unreadable;

#[async_trait]
impl Store for Unreadable {
    async fn open(&self, _: &str) -> Result<Arc<dyn SessionFs>> {
        Err(FsError::new(FsErrorKind::Io, "the disk is on fire").into())
    }
    async fn list(&self) -> Result<Vec<StoredSession>> {
        Ok(vec![StoredSession::new("s", std::time::UNIX_EPOCH, std::time::UNIX_EPOCH)])
    }
    async fn exists(&self, _: &str) -> Result<bool> {
        Ok(true)
    }
    async fn delete(&self, _: &str) -> Result<()> {
        unreachable!()
    }
}

#[tokio::test]
async fn a_session_that_cannot_be_read_is_an_error_of_its_own() {
    let all = check_all(&Unreadable).await.unwrap();
    assert_eq!(all[0].1.as_ref().unwrap_err().kind(), ErrorKind::FsIo);
}
