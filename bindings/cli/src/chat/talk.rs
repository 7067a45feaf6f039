//! The loop of a chat: events, questions, lines and Ctrl-C, whichever comes first.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use codriver::{Error, ErrorKind, EventStream, Result, Session, TurnResult};
use serde_json::json;
use tokio::sync::mpsc;

use crate::input::Input;
use crate::output::{Output, printable};
use crate::permission::{barred, describe};
use crate::question::{Answered, Question};
use crate::run::Interrupts;
use crate::screen::Screen;

/// A turn may take its time: whoever loses patience presses Ctrl-C.
const TURN: Duration = Duration::from_secs(24 * 60 * 60);

const HELP: &str = "  /abort        stop the turn (as Ctrl-C does)
  /model NAME   another model from the next turn on
  /exit         leave (as Ctrl-D does); the session stays stored
  anything else is for the agent; what you type while it works comes next";

type Turn = Pin<Box<dyn Future<Output = Result<TurnResult>> + Send>>;

/// A chat that goes on.
pub(super) struct Talk<'a> {
    session: &'a Session,
    events: EventStream,
    questions: mpsc::Receiver<Question>,
    input: Input,
    out: Output,
    screen: Screen,
    turn: Option<Turn>,
    asked: Option<Question>,
    /// Lines typed while there was something else to do.
    typed_ahead: VecDeque<String>,
    /// Ctrl-C was pressed once.
    interrupted: bool,
    leaving: bool,
}

impl<'a> Talk<'a> {
    pub(super) fn new(
        session: &'a Session,
        questions: mpsc::Receiver<Question>,
        input: Input,
        out: Output,
    ) -> Self {
        Talk {
            session,
            events: session.subscribe_from(1),
            questions,
            input,
            out,
            screen: Screen::new(out),
            turn: None,
            asked: None,
            typed_ahead: VecDeque::new(),
            interrupted: false,
            leaving: false,
        }
    }

    /// Talks until somebody leaves.
    ///
    /// # Errors
    /// What lost the session; with piped input also what ended a turn, for nobody is there to try again.
    pub(super) async fn run(mut self) -> Result<()> {
        let mut interrupts = Interrupts::listen()?;
        self.prompt();
        while !self.leaving {
            if self.is_idle()
                && let Some(line) = self.typed_ahead.pop_front()
            {
                self.line(&line).await?;
                continue;
            }
            // Piped lines are prompts, each in its turn; what is typed may also be an answer or a command.
            let listens = self.input.interactive || self.is_idle();
            tokio::select! {
                biased;
                // First, or a flood of events would keep it waiting.
                () = interrupts.next() => self.interrupt(),
                Some(event) = self.events.next() => self.screen.event(&event),
                () = withdrawn(&mut self.asked) => {
                    self.asked = None;
                    self.screen.line("\n  (not asked any more)");
                }
                Some(question) = self.questions.recv(), if self.asked.is_none() => self.ask(question),
                outcome = over(&mut self.turn) => self.turn_ended(outcome)?,
                line = self.input.next(), if listens => match line {
                    Some(line) => self.line(&line).await?,
                    None => self.leave(),
                },

            }
        }
        Ok(())
    }

    fn is_idle(&self) -> bool {
        self.turn.is_none() && self.asked.is_none()
    }

    fn prompt(&self) {
        if self.input.interactive && self.is_idle() && self.typed_ahead.is_empty() && !self.leaving {
            self.out.text(self.out.bold(self.out.cyan("› ")));
        }
    }

    /// A line that was typed: an answer, a command or a prompt.
    async fn line(&mut self, line: &str) -> Result<()> {
        self.interrupted = false;
        let (word, argument) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        match (word, argument.trim()) {
            ("/exit" | "/quit", "") => self.leave(),
            ("/help", "") => self.screen.line(HELP),
            ("/abort", "") if self.turn.is_some() => self.abort(),
            ("/abort", "") => self.screen.line("  no turn is under way"),
            _ if self.asked.is_some() => self.answer(line),
            _ if self.turn.is_some() => self.typed_ahead.push_back(line.to_owned()),
            ("", _) => {}
            ("/model", "") => self.screen.line("  /model needs the name of a model"),
            ("/model", name) => match self.session.set_model(name, None).await {
                Ok(()) => self.screen.line(format_args!("  the next turn is for {name}")),
                Err(error) => self.failed(error)?,
            },
            (command, _) if command.starts_with('/') => {
                self.screen.line(format_args!("  {command} is not known; /help says what is"));
            }
            _ => {
                if !self.input.interactive {
                    self.screen.line(format_args!("{} {}", self.out.cyan("›"), printable(line)));
                }
                self.send(line.to_owned());
            }
        }
        self.prompt();
        Ok(())
    }

    fn send(&mut self, prompt: String) {
        let session = self.session.clone();
        self.turn = Some(Box::pin(async move { session.send_and_wait(prompt, TURN).await }));
    }

    fn turn_ended(&mut self, outcome: Result<TurnResult>) -> Result<()> {
        self.turn = None;
        for event in self.events.take(usize::MAX) {
            self.screen.event(&event);
        }
        self.screen.end_line();
        match outcome {
            Ok(turn) => {
                self.out.json(json!({ "kind": "turn", "content": turn.content, "aborted": turn.aborted }));
                if turn.aborted {
                    self.screen.line("  the turn was aborted");
                }
            }
            Err(error) => self.failed(error)?,
        }
        self.prompt();
        Ok(())
    }

    /// An error that a person can live with is shown; every other one ends the chat.
    fn failed(&mut self, error: Error) -> Result<()> {
        let over = matches!(error.kind(), ErrorKind::RuntimeLost | ErrorKind::Closed);
        if over || !self.input.interactive {
            return Err(error);
        }
        self.screen.end_line();
        self.out.error(&error);
        Ok(())
    }

    fn ask(&mut self, question: Question) {
        self.screen.end_line();
        if self.input.interactive {
            // What was typed before the question was seen is no answer to it.
            while let Some(line) = self.input.waiting() {
                self.typed_ahead.push_back(line);
            }
            self.out.text(question.text(self.out));
            self.asked = Some(question);
            return;
        }
        if let Question::Permission(request, _) = &question {
            let (what, detail) = describe(request);
            self.out.json(json!({ "kind": "permission", "request": request, "decision": "denied" }));
            let notice = format!("  {} denied, as nobody is there to ask: {what}", self.out.yellow("!"));
            self.screen.line(format_args!("{notice}\n{}", barred(&detail).trim_end()));
        }
        question.deny();
    }

    fn answer(&mut self, line: &str) {
        let Some(question) = self.asked.take() else { return };
        match question.answer(line) {
            Answered::Yes(said) => self.screen.line(self.out.dim(format_args!("  {said}"))),
            Answered::Again(question) => {
                self.out.text(question.text(self.out));
                self.asked = Some(question);
            }
        }
    }

    /// Ctrl-C.
    fn interrupt(&mut self) {
        self.screen.end_line();
        if std::mem::replace(&mut self.interrupted, true) {
            self.leave();
        } else if self.turn.is_some() {
            self.screen.line("\n  stopping the turn; Ctrl-C again leaves");
            self.abort();
        } else {
            self.screen.line("\n  Ctrl-C again, Ctrl-D or /exit leaves");
            self.prompt();
        }
    }

    fn abort(&mut self) {
        let (session, out) = (self.session.clone(), self.out);
        tokio::spawn(async move {
            if let Err(error) = session.abort().await {
                out.error(&error);
            }
        });
    }

    fn leave(&mut self) {
        self.leaving = true;
    }
}

/// Ends with the turn; without one, never.
async fn over(turn: &mut Option<Turn>) -> Result<TurnResult> {
    match turn {
        Some(turn) => turn.await,
        None => std::future::pending().await,
    }
}

/// Ends when the question is not asked any more; without one, never.
async fn withdrawn(asked: &mut Option<Question>) {
    match asked {
        Some(question) => question.withdrawn().await,
        None => std::future::pending().await,
    }
}
