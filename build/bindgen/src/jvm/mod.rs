//! The options of the JVM package: classes for Kotlin, builders for Java.
//!
//! Nothing is listed twice: what a table says is there in both languages, with its words.

mod java;
mod kotlin;

use std::path::Path;

use crate::file::put;
use crate::table;

/// Reads the tables of a directory and writes the sources of the package below another.
pub(crate) fn write(sources: &Path, out: &Path) -> Result<(), String> {
    let records = table::read(sources)?;
    for (place, text) in kotlin::files(&records).into_iter().chain(java::files(&records)) {
        put(&out.join(place), &text)?;
    }
    Ok(())
}
