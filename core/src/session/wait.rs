//! When is *my* turn over? Pure: signals of the wire in, an outcome once (DESIGN I18).
//!
//! Observed: the runtime gives one `session.idle` for all prompts that were queued, so "the next idle" ends nobody's turn in
//! particular. A wait is bound to the `messageId` that `session.send` returned: it begins with the `user.message` that has
//! it, and ends with the idle after, or with the next prompt's `user.message` after a `assistant.turn_end`. Runtimes before
//! 1.0.85 and cloud sessions send no ids: there the first `user.message` with our prompt begins the turn. A prompt that
//! never becomes a `user.message` (a slash command, a prompt a hook refused) ends with the first idle that can be its own.

use serde::Deserialize;

/// What an event of the main agent means to a waiting caller.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Signal {
    UserMessage { message_id: Option<String>, content: String, steering: bool },
    AssistantMessage { originating: Option<String>, content: String },
    TurnStart,
    TurnEnd,
    Error { message: String, originating: Option<String> },
    Idle { aborted: bool },
    Shutdown,
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    Done { content: Option<String>, aborted: bool },
    Failed { message: String },
    SessionEnded,
}

/// One caller's wait.
#[derive(Debug)]
pub(crate) struct Wait {
    prompt: String,
    /// Steering prompts join a run that began with another prompt, whose id its answers carry.
    immediate: bool,
    phase: Phase,
    /// A turn of somebody else was running when we sent: its idle may still come.
    foreign_idle: bool,
    message_id: Option<String>,
    turn_ended: bool,
    content: Option<String>,
    error: Option<String>,
}

#[derive(Debug)]
enum Phase {
    /// The answer to `session.send` has not come; signals are kept until we know our id.
    Sending(Vec<Signal>),
    Waiting,
    Running,
    Over,
}

impl Wait {
    /// A wait for the turn of `prompt`, made before it is sent. `busy`: whether a turn runs already.
    pub(crate) fn new(prompt: impl Into<String>, immediate: bool, busy: bool) -> Self {
        Wait {
            prompt: prompt.into(),
            immediate,
            phase: Phase::Sending(Vec::new()),
            foreign_idle: busy,
            message_id: None,
            turn_ended: false,
            content: None,
            error: None,
        }
    }

    /// The runtime took the prompt under this id.
    pub(crate) fn bind(&mut self, message_id: &str) -> Option<Outcome> {
        let Phase::Sending(kept) = std::mem::replace(&mut self.phase, Phase::Waiting) else { return None };
        self.message_id = Some(message_id.to_owned());
        kept.into_iter().find_map(|signal| self.observe(&signal))
    }

    /// Sees the next signal; `Some` once, when the turn is over.
    pub(crate) fn observe(&mut self, signal: &Signal) -> Option<Outcome> {
        if *signal == Signal::Shutdown && !matches!(self.phase, Phase::Over) {
            return self.end(Outcome::SessionEnded);
        }
        match &mut self.phase {
            Phase::Over => None,
            Phase::Sending(kept) => {
                kept.push(signal.clone());
                None
            }
            Phase::Waiting => self.waiting(signal),
            Phase::Running => self.running(signal),
        }
    }

    fn waiting(&mut self, signal: &Signal) -> Option<Outcome> {
        match signal {
            Signal::UserMessage { message_id: Some(id), .. } if Some(id) == self.message_id.as_ref() => {
                self.begin()
            }
            Signal::UserMessage { message_id: None, content, .. } if *content == self.prompt => self.begin(),
            // Another prompt's turn begins, maybe of one that was taken before ours and not seen yet: its idle is not ours.
            // Without ids nobody knows: it may be ours, changed by a hook.
            Signal::UserMessage { message_id: Some(_), content, .. } if *content != self.prompt => {
                self.foreign_idle = true;
            }
            Signal::AssistantMessage { originating: Some(id), .. }
                if Some(id) == self.message_id.as_ref() =>
            {
                self.begin();
                return self.running(signal);
            }
            // Somebody's answer without ids: ours if no user.message ever says otherwise.
            Signal::AssistantMessage { originating: None, content } if !self.foreign_idle => {
                self.keep(content)
            }
            Signal::Error { message, originating } if self.is_mine(originating) && !self.foreign_idle => {
                self.error = Some(message.clone());
            }
            Signal::Idle { .. } if self.foreign_idle => self.foreign_idle = false,
            Signal::Idle { aborted } => return self.idle(*aborted),
            _ => {}
        }
        None
    }

    fn begin(&mut self) {
        self.phase = Phase::Running;
        self.content = None;
        self.error = None;
    }

    fn running(&mut self, signal: &Signal) -> Option<Outcome> {
        match signal {
            Signal::AssistantMessage { originating, content }
                if self.immediate || self.is_mine(originating) =>
            {
                self.keep(content);
            }
            Signal::TurnStart => self.turn_ended = false,
            Signal::TurnEnd => self.turn_ended = true,
            Signal::Error { message, originating } if self.is_mine(originating) => {
                self.error = Some(message.clone())
            }
            // The next prompt of the queue begins its own run. (A cloud session echoes ours with another id.)
            Signal::UserMessage { content, steering: false, .. }
                if self.turn_ended && *content != self.prompt =>
            {
                return self.idle(false);
            }
            Signal::UserMessage { message_id: Some(id), steering: false, .. }
                if self.turn_ended && Some(id) != self.message_id.as_ref() =>
            {
                return self.idle(false);
            }
            Signal::Idle { aborted } => return self.idle(*aborted),
            _ => {}
        }
        None
    }

    fn is_mine(&self, originating: &Option<String>) -> bool {
        originating.is_none() || *originating == self.message_id
    }

    fn keep(&mut self, content: &str) {
        // A message that only calls tools has no text.
        if !content.is_empty() {
            self.content = Some(content.to_owned());
        }
    }

    fn idle(&mut self, aborted: bool) -> Option<Outcome> {
        let outcome = match self.error.take() {
            Some(message) => Outcome::Failed { message },
            None => Outcome::Done { content: self.content.take(), aborted },
        };
        self.end(outcome)
    }

    fn end(&mut self, outcome: Outcome) -> Option<Outcome> {
        self.phase = Phase::Over;
        Some(outcome)
    }
}

/// Reads the signal out of an event, where it is one. `data` is the event's `data` as JSON text.
pub(crate) fn signal(event_type: &str, data: &str) -> Option<Signal> {
    #[derive(Deserialize, Default)]
    #[serde(rename_all = "camelCase", default)]
    struct Data {
        message_id: Option<String>,
        originating_message_id: Option<String>,
        content: Option<String>,
        delivery: Option<String>,
        message: Option<String>,
        aborted: Option<bool>,
        error_type: Option<String>,
    }
    let data = || serde_json::from_str::<Data>(data).unwrap_or_default();
    Some(match event_type {
        "user.message" => {
            let data = data();
            Signal::UserMessage {
                message_id: data.message_id,
                content: data.content.unwrap_or_default(),
                steering: data.delivery.as_deref() == Some("steering"),
            }
        }
        "assistant.message" => {
            let data = data();
            Signal::AssistantMessage {
                originating: data.originating_message_id,
                content: data.content.unwrap_or_default(),
            }
        }
        "assistant.turn_start" => Signal::TurnStart,
        "assistant.turn_end" => Signal::TurnEnd,
        "session.error" => {
            let data = data();
            Signal::Error {
                message: data.message.unwrap_or_default(),
                originating: data.originating_message_id,
            }
        }
        "session.idle" => Signal::Idle { aborted: data().aborted.unwrap_or_default() },
        "session.shutdown" => Signal::Shutdown,
        _ => return None,
    })
}

#[cfg(test)]
#[path = "wait_tests.rs"]
mod tests;
