//! The events of a session as they come: text as it streams, tools as they work; or one JSON object a line.

use codriver::{EventData, SessionEvent};

use crate::output::{Output, printable, summary};

const WIDTH: usize = 100;

/// Shows events. Everything goes through the one stream of them, so that the order on screen is that of the wire.
pub(crate) struct Screen {
    out: Output,
    /// Whether text stands on the line that is open.
    open: bool,
    /// Whether that text is reasoning.
    reasoning: bool,
    /// The streamed text of the message that `message_id` names.
    streamed: String,
    message_id: String,
    /// How many pieces of text have been shown since [`Screen::begin`].
    pub(crate) deltas: u64,
    /// Whether each streamed text was the same as its whole message.
    pub(crate) faithful: bool,
}

impl Screen {
    pub(crate) fn new(out: Output) -> Self {
        Screen {
            out,
            open: false,
            reasoning: false,
            streamed: String::new(),
            message_id: String::new(),
            deltas: 0,
            faithful: true,
        }
    }

    /// A new turn: counting starts again.
    pub(crate) fn begin(&mut self) {
        self.deltas = 0;
        self.faithful = true;
    }

    /// Ends the open line.
    pub(crate) fn end_line(&mut self) {
        if std::mem::take(&mut self.open) {
            self.out.line("");
        }
        self.reasoning = false;
    }

    /// A line of ours between those of the session.
    pub(crate) fn line(&mut self, line: impl std::fmt::Display) {
        self.end_line();
        self.out.line(line);
    }

    /// Shows an event, as JSON where that is wanted.
    pub(crate) fn event(&mut self, event: &SessionEvent) {
        if self.out.is_json() {
            // A JSON text has line breaks only between its tokens.
            let raw = event.raw_json().replace(['\n', '\r'], " ");
            self.out.json(format_args!("{{\"kind\":\"event\",\"seq\":{},\"event\":{raw}}}", event.seq()));
        }
        self.watch(event);
    }

    /// Shows an event to people only.
    pub(crate) fn watch(&mut self, event: &SessionEvent) {
        // What sub-agents say is between them and the agent.
        if event.agent_id().is_none() {
            self.data(event.data());
        }
    }

    fn data(&mut self, data: EventData) {
        let out = self.out;
        match data {
            EventData::AssistantMessageDelta(delta) if delta.parent_tool_call_id.is_none() => {
                if self.message_id != delta.message_id {
                    self.message_id = delta.message_id;
                    self.streamed.clear();
                }
                self.streamed.push_str(&delta.delta_content);
                self.deltas += 1;
                self.piece(&delta.delta_content, false);
            }
            EventData::AssistantReasoningDelta(delta) => self.piece(&delta.delta_content, true),
            EventData::AssistantMessage(message) if message.parent_tool_call_id.is_none() => {
                if self.message_id == message.message_id {
                    self.faithful &= self.streamed == message.content;
                } else {
                    self.piece(&message.content, false);
                }
                self.end_line();
            }
            EventData::ToolExecutionStart(tool) if tool.parent_tool_call_id.is_none() => {
                let arguments = tool.arguments.map(|a| a.to_string()).unwrap_or_default();
                let name = out.cyan(printable(&tool.tool_name));
                self.line(format_args!("  ⚙ {name} {}", out.dim(summary(&arguments, WIDTH))));
            }
            EventData::ToolExecutionComplete(tool) if tool.parent_tool_call_id.is_none() => {
                match (tool.success, tool.error) {
                    (false, error) => {
                        let why = error.map(|error| error.message).unwrap_or_default();
                        self.line(format_args!("  {} {}", out.red("✘"), out.dim(summary(&why, WIDTH))));
                    }
                    (true, _) => {
                        let result = tool.result.map(|result| result.content).unwrap_or_default();
                        self.line(format_args!("  {} {}", out.green("✔"), out.dim(summary(&result, WIDTH))));
                    }
                }
            }
            EventData::SessionWarning(warning) => {
                self.line(format_args!("  {} {}", out.yellow("!"), summary(&warning.message, WIDTH)));
            }
            EventData::SessionRepaired(repaired) => {
                // Whole: it names where the damaged part is kept.
                self.line(format_args!("  {} {}", out.yellow("!"), printable(&repaired.message)));
            }
            EventData::EventsLost(lost) => {
                let text = format!("{} live-only events were given up: this screen was too slow", lost.count);
                self.line(format_args!("  {} {text}", out.yellow("!")));
            }
            _ => {}
        }
    }

    /// A piece of text on the open line; reasoning is dim, and what follows it starts on a line of its own.
    fn piece(&mut self, text: &str, reasoning: bool) {
        if text.is_empty() {
            return;
        }
        if self.reasoning != reasoning {
            self.end_line();
        }
        (self.open, self.reasoning) = (!text.ends_with('\n'), reasoning);
        match reasoning {
            true => self.out.text(self.out.dim(printable(text))),
            false => self.out.text(printable(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: &str, data: &str) -> SessionEvent {
        SessionEvent::from_json(&format!(r#"{{"type":"{kind}","id":"e","data":{data}}}"#)).unwrap()
    }

    #[test]
    fn a_streamed_text_is_compared_with_its_message() {
        let mut screen = Screen::new(Output::new(true));
        for text in ["Hel", "lo"] {
            let data = format!(r#"{{"messageId":"m","deltaContent":"{text}"}}"#);
            screen.data(event("assistant.message_delta", &data).data());
        }
        screen.data(event("assistant.message", r#"{"messageId":"m","content":"Hello"}"#).data());
        assert_eq!((screen.deltas, screen.faithful), (2, true));
        screen.data(event("assistant.message", r#"{"messageId":"m","content":"Hallo"}"#).data());
        assert!(!screen.faithful);
        screen.begin();
        assert_eq!((screen.deltas, screen.faithful), (0, true));
    }
}
