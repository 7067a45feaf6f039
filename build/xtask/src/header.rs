//! The header of the C interface: written from the source, and fresh; every function documented and with the prefix.

use std::path::Path;

use crate::tree::{Finding, Tree};

/// Where the header is, from the root.
pub(crate) const PATH: &str = "ffi/c/include/codriver.h";
const CRATE: &str = "ffi/c";
const PREFIX: &str = "codriver_";

/// The header as the source says it.
pub(crate) fn generate(root: &Path) -> Result<String, String> {
    let directory = root.join(CRATE);
    let config = cbindgen::Config::from_file(directory.join("cbindgen.toml"))?;
    // Not `with_crate`, which asks cargo: the source is all there is to it, and it leads to its modules.
    let builder = cbindgen::Builder::new().with_config(config).with_src(directory.join("src/lib.rs"));
    let mut text = Vec::new();
    builder.generate().map_err(|error| format!("{CRATE}: {error}"))?.write(&mut text);
    String::from_utf8(text).map(|text| for_c(&text)).map_err(|error| format!("{PATH}: {error}"))
}

/// Without the sections `# Safety`, which say to readers of Rust what the conventions say to those of C.
fn for_c(text: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut within = false;
    for line in text.lines() {
        if line.trim() == "* # Safety" {
            within = true;
            if out.last().is_some_and(|last| last.trim() == "*") {
                out.pop();
            }
        }
        within &= line.trim() != "*/";
        if !within {
            out.push(line);
        }
    }
    out.join("\n") + "\n"
}

/// The committed header is what the source says.
pub(crate) fn fresh(tree: &Tree) -> Vec<Finding> {
    let Some(committed) = tree.text(PATH) else {
        return vec![Finding::new(PATH, 0, "is missing; run `cargo xtask header`")];
    };
    match crate::root().and_then(|root| generate(&root)) {
        Ok(fresh) => differences(committed, &fresh),
        Err(error) => vec![Finding::new(CRATE, 0, error)],
    }
}

fn differences(committed: &str, fresh: &str) -> Vec<Finding> {
    if committed == fresh {
        return Vec::new();
    }
    let same = committed.lines().zip(fresh.lines()).take_while(|(there, wanted)| there == wanted).count();
    vec![Finding::new(PATH, same + 1, "is not what the source says; run `cargo xtask header`")]
}

/// Every exported function has the prefix and a comment in the header.
pub(crate) fn functions(tree: &Tree) -> Vec<Finding> {
    let header = tree.text(PATH).unwrap_or_default();
    let sources = tree.texts().filter(|(path, _)| path.starts_with("ffi/c/src/") && path.ends_with(".rs"));
    sources.flat_map(|(path, text)| wrong_functions(path, text, header)).collect()
}

fn wrong_functions(path: &str, source: &str, header: &str) -> Vec<Finding> {
    let lines: Vec<&str> = source.lines().collect();
    let mut findings = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if !line.trim_start().starts_with("#[unsafe(no_mangle)]") {
            continue;
        }
        let name =
            lines[at..].iter().find_map(|line| Some(line.split_once("fn ")?.1.split('(').next()?.trim()));
        let Some(name) = name else { continue };
        if !name.starts_with(PREFIX) {
            findings.push(Finding::new(
                path,
                at + 1,
                format!("`{name}` is exported without the prefix `{PREFIX}`"),
            ));
        }
        if at == 0 || !lines[at - 1].trim_start().starts_with("///") {
            findings.push(Finding::new(path, at + 1, format!("`{name}` is exported without a doc comment")));
        }
        if !header.contains(&format!("{name}(")) {
            findings.push(Finding::new(path, at + 1, format!("`{name}` is exported, and not in the header")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_is_not_fresh_is_found_at_its_first_line() {
        assert_eq!(differences("a\nb\n", "a\nb\n"), []);
        assert_eq!(differences("a\nb\n", "a\nc\n")[0].line, 2);
        assert_eq!(differences("a\n", "a\nc\n")[0].line, 2);
    }

    #[test]
    fn what_only_concerns_rust_is_not_in_the_header() {
        let text = "/**\n * Says.\n *\n * # Safety\n * None.\n */\nvoid a(void);\n";
        assert_eq!(for_c(text), "/**\n * Says.\n */\nvoid a(void);\n");
    }

    #[test]
    fn an_export_without_prefix_comment_or_place_in_the_header_is_found() {
        let source = "/// Says it.\n#[unsafe(no_mangle)]\npub extern \"C\" fn codriver_a() {}\n\n\
                      #[unsafe(no_mangle)]\npub unsafe extern \"C\" fn other(x: u64) {}\n";
        let header = "void codriver_a(void);\n";
        let found: Vec<_> =
            wrong_functions("a.rs", source, header).into_iter().map(|f| (f.line, f.what)).collect();
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().all(|(line, what)| *line == 5 && what.contains("`other`")), "{found:?}");
    }
}
