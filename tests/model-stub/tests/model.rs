//! The model stub over real HTTP.

use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use model_stub::{Answer, End, ModelStub, Script, ToolCall};
use serde_json::{Value, json};
use tokio::time::timeout;
use ureq::http::Response;
use ureq::{Agent, Body};

const SOON: Duration = Duration::from_secs(10);

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).timeout_global(Some(SOON)).build().into()
}

fn ask(stub: &ModelStub, body: &Value) -> Response<Body> {
    let url = format!("{}/chat/completions", stub.base_url());
    agent().post(url).header("authorization", "Bearer secret-key").send_json(body).unwrap()
}

fn said(prompt: &str) -> Value {
    json!({"model": "m", "stream": true, "messages": [{"role": "user", "content": prompt}]})
}

/// The data of every server-sent event up to `[DONE]`, which must be the last.
fn chunks(response: Response<Body>) -> Vec<Value> {
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut chunks = Vec::new();
    let mut done = false;
    for line in BufReader::new(response.into_body().into_reader()).lines() {
        let line = line.unwrap();
        let Some(data) = line.strip_prefix("data: ") else {
            assert!(line.is_empty(), "not an event: {line}");
            continue;
        };
        assert!(!done, "data after [DONE]");
        if data == "[DONE]" {
            done = true;
        } else {
            chunks.push(serde_json::from_str(data).unwrap());
        }
    }
    assert!(done, "the stream ended without [DONE]");
    chunks
}

fn content(chunks: &[Value]) -> String {
    chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect()
}

#[test]
fn a_plain_prompt_is_streamed_in_words_and_ends_with_usage() {
    let stub = ModelStub::start(Script::directives()).unwrap();
    let chunks = chunks(ask(&stub, &said("good morning")));
    assert_eq!(content(&chunks), "You said: good morning");
    assert_eq!(chunks.len(), 1 + 4 + 2, "role, four words, finish, usage");
    assert!(chunks.iter().all(|chunk| chunk["object"] == "chat.completion.chunk" && chunk["model"] == "m"));
    assert_eq!(chunks[5]["choices"][0]["finish_reason"], "stop");
    assert!(chunks[6]["usage"]["total_tokens"].as_u64().unwrap() > 0);
}

#[test]
fn without_stream_the_answer_is_one_body() {
    let stub = ModelStub::start(Script::directives()).unwrap();
    let mut request = said("REASON let me think\nSAY four words in all");
    request["stream"] = json!(false);
    let body: Value = ask(&stub, &request).body_mut().read_json().unwrap();
    let choice = &body["choices"][0];
    assert_eq!(choice["message"]["content"], "four words in all");
    assert_eq!(choice["message"]["reasoning_text"], "let me think");
    assert_eq!(choice["finish_reason"], "stop");
}

#[test]
fn tool_calls_carry_an_index_and_ids_that_do_not_repeat() {
    let stub = ModelStub::start(Script::directives()).unwrap();
    let prompt = r#"TOOLS [{"name":"a","args":{"x":1}},{"name":"b"}]"#;
    let first = chunks(ask(&stub, &said(prompt)));
    let calls: Vec<_> =
        first.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["tool_calls"].get(0)).collect();
    assert_eq!(calls.len(), 2);
    assert_eq!((&calls[0]["index"], &calls[1]["index"]), (&json!(0), &json!(1)));
    assert_eq!(calls[0]["function"], json!({"name": "a", "arguments": r#"{"x":1}"#}));
    assert_eq!(calls[1]["function"]["arguments"], "{}");
    assert_ne!(calls[0]["id"], calls[1]["id"]);
    assert_eq!(first[first.len() - 2]["choices"][0]["finish_reason"], "tool_calls");

    let mut with_results = said(prompt);
    let messages = with_results["messages"].as_array_mut().unwrap();
    messages.push(json!({"role": "assistant", "content": null, "tool_calls": calls}));
    messages.push(json!({"role": "tool", "tool_call_id": calls[0]["id"], "content": "one"}));
    messages.push(json!({"role": "tool", "tool_call_id": calls[1]["id"], "content": "two"}));
    assert_eq!(content(&chunks(ask(&stub, &with_results))), "Tool said: one | two");
}

#[test]
fn ten_thousand_chunks_arrive_whole_and_in_order() {
    let stub = ModelStub::start(Script::directives()).unwrap();
    let text = content(&chunks(ask(&stub, &said("STREAM 10000 12"))));
    let numbers: Vec<usize> = text.split_whitespace().map(|number| number.parse().unwrap()).collect();
    assert_eq!(text.len(), 10_000 * 12);
    assert!(numbers.iter().copied().eq(0..10_000));
}

#[test]
fn slow_pauses_before_every_chunk() {
    let stub = ModelStub::start(Script::directives()).unwrap();
    let start = Instant::now();
    let text = content(&chunks(ask(&stub, &said("SLOW 30 STREAM 5"))));
    assert_eq!(text, "0000000 0000001 0000002 0000003 0000004 ");
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[test]
fn fail_is_an_http_error_until_its_attempts_are_used_up() {
    let stub = ModelStub::start(Script::directives()).unwrap();
    for attempt in 0..3 {
        let mut response = ask(&stub, &said("FAIL 429 2"));
        if attempt < 2 {
            assert_eq!(response.status(), 429);
            let body: Value = response.body_mut().read_json().unwrap();
            assert_eq!(body["error"]["message"], "scripted failure 429");
        } else {
            assert_eq!(content(&chunks(response)), "Answered after 2 failures.");
        }
    }
}

#[tokio::test]
async fn a_hanging_answer_is_recorded_as_hung_up_once_the_peer_leaves() {
    let stub = ModelStub::start(Script::directives()).unwrap();
    let response = ask(&stub, &said("HANG so far"));
    let mut lines = BufReader::new(response.into_body().into_reader()).lines();
    let far = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("far"))).unwrap();
    assert!(far.is_ok());
    assert_eq!(stub.requests()[0].end, End::Open);
    drop(lines);
    let hung_up = stub.wait_until(|requests| requests[0].end == End::HungUp);
    timeout(SOON, hung_up).await.expect("nobody noticed that the peer is gone");
}

#[test]
fn a_complete_answer_is_recorded_as_complete() {
    let stub = ModelStub::start(Script::directives()).unwrap();
    chunks(ask(&stub, &said("hi")));
    assert_eq!(stub.requests()[0].end, End::Complete);
}

#[test]
fn requests_are_recorded_and_secrets_can_only_be_compared() {
    let stub = ModelStub::start(Script::directives()).unwrap();
    let url = format!("{}/chat/completions", stub.base_url());
    let request = agent().post(url).header("authorization", "Bearer secret-key").header("x-trace", "7");
    request.send_json(said("hi")).unwrap();
    agent().get(format!("{}/models", stub.base_url())).call().unwrap();

    let requests = stub.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!((requests[0].method.as_str(), requests[0].path.as_str()), ("POST", "/v1/chat/completions"));
    assert_eq!(requests[0].body["messages"][0]["content"], "hi");
    assert_eq!(requests[0].headers["x-trace"], "7");
    assert!(requests[0].authorization_is("secret-key") && !requests[0].authorization_is("other"));
    assert!(!format!("{requests:?}").contains("secret-key"));
    assert!(requests[0].has_authorization() && !requests[1].has_authorization());
}

#[test]
fn what_is_not_there_is_an_error_that_says_so() {
    let stub = ModelStub::start(Script::directives()).unwrap();
    let bad = ask(&stub, &json!({"model": "m"}));
    assert_eq!(bad.status(), 400);
    let missing = agent().get(format!("http://127.0.0.1:{}/v2", stub.port())).call().unwrap();
    assert_eq!(missing.status(), 404);
}

#[test]
fn a_script_can_be_any_function() {
    let script = Script::new(|conversation| {
        let call = ToolCall { name: conversation.model.clone(), arguments: json!({}) };
        Answer::calls([call]).into()
    });
    let stub = ModelStub::start(script).unwrap();
    let chunks = chunks(ask(&stub, &said("whatever")));
    assert_eq!(chunks[1]["choices"][0]["delta"]["tool_calls"][0]["function"]["name"], "m");
}

#[test]
fn dropping_the_stub_ends_open_answers_and_frees_the_port() {
    let stub = ModelStub::start(Script::directives()).unwrap();
    let port = stub.port();
    let mut lines = BufReader::new(ask(&stub, &said("HANG")).into_body().into_reader()).lines();
    assert!(lines.next().unwrap().is_ok());
    drop(stub);
    let rest: Vec<_> = lines.collect();
    assert!(rest.last().is_none_or(Result::is_err), "the answer ended as if it were whole: {rest:?}");
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}
