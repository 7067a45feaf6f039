//! What a permission is asked for, in words for people.

use codriver::PermissionRequest;
use codriver::protocol::requests::PermissionKind;
use serde_json::Value;

use crate::output::printable;

/// What the runtime wants to do, as a sentence without its end, and the thing itself: a command, a path, a diff, …
pub(crate) fn describe(request: &PermissionRequest) -> (String, String) {
    let text = |field: &str| request.text(field).unwrap_or_default();
    let json = |field: &str| request.permission_request.get(field).map(Value::to_string).unwrap_or_default();
    let (what, detail) = match request.kind() {
        PermissionKind::Shell => ("run a shell command".to_owned(), text("fullCommandText").to_owned()),
        PermissionKind::Write => (format!("write the file {}", text("fileName")), text("diff").to_owned()),
        PermissionKind::Read => ("read".to_owned(), text("path").to_owned()),
        PermissionKind::Url => ("fetch".to_owned(), text("url").to_owned()),
        PermissionKind::Mcp => {
            (format!("call {} of the MCP server {}", text("toolName"), text("serverName")), json("args"))
        }
        PermissionKind::CustomTool => (format!("call the tool {}", text("toolName")), json("args")),
        PermissionKind::Memory => ("remember for later sessions".to_owned(), text("fact").to_owned()),
        PermissionKind::Hook => {
            (format!("use {} ({})", text("toolName"), text("hookMessage")), json("toolArgs"))
        }
        other => (other.as_str().to_owned(), Value::Object(request.permission_request.clone()).to_string()),
    };
    (printable(&what).into_owned(), printable(detail.trim_end()).into_owned())
}

/// The detail with a bar before each line, so that no line of it can be taken for one of ours.
pub(crate) fn barred(detail: &str) -> String {
    detail.lines().map(|line| format!("  │ {line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn described(permission: Value) -> (String, String) {
        let request = json!({ "requestId": "r", "permissionRequest": permission });
        describe(&serde_json::from_value(request).unwrap())
    }

    #[test]
    fn every_kind_shows_what_it_is_about() {
        for (permission, what, detail) in [
            (json!({"kind": "shell", "fullCommandText": "ls\n"}), "run a shell command", "ls"),
            (json!({"kind": "write", "fileName": "/a", "diff": "+x"}), "write the file /a", "+x"),
            (json!({"kind": "read", "path": "/etc/passwd"}), "read", "/etc/passwd"),
            (json!({"kind": "url", "url": "https://example.com"}), "fetch", "https://example.com"),
            (
                json!({"kind": "custom-tool", "toolName": "t", "args": {"a": 1}}),
                "call the tool t",
                "{\"a\":1}",
            ),
            (json!({"kind": "teleport", "to": 1}), "teleport", "{\"kind\":\"teleport\",\"to\":1}"),
        ] {
            assert_eq!(described(permission), (what.to_owned(), detail.to_owned()));
        }
    }

    #[test]
    fn a_command_of_many_lines_cannot_pass_for_a_prompt_of_ours() {
        let (_, detail) = described(json!({"kind": "shell", "fullCommandText": "ls\nAllow? y\x1b[A"}));
        assert_eq!(barred(&detail), "  │ ls\n  │ Allow? y\\u{1b}[A\n");
    }
}
