//! The mock runtimes of one play: their script, the ones that listen on a port, their reports, and whether they are gone.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use mock_runtime::report::Report;
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};

const GONE_WITHIN: Duration = Duration::from_secs(5);

/// The runtimes of one play, in a directory of its own.
pub(crate) struct Mocks {
    executable: PathBuf,
    script: PathBuf,
    report: PathBuf,
    listening: Vec<Child>,
}

impl Mocks {
    /// Writes the script into `directory`.
    pub(crate) fn new(executable: &Path, directory: &Path, script: &str) -> io::Result<Self> {
        let mocks = Mocks {
            executable: executable.to_owned(),
            script: directory.join("script.json"),
            report: directory.join("report.json"),
            listening: Vec::new(),
        };
        fs::write(&mocks.script, script)?;
        Ok(mocks)
    }

    /// The `runtime` of a `start` command: `{"mock": "stdio"|"tcp", …}` becomes one that can be reached, with what else is
    /// written there left as it is; anything else is returned unchanged.
    pub(crate) fn runtime(&mut self, written: &Value) -> io::Result<Value> {
        let Some(kind) = written["mock"].as_str() else { return Ok(written.clone()) };
        let mut runtime = written.clone();
        let token = runtime["listens_with"].take();
        if let Some(fields) = runtime.as_object_mut() {
            fields.remove("mock");
            fields.remove("listens_with");
        }
        runtime["kind"] = kind.into();
        if kind == "tcp" {
            runtime["host"] = "127.0.0.1".into();
            runtime["port"] = self.listen(token.as_str())?.into();
        } else {
            runtime["path"] = self.executable.to_string_lossy().into();
            runtime["env"]["MOCK_RUNTIME_SCRIPT"] = self.script.to_string_lossy().into();
            runtime["env"]["MOCK_RUNTIME_REPORT"] = self.report.to_string_lossy().into();
        }
        Ok(runtime)
    }

    fn listen(&mut self, token: Option<&str>) -> io::Result<u16> {
        let mut command = Command::new(&self.executable);
        command
            .args(["--server", "--port", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command.env("MOCK_RUNTIME_SCRIPT", &self.script).env("MOCK_RUNTIME_REPORT", &self.report);
        command.env_remove("COPILOT_CONNECTION_TOKEN");
        if let Some(token) = token {
            command.env("COPILOT_CONNECTION_TOKEN", token);
        }
        let mut process = command.spawn()?;
        let output = process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        self.listening.push(process);
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let port = line.trim().rsplit(' ').next().and_then(|port| port.parse().ok());
        port.ok_or_else(|| io::Error::other(format!("the mock announced no port: {line:?}")))
    }

    /// Waits a little for runtimes whose script is not at its end, so that ending the driver does not cut it off.
    pub(crate) fn settle(&self, within: Duration) {
        let deadline = Instant::now() + within;
        let runs = || self.processes().iter().filter(|(kind, _)| kind == "runtime").count();
        let unfinished = || (0..runs()).any(|run| !Report::path_of_run(&self.report, run).exists());
        while unfinished() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// What every runtime reports, one failure a sentence.
    pub(crate) fn failures(&self, expected_runs: usize) -> Vec<String> {
        let runs = self.processes().iter().filter(|(kind, _)| kind == "runtime").count();
        let mut failures = Vec::new();
        if runs != expected_runs {
            failures.push(format!("{runs} runtimes were started, wanted {expected_runs}"));
        }
        for run in 0..runs {
            let saved = fs::read(Report::path_of_run(&self.report, run)).unwrap_or_default();
            let report: Value =
                serde_json::from_slice(&saved).unwrap_or(json!({"failure": "it left no report"}));
            if report["ok"] != true {
                failures.push(format!("runtime {run}: {}", report["failure"].as_str().unwrap_or("not ok")));
            }
        }
        failures
    }

    /// What was said to a runtime, for a person who looks for the reason of a failure.
    pub(crate) fn transcript(&self, run: usize) -> Vec<String> {
        let saved = fs::read(Report::path_of_run(&self.report, run)).unwrap_or_default();
        let report: Value = serde_json::from_slice(&saved).unwrap_or_default();
        let lines = report["transcript"].as_array().cloned().unwrap_or_default();
        lines
            .iter()
            .map(|l| {
                format!("{:.3} {} {}", l["t"].as_f64().unwrap_or_default(), text(&l["from"]), text(&l["msg"]))
            })
            .collect()
    }

    /// Waits until every process of every runtime is gone; those that stay are named, and killed.
    pub(crate) fn orphans(&mut self) -> Vec<String> {
        let deadline = Instant::now() + GONE_WITHIN;
        loop {
            self.listening.retain_mut(|process| matches!(process.try_wait(), Ok(None)));
            let alive: Vec<_> = self.processes().into_iter().filter(|(_, pid)| is_alive(*pid)).collect();
            if alive.is_empty() || Instant::now() >= deadline {
                for (_, pid) in &alive {
                    let _ = rustix::process::kill_process(*pid, Signal::KILL);
                }
                return alive.iter().map(|(kind, pid)| format!("{kind} {}", pid.as_raw_nonzero())).collect();
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn processes(&self) -> Vec<(String, Pid)> {
        let mut list = self.report.as_os_str().to_owned();
        list.push(".pids");
        let parse = |line: &str| {
            let (kind, pid) = line.split_once(' ')?;
            Some((kind.to_owned(), Pid::from_raw(pid.parse().ok()?)?))
        };
        fs::read_to_string(list).unwrap_or_default().lines().filter_map(parse).collect()
    }
}

impl Drop for Mocks {
    fn drop(&mut self) {
        for process in &mut self.listening {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// A process that has ended but that nobody has waited for is not alive.
fn is_alive(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    let is_zombie = stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z'));
    !is_zombie && rustix::process::test_kill_process(pid).is_ok()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
