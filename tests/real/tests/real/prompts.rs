//! Prompts and their turns: which answer belongs to which prompt, and what happens when a turn does not end well.

use std::time::Duration;

use codriver::{HandlerContext, SendOptions, Tool, ToolInvocation, ToolResult};
use model_stub::End;
use real_tests::{Record, Scene, TURN, tool};
use serde_json::json;

on_every_runtime! {
    an_abort_ends_the_turn_and_the_models_request,
    overlapping_prompts_get_their_own_answers,
    a_prompt_that_steers_gets_the_answer_of_the_turn_it_joined,
    a_turn_that_fails_is_an_error_with_the_models_words,
    a_timeout_names_the_pending_tool_and_aborts_only_if_told_to,
    system_message_sections_are_rewritten_by_their_handlers,
}

// 1.0.57 never asks for tokens.
on_newer_runtimes! {
    the_provider_gets_the_token_its_handler_gives,
    a_token_handler_that_throws_fails_the_turn,
}

async fn an_abort_ends_the_turn_and_the_models_request(scene: &Scene) {
    let client = scene.client().await;
    let heard = Record::new();
    let session = client.create_session(scene.config().on_event(heard.hears())).await.unwrap();
    let turn = tokio::spawn({
        let session = session.clone();
        async move { session.send_and_wait("HANG so far", TURN).await }
    });
    heard.first("assistant.message_delta").await;
    session.abort().await.unwrap();
    let result = turn.await.unwrap().unwrap();
    assert!(result.aborted && result.content.is_none(), "{result:?}");
    let hung_up = scene.model.wait_until(|requests| requests.last().is_some_and(|r| r.end == End::HungUp));
    tokio::time::timeout(TURN, hung_up).await.expect("the runtime hangs up");
    assert_eq!(scene.say(&session, "still there?").await, "You said: still there?");
}

async fn overlapping_prompts_get_their_own_answers(scene: &Scene) {
    let client = scene.client().await;
    let heard = Record::new();
    let session = client.create_session(scene.config().on_event(heard.hears())).await.unwrap();
    let (one, two, three) = tokio::join!(
        session.send_and_wait("SLOW 50 STREAM 20", TURN),
        session.send_and_wait("two", TURN),
        session.send_and_wait("three", TURN),
    );
    let (one, two, three) = (one.unwrap(), two.unwrap(), three.unwrap());
    assert!(one.content.is_some_and(|content| content.starts_with("0000000 0000001 ")));
    assert_eq!(two.content.as_deref(), Some("You said: two"));
    assert_eq!(three.content.as_deref(), Some("You said: three"));
    assert!(one.message_id != two.message_id && two.message_id != three.message_id);
    // They went out in the order of the calls.
    heard.nth("user.message", 3).await;
    let prompts =
        heard.of("user.message").iter().map(|e| real_tests::data(e)["content"].clone()).collect::<Vec<_>>();
    assert_eq!(prompts, ["SLOW 50 STREAM 20", "two", "three"]);
}

async fn a_prompt_that_steers_gets_the_answer_of_the_turn_it_joined(scene: &Scene) {
    let client = scene.client().await;
    let (release, released) = tokio::sync::watch::channel(false);
    let held = move |_: ToolInvocation, _: HandlerContext| {
        let mut released = released.clone();
        async move {
            released.wait_for(|released| *released).await?;
            Ok(ToolResult::text("released"))
        }
    };
    let heard = Record::new();
    let mut hold = Tool::new("hold", "Holds the turn").handler(held);
    hold.skip_permission = Some(true);
    let session = client.create_session(scene.config().tool(hold).on_event(heard.hears())).await.unwrap();
    let first = tokio::spawn({
        let session = session.clone();
        async move { session.send_and_wait(tool("hold", json!({})), TURN).await }
    });
    heard.first("external_tool.requested").await;
    let steer = session.send_and_wait(SendOptions::new("other way").immediate(), TURN);
    let (steer, ()) = tokio::join!(steer, async {
        // The tool ends once the runtime has the second prompt.
        tokio::time::sleep(Duration::from_millis(500)).await;
        release.send_replace(true);
    });
    assert_eq!(steer.unwrap().content.as_deref(), Some("You said: other way"));
    assert!(!first.await.unwrap().unwrap().aborted);
}

async fn a_turn_that_fails_is_an_error_with_the_models_words(scene: &Scene) {
    let client = scene.client().await;
    let session = client.create_session(scene.config()).await.unwrap();
    let error = session.send_and_wait("FAIL 400", TURN).await.unwrap_err();
    assert_eq!(error.name(), "SESSION_ERROR");
    assert!(error.message().contains("scripted failure 400"), "{error}");
    assert_eq!(scene.say(&session, "better now?").await, "You said: better now?");
}

async fn a_timeout_names_the_pending_tool_and_aborts_only_if_told_to(scene: &Scene) {
    let client = scene.client().await;
    let (heard, cancelled) = (Record::new(), Record::new());
    let told = cancelled.clone();
    let hanging = move |call: ToolInvocation, context: HandlerContext| {
        let told = told.clone();
        async move {
            context.cancellation.cancelled().await;
            told.push(call.tool_call_id);
            Ok(ToolResult::text("too late"))
        }
    };
    let mut hang = Tool::new("hang", "Never ends").handler(hanging);
    hang.skip_permission = Some(true);
    let session = client.create_session(scene.config().tool(hang).on_event(heard.hears())).await.unwrap();

    let prompt = tool("hang", json!({}));
    let error = session.send_and_wait(prompt.as_str(), Duration::from_secs(4)).await.unwrap_err();
    assert_eq!(error.name(), "TIMEOUT");
    assert!(error.message().contains("`hang`") && error.message().contains("the turn goes on"), "{error}");
    assert_eq!((cancelled.count(), heard.of("session.idle").len()), (0, 0));
    session.abort().await.unwrap();
    heard.first("session.idle").await;
    cancelled.until(|calls| calls.len() == 1).await.expect("the tool is told of the abort");

    let options = SendOptions::new(prompt).abort_on_timeout();
    let error = session.send_and_wait(options, Duration::from_secs(4)).await.unwrap_err();
    assert!(error.name() == "TIMEOUT" && error.message().contains("the turn was aborted"), "{error}");
    cancelled.until(|calls| calls.len() == 2).await.expect("the tool is told of the second abort");
    assert_eq!(scene.say(&session, "go on").await, "You said: go on");
}

async fn system_message_sections_are_rewritten_by_their_handlers(scene: &Scene) {
    let client = scene.client().await;
    let (sections, failures) = (Record::<String>::new(), Record::new());
    let reported = failures.clone();
    let config = scene
        .config()
        .on_system_message_section("identity", sections.answers(|text| format!("{text}\nMARKER-7f3a")))
        .on_system_message_section("tone", sections.throws::<String>("no tone"))
        .on_handler_error(move |failure| reported.push(failure.place.clone()));
    let session = client.create_session(config).await.unwrap();
    assert_eq!(scene.say(&session, "ECHO_SYSTEM MARKER-7f3a").await, "System message has MARKER-7f3a: yes");
    assert!(sections.all().iter().any(|text| !text.is_empty()), "{:?}", sections.all());
    assert!(failures.all().iter().all(|place| place.contains("tone")) && failures.count() > 0);

    let plain = client.create_session(scene.config()).await.unwrap();
    assert_eq!(scene.say(&plain, "ECHO_SYSTEM MARKER-7f3a").await, "System message has MARKER-7f3a: no");
}

async fn the_provider_gets_the_token_its_handler_gives(scene: &Scene) {
    let client = scene.client().await;
    let asked = Record::new();
    let number = asked.clone();
    let mut config =
        scene.config().on_provider_token(asked.answers(move |_| format!("fresh-{}", number.count())));
    config.provider.as_mut().unwrap().api_key = None;
    let session = client.create_session(config).await.unwrap();
    scene.say(&session, "one").await;
    scene.say(&session, "two").await;
    let requests = scene.model.requests();
    assert!(requests[0].authorization_is("fresh-1") && requests[1].authorization_is("fresh-2"));
    let asked: Vec<codriver::protocol::requests::ProviderTokenRequest> = asked.all();
    assert!(
        asked.iter().all(|request| request.provider_name == "default" && request.session_id == session.id())
    );
}

async fn a_token_handler_that_throws_fails_the_turn(scene: &Scene) {
    let client = scene.client().await;
    let asked = Record::<codriver::protocol::requests::ProviderTokenRequest>::new();
    let config = scene.config().on_provider_token(asked.throws("the vault is shut"));
    let session = client.create_session(config).await.unwrap();
    let error = session.send_and_wait("hello", TURN).await.unwrap_err();
    assert_eq!(error.name(), "SESSION_ERROR");
    assert!(asked.count() > 0);
    assert!(scene.model.requests().is_empty());
}
