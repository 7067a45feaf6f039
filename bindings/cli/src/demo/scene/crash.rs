//! The runtime is killed, and the session goes on: its history is in the store.

use std::collections::HashSet;
use std::time::Duration;

use codriver::{ConnectionState, ErrorKind, Result, Session, SessionEvent};
use indicatif::HumanBytes;
use tokio::sync::watch;

use super::{CITY, Play};
use crate::demo::cast;
use crate::demo::facts::Store;
use crate::kill::kill;

const CRASH: Duration = Duration::from_secs(10);
/// How many prompts there were before the crash.
const PROMPTS: usize = 3;

impl Play {
    /// Kills the runtime, starts another one, and has the session back.
    pub(crate) async fn crash_and_resume(&mut self, session: Session) -> Result<Session> {
        self.title("A crash, and the session is back");
        let pid = self.client.runtime_pid().unwrap_or_default();
        let (sender, mut states) = watch::channel(self.client.state());
        let _told = self.client.on_state(move |state| _ = sender.send_replace(state));
        kill(pid)?;
        self.screen.line(format_args!("  {} kill -9 {pid}", self.out.red("✘")));
        let noticed =
            tokio::time::timeout(CRASH, states.wait_for(|state| *state == ConnectionState::Error)).await;
        self.check(matches!(noticed, Ok(Ok(_))), "the client did not notice that its runtime was killed")?;
        let lost = session.get_events().await.err();
        let said = lost.filter(|error| error.kind() == ErrorKind::RuntimeLost);
        self.check(said.is_some(), "a call to the dead runtime did not end with RUNTIME_LOST")?;
        self.result("the client noticed at once: calls end with RUNTIME_LOST (21), none hangs");

        let id = session.id().to_owned();
        drop(session);
        let kept = self.look_into_the_store(&id).await?;
        self.client.connect().await?;
        self.meet()?;
        let again = self.client.runtime_pid().unwrap_or_default();
        self.check(again != pid, "there is no new runtime")?;
        self.result(&format!("a new runtime: {}", cast::describe(&self.client)));
        let session = self.client.resume_session(&id, self.config()).await?;
        let history = session.get_events().await?;
        self.facts.stored_events = history.len();
        let known: HashSet<&str> = history.iter().map(SessionEvent::id).collect();
        let missing = kept.iter().filter(|event| is_said(event) && !known.contains(event.id())).count();
        self.check(missing == 0, &format!("of what the store has, the new runtime lacks {missing} events"))?;
        let prompts = prompts(&history);
        self.check(
            prompts == PROMPTS,
            &format!("of {PROMPTS} prompts {prompts} are in the history that came back"),
        )?;
        self.result(&format!(
            "the session is resumed from there: {} stored events, {prompts} prompts",
            history.len()
        ));
        Ok(session)
    }

    /// What is left of the session while no runtime runs: all of it, and in the store only.
    async fn look_into_the_store(&mut self, id: &str) -> Result<Vec<SessionEvent>> {
        let stored = self.kept.events(id).await?;
        self.check(
            prompts(&stored.events) == PROMPTS && stored.unreadable == 0,
            &format!(
                "the store has {} of {PROMPTS} prompts, and {} places of its log are damaged",
                prompts(&stored.events),
                stored.unreadable
            ),
        )?;
        let (url, bytes) = (self.kept.url(), self.kept.bytes());
        self.check(bytes > 0, "the store is empty")?;
        let events = stored.events.len();
        self.result(&format!("no runtime runs; the session is in its store: {events} events"));
        self.screen.line(self.out.dim(format_args!("    {url} ({})", HumanBytes(bytes))));
        let elsewhere = self.kept.elsewhere(&self.home, id);
        self.check(
            elsewhere.is_empty(),
            &format!("the runtime keeps files of the session on the disk: {elsewhere:?}"),
        )?;
        self.result("the runtime has no session files of its own: what it knows next is from the store");
        self.facts.store = Store { url, bytes, events };
        Ok(stored.events)
    }

    pub(crate) async fn recall(&mut self, session: &Session) -> Result<()> {
        let answer = self.turn(session, "Do you remember which city I asked about earlier?").await?;
        self.check(answer.contains(CITY), &format!("the model does not remember {CITY}"))?;
        self.result("the model was given the conversation from before the crash");
        Ok(())
    }

    /// Erases the session.
    pub(crate) async fn erase(&mut self, session: Session) -> Result<()> {
        let id = session.id().to_owned();
        session.disconnect().await?;
        self.client.delete_session(&id).await?;
        let empty = self.kept.is_empty().await?;
        self.check(empty, "the store still has the session, which was deleted")
    }
}

/// Whether it is a part of the conversation: the runtimes do not give back all that they store for themselves.
fn is_said(event: &SessionEvent) -> bool {
    ["user.", "assistant.", "tool."].iter().any(|family| event.event_type().starts_with(family))
}

fn prompts(events: &[SessionEvent]) -> usize {
    events.iter().filter(|event| event.event_type() == "user.message").count()
}
