//! Measures codriver beside the official crate: same mock runtime, same pipes, same code around both, one run.
//!
//! Each measurement of each side is a process of its own, so that allocators and memory do not mix; the sides take turns,
//! round by round, and the table has the medians. `build/bench` builds and runs all this.
#![forbid(unsafe_code)]

mod bare;
mod case;
mod listing;
mod mock;
#[cfg(feature = "official")]
mod official;
mod ours;
mod plan;
mod process;
mod rounds;
mod sample;
mod side;
mod startup;
mod stores;
mod table;
mod tally;

use std::error::Error;
use std::io::{self, Write as _};

use clap::Parser;

use crate::case::{Case, SideName};

/// What every fallible step of the benchmark returns.
type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Parser)]
struct Arguments {
    /// How often each side is measured.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// A tenth of the work, for trying out; its numbers are not worth writing down.
    #[arg(long)]
    quick: bool,
    /// Only the measurements whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// Which commit of codriver was measured, for the document.
    #[arg(long, default_value = "unknown")]
    commit: String,
    /// Measures one case of one side in this process and prints the numbers as one line of JSON.
    #[arg(long, num_args = 2, value_names = ["SIDE", "CASE"], hide = true)]
    measure: Option<Vec<String>>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some([side, case]) = arguments.measure.as_deref() {
        let (side, case): (SideName, Case) = (serde_json::from_str(side)?, serde_json::from_str(case)?);
        writeln!(io::stdout(), "{}", serde_json::to_string(&case::measure(side, &case)?)?)?;
        return Ok(());
    }
    let mut results = Vec::new();
    for row in plan::rows(arguments.quick).into_iter().filter(|row| row.name.contains(&arguments.only)) {
        results.push(rounds::measure(row, arguments.rounds)?);
    }
    let place = table::Place { commit: &arguments.commit, machine: &process::machine()? };
    let text = table::render(&results, arguments.rounds, &place);
    write!(io::stdout(), "{text}")?;
    Ok(())
}
