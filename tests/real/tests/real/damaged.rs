//! Sessions whose event log in the store is damaged, or cannot be written for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use codriver::fs::{Conventions, DirEntry, FsError, FsPath, FsResult, FsStat, SessionFs};
use codriver::options::SessionFsOptions;
use codriver::store::{self, DamageKind, MemoryStore};
use codriver::{EventData, SESSION_REPAIRED};
use real_tests::{Record, Scene};

on_every_runtime! {
    a_session_with_a_damaged_log_goes_on_with_what_is_whole_and_says_so,
    a_session_of_which_nothing_is_whole_is_refused_and_left_alone,
    a_full_disk_is_told_and_nothing_is_lost_once_there_is_room,
}

on_the_newest_runtime! {
    a_log_that_the_oldest_runtime_wrote_is_not_taken_for_damaged,
}

const LOG: &str = "/state/events.jsonl";

fn at(path: &str) -> FsPath {
    FsPath::parse(path, Conventions::Posix).unwrap()
}

/// The scene's options, with sessions in `store`.
fn options(scene: &Scene, store: &MemoryStore) -> codriver::ClientOptions {
    let store = Arc::new(store.clone());
    scene.options().session_fs(SessionFsOptions::store(scene.work().to_string_lossy(), "/state", store))
}

/// What is done to a log of two turns, what is found then, and how many prompts of it are whole.
fn damages(log: &[u8]) -> Vec<(&'static str, Vec<u8>, Vec<DamageKind>, usize)> {
    use DamageKind::*;
    let lines: Vec<&[u8]> = log.split_inclusive(|&byte| byte == b'\n').collect();
    let line = |kind: &str| {
        let start = format!("{{\"type\":\"{kind}\"");
        lines.iter().position(|line| line.starts_with(start.as_bytes())).unwrap()
    };
    let (prompt, answer) = (line("user.message"), line("assistant.message"));
    let with = |at: usize, new: &[u8]| [&lines[..at], &[new], &lines[at + 1..]].concat().concat();
    let torn = &lines[answer][..lines[answer].len() / 2];
    let end = log.len();
    vec![
        ("as it was", log.to_vec(), vec![], 2),
        ("torn at the end", log[..end - 30].to_vec(), vec![Torn], 2),
        ("torn behind the end", [log, b"{\"ty"].concat(), vec![Torn], 2),
        ("without its last line break", log[..end - 1].to_vec(), vec![Unterminated], 2),
        ("zeros behind the end", [log, &[0; 512]].concat(), vec![NulBytes], 2),
        ("zeros before a line", with(prompt, &[&[0; 64], lines[prompt]].concat()), vec![NulBytes], 2),
        ("zeros in an answer", with(answer, &[torn, &[0; 9], b"\n"].concat()), vec![NulBytes], 2),
        ("a prompt twice", with(prompt, &lines[prompt].repeat(2)), vec![Duplicate], 2),
        ("two events on a line", with(prompt, lines[prompt].trim_ascii_end()), vec![Fused], 2),
        ("half an event before another", with(answer, torn), vec![NotJson], 2),
        (
            "bytes that are no text",
            with(prompt, &[&lines[prompt][..60], b"\xff\xfe\n"].concat()),
            vec![InvalidUtf8],
            1,
        ),
        ("a line of something else", with(prompt, &[lines[prompt], b"# note\n"].concat()), vec![NotJson], 2),
        (
            "JSON that is no event",
            with(prompt, &[lines[prompt], b"[1]\n{\"type\":\"user.message\"}\n"].concat()),
            vec![NotAnEvent, NotAnEvent],
            2,
        ),
        ("without its first line", log[lines[0].len()..].to_vec(), vec![NoStart], 2),
        ("torn in its first line", log[40..].to_vec(), vec![NoStart, NotJson], 2),
        // The runtimes take these as they are, and so do we.
        ("unknown events", with(prompt, &[lines[prompt], UNKNOWN].concat()), vec![], 2),
        (
            "other line breaks",
            log.split(|&byte| byte == b'\n').collect::<Vec<_>>().join(&b"\r\n"[..]),
            vec![],
            2,
        ),
        ("a byte order mark", [b"\xef\xbb\xbf", log].concat(), vec![], 2),
        (
            "separators of lines in a text",
            String::from_utf8(log.to_vec()).unwrap().replace("MAGENTA", "MAG\u{2028}ENTA\u{2029}").into(),
            vec![],
            2,
        ),
    ]
}

const UNKNOWN: &[u8] =
    b"{\"type\":\"zzz.unknown\",\"data\":{\"x\":1},\"id\":\"11111111-1111-4111-8111-111111111111\",\
\"timestamp\":\"2026-11-21T11:59:09.538Z\",\"parentId\":null}\n";

async fn a_session_with_a_damaged_log_goes_on_with_what_is_whole_and_says_so(scene: &Scene) {
    let memory = MemoryStore::new();
    let client = scene.start(options(scene, &memory)).await;
    let session = client.create_session(scene.config()).await.unwrap();
    let id = session.id().to_owned();
    scene.say(&session, "the word is MAGENTA-93").await;
    scene.say(&session, "the second").await;
    session.disconnect().await.unwrap();
    let files = memory.open(&id);
    let whole = files.read(&at(LOG)).await.unwrap();
    for (what, log, found, prompts) in damages(&whole) {
        files.write(&at(LOG), log.clone().into(), None).await.unwrap();
        let heard = Record::new();
        let resumed = client.resume_session(&id, scene.config().on_event(heard.hears())).await;
        let session = resumed.unwrap_or_else(|error| panic!("{what}: {error}"));
        let recalled = scene.say(&session, "RECALL").await;
        assert!(recalled.starts_with(&format!("Earlier messages: {prompts}.")), "{what}: {recalled}");

        let told: Vec<_> =
            heard.all().into_iter().filter(|event| event.event_type() == SESSION_REPAIRED).collect();
        assert_eq!(told.len(), usize::from(!found.is_empty()), "{what}: {told:?}");
        if let Some(event) = told.first() {
            assert_eq!(event.seq(), 1, "{what}: it is the first event");
            let EventData::SessionRepaired(repaired) = event.data() else { panic!("{event:?}") };
            let kinds: Vec<_> = repaired.damage.iter().map(|damage| damage.kind.as_str()).collect();
            let mut expected: Vec<_> = found.iter().map(|kind| (*kind, kind.name())).collect();
            expected.sort();
            expected.dedup();
            assert_eq!(kinds, expected.iter().map(|(_, name)| *name).collect::<Vec<_>>(), "{what}");
            assert_eq!(
                repaired.quarantine.is_some(),
                found.iter().any(|kind| kind.is_taken_away()),
                "{what}"
            );
        }
        session.disconnect().await.unwrap();
        // What the runtime wrote since stands behind what was whole.
        assert_eq!(store::check(&memory, &id).await.unwrap().damage, [], "{what}");
    }
}

async fn a_log_that_the_oldest_runtime_wrote_is_not_taken_for_damaged(scene: &Scene) {
    let memory = MemoryStore::new();
    let home = scene.root().join("home-of-the-oldest");
    std::fs::create_dir(&home).unwrap();
    let oldest = options(scene, &memory).cli_path(real_tests::program("1.0.57")).base_directory(home);
    let client = scene.start(oldest).await;
    assert_eq!(client.get_status().await.unwrap().version, "1.0.57");
    let session = client.create_session(scene.config()).await.unwrap();
    let id = session.id().to_owned();
    scene.say(&session, "the word is MAGENTA-93").await;
    scene.say(&session, "the second").await;
    session.disconnect().await.unwrap();
    assert!(client.stop().await.is_empty());
    let files = memory.open(&id);
    let before = files.read(&at(LOG)).await.unwrap();
    assert_eq!(store::check(&memory, &id).await.unwrap().damage, []);

    let client = scene.start(options(scene, &memory)).await;
    assert_eq!(client.get_status().await.unwrap().version, "1.0.102");
    let heard = Record::new();
    let session = client.resume_session(&id, scene.config().on_event(heard.hears())).await.unwrap();
    let recalled = scene.say(&session, "RECALL").await;
    assert_eq!(recalled, "Earlier messages: 2. The first was: the word is MAGENTA-93");
    assert!(heard.all().iter().all(|event| event.event_type() != SESSION_REPAIRED));
    session.disconnect().await.unwrap();
    // What the newest wrote stands behind what the oldest had written.
    let after = files.read(&at(LOG)).await.unwrap();
    assert!(after.len() > before.len() && after.starts_with(&before), "the log was written anew");
    assert_eq!(store::check(&memory, &id).await.unwrap().damage, []);
}

async fn a_session_of_which_nothing_is_whole_is_refused_and_left_alone(scene: &Scene) {
    let memory = MemoryStore::new();
    let client = scene.start(options(scene, &memory)).await;
    let files = memory.open("lost");
    files.write(&at(LOG), "\0\0\0\0{\"type\":\"session.st".into(), None).await.unwrap();
    let error = client.resume_session("lost", scene.config()).await.unwrap_err();
    assert_eq!(error.name(), "FS_CORRUPT", "{error}");
    assert_eq!(files.read(&at(LOG)).await.unwrap(), "\0\0\0\0{\"type\":\"session.st");
    // The id is free again.
    let error = client.resume_session("lost", scene.config()).await.unwrap_err();
    assert_eq!(error.name(), "FS_CORRUPT", "{error}");
}

/// A filesystem on a disk that is full for a while.
struct Disk {
    files: Arc<dyn SessionFs>,
    is_full: Arc<AtomicBool>,
}

impl Disk {
    fn room(&self) -> FsResult<()> {
        match self.is_full.load(Ordering::SeqCst) {
            true => Err(FsError::io("the disk is full: /srv/sessions")),
            false => Ok(()),
        }
    }
}

#[async_trait]
impl SessionFs for Disk {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        self.files.read(path).await
    }
    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.room()?;
        self.files.write(path, content, mode).await
    }
    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.room()?;
        self.files.append(path, content, mode).await
    }
    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        self.files.stat(path).await
    }
    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()> {
        self.room()?;
        self.files.mkdir(path, recursive, mode).await
    }
    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        self.files.read_dir(path).await
    }
    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        self.files.remove(path, recursive, force).await
    }
    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        self.files.rename(from, to).await
    }
}

async fn a_full_disk_is_told_and_nothing_is_lost_once_there_is_room(scene: &Scene) {
    let (memory, is_full) = (MemoryStore::new(), Arc::new(AtomicBool::new(false)));
    let (store, full) = (memory.clone(), is_full.clone());
    let disk = move |id: &str| {
        Ok(Arc::new(Disk { files: store.open(id), is_full: full.clone() }) as Arc<dyn SessionFs>)
    };
    let options = SessionFsOptions::new(scene.work().to_string_lossy(), "/state", disk);
    let client = scene.start(scene.options().session_fs(options)).await;
    let heard = Record::new();
    let session = client.create_session(scene.config().on_event(heard.hears())).await.unwrap();
    scene.say(&session, "the first").await;

    is_full.store(true, Ordering::SeqCst);
    // Not waited for: this turn has no end that 1.0.85 and 1.0.102 would tell.
    session.send("the second").await.unwrap();
    let told = heard.first("session.error").await;
    let data = real_tests::data(&told);
    assert_eq!(data["errorType"], "persistence", "{data}");
    assert!(data["message"].as_str().unwrap().contains("the disk is full: /srv/sessions"), "{data}");

    is_full.store(false, Ordering::SeqCst);
    scene.say(&session, "the third").await;
    session.disconnect().await.unwrap();
    let log = memory.open(session.id()).read(&at(LOG)).await.unwrap();
    let log = String::from_utf8_lossy(&log);
    for prompt in ["the first", "the second", "the third"] {
        assert!(log.contains(&format!("\"content\":\"{prompt}\"")), "{prompt}");
    }
    assert_eq!(store::check(&memory, session.id()).await.unwrap().damage, []);
}
