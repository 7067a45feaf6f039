use super::*;

fn user(id: &str, content: &str) -> Signal {
    let message_id = (!id.is_empty()).then(|| id.to_owned());
    Signal::UserMessage { message_id, content: content.into(), steering: false }
}

fn steering(id: &str, content: &str) -> Signal {
    Signal::UserMessage { message_id: Some(id.into()), content: content.into(), steering: true }
}

fn says(originating: &str, content: &str) -> Signal {
    let originating = (!originating.is_empty()).then(|| originating.to_owned());
    Signal::AssistantMessage { originating, content: content.into() }
}

const IDLE: Signal = Signal::Idle { aborted: false };

fn done(content: &str) -> Option<Outcome> {
    Some(Outcome::Done { content: Some(content.into()), aborted: false })
}

/// Binds `wait` to its id and plays `signals`; the number of the signal that ended it, and how.
fn play(mut wait: Wait, id: &str, signals: &[Signal]) -> Option<(usize, Outcome)> {
    assert_eq!(wait.bind(id), None);
    let (at, outcome) = signals.iter().enumerate().find_map(|(n, s)| wait.observe(s).map(|o| (n, o)))?;
    assert_eq!(wait.observe(&IDLE), None, "an outcome comes once");
    Some((at, outcome))
}

#[test]
fn i18_a_turn_ends_with_the_idle_after_its_own_user_message() {
    let turn = [
        user("m", "hi"),
        Signal::TurnStart,
        says("m", ""),
        Signal::TurnEnd,
        Signal::TurnStart,
        says("m", "hello"),
        Signal::TurnEnd,
        IDLE,
    ];
    assert_eq!(play(Wait::new("hi", false, false), "m", &turn), done("hello").map(|o| (7, o)));
}

#[test]
fn i18_two_queued_prompts_with_one_idle_end_each_with_their_own_answer() {
    let both = [
        user("a", "1"),
        Signal::TurnStart,
        says("a", "one"),
        Signal::TurnEnd,
        user("b", "2"),
        Signal::TurnStart,
        says("b", "two"),
        Signal::TurnEnd,
        IDLE,
    ];
    assert_eq!(play(Wait::new("1", false, false), "a", &both), done("one").map(|o| (4, o)));
    assert_eq!(play(Wait::new("2", false, true), "b", &both), done("two").map(|o| (8, o)));
}

#[test]
fn the_same_prompt_twice_is_told_apart_by_its_id() {
    let both = [
        user("a", "x"),
        Signal::TurnStart,
        says("a", "one"),
        Signal::TurnEnd,
        user("b", "x"),
        Signal::TurnStart,
        says("b", "two"),
        Signal::TurnEnd,
        IDLE,
    ];
    assert_eq!(play(Wait::new("x", false, false), "a", &both).unwrap().1, done("one").unwrap());
}

#[test]
fn i18_an_idle_of_the_turn_before_does_not_end_ours() {
    let signals = [IDLE, user("b", "2"), Signal::TurnStart, says("b", "two"), Signal::TurnEnd, IDLE];
    assert_eq!(play(Wait::new("2", false, true), "b", &signals), done("two").map(|o| (5, o)));
}

#[test]
fn i18_an_idle_of_a_prompt_taken_before_ours_and_seen_after_it_does_not_end_ours() {
    // When ours was sent, nothing of the other's turn had come: the session did not look busy.
    let both =
        [user("a", "1"), says("a", "one"), Signal::TurnEnd, IDLE, user("b", "2"), says("b", "two"), IDLE];
    assert_eq!(play(Wait::new("2", false, false), "b", &both), done("two").map(|o| (6, o)));
    // Without ids it may be our own prompt, as a hook changed it.
    let changed = [user("", "2, and politely"), says("", "two"), IDLE];
    assert_eq!(play(Wait::new("2", false, false), "b", &changed), done("two").map(|o| (2, o)));
}

#[test]
fn a_steering_prompt_takes_the_answers_of_the_run_it_joined() {
    let signals = [
        user("a", "1"),
        Signal::TurnStart,
        Signal::TurnEnd,
        steering("b", "2"),
        Signal::TurnStart,
        says("a", "both"),
        Signal::TurnEnd,
        IDLE,
    ];
    assert_eq!(play(Wait::new("1", false, false), "a", &signals), done("both").map(|o| (7, o)));
    assert_eq!(play(Wait::new("2", true, true), "b", &signals), done("both").map(|o| (7, o)));
}

#[test]
fn i18_without_ids_the_turn_begins_with_our_prompt() {
    let signals =
        [says("", "old"), IDLE, user("", "hi"), Signal::TurnStart, says("", "hello"), Signal::TurnEnd, IDLE];
    assert_eq!(play(Wait::new("hi", false, true), "m", &signals), done("hello").map(|o| (6, o)));
}

#[test]
fn a_cloud_session_that_echoes_the_prompt_with_another_id_is_still_one_turn() {
    let signals = [user("", "hi"), user("", "hi"), says("", "hello"), IDLE];
    assert_eq!(play(Wait::new("hi", false, false), "m", &signals), done("hello").map(|o| (3, o)));
}

#[test]
fn a_prompt_that_never_becomes_a_user_message_ends_with_the_idle() {
    let outcome = play(Wait::new("/help", false, false), "m", &[IDLE]);
    assert_eq!(outcome, Some((0, Outcome::Done { content: None, aborted: false })));
}

#[test]
fn signals_before_the_answer_to_send_are_not_forgotten() {
    let mut wait = Wait::new("hi", false, false);
    for signal in [user("m", "hi"), Signal::TurnStart, says("m", "hello"), Signal::TurnEnd, IDLE] {
        assert_eq!(wait.observe(&signal), None);
    }
    assert_eq!(wait.bind("m"), done("hello"));
}

#[test]
fn errors_aborts_and_the_session_end_are_told_apart() {
    let error = Signal::Error { message: "500".into(), originating: None };
    let failed = play(Wait::new("hi", false, false), "m", &[user("m", "hi"), Signal::TurnEnd, error, IDLE]);
    assert_eq!(failed, Some((3, Outcome::Failed { message: "500".into() })));
    let aborted =
        play(Wait::new("hi", false, false), "m", &[user("m", "hi"), Signal::Idle { aborted: true }]);
    assert_eq!(aborted, Some((1, Outcome::Done { content: None, aborted: true })));
    let ended = play(Wait::new("hi", false, false), "m", &[Signal::Shutdown]);
    assert_eq!(ended, Some((0, Outcome::SessionEnded)));
}

#[test]
fn signals_are_read_from_recorded_data_and_odd_data_does_no_harm() {
    let data = r#"{"content":"hi","messageId":"m","delivery":"idle","extra":1}"#;
    assert_eq!(signal("user.message", data), Some(user("m", "hi")));
    assert_eq!(
        signal("assistant.message", r#"{"originatingMessageId":"m","content":"c"}"#),
        Some(says("m", "c"))
    );
    assert_eq!(signal("session.idle", "null"), Some(IDLE));
    assert_eq!(signal("session.idle", r#"{"aborted":true}"#), Some(Signal::Idle { aborted: true }));
    assert_eq!(signal("assistant.message_delta", "{}"), None);
}
