//! What the runtime asks while a chat goes on, on its way from the handlers to whoever sits at the terminal.

use codriver::protocol::requests::{UserInputRequest, UserInputResponse};
use codriver::{HandlerContext, PermissionDecision, PermissionRequest, SessionConfig};
use tokio::sync::{mpsc, oneshot};

use crate::output::{Output, printable};
use crate::permission::{barred, describe};

/// A question that waits for a line.
pub(crate) enum Question {
    /// May it?
    Permission(Box<PermissionRequest>, oneshot::Sender<PermissionDecision>),
    /// The model asks.
    UserInput(Box<UserInputRequest>, oneshot::Sender<UserInputResponse>),
}

/// What a line was to a question.
pub(crate) enum Answered {
    /// It was answered; how, in a few words.
    Yes(&'static str),
    /// The line is no answer: ask again.
    Again(Question),
}

/// Lets a session ask. Without anybody there, permissions are denied, and the model is not offered to ask.
pub(crate) fn listen(config: SessionConfig, somebody: bool) -> (SessionConfig, mpsc::Receiver<Question>) {
    let (sender, questions) = mpsc::channel(16);
    let permissions = sender.clone();
    let config = config.on_permission_request(move |request, context| {
        let sender = permissions.clone();
        async move {
            let (answer, answered) = oneshot::channel();
            ask(&sender, Question::Permission(Box::new(request), answer), answered, &context).await
        }
    });
    if !somebody {
        return (config, questions);
    }
    let config = config.on_user_input_request(move |request, context| {
        let sender = sender.clone();
        async move {
            let (answer, answered) = oneshot::channel();
            ask(&sender, Question::UserInput(Box::new(request), answer), answered, &context).await
        }
    });
    (config, questions)
}

async fn ask<T>(
    sender: &mpsc::Sender<Question>,
    question: Question,
    answered: oneshot::Receiver<T>,
    context: &HandlerContext,
) -> codriver::HandlerResult<T> {
    sender.send(question).await.map_err(|_| "nobody listens any more")?;
    tokio::select! {
        answer = answered => Ok(answer?),
        () = context.cancellation.cancelled() => Err("the question was withdrawn".into()),
    }
}

impl Question {
    /// What is shown before the line is read.
    pub(crate) fn text(&self, out: Output) -> String {
        match self {
            Question::Permission(request, _) => {
                let (what, detail) = describe(request);
                let choices = out.bold("[y]es once, [a]lways in this session, [n]o: ");
                format!("  {} May it {what}?\n{}  {choices}", out.yellow("?"), barred(&detail))
            }
            Question::UserInput(request, _) => {
                let number = |(i, choice): (usize, &String)| format!("  {}) {}\n", i + 1, printable(choice));
                let choices: String = request.choices.iter().enumerate().map(number).collect();
                format!(
                    "  {} {}\n{choices}  {}",
                    out.yellow("?"),
                    printable(&request.question),
                    out.bold("answer: ")
                )
            }
        }
    }

    /// Takes a line for an answer.
    pub(crate) fn answer(self, line: &str) -> Answered {
        let line = line.trim();
        match self {
            Question::Permission(request, answer) => {
                let (decision, said) = match line.to_ascii_lowercase().as_str() {
                    "y" | "yes" => (PermissionDecision::approve_once(), "approved"),
                    "a" | "always" => {
                        (PermissionDecision::approve_for_session(&request), "approved for this session")
                    }
                    "n" | "no" => (PermissionDecision::reject_with("The user said no."), "denied"),
                    _ => return Answered::Again(Question::Permission(request, answer)),
                };
                let _ = answer.send(decision);
                Answered::Yes(said)
            }
            Question::UserInput(request, answer) => {
                let numbered =
                    line.parse::<usize>().ok().and_then(|n| request.choices.get(n.checked_sub(1)?));
                let chosen =
                    numbered.or_else(|| request.choices.iter().find(|choice| *choice == line)).cloned();
                let response = match chosen {
                    Some(choice) => UserInputResponse::choice(choice),
                    None if line.is_empty() || request.allow_freeform == Some(false) => {
                        return Answered::Again(Question::UserInput(request, answer));
                    }
                    None => UserInputResponse::freeform(line),
                };
                let _ = answer.send(response);
                Answered::Yes("answered")
            }
        }
    }

    /// Says that nobody is there.
    pub(crate) fn deny(self) {
        if let Question::Permission(_, answer) = self {
            let why = "Nobody is there to approve this: the chat is not interactive. Go on without it.";
            let _ = answer.send(PermissionDecision::reject_with(why));
        }
    }

    /// Ends when the answer is not wanted any more.
    pub(crate) async fn withdrawn(&mut self) {
        match self {
            Question::Permission(_, answer) => answer.closed().await,
            Question::UserInput(_, answer) => answer.closed().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn permission() -> (Question, oneshot::Receiver<PermissionDecision>) {
        let request = json!({"requestId": "r", "permissionRequest": {"kind": "shell", "fullCommandText": "ls"},
            "promptRequest": {"kind": "commands", "commandIdentifiers": ["ls"]}});
        let (answer, answered) = oneshot::channel();
        (Question::Permission(Box::new(serde_json::from_value(request).unwrap()), answer), answered)
    }

    #[test]
    fn only_a_clear_yes_approves() {
        for (line, kind) in [
            ("y", "approve-once"),
            (" YES ", "approve-once"),
            ("a", "approve-for-session"),
            ("always", "approve-for-session"),
            ("n", "reject"),
            ("No", "reject"),
        ] {
            let (question, mut answered) = permission();
            assert!(matches!(question.answer(line), Answered::Yes(_)), "{line}");
            assert_eq!(answered.try_recv().unwrap().kind(), kind, "{line}");
        }
        for line in ["", "yeah", "1", "sure thing"] {
            let (question, mut answered) = permission();
            assert!(matches!(question.answer(line), Answered::Again(_)), "{line}");
            assert!(answered.try_recv().is_err());
        }
        let (question, mut answered) = permission();
        question.deny();
        assert!(!answered.try_recv().unwrap().is_approval());
    }

    #[test]
    fn a_choice_is_taken_by_its_number_and_free_words_only_where_they_are_welcome() {
        let ask = |freeform: bool, line: &str| {
            let request =
                json!({"question": "Which?", "choices": ["red", "blue"], "allowFreeform": freeform});
            let (answer, mut answered) = oneshot::channel();
            let question = Question::UserInput(Box::new(serde_json::from_value(request).unwrap()), answer);
            let _ = question.answer(line);
            answered.try_recv().ok()
        };
        assert_eq!(ask(false, "2"), Some(UserInputResponse::choice("blue")));
        assert_eq!(ask(true, "red"), Some(UserInputResponse::choice("red")));
        assert_eq!(ask(true, "green"), Some(UserInputResponse::freeform("green")));
        for line in ["green", "0", "3", ""] {
            assert_eq!(ask(false, line), None, "{line}");
        }
    }
}
