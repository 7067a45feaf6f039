//! `tests/vectors/events.jsonl` has one event of each type and layout that 1.0.57 and 1.0.102 sent, with long texts
//! cut; these tests decode all of them.

mod tolerance;

use serde_json::{Value, json};

use super::*;

/// What the runtimes sent, in the order of types.
fn recorded() -> Vec<(String, SessionEvent)> {
    let lines = include_str!("../../../../../tests/vectors/events.jsonl").lines();
    lines
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let event = SessionEvent::from_json(&line["event"].to_string()).unwrap();
            (line["runtime"].as_str().unwrap().to_owned(), event)
        })
        .collect()
}

fn made(event_type: &str, data: Value) -> SessionEvent {
    SessionEvent::from_json(&json!({"type": event_type, "id": "e", "data": data}).to_string()).unwrap()
}

/// The data of every recorded event of a variant, by runtime: `1.0.102` and then `1.0.57`.
macro_rules! recorded {
    ($variant:ident, $runtime:literal) => {
        recorded()
            .iter()
            .filter(|(runtime, _)| runtime == $runtime)
            .filter_map(|(_, event)| match event.try_data().unwrap() {
                EventData::$variant(data) => Some(data),
                _ => None,
            })
            .collect::<Vec<_>>()
    };
}

/// The name of a variant that belongs to an event type: `session.usage_info` is `SessionUsageInfo`.
fn variant_of(event_type: &str) -> String {
    match event_type {
        "session.session_limits_changed" => return "SessionLimitsChanged".into(),
        "session.extensions.attachments_pushed" => return "SessionAttachmentsPushed".into(),
        "codriver.events_lost" => return "EventsLost".into(),
        "codriver.session_repaired" => return "SessionRepaired".into(),
        _ => {}
    }
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    event_type.split(['.', '_']).map(capital).collect()
}

fn name_of(data: &EventData) -> String {
    format!("{data:?}").split('(').next().unwrap_or_default().to_owned()
}

#[test]
fn every_recorded_event_decodes_into_the_variant_of_its_type() {
    let events = recorded();
    assert_eq!(events.len(), 87);
    for (runtime, event) in events {
        let data = event.try_data().unwrap_or_else(|e| panic!("{runtime} {event:?}: {e}"));
        let known = EventData::TYPES.contains(&event.event_type());
        let expected = if known { variant_of(event.event_type()) } else { "Other".to_owned() };
        assert_eq!(name_of(&data), expected, "{runtime} {event:?}");
        assert_eq!(data, event.data());
    }
}

#[test]
fn the_untyped_events_of_the_recordings_are_these() {
    let mut other: Vec<_> = recorded().iter().map(|(_, e)| e.event_type().to_owned()).collect();
    other.retain(|event_type| !EventData::TYPES.contains(&event_type.as_str()));
    other.dedup();
    assert_eq!(other, ["model.call_start", "sandbox.decision", "session.indexed_search"]);
}

#[test]
fn every_type_decodes_empty_null_and_absent_data_as_its_own_variant() {
    for event_type in EventData::TYPES.iter().filter(|t| **t != super::super::event::EVENTS_LOST) {
        let absent = SessionEvent::from_json(&json!({"type": event_type}).to_string()).unwrap();
        for event in [made(event_type, json!({})), made(event_type, Value::Null), absent] {
            assert_eq!(name_of(&event.try_data().unwrap()), variant_of(event_type));
        }
    }
}

#[test]
fn a_turn_of_both_runtimes_has_its_ids_and_text() {
    let message = &recorded!(AssistantMessage, "1.0.102")[0];
    assert_eq!(message.content, "Hello from the fake model.");
    let prompt = &recorded!(UserMessage, "1.0.102")[0];
    assert_eq!((prompt.content.as_str(), prompt.delivery.as_deref()), ("hi there", Some("idle")));
    assert!(prompt.message_id.is_some() && prompt.message_id == message.originating_message_id);
    let older = &recorded!(AssistantMessage, "1.0.57")[0];
    assert_eq!((older.content.as_str(), older.output_tokens), ("Hello there", Some(6)));
    assert_eq!(
        (&older.originating_message_id, &recorded!(UserMessage, "1.0.57")[0].message_id),
        (&None, &None)
    );
    assert_eq!(recorded!(AssistantTurnStart, "1.0.57")[0].turn_id, "0");
    assert_eq!(recorded!(AssistantTurnEnd, "1.0.102")[0].turn_id, "0");
    let delta = &recorded!(AssistantMessageDelta, "1.0.102")[0];
    assert_eq!(delta.delta_content, "Hello");
    assert_eq!(delta.message_id, recorded!(AssistantMessageStart, "1.0.102")[0].message_id);
    assert_eq!(recorded!(AssistantReasoningDelta, "1.0.102")[0].delta_content, "thinking it over");
    assert_eq!(recorded!(AssistantReasoning, "1.0.102")[0].content, "thinking it over");
    assert_eq!(recorded!(AssistantStreamingDelta, "1.0.102")[0].total_response_size_bytes, 5);
    assert_eq!(recorded!(SessionIdle, "1.0.102")[0].mode.as_deref(), Some("interactive"));
    assert_eq!(recorded!(SessionIdle, "1.0.57")[0], SessionIdle::default());
}

#[test]
fn usage_of_both_runtimes_has_its_numbers_whole_or_not() {
    let usage = &recorded!(AssistantUsage, "1.0.102")[0];
    assert_eq!((usage.model.as_str(), usage.input_tokens, usage.cost), ("gpt-4o-mini", Some(10), Some(0.0)));
    assert_eq!((usage.duration_ms, usage.time_to_first_token_ms), (Some(32.0), Some(30.291715)));
    assert_eq!((usage.finish_reason.as_deref(), usage.is_byok), (Some("stop"), Some(true)));
    assert_eq!(recorded!(AssistantUsage, "1.0.57")[0].time_to_first_token_ms, Some(26.0));
    let window = &recorded!(SessionUsageInfo, "1.0.57")[0];
    assert_eq!((window.token_limit, window.current_tokens, window.is_initial), (128_000, 11_783, Some(true)));
}

#[test]
fn a_tool_call_can_be_followed_through_its_events() {
    let asked = &recorded!(AssistantMessage, "1.0.102")[1].tool_requests[0];
    assert_eq!((asked.name.as_str(), asked.kind.as_deref()), ("get_weather", Some("function")));
    assert_eq!(asked.arguments, Some(json!({"city": "Paris"})));
    assert_eq!(recorded!(AssistantToolCallDelta, "1.0.102")[0].input_delta, r#"{"city":"Paris"}"#);
    let start = &recorded!(ToolExecutionStart, "1.0.102")[1];
    assert_eq!((start.tool_name.as_str(), start.tool_title.as_deref()), ("bash", Some("Running command")));
    assert!(!start.shell_tool_info.as_ref().unwrap().has_write_file_redirection);
    let permission = &recorded!(PermissionRequested, "1.0.102")[0];
    assert_eq!((permission.kind(), permission.tool_call_id()), ("custom-tool", Some("call_1")));
    assert_eq!(recorded!(PermissionRequested, "1.0.102")[1].kind(), "shell");
    let decided = &recorded!(PermissionCompleted, "1.0.102")[0];
    assert_eq!(decided.request_id, permission.request_id);
    assert!(decided.result.is_approved());
    let call = &recorded!(ExternalToolRequested, "1.0.102")[0];
    assert_eq!(
        (call.session_id.as_str(), call.arguments.as_ref()),
        ("rec-tools", Some(&json!({"city": "Paris"})))
    );
    assert_eq!(recorded!(ExternalToolCompleted, "1.0.102")[0].request_id, call.request_id);
    let done = &recorded!(ToolExecutionComplete, "1.0.102")[0];
    assert!(done.success && done.error.is_none());
    assert_eq!(done.result.as_ref().unwrap().content, "22C sunny");
    let shell = recorded!(ToolExecutionComplete, "1.0.102")[1].result.clone().unwrap();
    assert_eq!(shell.contents[0]["type"], "shell_exit");
    assert_eq!(recorded!(ToolExecutionPartialResult, "1.0.102")[0].partial_output, "hi\n");
    assert_eq!(recorded!(ToolShellOutput, "1.0.102")[0].stream, "stdout");
}

#[test]
fn hooks_and_questions_have_their_ids_and_answers() {
    let (start, end) = (&recorded!(HookStart, "1.0.102")[0], &recorded!(HookEnd, "1.0.102")[0]);
    assert_eq!((start.hook_type.as_str(), end.success), ("sessionStart", true));
    assert_eq!(start.hook_invocation_id, end.hook_invocation_id);
    let question = &recorded!(UserInputRequested, "1.0.102")[0];
    assert_eq!(
        (question.choices.as_slice(), question.allow_freeform),
        (&["red".into(), "blue".into()][..], Some(true))
    );
    let answer = &recorded!(UserInputCompleted, "1.0.102")[0];
    assert_eq!((answer.answer.as_deref(), answer.was_freeform), (Some("blue"), Some(true)));
}

#[test]
fn the_life_of_a_session_has_its_times_counts_and_places() {
    let start = &recorded!(SessionStart, "1.0.102")[0];
    assert_eq!((start.session_id.as_str(), start.copilot_version.as_str()), ("my-session-1", "1.0.102"));
    assert_eq!(start.context.as_ref().unwrap().cwd, "/project");
    let cloud = &recorded!(SessionStart, "1.0.57")[1];
    assert_eq!((cloud.producer.as_str(), cloud.selected_model.as_ref()), ("copilot-agent", None));
    let resume = &recorded!(SessionResume, "1.0.102")[0];
    assert_eq!(
        (resume.event_count, resume.session_was_active, &resume.session_limits),
        (8, Some(false), &None)
    );
    let end = &recorded!(SessionShutdown, "1.0.102")[0];
    assert_eq!((end.shutdown_type.as_str(), end.session_start_time), ("routine", 1_795_225_476_217));
    assert_eq!(end.model_metrics["gpt-4o-mini"].usage.input_tokens, 10);
    assert_eq!(end.agent_metrics["main"].total_api_duration_ms, 32.0);
    assert_eq!(recorded!(SessionError, "1.0.57")[0].error_type, "notification");
    assert_eq!(recorded!(SessionInfo, "1.0.102")[0].message, "m");
    assert_eq!(recorded!(SessionWarning, "1.0.102")[0].warning_type, "notification");
    assert_eq!(recorded!(SessionTitleChanged, "1.0.102")[0].title, "hi there");
}

#[test]
fn changes_of_model_mode_context_and_skills_are_read() {
    let model = &recorded!(SessionModelChange, "1.0.57")[0];
    assert_eq!((model.previous_model.as_deref(), model.new_model.as_str()), (Some("m"), "m2"));
    assert_eq!(recorded!(SessionModelChange, "1.0.102")[0].source.as_deref(), Some("sdk"));
    assert_eq!(recorded!(SessionModeChanged, "1.0.102")[0].new_mode, "plan");
    assert_eq!(recorded!(SessionContextChanged, "1.0.102")[0].pending_git_context, Some(true));
    assert_eq!(recorded!(SessionSkillsLoaded, "1.0.57")[0].skills[0].source, "builtin");
    assert_eq!(recorded!(SessionPlanChanged, "1.0.57")[0].operation, "create");
}

#[test]
fn a_compaction_may_remove_less_than_nothing() {
    let done = &recorded!(SessionCompactionComplete, "1.0.57")[0];
    assert_eq!((done.success, done.tokens_removed, done.messages_removed), (true, Some(-7), Some(1)));
    assert_eq!(done.compaction_tokens_used.as_ref().unwrap().input_tokens, Some(10));
    assert_eq!(recorded!(SessionCompactionStart, "1.0.102")[0].current_tokens, Some(8855));
}
