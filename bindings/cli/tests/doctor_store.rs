//! `codriver doctor --store`: shows what is damaged, changes nothing unless told to, and says by its exit code what it found.

mod support;

use std::path::{Path, PathBuf};

use serde_json::json;
use support::{Machine, fields, run};

const START: &str = r#"{"type":"session.start","data":{},"id":"33333333-3333-4333-8333-333333333300","timestamp":"2026-11-21T01:44:36.251Z","parentId":null}"#;

/// A `dir:` store with these logs; its URL, and where a session's files are.
fn store(machine: &Machine, logs: &[(&str, &str)]) -> (String, impl Fn(&str) -> PathBuf + use<>) {
    let root = machine.home.path().join("store");
    let url = format!("dir:{}", root.display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = codriver::store::open(&url).await.unwrap();
        let path =
            codriver::fs::FsPath::parse("/state/events.jsonl", codriver::fs::Conventions::Posix).unwrap();
        for (id, log) in logs {
            let content = log.as_bytes().to_vec().into();
            store.open(id).await.unwrap().write(&path, content, None).await.unwrap();
        }
    });
    (url, move |id: &str| root.join(id).join("files/state"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn a_damaged_session_is_shown_and_left_alone_and_repaired_when_told_to() {
    let machine = Machine::new();
    let damaged = format!("{START}\n{{\"type\":\"user.mess");
    let (url, state) = store(&machine, &[("good", &format!("{START}\n")), ("bad", &damaged)]);

    let shown = run(&mut machine.codriver(["doctor", "--json", "--store", &url]));
    let report = shown.json();
    assert_eq!((shown.code, fields(&report)), (1, vec!["ok", "repaired", "sessions"]), "{report}");
    assert_eq!((&report["ok"], &report["repaired"]), (&json!(false), &json!(false)));
    let of = |id: &str| report["sessions"].as_array().unwrap().iter().find(|s| s["sessionId"] == id).unwrap();
    let torn = json!({"kind": "torn", "line": 2, "offset": START.len() + 1, "bytes": 18});
    assert_eq!(
        of("bad"),
        &json!({"sessionId": "bad", "bytes": damaged.len(), "events": 1, "damage": [torn], "quarantine": null})
    );
    assert_eq!((&of("good")["damage"], &of("good")["events"]), (&json!([]), &json!(1)));
    assert_eq!(read(&state("bad").join("events.jsonl")), damaged);

    let only = run(&mut machine.codriver(["doctor", "--store", &url, "--session", "good"]));
    assert_eq!(
        (only.code, only.stdout.as_str()),
        (0, "✔ good  1 events\n1 sessions, 0 damaged\n"),
        "{only:?}"
    );

    let repaired = run(&mut machine.codriver(["doctor", "--store", &url, "--repair"]));
    assert_eq!(repaired.code, 1, "{repaired:?}");
    for line in [
        "! bad  was damaged, is repaired; 1 events are whole",
        "    line 2, byte 134: torn, 18 bytes",
        "    taken out: /state/events.jsonl.quarantine",
        "2 sessions, 1 damaged",
    ] {
        assert!(repaired.stdout.lines().any(|shown| shown == line), "{line}: {}", repaired.stdout);
    }
    assert_eq!(read(&state("bad").join("events.jsonl")), format!("{START}\n"));
    assert!(
        read(&state("bad").join("events.jsonl.quarantine"))
            .contains(r#""reason":"torn","text":"{\"type\":\"user.mess""#)
    );

    let again = run(&mut machine.codriver(["doctor", "--json", "--store", &url, "--repair"]));
    assert_eq!((again.code, &again.json()["ok"]), (0, &json!(true)));
}

#[test]
fn what_is_beyond_repair_or_not_there_is_an_error() {
    let machine = Machine::new();
    let (url, state) = store(&machine, &[("lost", "\0\0\0")]);
    let lost = run(&mut machine.codriver(["doctor", "--json", "--store", &url, "--repair"]));
    assert_eq!(lost.code, 1);
    assert_eq!(lost.json()["sessions"][0]["error"]["name"], "FS_CORRUPT");
    assert_eq!(read(&state("lost").join("events.jsonl")), "\0\0\0");

    let shown = run(&mut machine.codriver(["doctor", "--store", &url]));
    assert_eq!(shown.code, 1);
    assert!(shown.stdout.contains("✘ lost  damaged beyond repair; 0 events are whole"), "{}", shown.stdout);
    assert!(!shown.stdout.contains("--repair"), "{}", shown.stdout);

    let nobody = run(&mut machine.codriver(["doctor", "--store", &url, "--session", "nobody"]));
    nobody.failed_with("SESSION_NOT_FOUND", 60);
    let nowhere = run(&mut machine.codriver(["doctor", "--store", "dir:/no/such/store"]));
    nowhere.failed_with("FS_NOT_FOUND", 80);
    assert!(!Path::new("/no/such/store").exists());
    run(&mut machine.codriver(["doctor", "--store", "nonsense:x"])).failed_with("INVALID_CONFIG", 2);
    // Without a store there is nothing to repair.
    assert_eq!(run(&mut machine.codriver(["doctor", "--repair"])).code, 2);
}

#[test]
fn the_command_that_repairs_can_be_pasted_and_promises_no_more_than_it_does() {
    let machine = Machine::new();
    let torn = format!("{START}\n{{\"type\":\"user.mess");
    let (url, _) = store(&machine, &[("bad", &torn), ("it's", &torn), ("lost", "\0")]);
    let spaced = machine.home.path().join("my store");
    std::fs::rename(machine.home.path().join("store"), &spaced).unwrap();
    let url = url.replace("/store", "/my store");
    for (session, options, repairs) in [
        (None, format!("--store '{url}'"), "repairs 2 of them"),
        (Some("it's"), format!("--store '{url}' --session 'it'\\''s'"), "repairs them"),
    ] {
        let mut command = machine.codriver(["doctor", "--store", &url]);
        command.args(session.map(|id| ["--session", id]).into_iter().flatten());
        let shown = run(&mut command);
        let offer = format!("`codriver doctor {options} --repair` {repairs}.");
        assert!(shown.stdout.lines().any(|line| line == offer), "{offer}: {}", shown.stdout);
    }
}
