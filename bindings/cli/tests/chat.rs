//! A chat, piped and at a terminal, against the mock runtime.

mod support;

use serde_json::{Value, json};
use support::{Machine, fields, run, run_with};

const CHAT: [&str; 5] = ["chat", "--provider-url", "http://127.0.0.1:9/v1", "--model", "m"];

/// A turn in which a permission is asked for, and goes on once it is answered so.
fn asks_once(answer: Value) -> Value {
    json!({"steps": [
        {"expect": {"method": "session.send", "params": {"sessionId": "$id", "prompt": "$prompt"}, "as": "send"}},
        {"reply": {"to": "send", "result": {"messageId": "m-1"}}},
        {"event": {"session": "$id", "type": "permission.requested", "data": {"requestId": "p-1",
            "permissionRequest": {"kind": "shell", "toolCallId": "c-1", "fullCommandText": "echo hi\u{1b}[2K"},
            "promptRequest": {"kind": "commands", "commandIdentifiers": ["echo hi"]}}}},
        {"expect": {"method": "session.permissions.handlePendingPermissionRequest",
            "params": {"requestId": "p-1", "result": answer}}},
        {"reply_builtin": {}},
        {"turn": {"session": "$id", "message_id": "m-1", "prompt": "$prompt", "content": "done"}},
    ]})
}

#[test]
fn piped_prompts_are_answered_one_after_the_other() {
    let machine = Machine::new();
    let outcome =
        run_with(&mut machine.mocked(json!({}), &CHAT), "hello\n\n/help\nand again\n/exit\nnever read\n");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
    let order = [
        "› hello\nYou said: hello\n",
        "/abort ",
        "› and again\nYou said: and again\n",
        "codriver chat --resume ",
    ];
    let places: Vec<_> = order.iter().map(|part| outcome.stdout.find(part).expect(part)).collect();
    assert!(places.is_sorted(), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("never read"));
    machine.assert_played();
}

#[test]
fn with_nobody_there_a_permission_is_denied_with_a_notice() {
    let machine = Machine::new();
    let denied = json!({"kind": "reject", "feedback": "$feedback"});
    let outcome = run_with(&mut machine.mocked(asks_once(denied), &CHAT), "do it\n");
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(
        outcome
            .stdout
            .contains("denied, as nobody is there to ask: run a shell command\n  │ echo hi\\u{1b}[2K\n")
    );
    assert!(outcome.stdout.contains("done\n"), "{outcome:?}");
    machine.assert_played();
}

#[test]
fn a_failed_turn_ends_a_piped_chat_with_its_error() {
    let script = json!({"steps": [
        {"expect": {"method": "session.send", "params": {"sessionId": "$id"}, "as": "send"}},
        {"reply": {"to": "send", "result": {"messageId": "m-1"}}},
        {"event": {"session": "$id", "type": "user.message", "data": {"content": "hello", "messageId": "m-1"}}},
        {"event": {"session": "$id", "type": "session.error", "data": {"errorType": "quota", "message": "no more tokens"}}},
        {"event": {"session": "$id", "type": "session.idle", "ephemeral": true}},
    ]});
    let machine = Machine::new();
    let outcome = run_with(&mut machine.mocked(script, &CHAT), "hello\nnever sent\n");
    assert!(outcome.failed_with("SESSION_ERROR", 63).contains("no more tokens"));
    machine.assert_played();
}

#[test]
fn json_is_one_object_a_line_from_the_session_to_the_turn() {
    let machine = Machine::new();
    let denied = json!({"kind": "reject", "feedback": "$feedback"});
    let arguments = [&["--json"], &CHAT[..]].concat();
    let outcome = run_with(&mut machine.mocked(asks_once(denied), &arguments), "do it\n");
    let lines = outcome.lines();
    assert_eq!(fields(&lines[0]), ["kind", "resumed", "sessionId"]);
    let of = |kind: &str| lines.iter().filter(|line| line["kind"] == kind).collect::<Vec<_>>();
    let seqs: Vec<_> = of("event").iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert!(seqs.iter().copied().eq(1..=seqs.len() as u64), "{seqs:?}");
    assert!(of("event").iter().all(|event| fields(event) == ["event", "kind", "seq"]));
    let permission = of("permission");
    assert_eq!(fields(permission[0]), ["decision", "kind", "request"]);
    assert_eq!(permission[0]["decision"], "denied");
    assert_eq!(of("turn"), [&json!({"kind": "turn", "content": "done", "aborted": false})]);
    assert_eq!(lines.last(), of("turn").last().copied());
}

/// A store on this machine, and the arguments of a chat with it.
fn with_store<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&CHAT[..], &["--store", url], more].concat()
}

#[test]
fn a_chat_is_kept_in_a_store_and_goes_on_from_there_and_says_what_was_damaged() {
    for scheme in ["sqlite", "dir"] {
        let machine = Machine::new();
        let url = format!("{scheme}:{}", machine.home.path().join("my store").display());
        let event = |kind: &str, data: Value| {
            json!({"type": kind, "data": data, "id": "33333333-3333-4333-8333-333333333333", "parentId": null,
                "timestamp": "2026-11-21T01:44:36.251Z"})
        };
        let log = format!("{}\n", event("session.start", json!({"version": 1})));
        // The mock's runtime asks for files as the real one does, and remembers nothing of it afterwards.
        let script = json!({"steps": [
            {"expect": {"method": "sessionFs.setProvider", "params": {"sessionStatePath": "$state"}, "as": "provider"}},
            {"reply_builtin": {"to": "provider"}},
            {"expect": {"method": "session.send", "params": {"sessionId": "$id", "prompt": "$prompt"}, "as": "send"}},
            {"request": {"method": "sessionFs.appendFile", "as": "append",
                "params": {"sessionId": "$id", "path": "${state}/events.jsonl", "content": format!("{log}{{\"type\":\"to")}}},
            {"expect_response": {"to": "append"}},
            {"reply": {"to": "send", "result": {"messageId": "m-1"}}},
            {"turn": {"session": "$id", "message_id": "m-1", "prompt": "$prompt", "content": "kept"}},
        ]});
        let outcome = run_with(&mut machine.mocked(script, &with_store(&url, &[])), "remember\n");
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
        machine.assert_played();
        let goes_on = format!("`codriver chat --store '{url}' --resume ");
        let (_, id) = outcome.stdout.split_once(&goes_on).unwrap_or_else(|| panic!("{outcome:?}"));
        let (id, _) = id.split_once('`').unwrap();

        let script = json!({"auto": {"session.destroy": {"result": {"success": true}}}, "steps": [
            {"expect": {"method": "sessionFs.setProvider", "params": {"sessionStatePath": "$state"}, "as": "provider"}},
            {"reply_builtin": {"to": "provider"}},
            {"expect": {"method": "session.resume", "params": {"sessionId": id}, "as": "resume"}},
            {"request": {"method": "sessionFs.readFile", "as": "read",
                "params": {"sessionId": id, "path": "${state}/events.jsonl"}}},
            {"expect_response": {"to": "read", "result": {"content": log}}},
            {"reply": {"to": "resume", "result": {"sessionId": id}}},
            {"expect": {"method": "session.getMessages", "params": {"sessionId": id}, "as": "events"}},
            {"reply": {"to": "events", "result": {"events": [event("session.start", json!({}))]}}},
        ]});
        let outcome = run_with(&mut machine.mocked(script, &with_store(&url, &["--resume", id])), "/exit\n");
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
        assert!(outcome.stdout.contains("1 events of it were stored"), "{outcome:?}");
        let told = "! The event log was damaged (1 × torn). 1 events are whole; 11 bytes went to /";
        assert!(outcome.stdout.contains(told), "{outcome:?}");
        assert!(outcome.stdout.contains(&format!("{goes_on}{id}`")), "{outcome:?}");
        machine.assert_played();
    }
}

#[test]
fn what_is_wrong_with_the_store_of_a_chat_is_told_before_a_runtime_starts() {
    let machine = Machine::new();
    let place = |name: &str| machine.home.path().join(name).display().to_string();
    std::fs::write(place("file"), "no store").unwrap();
    let (missing, file, fresh) = (
        format!("sqlite:{}", place("missing")),
        format!("dir:{}", place("file")),
        format!("dir:{}", place("new")),
    );
    std::fs::create_dir(place("new")).unwrap();
    for (url, more, (name, number), part) in [
        (
            "redis://me:secret@host",
            &[][..],
            ("INVALID_CONFIG", 2),
            "--store (redis:…): there is no store \"redis\"",
        ),
        ("sqlite", &[], ("INVALID_CONFIG", 2), "--store (without a colon): it has no scheme"),
        ("memory:", &[], ("INVALID_ARGUMENT", 1), "--store: `memory:` ends with this program"),
        (&file, &[], ("FS_IO", 83), "file"),
        (&missing, &["--resume", "s-1"], ("FS_NOT_FOUND", 80), "there is no store sqlite:"),
        (&fresh, &["--resume", "nobody"], ("SESSION_NOT_FOUND", 60), "the store has no session \"nobody\""),
    ] {
        // There is no runtime on this machine: an error that speaks of one came too late.
        let outcome = run(&mut machine.codriver(with_store(url, more)));
        let sentence = outcome.failed_with(name, number);
        assert!(sentence.contains(part) && !sentence.contains("secret"), "{url}: {sentence}");
    }
    assert!(!machine.home.path().join("missing").exists());
}

#[cfg(unix)]
mod at_a_terminal {
    use std::fs::File;
    use std::io::{Read, Write};
    use std::process::Child;
    use std::sync::mpsc;
    use std::time::Duration;

    use rustix::process::{Pid, Signal, kill_process};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;

    /// Somebody who types, and reads what comes.
    struct Person {
        child: Child,
        keyboard: File,
        screen: mpsc::Receiver<String>,
        seen: String,
    }

    impl Person {
        fn sits_down(machine: &Machine, script: Value) -> Self {
            let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
            grantpt(&terminal).unwrap();
            unlockpt(&terminal).unwrap();
            let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
            let own = || File::options().read(true).write(true).open(&name).unwrap();
            let mut command = machine.mocked(script, &CHAT);
            let child =
                command.env("NO_COLOR", "1").stdin(own()).stdout(own()).stderr(own()).spawn().unwrap();
            drop(command);
            let (sender, screen) = mpsc::channel();
            let mut reader = File::from(terminal.try_clone().unwrap());
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(1..) = reader.read(&mut buffer).inspect(|n| {
                    let _ = sender.send(String::from_utf8_lossy(&buffer[..*n]).into_owned());
                }) {}
            });
            Person { child, keyboard: File::from(terminal), screen, seen: String::new() }
        }

        fn types(&mut self, line: &str) {
            writeln!(self.keyboard, "{line}").unwrap();
        }

        fn presses_ctrl_c(&self) {
            kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
        }

        /// Waits until this is on screen, after what was waited for before.
        fn sees(&mut self, text: &str) {
            loop {
                if let Some(at) = self.seen.find(text) {
                    self.seen.drain(..at + text.len());
                    return;
                }
                let more = self.screen.recv_timeout(Duration::from_secs(20));
                self.seen +=
                    &more.unwrap_or_else(|_| panic!("`{text}` never came; on screen: {}", self.seen));
            }
        }

        fn leaves(mut self) {
            self.sees("goes on with it");
            assert!(self.child.wait().unwrap().success());
        }
    }

    impl Drop for Person {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    #[test]
    fn only_a_clear_yes_approves() {
        let machine = Machine::new();
        let mut person = Person::sits_down(&machine, asks_once(json!({"kind": "approve-once"})));
        person.sees("› ");
        person.types("do it");
        person.sees("May it run a shell command?");
        person.sees("│ echo hi\\u{1b}[2K");
        person.sees("[n]o: ");
        person.types("hmm");
        person.sees("[n]o: ");
        person.types("y");
        person.sees("approved");
        person.sees("done");
        person.sees("› ");
        person.types("/exit");
        person.leaves();
        machine.assert_played();
    }

    #[test]
    fn always_approves_the_same_command_for_the_session() {
        let machine = Machine::new();
        let approval = json!({"kind": "commands", "commandIdentifiers": ["echo hi"]});
        let always = json!({"kind": "approve-for-session", "approval": approval});
        let mut person = Person::sits_down(&machine, asks_once(always));
        person.sees("› ");
        person.types("do it");
        person.sees("[n]o: ");
        person.types("always");
        person.sees("approved for this session");
        person.sees("› ");
        person.types("/exit");
        person.leaves();
        machine.assert_played();
    }

    #[test]
    fn ctrl_c_aborts_the_turn_and_twice_leaves() {
        let machine = Machine::new();
        let mut person = Person::sits_down(
            &machine,
            json!({"steps": [
                {"expect": {"method": "session.send", "params": {"sessionId": "$id"}, "as": "send"}},
                {"reply": {"to": "send", "result": {"messageId": "m-1"}}},
                {"event": {"session": "$id", "type": "user.message", "data": {"content": "work", "messageId": "m-1"}}},
                {"event": {"session": "$id", "type": "assistant.message_delta", "ephemeral": true,
                    "data": {"messageId": "a-1", "deltaContent": "I begin"}}},
                {"expect": {"method": "session.abort", "within_ms": 20000}},
                {"reply_builtin": {}},
                {"event": {"session": "$id", "type": "session.idle", "ephemeral": true, "data": {"aborted": true}}},
            ]}),
        );
        person.sees("› ");
        person.types("work");
        person.sees("I begin");
        person.presses_ctrl_c();
        person.sees("stopping the turn");
        person.sees("the turn was aborted");
        person.sees("› ");
        person.types("");
        person.sees("› ");
        person.presses_ctrl_c();
        person.sees("Ctrl-C again");
        person.presses_ctrl_c();
        person.leaves();
        machine.assert_played();
    }
}
