//! Tools that this process answers.

use codriver::{HandlerContext, Tool, ToolInvocation, ToolResult};
use real_tests::{Record, Scene, TURN, data, tool};
use serde_json::{Map, Value, json};

on_every_runtime! {
    a_typed_tool_gets_its_arguments_and_its_result_reaches_the_model,
    a_declared_tool_is_answered_whenever_somebody_does,
    what_a_failing_tool_says_reaches_the_model,
    two_tools_of_one_answer_run_at_the_same_time,
}

#[derive(Debug, Clone, PartialEq, serde::Deserialize, schemars::JsonSchema)]
struct Weather {
    city: String,
    days: u8,
}

/// Without asking for a permission: that is the matter of other tests.
fn free(tool: Tool) -> Tool {
    let mut tool = tool;
    tool.skip_permission = Some(true);
    tool
}

async fn a_typed_tool_gets_its_arguments_and_its_result_reaches_the_model(scene: &Scene) {
    let client = scene.client().await;
    let (calls, told) = (Record::new(), Record::new());
    let forecast =
        |weather: &Weather| ToolResult::text(format!("rain in {} for {} days", weather.city, weather.days));
    let handler = calls.answers(forecast);
    let typed = Tool::typed("forecast", "Tells the weather", handler);
    let config = scene.config().tool(free(typed)).on_event(told.hears());
    let session = client.create_session(config).await.unwrap();

    let answer = scene.say(&session, &tool("forecast", json!({"city": "Zürich", "days": 3}))).await;
    assert_eq!(answer, "Tool said: rain in Zürich for 3 days");
    assert_eq!(calls.all(), [Weather { city: "Zürich".into(), days: 3 }]);
    assert_eq!(data(&told.first("tool.execution_complete").await)["success"], true);

    let answer = scene.say(&session, &tool("forecast", json!({"city": "Oslo", "days": "many"}))).await;
    assert!(answer.contains("invalid arguments") && answer.contains("u8"), "{answer}");
    assert_eq!(calls.count(), 1);
}

async fn a_declared_tool_is_answered_whenever_somebody_does(scene: &Scene) {
    let client = scene.client().await;
    let heard = Record::new();
    let declared = free(Tool::new("lookup", "Looks something up").parameters(json!({"type": "object"})));
    let session = client.create_session(scene.config().tool(declared).on_event(heard.hears())).await.unwrap();

    let turn = tokio::spawn({
        let session = session.clone();
        async move { session.send_and_wait(tool("lookup", json!({"key": "k"})), TURN).await }
    });
    let asked: ToolInvocation = heard.first("external_tool.requested").await.data_as().unwrap();
    assert_eq!((asked.tool_name.as_str(), &asked.arguments["key"]), ("lookup", &json!("k")));
    let params = json!({"requestId": asked.request_id, "result": ToolResult::text("found it")});
    let answered = session.rpc("session.tools.handlePendingToolCall", object(params)).await.unwrap();
    assert_eq!(answered["success"], true);
    assert_eq!(turn.await.unwrap().unwrap().content.as_deref(), Some("Tool said: found it"));
}

async fn what_a_failing_tool_says_reaches_the_model(scene: &Scene) {
    let client = scene.client().await;
    let (calls, failures) = (Record::new(), Record::new());
    let reported = failures.clone();
    let panicking = |_: ToolInvocation, _: HandlerContext| async { panic!("the shelf broke") };
    let config = scene
        .config()
        .tool(free(Tool::new("order", "Orders")).handler(calls.throws("out of stock 4711")))
        .tool(free(Tool::new("fetch", "Fetches")).handler(panicking))
        .on_handler_error(move |failure| reported.push(failure.place.clone()));
    let session = client.create_session(config).await.unwrap();

    let answer = scene.say(&session, &tool("order", json!({}))).await;
    assert!(answer.contains("out of stock 4711"), "{answer}");
    let answer = scene.say(&session, &tool("fetch", json!({}))).await;
    assert!(answer.contains("the shelf broke"), "{answer}");
    assert_eq!(failures.all(), ["tool", "tool"]);
    assert_eq!(session.counters().handler_errors, 2);
}

async fn two_tools_of_one_answer_run_at_the_same_time(scene: &Scene) {
    let client = scene.client().await;
    let both = std::sync::Arc::new(tokio::sync::Barrier::new(2));
    // Each ends only when the other one runs too.
    let meet = move |call: ToolInvocation, _: HandlerContext| {
        let both = both.clone();
        async move {
            both.wait().await;
            Ok(ToolResult::text(call.tool_name))
        }
    };
    let config = scene
        .config()
        .tool(free(Tool::new("left", "Meets right")).handler(meet.clone()))
        .tool(free(Tool::new("right", "Meets left")).handler(meet));
    let session = client.create_session(config).await.unwrap();
    let answer = scene.say(&session, r#"TOOLS [{"name": "left"}, {"name": "right"}]"#).await;
    // 1.0.85 tells the model the results in the order they came in.
    assert!(["Tool said: left | right", "Tool said: right | left"].contains(&answer.as_str()), "{answer}");
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}
