//! `codriver doctor --store URL`: the event logs of a store, shown and repaired.

use std::process::ExitCode;

use codriver::store::{self, LogHealth, Store};
use codriver::{ErrorKind, Result};
use serde_json::{Value, json};

use crate::output::{Output, error_json, printable, quoted};

/// What to look at, and whether to change it.
#[derive(Debug, clap::Args)]
pub(crate) struct StoreArgs {
    /// Look at the event logs of this store instead: `dir:PATH`, `sqlite:PATH` or `sqlite-dir:PATH`. Exit code 1 means that one was damaged.
    #[arg(long, value_name = "URL", conflicts_with = "install", help_heading = "Store")]
    pub(crate) store: Option<String>,

    /// Only this session.
    #[arg(long, value_name = "ID", requires = "store", help_heading = "Store")]
    session: Option<String>,

    /// Repair what is damaged: what is not whole moves to `events.jsonl.quarantine` beside the log. The sessions must not
    /// be open meanwhile.
    #[arg(long, requires = "store", help_heading = "Store")]
    repair: bool,
}

impl StoreArgs {
    pub(crate) async fn run(&self, url: &str, out: Output) -> Result<ExitCode> {
        let store = store::open_existing(url).await?;
        let all = self.look(&*store).await?;
        let sessions: Vec<Value> = all.iter().map(|(id, health)| shape(id, health)).collect();
        let damaged =
            all.iter().filter(|(_, health)| !matches!(health, Ok(health) if health.is_healthy())).count();
        out.json(json!({ "ok": damaged == 0, "repaired": self.repair, "sessions": sessions }));
        for (id, health) in &all {
            show(id, health, self.repair, out);
        }
        out.line(format_args!("{} sessions, {damaged} damaged", all.len()));
        let can_be_repaired = |health: &LogHealth| !health.is_healthy() && health.events > 0;
        let repairable = all.iter().filter(|(_, health)| health.as_ref().is_ok_and(can_be_repaired)).count();
        if repairable > 0 && !self.repair {
            let session = self.session.as_ref().map(|id| format!(" --session {}", quoted(id)));
            let options = format!("--store {}{}", quoted(url), session.unwrap_or_default());
            let repairs = if repairable == damaged {
                "repairs them".into()
            } else {
                format!("repairs {repairable} of them")
            };
            out.line(format_args!("`codriver doctor {} --repair` {repairs}.", printable(&options)));
        }
        Ok(if damaged == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn look(&self, store: &dyn Store) -> Result<Vec<(String, Result<LogHealth>)>> {
        let Some(id) = &self.session else {
            return if self.repair { store::repair_all(store).await } else { store::check_all(store).await };
        };
        let health = if self.repair { store::repair(store, id).await } else { store::check(store, id).await };
        match health {
            Err(error) if error.kind() == ErrorKind::SessionNotFound => Err(error),
            health => Ok(vec![(id.clone(), health)]),
        }
    }
}

fn shape(id: &str, health: &Result<LogHealth>) -> Value {
    match health {
        Ok(health) => json!(health),
        Err(error) => json!({ "sessionId": id, "error": error_json(error) }),
    }
}

fn show(id: &str, health: &Result<LogHealth>, repaired: bool, out: Output) {
    let id = printable(id);
    let health = match health {
        Ok(health) if health.is_healthy() => {
            return out.line(format_args!("{} {id}  {} events", out.green("✔"), health.events));
        }
        Ok(health) => health,
        Err(error) => {
            let (name, number) = (error.name(), error.number());
            let text = printable(error.message());
            return out.line(format_args!("{} {id}  {name} ({number}): {text}", out.red("✘")));
        }
    };
    let (mark, state) = match (repaired, health.events) {
        (true, _) => (out.yellow("!"), "was damaged, is repaired"),
        (false, 0) => (out.red("✘"), "damaged beyond repair"),
        (false, _) => (out.red("✘"), "damaged"),
    };
    out.line(format_args!("{mark} {id}  {state}; {} events are whole", health.events));
    for damage in &health.damage {
        let (line, offset, kind) = (damage.line, damage.offset, damage.kind.name());
        let place = format!("line {line}, byte {offset}");
        match damage.bytes {
            0 => out.line(format_args!("    {place}: {kind}")),
            bytes => out.line(format_args!("    {place}: {kind}, {bytes} bytes")),
        }
    }
    if let Some(quarantine) = &health.quarantine {
        out.line(out.dim(format_args!("    taken out: {}", printable(quarantine))));
    }
}
