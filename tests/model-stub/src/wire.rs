//! The OpenAI wire: an answer as streamed chunks or as one body. Pure.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use serde_json::{Value, json};

use crate::reply::{Answer, Piece, ToolCall};

/// What every chunk of one completion carries.
#[derive(Debug, Clone)]
pub(crate) struct Completion {
    id: String,
    model: String,
    prompt_tokens: usize,
}

/// What to do next with the connection.
#[derive(Debug, PartialEq)]
pub(crate) enum Frame {
    /// Send these bytes.
    Send(String),
    /// Send nothing for this long.
    Wait(Duration),
    /// Send nothing any more, but do not end.
    Hang,
}

impl Completion {
    /// The id is a hash of the messages: a call id made of it is the same in every run of one conversation, and
    /// another one in any other conversation (a sub-agent's, or the next round).
    pub(crate) fn new(request: &Value) -> Completion {
        let messages = request["messages"].to_string();
        let mut hasher = DefaultHasher::new();
        messages.hash(&mut hasher);
        Completion {
            id: format!("{:016x}", hasher.finish()),
            model: request["model"].as_str().unwrap_or("stub").to_owned(),
            prompt_tokens: tokens(messages.len()),
        }
    }

    /// The answer as server-sent events, ready to send one by one; the last is `[DONE]`.
    pub(crate) fn frames(&self, answer: &Answer) -> VecDeque<Frame> {
        let mut frames = VecDeque::with_capacity(answer.pieces.len() + 4);
        frames.push_back(self.chunk(json!({"role": "assistant", "content": ""}), None));
        let mut calls = 0;
        for piece in &answer.pieces {
            frames.push_back(match piece {
                Piece::Reasoning(text) => self.chunk(json!({"reasoning_text": text}), None),
                Piece::Text(text) => self.chunk(json!({"content": text}), None),
                Piece::Pause(pause) => Frame::Wait(*pause),
                Piece::ToolCall(call) => {
                    let mut call = self.call(calls, call);
                    call["index"] = json!(calls);
                    calls += 1;
                    self.chunk(json!({"tool_calls": [call]}), None)
                }
            });
        }
        if answer.hangs {
            frames.push_back(Frame::Hang);
            return frames;
        }
        frames.push_back(self.chunk(json!({}), Some(finish_reason(answer))));
        let mut usage = self.envelope("chat.completion.chunk", json!([]));
        usage["usage"] = self.usage(answer);
        frames.push_back(event(&usage));
        frames.push_back(Frame::Send("data: [DONE]\n\n".to_owned()));
        frames
    }

    /// The answer as one body, for requests without `stream`.
    pub(crate) fn body(&self, answer: &Answer) -> Value {
        let (mut content, mut reasoning, mut calls) = (String::new(), String::new(), Vec::new());
        for piece in &answer.pieces {
            match piece {
                Piece::Reasoning(text) => reasoning.push_str(text),
                Piece::Text(text) => content.push_str(text),
                Piece::ToolCall(call) => calls.push(self.call(calls.len(), call)),
                Piece::Pause(_) => {}
            }
        }
        let mut message = json!({"role": "assistant", "content": content});
        if !reasoning.is_empty() {
            message["reasoning_text"] = json!(reasoning);
        }
        if !calls.is_empty() {
            message["content"] = if content.is_empty() { Value::Null } else { json!(content) };
            message["tool_calls"] = json!(calls);
        }
        let choice = json!({"index": 0, "message": message, "finish_reason": finish_reason(answer)});
        let mut body = self.envelope("chat.completion", json!([choice]));
        body["usage"] = self.usage(answer);
        body
    }

    fn envelope(&self, object: &str, choices: Value) -> Value {
        let id = format!("chatcmpl-{}", self.id);
        json!({"id": id, "object": object, "created": 0, "model": self.model, "choices": choices})
    }

    fn chunk(&self, delta: Value, finish_reason: Option<&str>) -> Frame {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": finish_reason});
        event(&self.envelope("chat.completion.chunk", json!([choice])))
    }

    fn call(&self, index: usize, call: &ToolCall) -> Value {
        let function = json!({"name": call.name, "arguments": call.arguments.to_string()});
        json!({"id": format!("call_{}_{index}", self.id), "type": "function", "function": function})
    }

    fn usage(&self, answer: &Answer) -> Value {
        let written = answer.pieces.iter().map(|piece| match piece {
            Piece::Reasoning(text) | Piece::Text(text) => text.len(),
            Piece::ToolCall(call) => call.name.len() + call.arguments.to_string().len(),
            Piece::Pause(_) => 0,
        });
        let completion_tokens = tokens(written.sum());
        json!({
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": self.prompt_tokens + completion_tokens,
        })
    }
}

fn event(data: &Value) -> Frame {
    Frame::Send(format!("data: {data}\n\n"))
}

fn finish_reason(answer: &Answer) -> &'static str {
    let calls = answer.pieces.iter().any(|piece| matches!(piece, Piece::ToolCall(_)));
    if calls { "tool_calls" } else { "stop" }
}

/// The usual estimate of four bytes a token.
fn tokens(bytes: usize) -> usize {
    bytes.div_ceil(4)
}

/// The list behind `GET /v1/models`.
pub(crate) fn models() -> Value {
    json!({"object": "list", "data": [{"id": "stub", "object": "model", "created": 0, "owned_by": "model-stub"}]})
}

/// An error body as OpenAI-style endpoints send it.
pub(crate) fn error(status: u16, message: &str) -> Value {
    json!({"error": {"message": message, "type": "model_stub_error", "code": status}})
}
