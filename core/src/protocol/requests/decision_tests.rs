use serde_json::{Value, json};

use super::*;
use crate::protocol::requests::vectors;

fn wire(decision: &PermissionDecision) -> Value {
    serde_json::to_value(decision).unwrap()
}

fn recorded(case: &str, version: &str) -> PermissionRequest {
    serde_json::from_value(vectors::permission().get(case, version)).unwrap()
}

#[test]
fn decisions_without_a_memory_are_exactly_the_wire() {
    assert_eq!(wire(&PermissionDecision::approve_once()), json!({"kind": "approve-once"}));
    assert_eq!(wire(&PermissionDecision::reject()), json!({"kind": "reject"}));
    assert_eq!(wire(&PermissionDecision::reject_with("no")), json!({"kind": "reject", "feedback": "no"}));
    assert_eq!(wire(&PermissionDecision::user_not_available()), json!({"kind": "user-not-available"}));
    assert!(PermissionDecision::approve_once().is_approval());
    assert!(!PermissionDecision::user_not_available().is_approval());
}

#[test]
fn approving_for_the_session_remembers_what_the_prompt_shows() {
    for version in ["1.0.57", "1.0.102"] {
        for (case, approval) in [
            ("commands", json!({"kind": "commands", "commandIdentifiers": ["touch y"]})),
            ("write", json!({"kind": "write"})),
            ("read", json!({"kind": "read"})),
            // The server's own name of the tool, not the one the model calls (`stub-echo`).
            ("mcp", json!({"kind": "mcp", "serverName": "stub", "toolName": "echo"})),
            ("custom-tool", json!({"kind": "custom-tool", "toolName": "get_weather"})),
        ] {
            let decision = PermissionDecision::approve_for_session(&recorded(case, version));
            assert_eq!(
                wire(&decision),
                json!({"kind": "approve-for-session", "approval": approval}),
                "{version}"
            );
        }
        let path = PermissionDecision::approve_for_session(&recorded("path", version));
        assert_eq!(wire(&path), json!({"kind": "approve-for-session"}));
        let url = PermissionDecision::approve_for_session(&recorded("url", version));
        assert_eq!(wire(&url), json!({"kind": "approve-for-session", "domain": "http://127.0.0.1:9"}));
    }
}

#[test]
fn what_cannot_be_remembered_is_approved_once() {
    let request = json!({"requestId": "r", "permissionRequest": {"kind": "teleport"}});
    let request: PermissionRequest = serde_json::from_value(request).unwrap();
    assert_eq!(PermissionDecision::approve_for_session(&request).kind(), "approve-once");
}

#[test]
fn the_origin_of_a_url_has_its_port_and_no_user() {
    for (url, want) in [
        ("https://user:pw@example.org:8080/a?b#c", Some("https://example.org:8080")),
        ("http://example.org?x=1", Some("http://example.org")),
        ("http://[::1]:80/", Some("http://[::1]:80")),
        ("https://one.example\\@two.example/", Some("https://one.example")),
        ("example.org", None),
        ("https:///x", None),
    ] {
        assert_eq!(origin(url).as_deref(), want, "{url}");
    }
}

#[test]
fn json_of_a_binding_is_kept_as_it_came() {
    let value = json!({"kind": "approve-for-location", "approval": {"kind": "mcp", "serverName": "s", "toolName": null},
        "locationKey": "/home/me/app", "newer": 1});
    assert_eq!(wire(&PermissionDecision::from_value(value.clone()).unwrap()), value);
    assert_eq!(
        serde_json::to_value(Approval::from_value(json!({"kind": "mcp", "serverName": "s"})).unwrap())
            .unwrap(),
        json!({"kind": "mcp", "serverName": "s", "toolName": null})
    );
}

#[test]
fn a_decision_that_the_runtime_would_misread_is_refused_by_field() {
    for (value, field) in [
        (json!({}), "kind"),
        (json!({"kind": "approved"}), "kind"),
        (json!({"kind": "reject", "feedback": 5}), "feedback"),
        (json!({"kind": "approve-permanently"}), "domain"),
        (json!({"kind": "approve-for-session", "domain": ""}), "domain"),
        (json!({"kind": "approve-for-location", "approval": {"kind": "write"}}), "locationKey"),
        (json!({"kind": "approve-for-location", "locationKey": "/x"}), "approval"),
        (json!({"kind": "approve-for-session", "approval": {"kind": "commands"}}), "commandIdentifiers"),
        (json!({"kind": "approve-for-session", "approval": {"kind": "mcp"}}), "serverName"),
        (json!({"kind": "approve-for-session", "approval": {}}), "kind"),
    ] {
        let error = PermissionDecision::from_value(value.clone()).unwrap_err();
        assert_eq!(error.name(), "INVALID_ARGUMENT");
        assert!(error.message().contains(&format!("`{field}`")), "{value}: {error}");
    }
    assert!(PermissionDecision::from_value(json!("approve-once")).is_err());
}
