//! How much there is of what.

use std::collections::BTreeMap;

use crate::tree::Tree;

#[derive(Default)]
struct Amount<'a> {
    files: usize,
    lines: usize,
    longest: (usize, &'a str),
}

/// A table of the Rust files and scripts by directory, two levels deep.
pub(crate) fn table(tree: &Tree) -> String {
    let mut amounts: BTreeMap<String, Amount<'_>> = BTreeMap::new();
    for (path, text) in tree.texts().filter(|(path, text)| path.ends_with(".rs") || text.starts_with("#!/")) {
        let lines = text.lines().count();
        for directory in [directory(path), "all".to_owned()] {
            let amount = amounts.entry(directory).or_default();
            amount.files += 1;
            amount.lines += lines;
            amount.longest = amount.longest.max((lines, path));
        }
    }
    let row = |(directory, amount): (&String, &Amount<'_>)| {
        let Amount { files, lines, longest } = amount;
        format!("{directory:24} {files:5} files {lines:7} lines; longest {} ({})", longest.1, longest.0)
    };
    amounts.iter().map(row).collect::<Vec<_>>().join("\n")
}

/// The first two names of a path, without the file.
fn directory(path: &str) -> String {
    let mut names: Vec<&str> = path.split('/').collect();
    names.pop();
    names.truncate(2);
    if names.is_empty() { ".".to_owned() } else { names.join("/") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::tree;

    #[test]
    fn lines_are_counted_by_directory_and_in_all() {
        let tree = tree(&[
            ("core/src/a.rs", "1\n2\n"),
            ("core/src/rpc/b.rs", "1\n2\n3\n"),
            ("build/test", "#!/bin/sh\n"),
            ("README.md", "x\n"),
        ]);
        let table = table(&tree);
        let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(rows[0][..4], ["all", "3", "files", "6"]);
        assert_eq!(rows[1][..4], ["build", "1", "files", "1"]);
        assert_eq!(rows[2][..4], ["core/src", "2", "files", "5"]);
        assert_eq!(rows[2].last(), Some(&"(3)"));
    }
}
