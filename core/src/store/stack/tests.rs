//! What a session's paths lead to.

use std::time::Duration;

use super::*;
use crate::fs::{FsError, FsErrorKind, FsServer};
use crate::store::cache::far::{Far, calls_of_a_create};
use crate::store::{MemoryFs, MemoryStore};

crate::session_fs_conformance!(
    whole_stack_behind_the_wire,
    std::sync::Arc::new(crate::fs::conformance::WireFs::around(
        crate::store::stack::tests::whole_stack().await
    ))
);

/// Every layer, and memory beside it for the paths that a session has not.
async fn whole_stack() -> Arc<dyn SessionFs> {
    let rest = FsSource::Provider(Arc::new(|_| Ok(Arc::new(MemoryFs::new()))));
    let options = SessionFsOptions::store("/project", "/state", Arc::new(MemoryStore::new()));
    of(options.cache(true).rest(rest), true, SessionConfig::new()).await
}

async fn of(options: SessionFsOptions, is_ours: bool, config: SessionConfig) -> Arc<dyn SessionFs> {
    SessionFiles::open(&options, is_ours).await.unwrap().session("s-1", &config).unwrap()
}

fn at(text: &str) -> FsPath {
    layout::path(text)
}

fn kind<T>(result: FsResult<T>) -> Option<FsErrorKind> {
    result.err().map(|error: FsError| error.kind())
}

#[tokio::test]
async fn the_state_and_the_second_root_are_in_the_store_by_its_layout() {
    let store = MemoryStore::new();
    let options = SessionFsOptions::store("/project", "/somewhere/state", Arc::new(store.clone()));
    let fs = of(options, true, SessionConfig::new()).await;
    assert!(!Store::exists(&store, "s-1").await.unwrap(), "nothing is asked before the runtime asks");
    let events = at("/somewhere/state/events.jsonl");
    fs.append(&events, "{}\n".into(), None).await.unwrap();
    for (home, name) in [("/home/me/.copilot", "a"), ("/data/copilot-home", "b"), ("/srv/y/z", "c")] {
        let path = at(home).join(&format!("session-state/s-1/checkpoints/{name}")).unwrap();
        fs.write(&path, name.into(), None).await.unwrap();
        assert_eq!(fs.read(&path).await.unwrap(), name);
    }
    let stored = store.open("s-1");
    assert_eq!(stored.read(&at(layout::EVENTS)).await.unwrap(), "{}\n");
    let mut names = stored.read_dir(&at("/runtime/checkpoints")).await.unwrap();
    names.sort();
    assert_eq!(names.iter().map(|entry| &*entry.name).collect::<Vec<_>>(), ["a", "b", "c"]);
    // A rename between the two roots is one step of the store.
    fs.rename(&at("/srv/session-state/s-1/checkpoints/a"), &at("/somewhere/state/a")).await.unwrap();
    assert_eq!(stored.read(&at("/state/a")).await.unwrap(), "a");
    // What this library keeps is not the runtime's.
    stored.write(&at("/codriver/session.db"), "x".into(), None).await.unwrap();
    assert!(!fs.exists(&at("/codriver/session.db")).await.unwrap());
}

#[tokio::test]
async fn windows_paths_have_the_same_places_in_the_store() {
    let store = MemoryStore::new();
    let mut options = SessionFsOptions::store(r"C:\project", r"C:\Session\State", Arc::new(store.clone()));
    options.conventions = Conventions::Windows;
    let fs = of(options.workspace(FsSource::None).cache(true), true, SessionConfig::new()).await;
    let windows = |text| FsPath::parse(text, Conventions::Windows).unwrap();
    fs.write(&windows(r"c:\session\state\checkpoints\index.md"), "i".into(), None).await.unwrap();
    let second = windows(r"D:\Users\me\.copilot\session-state\s-1\files\a b");
    fs.write(&second, "f".into(), None).await.unwrap();
    assert_eq!(fs.read(&second).await.unwrap(), "f");
    let listed = fs.load(&windows(r"C:\Session\State"), 100).await.unwrap();
    assert!(listed.iter().any(|entry| entry.path.as_str() == r"C:\Session\State\checkpoints\index.md"));
    let stored = store.open("s-1");
    assert_eq!(stored.read(&at("/state/checkpoints/index.md")).await.unwrap(), "i");
    assert_eq!(stored.read(&at("/runtime/files/a b")).await.unwrap(), "f");
    assert_eq!(kind(fs.read(&windows(r"C:\project\x")).await), Some(FsErrorKind::NotFound));
}

#[cfg(unix)]
#[tokio::test]
async fn the_workspace_is_on_the_disk_and_the_rest_only_where_the_runtime_is_ours() {
    let disk = tempfile::tempdir().unwrap();
    let root = at(disk.path().to_str().unwrap());
    let path = |text: &str| root.join(text).unwrap();
    for name in ["work", "more", "other"] {
        std::fs::create_dir(disk.path().join(name)).unwrap();
        std::fs::write(disk.path().join(name).join("file"), name).unwrap();
    }
    let options = || SessionFsOptions::store(path("work").as_str(), "/state", Arc::new(MemoryStore::new()));
    let none = SessionConfig::new();
    let other = || SessionConfig::new().working_directory(path("other").as_str());
    let more = SessionConfig::new().additional_directories([path("more").as_str()]);
    let nothing = || FsSource::None;
    // Which of `work`, `more` and `other` can be read and changed.
    for (case, options, is_ours, config, seen) in [
        ("the runtime is ours", options(), true, none.clone(), [true, true, true]),
        ("it is not", options(), false, none.clone(), [true, false, false]),
        ("the session has its own directory", options(), false, other(), [false, false, true]),
        ("it has another one", options(), false, more, [true, true, false]),
        ("nothing else", options().rest(nothing()), true, none.clone(), [true, false, false]),
        ("the disk all the same", options().rest(FsSource::Disk), false, none.clone(), [true, true, true]),
        ("no workspace", options().workspace(nothing()), true, none.clone(), [false, false, false]),
        (
            "no workspace but the rest",
            options().workspace(nothing()).rest(FsSource::Disk),
            true,
            none.clone(),
            [false, true, true],
        ),
    ] {
        let fs = of(options, is_ours, config).await;
        for (name, seen) in ["work", "more", "other"].into_iter().zip(seen) {
            let (file, made) = (path(&format!("{name}/file")), path(&format!("{name}/new")));
            let read = fs.read(&file).await;
            let written = fs.write(&made, "x".into(), None).await;
            assert_eq!(disk.path().join(name).join("new").exists(), seen, "{case}: {name}");
            if seen {
                assert_eq!(read.unwrap(), name, "{case}");
                fs.remove(&made, false, false).await.unwrap();
            } else {
                assert_eq!(kind(read), Some(FsErrorKind::NotFound), "{case}: {name}");
                assert_eq!(kind(written), Some(FsErrorKind::Unsupported), "{case}: {name}");
            }
        }
    }
}

#[tokio::test]
async fn a_provider_can_have_the_state_and_another_the_workspace() {
    let (state, workspace) = (Arc::new(MemoryFs::new()), Arc::new(MemoryFs::new()));
    let options = {
        let (state, workspace) = (Arc::clone(&state), Arc::clone(&workspace));
        SessionFsOptions::new("/project", "/session", move |_| Ok(Arc::clone(&state) as _))
            .workspace(FsSource::Provider(Arc::new(move |_| Ok(Arc::clone(&workspace) as _))))
    };
    let fs = of(options, true, SessionConfig::new()).await;
    fs.write(&at("/session/plan.md"), "plan".into(), None).await.unwrap();
    fs.write(&at("/project/src/lib.rs"), "code".into(), None).await.unwrap();
    assert_eq!(state.read(&at("/state/plan.md")).await.unwrap(), "plan");
    assert_eq!(workspace.read(&at("/project/src/lib.rs")).await.unwrap(), "code");
    assert_eq!(kind(fs.read(&at("/etc/hostname")).await), Some(FsErrorKind::NotFound));

    // Alone, it has every path as it is.
    let bare = Arc::clone(&state);
    let fs = of(
        SessionFsOptions::new("/p", "/session", move |_| Ok(Arc::clone(&bare) as _)),
        true,
        SessionConfig::new(),
    );
    fs.await.write(&at("/etc/anything"), "x".into(), None).await.unwrap();
    assert!(state.exists(&at("/etc/anything")).await.unwrap());
}

/// One session for all, in a store that is far away or not.
struct OneSession(Arc<Far>, bool);

#[async_trait::async_trait]
impl Store for OneSession {
    async fn open(&self, _session_id: &str) -> Result<Arc<dyn SessionFs>> {
        Ok(Arc::clone(&self.0) as _)
    }
    fn is_far(&self) -> bool {
        self.1
    }
    async fn list(&self) -> Result<Vec<crate::store::StoredSession>> {
        Ok(Vec::new())
    }
    async fn exists(&self, _session_id: &str) -> Result<bool> {
        Ok(true)
    }
    async fn delete(&self, _session_id: &str) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_session_is_cached_where_its_store_is_far_or_the_user_says_so() {
    for (is_far, cache, calls) in
        [(true, None, 1), (false, None, 3), (true, Some(false), 3), (false, Some(true), 1)]
    {
        let far = Arc::new(Far::new(true));
        let store = Arc::new(OneSession(Arc::clone(&far), is_far));
        let mut options = SessionFsOptions::store("/project", "/state", store);
        options.cache = cache;
        let fs = of(options, true, SessionConfig::new()).await;
        for _ in 0..3 {
            assert!(!fs.exists(&at("/state/plan.md")).await.unwrap());
        }
        assert_eq!(far.calls(), calls, "far: {is_far}, cache: {cache:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_takes_five_ways_through_every_layer_to_a_store_that_is_far() {
    let far = Far::away(Duration::from_millis(20));
    let options = SessionFsOptions::store("/project", "/state", Arc::new(OneSession(Arc::clone(&far), true)));
    let files = SessionFiles::open(&options, true).await.unwrap();
    let fs = files.session("my-session-1", &SessionConfig::new()).unwrap();
    let server = FsServer::new(fs, Conventions::Posix, Duration::from_secs(30));
    let calls = calls_of_a_create();
    assert_eq!(calls.len(), 25);
    for (method, params) in &calls {
        let answer = server.handle(method, params).await.unwrap();
        assert!(!answer.get().contains("UNKNOWN"), "{method}: {answer}");
    }
    assert_eq!(far.calls(), 5);
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_is_told_with_its_field() {
    let options = SessionFsOptions::url("/project", "/state", "dir:/dev/null/store");
    let Err(error) = SessionFiles::open(&options, true).await else { panic!("it was opened") };
    assert_eq!(error.kind(), crate::ErrorKind::FsIo);
    assert!(error.message().starts_with("sessionFs.store: the store dir:/dev/null/store cannot"), "{error}");
}
