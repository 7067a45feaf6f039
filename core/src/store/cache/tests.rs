//! The cache is as honest as it says: also over a store that is slow, fails, or loses everything but what it was told.

use std::sync::atomic::Ordering;

use proptest::prelude::*;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::far::Far;
use super::*;
use crate::fs::FsServer;
use crate::store::MemoryFs;

crate::session_fs_conformance!(
    conformance,
    std::sync::Arc::new(crate::store::CachedFs::new(std::sync::Arc::new(crate::store::MemoryFs::new())))
);
crate::session_fs_conformance!(
    over_a_provider_without_batches,
    std::sync::Arc::new(crate::store::CachedFs::new(std::sync::Arc::new(
        crate::store::cache::far::Far::new(false)
    )))
);

fn at(text: &str) -> FsPath {
    layout::path(text)
}

fn cached(far: &Arc<Far>) -> CachedFs {
    CachedFs::new(Arc::clone(far) as _)
}

/// The paths of a filesystem with what is there: a size for a file that is large or the event log.
async fn snapshot(fs: &dyn SessionFs) -> Vec<(String, Option<Bytes>)> {
    let mut found: Vec<_> = (fs.load(&at("/"), u64::MAX).await.unwrap().into_iter())
        .map(|entry| (entry.path.as_str().to_owned(), entry.content))
        .collect();
    found.sort();
    found
}

/// [`far::calls_of_a_create`], by the paths of a store.
fn calls_of_a_create() -> Vec<(String, Box<RawValue>)> {
    let calls = far::calls_of_a_create().into_iter().map(|(method, params)| {
        let params = params.get().replace("/home/me/.copilot/session-state/my-session-1", "/runtime");
        (method, RawValue::from_string(params).unwrap())
    });
    calls.collect()
}

#[tokio::test(start_paused = true)]
async fn a_create_takes_five_ways_to_a_store_that_is_twenty_milliseconds_away() {
    let far = Far::away(Duration::from_millis(20));
    let server = FsServer::new(Arc::new(cached(&far)), Conventions::Posix, Duration::from_secs(30));
    let calls = calls_of_a_create();
    assert_eq!(calls.len(), 25);
    let start = Instant::now();
    for (method, params) in &calls {
        let answer = server.handle(method, params).await.unwrap();
        assert!(!answer.get().contains("UNKNOWN"), "{method}: {answer}");
    }
    assert_eq!((far.calls(), far.changes.load(Ordering::Relaxed)), (5, 4));
    assert_eq!(start.elapsed(), Duration::from_millis(100));

    // What a plain store would have now is there: nothing is held back behind the last rename.
    let plain = Arc::new(MemoryFs::new());
    let direct = FsServer::new(plain.clone(), Conventions::Posix, Duration::from_secs(30));
    for (method, params) in &calls {
        direct.handle(method, params).await.unwrap();
    }
    assert_eq!(snapshot(&far.files).await, snapshot(&*plain).await);
}

/// What a change of the recording is, and whether it may be held back.
fn step(method: &str, params: &RawValue) -> Option<(FsChange, bool)> {
    let params: serde_json::Value = serde_json::from_str(params.get()).unwrap();
    let path = |name: &str| at(params[name].as_str().unwrap());
    let content = || Bytes::from(params["content"].as_str().unwrap().to_owned());
    Some(match method {
        "sessionFs.mkdir" => (FsChange::Mkdir { path: path("path"), mode: None }, true),
        "sessionFs.writeFile" => {
            let temporary = is_temporary(&path("path"));
            (FsChange::Write { path: path("path"), content: content(), mode: None }, temporary)
        }
        "sessionFs.rename" => (FsChange::Rename { from: path("src"), to: path("dest") }, false),
        _ => return None,
    })
}

/// The contract, written down again: whatever may be held back is missing, everything else is there with all before it.
#[tokio::test(start_paused = true)]
async fn a_crash_at_any_point_looks_like_one_before_what_was_held_back() {
    let calls = calls_of_a_create();
    for crash in 0..=calls.len() {
        let far = Far::away(Duration::from_millis(1));
        let fs = cached(&far);
        let server = FsServer::new(Arc::new(fs), Conventions::Posix, Duration::from_secs(30));
        let (mut expected, mut since) = (Vec::new(), Vec::new());
        for (method, params) in &calls[..crash] {
            server.handle(method, params).await.unwrap();
            let Some((change, may_be_held)) = step(method, params) else { continue };
            since.push(change);
            if !may_be_held {
                expected.append(&mut since);
            }
        }
        // A crash: what was stored by now is all there will ever be.
        let left = snapshot(&far.files).await;
        let model = MemoryFs::new();
        model.apply(expected).await.unwrap();
        assert_eq!(left, snapshot(&model).await, "after {crash} calls");

        // Without a crash the rest follows by itself.
        tokio::time::sleep(HELD_FOR * 2).await;
        model.apply(since).await.unwrap();
        assert_eq!(snapshot(&far.files).await, snapshot(&model).await, "later, after {crash} calls");
    }
}

const TEMPORARY: &str = "/state/x.tmp.70411655-c546-4ad6-95d7-415452835183";

#[tokio::test(start_paused = true)]
async fn what_is_held_back_is_stored_by_flush_and_when_the_cache_is_dropped() {
    for flush in [true, false] {
        let far = Far::away(Duration::from_millis(1));
        let fs = cached(&far);
        fs.mkdir(&at("/state/files"), true, None).await.unwrap();
        fs.write(&at(TEMPORARY), "x".into(), None).await.unwrap();
        assert_eq!(fs.read(&at(TEMPORARY)).await.unwrap(), "x");
        assert_eq!(fs.stat(&at(TEMPORARY)).await.unwrap().size, 1);
        assert_eq!(snapshot(&far.files).await, []);
        match flush {
            true => fs.flush().await.unwrap(),
            false => {
                drop(fs);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        let stored = snapshot(&far.files).await;
        let paths: Vec<_> = stored.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["/state", "/state/files", TEMPORARY]);
        assert_eq!(far.calls(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_directory_that_is_there_is_no_call() {
    let far = Far::away(Duration::from_millis(1));
    far.files.mkdir(&at("/state/files"), true, None).await.unwrap();
    let fs = cached(&far);
    fs.mkdir(&at("/state/files"), true, None).await.unwrap();
    fs.mkdir(&at("/state"), false, None).await.unwrap();
    tokio::time::sleep(HELD_FOR * 2).await;
    assert_eq!(far.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_told_by_the_next_change_and_loses_nothing() {
    let far = Far::away(Duration::from_millis(1));
    let fs = cached(&far);
    fs.mkdir(&at("/state/files"), true, None).await.unwrap();
    far.fails.store(true, Ordering::Relaxed);
    tokio::time::sleep(HELD_FOR * 2).await;

    // Not held back any more: nobody would hear of it.
    let error = fs.mkdir(&at("/state/research"), true, None).await.unwrap_err();
    assert_eq!(error.message(), "the line is dead");
    assert!(fs.write(&at("/state/a"), "a".into(), None).await.is_err());
    far.fails.store(false, Ordering::Relaxed);
    assert!(!fs.exists(&at("/state/a")).await.unwrap());
    assert!(fs.exists(&at("/state/files")).await.unwrap());
    fs.write(&at("/state/b"), "b".into(), None).await.unwrap();
    let stored = snapshot(&far.files).await;
    let paths: Vec<_> = stored.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["/state", "/state/b", "/state/files"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_held_back_and_refused_does_not_stand_in_the_way_of_what_comes() {
    let far = Arc::new(Far { longest_name: 60, ..Far::new(true) });
    let fs = cached(&far);
    fs.mkdir(&at("/state"), true, None).await.unwrap();
    fs.mkdir(&at(&format!("/state/{}", "x".repeat(61))), true, None).await.unwrap();
    let held = at("/state/a.tmp.70411655-0000-4000-8000-000000000000");
    fs.write(&held, "held".into(), None).await.unwrap();
    for line in ["one\n", "two\n"] {
        fs.append(&at("/state/events.jsonl"), line.into(), None).await.unwrap();
    }
    assert_eq!(far.files.read(&at("/state/events.jsonl")).await.unwrap(), "one\ntwo\n");
    assert_eq!(far.files.read(&held).await.unwrap(), "held");
    // The cache knows what the store has, and nothing else.
    let names: Vec<_> =
        fs.read_dir(&at("/state")).await.unwrap().into_iter().map(|entry| entry.name).collect();
    assert_eq!(names, [held.file_name().unwrap(), "events.jsonl"]);
    // A change that is refused itself is not made twice, and changes nothing.
    let too_long = at(&format!("/state/{}", "y".repeat(61)));
    assert_eq!(fs.append(&too_long, "y".into(), None).await.unwrap_err().message(), "the name is too long");
    fs.append(&at("/state/events.jsonl"), "three\n".into(), None).await.unwrap();
    assert_eq!(far.files.read(&at("/state/events.jsonl")).await.unwrap(), "one\ntwo\nthree\n");
}

#[tokio::test(start_paused = true)]
async fn a_change_of_unknown_outcome_is_looked_up_again() {
    let far = Far::away(Duration::from_millis(1));
    let fs = cached(&far);
    fs.write(&at("/state/a"), "old".into(), None).await.unwrap();
    far.lies.store(true, Ordering::Relaxed);
    fs.write(&at(TEMPORARY), "new".into(), None).await.unwrap();
    fs.rename(&at(TEMPORARY), &at("/state/a")).await.unwrap_err();
    assert_eq!(fs.read(&at("/state/a")).await.unwrap(), "new");
    fs.append(&at(layout::EVENTS), "{}\n".into(), None).await.unwrap_err();
    assert_eq!(fs.stat(&at(layout::EVENTS)).await.unwrap().size, 3);
}

#[tokio::test(start_paused = true)]
async fn i21_a_change_nobody_waits_for_is_made_before_the_next() {
    let far = Far::away(Duration::from_millis(20));
    let fs = cached(&far);
    fs.exists(&at("/state")).await.unwrap();
    let log = at(layout::EVENTS);
    let first = fs.append(&log, "1".into(), None);
    assert!(tokio::time::timeout(Duration::from_millis(5), first).await.is_err());
    fs.append(&at(layout::EVENTS), "2".into(), None).await.unwrap();
    assert_eq!(fs.read(&at(layout::EVENTS)).await.unwrap(), "12");
    assert_eq!(fs.stat(&at(layout::EVENTS)).await.unwrap().size, 2);
}

#[tokio::test(start_paused = true)]
async fn the_event_log_and_large_files_are_read_from_the_store() {
    let far = Far::away(Duration::from_millis(1));
    let fs = cached(&far);
    let large = Bytes::from(vec![b'x'; MAX_FILE_BYTES as usize + 1]);
    fs.write(&at("/state/large"), large.clone(), None).await.unwrap();
    fs.append(&at(layout::EVENTS), "{}\n".into(), None).await.unwrap();
    // Another process goes on with the log.
    far.files.append(&at(layout::EVENTS), "{}\n".into(), None).await.unwrap();
    let before = far.calls();
    assert_eq!(fs.read(&at("/state/large")).await.unwrap(), large);
    assert_eq!(fs.read(&at(layout::EVENTS)).await.unwrap(), "{}\n{}\n");
    assert_eq!(far.calls() - before, 2);
}

#[tokio::test]
async fn what_is_kept_is_bounded() {
    let far = Arc::new(Far::new(true));
    let file = Bytes::from(vec![b'x'; MAX_FILE_BYTES as usize]);
    for n in 0..40 {
        far.files.write(&at(&format!("/state/files/{n:02}")), file.clone(), None).await.unwrap();
    }
    let fs = cached(&far);
    let mut from_memory = 0;
    for n in 0..40 {
        let before = far.calls();
        assert_eq!(fs.read(&at(&format!("/state/files/{n:02}"))).await.unwrap(), file);
        from_memory += usize::from(n > 0 && far.calls() == before);
    }
    assert_eq!(from_memory, 15);

    for n in 0..5000 {
        far.files.write(&at(&format!("/state/files/many-{n}")), "".into(), None).await.unwrap();
    }
    let fs = cached(&far);
    assert_eq!(fs.read_dir(&at("/state/files")).await.unwrap().len(), 5040);
    let before = far.calls();
    fs.mkdir(&at("/state/new"), false, None).await.unwrap();
    assert!(fs.exists(&at("/state/new")).await.unwrap());
    assert!(far.calls() > before + 1 && far.files.exists(&at("/state/new")).await.unwrap());
}

/// One operation of the property test; names are numbers.
#[derive(Debug, Clone)]
enum Step {
    Write(usize, usize, u16),
    Append(usize, u8),
    Mkdir(usize, bool),
    Remove(usize, bool, bool),
    Rename(usize, usize),
    Batch(usize, usize),
    Fail(bool),
    Later,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let path = || 0..PATHS.len();
    let step = prop_oneof![
        4 => (path(), 0..3usize, any::<u16>()).prop_map(|(p, size, seed)| Step::Write(p, size, seed)),
        2 => (path(), any::<u8>()).prop_map(|(p, seed)| Step::Append(p, seed)),
        3 => (path(), any::<bool>()).prop_map(|(p, recursive)| Step::Mkdir(p, recursive)),
        2 => (path(), any::<bool>(), any::<bool>()).prop_map(|(p, r, f)| Step::Remove(p, r, f)),
        3 => (path(), path()).prop_map(|(from, to)| Step::Rename(from, to)),
        1 => (path(), path()).prop_map(|(a, b)| Step::Batch(a, b)),
        1 => any::<bool>().prop_map(Step::Fail),
        1 => Just(Step::Later),
    ];
    prop::collection::vec(step, 1..60)
}

const PATHS: [&str; 9] = [
    "/state",
    "/state/a",
    "/state/a/b",
    "/state/dir",
    "/state/dir/c",
    layout::EVENTS,
    TEMPORARY,
    "/state/dir/x.tmp.70411655-c546-4ad6-95d7-415452835184",
    "/runtime/y",
];

async fn play(fs: &dyn SessionFs, step: &Step) -> Result<(), FsErrorKind> {
    let path = |n: &usize| at(PATHS[*n]);
    match step {
        Step::Write(p, size, seed) => {
            let length = [3, 1000, MAX_FILE_BYTES as usize + 1][*size];
            fs.write(&path(p), vec![*seed as u8; length].into(), None).await
        }
        Step::Append(p, seed) => fs.append(&path(p), vec![*seed; 5].into(), None).await,
        Step::Mkdir(p, recursive) => fs.mkdir(&path(p), *recursive, None).await,
        Step::Remove(p, recursive, force) => fs.remove(&path(p), *recursive, *force).await,
        Step::Rename(from, to) => fs.rename(&path(from), &path(to)).await,
        Step::Batch(a, b) => {
            let mkdir = FsChange::Mkdir { path: path(a), mode: None };
            let write = FsChange::Write { path: path(b), content: "batch".into(), mode: None };
            fs.apply(vec![mkdir, write]).await
        }
        Step::Fail(_) | Step::Later => Ok(()),
    }
    .map_err(|error| error.kind())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Also where the store fails now and then, without having done anything.
    #[test]
    fn a_cached_filesystem_cannot_be_told_from_a_plain_one(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let far = Arc::new(Far::new(true));
            let (fs, plain) = (cached(&far), MemoryFs::new());
            let mut failing = false;
            for step in &steps {
                match step {
                    Step::Fail(yes) => {
                        failing = *yes;
                        far.fails.store(failing, Ordering::Relaxed);
                    }
                    Step::Later => tokio::time::sleep(HELD_FOR * 2).await,
                    _ => {
                        let result = play(&fs, step).await;
                        // A failed change was not made; one that was held back was.
                        if !failing || result.is_ok() {
                            assert_eq!(result, play(&plain, step).await, "{step:?}");
                        }
                    }
                }
                if failing {
                    continue;
                }
                for path in PATHS.map(at) {
                    let told = |stat: FsResult<FsStat>| stat.map(|s| (s.kind, s.size)).map_err(|e| e.kind());
                    assert_eq!(told(fs.stat(&path).await), told(plain.stat(&path).await), "{path} after {step:?}");
                    let kind = |error: FsError| error.kind();
                    assert_eq!(fs.read(&path).await.map_err(kind), plain.read(&path).await.map_err(kind));
                    let sorted = |found: FsResult<Vec<DirEntry>>| found.map(|mut entries| { entries.sort(); entries });
                    assert_eq!(
                        sorted(fs.read_dir(&path).await).map_err(kind),
                        sorted(plain.read_dir(&path).await).map_err(kind)
                    );
                }
            }
            far.fails.store(false, Ordering::Relaxed);
            fs.flush().await.unwrap();
            assert_eq!(snapshot(&far.files).await, snapshot(&plain).await);
        });
    }
}
