//! The agent's files stay where they are while its session is in a store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use codriver::fs::{Conventions, FsPath};
use codriver::options::{FsSource, SessionFsOptions};
use codriver::store::{self, Store};
use codriver::{ClientOptions, PermissionDecision, Session};
use real_tests::{Record, Scene, tool};
use serde_json::json;

on_every_runtime! {
    the_agent_works_on_the_disk_while_its_session_is_in_the_store,
    the_second_root_is_found_in_any_home,
}

// 1.0.57 has files of the workspace by itself, and asks no provider.
on_newer_runtimes! {
    without_a_workspace_the_agent_has_no_files,
    what_the_agent_asks_for_elsewhere_follows_the_policy,
}

fn url(scene: &Scene) -> String {
    format!("sqlite:{}/sessions.db", scene.root().display())
}

fn options(scene: &Scene) -> SessionFsOptions {
    SessionFsOptions::url(scene.work().to_string_lossy(), state(scene).to_string_lossy(), url(scene))
}

/// Where the runtime sees the state; it makes an empty directory there by itself.
fn state(scene: &Scene) -> PathBuf {
    scene.root().join("seen").join("state")
}

/// A session whose agent may do everything.
async fn session(scene: &Scene, options: ClientOptions) -> Session {
    let asked = Record::new();
    let config = scene.config().on_permission_request(asked.answers(|_| PermissionDecision::approve_once()));
    scene.start(options).await.create_session(config).await.unwrap()
}

async fn view(scene: &Scene, session: &Session, path: &Path) -> String {
    scene.say(session, &tool("view", json!({"path": path}))).await
}

async fn create(scene: &Scene, session: &Session, path: &Path) -> String {
    scene.say(session, &tool("create", json!({"path": path, "file_text": "made\n"}))).await
}

/// Files that hold state on the disk: where the runtime sees it, and in its second root wherever that is.
fn left_behind(scene: &Scene) -> Vec<String> {
    let is_state = |path: &Path| {
        path.starts_with(state(scene)) || path.components().any(|part| part.as_os_str() == "session-state")
    };
    let mut found = Vec::new();
    let mut directories = vec![scene.root().to_owned()];
    while let Some(directory) = directories.pop() {
        for path in std::fs::read_dir(directory).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => directories.push(path),
                false if is_state(&path) => found.push(path.display().to_string()),
                false => {}
            }
        }
    }
    found
}

async fn stored(scene: &Scene, session: &Session, path: &str) -> Option<String> {
    let store: Arc<dyn Store> = store::open(&url(scene)).await.unwrap();
    let path = FsPath::parse(path, Conventions::Posix).unwrap();
    let content = store.open(session.id()).await.unwrap().read(&path).await.ok()?;
    Some(String::from_utf8(content.to_vec()).unwrap())
}

async fn the_agent_works_on_the_disk_while_its_session_is_in_the_store(scene: &Scene) {
    let [hello, made] = ["hello.txt", "made.txt"].map(|name| scene.work().join(name));
    for cache in [false, true] {
        std::fs::write(&hello, "hello from the workspace\n").unwrap();
        let session = session(scene, scene.options().session_fs(options(scene).cache(cache))).await;
        let seen = view(scene, &session, &hello).await;
        assert!(seen.contains("hello from the workspace"), "{seen}");
        let edit = json!({"path": hello, "old_str": "hello", "new_str": "HELLO"});
        scene.say(&session, &tool("edit", edit)).await;
        assert_eq!(std::fs::read_to_string(&hello).unwrap(), "HELLO from the workspace\n");
        create(scene, &session, &made).await;
        assert_eq!(std::fs::read_to_string(&made).unwrap(), "made\n");
        std::fs::remove_file(&made).unwrap();
        session.disconnect().await.unwrap();

        let log = stored(scene, &session, "/state/events.jsonl").await.unwrap();
        assert!(log.contains("hello from the workspace"));
        assert!(stored(scene, &session, "/state/workspace.yaml").await.unwrap().contains(session.id()));
        assert_eq!(left_behind(scene), [""; 0]);
    }
}

async fn the_second_root_is_found_in_any_home(scene: &Scene) {
    let mut elsewhere = scene.options();
    elsewhere.base_directory = None;
    let elsewhere =
        elsewhere.env("HOME", scene.home().to_string_lossy().into_owned()).env_remove(["COPILOT_HOME"]);
    let session = session(scene, elsewhere.session_fs(options(scene))).await;
    scene.say(&session, "hello").await;
    session.disconnect().await.unwrap();
    assert_eq!(left_behind(scene), [""; 0]);
    let second = stored(scene, &session, "/runtime/workspace.yaml").await;
    // 1.0.57 has no second root for sessions with a provider.
    assert_eq!(second.is_some(), !scene.is_oldest());
}

async fn without_a_workspace_the_agent_has_no_files(scene: &Scene) {
    let [hello, made] = ["hello.txt", "made.txt"].map(|name| scene.work().join(name));
    std::fs::write(&hello, "hello from the workspace\n").unwrap();
    let options = options(scene).workspace(FsSource::None);
    let session = session(scene, scene.options().session_fs(options)).await;
    let seen = view(scene, &session, &hello).await;
    assert!(seen.contains("does not exist"), "{seen}");
    create(scene, &session, &made).await;
    assert!(!made.exists());
    assert_eq!(scene.say(&session, "still there?").await, "You said: still there?");
}

async fn what_the_agent_asks_for_elsewhere_follows_the_policy(scene: &Scene) {
    let outside = scene.root().join("outside.txt");
    std::fs::write(&outside, "beyond the workspace\n").unwrap();
    for (rest, seen) in [(None, true), (Some(FsSource::None), false)] {
        let mut options = options(scene);
        options.rest = rest;
        let session = session(scene, scene.options().session_fs(options)).await;
        let told = view(scene, &session, &outside).await;
        assert_eq!(told.contains("beyond the workspace"), seen, "{told}");
    }
}
