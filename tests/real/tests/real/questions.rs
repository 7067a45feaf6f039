//! Questions to people: user input, plans, forms, commands.

use std::path::Path;

use codriver::options::McpStdio;
use codriver::protocol::requests::{
    CommandInvocation, ElicitationRequest, ElicitationResult, ExitPlanModeRequest, ExitPlanModeResponse,
    UserInputRequest, UserInputResponse,
};
use codriver::{PermissionDecision, SendOptions};
use real_tests::{Record, Scene, TURN, data, tool};
use serde_json::{Map, Value, json};

on_every_runtime! {
    the_user_answers_what_the_model_asks,
    a_plan_is_approved_by_the_handler,
    a_form_is_filled_in_by_the_handler,
    an_mcp_servers_form_is_filled_in_by_the_handler,
    without_a_handler_a_form_is_refused_at_once,
    commands_run_and_fail_in_this_process,
}

async fn the_user_answers_what_the_model_asks(scene: &Scene) {
    let client = scene.client().await;
    let asked = Record::new();
    let choose = |request: &UserInputRequest| UserInputResponse::choice(request.choices[1].clone());
    let session =
        client.create_session(scene.config().on_user_input_request(asked.answers(choose))).await.unwrap();
    let answer = scene
        .say(&session, &tool("ask_user", json!({"question": "Which?", "choices": ["red", "blue"]})))
        .await;
    assert!(answer.contains("blue") && !answer.contains("red"), "{answer}");
    let asked = asked.all();
    assert_eq!((asked[0].question.as_str(), asked[0].session_id.as_str()), ("Which?", session.id()));

    // Where nobody can be asked, the model is not offered to.
    let silent = client.create_session(scene.config()).await.unwrap();
    assert!(scene.say(&session, "LIST_TOOLS").await.contains("ask_user"));
    assert!(!scene.say(&silent, "LIST_TOOLS").await.contains("ask_user"));
}

async fn a_plan_is_approved_by_the_handler(scene: &Scene) {
    let client = scene.client().await;
    let (asked, heard) = (Record::new(), Record::new());
    let approve = |_: &ExitPlanModeRequest| ExitPlanModeResponse::approved_with("interactive");
    let config = scene.config().on_exit_plan_mode(asked.answers(approve)).on_event(heard.hears());
    let session = client.create_session(config).await.unwrap();
    session.rpc("session.mode.set", Map::from_iter([("mode".into(), json!("plan"))])).await.unwrap();
    let plan = Path::new(session.workspace_path().unwrap()).join("plan.md");
    std::fs::write(plan, "# The plan").unwrap();
    let exit = json!({"summary": "do it", "actions": ["interactive", "autopilot"], "recommendedAction": "interactive"});
    let mut options = SendOptions::new(tool("exit_plan_mode", exit));
    options.agent_mode = Some("plan".into());
    session.send_and_wait(options, TURN).await.unwrap();
    let asked = asked.all();
    assert_eq!((asked.len(), asked[0].summary.as_str()), (1, "do it"));
    assert_eq!(asked[0].plan_content, "# The plan");
    assert!(asked[0].actions.iter().any(|action| action == "interactive"), "{asked:?}");
    assert_eq!(data(&heard.first("tool.execution_complete").await)["success"], true);
    let mode = session.rpc("session.mode.get", Map::new()).await.unwrap();
    assert!(mode == "interactive" || mode["mode"] == "interactive", "{mode}");
}

async fn a_form_is_filled_in_by_the_handler(scene: &Scene) {
    let client = scene.client().await;
    let asked = Record::new();
    let fill_in = |request: &ElicitationRequest| match request.message.as_str() {
        "Your name?" => ElicitationResult::accept(Map::from_iter([("answer".into(), json!("Ada"))])),
        "Go on?" => ElicitationResult::accept(Map::from_iter([("answer".into(), json!(true))])),
        _ => ElicitationResult::decline(),
    };
    let session =
        client.create_session(scene.config().on_elicitation_request(asked.answers(fill_in))).await.unwrap();
    assert!(session.capabilities().ui.elicitation);
    assert_eq!(session.ui().input("Your name?").await.unwrap().as_deref(), Some("Ada"));
    assert!(session.ui().confirm("Go on?").await.unwrap());
    assert!(!session.ui().confirm("Really?").await.unwrap());
    assert_eq!(session.ui().select("Colour?", &["red", "blue"]).await.unwrap(), None);
    let asked = asked.all();
    assert_eq!(asked.len(), 4);
    let schema = asked[3].requested_schema.as_ref().unwrap();
    assert_eq!(schema["properties"]["answer"]["enum"], json!(["red", "blue"]));
}

async fn an_mcp_servers_form_is_filled_in_by_the_handler(scene: &Scene) {
    let client = scene.client().await;
    let asked = Record::new();
    let fill_in =
        |_: &ElicitationRequest| ElicitationResult::accept(Map::from_iter([("name".into(), json!("Ada"))]));
    let config = scene
        .config()
        .mcp_server("stub", McpStdio::new(env!("CARGO_BIN_EXE_real-mcp")))
        .on_elicitation_request(asked.answers(fill_in))
        .on_permission_request(async |_, _| Ok(PermissionDecision::approve_once()));
    let session = client.create_session(config).await.unwrap();
    scene.wait_for_tool(&session, "stub-ask").await;
    let answer = scene.say(&session, &tool("stub-ask", json!({}))).await;
    assert!(answer.contains(r#""action":"accept""#) && answer.contains(r#""name":"Ada""#), "{answer}");
    assert_eq!(asked.all()[0].elicitation_source.as_deref(), Some("stub"));
}

async fn without_a_handler_a_form_is_refused_at_once(scene: &Scene) {
    let client = scene.client().await;
    let session = client.create_session(scene.config()).await.unwrap();
    let error = session.ui().confirm("Anybody?").await.unwrap_err();
    assert_eq!(error.name(), "INVALID_CONFIG");
    assert!(error.message().contains("on_elicitation_request"), "{error}");
}

async fn commands_run_and_fail_in_this_process(scene: &Scene) {
    let client = scene.client().await;
    let (run, failing) = (Record::new(), Record::<CommandInvocation>::new());
    let config = scene
        .config()
        .command("deploy", "Deploys", run.answers(|_: &CommandInvocation| ()))
        .command("explode", "Fails", failing.throws("boom"));
    let session = client.create_session(config).await.unwrap();
    let execute = |name: &str| {
        let params = json!({"commandName": name, "args": "prod now"});
        session.rpc("session.commands.execute", params.as_object().cloned().unwrap())
    };
    let done = execute("deploy").await.unwrap();
    assert!(done["error"].is_null(), "{done}");
    let run: Vec<CommandInvocation> = run.all();
    assert_eq!((run[0].command_name.as_str(), run[0].args.as_str()), ("deploy", "prod now"));
    let failed: Value = execute("explode").await.unwrap();
    assert!(failed["error"].as_str().is_some_and(|error| error.contains("boom")), "{failed}");
    assert_eq!(failing.count(), 1);
}
