//! The script language: what the peer expects, sends and breaks, in order. Strict: an unknown key is an error.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::firehose::Burst;

/// What the peer does in one run.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Script {
    /// What happens, one after another. After the last step the peer goes on answering until the client leaves.
    pub steps: Vec<Step>,
    /// Methods answered wherever they come, in place of the built-in answer.
    pub auto: BTreeMap<String, Auto>,
    /// Methods that are never answered and that no step sees.
    pub ignore: Vec<String>,
}

impl Script {
    /// The script of run `run` (0 is the first): the text is one script, or a list with one for each run, the last of
    /// which is also for all further ones.
    pub fn parse(text: &str, run: usize) -> Result<Self, String> {
        let script =
            match serde_json::from_str::<Value>(text).map_err(|e| format!("the script is not JSON: {e}"))? {
                Value::Array(mut runs) => match run.min(runs.len().saturating_sub(1)) {
                    index if index < runs.len() => runs.swap_remove(index),
                    _ => return Err("the list of scripts is empty".to_owned()),
                },
                one => one,
            };
        serde_json::from_value(script).map_err(|e| format!("the script is wrong: {e}"))
    }

    /// Every method that a step expects: these wait for their step, all others are answered at once.
    pub fn expected_methods(&self) -> Vec<String> {
        fn collect(steps: &[Step], into: &mut Vec<String>) {
            for step in steps {
                match step {
                    Step::Expect(expect) => into.push(expect.method.clone()),
                    Step::ExpectNone(none) => into.push(none.method.clone()),
                    Step::Coalesce(inner) => collect(inner, into),
                    Step::Repeat(repeat) => collect(&repeat.steps, into),
                    _ => {}
                }
            }
        }
        let mut methods = Vec::new();
        collect(&self.steps, &mut methods);
        methods
    }
}

/// An answer that is ready for a method; `$name` stands for the request's parameter of that name.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Auto {
    /// What the built-in peer answers, though a step names the method too.
    Builtin,
    /// This result.
    Result(Value),
    /// This error.
    Error(RpcFailure),
}

/// A JSON-RPC error object.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RpcFailure {
    /// E.g. -32603.
    pub code: i64,
    /// Its text.
    #[serde(default)]
    pub message: String,
    /// Its data.
    #[serde(default)]
    pub data: Option<Value>,
}

/// One step. In JSON an object with one key (`{"expect": {…}}`), or the name alone where there is nothing to say.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Step {
    /// Waits for a request or notification of the client.
    Expect(Expect),
    /// Fails if such a request is there, or comes within a time.
    ExpectNone(ExpectNone),
    /// Answers a request with a result.
    Reply(Reply),
    /// Answers a request with an error.
    ReplyError(ReplyError),
    /// Answers a request as the built-in peer does.
    ReplyBuiltin(ReplyBuiltin),
    /// Sends a notification.
    Notify(Notify),
    /// Sends a `session.event`.
    Event(Event),
    /// Sends the events of one turn, from `user.message` to `session.idle`.
    Turn(Turn),
    /// Sends a request to the client.
    Request(Request),
    /// Waits for the client's answer to one.
    ExpectResponse(ExpectResponse),
    /// Fails if the client answers one within a time.
    ExpectNoResponse(ExpectNoResponse),
    /// Waits.
    SleepMs(u64),
    /// Writes bytes as they are.
    WriteRaw(WriteRaw),
    /// From now on writes everything in pieces; 0 bytes ends that.
    Split(Split),
    /// Sends what these steps send in one single write.
    Coalesce(Vec<Step>),
    /// Does the steps again and again, with `$i` counting from 0.
    Repeat(Repeat),
    /// Streams events as fast as they are taken.
    Firehose(FirehoseStep),
    /// Starts a descendant in the same process group that would live for ten minutes.
    SpawnChild,
    /// Writes to standard error.
    Stderr(StderrStep),
    /// Says that all is well so far: from here on the client may kill the process before the script's end.
    Checkpoint,
    /// Closes the way to the client, but goes on reading.
    CloseStdout,
    /// Closes both ways; the process lives on.
    Close,
    /// Ends the process.
    Exit(Exit),
    /// Ends the process as SIGKILL does.
    KillSelf,
}

/// Takes the oldest waiting request of `method` whose parameters match; waits for it if need be.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The method.
    pub method: String,
    /// A [pattern](crate::pattern) for the parameters.
    #[serde(default = "anything")]
    pub params: Value,
    /// The name by which a later step answers it; without one, only the next answer can.
    #[serde(default, rename = "as")]
    pub name: Option<String>,
    /// How long to wait, 10 s unless told.
    #[serde(default = "ten_seconds")]
    pub within_ms: u64,
}

/// A request that must not be there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectNone {
    /// The method.
    pub method: String,
    /// A pattern for the parameters.
    #[serde(default = "anything")]
    pub params: Value,
    /// How long it must not come.
    #[serde(default)]
    pub for_ms: u64,
}

/// A result for a request that was expected; `to` is its name, or it is the last one expected.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// Which request.
    #[serde(default)]
    pub to: Option<String>,
    /// A template.
    #[serde(default)]
    pub result: Value,
}

/// An error for a request that was expected.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyError {
    /// Which request.
    #[serde(default)]
    pub to: Option<String>,
    /// The error.
    pub error: RpcFailure,
}

/// The built-in answer for a request that was expected.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyBuiltin {
    /// Which request.
    #[serde(default)]
    pub to: Option<String>,
}

/// A notification.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// The method.
    pub method: String,
    /// A template for the parameters.
    #[serde(default)]
    pub params: Value,
}

/// A `session.event`; id and time are made here unless given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The session's id, a template.
    pub session: Value,
    /// The event's type.
    #[serde(rename = "type")]
    pub kind: String,
    /// A template for `data`.
    #[serde(default = "empty_object")]
    pub data: Value,
    /// Whether it is live only.
    #[serde(default)]
    pub ephemeral: bool,
    /// A template for its id.
    #[serde(default)]
    pub id: Option<Value>,
    /// Further fields of the event, templates.
    #[serde(default)]
    pub with: Map<String, Value>,
}

/// One turn: `user.message`, `assistant.turn_start`, `.message_start`, two deltas, `.message`, `.turn_end`, `session.idle`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// The session's id, a template.
    pub session: Value,
    /// What `session.send` returned, a template; null leaves the ids out, as older runtimes do.
    #[serde(default)]
    pub message_id: Value,
    /// The prompt, a template.
    #[serde(default)]
    pub prompt: Value,
    /// What the assistant says, a template.
    pub content: Value,
}

/// A request to the client.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The method.
    pub method: String,
    /// A template for the parameters.
    #[serde(default)]
    pub params: Value,
    /// The JSON-RPC id, a number or a string; the next free number unless given.
    #[serde(default)]
    pub id: Option<Value>,
    /// The name by which its answer is awaited.
    #[serde(rename = "as")]
    pub name: String,
}

/// The client's answer to a request; without a pattern any result will do.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectResponse {
    /// The request's name.
    pub to: String,
    /// A pattern for the result.
    #[serde(default)]
    pub result: Option<Value>,
    /// A pattern for the error.
    #[serde(default)]
    pub error: Option<Value>,
    /// How long to wait, 10 s unless told.
    #[serde(default = "ten_seconds")]
    pub within_ms: u64,
}

/// An answer that must not come.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectNoResponse {
    /// The request's name.
    pub to: String,
    /// How long it must not come.
    pub for_ms: u64,
}

/// Bytes; exactly one of `text` and `hex`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteRaw {
    /// As UTF-8, after `${name}` was filled in.
    #[serde(default)]
    pub text: Option<String>,
    /// Pairs of hex digits.
    #[serde(default)]
    pub hex: Option<String>,
    /// Puts this header before them, `{n}` in it becoming their length; `""` for the usual one.
    #[serde(default)]
    pub header: Option<String>,
}

/// Pieces to write in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Bytes a piece.
    pub bytes: usize,
}

/// A loop.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// How often.
    pub times: u64,
    /// What.
    pub steps: Vec<Step>,
}

/// A burst of events for a session; the script goes on when it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirehoseStep {
    /// The session's id, a template.
    pub session: Value,
    /// How much of what.
    pub burst: Burst,
}

/// Text for standard error.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StderrStep {
    /// The text.
    pub text: String,
    /// How often.
    #[serde(default = "once")]
    pub times: usize,
}

/// An end of the process.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exit {
    /// The exit code.
    #[serde(default)]
    pub code: i32,
    /// Last words on standard error.
    #[serde(default)]
    pub stderr: String,
}

fn anything() -> Value {
    Value::Object(Map::new())
}

fn empty_object() -> Value {
    Value::Object(Map::new())
}

fn ten_seconds() -> u64 {
    10_000
}

fn once() -> usize {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_or_step_is_an_error() {
        assert!(Script::parse(r#"{"steps": [{"expect": {"method": "a", "parms": {}}}]}"#, 0).is_err());
        assert!(Script::parse(r#"{"steps": [{"expekt": {"method": "a"}}]}"#, 0).is_err());
        assert!(Script::parse(r#"{"stepps": []}"#, 0).is_err());
        assert!(Script::parse(r#"{"auto": {"ping": {"resul": 1}}}"#, 0).is_err());
    }

    #[test]
    fn a_list_has_a_script_for_each_run_and_the_last_for_all_further_ones() {
        let text = r#"[{"ignore": ["first"]}, {"ignore": ["second"]}]"#;
        let ignored = |run| Script::parse(text, run).unwrap().ignore;
        assert_eq!(ignored(0), ["first"]);
        assert_eq!(ignored(1), ["second"]);
        assert_eq!(ignored(9), ["second"]);
        assert!(Script::parse("[]", 0).is_err());
    }

    #[test]
    fn expected_methods_are_found_inside_other_steps() {
        let text = r#"{"steps": [{"repeat": {"times": 2, "steps": [{"coalesce": [{"expect": {"method": "a"}}]}]}}, "close"]}"#;
        assert_eq!(Script::parse(text, 0).unwrap().expected_methods(), ["a"]);
    }
}
