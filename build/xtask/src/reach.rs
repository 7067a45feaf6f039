//! Every function of the core can be reached from C, and every function of C from Go.

use std::collections::BTreeSet;

use crate::header::PATH as HEADER;
use crate::tree::{Finding, Tree};

/// A type whose methods are the API: how its `impl` begins, the files it may be in, what its functions are called in C.
const TYPES: &[(&str, &str, &str)] = &[
    ("impl Client {", "core/src/client/", "client"),
    ("impl Session {", "core/src/session/", "session"),
    ("impl Ui<'_> {", "core/src/session/ui.rs", "session_ui"),
    ("impl SessionStore {", "core/src/store/sessions/", "store"),
];

/// A module whose `pub use` names functions, and what they are called in C.
const MODULES: &[(&str, &str)] = &[("core/src/lib.rs", ""), ("core/src/store/mod.rs", "store")];

/// What has another name in C, and the function that does it there.
const OTHERWISE: &[(&str, &str)] = &[
    ("client_start", "client_connect"),
    ("client_state", "client_info"),
    ("client_runtime", "client_info"),
    ("client_runtime_pid", "client_info"),
    // Notices of the client.
    ("client_on_state", "take"),
    ("client_on_lifecycle", "take"),
    ("client_on_notification", "take"),
    // A session has its id before it is asked for.
    ("client_create_session", "session_create"),
    ("client_resume_session", "session_resume"),
    ("client_join_session", "session_join"),
    ("session_id", "session_info"),
    ("session_workspace_path", "session_info"),
    ("session_capabilities", "session_info"),
    ("session_on", "take"),
    ("session_subscribe_from", "session_subscribe"),
    ("session_ui", "session_ui_confirm"),
    // Ids stand for stores; one that is written in another language is files behind callbacks.
    ("store_new", "client_new"),
    ("store_store", "store_open"),
    // Streams of bytes are Rust's; the others have paths.
    ("store_export_session_to_file", "store_export_session"),
    ("store_import_session_from_file", "store_import_session"),
];

/// What Go does by itself: it waits by channels, has its own numbers of errors, and ends without counting leaks.
const NOT_IN_GO: &[&str] = &["error_message", "error_status", "op_wait", "shutdown", "status_name"];

const CABI: &str = "bindings/go/internal/cabi/";

/// Every public function of the core has one in C, of its name or by `OTHERWISE`.
pub(crate) fn from_c(tree: &Tree) -> Vec<Finding> {
    let header = in_header(tree);
    let core: BTreeSet<(String, &str)> = methods(tree).chain(functions(tree)).collect();
    let mut findings = Vec::new();
    for (name, path) in &core {
        let wanted =
            OTHERWISE.iter().find(|(known, _)| known == name).map_or(name.as_str(), |(_, there)| there);
        if !header.contains(wanted) {
            let what = format!("`{name}` is not reached from C: there is no `codriver_{wanted}`");
            findings.push(Finding::new(path, 0, what));
        }
    }
    for (name, _) in OTHERWISE.iter().filter(|(known, _)| core.iter().all(|(name, _)| name != known)) {
        let what = format!("`{name}` has another name in C, and is none of the core any more");
        findings.push(Finding::new("build/xtask/src/reach.rs", 0, what));
    }
    findings
}

/// Every function of C is called by Go's `cabi`, and all that `cabi` exports is used.
pub(crate) fn from_go(tree: &Tree) -> Vec<Finding> {
    let within = |path: &str| {
        path.starts_with(CABI)
            && (path.ends_with(".go") || path.ends_with(".c"))
            && !path.ends_with("_test.go")
    };
    let cabi: Vec<(&str, &str)> = tree.texts().filter(|(path, _)| within(path)).collect();
    let called: BTreeSet<&str> = cabi.iter().flat_map(|(_, text)| named(text, "codriver_")).collect();
    let users = tree.texts().filter(|(path, _)| {
        path.starts_with("bindings/go/") && path.ends_with(".go") && !path.starts_with(CABI)
    });
    let used: BTreeSet<&str> = users.flat_map(|(_, text)| named(text, "cabi.")).collect();
    let elsewhere = |name: &&str| NOT_IN_GO.contains(name) || name.starts_with("test_");
    let missing = in_header(tree).into_iter().filter(|name| !called.contains(name) && !elsewhere(name));
    let mut findings: Vec<Finding> = missing
        .map(|name| Finding::new(CABI, 0, format!("`codriver_{name}` is not reached from Go")))
        .collect();
    for (path, text) in &cabi {
        let exported = text.lines().filter_map(|line| word(line.strip_prefix("func ")?));
        let idle = exported.filter(|name| name.starts_with(char::is_uppercase) && !used.contains(name));
        findings.extend(idle.map(|name| Finding::new(path, 0, format!("`{name}` is used by nobody"))));
    }
    findings
}

/// The functions of the header, without their prefix.
fn in_header(tree: &Tree) -> BTreeSet<&str> {
    prototypes(tree.text(HEADER).unwrap_or_default()).collect()
}

/// The names after which a parenthesis opens, outside of comments.
fn prototypes(header: &str) -> impl Iterator<Item = &str> {
    let code = header.lines().filter(|line| !line.trim_start().starts_with(['*', '/']));
    code.flat_map(|line| {
        line.match_indices("codriver_").filter_map(|(at, prefix)| {
            let rest = &line[at + prefix.len()..];
            word(rest).filter(|name| rest[name.len()..].starts_with('('))
        })
    })
}

/// The public methods of `TYPES`, as C would call them, with their files.
fn methods(tree: &Tree) -> impl Iterator<Item = (String, &str)> {
    tree.texts().flat_map(|(path, text)| {
        let types = TYPES.iter().filter(move |(_, files, _)| path.starts_with(files));
        types.flat_map(move |(begin, _, prefix)| {
            let mut inside = false;
            text.lines().filter_map(move |line| {
                inside = if inside { line != "}" } else { line == *begin };
                let function = line.strip_prefix("    pub ").filter(|_| inside)?;
                let function = function.strip_prefix("async ").unwrap_or(function).strip_prefix("fn ")?;
                Some((format!("{prefix}_{}", word(function)?), path))
            })
        })
    })
}

/// The functions that `MODULES` give out: the names of a `pub use` that begin with a small letter and are no module.
fn functions(tree: &Tree) -> impl Iterator<Item = (String, &str)> {
    MODULES.iter().filter_map(|(path, prefix)| Some((*path, tree.text(path)?, *prefix))).flat_map(
        |(path, text, prefix)| {
            let uses =
                text.split("pub use ").skip(1).filter_map(|rest| rest.split_once(';').map(|(list, _)| list));
            let names = uses.flat_map(|list| list.rsplit("::").next().unwrap_or(list).split(['{', '}', ',']));
            let names = names.map(str::trim).filter(|name| name.starts_with(char::is_lowercase));
            names.map(move |name| {
                let name = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}_{name}") };
                (name, path)
            })
        },
    )
}

/// The words right behind each `prefix`.
fn named<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(prefix).filter_map(move |(at, prefix)| word(&text[at + prefix.len()..]))
}

/// The word that `text` begins with.
fn word(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::tree;

    fn found(findings: Vec<Finding>) -> Vec<String> {
        findings.into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn a_function_of_the_core_without_one_in_c_is_found() {
        let core = "impl Client {\n    pub async fn ping(&self) {}\n    pub fn lost(&self) {}\n    fn own(&self) {}\n}\n\
                    impl Other {\n    pub fn not_ours(&self) {}\n}\n";
        let files = [
            ("core/src/client/api.rs", core),
            ("core/src/lib.rs", "pub use a::{Type, found, gone};\npub use b::C;\n"),
            (
                HEADER,
                "/**\n * See codriver_client_lost(x).\n */\nuint32_t codriver_client_ping(uint64_t client);\ncodriver_str codriver_found(void);\n",
            ),
        ];
        let all = found(from_c(&tree(&files)));
        let missing: Vec<&String> = all.iter().filter(|what| what.contains("is not reached")).collect();
        assert_eq!(missing.len(), 2, "{missing:?}");
        assert!(missing[0].starts_with("`client_lost`") && missing[1].starts_with("`gone`"), "{missing:?}");
        assert_eq!(
            all.len() - missing.len(),
            OTHERWISE.len(),
            "the table names functions that are not there"
        );
    }

    #[test]
    fn a_function_of_c_that_go_does_not_call_and_one_of_cabi_that_nobody_uses_are_found() {
        let files = [
            (
                HEADER,
                "uint32_t codriver_a(void);\nuint32_t codriver_b(void);\nuint32_t codriver_op_wait(void);\n",
            ),
            (
                "bindings/go/internal/cabi/a.go",
                "func A() { C.codriver_a() }\n\nfunc Idle() {}\n\nfunc own() {}\n",
            ),
            ("bindings/go/internal/cabi/a_test.go", "func TestA() {}\n"),
            ("bindings/go/client.go", "cabi.A()"),
        ];
        assert_eq!(
            found(from_go(&tree(&files))),
            ["`codriver_b` is not reached from Go", "`Idle` is used by nobody"]
        );
    }
}
