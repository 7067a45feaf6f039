//! What a script decides: an answer in pieces, or a failure.

use std::time::Duration;

use serde_json::Value;

/// What the model does with one request.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Reply {
    /// A completion.
    Answer(Answer),
    /// An HTTP error with an OpenAI-style error body.
    Failure {
        /// The HTTP status, 400–599.
        status: u16,
        /// The text of the error.
        message: String,
    },
}

/// A completion: its pieces in the order they are sent, each a chunk of its own when streamed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answer {
    /// The pieces, in order.
    pub pieces: Vec<Piece>,
    /// Whether the answer never ends: after the pieces, silence until the peer hangs up.
    pub hangs: bool,
}

/// One piece of a completion.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Piece {
    /// Reasoning, sent as `reasoning_text`: the one field that 1.0.57, 1.0.85 and 1.0.102 all read.
    Reasoning(String),
    /// Text of the answer.
    Text(String),
    /// A call of a tool.
    ToolCall(ToolCall),
    /// Nothing for a while.
    Pause(Duration),
}

/// A call the model makes.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// The name of the tool.
    pub name: String,
    /// The arguments, usually an object.
    pub arguments: Value,
}

impl Answer {
    /// The text word by word, as a model streams it.
    pub fn words(text: &str) -> Answer {
        Answer {
            pieces: text.split_inclusive(' ').map(|word| Piece::Text(word.to_owned())).collect(),
            hangs: false,
        }
    }

    /// The calls, in one answer.
    pub fn calls(calls: impl IntoIterator<Item = ToolCall>) -> Answer {
        Answer { pieces: calls.into_iter().map(Piece::ToolCall).collect(), hangs: false }
    }

    /// The same answer with reasoning before it.
    pub fn after_reasoning(mut self, reasoning: &str) -> Answer {
        let thoughts = reasoning.split_inclusive(' ').map(|word| Piece::Reasoning(word.to_owned()));
        self.pieces.splice(0..0, thoughts);
        self
    }

    /// The same answer with a pause before each piece.
    pub fn paced(self, pause: Duration) -> Answer {
        if pause.is_zero() {
            return self;
        }
        let pieces = self.pieces.into_iter().flat_map(|piece| [Piece::Pause(pause), piece]).collect();
        Answer { pieces, ..self }
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Reply {
        Reply::Answer(answer)
    }
}
