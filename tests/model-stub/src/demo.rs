//! A small conversation for people to watch, matched on keywords. It says that it is scripted.

use std::time::Duration;

use serde_json::json;

use crate::conversation::Conversation;
use crate::reply::{Answer, Reply, ToolCall};

/// About as fast as a model writes.
const WORD_PAUSE: Duration = Duration::from_millis(25);

/// The prompts it knows, by what they mention; tool results are answered before anything else.
pub(crate) fn reply(conversation: &Conversation) -> Reply {
    let prompt = conversation.last_prompt();
    let lower = prompt.to_lowercase();
    let mentions = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let answer = if conversation.tool_rounds > 0 {
        Answer::words(&after_tools(conversation))
    } else if mentions(&["remember", "recall", "earlier", "before"]) {
        Answer::words(&remembered(conversation))
    } else if mentions(&["weather"]) {
        let call = ToolCall { name: "get_weather".to_owned(), arguments: json!({"city": city(prompt)}) };
        Answer::calls([call])
            .after_reasoning("The weather changes, so I should ask the tool rather than guess.")
    } else if mentions(&["file", "disk", "command", "shell"]) {
        Answer::calls([ToolCall { name: "bash".to_owned(), arguments: shell_arguments() }])
    } else {
        Answer::words(
            "Hello! I am a scripted stand-in for a language model, served from this machine; everything between us is \
             the real Copilot runtime. Ask me about the weather, or to write a file, and I will call a tool.",
        )
    };
    answer.paced(WORD_PAUSE).into()
}

fn shell_arguments() -> serde_json::Value {
    json!({
        "command": "echo 'written by a shell command you approved' > codriver-demo.txt && cat codriver-demo.txt",
        "description": "Write a small file and read it back",
    })
}

fn after_tools(conversation: &Conversation) -> String {
    let results: Vec<_> =
        conversation.tool_results.iter().map(|result| first_line(&result.content)).collect();
    let result = results.join("; ");
    let lower = result.to_lowercase();
    if ["denied", "rejected", "not permitted"].iter().any(|word| lower.contains(word)) {
        return "Understood: you did not allow that, so nothing was run.".to_owned();
    }
    if conversation.last_prompt().to_lowercase().contains("weather") {
        format!("The tool answered: {result}. Thanks to it I did not have to guess.")
    } else {
        format!("Done. The command printed: {result}")
    }
}

fn remembered(conversation: &Conversation) -> String {
    let Some((_, earlier)) = conversation.prompts.split_last().filter(|(_, earlier)| !earlier.is_empty())
    else {
        return "This is the first thing you have said to me, so there is nothing to remember yet."
            .to_owned();
    };
    let quoted: Vec<_> =
        earlier.iter().map(|prompt| format!("\u{201c}{}\u{201d}", first_line(prompt))).collect();
    format!("Yes. You have told me {} things so far: {}.", earlier.len(), quoted.join(", then "))
}

/// The words behind the last `in`, up to the end of the sentence.
fn city(prompt: &str) -> &str {
    let place = prompt.rsplit_once(" in ").map_or("Zurich", |(_, place)| place);
    place.split(['?', '.', '!', ',', '\n']).next().unwrap_or(place).trim()
}

fn first_line(text: &str) -> &str {
    text.trim().lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::ToolResult;
    use crate::reply::Piece;

    fn answered(conversation: &Conversation) -> (String, Vec<ToolCall>) {
        let Reply::Answer(answer) = reply(conversation) else { panic!("the demo failed") };
        let (mut text, mut calls) = (String::new(), Vec::new());
        for piece in answer.pieces {
            match piece {
                Piece::Text(word) => text.push_str(&word),
                Piece::ToolCall(call) => calls.push(call),
                Piece::Reasoning(_) | Piece::Pause(_) => {}
            }
        }
        (text, calls)
    }

    fn asked(prompts: &[&str]) -> Conversation {
        let prompts = prompts.iter().map(|&prompt| prompt.to_owned()).collect();
        Conversation { prompts, ..Conversation::default() }
    }

    #[test]
    fn it_says_that_it_is_scripted() {
        assert!(answered(&asked(&["hi"])).0.contains("scripted stand-in"));
    }

    #[test]
    fn the_weather_is_asked_of_the_tool_and_told() {
        let mut conversation = asked(&["What is the weather like in Oslo?"]);
        let (_, calls) = answered(&conversation);
        assert_eq!(calls, [ToolCall { name: "get_weather".to_owned(), arguments: json!({"city": "Oslo"}) }]);
        conversation.tool_rounds = 1;
        conversation.tool_results =
            vec![ToolResult { call_id: "a".to_owned(), content: "8 degrees, rain".to_owned() }];
        assert_eq!(
            answered(&conversation).0,
            "The tool answered: 8 degrees, rain. Thanks to it I did not have to guess."
        );
    }

    #[test]
    fn a_refused_command_is_taken_well() {
        let mut conversation = asked(&["Write a file"]);
        assert_eq!(answered(&conversation).1[0].name, "bash");
        conversation.tool_rounds = 1;
        let refusal = "The user rejected this tool call.".to_owned();
        conversation.tool_results = vec![ToolResult { call_id: "a".to_owned(), content: refusal }];
        assert_eq!(answered(&conversation).0, "Understood: you did not allow that, so nothing was run.");
    }

    #[test]
    fn what_was_said_before_is_quoted() {
        let (text, _) = answered(&asked(&["hi", "weather in Rome?", "Do you remember me?"]));
        assert_eq!(text, "Yes. You have told me 2 things so far: “hi”, then “weather in Rome?”.");
    }
}
