//! The demo against the real runtimes, with the scripted model. It checks itself; this checks that it says so.
//!
//! Needs `CODRIVER_REAL_RUNTIMES`: a directory with an npm prefix of `@github/copilot` for each version.

mod support;

use std::path::PathBuf;

use model_stub::{ModelStub, Script};
use serde_json::json;
use support::{Machine, fields, run};

const RUNTIMES: &str = "CODRIVER_REAL_RUNTIMES";

/// The programs of all runtimes there are.
fn runtimes() -> Vec<PathBuf> {
    let Some(root) = std::env::var_os(RUNTIMES) else {
        panic!("{RUNTIMES} is not set: give it a directory with an npm prefix of each runtime's version");
    };
    let directories =
        |path: PathBuf| std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let packages =
        directories(root.into()).flat_map(|prefix| directories(prefix.join("node_modules").join("@github")));
    let native =
        packages.filter(|package| package.file_name().unwrap().to_string_lossy().starts_with("copilot-"));
    let programs: Vec<_> =
        native.map(|package| package.join("copilot")).filter(|program| program.is_file()).collect();
    assert!(!programs.is_empty(), "{RUNTIMES} has no runtime in it");
    programs
}

#[test]
fn the_demo_plays_to_its_end_on_every_runtime_and_leaves_nothing_behind() {
    let model = ModelStub::start(Script::demo()).unwrap();
    for program in runtimes() {
        let machine = Machine::new();
        let scratch = machine.home.path().join("scratch");
        std::fs::create_dir(&scratch).unwrap();
        // Shell tools need the real PATH.
        let demo = |arguments: &[&str]| {
            let mut command =
                machine.codriver(["demo", "--scripted-model", &model.base_url()].iter().chain(arguments));
            command.env("COPILOT_CLI_PATH", &program).env("PATH", std::env::var_os("PATH").unwrap());
            run(command.env("TMPDIR", &scratch))
        };
        let outcome = demo(&["--json"]);
        assert_eq!(outcome.code, 0, "{}: {outcome:?}", program.display());
        let summary = outcome.json();
        let shape = [
            "events",
            "history",
            "model",
            "ok",
            "permissions",
            "runtimes",
            "seconds",
            "sessionId",
            "store",
            "toolCalls",
        ];
        assert_eq!(fields(&summary), shape);
        assert_eq!((&summary["ok"], &summary["model"]), (&json!(true), &json!("scripted")));
        assert_eq!((&summary["toolCalls"], &summary["events"]["lost"]), (&json!(1), &json!(0)));
        assert_eq!(summary["permissions"], json!({"asked": 1, "approved": 1}));
        let (history, store) = (&summary["history"], &summary["store"]);
        assert_eq!(
            (fields(history), fields(store)),
            (vec!["recalled", "storedEvents"], vec!["bytes", "events", "url"])
        );
        assert!(store["url"].as_str().unwrap().starts_with("sqlite:/"), "{store}");
        assert!(store["bytes"].as_u64().unwrap() > 4096, "{store}");
        // A start, and three prompts with an answer each. The runtime does not give back all that it stores.
        for events in [&store["events"], &history["storedEvents"]] {
            assert!(events.as_u64().unwrap() >= 7, "{summary}");
        }
        let pids: Vec<_> =
            summary["runtimes"].as_array().unwrap().iter().map(|runtime| &runtime["pid"]).collect();
        assert!(pids.len() == 2 && pids[0] != pids[1], "{summary}");

        let outcome = demo(&[]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{outcome:?}");
        assert!(outcome.stdout.contains("a scripted stand-in on this machine"), "it says what speaks");
        for said in [
            "no runtime runs; the session is in its store",
            "the runtime has no session files of its own",
            "✔ store ",
        ] {
            assert!(outcome.stdout.contains(said), "{said}: {outcome:?}");
        }
        let left: Vec<_> = std::fs::read_dir(&scratch).unwrap().flatten().map(|entry| entry.path()).collect();
        assert!(!left.iter().any(|path| path.to_string_lossy().contains("codriver-demo-")), "{left:?}");
        assert!(!machine.home.path().join(".copilot").exists(), "the user's own home is not touched");
    }
}

#[test]
fn without_a_model_the_demo_says_what_it_needs() {
    for program in runtimes() {
        let machine = Machine::new();
        let outcome = run(machine.codriver(["demo"]).env("COPILOT_CLI_PATH", program));
        assert!(outcome.failed_with("AUTHENTICATION_REQUIRED", 23).contains("--provider-url"));
    }
}
