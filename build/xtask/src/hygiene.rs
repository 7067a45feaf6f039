//! What must not get into the project.

use std::collections::BTreeMap;

use crate::code::{only_code, words};
use crate::tree::{Finding, Tree};

/// How long a file may be that gives no reason.
const MAX_LINES: usize = 500;
/// Where a longer one gives its reason: a list item `` - `path`: reason `` under this heading of this document.
const REASONS: (&str, &str) = ("ARCHITECTURE.md", "Files over 500 lines");

/// The hosts that tracked files may name, beside those no machine on the internet can have.
const HOSTS: &[&str] = &[
    "127.0.0.1",
    "docs.rs",
    "github.com",
    "keepachangelog.com",
    "nodejs.org",
    "rustup.rs",
    "semver.org",
    "www.apache.org",
];

/// Nothing names a place on the machine of whoever wrote it.
pub(crate) fn machine_paths(tree: &Tree) -> Vec<Finding> {
    // Names that stand for anybody.
    const ANYBODY: &[&str] = &["a", "me", "user", "you"];
    const PLACES: &[(&str, &[&str])] = &[
        ("/home/", ANYBODY),
        ("/Users/", ANYBODY),
        (r"\Users\", ANYBODY),
        ("/root/", &[]),
        ("/work/", &[]),
        ("/mnt/", &[]),
        ("/tmp/", &[]),
    ];
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    each_line(
        tree,
        |_| true,
        |line| {
            for (place, anybody) in PLACES {
                for (at, _) in line.match_indices(place) {
                    let rest = &line[at + place.len()..];
                    let name = &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())];
                    // Within another path it is no place on a machine: `target/tmp/x`.
                    let inside = line[..at].ends_with(|c| is_name(c) || matches!(c, '}' | ')'))
                        && !place.starts_with('\\');
                    if !name.is_empty() && !inside && !anybody.contains(&name.to_lowercase().as_str()) {
                        return Some(format!("names `{place}{name}`, a place on one machine"));
                    }
                }
            }
            None
        },
    )
}

/// No URL leads to a mirror, a private registry or another place that a reader may not have.
pub(crate) fn hosts(tree: &Tree) -> Vec<Finding> {
    each_line(
        tree,
        |_| true,
        |line| {
            let urls = line
                .match_indices("://")
                .filter(|(at, _)| line[..*at].ends_with("http") || line[..*at].ends_with("https"));
            let hosts = urls.map(|(at, _)| {
                let rest = &line[at + 3..];
                let end = rest
                    .find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '@')))
                    .unwrap_or(rest.len());
                rest[..end].trim_end_matches('.')
            });
            let unknown = hosts.into_iter().find(|host| !is_known(host))?;
            Some(format!("names the host `{unknown}`, which is not among those of `hygiene.rs`"))
        },
    )
}

/// Known, reserved for examples (RFC 2606), or without a dot and so in nobody's reach.
fn is_known(host: &str) -> bool {
    let reserved = ["example.com", "example.net", "example.org"];
    let ends = [".example", ".invalid", ".test", ".localhost"];
    HOSTS.contains(&host)
        || !host.contains(['.', '@'])
        || reserved.iter().any(|name| host == *name || host.ends_with(&format!(".{name}")))
        || ends.iter().any(|end| host.ends_with(end))
}

/// A file that is long says why, and no reason is left over.
pub(crate) fn long_files(tree: &Tree) -> Vec<Finding> {
    let reasons = reasons(tree.text(REASONS.0).unwrap_or_default());
    let mut findings = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| is_written(path)) {
        let lines = text.lines().count();
        if lines > MAX_LINES && !reasons.contains_key(path) {
            let what =
                format!("{lines} lines: split it, or give the reason in {} under `{}`", REASONS.0, REASONS.1);
            findings.push(Finding::new(path, 0, what));
        }
    }
    for (path, line) in reasons {
        if tree.text(path).is_none_or(|text| text.lines().count() <= MAX_LINES) {
            findings.push(Finding::new(
                REASONS.0,
                line,
                format!("`{path}` is not over {MAX_LINES} lines any more"),
            ));
        }
    }
    findings
}

/// Written by people, as opposed to recorded, generated, locked or copied.
fn is_written(path: &str) -> bool {
    let copied = path.starts_with("LICENSE") || path == crate::header::PATH;
    !copied && ![".json", ".jsonl", ".lock", ".svg"].iter().any(|end| path.ends_with(end))
}

/// The paths that give a reason, each with its line.
fn reasons(document: &str) -> BTreeMap<&str, usize> {
    let lines = document.lines().enumerate();
    let section = lines
        .skip_while(|(_, line)| line.trim_start_matches('#').trim() != REASONS.1 || !line.starts_with('#'))
        .skip(1)
        .take_while(|(_, line)| !line.starts_with('#'));
    section
        .filter_map(|(at, line)| {
            let (path, reason) = line.strip_prefix("- `")?.split_once("`:")?;
            (!reason.trim().is_empty()).then_some((path, at + 1))
        })
        .collect()
}

/// `unsafe` is a matter of the boundaries.
pub(crate) fn unsafe_code(tree: &Tree) -> Vec<Finding> {
    let rust = |path: &str| path.ends_with(".rs") && !path.starts_with("ffi/");
    each_line_of_code(tree, rust, |line| {
        words(line).any(|(word, _)| word == "unsafe").then(|| "`unsafe` outside ffi/".to_owned())
    })
}

/// The core prints nothing: stdout may be the transport. Diagnostics go through `tracing`.
pub(crate) fn printing(tree: &Tree) -> Vec<Finding> {
    const PRINTERS: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];
    let core = |path: &str| path.starts_with("core/src/") && path.ends_with(".rs");
    each_line_of_code(tree, core, |line| {
        let (word, _) = words(line).find(|(word, rest)| PRINTERS.contains(word) && rest.starts_with('!'))?;
        Some(format!("`{word}!` in the core; use `tracing`"))
    })
}

/// Scripts have the run bit, and nothing else has.
pub(crate) fn executables(tree: &Tree) -> Vec<Finding> {
    let wrong = tree.files.iter().filter_map(|(path, file)| {
        let script = file.text.as_deref().is_some_and(|text| text.starts_with("#!/"));
        match (script, file.executable) {
            (true, false) => Some(Finding::new(path, 1, "has a `#!` line but not the run bit")),
            (false, true) => Some(Finding::new(path, 0, "has the run bit but is no script")),
            _ => None,
        }
    });
    wrong.collect()
}

/// Every crate takes the workspace's lints: without the line, `missing_docs` and the rest are silently off.
pub(crate) fn lints(tree: &Tree) -> Vec<Finding> {
    let manifests = tree.texts().filter(|(path, text)| {
        // A workspace of its own cannot take them.
        path.ends_with("/Cargo.toml") && !text.lines().any(|line| line.trim() == "[workspace]")
    });
    let takes_them = |text: &str| {
        text.lines().skip_while(|line| line.trim() != "[lints]").any(|line| line.trim() == "workspace = true")
    };
    manifests
        .filter(|(_, text)| !takes_them(text))
        .map(|(path, _)| Finding::new(path, 0, "has no `[lints]` with `workspace = true`"))
        .collect()
}

fn each_line(
    tree: &Tree,
    wanted: impl Fn(&str) -> bool,
    check: impl Fn(&str) -> Option<String>,
) -> Vec<Finding> {
    let texts = tree.texts().filter(|(path, _)| wanted(path));
    texts.flat_map(|(path, text)| check_lines(path, text, &check)).collect()
}

fn each_line_of_code(
    tree: &Tree,
    wanted: impl Fn(&str) -> bool,
    check: impl Fn(&str) -> Option<String>,
) -> Vec<Finding> {
    let texts = tree.texts().filter(|(path, _)| wanted(path));
    texts.flat_map(|(path, text)| check_lines(path, &only_code(text), &check)).collect()
}

fn check_lines(path: &str, text: &str, check: &impl Fn(&str) -> Option<String>) -> Vec<Finding> {
    let lines = text.lines().enumerate();
    lines.filter_map(|(at, line)| Some(Finding::new(path, at + 1, check(line)?))).collect()
}

#[cfg(test)]
#[path = "hygiene_tests.rs"]
mod tests;
