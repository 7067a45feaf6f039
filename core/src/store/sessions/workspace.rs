//! What the runtime writes of a session into `workspace.yaml`. Pure.
//!
//! Nearly always it is one `key: value` a line, and a list of ten thousand sessions reads ten thousand of them: so what has
//! one meaning at a glance is read at a glance, and everything else by a YAML parser. Both give the same.

use std::borrow::Cow;
use std::iter;

use memchr::memchr_iter;
use saphyr_parser::{Event, Parser, ScalarStyle};

/// The fields that matter here, by their names in the file. Absent, empty and null are the same.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Workspace<'a> {
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) cwd: Option<Cow<'a, str>>,
    pub(super) git_root: Option<Cow<'a, str>>,
    pub(super) repository: Option<Cow<'a, str>>,
    pub(super) branch: Option<Cow<'a, str>>,
    pub(super) name: Option<Cow<'a, str>>,
    pub(super) summary: Option<Cow<'a, str>>,
    pub(super) client_name: Option<Cow<'a, str>>,
    pub(super) created_at: Option<Cow<'a, str>>,
}

impl<'a> Workspace<'a> {
    /// Reads a file. Of one that is malformed, what stands before the fault.
    pub(super) fn parse(text: &'a str) -> Self {
        Self::at_a_glance(text).unwrap_or_else(|| Self::by_the_book(text))
    }

    /// A file in which every line is `key: value`, the value plain or in single quotes; `None` where anything else is in it.
    fn at_a_glance(text: &'a str) -> Option<Self> {
        if has_odd(text) {
            return None;
        }
        let mut workspace = Workspace::default();
        let lines = text.strip_suffix('\n').unwrap_or(text);
        let mut start = 0;
        for end in memchr_iter(b'\n', lines.as_bytes()).chain(iter::once(lines.len())) {
            let line = &lines[start..end];
            start = end + 1;
            let ends_key = |byte: u8| !byte.is_ascii_alphanumeric() && byte != b'_';
            let (key, rest) = line.split_at(line.bytes().position(ends_key)?);
            if key.is_empty() {
                return None;
            }
            let value = match rest.strip_prefix(':')? {
                "" => None,
                rest => scalar_at_a_glance(rest.strip_prefix(' ')?)?,
            };
            workspace.set(key, value);
        }
        Some(workspace)
    }

    fn by_the_book(text: &'a str) -> Self {
        let mut workspace = Workspace::default();
        let (mut depth, mut key) = (0, None);
        // An error ends the file; what was read before it stays.
        for (event, _) in Parser::new_from_str(text).map_while(Result::ok) {
            let text = match event {
                Event::MappingStart(..) | Event::SequenceStart(..) => {
                    depth += 1;
                    continue;
                }
                Event::Scalar(text, style, ..) if depth == 1 => {
                    let is_null = style == ScalarStyle::Plain && is_null(&text);
                    Some(text).filter(|_| !is_null)
                }
                Event::MappingEnd | Event::SequenceEnd => {
                    depth -= 1;
                    match depth {
                        1 => None,
                        _ => continue,
                    }
                }
                Event::Alias(_) if depth == 1 => None,
                // One document is all there is.
                Event::DocumentEnd => break,
                _ => continue,
            };
            match key.take() {
                None => key = Some(text.unwrap_or_default()),
                Some(key) => workspace.set(&key, text),
            }
        }
        workspace
    }

    fn set(&mut self, key: &str, value: Option<Cow<'a, str>>) {
        let field = match key {
            "id" => &mut self.id,
            "cwd" => &mut self.cwd,
            "git_root" => &mut self.git_root,
            "repository" => &mut self.repository,
            "branch" => &mut self.branch,
            "name" => &mut self.name,
            "summary" => &mut self.summary,
            "client_name" => &mut self.client_name,
            "created_at" => &mut self.created_at,
            _ => return,
        };
        *field = value.filter(|value| !value.is_empty());
    }
}

/// The file with another id, everything else as it was; `None` where no line of it says the id.
pub(super) fn with_id(text: &str, id: &str) -> Option<String> {
    let start = match text.starts_with("id:") {
        true => 0,
        false => text.find("\nid:")? + 1,
    };
    let end = text[start..].find('\n').map_or(text.len(), |len| start + len);
    let value = match scalar_at_a_glance(id) {
        Some(Some(plain)) if plain == id && !has_odd(id) && !id.contains('\n') => id.to_owned(),
        // What JSON says in quotes, YAML does.
        _ => serde_json::Value::from(id).to_string(),
    };
    let changed = format!("{}id: {value}{}", &text[..start], &text[end..]);
    // A line that looked like the id and was a part of something else changes more than the id.
    let expected = Workspace { id: Some(id.into()), ..Workspace::parse(text) };
    (Workspace::parse(&changed) == expected).then_some(changed)
}

/// Whether there are characters, besides the ends of lines, that break a line for some readers, cannot be in YAML, or are
/// not seen.
fn has_odd(text: &str) -> bool {
    // Nearly always all is printable ASCII, which is told many bytes at a time.
    let printable = text.bytes().fold(true, |all, byte| all & matches!(byte, b' '..=b'~' | b'\n'));
    let odd = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    !printable && text.contains(odd)
}

/// A value that means the same to every reader of YAML; `None` for any other, which is not to say that it is wrong. There is
/// nothing odd in it.
fn scalar_at_a_glance(text: &str) -> Option<Option<Cow<'_, str>>> {
    if let Some(quoted) = text.strip_prefix('\'') {
        let inner = quoted.strip_suffix('\'')?;
        if !inner.contains('\'') {
            return Some(Some(inner.into()));
        }
        let only_pairs = !inner.replace("''", "").contains('\'');
        return only_pairs.then(|| Some(inner.replace("''", "'").into()));
    }
    let first = text.chars().next()?;
    let ends = |pair: &[u8]| matches!(pair, b": " | b" #");
    let plain = (first.is_alphanumeric() || first == '/')
        && !text.ends_with([' ', ':'])
        && !text.as_bytes().windows(2).any(ends);
    plain.then(|| Some(Cow::Borrowed(text)).filter(|text| !is_null(text)))
}

fn is_null(plain: &str) -> bool {
    matches!(plain, "" | "~" | "null" | "Null" | "NULL")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As 1.0.57 and 1.0.102 write them.
    const RECORDED: &str = "id: from-1\ncwd: /project\ngit_root: /project\nrepository: octo/hello\nhost_type: github\n\
        branch: ma'in#1\nname: |-\n  hello:\n  - how # are you\n    \"quoted\" 'x' | > & * ! % @ `\nclient_name: sdk\n\
        user_named: false\nsummary_count: 0\ncreated_at: 2026-11-21T11:56:40.633Z\nupdated_at: 2026-11-21T11:56:41.031Z\n";

    fn text(field: &Option<Cow<'_, str>>) -> String {
        field.as_deref().unwrap_or("(none)").to_owned()
    }

    #[test]
    fn a_file_as_the_runtimes_write_it_is_read() {
        let workspace = Workspace::parse(RECORDED);
        assert_eq!(text(&workspace.id), "from-1");
        assert_eq!(text(&workspace.cwd), "/project");
        assert_eq!(text(&workspace.git_root), "/project");
        assert_eq!(text(&workspace.repository), "octo/hello");
        assert_eq!(text(&workspace.branch), "ma'in#1");
        assert_eq!(text(&workspace.name), "hello:\n- how # are you\n  \"quoted\" 'x' | > & * ! % @ `");
        assert_eq!(text(&workspace.client_name), "sdk");
        assert_eq!(text(&workspace.created_at), "2026-11-21T11:56:40.633Z");
        assert_eq!(workspace.summary, None);
    }

    #[test]
    fn a_name_is_read_however_it_is_written() {
        for (written, name) in [
            ("name: plain words", "plain words"),
            ("name: 你好 näme", "你好 näme"),
            ("name: 'it''s: # quoted'", "it's: # quoted"),
            ("name: ''''", "'"),
            ("name: 'a' # a comment", "a"),
            ("name: \"two\\nlines \\u263A\"", "two\nlines ☺"),
            ("name: >-\n  folded\n  words", "folded words"),
            ("name: |\n  id: not the id\n  cwd: /not", "id: not the id\ncwd: /not\n"),
            ("name: over\n  lines", "over lines"),
            ("name: a#b:c", "a#b:c"),
            ("name: words # a comment", "words"),
            ("name: 12", "12"),
            ("name: ' '", " "),
            ("name:   far", "far"),
            ("name: null", "(none)"),
            ("name: ~", "(none)"),
            ("name:", "(none)"),
            ("name: ''", "(none)"),
            ("name: 'null'", "null"),
            ("name: [a, b]", "(none)"),
            ("name: {cwd: /inner}", "(none)"),
        ] {
            let file = format!("id: s-1\n{written}\nbranch: main\n");
            let workspace = Workspace::parse(&file);
            assert_eq!(text(&workspace.name), name, "{written}");
            assert_eq!(
                (text(&workspace.id), text(&workspace.branch)),
                ("s-1".into(), "main".into()),
                "{written}"
            );
            assert_eq!(workspace.cwd, None, "{written}");
        }
    }

    #[test]
    fn of_a_malformed_file_what_stands_before_the_fault_is_read() {
        for fault in ["name: \"open", "- name", "name: {", "%", "\0\0\0", "<<<<<<< HEAD"] {
            let file = format!("id: s-1\ncwd: /w\n{fault}\nbranch: lost\n");
            let workspace = Workspace::parse(&file);
            assert_eq!((text(&workspace.id), text(&workspace.cwd)), ("s-1".into(), "/w".into()), "{fault:?}");
        }
        for nothing in ["", "\n", "null", "- a\n- b\n", "just text", "{}", "---\n...\n"] {
            assert_eq!(Workspace::parse(nothing), Workspace::default(), "{nothing:?}");
        }
    }

    #[test]
    fn another_id_changes_the_id_and_nothing_else() {
        for (id, line) in [
            ("to-1", "id: to-1\n"),
            ("null", "id: \"null\"\n"),
            ("a: b # c", "id: \"a: b # c\"\n"),
            ("\"", "id: \"\\\"\"\n"),
            ("two\nlines", "id: \"two\\nlines\"\n"),
        ] {
            let expected = RECORDED.replacen("id: from-1\n", line, 1);
            assert_eq!(with_id(RECORDED, id).as_deref(), Some(&*expected), "{id:?}");
        }
        let later = RECORDED.replacen("id: from-1\n", "name: first\n", 1) + "id: 'from-1'";
        assert!(with_id(&later, "to-1").unwrap().ends_with("Z\nid: to-1"));
        for without in ["", "cwd: /w\n", "- id: x\n", "name: |\n  id: x\n", "idea: x\n"] {
            assert_eq!(with_id(without, "to-1"), None, "{without:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_at_a_glance_is_what_yaml_says(
            lines in prop::collection::vec(
                ("(id|cwd|name|branch|summary|x_1|Null)", ":( |  |)", "[ -~äß你\u{85}\u{2028}\t]{0,12}|'[a-z' #:]{0,8}'"),
                0..5,
            ),
        ) {
            let file: String =
                lines.iter().map(|(key, colon, value)| format!("{key}{colon}{value}\n")).collect();
            if let Some(glance) = Workspace::at_a_glance(&file) {
                prop_assert_eq!(glance, Workspace::by_the_book(&file), "{}", file);
            }
        }

        #[test]
        fn no_text_breaks_the_reader(text in any::<String>()) {
            let _ = (Workspace::parse(&text), with_id(&text, "x"));
        }
    }
}
