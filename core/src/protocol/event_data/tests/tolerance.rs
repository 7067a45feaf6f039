//! What no runtime was seen to send: other kinds, other layouts, other types, nothing at all.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::*;
use super::{made, name_of, recorded, variant_of};

/// Decodes made data as the variant it must be.
macro_rules! decoded {
    ($variant:ident, $event_type:literal, $data:expr) => {
        match made($event_type, $data).try_data() {
            Ok(EventData::$variant(data)) => data,
            other => panic!("{other:?}"),
        }
    };
}

#[test]
fn every_kind_of_system_notification_is_read_and_an_unknown_one_is_kept() {
    let kind = |kind: Value| {
        decoded!(SystemNotification, "system.notification", json!({"content": "c", "kind": kind})).kind
    };
    let SystemNotificationKind::AgentCompleted(agent) =
        kind(json!({"type": "agent_completed", "agentId": "a", "agentType": "explore", "status": "failed"}))
    else {
        panic!("not agent_completed")
    };
    assert_eq!((agent.agent_id.as_str(), agent.status.as_str(), agent.prompt), ("a", "failed", None));
    let SystemNotificationKind::ShellCompleted(shell) =
        kind(json!({"type": "shell_completed", "shellId": "0", "exitCode": -9}))
    else {
        panic!("not shell_completed")
    };
    assert_eq!((shell.shell_id.as_str(), shell.exit_code), ("0", Some(-9)));
    for name in [
        "agent_idle",
        "new_inbox_message",
        "shell_detached_completed",
        "instruction_discovered",
        "factory_completed",
    ] {
        assert_eq!(
            format!("{:?}", kind(json!({"type": name}))).split('(').next(),
            Some(variant_of(name).as_str())
        );
    }
    for unknown in [json!({"type": "moon_phase", "phase": 3}), json!({}), json!("text"), Value::Null] {
        assert_eq!(kind(unknown.clone()), SystemNotificationKind::Other(unknown));
    }
}

#[test]
fn both_layouts_of_a_permission_change_are_read() {
    let newer =
        decoded!(SessionPermissionsChanged, "session.permissions_changed", json!({"mode": "allow-all"}));
    assert_eq!((newer.mode.as_deref(), newer.allow_all_permissions), (Some("allow-all"), None));
    let older = decoded!(
        SessionPermissionsChanged,
        "session.permissions_changed",
        json!({"allowAllPermissions": true})
    );
    assert_eq!((older.mode, older.allow_all_permissions), (None, Some(true)));
}

#[test]
fn a_refusal_is_not_taken_for_an_approval() {
    for (kind, approved) in
        [("approved-for-session", true), ("denied-by-rules", false), ("cancelled", false), ("", false)]
    {
        let done = decoded!(PermissionCompleted, "permission.completed", json!({"result": {"kind": kind}}));
        assert_eq!(done.result.is_approved(), approved, "{kind}");
    }
}

#[test]
fn a_login_request_shows_no_secret_when_printed() {
    let client = json!({"clientId": "id", "clientSecret": "hush", "publicClient": false});
    let event = made("mcp.oauth_required", json!({"requestId": "r", "staticClientConfig": client}));
    assert!(!format!("{event:?} {:?}", event.data()).contains("hush"));
    assert!(event.data_json().contains("hush"));
}

#[test]
fn lost_events_are_told_with_their_range() {
    let lost = decoded!(EventsLost, "codriver.events_lost", json!({"count": 3, "from": 5, "to": 9}));
    assert_eq!((lost.count, lost.from, lost.to), (3, 5, 9));
}

#[test]
fn an_unknown_field_is_passed_over_and_stays_in_the_json() {
    let event = made("session.idle", json!({"mode": "plan", "mood": {"deep": [1]}}));
    assert_eq!(
        event.data(),
        EventData::SessionIdle(SessionIdle { mode: Some("plan".into()), aborted: None })
    );
    assert_eq!(event.data_as::<Value>().unwrap()["mood"]["deep"][0], 1);
}

#[test]
fn null_is_as_good_as_absent_in_every_place() {
    let nulls = json!({"content": null, "messageId": null, "toolRequests": [null], "outputTokens": null});
    let message = decoded!(AssistantMessage, "assistant.message", nulls);
    assert_eq!((message.content.as_str(), message.output_tokens), ("", None));
    assert_eq!(message.tool_requests, [AssistantToolRequest::default()]);
}

#[test]
fn data_of_another_type_is_other_with_an_error_and_the_event_stays_whole() {
    for data in [json!({"deltaContent": 5}), json!("text"), json!(7)] {
        let event = made("assistant.message_delta", data.clone());
        assert_eq!(event.data(), EventData::Other);
        assert!(event.try_data().unwrap_err().is_data());
        assert_eq!(event.data_as::<Value>().unwrap(), data);
    }
}

#[test]
fn an_unknown_type_is_other_without_an_error() {
    assert_eq!(made("model.from_the_future", json!({"x": 1})).try_data().unwrap(), EventData::Other);
}

/// Any JSON, with the names that known data has.
fn any_json(names: Vec<String>) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        let name = prop_oneof![prop::sample::select(names.clone()), "[a-z]{1,6}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn known_names() -> Vec<String> {
    fn collect(value: &Value, names: &mut Vec<String>) {
        if let Value::Object(members) = value {
            names.extend(members.keys().cloned());
            members.values().for_each(|member| collect(member, names));
        }
    }
    let mut names = Vec::new();
    recorded().iter().for_each(|(_, event)| collect(&event.data_as().unwrap(), &mut names));
    names.sort();
    names.dedup();
    names
}

proptest! {
    #[test]
    fn any_data_of_any_type_is_decoded_or_refused_and_never_panics(
        event_type in prop::sample::select(EventData::TYPES),
        data in any_json(known_names()),
    ) {
        let event = made(event_type, data.clone());
        prop_assert_eq!(event.data_as::<Value>().unwrap().is_null(), data.is_null());
        match event.try_data() {
            Ok(decoded) => prop_assert_eq!(name_of(&decoded), variant_of(event_type)),
            Err(_) => prop_assert_eq!(event.data(), EventData::Other),
        }
    }
}
