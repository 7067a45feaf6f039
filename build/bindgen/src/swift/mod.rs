//! The Swift package: its options, and what UniFFI's generated layer lacks.

mod layer;
mod options;

use std::path::Path;

use crate::file::{put, read};
use crate::table;

/// Reads the tables of a directory and writes a source file for each record into another.
pub(crate) fn write(sources: &Path, out: &Path) -> Result<(), String> {
    for record in &table::read(sources)? {
        let (name, text) = options::file(record);
        put(&out.join(name), &text)?;
    }
    Ok(())
}

/// Lets the calls in a generated file be cancelled.
pub(crate) fn change(file: &Path) -> Result<(), String> {
    let text =
        layer::cancellable(&read(file)?).map_err(|problem| format!("{}: {problem}", file.display()))?;
    put(file, &text)
}
