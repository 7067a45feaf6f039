use proptest::prelude::*;

use super::super::error::FsErrorKind;
use super::*;

fn posix(text: &str) -> FsPath {
    FsPath::parse(text, Conventions::Posix).unwrap()
}

fn windows(text: &str) -> FsPath {
    FsPath::parse(text, Conventions::Windows).unwrap()
}

fn is_refused(text: &str, conventions: Conventions) -> bool {
    matches!(FsPath::parse(text, conventions), Err(e) if e.kind() == FsErrorKind::InvalidPath)
}

#[test]
fn posix_paths_are_spelled_in_one_way() {
    for (given, spelled) in [
        ("/", "/"),
        ("//", "/"),
        ("/.", "/"),
        ("/a", "/a"),
        ("/a/", "/a"),
        ("//a///b//", "/a/b"),
        ("/a/./b/.", "/a/b"),
        ("/a/../b", "/b"),
        ("/a/b/..", "/a"),
        ("/a/..", "/"),
        ("/a/b/../../c", "/c"),
        ("/.../..a/a..", "/.../..a/a.."),
        ("/with space/ünï cödé/日本", "/with space/ünï cödé/日本"),
        ("/back\\slash/C:", "/back\\slash/C:"),
        ("/tab\tand\nnewline", "/tab\tand\nnewline"),
    ] {
        assert_eq!(posix(given).as_str(), spelled, "{given:?}");
    }
}

#[test]
fn posix_refuses_what_is_relative_leaves_the_root_or_has_a_nul() {
    for text in [
        "",
        ".",
        "..",
        "a",
        "a/b",
        "./a",
        "C:\\a",
        "\\a",
        "/..",
        "/../a",
        "/a/../..",
        "/a/../../b",
        "/a\0b",
        "\0",
    ] {
        assert!(is_refused(text, Conventions::Posix), "{text:?}");
    }
}

#[test]
fn windows_paths_are_spelled_in_one_way() {
    for (given, spelled) in [
        (r"C:\", r"C:\"),
        (r"c:\", r"C:\"),
        ("c:/a/b", r"C:\a\b"),
        (r"C:\a\\b/\c\", r"C:\a\b\c"),
        (r"C:\a\.\b\..\c", r"C:\a\c"),
        (r"C:\Users\Me\.copilot", r"C:\Users\Me\.copilot"),
        (r"\\server\share", r"\\server\share\"),
        (r"\\server\share\", r"\\server\share\"),
        ("//server/share/a", r"\\server\share\a"),
        (r"\\server\share\a\..\b", r"\\server\share\b"),
        (r"\\?\C:\a", r"C:\a"),
        (r"\\?\UNC\server\share\a", r"\\server\share\a"),
        (r"\\?\unc\server\share\a", r"\\server\share\a"),
        ("/state/events.jsonl", r"\state\events.jsonl"),
        (r"\", r"\"),
        (r"C:\console\com10\nulls.txt", r"C:\console\com10\nulls.txt"),
        (r"C:\ünï cödé", r"C:\ünï cödé"),
    ] {
        assert_eq!(windows(given).as_str(), spelled, "{given:?}");
    }
}

#[test]
fn windows_refuses_what_is_relative_leaves_the_root_or_means_something_else() {
    for text in [
        "",
        "a",
        r"a\b",
        "C:",
        "C:a",
        r"1:\a",
        r"é:\a",
        r"C:\..",
        r"C:\a\..\..\b",
        r"\..",
        r"\\server\share\..",
        r"\\server\share\a\..\..",
        r"\\",
        r"\\server",
        r"\\server\",
        r"\\\share",
        r"\\.\pipe\x",
        r"\\..\share\a",
        r"\\?\Volume{1}\a",
        r"\\?\a",
        r"C:\a.txt:stream",
        r"C:\a\.. \b",
        r"C:\a\...",
        r"C:\a.",
        r"C:\a ",
        r"C:\CON",
        r"C:\x\nul.txt",
        r"C:\com1",
        r"C:\LPT9.log",
        r"C:\com¹",
        r"C:\con .txt",
        r"C:\a*",
        r"C:\a?b",
        "C:\\a\nb",
        "C:\\a\0b",
    ] {
        assert!(is_refused(text, Conventions::Windows), "{text:?}");
    }
}

#[test]
fn a_path_over_the_limit_is_refused_whole() {
    let fits = format!("/{}", "a".repeat(MAX_PATH_BYTES - 1));
    assert_eq!(posix(&fits).as_str(), fits);
    assert!(is_refused(&format!("{fits}a"), Conventions::Posix));
    assert_eq!(posix("/").join(&"a".repeat(MAX_PATH_BYTES - 1)).unwrap().as_str(), fits);
    assert_eq!(
        posix("/b").join(&"a".repeat(MAX_PATH_BYTES - 2)).unwrap_err().kind(),
        FsErrorKind::InvalidPath
    );
}

#[test]
fn a_refused_path_changed_nothing_and_says_why_in_one_line() {
    let error = FsPath::parse("/a/../../b\nc", Conventions::Posix).unwrap_err();
    assert_eq!(error.write_changed(), Some(false));
    assert_eq!(error.to_string(), r#"FS_INVALID_PATH: the path leaves its root with `..`: "a/../../b\nc""#);
}

#[test]
fn names_and_parents_are_those_of_the_path() {
    let path = posix("/a/b c/d");
    assert_eq!(path.root(), "/");
    assert_eq!(path.components().collect::<Vec<_>>(), ["a", "b c", "d"]);
    assert_eq!(path.file_name(), Some("d"));
    assert_eq!(path.parent(), Some(posix("/a/b c")));
    assert_eq!(posix("/a").parent(), Some(posix("/")));
    assert_eq!(posix("/").parent(), None);
    assert_eq!(posix("/").components().count(), 0);
    assert!(posix("/").is_root() && !posix("/a").is_root());
    let unc = windows(r"\\server\share\a\b");
    assert_eq!(unc.root(), r"\\server\share\");
    assert_eq!(unc.components().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(unc.parent().unwrap().parent(), Some(windows(r"\\server\share")));
}

#[test]
fn a_joined_path_cannot_leave_what_it_was_joined_to() {
    let mount = posix("/state");
    assert_eq!(mount.join("a/../b").unwrap(), posix("/state/b"));
    assert_eq!(mount.join("/etc/passwd").unwrap(), posix("/state/etc/passwd"));
    assert_eq!(mount.join("").unwrap(), mount);
    for relative in ["..", "../x", "a/../../x", "../state/x", "\0"] {
        assert_eq!(mount.join(relative).unwrap_err().kind(), FsErrorKind::InvalidPath, "{relative:?}");
    }
    let drive = windows(r"C:\state");
    assert_eq!(drive.join("a/b").unwrap(), windows(r"C:\state\a\b"));
    for relative in [r"..\x", "../x", r"D:\x", "x:y"] {
        assert_eq!(drive.join(relative).unwrap_err().kind(), FsErrorKind::InvalidPath, "{relative:?}");
    }
}

#[test]
fn a_prefix_ends_at_a_whole_name() {
    let below = |path: &str, prefix: &str| posix(path).strip_prefix(&posix(prefix)).map(str::to_owned);
    assert_eq!(below("/a/b/c", "/a"), Some("b/c".into()));
    assert_eq!(below("/a/b", "/a/b"), Some(String::new()));
    assert_eq!(below("/a/b", "/"), Some("a/b".into()));
    assert_eq!(below("/", "/"), Some(String::new()));
    assert_eq!(below("/ab", "/a"), None);
    assert_eq!(below("/a", "/ab"), None);
    assert_eq!(below("/a", "/a/b"), None);
    assert_eq!(below("/A/b", "/a"), None);
    assert!(posix("/a/b").starts_with(&posix("/a")) && !posix("/ab").starts_with(&posix("/a")));
}

#[test]
fn windows_prefixes_ignore_case_but_keep_it() {
    let below = |path: &str, prefix: &str| windows(path).strip_prefix(&windows(prefix)).map(str::to_owned);
    assert_eq!(below(r"c:\USERS\Me\X.txt", r"C:\Users\me"), Some("X.txt".into()));
    assert_eq!(below(r"C:\ÄÖ\b", r"c:\äö"), Some("b".into()));
    assert_eq!(below(r"\\SERVER\Share\a", r"\\server\share"), Some("a".into()));
    assert_eq!(below(r"D:\a", r"C:\"), None);
    assert_eq!(below(r"\a", r"C:\"), None);
    assert_eq!(posix("/a").strip_prefix(&windows("/a")), None);
}

#[test]
fn conventions_have_the_names_of_the_wire() {
    assert_eq!(serde_json::to_string(&Conventions::Posix).unwrap(), r#""posix""#);
    assert_eq!(serde_json::to_string(&Conventions::Windows).unwrap(), r#""windows""#);
}

proptest! {
    #[test]
    fn no_text_breaks_what_paths_promise(text in any::<String>()) {
        assert_invariants(&text, Conventions::Posix);
        assert_invariants(&text, Conventions::Windows);
    }

    #[test]
    fn no_mix_of_special_pieces_breaks_what_paths_promise(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "/", "\\", "//", "\\\\", ".", "..", "...", ". ", ".. ", "a", "B c", "C:", "c:\\", "?", "\\\\?\\", "UNC", "nul", ":", "\0", "é",
            ]),
            0..12,
        )
    ) {
        let text = pieces.concat();
        for text in [text.clone(), format!("/{text}"), format!("C:\\{text}"), format!("\\\\s\\h\\{text}")] {
            assert_invariants(&text, Conventions::Posix);
            assert_invariants(&text, Conventions::Windows);
        }
    }

    #[test]
    fn dots_move_as_a_walk_would(steps in prop::collection::vec(prop::sample::select(vec!["a", "b", ".", ".."]), 0..16)) {
        let mut walk = Some(Vec::new());
        for step in &steps {
            walk = walk.and_then(|mut names: Vec<&str>| {
                match *step {
                    "." => {}
                    ".." => { names.pop()?; }
                    name => names.push(name),
                }
                Some(names)
            });
        }
        let parsed = FsPath::parse(&format!("/{}", steps.join("/")), Conventions::Posix).ok();
        prop_assert_eq!(parsed.map(|p| p.as_str().to_owned()), walk.map(|names| format!("/{}", names.join("/"))));
    }
}
