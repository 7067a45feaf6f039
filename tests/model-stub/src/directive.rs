//! The directives: from the lines of a prompt to the reply of this model call. Pure; the crate's docs have the grammar.

use std::time::Duration;

use serde_json::Value;

use crate::conversation::Conversation;
use crate::reply::{Answer, Piece, Reply, ToolCall};

const DEFAULT_CHUNK_BYTES: usize = 8;

/// What one model call does, with what precedes it.
#[derive(Debug, Default, PartialEq)]
struct Step {
    pause: Duration,
    reasoning: String,
    action: Action,
}

#[derive(Debug, Default, PartialEq)]
enum Action {
    #[default]
    ToolSaid,
    Echo(String),
    Say(String),
    Call(Vec<ToolCall>),
    Stream {
        chunks: usize,
        bytes: usize,
    },
    Fail {
        status: u16,
        times: Option<usize>,
    },
    Hang(String),
    Recall,
    EchoSystem(String),
    ListTools,
}

/// The reply to the last prompt: its n-th step after n rounds of tool calls.
pub(crate) fn reply(conversation: &Conversation) -> Reply {
    match steps(conversation.last_prompt()) {
        Ok(steps) => steps.into_iter().nth(conversation.tool_rounds).unwrap_or_default().reply(conversation),
        Err(reason) => Answer::words(&format!("Script error: {reason}")).into(),
    }
}

/// Reads directives from the top; the first line that is none is echoed with all that follows.
fn steps(prompt: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut step = Step::default();
    let mut rest = prompt.trim();
    while !rest.is_empty() {
        let (line, below) = rest.split_once('\n').unwrap_or((rest, ""));
        let (word, argument) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let argument = argument.trim();
        step.action = match word {
            "REASON" => {
                argument.clone_into(&mut step.reasoning);
                rest = below.trim();
                continue;
            }
            "SLOW" => {
                let (ms, same_line) = argument.split_once(' ').unwrap_or((argument, ""));
                step.pause = Duration::from_millis(number(ms, "SLOW needs milliseconds")?);
                // The same line goes on with the next directive.
                let consumed = line.len() - same_line.len();
                rest = rest[consumed..].trim();
                continue;
            }
            "TOOL" => Action::Call(vec![tool(argument)?]),
            "TOOLS" => Action::Call(tools(argument)?),
            "SAY" => Action::Say(argument.to_owned()),
            "STREAM" => stream(argument)?,
            "FAIL" => fail(argument)?,
            "HANG" => Action::Hang(argument.to_owned()),
            "RECALL" => Action::Recall,
            "ECHO_SYSTEM" => Action::EchoSystem(argument.to_owned()),
            "LIST_TOOLS" => Action::ListTools,
            _ => {
                step.action = Action::Echo(rest.to_owned());
                steps.push(step);
                return Ok(steps);
            }
        };
        steps.push(std::mem::take(&mut step));
        rest = below.trim();
    }
    if steps.is_empty() {
        step.action = Action::Echo(String::new());
        steps.push(step);
    }
    Ok(steps)
}

fn number<T: std::str::FromStr>(text: &str, otherwise: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| format!("{otherwise}, not {text:?}"))
}

fn tool(argument: &str) -> Result<ToolCall, String> {
    let (name, arguments) = argument.split_once(' ').unwrap_or((argument, "{}"));
    if name.is_empty() {
        return Err("TOOL needs a name".to_owned());
    }
    let arguments = serde_json::from_str(arguments).map_err(|error| format!("TOOL {name}: {error}"))?;
    Ok(ToolCall { name: name.to_owned(), arguments })
}

fn tools(argument: &str) -> Result<Vec<ToolCall>, String> {
    let calls: Vec<Value> = serde_json::from_str(argument).map_err(|error| format!("TOOLS: {error}"))?;
    let call = |call: Value| {
        let name = call["name"].as_str().ok_or("TOOLS: an element has no name")?.to_owned();
        let arguments = call.get("args").cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        Ok(ToolCall { name, arguments })
    };
    calls.into_iter().map(call).collect()
}

fn stream(argument: &str) -> Result<Action, String> {
    let (chunks, bytes) = argument.split_once(' ').unwrap_or((argument, ""));
    let bytes =
        if bytes.is_empty() { DEFAULT_CHUNK_BYTES } else { number(bytes, "STREAM needs a size in bytes")? };
    Ok(Action::Stream { chunks: number(chunks, "STREAM needs a number of chunks")?, bytes })
}

fn fail(argument: &str) -> Result<Action, String> {
    let (status, times) = argument.split_once(' ').unwrap_or((argument, ""));
    let status = number(status, "FAIL needs an HTTP status")?;
    if !(400..600).contains(&status) {
        return Err(format!("FAIL needs a status from 400 to 599, not {status}"));
    }
    let times = if times.is_empty() { None } else { Some(number(times, "FAIL needs a number of attempts")?) };
    Ok(Action::Fail { status, times })
}

impl Step {
    fn reply(self, conversation: &Conversation) -> Reply {
        let answer = match self.action {
            Action::ToolSaid => Answer::words(&format!("Tool said: {}", joined_results(conversation))),
            Action::Echo(text) => Answer::words(&format!("You said: {text}")),
            Action::Say(text) => Answer::words(&text),
            Action::Call(calls) => Answer::calls(calls),
            Action::Stream { chunks, bytes } => numbered(chunks, bytes),
            Action::Fail { status, times } if times.is_none_or(|times| conversation.attempt < times) => {
                return Reply::Failure { status, message: format!("scripted failure {status}") };
            }
            Action::Fail { .. } => {
                Answer::words(&format!("Answered after {} failures.", conversation.attempt))
            }
            Action::Hang(text) => Answer { hangs: true, ..Answer::words(&text) },
            Action::Recall => Answer::words(&recall(conversation)),
            Action::EchoSystem(marker) => {
                let found = if conversation.system.contains(&marker) { "yes" } else { "no" };
                Answer::words(&format!("System message has {marker}: {found}"))
            }
            Action::ListTools => Answer::words(&format!("Tools: {}", conversation.tools.join(", "))),
        };
        answer.after_reasoning(&self.reasoning).paced(self.pause).into()
    }
}

fn joined_results(conversation: &Conversation) -> String {
    conversation.tool_results.iter().map(|result| result.content.as_str()).collect::<Vec<_>>().join(" | ")
}

/// Chunks that tell which of them is missing or out of place.
fn numbered(chunks: usize, bytes: usize) -> Answer {
    let width = bytes.saturating_sub(1);
    Answer {
        pieces: (0..chunks).map(|chunk| Piece::Text(format!("{chunk:0width$} "))).collect(),
        hangs: false,
    }
}

fn recall(conversation: &Conversation) -> String {
    match conversation.prompts.as_slice() {
        [first, .., _last] => {
            format!("Earlier messages: {}. The first was: {first}", conversation.prompts.len() - 1)
        }
        _ => "Earlier messages: 0.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conversation::ToolResult;

    fn asked(prompts: &[&str]) -> Conversation {
        let prompts = prompts.iter().map(|&prompt| prompt.to_owned()).collect();
        Conversation { prompts, ..Conversation::default() }
    }

    fn text_of(reply: Reply) -> String {
        let Reply::Answer(answer) = reply else { panic!("a failure: {reply:?}") };
        let texts = answer.pieces.into_iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text),
            _ => None,
        });
        texts.collect()
    }

    #[test]
    fn plain_text_is_echoed_word_by_word() {
        let Reply::Answer(answer) = reply(&asked(&["hello  there\nfriend"])) else { panic!("a failure") };
        assert_eq!(answer.pieces.len(), 5);
        assert_eq!(text_of(answer.into()), "You said: hello  there\nfriend");
    }

    #[test]
    fn lines_are_the_steps_between_tool_results() {
        let script = "TOOL view {\"path\":\"/a\"}\nTOOLS [{\"name\":\"x\"},{\"name\":\"y\",\"args\":{\"n\":1}}]\nSAY done";
        let mut conversation = asked(&[script]);
        let call = |name: &str, arguments| ToolCall { name: name.to_owned(), arguments };
        assert_eq!(reply(&conversation), Answer::calls([call("view", json!({"path": "/a"}))]).into());
        conversation.tool_rounds = 1;
        assert_eq!(
            reply(&conversation),
            Answer::calls([call("x", json!({})), call("y", json!({"n": 1}))]).into()
        );
        conversation.tool_rounds = 2;
        assert_eq!(text_of(reply(&conversation)), "done");
    }

    #[test]
    fn results_nobody_scripted_an_answer_for_are_told() {
        let mut conversation = asked(&["TOOL a"]);
        conversation.tool_rounds = 1;
        conversation.tool_results = ["one", "two"]
            .map(|content| ToolResult { call_id: String::new(), content: content.to_owned() })
            .to_vec();
        assert_eq!(text_of(reply(&conversation)), "Tool said: one | two");
    }

    #[test]
    fn recall_counts_and_quotes_what_came_before() {
        assert_eq!(text_of(reply(&asked(&["RECALL"]))), "Earlier messages: 0.");
        let recalled = text_of(reply(&asked(&["red", "blue", "RECALL"])));
        assert_eq!(recalled, "Earlier messages: 2. The first was: red");
    }

    #[test]
    fn slow_and_reason_shape_the_next_directive() {
        let pause = Duration::from_millis(20);
        let Reply::Answer(answer) = reply(&asked(&["REASON hm\nSLOW 20 STREAM 2 4"])) else {
            panic!("a failure")
        };
        let piece = |text: &str| [Piece::Pause(pause), Piece::Text(text.to_owned())];
        let mut expected = vec![Piece::Pause(pause), Piece::Reasoning("hm".to_owned())];
        expected.extend(piece("000 "));
        expected.extend(piece("001 "));
        assert_eq!(answer.pieces, expected);
        assert_eq!(text_of(reply(&asked(&["SLOW 1\nhello"]))), "You said: hello");
    }

    #[test]
    fn fail_ends_after_the_attempts_it_names() {
        let mut conversation = asked(&["FAIL 429 1"]);
        assert!(matches!(reply(&conversation), Reply::Failure { status: 429, .. }));
        conversation.attempt = 1;
        assert_eq!(text_of(reply(&conversation)), "Answered after 1 failures.");
        let mut always = asked(&["FAIL 500"]);
        always.attempt = 99;
        assert!(matches!(reply(&always), Reply::Failure { status: 500, .. }));
    }

    #[test]
    fn the_system_message_and_the_tools_can_be_asked_for() {
        let mut conversation = asked(&["ECHO_SYSTEM MARK"]);
        assert_eq!(text_of(reply(&conversation)), "System message has MARK: no");
        conversation.system = "a MARK here".to_owned();
        assert_eq!(text_of(reply(&conversation)), "System message has MARK: yes");
        let tools = Conversation { tools: vec!["a".to_owned(), "b".to_owned()], ..asked(&["LIST_TOOLS"]) };
        assert_eq!(text_of(reply(&tools)), "Tools: a, b");
    }

    #[test]
    fn what_cannot_be_read_says_so() {
        for prompt in ["TOOL x {", "TOOL", "TOOLS {}", "STREAM many", "FAIL 200", "SLOW down", "TOOLS [{}]"] {
            let text = text_of(reply(&asked(&[prompt])));
            assert!(text.starts_with("Script error: "), "{prompt}: {text}");
        }
    }
}
