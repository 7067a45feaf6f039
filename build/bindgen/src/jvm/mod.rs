//! The options of the JVM package, from the tables in `ffi/uniffi/src/options`: classes for Kotlin, builders for Java.
//!
//! Nothing is listed twice: what a table says is there in both languages, with its words.

mod java;
mod kotlin;
pub(crate) mod names;
pub(crate) mod table;

use std::fs;
use std::path::Path;

use table::Kind;

/// Reads the tables of a directory and writes the sources of the package below another.
pub(crate) fn write(sources: &Path, out: &Path) -> Result<(), String> {
    let mut records = Vec::new();
    for file in ["client", "feature", "provider", "session"] {
        let path = sources.join(file).with_extension("rs");
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
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
    for (place, text) in kotlin::files(&records).into_iter().chain(java::files(&records)) {
        put(&out.join(place), &text)?;
    }
    Ok(())
}

/// What is there with that content is left alone, so that nobody builds it again.
pub(crate) fn put(path: &Path, text: &str) -> Result<(), String> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}
