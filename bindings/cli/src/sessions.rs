//! `codriver sessions`: what the runtime has stored.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use codriver::protocol::results::{SessionListFilter, SessionMetadata};
use codriver::{Client, Error, ErrorKind, EventData, Result, SessionConfig, SessionEvent};
use serde_json::{Value, json};

use crate::output::{Output, printable, summary};
use crate::provider::{Model, RuntimeArgs};
use crate::run::with_client;

/// How many stored events are asked for at once; the runtime's own limit.
const PAGE: u64 = 1000;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// All of them, or those that match every filter exactly.
    List(List),
    /// What is known of one, and what is in it. Reads only.
    Show(One),
    /// Erases sessions, in the order given, up to the first that cannot be.
    Delete(Several),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only sessions of this working directory.
    #[arg(long, value_name = "DIR")]
    cwd: Option<PathBuf>,
    /// Only sessions of the git repository with this root.
    #[arg(long, value_name = "DIR")]
    git_root: Option<PathBuf>,
    /// Only sessions of this repository.
    #[arg(long, value_name = "OWNER/NAME")]
    repository: Option<String>,
    /// Only sessions of this branch.
    #[arg(long, value_name = "NAME")]
    branch: Option<String>,
    #[command(flatten)]
    runtime: RuntimeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct One {
    /// The session's id.
    id: String,
    #[command(flatten)]
    runtime: RuntimeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Several {
    /// The sessions' ids.
    #[arg(required = true)]
    ids: Vec<String>,
    #[command(flatten)]
    runtime: RuntimeArgs,
}

pub(crate) async fn run(command: Command, out: Output) -> Result<()> {
    let runtime = match &command {
        Command::List(list) => &list.runtime,
        Command::Show(one) => &one.runtime,
        Command::Delete(several) => &several.runtime,
    };
    let options = runtime.client_options(&Model::default());
    with_client(options, out, async |client| match &command {
        Command::List(list) => list.run(client, out).await,
        Command::Show(one) => show(client, &one.id, out).await,
        Command::Delete(several) => delete(client, &several.ids, out).await,
    })
    .await
}

impl List {
    async fn run(&self, client: &Client, out: Output) -> Result<()> {
        let mut filter = SessionListFilter::new();
        filter.cwd = self.cwd.as_deref().map(absolute);
        filter.git_root = self.git_root.as_deref().map(absolute);
        filter.repository = self.repository.clone();
        filter.branch = self.branch.clone();
        let filtered = filter != SessionListFilter::new();
        let mut sessions = client.list_sessions(filtered.then_some(filter)).await?;
        sessions.sort_by(|a, b| b.modified_time.cmp(&a.modified_time));
        out.json(json!({ "sessions": sessions }));
        if sessions.is_empty() {
            out.line(if filtered { "No stored session matches." } else { "No sessions are stored." });
        }
        for session in &sessions {
            let title = session.name.as_deref().or(session.summary.as_deref()).unwrap_or("(no title)");
            out.line(format_args!("{}  {}", out.bold(printable(&session.session_id)), summary(title, 60)));
            let cwd = session.context.as_ref().map_or("", |context| context.cwd.as_str());
            out.line(out.dim(format_args!("  {}  {}", time(&session.modified_time), printable(cwd))));
        }
        Ok(())
    }
}

async fn show(client: &Client, id: &str, out: Output) -> Result<()> {
    let session = client.get_session_metadata(id).await?.ok_or_else(|| not_found(id))?;
    let events = stored_events(client, id).await?;
    let mut by_type = BTreeMap::<&str, u64>::new();
    for event in &events {
        *by_type.entry(event.event_type()).or_default() += 1;
    }
    let prompts: Vec<String> = events.iter().filter_map(prompt).collect();
    let edge = |event: Option<&SessionEvent>| event.map(|event| event.timestamp().into_owned());
    out.json(json!({
        "session": session,
        "events": {
            "total": events.len(),
            "byType": by_type,
            "first": edge(events.first()),
            "last": edge(events.last()),
            "prompts": prompts,
        },
    }));
    describe(&session, out);
    out.line(format_args!("{} stored events", events.len()));
    for (event_type, count) in by_type {
        out.line(format_args!("  {count:>6}  {}", printable(event_type)));
    }
    out.line(format_args!("{} prompts", prompts.len()));
    for prompt in prompts {
        out.line(format_args!("  {} {}", out.cyan("›"), summary(&prompt, 90)));
    }
    Ok(())
}

fn describe(session: &SessionMetadata, out: Output) {
    let context = session.context.clone().unwrap_or_default();
    let title = session.name.as_deref().or(session.summary.as_deref());
    out.line(out.bold(printable(&session.session_id)));
    for (name, value) in [
        ("title", title),
        ("created", Some(session.start_time.as_str())),
        ("modified", Some(session.modified_time.as_str())),
        ("directory", Some(context.cwd.as_str())),
        ("git root", context.git_root.as_deref()),
        ("repository", context.repository.as_deref()),
        ("branch", context.branch.as_deref()),
        ("client", session.client_name.as_deref()),
    ] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            out.line(format_args!("  {name:<10} {}", printable(value)));
        }
    }
}

async fn delete(client: &Client, ids: &[String], out: Output) -> Result<()> {
    let mut deleted = Vec::new();
    let mut outcome = Ok(());
    for id in ids {
        outcome = client.delete_session(id).await;
        if outcome.is_err() {
            break;
        }
        out.line(format_args!("deleted {}", printable(id)));
        deleted.push(id);
    }
    out.json(json!({ "deleted": deleted }));
    outcome
}

/// What is stored, read without opening the session where the runtime can (not 1.0.57, which has to resume it).
async fn stored_events(client: &Client, id: &str) -> Result<Vec<SessionEvent>> {
    let mut events = Vec::new();
    let mut params = json!({ "sessionId": id, "max": PAGE });
    loop {
        let page = match client.rpc("sessions.readPersistedEvents", params.clone()).await {
            Err(error) if error.kind() == ErrorKind::MethodNotFound => return by_resuming(client, id).await,
            page => page?,
        };
        let read = page["events"].as_array().into_iter().flatten();
        events.extend(read.filter_map(|event| SessionEvent::from_json(&event.to_string()).ok()));
        match page["cursor"].as_str() {
            Some(cursor) if page["hasMore"] == true => params["cursor"] = Value::from(cursor),
            _ => return Ok(events),
        }
    }
}

async fn by_resuming(client: &Client, id: &str) -> Result<Vec<SessionEvent>> {
    let session = client.resume_session(id, SessionConfig::new().disable_resume(true)).await?;
    let events = session.get_events().await;
    session.disconnect().await?;
    events
}

fn prompt(event: &SessionEvent) -> Option<String> {
    match event.data() {
        EventData::UserMessage(message) if event.agent_id().is_none() => Some(message.content),
        _ => None,
    }
}

fn not_found(id: &str) -> Error {
    let text = format!("there is no stored session `{id}`; `codriver sessions list` shows those there are");
    Error::new(ErrorKind::SessionNotFound, text)
}

/// A directory as the runtime knows it.
fn absolute(path: &Path) -> String {
    path.canonicalize().unwrap_or_else(|_| path.to_owned()).to_string_lossy().into_owned()
}

/// `2026-11-21 01:44` of an ISO time; empty where the runtime does not know.
fn time(iso: &str) -> String {
    iso.chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}
