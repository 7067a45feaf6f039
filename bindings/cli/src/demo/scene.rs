//! The scenes, each with a check that it happened.

mod crash;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use codriver::{
    Client, Error, ErrorKind, EventStream, PermissionDecision, PermissionRequest, Result, SendOptions,
    Session, SessionConfig, SessionEvent, Tool, ToolResult,
};

use super::cast::Cast;
use super::facts::{Counts, Facts, Runtime};
use super::kept::Kept;
use crate::output::Output;
use crate::permission::{barred, describe};
use crate::provider::Model;
use crate::screen::Screen;

const TURN: Duration = Duration::from_secs(90);
const CITY: &str = "Zurich";
const TEMPERATURE: &str = "17";
/// The only file whose mention the demo approves.
const FILE: &str = "codriver-demo.txt";

/// The play, with all that is remembered of it.
pub(crate) struct Play {
    client: Client,
    model: Model,
    home: PathBuf,
    work: PathBuf,
    kept: Kept,
    out: Output,
    screen: Screen,
    counts: Arc<Counts>,
    facts: Facts,
    scene: u64,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Weather {
    /// The city's name.
    city: String,
}

impl Play {
    pub(crate) fn new(cast: Cast, kept: Kept, work: &Path, out: Output) -> Self {
        Play {
            client: cast.client,
            model: cast.model,
            home: cast.home,
            work: work.to_owned(),
            kept,
            out,
            screen: Screen::new(out),
            counts: Arc::default(),
            facts: Facts::default(),
            scene: 0,
        }
    }

    pub(crate) fn facts(&self) -> Facts {
        let [tool_calls, asked, approved] =
            [&self.counts.tool_calls, &self.counts.asked, &self.counts.approved]
                .map(|count| count.load(Relaxed));
        Facts { tool_calls, asked, approved, ..self.facts.clone() }
    }

    /// A session with a tool, and with somebody who decides on permissions.
    fn config(&self) -> SessionConfig {
        let [events, tools, permissions] = [(); 3].map(|()| self.counts.clone());
        let mut weather =
            Tool::typed("get_weather", "Tells the weather of a city", move |args: Weather, _| {
                tools.tool_calls.fetch_add(1, Relaxed);
                async move { Ok(ToolResult::text(format!("{TEMPERATURE} °C and sunny in {}", args.city))) }
            });
        weather.skip_permission = Some(true);
        let config = SessionConfig::new()
            .client_name("codriver-demo")
            .streaming(true)
            .on_event(move |_| _ = events.events.fetch_add(1, Relaxed))
            .working_directory(self.work.to_string_lossy())
            .tool(weather)
            .on_permission_request(move |request, _| {
                let decision = decide(&request);
                permissions.asked.fetch_add(1, Relaxed);
                permissions.approved.fetch_add(u64::from(decision.is_approval()), Relaxed);
                async move { Ok(decision) }
            });
        self.model.apply(config)
    }

    pub(crate) async fn open(&mut self) -> Result<Session> {
        self.meet()?;
        self.client.create_session(self.config()).await
    }

    pub(crate) async fn streamed_answer(&mut self, session: &Session) -> Result<()> {
        self.title("An answer, streamed");
        let answer = self.turn(session, "Hello! Who are you, in a sentence or two?").await?;
        let deltas = self.screen.deltas;
        self.check(!answer.is_empty(), "the model said nothing")?;
        self.check(deltas > 1, "the answer did not come in pieces")?;
        self.check(self.screen.faithful, "the pieces do not make up the message")?;
        self.result(&format!("{deltas} pieces, and together they are the message"));
        Ok(())
    }

    pub(crate) async fn tool_in_rust(&mut self, session: &Session) -> Result<()> {
        self.title("A tool, answered by Rust code in this process");
        let prompt = format!("What is the weather like in {CITY}? Ask your tool get_weather.");
        let answer = self.turn(session, &prompt).await?;
        self.check(self.facts().tool_calls > 0, "the model did not call the tool get_weather")?;
        self.check(answer.contains(TEMPERATURE), "what the tool answered did not reach the model")?;
        self.result("the model called it, and used what it said");
        Ok(())
    }

    pub(crate) async fn permission(&mut self, session: &Session) -> Result<()> {
        self.title("A permission, asked and answered");
        let prompt =
            format!("Please write one line into the file {FILE} with a shell command, and show me the file.");
        self.turn(session, &prompt).await?;
        self.check(self.facts().approved > 0, "no permission was asked that the demo could approve")?;
        let written = std::fs::read_to_string(self.work.join(FILE)).unwrap_or_default();
        self.check(!written.trim().is_empty(), "the command that was approved wrote nothing")?;
        self.result(&format!(
            "only then it ran: {FILE} is there, in a directory that goes away after the demo"
        ));
        Ok(())
    }

    /// Compares what the library counted with what the handler was given: nothing may be missing.
    pub(crate) async fn nothing_lost(&mut self) -> Result<u64> {
        let mut counted = self.client.counters();
        for _ in 0..100 {
            // The handler has a thread of its own, and may be a moment behind.
            counted = self.client.counters();
            if self.counts.events.load(Relaxed) + counted.events_merged == counted.events_received {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let (received, seen) = (counted.events_received, self.counts.events.load(Relaxed));
        let whole = seen + counted.events_merged == received && counted.events_lost == 0;
        self.check(
            whole,
            &format!("of {received} events the handler saw {seen}, and {} were lost", counted.events_lost),
        )?;
        Ok(received)
    }

    /// One turn on screen, to its last event.
    async fn turn(&mut self, session: &Session, prompt: &str) -> Result<String> {
        self.screen.begin();
        self.screen.line(format_args!("{} {prompt}", self.out.cyan("›")));
        let mut events = session.subscribe();
        let mut turn =
            std::pin::pin!(session.send_and_wait(SendOptions::new(prompt).abort_on_timeout(), TURN));
        let outcome = loop {
            tokio::select! {
                biased;
                Some(event) = events.next() => self.show(&event),
                outcome = &mut turn => break outcome,
            }
        };
        self.show_rest(&mut events);
        Ok(outcome?.content.unwrap_or_default())
    }

    fn show_rest(&mut self, events: &mut EventStream) {
        for event in events.take(usize::MAX) {
            self.show(&event);
        }
        self.screen.end_line();
    }

    fn show(&mut self, event: &SessionEvent) {
        self.screen.watch(event);
        if event.event_type() != "permission.requested" {
            return;
        }
        let Ok(request) = event.data_as::<PermissionRequest>() else { return };
        let (what, detail) = describe(&request);
        self.screen.line(format_args!("  {} The runtime asks: may it {what}?", self.out.yellow("?")));
        self.out.text(barred(&detail));
        let answer = match decide(&request).is_approval() {
            true => "the demo says yes, this once",
            false => "the demo says no: it approves its own file only",
        };
        self.screen.line(format_args!("  {} {answer}", self.out.yellow("!")));
    }

    /// Takes note of the runtime there is now.
    fn meet(&mut self) -> Result<()> {
        let (Some(info), Some(pid)) = (self.client.runtime(), self.client.runtime_pid()) else {
            return Err(Error::new(ErrorKind::Internal, "a connected client has no runtime of its own"));
        };
        self.facts.runtimes.push(Runtime { version: info.version, pid });
        Ok(())
    }

    fn title(&mut self, title: &str) {
        self.scene += 1;
        self.screen.line(format_args!("\n{}", self.out.bold(format_args!("{}. {title}", self.scene))));
    }

    fn result(&mut self, text: &str) {
        self.screen.line(format_args!("  {} {text}", self.out.green("✔")));
    }

    fn check(&self, happened: bool, otherwise: &str) -> Result<()> {
        if happened {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::SessionError,
            format!("the demo failed in scene {}: {otherwise}", self.scene),
        ))
    }
}

/// Approves what is about the demo's own file, once; nothing else, whatever the model may think of.
fn decide(request: &PermissionRequest) -> PermissionDecision {
    let (what, detail) = describe(request);
    match what.contains(FILE) || detail.contains(FILE) {
        true => PermissionDecision::approve_once(),
        false => PermissionDecision::reject_with(format!("Only what is about {FILE} is approved here.")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_demos_own_file_is_approved() {
        let decided = |command: &str| {
            let request =
                json!({"requestId": "r", "permissionRequest": {"kind": "shell", "fullCommandText": command}});
            decide(&serde_json::from_value(request).unwrap()).is_approval()
        };
        assert!(decided("echo hi > codriver-demo.txt"));
        assert!(!decided("rm -rf ~"));
    }
}
