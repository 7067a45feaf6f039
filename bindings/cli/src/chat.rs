//! `codriver chat`: prompts in, events out, and questions between them.

mod kept;
mod talk;

use std::path::PathBuf;

use codriver::{Client, ClientOptions, Result, Session, SessionConfig};
use serde_json::json;

use crate::input::Input;
use crate::output::{Output, printable};
use crate::provider::{Model, ProviderArgs, RuntimeArgs};
use crate::question;
use crate::run::{cancellable, stop};
use talk::Talk;

/// Reads prompts, one a line. At a terminal, permissions are asked for, and Ctrl-C aborts the turn (a second one, or
/// Ctrl-D, leaves). With piped input, or with --json, nobody can be asked: permissions are denied.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Go on with a stored session.
    #[arg(long, value_name = "ID")]
    resume: Option<String>,

    /// Keep the session in this store: `dir:PATH`, `sqlite:PATH` or `sqlite-dir:PATH` [default: where the runtime keeps its own].
    #[arg(long, value_name = "URL")]
    store: Option<String>,

    #[command(flatten)]
    provider: ProviderArgs,

    #[command(flatten)]
    runtime: RuntimeArgs,
}

pub(crate) async fn run(args: Args, out: Output) -> Result<()> {
    let model = args.provider.model()?;
    let mut options = args.runtime.client_options(&model);
    if let Some(url) = &args.store {
        let state = kept::state_path(args.runtime.base_directory.as_deref());
        options.session_fs = Some(kept::session_fs(url, args.resume.as_deref(), &here(), &state).await?);
    }
    let client = Client::new(options.clone())?;
    let outcome = converse(&client, &args, &model, &options, out).await;
    stop(&client, out).await;
    outcome
}

async fn converse(
    client: &Client,
    args: &Args,
    model: &Model,
    options: &ClientOptions,
    out: Output,
) -> Result<()> {
    let mut input = Input::stdin();
    input.interactive &= !out.is_json();
    let base = SessionConfig::new().streaming(true).client_name("codriver-chat");
    let (config, questions) = question::listen(base, input.interactive);
    let session = cancellable(async {
        client.connect().await?;
        model.check(client, options).await?;
        open(client, args.resume.as_deref(), model.apply(config)).await
    });
    let session = session.await?;
    out.json(json!({ "kind": "session", "sessionId": session.id(), "resumed": args.resume.is_some() }));
    greet(client, &session, args.resume.is_some(), out).await?;
    let outcome = Talk::new(&session, questions, input, out).run().await;
    let again = kept::command(args.store.as_deref(), session.id());
    out.line(out.dim(format_args!("\nThe session is stored: `{}` goes on with it.", printable(&again))));
    outcome?;
    session.disconnect().await
}

async fn open(client: &Client, resume: Option<&str>, config: SessionConfig) -> Result<Session> {
    match resume {
        Some(id) => client.resume_session(id, config).await,
        None => client.create_session(config.working_directory(here().to_string_lossy())).await,
    }
}

fn here() -> PathBuf {
    std::env::current_dir().unwrap_or_default()
}

async fn greet(client: &Client, session: &Session, resumed: bool, out: Output) -> Result<()> {
    if out.is_json() {
        return Ok(());
    }
    let version = client.runtime().map(|info| info.version).unwrap_or_default();
    out.line(out.dim(format_args!("Copilot runtime {version}, session {}; /help for help", session.id())));
    if resumed {
        let stored = session.get_events().await?.len();
        out.line(out.dim(format_args!("{stored} events of it were stored; the model knows them")));
    }
    Ok(())
}
