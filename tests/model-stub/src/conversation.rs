//! What the runtime sent, as a script wants to see it.

use serde_json::Value;

/// The conversation of one chat completion request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conversation {
    /// The model asked for.
    pub model: String,
    /// Every system and developer message, joined by a blank line.
    pub system: String,
    /// What the user said, oldest first, without the elements the runtime wraps around it.
    pub prompts: Vec<String>,
    /// How many times the model has answered the last prompt with tool calls.
    pub tool_rounds: usize,
    /// The results of the last such round, in the order they were sent.
    pub tool_results: Vec<ToolResult>,
    /// The names of the tools offered, sorted.
    pub tools: Vec<String>,
    /// How many times exactly these messages were sent before: 0, unless this is a retry.
    pub attempt: usize,
}

/// What came of a tool call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolResult {
    /// The id the call was made with.
    pub call_id: String,
    /// The text of the result.
    pub content: String,
}

impl Conversation {
    /// Reads the body of a chat completion request. What is missing or of another shape is left empty.
    pub fn from_request(body: &Value, attempt: usize) -> Conversation {
        let mut conversation = Conversation {
            model: body["model"].as_str().unwrap_or("stub").to_owned(),
            tools: tool_names(body),
            attempt,
            ..Conversation::default()
        };
        for message in body["messages"].as_array().into_iter().flatten() {
            conversation.read(message);
        }
        conversation
    }

    /// The last thing the user said; empty if nothing.
    pub fn last_prompt(&self) -> &str {
        self.prompts.last().map_or("", String::as_str)
    }

    fn read(&mut self, message: &Value) {
        let content = text(&message["content"]);
        match message["role"].as_str() {
            Some("system" | "developer") => {
                if !self.system.is_empty() {
                    self.system.push_str("\n\n");
                }
                self.system.push_str(&content);
            }
            Some("user") => {
                self.prompts.push(unwrapped(&content).to_owned());
                self.tool_rounds = 0;
                self.tool_results.clear();
            }
            Some("assistant") if message["tool_calls"].as_array().is_some_and(|calls| !calls.is_empty()) => {
                self.tool_rounds += 1;
                self.tool_results.clear();
            }
            Some("tool") => self.tool_results.push(ToolResult {
                call_id: message["tool_call_id"].as_str().unwrap_or_default().to_owned(),
                content,
            }),
            _ => {}
        }
    }
}

fn tool_names(body: &Value) -> Vec<String> {
    let tools = body["tools"].as_array().into_iter().flatten();
    let mut names: Vec<_> =
        tools.filter_map(|tool| tool["function"]["name"].as_str()).map(str::to_owned).collect();
    names.sort();
    names
}

/// The text of a message: a string, or the text parts of a list.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// The prompt without the elements before and behind it; a message that is nothing else stays as it is.
fn unwrapped(message: &str) -> &str {
    let mut rest = message.trim();
    while let Some(inner) = without_leading_element(rest)
        .or_else(|| without_trailing_element(rest))
        .or_else(|| without_mode(rest))
    {
        rest = inner.trim();
    }
    if rest.is_empty() { message.trim() } else { rest }
}

/// In plan mode a prompt begins with `[[PLAN]]`.
fn without_mode(text: &str) -> Option<&str> {
    text.strip_prefix("[[PLAN]]")
}

fn without_leading_element(text: &str) -> Option<&str> {
    let (name, body) = text.strip_prefix('<')?.split_once('>')?;
    let closing = closing_tag(name)?;
    let end = body.find(&closing)?;
    Some(&body[end + closing.len()..])
}

fn without_trailing_element(text: &str) -> Option<&str> {
    let (before, name) = text.strip_suffix('>')?.rsplit_once("</")?;
    closing_tag(name)?;
    before.rfind(&format!("<{name}>")).map(|start| &before[..start])
}

fn closing_tag(name: &str) -> Option<String> {
    let is_name = name.chars().next().is_some_and(|first| first.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter));
    is_name.then(|| format!("</{name}>"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_around_a_prompt_are_taken_off() {
        let wrapped = "<current_datetime>2026-01-01T00:00:00Z</current_datetime>\n\nTOOL x {}\n\n\
                       <system_reminder>\n<sql_tables>none</sql_tables>\n</system_reminder>";
        assert_eq!(unwrapped(wrapped), "TOOL x {}");
        assert_eq!(unwrapped("<current_datetime>now</current_datetime>\n\n[[PLAN]] TOOL x {}"), "TOOL x {}");
        assert_eq!(unwrapped("plain"), "plain");
        assert_eq!(unwrapped("1 < 2 and 3 > 2"), "1 < 2 and 3 > 2");
        assert_eq!(unwrapped("<a>all of it</a>"), "<a>all of it</a>");
        assert_eq!(unwrapped("<open>never closed"), "<open>never closed");
    }

    #[test]
    fn tool_results_belong_to_the_last_round_of_the_last_prompt() {
        let body = json!({"model": "m", "messages": [
            {"role": "system", "content": "be kind"},
            {"role": "user", "content": [{"type": "text", "text": "first"}]},
            {"role": "assistant", "tool_calls": [{"id": "a"}]},
            {"role": "tool", "tool_call_id": "a", "content": "old"},
            {"role": "assistant", "content": "done"},
            {"role": "user", "content": "second"},
            {"role": "assistant", "tool_calls": [{"id": "b"}]},
            {"role": "tool", "tool_call_id": "b", "content": "one"},
            {"role": "assistant", "tool_calls": [{"id": "c"}, {"id": "d"}]},
            {"role": "tool", "tool_call_id": "c", "content": "two"},
            {"role": "tool", "tool_call_id": "d", "content": "three"}
        ], "tools": [{"function": {"name": "z"}}, {"function": {"name": "a"}}]});
        let conversation = Conversation::from_request(&body, 0);
        assert_eq!(conversation.prompts, ["first", "second"]);
        assert_eq!(conversation.system, "be kind");
        assert_eq!(conversation.tool_rounds, 2);
        let results: Vec<_> =
            conversation.tool_results.iter().map(|result| result.content.as_str()).collect();
        assert_eq!(results, ["two", "three"]);
        assert_eq!(conversation.tools, ["a", "z"]);
    }
}
