use super::*;
use crate::tree::tree;

/// The lines of `a.rs` that a check objects to, when each given line is one of it.
fn objections(check: fn(&Tree) -> Vec<Finding>, path: &str, lines: &[&str]) -> Vec<usize> {
    check(&tree(&[(path, &lines.join("\n"))])).iter().map(|finding| finding.line).collect()
}

#[test]
fn a_place_on_one_machine_is_found_and_anybodys_is_not() {
    let home = ["/ho", "me"].concat();
    let lines = [
        format!("let x = \"{home}/bob/code\";"),
        format!("let x = \"{home}/me/.copilot\";"),
        format!("see {}/x", ["/wo", "rk"].concat()),
        format!("cd {}/build.1", ["/t", "mp"].concat()),
        "${TMPDIR:-/tmp} and target/tmp/x and /root".to_owned(),
        format!(r"C:\{}\bob", ["Us", "ers"].concat()),
        r"C:\Users\me".to_owned(),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_eq!(objections(machine_paths, "a.md", &lines), [1, 3, 4, 6]);
}

#[test]
fn an_unknown_host_is_found_and_examples_are_not() {
    let mirror = ["https:/", "/npm.mirror.io/x"].concat();
    let lines = [
        mirror.as_str(),
        "http://127.0.0.1:1/v1, http://localhost, https://h/v1, https://api.example.com",
        "source = \"registry+https://github.com/rust-lang/crates.io-index\"",
    ];
    assert_eq!(objections(hosts, "Cargo.lock", &lines), [1]);
    let user = ["https:/", "/bob@github.com/x"].concat();
    assert_eq!(objections(hosts, "a.md", &[&user]), [1], "a name before a known host");
}

#[test]
fn a_long_file_needs_a_reason_and_a_reason_a_long_file() {
    let long = "x\n".repeat(MAX_LINES + 1);
    let long = long.as_str();
    let document = "# Files over 500 lines\n\n- `a.rs`: one table\n- `b.rs`:\n- `short.rs`: was long\n\n# End\n- `c.rs`: too late\n";
    let found = long_files(&tree(&[
        ("a.rs", long),
        ("b.rs", long),
        ("c.rs", long),
        ("short.rs", "x"),
        ("recorded.json", long),
        ("ARCHITECTURE.md", document),
    ]));
    let places: Vec<_> = found.iter().map(|finding| (finding.path.as_str(), finding.line)).collect();
    assert_eq!(places, [("b.rs", 0), ("c.rs", 0), ("ARCHITECTURE.md", 5)]);
}

#[test]
fn unsafe_is_found_outside_ffi_and_only_where_it_is_code() {
    let lines = [
        "#![forbid(unsafe_code)]",
        "// unsafe { }",
        "let x = \"unsafe\";",
        "let y = unsafe { f() };",
        "unsafe extern \"C\" {",
        "#[unsafe(no_mangle)]",
    ];
    assert_eq!(objections(unsafe_code, "core/src/a.rs", &lines), [4, 5, 6]);
    assert!(objections(unsafe_code, "ffi/c/src/a.rs", &lines).is_empty());
}

#[test]
fn printing_is_found_in_the_core_and_not_in_its_examples() {
    let lines = ["/// println!(\"x\");", "println!(\"x\");", "    dbg!(x);", "let print = 1;"];
    assert_eq!(objections(printing, "core/src/a.rs", &lines), [2, 3]);
    assert!(objections(printing, "bindings/cli/src/a.rs", &lines).is_empty());
}

#[test]
fn a_script_without_the_run_bit_is_found_and_so_is_the_reverse() {
    let mut tree =
        tree(&[("build/a", "#!/bin/sh\n"), ("build/b", "#!/bin/sh\n"), ("c.md", "#!"), ("d.md", "d")]);
    for executable in ["build/b", "d.md"] {
        tree.files.get_mut(executable).unwrap().executable = true;
    }
    let found = executables(&tree);
    let places: Vec<&str> = found.iter().map(|finding| finding.path.as_str()).collect();
    assert_eq!(places, ["build/a", "d.md"]);
}

#[test]
fn a_crate_that_does_not_take_the_lints_is_found() {
    let found = lints(&tree(&[
        ("Cargo.toml", "[workspace]\nmembers = []\n"),
        ("a/Cargo.toml", "[package]\nversion.workspace = true\n\n[lints]\nworkspace = true\n"),
        ("b/Cargo.toml", "[package]\nworkspace = true\n"),
        ("fuzz/Cargo.toml", "[package]\n[workspace]\n"),
    ]));
    let places: Vec<&str> = found.iter().map(|finding| finding.path.as_str()).collect();
    assert_eq!(places, ["b/Cargo.toml"]);
}
