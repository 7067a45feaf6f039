//! `doctor --install` with an npm that is a small shell script: nothing is fetched here.
#![cfg(unix)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use support::{Machine, mock_runtime, run};

/// The machine's program with an npm that runs `script`; `$3` is the prefix, and the mock runtime is what it has to give.
fn with_npm(machine: &Machine, script: &str, arguments: &[&str]) -> Command {
    let bin = machine.home.path().join("bin");
    fs::create_dir_all(&bin).unwrap();
    let npm = bin.join("npm");
    fs::write(&npm, format!("#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")).unwrap();
    fs::set_permissions(&npm, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = machine.codriver(arguments);
    command.env("XDG_DATA_HOME", machine.home.path()).env("RUNTIME", mock_runtime());
    command
}

fn good_npm() -> String {
    let system = if cfg!(target_os = "macos") { "darwin" } else { "linux" };
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    let package = format!("$3/node_modules/@github/copilot-{system}-{machine}");
    format!("echo \"$@\" > \"$HOME/called\"; mkdir -p \"{package}\" && cp \"$RUNTIME\" \"{package}/copilot\"")
}

/// Where the runtime goes.
fn place(machine: &Machine) -> PathBuf {
    let data = match cfg!(target_os = "macos") {
        true => machine.home.path().join("Library").join("Application Support"),
        false => machine.home.path().to_owned(),
    };
    data.join("codriver")
}

#[test]
fn what_npm_brings_is_found_and_starts() {
    let machine = Machine::new();
    let outcome = run(&mut with_npm(&machine, &good_npm(), &["doctor", "--install"]));
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("0.0.0-mock"), "{outcome:?}");
    assert!(outcome.stderr.contains("under a licence of its own"), "{outcome:?}");
    let called = fs::read_to_string(machine.home.path().join("called")).unwrap();
    assert!(called.starts_with("install --prefix ") && called.contains("--no-save"), "{called}");
    assert!(called.ends_with("@github/copilot@1.0.102\n"), "{called}");
    assert_eq!(fs::read_dir(place(&machine)).unwrap().count(), 1, "only the runtime is left there");

    fs::remove_file(machine.home.path().join("called")).unwrap();
    let outcome = run(&mut with_npm(&machine, &good_npm(), &["doctor", "--install"]));
    assert!(outcome.stderr.starts_with("A runtime is there already"), "{outcome:?}");
    assert!(!machine.home.path().join("called").exists());
}

#[test]
fn a_failed_install_shows_npms_words_and_leaves_the_old_runtime_alone() {
    let machine = Machine::new();
    assert_eq!(run(&mut with_npm(&machine, &good_npm(), &["doctor", "--install"])).code, 0);
    let bad = "mkdir -p \"$3/node_modules\"; echo 'npm error code ETARGET' >&2; exit 1";
    let outcome = run(&mut with_npm(&machine, bad, &["doctor", "--install", "--version", "9.9.9"]));
    outcome.failed_with("RUNTIME_NOT_FOUND", 20);
    assert!(outcome.stderr.contains("npm error code ETARGET"), "{outcome:?}");
    assert_eq!(fs::read_dir(place(&machine)).unwrap().count(), 1, "nothing half is left there");
    assert_eq!(run(&mut with_npm(&machine, bad, &["doctor", "--install"])).code, 0);
}

#[test]
fn without_npm_it_says_what_to_install() {
    let machine = Machine::new();
    let outcome = run(&mut machine.codriver(["doctor", "--install"]));
    assert!(outcome.failed_with("RUNTIME_NOT_FOUND", 20).contains("https://nodejs.org"));
}
