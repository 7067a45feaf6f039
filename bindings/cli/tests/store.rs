//! `codriver sessions --store`: the sessions of a store, without a runtime on the machine.

mod support;

use codriver::fs::{Conventions, FsPath};
use codriver::store::SessionStore;
use serde_json::{Value, json};
use support::{Machine, Outcome, fields, run};

const LOG: &str = "{\"type\":\"session.start\",\"id\":\"33333333-3333-4333-8333-333333333301\",\"parentId\":null,\"timestamp\":\"2026-11-21T01:44:37.000Z\",\"data\":{\"sessionId\":\"s-1\"}}\n\
    {\"type\":\"user.message\",\"id\":\"33333333-3333-4333-8333-333333333302\",\"parentId\":null,\"timestamp\":\"2026-11-21T01:44:38.000Z\",\"data\":{\"content\":\"hello\"}}\n\
    {\"type\":\"torn";

/// A machine with a store of two sessions.
struct Stored {
    machine: Machine,
    url: String,
}

impl Stored {
    fn new(scheme: &str) -> Self {
        let machine = Machine::new();
        let url = format!("{scheme}:{}", machine.home.path().join("store").display());
        let fill = async {
            let sessions = SessionStore::open(&url).await.unwrap();
            let write = async |id: &str, path: &str, content: &str| {
                let path = FsPath::parse(path, Conventions::Posix).unwrap();
                let files = sessions.store().open(id).await.unwrap();
                files.write(&path, content.to_owned().into(), None).await.unwrap();
            };
            write("s-1", "/state/events.jsonl", LOG).await;
            let workspace = "id: s-1\ncwd: /project\nrepository: octo/hello\nbranch: main\nname: Greets\n";
            write("s-1", "/state/workspace.yaml", workspace).await;
            write("s-2", "/state/workspace.yaml", "id: s-2\ncwd: /elsewhere\n").await;
        };
        tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(fill);
        Stored { machine, url }
    }

    /// `codriver sessions …` with the store, as text or JSON.
    fn sessions(&self, arguments: &[&str]) -> Outcome {
        let arguments = [&["sessions", "--store", &self.url], arguments].concat();
        run(self.machine.codriver(arguments).current_dir(self.machine.home.path()))
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let outcome = self.sessions(&[arguments, &["--json"]].concat());
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
        outcome.json()
    }

    fn ids(&self, filters: &[&str]) -> Vec<String> {
        let listed = self.json(&[&["list"], filters].concat());
        let id = |session: &Value| session["sessionId"].as_str().unwrap().to_owned();
        listed["sessions"].as_array().unwrap().iter().map(id).collect()
    }
}

#[test]
fn the_sessions_of_a_store_are_listed_shown_and_deleted_without_a_runtime() {
    for scheme in ["dir", "sqlite"] {
        let stored = Stored::new(scheme);
        assert_eq!(stored.ids(&[]), ["s-2", "s-1"]);
        assert_eq!(stored.ids(&["--cwd", "/project", "--repository", "octo/hello"]), ["s-1"]);
        assert!(stored.ids(&["--branch", "other"]).is_empty());
        let text = stored.sessions(&["list"]).stdout;
        assert!(text.contains("s-1  Greets\n") && text.contains("/project\n"), "{text}");
        assert!(text.contains("s-2  (no title)\n"), "{text}");

        let shown = stored.json(&["show", "s-1"]);
        assert_eq!(
            shown["session"]["context"],
            json!({"cwd": "/project", "repository": "octo/hello", "branch": "main"})
        );
        assert_eq!(
            shown["events"],
            json!({"total": 2, "byType": {"session.start": 1, "user.message": 1}, "prompts": ["hello"],
                "first": "2026-11-21T01:44:37.000Z", "last": "2026-11-21T01:44:38.000Z", "unreadable": 1})
        );
        let text = stored.sessions(&["show", "s-1"]).stdout;
        assert!(text.contains("2 stored events\n") && text.contains("1 damaged lines"), "{text}");

        let events = stored.sessions(&["events", "s-1", "--json"]);
        assert_eq!(events.stdout.lines().collect::<Vec<_>>(), LOG.lines().take(2).collect::<Vec<_>>());
        let text = stored.sessions(&["events", "s-1"]).stdout;
        assert!(
            text.contains("2  2026-11-21T01:44:38.000Z  user.message\n") && text.contains("› hello\n"),
            "{text}"
        );

        assert_eq!(stored.json(&["delete", "s-2"]), json!({"deleted": ["s-2"]}));
        assert_eq!(stored.ids(&[]), ["s-1"]);
    }
}

#[test]
fn a_session_is_forked_exported_and_imported() {
    let (from, to) = (Stored::new("sqlite"), Stored::new("dir"));
    assert_eq!(from.json(&["fork", "s-1", "s-3"]), json!({"forked": {"from": "s-1", "to": "s-3"}}));
    assert_eq!(from.ids(&["--cwd", "/project"]), ["s-3", "s-1"]);

    let file = from.machine.home.path().join("s-3.tar");
    let file = file.to_str().unwrap();
    let exported = from.json(&["export", "s-3", file]);
    assert_eq!(fields(&exported["exported"]), ["bytes", "file", "files", "sessionId"]);
    assert_eq!((&exported["exported"]["files"], &exported["exported"]["file"]), (&json!(2), &json!(file)));
    assert_eq!(to.json(&["import", file]), json!({"imported": {"sessionId": "s-3"}}));
    assert_eq!(to.json(&["import", file, "--id", "s-4"]), json!({"imported": {"sessionId": "s-4"}}));
    assert_eq!(to.ids(&["--repository", "octo/hello"]), ["s-4", "s-3", "s-1"]);

    for (outcome, part) in [
        (to.sessions(&["import", file]), "has a session \"s-3\" already"),
        (to.sessions(&["import", "no-such.tar"]), "there is no file no-such.tar"),
        (to.sessions(&["import", file, "--id", "a/b"]), "the new id: must be one path component"),
        (from.sessions(&["fork", "s-1", "s-3"]), "has a session \"s-3\" already"),
        (from.sessions(&["export", "s-1", file]), "s-3.tar exists already"),
    ] {
        let sentence = outcome.failed_with("INVALID_ARGUMENT", 1);
        assert!(sentence.contains(part), "{sentence}");
    }
    let mut archive = std::fs::read(file).unwrap();
    archive[2000] ^= 1;
    std::fs::write(file, archive).unwrap();
    let outcome = to.sessions(&["import", file, "--id", "s-5"]);
    assert!(outcome.failed_with("FS_CORRUPT", 85).contains("it was changed after it was made"));
    assert_eq!(to.ids(&[]).len(), 4);
}

#[test]
fn what_is_wrong_with_a_store_or_an_id_is_told_by_number() {
    let stored = Stored::new("dir");
    for arguments in [
        &["show", "nobody"][..],
        &["events", "nobody"],
        &["delete", "nobody"],
        &["fork", "nobody", "x"],
        &["export", "nobody", "x.tar"],
    ] {
        let outcome = stored.sessions(arguments);
        assert!(outcome.failed_with("SESSION_NOT_FOUND", 60).contains("nobody"), "{arguments:?}");
    }
    assert!(!stored.machine.home.path().join("x.tar").exists());

    let machine = Machine::new();
    let missing = format!("sqlite:{}", machine.home.path().join("missing").display());
    let outcome = run(&mut machine.codriver(["sessions", "list", "--store", &missing]));
    assert!(outcome.failed_with("FS_NOT_FOUND", 80).contains("there is no store sqlite:"), "{outcome:?}");
    assert!(!machine.home.path().join("missing").exists());
    let outcome = run(&mut machine.codriver(["sessions", "list", "--store", "redis://me:secret@host"]));
    let sentence = outcome.failed_with("INVALID_CONFIG", 2);
    assert!(sentence.starts_with("--store (redis:…)") && !sentence.contains("secret"), "{sentence}");

    let argument = |arguments: &[&str]| {
        run(&mut machine.codriver(arguments.iter().copied())).failed_with("INVALID_ARGUMENT", 1).to_owned()
    };
    assert!(argument(&["sessions", "fork", "a", "b"]).starts_with("--store: is missing"));
    assert!(
        argument(&["sessions", "list", "--store", "memory:"]).starts_with("--store: `memory:` ends with")
    );
    let both = ["sessions", "list", "--store", "dir:x", "--cli-path", "/x"];
    assert!(argument(&both).starts_with("--cli-path: has no meaning with --store"));
}
