//! The program `model-stub`, as another language would use it.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

#[test]
fn it_prints_its_urls_and_ends_with_its_stdin() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_model-stub"))
        .args(["--demo", "--mission-control"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: Value = serde_json::from_str(&line).unwrap();
    let models = ureq::get(format!("{}/models", ready["baseUrl"].as_str().unwrap())).call().unwrap();
    assert_eq!(models.status(), 200);
    let user = ureq::get(format!("{}/user", ready["missionControlUrl"].as_str().unwrap())).call().unwrap();
    assert_eq!(user.status(), 200);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}
