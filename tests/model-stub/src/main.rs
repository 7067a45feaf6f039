//! Runs the model stub, and on request the Mission Control stand-in, for programs that are not written in Rust.
//!
//! Prints one line of JSON, `{"baseUrl": …, "missionControlUrl"?: …}`, then serves until stdin closes or a signal ends it.

#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::time::Duration;

use clap::Parser;
use model_stub::mission_control::{MissionControl, MissionControlOptions, WorkerStart};
use model_stub::{ModelStub, Script};
use serde_json::json;

/// A scripted OpenAI-style model on loopback.
///
/// Prints one line of JSON with its base URL and serves until stdin closes.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The port of the model; 0 means any.
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// Play the demo conversation instead of reading directives.
    #[arg(long)]
    demo: bool,

    /// Serve Mission Control too, on any port, for cloud sessions.
    #[arg(long)]
    mission_control: bool,

    /// How long a cloud worker takes to start.
    #[arg(long, value_name = "MS", default_value_t = 1000, requires = "mission_control")]
    worker_start_ms: u64,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let script = if arguments.demo { Script::demo() } else { Script::directives() };
    let stub = ModelStub::start_on(arguments.port, script)?;
    let mut ready = json!({"baseUrl": stub.base_url()});
    let worker_start = WorkerStart::After(Duration::from_millis(arguments.worker_start_ms));
    let options = MissionControlOptions::default().worker_start(worker_start);
    let mission_control = arguments.mission_control.then(|| MissionControl::start(options)).transpose()?;
    if let Some(mission_control) = &mission_control {
        ready["missionControlUrl"] = json!(mission_control.base_url());
    }
    writeln!(io::stdout(), "{ready}")?;
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
