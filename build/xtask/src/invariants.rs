//! Every invariant names the tests that prove it, and they are there.

use std::collections::{BTreeMap, BTreeSet};

use crate::docs::code_spans;
use crate::tree::{Finding, Tree};

const DOCUMENT: &str = "ARCHITECTURE.md";
/// Invariants are numbered from 1.
const LAST: u32 = 29;
/// What a row says instead of tests where what it is about does not exist yet.
const LATER: &str = "later:";

/// The table of invariants has a row for each, and each row names tests or scenarios that exist, or says `later:` and why.
pub(crate) fn proofs(tree: &Tree) -> Vec<Finding> {
    let tests = tests(tree);
    let rows = rows(tree.text(DOCUMENT).unwrap_or_default());
    let mut findings = Vec::new();
    for number in (1..=LAST).filter(|number| !rows.contains_key(number)) {
        findings.push(Finding::new(DOCUMENT, 0, format!("the table of invariants has no row I{number}")));
    }
    for (number, Row { line, proof }) in rows {
        let named: Vec<&str> = code_spans(proof).collect();
        if named.is_empty() && !proof.trim().starts_with(LATER) {
            findings.push(Finding::new(
                DOCUMENT,
                line,
                format!("I{number} names no test, nor `{LATER}` and a reason"),
            ));
        }
        let is_there = |name: &str| tests.iter().any(|(test, _)| matches(name, test));
        for name in named.into_iter().filter(|name| !is_there(name)) {
            findings.push(Finding::new(
                DOCUMENT,
                line,
                format!("I{number} names `{name}`, which is no test"),
            ));
        }
    }
    findings
}

struct Row<'a> {
    line: usize,
    /// The last cell.
    proof: &'a str,
}

fn rows(document: &str) -> BTreeMap<u32, Row<'_>> {
    document.lines().enumerate().filter_map(|(at, line)| row(at + 1, line)).collect()
}

/// `| I1 | what | proof |`
fn row(number: usize, line: &str) -> Option<(u32, Row<'_>)> {
    let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').collect();
    let invariant = cells.first()?.trim().strip_prefix('I')?.parse().ok()?;
    Some((invariant, Row { line: number, proof: cells.last()? }))
}

/// Each invariant with the tests that its row means, and where they are.
pub(crate) fn listing(tree: &Tree) -> String {
    let tests = tests(tree);
    let mut out = Vec::new();
    for (number, Row { proof, .. }) in rows(tree.text(DOCUMENT).unwrap_or_default()) {
        out.push(format!("I{number}"));
        let names: Vec<&str> = code_spans(proof).collect();
        let meant = tests.iter().filter(|(test, _)| names.iter().any(|name| matches(name, test)));
        out.extend(meant.map(|(test, path)| format!("    {test} ({path})")));
    }
    out.join("\n")
}

/// Whether `test` is meant by `name`, which is a name or, with `*` at its end, the beginning of names.
fn matches(name: &str, test: &str) -> bool {
    match name.strip_suffix('*') {
        Some(beginning) => test.starts_with(beginning),
        None => test == name,
    }
}

/// The names of test functions and of scenarios, each with its file.
fn tests(tree: &Tree) -> BTreeSet<(&str, &str)> {
    let scenarios = tree.files.keys().filter_map(|path| {
        Some((path.strip_prefix("tests/scenarios/")?.strip_suffix(".json")?, path.as_str()))
    });
    let rust = tree.texts().filter(|(path, _)| path.ends_with(".rs"));
    let functions =
        rust.flat_map(|(path, text)| test_functions(text).into_iter().map(move |name| (name, path)));
    scenarios.chain(functions).collect()
}

/// The functions right below a `#[test]` or `#[….test(…)]`, with other attributes and comments between.
fn test_functions(source: &str) -> Vec<&str> {
    let (mut names, mut due) = (Vec::new(), false);
    for line in source.lines().map(str::trim) {
        let attribute = line.strip_prefix("#[").and_then(|rest| rest.split(['(', ']']).next());
        match attribute {
            Some(path) => due |= path == "test" || path.ends_with("::test"),
            None if line.is_empty() || line.starts_with("//") => {}
            None => {
                let name = line.split_once("fn ").and_then(|(_, rest)| rest.split(['(', '<']).next());
                names.extend(name.filter(|_| due));
                due = false;
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::tree;

    const SOURCE: &str = "#[test]\n#[cfg(unix)]\n// why\nfn one() {}\n\n#[tokio::test(start_paused = true)]\nasync fn two() {}\nfn helper() {}\n";

    #[test]
    fn only_functions_with_the_attribute_are_tests() {
        assert_eq!(test_functions(SOURCE), ["one", "two"]);
    }

    #[test]
    fn rows_without_tests_with_missing_tests_and_missing_rows_are_found() {
        let mut table = String::from(
            "| I1 | a | `one`, `two`, `th*` |\n| I2 | `one` | later: no binding yet |\n| I3 | `one` | none |\n| I4 | x | `helper`, `hel*` |\n",
        );
        for number in 5..LAST {
            table += &format!("| I{number} | x | `one` |\n");
        }
        let found = proofs(&tree(&[
            (DOCUMENT, &table),
            ("core/src/a.rs", SOURCE),
            ("tests/scenarios/three.json", "{}"),
        ]));
        let found: Vec<(usize, &str)> = found.iter().map(|f| (f.line, f.what.as_str())).collect();
        assert_eq!(
            found,
            [
                (0, "the table of invariants has no row I29"),
                (3, "I3 names no test, nor `later:` and a reason"),
                (4, "I4 names `helper`, which is no test"),
                (4, "I4 names `hel*`, which is no test"),
            ]
        );
    }

    #[test]
    fn the_listing_has_what_a_row_means() {
        let table = "| I1 | a | `one`, `th*` |\n| I2 | a | later: no |\n";
        let files = [(DOCUMENT, table), ("a.rs", SOURCE), ("tests/scenarios/three.json", "{}")];
        assert_eq!(listing(&tree(&files)), "I1\n    one (a.rs)\n    three (tests/scenarios/three.json)\nI2");
    }
}
