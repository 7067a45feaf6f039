//! What is written where: for people or as JSON, with or without colour. Results go to stdout, errors and progress to
//! stderr. Whoever reads may leave: a write that fails is nobody's error.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use codriver::Error;
use serde_json::{Value, json};

/// How this run writes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
    color: bool,
}

impl Output {
    /// Colour only where a terminal shows it and `NO_COLOR` does not forbid it.
    pub(crate) fn new(json: bool) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Output { json, color: !json && io::stdout().is_terminal() && !set("NO_COLOR") && !dumb }
    }

    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// A line for people; nothing where JSON is wanted.
    pub(crate) fn line(self, line: impl Display) {
        self.text(format_args!("{line}\n"));
    }

    /// The same without the end of the line, shown at once.
    pub(crate) fn text(self, text: impl Display) {
        if !self.json {
            let mut stdout = io::stdout().lock();
            let _ = write!(stdout, "{text}").and_then(|()| stdout.flush());
        }
    }

    /// A JSON value on a line of its own; nothing where people read.
    pub(crate) fn json(self, value: impl Display) {
        if self.json {
            let mut stdout = io::stdout().lock();
            let _ = writeln!(stdout, "{value}").and_then(|()| stdout.flush());
        }
    }

    /// A line beside the results.
    pub(crate) fn note(self, line: impl Display) {
        let _ = writeln!(io::stderr(), "{line}");
    }

    /// `NAME (number): message`, or the same as JSON.
    pub(crate) fn error(self, error: &Error) {
        match self.json {
            true => self.note(json!({ "error": error_json(error) })),
            false => self.note(format_args!(
                "{} ({}): {}",
                error.name(),
                error.number(),
                printable(error.message())
            )),
        }
    }

    pub(crate) fn bold(self, text: impl Display) -> String {
        self.paint("1", text)
    }

    pub(crate) fn dim(self, text: impl Display) -> String {
        self.paint("2", text)
    }

    pub(crate) fn red(self, text: impl Display) -> String {
        self.paint("31", text)
    }

    pub(crate) fn green(self, text: impl Display) -> String {
        self.paint("32", text)
    }

    pub(crate) fn yellow(self, text: impl Display) -> String {
        self.paint("33", text)
    }

    pub(crate) fn cyan(self, text: impl Display) -> String {
        self.paint("36", text)
    }

    fn paint(self, code: &str, text: impl Display) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}

/// An error as every command tells it in JSON.
pub(crate) fn error_json(error: &Error) -> Value {
    json!({ "number": error.number(), "name": error.name(), "message": error.message() })
}

/// A word as a shell takes it.
pub(crate) fn quoted(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => Cow::Borrowed(word),
        false => Cow::Owned(format!("'{}'", word.replace('\'', r"'\''"))),
    }
}

/// Text of a model or runtime as a terminal may show it: what would move the cursor, change the direction of the text or
/// hide a part of a command is spelled out. Line breaks and tabs stay.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(deceives) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.replace("\r\n", "\n").chars() {
        match deceives(c) {
            true => shown.extend(c.escape_unicode()),
            false => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

fn deceives(c: char) -> bool {
    let direction = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    direction || (c.is_control() && c != '\n' && c != '\t')
}

/// The first line, and no more than `max` characters of it.
pub(crate) fn summary(text: &str, max: usize) -> String {
    let text = text.trim();
    let line = text.lines().next().unwrap_or_default();
    let cut: String = line.chars().take(max).collect();
    let whole = cut.len() == text.len();
    format!("{}{}", printable(&cut), if whole { "" } else { "…" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_cannot_hide_a_part_of_itself() {
        assert_eq!(printable("rm -rf ~\r\x1b[2Kls\u{202e}"), "rm -rf ~\\u{d}\\u{1b}[2Kls\\u{202e}");
        assert_eq!(printable("a\r\nb\tc — ü 🦀"), "a\nb\tc — ü 🦀");
        assert!(matches!(printable("plain\ntext"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_summary_is_one_line_and_says_when_it_is_cut() {
        assert_eq!(summary("one\ntwo", 10), "one…");
        assert_eq!(summary("  äöüß ", 3), "äöü…");
        assert_eq!(summary("short", 5), "short");
    }
}
