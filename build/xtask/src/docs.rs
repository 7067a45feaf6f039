//! What documents say of the project is there.

use std::collections::HashSet;

use crate::tree::{Finding, Tree};

/// The directories at the top, also those that are not there yet: a document that names something in them is held to it.
const TOP: &[&str] = &["core", "ffi", "bindings", "tests", "build", ".ci", ".cargo"];

/// Every relative link of a document leads to a tracked file, and to a heading where it names one.
pub(crate) fn links(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in documents(tree) {
        for (line, target) in prose(text).flat_map(|(at, line)| targets(line).map(move |target| (at, target)))
        {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { Some(path.to_owned()) } else { resolve(path, file) };
            let Some(file) = file.filter(|file| tree.has(file)) else {
                findings.push(Finding::new(path, line, format!("the link `{target}` leads nowhere")));
                continue;
            };
            let has_anchor = || tree.text(&file).is_some_and(|text| anchors(text).contains(anchor));
            if !anchor.is_empty() && !has_anchor() {
                findings.push(Finding::new(path, line, format!("`{file}` has no heading `#{anchor}`")));
            }
        }
    }
    findings
}

/// Every path that a document has in code quotes, and every `./command` of its shell examples, exists.
pub(crate) fn paths(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in documents(tree) {
        let quoted = prose(text).flat_map(|(at, line)| code_spans(line).map(move |span| (at, span)));
        let commands =
            fenced(text).flat_map(|(at, line)| line.split_whitespace().map(move |word| (at, word)));
        let named = quoted.chain(commands.filter(|(_, word)| word.starts_with("./")));
        for (line, name) in named.filter_map(|(at, span)| Some((at, path_of(span)?))) {
            if !tree.has(name) {
                findings.push(Finding::new(path, line, format!("`{name}` does not exist")));
            }
        }
    }
    findings
}

fn documents(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.texts().filter(|(path, _)| path.ends_with(".md"))
}

/// The lines outside of code blocks, numbered from 1.
pub(crate) fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    blocks(text).filter_map(|(at, line, code)| (!code).then_some((at, line)))
}

/// The lines of code blocks.
fn fenced(text: &str) -> impl Iterator<Item = (usize, &str)> {
    blocks(text).filter_map(|(at, line, code)| code.then_some((at, line)))
}

fn blocks(text: &str) -> impl Iterator<Item = (usize, &str, bool)> {
    let mut code = false;
    text.lines().enumerate().map(move |(at, line)| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        (at + 1, line, code || fence)
    })
}

/// What the links of a line lead to.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("](").filter_map(|(at, _)| {
        let rest = &line[at + 2..];
        Some(rest[..rest.find(')')?].split_whitespace().next().unwrap_or_default())
    })
}

/// What is in code quotes.
pub(crate) fn code_spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The path a code span is, from the root; `None` where it is something else.
fn path_of(span: &str) -> Option<&str> {
    let path = span.strip_prefix("./").unwrap_or(span);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    let in_directory = path.split_once('/').is_some_and(|(top, _)| TOP.contains(&top));
    let document = path.ends_with(".md") && !path.contains('/');
    (path.chars().all(plain) && (in_directory || document || path.len() < span.len())).then_some(path)
}

/// A link's target from the root; `None` where it leaves the project.
fn resolve(document: &str, target: &str) -> Option<String> {
    let mut names: Vec<&str> = document.split('/').collect();
    names.pop();
    for name in target.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()?),
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}

/// The names GitHub gives to a document's headings.
fn anchors(text: &str) -> HashSet<String> {
    let headings = prose(text).filter(|(_, line)| line.starts_with('#'));
    let slug = |line: &str| -> String {
        let kept = line.trim_start_matches('#').trim().chars();
        let kept = kept.filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
    };
    headings.map(|(_, line)| slug(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::tree;

    fn whats(findings: &[Finding]) -> Vec<(usize, &str)> {
        findings.iter().map(|finding| (finding.line, finding.what.as_str())).collect()
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let text = "[a](docs/b.md) [b](./docs/) [c](https://docs.rs/x) [d](#the-end)\n\
                    [e](docs/none.md)\n\
                    [f](docs/b.md#part-two-its-api) [g](docs/b.md#none)\n\
                    [h](../outside)\n\
                    ```\n[i](none)\n```\n\
                    # The end\n";
        let tree =
            tree(&[("README.md", text), ("docs/b.md", "## Part two: its `API`\n[up](../README.md)\n")]);
        let found = links(&tree);
        assert_eq!(
            whats(&found),
            [
                (2, "the link `docs/none.md` leads nowhere"),
                (3, "`docs/b.md` has no heading `#none`"),
                (4, "the link `../outside` leads nowhere"),
            ]
        );
    }

    #[test]
    fn paths_that_do_not_exist_are_found() {
        let text = "`core/src` `core/none.rs` `session/create` `a/b` `NONE.md` `core/ + tests/`\n\
                    ```sh\n./build/test --quick\n./build/none core/none\n```\n\
                    `./build/test` `ffi/c`\n";
        let tree = tree(&[("README.md", text), ("core/src/lib.rs", ""), ("build/test", "")]);
        let found = paths(&tree);
        let names: Vec<_> = found.iter().map(|finding| (finding.line, finding.what.as_str())).collect();
        assert_eq!(
            names,
            [
                (1, "`core/none.rs` does not exist"),
                (1, "`NONE.md` does not exist"),
                (6, "`ffi/c` does not exist"),
                (4, "`build/none` does not exist"),
            ]
        );
    }
}
