//! The `sessionFs.*` calls that runtime 1.0.102 makes before it answers `session.create`, as recorded.

use serde_json::{Value, json};

/// The calls for a session in their order: method and parameters. `state` is the `sessionStatePath` of the provider.
pub fn calls(session: &str, state: &str) -> Vec<(&'static str, Value)> {
    let own = format!("/home/me/.copilot/session-state/{session}");
    let index = "# Checkpoint History\n\nCheckpoints are listed in chronological order.\n";
    let yaml = format!("id: {session}\ncwd: /project\n");
    let mut calls = vec![read(&format!("{state}/settings.json"))];
    for root in [state, &own] {
        let temporary = format!("{root}/workspace.yaml.tmp.70411655-c546-4ad6-95d7-415452835183");
        calls.extend([
            read(&format!("{root}/workspace.yaml")),
            mkdir(&format!("{root}/checkpoints")),
            mkdir(&format!("{root}/files")),
            mkdir(&format!("{root}/research")),
            mkdir(&format!("{root}/checkpoints")),
            write(&format!("{root}/checkpoints/index.md"), index),
            mkdir(root),
            write(&temporary, &yaml),
            ("sessionFs.rename", json!({"src": temporary, "dest": format!("{root}/workspace.yaml")})),
        ]);
        if root == state {
            calls.extend([
                read(&format!("{root}/checkpoints/index.md")),
                ("sessionFs.readdirWithTypes", json!({"path": format!("{root}/files")})),
                read(&format!("{root}/plan.md")),
                mkdir(&format!("{root}/temp")),
                ("sessionFs.stat", json!({"path": format!("{root}/temp")})),
                read(&format!("{root}/permissions.json")),
            ]);
        }
    }
    for (_, params) in &mut calls {
        params["sessionId"] = session.into();
    }
    calls
}

/// Whether a result has the shape that the method promises; the runtime gives the session up where it has not.
pub fn has_promised_shape(method: &str, result: &Value) -> bool {
    let failed = result["error"]["code"].is_string();
    match method {
        "sessionFs.readFile" | "sessionFs.readFileBytes" => result["content"].is_string(),
        "sessionFs.exists" => result["exists"].is_boolean(),
        "sessionFs.stat" => failed || result["isFile"].is_boolean() && result["mtime"].is_string(),
        "sessionFs.readdir" | "sessionFs.readdirWithTypes" => result["entries"].is_array(),
        _ => result.is_null() || failed || result["code"].is_string(),
    }
}

/// Whether a result says that the call failed for another reason than a missing file.
pub fn is_failure(result: &Value) -> bool {
    [&result["error"]["code"], &result["code"]]
        .iter()
        .any(|code| code.as_str().is_some_and(|code| code != "ENOENT"))
}

fn read(path: &str) -> (&'static str, Value) {
    ("sessionFs.readFile", json!({"path": path}))
}

fn mkdir(path: &str) -> (&'static str, Value) {
    ("sessionFs.mkdir", json!({"path": path, "recursive": true, "mode": 0o700}))
}

fn write(path: &str, content: &str) -> (&'static str, Value) {
    ("sessionFs.writeFile", json!({"path": path, "content": content, "mode": 0o600}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_the_recorded_twenty_five_calls_of_one_session_in_both_roots() {
        let calls = calls("s1", "/state");
        assert_eq!(calls.len(), 25);
        assert!(calls.iter().all(|(_, params)| params["sessionId"] == "s1"));
        assert_eq!(calls[0].1["path"], "/state/settings.json");
        assert_eq!(calls[24].1["dest"], "/home/me/.copilot/session-state/s1/workspace.yaml");
    }

    #[test]
    fn a_wrong_shape_is_told_from_a_right_one() {
        assert!(has_promised_shape(
            "sessionFs.readFile",
            &json!({"content": "", "error": {"code": "ENOENT"}})
        ));
        assert!(!has_promised_shape("sessionFs.readFile", &json!({"error": {"code": "ENOENT"}})));
        assert!(has_promised_shape("sessionFs.writeFile", &Value::Null));
        assert!(has_promised_shape("sessionFs.writeFile", &json!({"code": "UNKNOWN"})));
        assert!(!has_promised_shape("sessionFs.writeFile", &json!({})));
        assert!(
            is_failure(&json!({"code": "UNKNOWN"})) && !is_failure(&json!({"error": {"code": "ENOENT"}}))
        );
    }
}
