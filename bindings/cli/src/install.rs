//! `codriver doctor --install`: the runtime comes by the user's own npm, from the user's own registry, and stays in the
//! user's data directory. It is put together beside its place and moved there when it is whole.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use codriver::{ClientOptions, Error, ErrorKind, Result, find_runtime, runtime_install_dir};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::process::Command;

use crate::output::{Output, printable};

/// The runtime this version of Codriver was tested with.
pub(crate) const RUNTIME_VERSION: &str = "1.0.102";

const PACKAGE: &str = "@github/copilot";
/// What that version takes on disk, for the progress bar; others differ a little.
const ABOUT_BYTES: u64 = 198_000_000;
const TICK: Duration = Duration::from_millis(200);

/// Installs a runtime: `version`, or the pinned one unless a runtime is there already.
///
/// # Errors
/// `INVALID_ARGUMENT` for what cannot be a version, `RUNTIME_NOT_FOUND` with npm's own words, `FS_IO`.
pub(crate) async fn install(version: Option<&str>, options: &ClientOptions, out: Output) -> Result<()> {
    let found = find_runtime(options);
    if let (None, Ok(found)) = (version, &found) {
        out.note(format_args!("A runtime is there already ({}): {}", found.origin, found.path.display()));
        return Ok(());
    }
    let version = checked(version.unwrap_or(RUNTIME_VERSION))?;
    let place = runtime_install_dir().ok_or_else(|| {
        let text = "the user's data directory is not known: set HOME, or XDG_DATA_HOME on Linux, LOCALAPPDATA on Windows";
        Error::new(ErrorKind::RuntimeNotFound, text)
    })?;
    let parent = place.parent().unwrap_or(&place);
    let staging = io_result(parent, || {
        fs::create_dir_all(parent)?;
        tempfile::Builder::new().prefix("runtime-").tempdir_in(parent)
    })?;
    let fresh = staging.path().join("new");
    io_result(&fresh, || fs::create_dir(&fresh))?;
    npm_install(version, &fresh, out).await?;
    io_result(&place, || {
        if place.exists() {
            fs::rename(&place, staging.path().join("old"))?;
        }
        fs::rename(&fresh, &place)
    })?;
    out.note(format_args!("Installed {PACKAGE} {version} in {}", place.display()));
    let licence = place.join("node_modules").join(PACKAGE).join("LICENSE.md");
    out.note(format_args!("The runtime is GitHub's, under a licence of its own: {}", licence.display()));
    match find_runtime(options) {
        Ok(found) if !found.path.starts_with(&place) => out.note(format_args!(
            "Mind that another runtime comes first ({}): {}",
            found.origin,
            found.path.display()
        )),
        other => drop(other?),
    }
    Ok(())
}

/// Refuses what npm would take for something else than a version or a tag.
fn checked(version: &str) -> Result<&str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    if version.starts_with(|c: char| c.is_ascii_alphanumeric()) && version.chars().all(fits) {
        return Ok(version);
    }
    let text = format!("--version: must be a version such as {RUNTIME_VERSION}, or a tag such as latest");
    Err(Error::new(ErrorKind::InvalidArgument, text))
}

async fn npm_install(version: &str, prefix: &Path, out: Output) -> Result<()> {
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.arg("install").arg("--prefix").arg(prefix).args(["--no-save", "--no-package-lock", "--no-audit"]);
    // The program comes as an optional dependency for the platform; it has nothing to run on install.
    npm.args(["--no-fund", "--include=optional", "--ignore-scripts", "--loglevel=error"]);
    npm.arg(format!("{PACKAGE}@{version}"));
    npm.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let child = npm.spawn().map_err(|error| {
        let text = match error.kind() {
            io::ErrorKind::NotFound => {
                "npm is not on PATH: install Node.js (https://nodejs.org) and try again, or set \
                                        COPILOT_CLI_PATH to a runtime you have"
                    .to_owned()
            }
            _ => format!("npm cannot be started: {error}"),
        };
        Error::new(ErrorKind::RuntimeNotFound, text)
    })?;
    let bar = progress(version, out);
    let mut ended = std::pin::pin!(child.wait_with_output());
    let outcome = loop {
        tokio::select! {
            outcome = &mut ended => break outcome,
            () = tokio::time::sleep(TICK) => {
                let bytes = size(prefix);
                bar.set_length(bytes.max(ABOUT_BYTES));
                bar.set_position(bytes);
            }
        }
    };
    bar.finish_and_clear();
    let outcome = outcome.map_err(|error| failed(&error.to_string()))?;
    match outcome.status.success() {
        true => Ok(()),
        false => {
            Err(failed(&format!("{}\n{}", outcome.status, String::from_utf8_lossy(&outcome.stderr).trim())))
        }
    }
}

fn failed(why: &str) -> Error {
    Error::new(ErrorKind::RuntimeNotFound, format!("the runtime was not installed; npm: {}", printable(why)))
}

/// A bar where somebody watches, a line where nobody does.
fn progress(version: &str, out: Output) -> ProgressBar {
    let what = format!("Installing {PACKAGE} {version}");
    if !io::stderr().is_terminal() {
        out.note(format_args!("{what} (about {} MB)", ABOUT_BYTES / 1_000_000));
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} {bar:22} {bytes:>10} {elapsed:>3}");
    let bar =
        ProgressBar::new(ABOUT_BYTES).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(what);
    bar.enable_steady_tick(TICK);
    bar
}

/// What lies below a directory, in bytes; what cannot be read counts as nothing.
fn size(directory: &Path) -> u64 {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let each = entries.map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => size(&entry.path()),
        _ => entry.metadata().map_or(0, |metadata| metadata.len()),
    });
    each.sum()
}

fn io_result<T>(path: &Path, work: impl FnOnce() -> io::Result<T>) -> Result<T> {
    work().map_err(|error| {
        let text = format!("the runtime was not installed; {}: {error}", path.display());
        Error::new(ErrorKind::FsIo, text).with_source(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pinned_runtime_is_one_that_the_tests_run_against() {
        let pins: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/real/runtimes.json")).unwrap();
        assert!(pins["versions"].as_array().unwrap().iter().any(|version| version == RUNTIME_VERSION));
    }

    #[test]
    fn only_versions_and_tags_reach_npm() {
        for good in ["1.0.102", "1.2.3-beta.4", "latest", RUNTIME_VERSION] {
            assert!(checked(good).is_ok(), "{good}");
        }
        for bad in ["", "-g", "../x", "1 2", "npm:other", "a/b", "1;ls"] {
            assert_eq!(checked(bad).unwrap_err().kind(), ErrorKind::InvalidArgument, "{bad}");
        }
    }
}
