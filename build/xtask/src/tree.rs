//! The tracked files, as the checks see them.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The tracked files by path, with `/` between names.
#[derive(Default)]
pub(crate) struct Tree {
    pub(crate) files: BTreeMap<String, File>,
}

pub(crate) struct File {
    /// `None` where it is not UTF-8.
    pub(crate) text: Option<String>,
    /// Whether git gives it the run bit.
    pub(crate) executable: bool,
}

impl Tree {
    /// The files that git tracks under `root`, as they are on disk now.
    pub(crate) fn load(root: &Path) -> Result<Tree, String> {
        let output = Command::new("git")
            .current_dir(root)
            .args(["ls-files", "--stage", "-z"])
            .output()
            .map_err(|error| format!("git cannot be run: {error}"))?;
        if !output.status.success() {
            return Err(format!("git ls-files: {}", String::from_utf8_lossy(&output.stderr)));
        }
        let listing = String::from_utf8_lossy(&output.stdout);
        let mut files = BTreeMap::new();
        for entry in listing.split_terminator('\0') {
            let (stage, path) = entry.split_once('\t').ok_or("git ls-files: a line without a path")?;
            // One that is deleted but not yet committed is no file of the project any more.
            let Ok(bytes) = fs::read(root.join(path)) else { continue };
            let file = File { text: String::from_utf8(bytes).ok(), executable: stage.starts_with("100755") };
            files.insert(path.to_owned(), file);
        }
        Ok(Tree { files })
    }

    /// The text files.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().filter_map(|(path, file)| Some((path.as_str(), file.text.as_deref()?)))
    }

    /// The text of a file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path)?.text.as_deref()
    }

    /// Whether `path` is a tracked file, or a directory that has some.
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let directory = format!("{path}/");
        path.is_empty()
            || self.files.contains_key(path)
            || self
                .files
                .range(directory.clone()..)
                .next()
                .is_some_and(|(found, _)| found.starts_with(&directory))
    }
}

/// What a check found, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) path: String,
    /// From 1; 0 means the file as a whole.
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl Finding {
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Finding { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

#[cfg(test)]
pub(crate) fn tree(files: &[(&str, &str)]) -> Tree {
    let file = |text: &str| File { text: Some(text.to_owned()), executable: false };
    Tree { files: files.iter().map(|(path, text)| ((*path).to_owned(), file(text))).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_there_when_a_file_in_it_is() {
        let tree = tree(&[("core/src/lib.rs", ""), ("core-extra", "")]);
        for there in ["core", "core/", "core/src", "core/src/lib.rs", "core-extra"] {
            assert!(tree.has(there), "{there}");
        }
        for missing in ["cor", "core/sr", "core/src/lib", "core-extr", "tests"] {
            assert!(!tree.has(missing), "{missing}");
        }
    }

    #[test]
    fn a_checkout_is_listed_with_its_run_bits() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let tree = Tree::load(&root).unwrap();
        assert!(tree.files["build/test"].executable);
        assert!(!tree.files["Cargo.toml"].executable);
        assert!(tree.text("Cargo.toml").unwrap().contains("[workspace]"));
    }
}
