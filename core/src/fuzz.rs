//! What the fuzz targets of `core/fuzz` call; compiled under `cfg(fuzzing)` only, no API.

use crate::fs::{Conventions, assert_invariants};

/// Panics where a path breaks what `fs::path` promises. The first byte chooses the conventions.
pub fn fs_path(data: &[u8]) {
    let Some((first, text)) = data.split_first() else { return };
    let conventions = if first % 2 == 0 { Conventions::Posix } else { Conventions::Windows };
    assert_invariants(&String::from_utf8_lossy(text), conventions);
}
