//! Where the pinned runtimes are.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The variable that names the directory of the runtimes.
pub const RUNTIMES: &str = "CODRIVER_REAL_RUNTIMES";

/// The versions that `runtimes.json` pins, oldest first.
///
/// # Panics
/// When the file is not what it should be.
pub fn pinned_versions() -> Vec<String> {
    let pins: Value = serde_json::from_str(include_str!("../runtimes.json")).expect("runtimes.json is JSON");
    let versions = pins["versions"].as_array().expect("runtimes.json has `versions`");
    versions.iter().map(|version| version.as_str().expect("a version is a string").to_owned()).collect()
}

/// The program of a runtime: the native one, or the script that npm installs where there is none.
///
/// # Panics
/// When it is not there, with what to do.
pub fn program(version: &str) -> PathBuf {
    assert!(pinned_versions().iter().any(|pinned| pinned == version), "{version} is not in runtimes.json");
    let Some(root) = std::env::var_os(RUNTIMES) else {
        panic!(
            "{RUNTIMES} is not set: give it a directory with an npm prefix of each version of runtimes.json"
        );
    };
    let modules = Path::new(&root).join(version).join("node_modules").join("@github");
    let native = native_program(&modules);
    native.unwrap_or_else(|| {
        panic!(
            "no runtime {version} in {}: npm install --prefix {} @github/copilot@{version}",
            modules.display(),
            Path::new(&root).join(version).display()
        )
    })
}

fn native_program(modules: &Path) -> Option<PathBuf> {
    let name = format!("copilot{}", std::env::consts::EXE_SUFFIX);
    let mut packages: Vec<PathBuf> =
        std::fs::read_dir(modules).ok()?.filter_map(|e| Some(e.ok()?.path())).collect();
    packages.sort();
    let is_platform =
        |path: &PathBuf| path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("copilot-"));
    let natives = packages.iter().filter(|path| is_platform(path)).map(|package| package.join(&name));
    let script = modules.join("copilot").join("npm-loader.js");
    natives.chain([script]).find(|program| program.is_file())
}
