//! The Swift package: its options, from the tables in `ffi/uniffi/src/options`, and what UniFFI's generated layer lacks.

mod layer;
mod options;

use std::fs;
use std::path::Path;

use crate::jvm::put;
use crate::jvm::table::{self, Kind};

/// Reads the tables of a directory and writes a source file for each record into another.
pub(crate) fn write(sources: &Path, out: &Path) -> Result<(), String> {
    let mut records = Vec::new();
    for file in ["client", "feature", "provider", "session"] {
        let path = sources.join(file).with_extension("rs");
        let text = read(&path)?;
        let found = table::parse(&text).map_err(|problem| format!("{}: {problem}", path.display()))?;
        if found.is_empty() {
            return Err(format!("{}: no record in it", path.display()));
        }
        records.extend(found);
    }
    // A store may be files of one's own, which no table can say.
    records.retain(|record| record.name != "SessionFsOptions");
    for record in &mut records {
        record.fields.retain(|field| field.kind != Kind::Record("SessionFsOptions".to_owned()));
    }
    for record in &records {
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

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
