//! Paths, normalised once (DESIGN I23). Pure: nothing here looks at a disk.
//!
//! What holds for every [`FsPath`]:
//! - it is absolute, in canonical spelling: one separator between names, none at the end, no `.` and no `..`;
//! - it holds no NUL and at most [`MAX_PATH_BYTES`] bytes;
//! - on Windows, no name in it means a device, a stream or, by a trailing dot or space, some other name.

use std::fmt;
use std::sync::Arc;

use super::error::{FsError, FsResult};

/// The longest path that is taken, in bytes: what Linux takes, so that every store can be moved to a disk.
pub(crate) const MAX_PATH_BYTES: usize = 4096;

/// How paths are written (wire: `conventions` of `sessionFs.setProvider`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Conventions {
    /// `/a/b`. Everything but `/` and NUL may be in a name.
    Posix,
    /// `C:\a\b`, `\\server\share\a` or `\a`; `/` is the same as `\`. Case is kept, and is ignored where a path is
    /// compared with a mount.
    Windows,
}

impl Conventions {
    /// The conventions of the machine this runs on.
    pub const fn host() -> Self {
        if cfg!(windows) { Conventions::Windows } else { Conventions::Posix }
    }

    /// What stands between two names in canonical spelling.
    pub const fn separator(self) -> char {
        match self {
            Conventions::Posix => '/',
            Conventions::Windows => '\\',
        }
    }
}

/// An absolute, normalised path. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FsPath {
    text: Arc<str>,
    root_len: usize,
    windows: bool,
}

impl FsPath {
    /// Normalises an absolute path.
    ///
    /// Fails with [`InvalidPath`](super::FsErrorKind::InvalidPath) where it is relative, holds a NUL or a name the
    /// conventions forbid, is too long, or has more `..` than names before them.
    pub fn parse(text: &str, conventions: Conventions) -> FsResult<Self> {
        check_text(text)?;
        let (root, rest) = match conventions {
            Conventions::Posix => ("/".to_owned(), text.strip_prefix('/').map(str::to_owned)),
            Conventions::Windows => windows_root(&text.replace('/', "\\"))?,
        };
        let rest = rest.ok_or_else(|| invalid("the path is not absolute", text))?;
        FsPath { root_len: root.len(), text: root.into(), windows: conventions == Conventions::Windows }
            .join(&rest)
    }

    /// Adds a relative path; its `..` cannot leave `self`. A separator at its start means nothing.
    pub fn join(&self, relative: &str) -> FsResult<Self> {
        check_text(relative)?;
        let mut names = Vec::new();
        for name in relative.split(|c| c == self.separator() || (self.windows && c == '/')) {
            match name {
                "" | "." => {}
                ".." => {
                    names.pop().ok_or_else(|| invalid("the path leaves its root with `..`", relative))?;
                }
                _ if self.windows && !is_windows_name(name) => {
                    return Err(invalid("the path has a name that Windows does not allow", relative));
                }
                _ => names.push(name),
            }
        }
        let mut text = self.text.to_string();
        for name in names {
            if text.len() > self.root_len {
                text.push(self.separator());
            }
            text.push_str(name);
        }
        check_text(&text)?;
        Ok(FsPath { text: text.into(), ..*self })
    }

    /// The path in canonical spelling: equal for equal paths, so it can be a store's key.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The conventions it was read with.
    pub fn conventions(&self) -> Conventions {
        if self.windows { Conventions::Windows } else { Conventions::Posix }
    }

    /// What stands before the first name, with its separator: `/`, `C:\`, `\\server\share\` or `\`.
    pub fn root(&self) -> &str {
        &self.text[..self.root_len]
    }

    /// Whether there is no name in it.
    pub fn is_root(&self) -> bool {
        self.text.len() == self.root_len
    }

    /// The names, from the root on.
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.text[self.root_len..].split(self.separator()).filter(|name| !name.is_empty())
    }

    /// The last name; none in a root.
    pub fn file_name(&self) -> Option<&str> {
        self.components().next_back()
    }

    /// The path without its last name; none of a root.
    pub fn parent(&self) -> Option<Self> {
        let name = self.file_name()?;
        let end = (self.text.len() - name.len()).saturating_sub(1).max(self.root_len);
        Some(FsPath { text: self.text[..end].into(), ..*self })
    }

    /// What is left of the path below `prefix`, as a relative path: empty where they are equal, none where `prefix` is
    /// not above it. Whole names count: `/ab` is not below `/a`.
    pub fn strip_prefix(&self, prefix: &FsPath) -> Option<&str> {
        let same = |a: &str, b: &str| if self.windows { same_ignoring_case(a, b) } else { a == b };
        if self.windows != prefix.windows || !same(self.root(), prefix.root()) {
            return None;
        }
        let mut rest = &self.text[self.root_len..];
        for name in prefix.components() {
            let (head, tail) = rest.split_once(self.separator()).unwrap_or((rest, ""));
            if !same(head, name) {
                return None;
            }
            rest = tail;
        }
        Some(rest)
    }

    /// Whether it is `prefix` or below it.
    pub fn starts_with(&self, prefix: &FsPath) -> bool {
        self.strip_prefix(prefix).is_some()
    }

    fn separator(&self) -> char {
        self.conventions().separator()
    }
}

impl AsRef<str> for FsPath {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for FsPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for FsPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

fn invalid(reason: &str, text: &str) -> FsError {
    FsError::invalid_path(format!("{reason}: {text:?}"))
}

fn check_text(text: &str) -> FsResult<()> {
    if text.len() > MAX_PATH_BYTES {
        let length = text.len();
        return Err(FsError::invalid_path(format!("the path has {length} bytes, at most {MAX_PATH_BYTES}")));
    }
    if text.contains('\0') {
        return Err(invalid("the path has a NUL", text));
    }
    Ok(())
}

/// Splits off the root of a path that has backslashes only; the rest is `None` where the path is not absolute.
fn windows_root(text: &str) -> FsResult<(String, Option<String>)> {
    // `\\?\` only tells Windows not to normalise, which was done here; Rust's `canonicalize` writes it.
    let unc = match text.strip_prefix(r"\\?\") {
        Some(verbatim) => match verbatim.get(..4).filter(|head| head.eq_ignore_ascii_case(r"UNC\")) {
            Some(_) => Some(&verbatim[4..]),
            None => return Ok(drive_root(verbatim)),
        },
        None => text.strip_prefix(r"\\"),
    };
    let Some(unc) = unc else {
        return Ok(match text.strip_prefix('\\') {
            Some(rest) => (r"\".to_owned(), Some(rest.to_owned())),
            None => drive_root(text),
        });
    };
    let (server, rest) = unc.split_once('\\').unwrap_or((unc, ""));
    let (share, rest) = rest.split_once('\\').unwrap_or((rest, ""));
    if ![server, share].into_iter().all(is_windows_name) {
        return Err(invalid(r"the path begins with `\\` but not with `\\server\share`", text));
    }
    Ok((format!(r"\\{server}\{share}\"), Some(rest.to_owned())))
}

fn drive_root(text: &str) -> (String, Option<String>) {
    match text.as_bytes() {
        [letter, b':', b'\\', ..] if letter.is_ascii_alphabetic() => {
            (format!(r"{}:\", letter.to_ascii_uppercase() as char), Some(text[3..].to_owned()))
        }
        _ => (String::new(), None),
    }
}

/// Whether Windows takes the name as it is: it drops dots and spaces at the end (`.. ` would be `..`), reads `a:b` as a
/// stream of `a`, and takes device names in every directory and with every extension.
fn is_windows_name(name: &str) -> bool {
    let forbidden = |c: char| c < ' ' || "<>:\"|?*".contains(c);
    !name.is_empty() && !name.ends_with(['.', ' ']) && !name.contains(forbidden) && !is_device(name)
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_ascii_uppercase();
    match stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT")) {
        Some(number) => {
            matches!(number, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        }
        None => matches!(&*stem, "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"),
    }
}

fn same_ignoring_case(a: &str, b: &str) -> bool {
    a.chars().flat_map(char::to_lowercase).eq(b.chars().flat_map(char::to_lowercase))
}

/// Panics where a path that was taken breaks what this module promises; for property tests and the fuzzer.
#[cfg(any(test, fuzzing))]
pub(crate) fn assert_invariants(text: &str, conventions: Conventions) {
    let Ok(path) = FsPath::parse(text, conventions) else { return };
    let spelled = path.as_str();
    assert_eq!(FsPath::parse(spelled, conventions).as_ref(), Ok(&path), "not idempotent: {text:?}");
    assert!(spelled.len() <= MAX_PATH_BYTES && !spelled.contains('\0'), "{text:?}");
    assert!(spelled.starts_with(path.root()) && path.root().ends_with(conventions.separator()), "{text:?}");
    for name in path.components() {
        assert!(!matches!(name, "" | "." | "..") && !name.contains(conventions.separator()), "{text:?}");
    }
    let mut above = Some(path.clone());
    while let Some(prefix) = above {
        let rest = path.strip_prefix(&prefix).expect("a path is below each of its parents");
        assert_eq!(prefix.join(rest).as_ref(), Ok(&path), "{text:?} below {prefix:?}");
        above = prefix.parent();
    }
    let escape = format!("{}..", format!("..{}", conventions.separator()).repeat(path.components().count()));
    assert!(path.join(&escape).is_err(), "{text:?} was left");
}

#[cfg(test)]
mod tests;
