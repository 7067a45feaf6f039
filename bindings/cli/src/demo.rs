//! `codriver demo`: a conversation with the real runtime that checks itself. Whatever it claims on screen has happened, or it
//! ends with an error.

mod cast;
mod facts;
mod kept;
mod scene;

use std::time::Instant;

use codriver::{Client, Result};
use indicatif::HumanBytes;
use serde_json::json;
use tempfile::TempDir;

use crate::output::Output;
use crate::provider::{ProviderArgs, RuntimeArgs};
use crate::run::{cancellable, stop};
use cast::Brain;
use kept::Kept;
use scene::Play;

/// Leaves nothing behind: it works in directories of its own, keeps its session in a store there, and deletes it. Without a provider, it looks for a
/// login in your Copilot home, and uses that home only if there is one.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A scripted model to fall back to where there is neither a provider nor a login; `build/demo` starts one.
    #[arg(long, value_name = "URL", help_heading = "Model")]
    scripted_model: Option<String>,

    #[command(flatten)]
    provider: ProviderArgs,

    #[command(flatten)]
    runtime: RuntimeArgs,
}

pub(crate) async fn run(args: Args, out: Output) -> Result<()> {
    let (home, work) = (cast::scratch()?, cast::scratch()?);
    let mut client = None;
    let outcome = cancellable(play(&args, &home, &work, &mut client, out)).await;
    if let Some(client) = client {
        stop(&client, out).await;
    }
    outcome
}

/// The whole play. The client is left in `slot`, so that it can be stopped however this ends.
async fn play(
    args: &Args,
    home: &TempDir,
    work: &TempDir,
    slot: &mut Option<Client>,
    out: Output,
) -> Result<()> {
    let started = Instant::now();
    let kept = Kept::new()?;
    let cast = cast::gather(args, home.path(), kept.options(work.path()), slot, out).await?;
    let brain = cast.brain.clone();
    out.line(out.bold("Codriver: a conversation with the real Copilot runtime"));
    out.line(format_args!("  runtime  {}", cast::describe(&cast.client)));
    out.line(format_args!("  model    {brain}"));
    if brain == Brain::Scripted {
        out.line(out.yellow("           Its words are canned. Everything else you will see is real."));
    }
    out.line("  store    SQLite, in a file of this demo, in place of the session files of the runtime");

    let mut play = Play::new(cast, kept, work.path(), out);
    let session = play.open().await?;
    let id = session.id().to_owned();
    play.streamed_answer(&session).await?;
    play.tool_in_rust(&session).await?;
    play.permission(&session).await?;
    let session = play.crash_and_resume(session).await?;
    play.recall(&session).await?;
    play.erase(session).await?;

    let events = play.nothing_lost().await?;
    let facts = play.facts();
    let seconds = started.elapsed().as_secs_f64();
    out.json(json!({
        "ok": true,
        "sessionId": id,
        "model": brain.name(),
        "runtimes": facts.runtimes,
        "events": { "received": events, "lost": 0 },
        "toolCalls": facts.tool_calls,
        "permissions": { "asked": facts.asked, "approved": facts.approved },
        "history": { "storedEvents": facts.stored_events, "recalled": true },
        "store": facts.store,
        "seconds": (seconds * 10.0).round() / 10.0,
    }));
    out.line(format_args!("\n{}", out.bold("Summary")));
    let row = |name: &str, text: String| out.line(format_args!("  {} {name:<12} {text}", out.green("✔")));
    row("events", format!("{events} received, all of them seen by the handler, 0 lost"));
    row("tool calls", format!("{} answered by Rust code", facts.tool_calls));
    row("permissions", format!("{} asked, {} approved", facts.asked, facts.approved));
    let runtimes: Vec<_> = facts.runtimes.iter().map(|r| format!("{} (pid {})", r.version, r.pid)).collect();
    row("runtimes", format!("{}: the first was killed, the second resumed", runtimes.join(", then ")));
    let store = &facts.store;
    row(
        "store",
        format!("{}, {}: after the kill the session came from there", store.url, HumanBytes(store.bytes)),
    );
    row("history", format!("{} stored events came back, and the model remembered", facts.stored_events));
    row("time", format!("{seconds:.0} s"));
    Ok(())
}
