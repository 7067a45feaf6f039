//! The checks of the project on itself, and its size.
//!
//! `cargo xtask check` runs every check, or those whose names it is given; it prints one line a check, what each found, and
//! at the end `N passed, N failed`. `cargo xtask header` writes the header of the C interface, `cargo xtask invariants` lists
//! the tests of each, `cargo xtask lines` how much there is.
#![forbid(unsafe_code)]

mod code;
mod docs;
mod header;
mod hygiene;
mod invariants;
mod lines;
mod reach;
mod tree;

use std::env;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use tree::{Finding, Tree};

/// A check: its name, and what it finds wrong with the project.
type Check = (&'static str, fn(&Tree) -> Vec<Finding>);

const CHECKS: &[Check] = &[
    ("no-machine-paths", hygiene::machine_paths),
    ("known-hosts-only", hygiene::hosts),
    ("short-files", hygiene::long_files),
    ("unsafe-only-in-ffi", hygiene::unsafe_code),
    ("core-prints-nothing", hygiene::printing),
    ("scripts-are-executable", hygiene::executables),
    ("crates-share-the-lints", hygiene::lints),
    ("links-lead-somewhere", docs::links),
    ("documented-paths-exist", docs::paths),
    ("invariants-name-their-tests", invariants::proofs),
    ("c-header-is-fresh", header::fresh),
    ("c-functions-are-documented", header::functions),
    ("c-reaches-the-core", reach::from_c),
    ("go-reaches-c", reach::from_go),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            let _ = writeln!(io::stderr(), "xtask: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether all is well.
fn run(arguments: &[String]) -> Result<bool, String> {
    match arguments.split_first().map(|(command, rest)| (command.as_str(), rest)) {
        Some(("check", names)) => check(names, &Tree::load(&root()?)?),
        Some(("invariants", [])) => {
            say(&invariants::listing(&Tree::load(&root()?)?));
            Ok(true)
        }
        Some(("header", [])) => {
            let root = root()?;
            let text = header::generate(&root)?;
            std::fs::write(root.join(header::PATH), text).map_err(|e| format!("{}: {e}", header::PATH))?;
            Ok(true)
        }
        Some(("lines", [])) => {
            say(&lines::table(&Tree::load(&root()?)?));
            Ok(true)
        }
        _ => {
            Err("say `cargo xtask check [NAME…]`, `cargo xtask header`, `cargo xtask invariants` or `cargo xtask lines`"
                .to_owned())
        }
    }
}

fn check(names: &[String], tree: &Tree) -> Result<bool, String> {
    if let Some(unknown) = names.iter().find(|name| CHECKS.iter().all(|(known, _)| known != name)) {
        let known: Vec<&str> = CHECKS.iter().map(|(name, _)| *name).collect();
        return Err(format!("there is no check `{unknown}`; there are {}", known.join(", ")));
    }
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let (mut passed, mut failed) = (0, 0);
    for (name, check) in CHECKS.iter().filter(|(name, _)| wanted(name)) {
        let findings = check(tree);
        let verdict = if findings.is_empty() { "ok  " } else { "FAIL" };
        say(&format!("{verdict} {name}"));
        findings.iter().for_each(|finding| say(&format!("    {finding}")));
        *(if findings.is_empty() { &mut passed } else { &mut failed }) += 1;
    }
    say(&format!("{passed} passed, {failed} failed"));
    Ok(failed == 0)
}

/// The root of the checkout that this is run in.
fn root() -> Result<PathBuf, String> {
    let output = Command::new("git").args(["rev-parse", "--show-toplevel"]).output();
    match output {
        Ok(output) if output.status.success() => {
            Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end()))
        }
        Ok(_) => Err("this is no git checkout: the checks look at tracked files".to_owned()),
        Err(error) => Err(format!("git cannot be run: {error}")),
    }
}

fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}
