//! Plays a script's steps against the client.

use std::collections::HashMap;
use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::builtin::{self, Builtin};
use crate::frame;
use crate::pattern::{self, Captures};
use crate::peer::{Inbound, Peer, TIMESTAMP};
use crate::script::{Expect, ExpectNone, ExpectResponse, Script, Step, WriteRaw};

/// How a script came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All steps are done; the peer goes on answering.
    Done,
    /// The process is to end with this code.
    Exit(i32),
    /// The process is to end as SIGKILL ends it.
    KillSelf,
}

/// The state of a play: what was captured, expected and asked.
pub struct Player {
    peer: Arc<Peer>,
    builtin: Arc<Builtin>,
    child_started: Box<dyn Fn(u32)>,
    captures: Captures,
    requests: HashMap<String, Inbound>,
    latest: Option<Inbound>,
    asked: HashMap<String, Value>,
    poured: u64,
}

impl Player {
    /// A player at the first step; `child_started` is told the process id of every descendant.
    pub fn new(peer: Arc<Peer>, builtin: Arc<Builtin>, child_started: Box<dyn Fn(u32)>) -> Self {
        Player {
            peer,
            builtin,
            child_started,
            captures: Captures::default(),
            requests: HashMap::new(),
            latest: None,
            asked: HashMap::new(),
            poured: 0,
        }
    }

    /// Plays all steps. The error names the step.
    pub fn play(&mut self, script: &Script) -> Result<Outcome, String> {
        for (index, step) in script.steps.iter().enumerate() {
            self.peer.report.progress(index, script.steps.len());
            let outcome = self.step(step).map_err(|error| format!("step {}: {error}", index + 1))?;
            if outcome != Outcome::Done {
                self.peer.report.progress(index + 1, script.steps.len());
                return Ok(outcome);
            }
        }
        self.peer.report.progress(script.steps.len(), script.steps.len());
        Ok(Outcome::Done)
    }

    fn all(&mut self, steps: &[Step]) -> Result<Outcome, String> {
        for step in steps {
            let outcome = self.step(step)?;
            if outcome != Outcome::Done {
                return Ok(outcome);
            }
        }
        Ok(Outcome::Done)
    }

    fn step(&mut self, step: &Step) -> Result<Outcome, String> {
        match step {
            Step::Expect(expect) => self.expect(expect)?,
            Step::ExpectNone(none) => self.expect_none(none)?,
            Step::Reply(reply) => {
                let result = self.filled(&reply.result)?;
                let request = self.request_named(&reply.to)?;
                if let ("session.create" | "session.resume", Some(id)) =
                    (&*request.method, result["sessionId"].as_str())
                {
                    self.builtin.adopt(id);
                }
                self.peer.reply(&request.id, result);
            }
            Step::ReplyError(reply) => {
                self.peer.reply_error(&self.request_named(&reply.to)?.id, &reply.error)
            }
            Step::ReplyBuiltin(reply) => {
                if self.builtin.answer(self.request_named(&reply.to)?) {
                    self.peer.close_inbox();
                }
            }
            Step::Notify(notify) => self.peer.notify(&notify.method, self.filled(&notify.params)?),
            Step::Event(event) => {
                let id = event.id.as_ref().map_or(Ok(self.peer.uuid().into()), |id| self.filled(id))?;
                let mut body = json!({"id": id, "timestamp": TIMESTAMP, "parentId": null});
                body["type"] = event.kind.as_str().into();
                body["data"] = self.filled(&event.data)?;
                if event.ephemeral {
                    body["ephemeral"] = true.into();
                }
                for (key, value) in &event.with {
                    body[key] = self.filled(value)?;
                }
                let session = self.filled(&event.session)?;
                self.peer.notify("session.event", json!({"sessionId": session, "event": body}));
            }
            Step::Turn(turn) => {
                let [session, id, prompt, content] =
                    [&turn.session, &turn.message_id, &turn.prompt, &turn.content].map(|t| self.filled(t));
                builtin::turn(&self.peer, &session?, &id?, &prompt?, &content?);
            }
            Step::Request(request) => {
                let id = request.id.as_ref().map(|id| self.filled(id)).transpose()?;
                let id = self.peer.request(&request.method, self.filled(&request.params)?, id);
                self.asked.insert(request.name.clone(), id);
            }
            Step::ExpectResponse(expected) => self.expect_response(expected)?,
            Step::ExpectNoResponse(none) => {
                let id = self.asked(&none.to)?;
                if let Some(answer) = self.peer.answer_to(&id, Duration::from_millis(none.for_ms)) {
                    return Err(format!("{:?} was answered: {}", none.to, pattern::short(&answer)));
                }
            }
            Step::SleepMs(ms) => thread::sleep(Duration::from_millis(*ms)),
            Step::WriteRaw(raw) => self.write_raw(raw)?,
            Step::Split(split) => self.peer.output().split(split.bytes),
            Step::Coalesce(steps) => {
                self.peer.output().hold();
                let outcome = self.all(steps);
                self.peer.output().release();
                return outcome;
            }
            Step::Repeat(repeat) => {
                for i in 0..repeat.times {
                    self.captures.set("i", i.into());
                    let outcome = self.all(&repeat.steps)?;
                    if outcome != Outcome::Done {
                        return Ok(outcome);
                    }
                }
            }
            Step::Firehose(firehose) => {
                let session = self.filled(&firehose.session)?;
                builtin::pour(&self.peer, session.as_str().unwrap_or_default(), &firehose.burst, self.poured);
                self.poured += firehose.burst.events;
            }
            Step::SpawnChild => {
                let child =
                    Command::new("sleep").arg("600").stdin(Stdio::null()).stdout(Stdio::null()).spawn();
                (self.child_started)(child.map_err(|e| format!("no descendant could be started: {e}"))?.id());
            }
            Step::Stderr(text) => {
                for _ in 0..text.times {
                    let _ = io::stderr().write_all(text.text.as_bytes());
                }
            }
            Step::Checkpoint => self.peer.report.succeed(),
            Step::CloseStdout => self.peer.output().close(),
            Step::Close => {
                self.peer.output().close();
                self.peer.close_inbox();
            }
            Step::Exit(exit) => {
                let _ = io::stderr().write_all(exit.stderr.as_bytes());
                return Ok(Outcome::Exit(exit.code));
            }
            Step::KillSelf => return Ok(Outcome::KillSelf),
        }
        Ok(Outcome::Done)
    }

    fn expect(&mut self, expect: &Expect) -> Result<(), String> {
        let within = Duration::from_millis(expect.within_ms);
        let request = self.peer.expect(&expect.method, &expect.params, &mut self.captures, within)?;
        if let Some(name) = &expect.name {
            self.requests.insert(name.clone(), request.clone());
        }
        self.latest = Some(request);
        Ok(())
    }

    fn expect_none(&mut self, none: &ExpectNone) -> Result<(), String> {
        let within = Duration::from_millis(none.for_ms);
        match self.peer.expect(&none.method, &none.params, &mut self.captures.clone(), within) {
            Ok(request) => Err(format!("{} came: {}", none.method, pattern::short(&request.params))),
            Err(_) => Ok(()),
        }
    }

    fn expect_response(&mut self, expected: &ExpectResponse) -> Result<(), String> {
        let id = self.asked(&expected.to)?;
        let name = &expected.to;
        let answer = self
            .peer
            .answer_to(&id, Duration::from_millis(expected.within_ms))
            .ok_or_else(|| format!("{name:?} was not answered"))?;
        let wrong =
            |what: String| format!("the answer to {name:?} {what}, it is {}", pattern::short(&answer));
        let [result, error] = ["result", "error"].map(|key| answer.get(key));
        let (pattern, part) = match (&expected.result, &expected.error) {
            (_, Some(pattern)) => (pattern, error.ok_or_else(|| wrong("is no error".into()))?),
            (Some(pattern), None) => (pattern, result.ok_or_else(|| wrong("is no result".into()))?),
            (None, None) => return result.map(drop).ok_or_else(|| wrong("is no result".into())),
        };
        pattern::matches(pattern, part, &mut self.captures).map_err(wrong)
    }

    fn write_raw(&mut self, raw: &WriteRaw) -> Result<(), String> {
        let bytes = match (&raw.text, &raw.hex) {
            (Some(text), None) => {
                let template =
                    Value::String(if text.starts_with('$') { format!("$${text}") } else { text.clone() });
                self.filled(&template)?.as_str().unwrap_or_default().as_bytes().to_vec()
            }
            (None, Some(hex)) => from_hex(hex)?,
            _ => return Err("write_raw wants one of text and hex".to_owned()),
        };
        let bytes = match raw.header.as_deref() {
            None => bytes,
            Some("") => frame::render(&bytes),
            Some(header) => frame::with_header(header, &bytes),
        };
        self.peer
            .report
            .note_text("mock", || String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).into_owned());
        self.peer.write(&bytes);
        Ok(())
    }

    fn filled(&self, template: &Value) -> Result<Value, String> {
        pattern::fill(template, &self.captures)
    }

    fn request_named(&self, name: &Option<String>) -> Result<Inbound, String> {
        let request = match name {
            Some(name) => self.requests.get(name),
            None => self.latest.as_ref(),
        };
        request
            .cloned()
            .ok_or_else(|| format!("no request {} was expected before", name.as_deref().unwrap_or("at all")))
    }

    fn asked(&self, name: &str) -> Result<Value, String> {
        self.asked.get(name).cloned().ok_or_else(|| format!("no request {name:?} was sent before"))
    }
}

fn from_hex(hex: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = hex.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    if digits.len() != hex.len() || !digits.len().is_multiple_of(2) {
        return Err(format!("not pairs of hex digits: {hex:?}"));
    }
    Ok(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_in_pairs() {
        assert_eq!(from_hex("00ffEd").unwrap(), [0, 255, 0xed]);
        assert!(from_hex("0").is_err());
        assert!(from_hex("zz").is_err());
    }
}
