//! `codriver`: shows the library at work, and is of use by itself.
//!
//! Exit codes: 0, 1 where something went wrong (`NAME (number): message` on stderr), 2 where the command line is wrong.

#![forbid(unsafe_code)]

mod chat;
mod demo;
mod doctor;
mod input;
mod install;
mod kill;
mod output;
mod permission;
mod provider;
mod question;
mod run;
mod screen;
mod sessions;

use std::process::ExitCode;

use clap::error::ErrorKind as UsageKind;
use clap::{Parser, Subcommand};
use codriver::{Error, ErrorKind};

use output::Output;

/// Drives the GitHub Copilot agent runtime: a demo, a chat, stored sessions, and a doctor.
///
/// Not affiliated with GitHub. The runtime is GitHub's and has a licence of its own.
#[derive(Debug, Parser)]
#[command(name = "codriver", version, arg_required_else_help = true, max_term_width = 100)]
struct Cli {
    /// Write JSON, one value a line, also for errors.
    #[arg(long, global = true)]
    json: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A conversation with the real runtime: streaming, a tool, a permission, a crash and its repair.
    Demo(demo::Args),
    /// Talk with the agent.
    Chat(chat::Args),
    /// The sessions that the runtime has stored, or those of a store.
    Sessions(sessions::Args),
    /// Says whether everything is there for a conversation, and what to do if not.
    Doctor(doctor::Args),
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => return refuse(&usage),
    };
    let out = Output::new(cli.json);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("codriver-cli")
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(dispatch(cli.command, out)),
        Err(error) => Err(Error::new(ErrorKind::Internal, format!("no threads can be started: {error}"))),
    };
    outcome.unwrap_or_else(|error| {
        out.error(&provider::name_the_flag(error));
        ExitCode::FAILURE
    })
}

async fn dispatch(command: Command, out: Output) -> codriver::Result<ExitCode> {
    match command {
        Command::Demo(args) => demo::run(args, out).await.map(|()| ExitCode::SUCCESS),
        Command::Chat(args) => chat::run(args, out).await.map(|()| ExitCode::SUCCESS),
        Command::Sessions(args) => sessions::run(args, out).await.map(|()| ExitCode::SUCCESS),
        Command::Doctor(args) => doctor::run(args, out).await,
    }
}

/// Help and version go to stdout; everything else is a wrong command line, also told as JSON where that was asked for.
fn refuse(usage: &clap::Error) -> ExitCode {
    let asked_for = matches!(usage.kind(), UsageKind::DisplayHelp | UsageKind::DisplayVersion);
    if !asked_for && std::env::args_os().any(|arg| arg == "--json") {
        let text = usage.to_string();
        let text = text.trim().trim_start_matches("error: ");
        Output::new(true).error(&Error::new(ErrorKind::InvalidArgument, text));
    } else {
        let _ = usage.print();
    }
    ExitCode::from(if asked_for { 0 } else { 2 })
}
