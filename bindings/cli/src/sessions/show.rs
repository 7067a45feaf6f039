//! One session: what is known of it, and its events.

use std::collections::BTreeMap;

use codriver::protocol::results::SessionMetadata;
use codriver::{Error, ErrorKind, EventData, Result, SessionEvent};
use serde_json::json;

use super::source::Source;
use crate::output::{Output, printable, summary};

pub(super) async fn show(source: &Source, id: &str, out: Output) -> Result<()> {
    let session = source.metadata(id).await?.ok_or_else(|| not_found(id))?;
    let (events, unreadable) = source.events(id).await?;
    let mut by_type = BTreeMap::<&str, u64>::new();
    for event in &events {
        *by_type.entry(event.event_type()).or_default() += 1;
    }
    let prompts: Vec<String> = events.iter().filter_map(prompt).collect();
    let edge = |event: Option<&SessionEvent>| event.map(|event| event.timestamp().into_owned());
    let mut described = json!({
        "session": session,
        "events": {
            "total": events.len(),
            "byType": by_type,
            "first": edge(events.first()),
            "last": edge(events.last()),
            "prompts": prompts,
        },
    });
    if let Source::Store(_) = source {
        described["events"]["unreadable"] = unreadable.into();
    }
    out.json(described);
    describe(&session, out);
    out.line(format_args!("{} stored events", events.len()));
    for (event_type, count) in by_type {
        out.line(format_args!("  {count:>6}  {}", printable(event_type)));
    }
    tell_unreadable(unreadable, out);
    out.line(format_args!("{} prompts", prompts.len()));
    for prompt in prompts {
        out.line(format_args!("  {} {}", out.cyan("›"), summary(&prompt, 90)));
    }
    Ok(())
}

pub(super) async fn events(source: &Source, id: &str, out: Output) -> Result<()> {
    let (events, unreadable) = source.events(id).await?;
    for (event, number) in events.iter().zip(1_u64..) {
        out.json(event.raw_json());
        let kind = printable(event.event_type());
        out.line(format_args!("{number:>6}  {}  {kind}", out.dim(printable(&event.timestamp()))));
        if let Some(prompt) = prompt(event) {
            out.line(format_args!("        {} {}", out.cyan("›"), summary(&prompt, 90)));
        }
    }
    tell_unreadable(unreadable, out);
    Ok(())
}

fn tell_unreadable(lines: u64, out: Output) {
    if lines > 0 {
        out.line(out.yellow(format_args!("{lines} damaged lines, which are no events")));
    }
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
