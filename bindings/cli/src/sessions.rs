//! `codriver sessions`: what is stored, by the runtime or in a store.

mod archive;
mod command;
mod show;
mod source;

use codriver::protocol::results::{SessionListFilter, SessionMetadata};
use codriver::store::SessionStore;
use codriver::{Client, Error, ErrorKind, Result};
use serde_json::json;

pub(crate) use self::command::{Args, check_lasts};
use self::command::{Command, List};
use self::source::Source;
use crate::output::{Output, printable, summary};
use crate::provider::Model;
use crate::run::{cancellable, with_client};

pub(crate) async fn run(args: Args, out: Output) -> Result<()> {
    args.check()?;
    let Args { store, command } = args;
    let Some(url) = store else {
        let runtime = command.runtime().cloned().unwrap_or_default();
        let options = runtime.client_options(&Model::default());
        return with_client(options, out, async |client: &Client| {
            of_source(&Source::Runtime(client.clone()), &command, out).await
        })
        .await;
    };
    cancellable(async {
        let store = match &command {
            // A first session may make the store.
            Command::Import(_) => SessionStore::open(&url).await?,
            _ => SessionStore::open_existing(&url).await?,
        };
        match &command {
            Command::Fork(fork) => archive::fork(&store, fork, out).await,
            Command::Export(export) => archive::export(&store, export, out).await,
            Command::Import(import) => archive::import(&store, import, out).await,
            _ => of_source(&Source::Store(store), &command, out).await,
        }
    })
    .await
}

/// What a runtime can do as well as a store.
async fn of_source(source: &Source, command: &Command, out: Output) -> Result<()> {
    match command {
        Command::List(filters) => list(source, filters, out).await,
        Command::Show(one) => show::show(source, &one.id, out).await,
        Command::Events(one) => show::events(source, &one.id, out).await,
        Command::Delete(several) => delete(source, &several.ids, out).await,
        Command::Fork(_) | Command::Export(_) | Command::Import(_) => {
            Err(Error::new(ErrorKind::Internal, "the command is for a store"))
        }
    }
}

async fn list(source: &Source, filters: &List, out: Output) -> Result<()> {
    let filter = filters.filter();
    let filtered = filter != SessionListFilter::new();
    let sessions = source.list(filtered.then_some(filter)).await?;
    out.json(json!({ "sessions": sessions }));
    if sessions.is_empty() {
        out.line(if filtered { "No stored session matches." } else { "No sessions are stored." });
    }
    for session in &sessions {
        out.line(format_args!(
            "{}  {}",
            out.bold(printable(&session.session_id)),
            summary(title(session), 60)
        ));
        let cwd = session.context.as_ref().map_or("", |context| context.cwd.as_str());
        out.line(out.dim(format_args!("  {}  {}", time(&session.modified_time), printable(cwd))));
    }
    Ok(())
}

fn title(session: &SessionMetadata) -> &str {
    session.name.as_deref().or(session.summary.as_deref()).unwrap_or("(no title)")
}

async fn delete(source: &Source, ids: &[String], out: Output) -> Result<()> {
    let mut deleted = Vec::new();
    let mut outcome = Ok(());
    for id in ids {
        outcome = source.delete(id).await;
        if outcome.is_err() {
            break;
        }
        out.line(format_args!("deleted {}", printable(id)));
        deleted.push(id);
    }
    out.json(json!({ "deleted": deleted }));
    outcome
}

/// `2026-11-21 01:44` of an ISO time; empty where the runtime does not know.
fn time(iso: &str) -> String {
    iso.chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}
