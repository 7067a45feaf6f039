//! Runs the built program, against the mock runtime or another one, with an environment of its own.

// Each test program uses a part of it.
#![allow(dead_code)]

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

/// A machine on which nothing is installed and nobody is logged in.
pub(crate) struct Machine {
    pub(crate) home: TempDir,
}

/// What the program came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Machine { home: TempDir::new().unwrap() }
    }

    /// The program with these arguments, and without anything of this machine's that it would look at.
    pub(crate) fn codriver<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codriver"));
        command.env_clear().env("HOME", self.home.path()).env("PATH", self.home.path().join("bin"));
        command.args(arguments);
        command
    }

    /// The same with a mock runtime that plays `script`.
    pub(crate) fn mocked(&self, script: Value, arguments: &[&str]) -> Command {
        let mut command = self.codriver(arguments);
        command.env("COPILOT_CLI_PATH", mock_runtime()).env("MOCK_RUNTIME_SCRIPT", script.to_string());
        command.env("MOCK_RUNTIME_REPORT", self.report());
        command
    }

    /// How the mock runtime's play went: nothing against the script.
    pub(crate) fn assert_played(&self) {
        let report: Value = serde_json::from_slice(&std::fs::read(self.report()).unwrap()).unwrap();
        assert_eq!(report["ok"], true, "{report}");
    }

    fn report(&self) -> PathBuf {
        self.home.path().join("report.json")
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Outcome {
    run_with(command, "")
}

/// Runs a command to its end, with these lines piped into it.
pub(crate) fn run_with(command: &mut Command, stdin: &str) -> Outcome {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Who does not read may be gone already.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Outcome {
        code: output.status.code().expect("it was not killed"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

impl Outcome {
    /// The one JSON value on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The JSON values on stdout, one a line.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Asserts that it failed with this error, written for people, and gives its sentence.
    #[track_caller]
    pub(crate) fn failed_with(&self, name: &str, number: u32) -> &str {
        assert_eq!(self.code, 1, "{self:?}");
        let start = format!("{name} ({number}): ");
        let line = self.stderr.lines().find_map(|line| line.strip_prefix(&start));
        line.unwrap_or_else(|| panic!("no {start}: {self:?}"))
    }
}

/// The names of a JSON object's fields.
pub(crate) fn fields(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The mock runtime, built where the program under test was.
pub(crate) fn mock_runtime() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let target = Path::new(env!("CARGO_BIN_EXE_codriver")).ancestors().nth(2).unwrap();
        // Cargo builds the programs of other packages only when told to.
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--locked", "--package", "mock-runtime", "--target-dir"]).arg(target);
        assert!(cargo.status().unwrap().success());
        target.join("debug").join(format!("mock-runtime{}", std::env::consts::EXE_SUFFIX))
    })
}
