//! Where the runtime is: option, `COPILOT_CLI_PATH`, `copilot` on PATH, the directory that `codriver doctor --install`
//! fills. What was named explicitly is taken or refused, never replaced by something else.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};
use crate::options::ClientOptions;

const CLI_PATH: &str = "COPILOT_CLI_PATH";

/// A runtime that can be started.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FoundRuntime {
    /// The file that was found.
    pub path: PathBuf,
    /// The program to start: the file, or `node` for a script.
    pub program: PathBuf,
    /// Arguments before all others: the file, where it is a script.
    pub prefix_args: Vec<OsString>,
    /// How it was found, e.g. `PATH`.
    pub origin: &'static str,
}

/// Finds the runtime that a client with these options would start.
///
/// A `.js` file is started with `node` from PATH. Variables come from `options.env` and this process.
///
/// # Errors
/// `RUNTIME_NOT_FOUND` with everything that was tried.
pub fn find_runtime(options: &ClientOptions) -> Result<FoundRuntime> {
    let variable = |name: &str| match options.env.get(name) {
        Some(value) => Some(OsString::from(value.expose())),
        None if options.env_remove.iter().any(|removed| removed == name) => None,
        None => env::var_os(name),
    };
    find(options.cli_path.as_deref(), &variable, Platform::here())
}

/// The directory that `codriver doctor --install` fills: a prefix of npm, inside the user's data directory.
pub fn runtime_install_dir() -> Option<PathBuf> {
    install_dir(&|name| env::var_os(name), Platform::here())
}

/// The platform as npm names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Platform {
    /// `linux`, `darwin` or `win32`.
    os: &'static str,
    /// `x64`, `arm64`.
    arch: &'static str,
}

impl Platform {
    fn here() -> Self {
        let os = match env::consts::OS {
            "macos" => "darwin",
            "windows" => "win32",
            other => other,
        };
        let arch = match env::consts::ARCH {
            "x86_64" => "x64",
            "aarch64" => "arm64",
            other => other,
        };
        Platform { os, arch }
    }

    fn program(self, name: &str) -> Vec<String> {
        match self.os {
            "win32" => vec![format!("{name}.exe"), format!("{name}.cmd")],
            _ => vec![name.to_owned()],
        }
    }
}

type Variables<'a> = &'a dyn Fn(&str) -> Option<OsString>;

fn find(option: Option<&Path>, variable: Variables<'_>, platform: Platform) -> Result<FoundRuntime> {
    if let Some(path) = option {
        return runnable(path, "the option cliPath", variable, platform).map_err(way_out);
    }
    if let Some(path) = variable(CLI_PATH).filter(|path| !path.is_empty()) {
        return runnable(Path::new(&path), CLI_PATH, variable, platform).map_err(way_out);
    }
    let mut tried = vec![format!("{CLI_PATH}: not set")];
    match on_path("copilot", variable, platform) {
        Ok(path) => return runnable(&path, "PATH", variable, platform),
        Err(why) => tried.push(format!("PATH: {why}")),
    }
    match install_dir(variable, platform) {
        Some(directory) => {
            let modules = directory.join("node_modules").join("@github");
            for file in installed_files(&modules, platform) {
                match runnable(&file, "codriver doctor --install", variable, platform) {
                    Ok(found) => return Ok(found),
                    Err(error) => tried.push(error.message().to_owned()),
                }
            }
        }
        None => tried
            .push("the user's data directory: not known, neither its variable nor HOME is set".to_owned()),
    }
    Err(not_found(format!(
        "no Copilot runtime was found; run `codriver doctor --install`, set {CLI_PATH}, or give the option cliPath. \
         Tried: {}",
        tried.join("; ")
    )))
}

/// What an npm install leaves there, best first. On Linux the C library decides between two packages.
fn installed_files(modules: &Path, platform: Platform) -> Vec<PathBuf> {
    let systems: &[&str] = match platform.os {
        "linux" if cfg!(target_env = "musl") => &["linuxmusl", "linux"],
        "linux" => &["linux", "linuxmusl"],
        other => &[other],
    };
    let program = &platform.program("copilot")[0];
    let native =
        systems.iter().map(|os| modules.join(format!("copilot-{os}-{}", platform.arch)).join(program));
    native.chain([modules.join("copilot").join("npm-loader.js")]).collect()
}

fn install_dir(variable: Variables<'_>, platform: Platform) -> Option<PathBuf> {
    let directory = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = match platform.os {
        "win32" => directory("LOCALAPPDATA")?,
        "darwin" => directory("HOME")?.join("Library").join("Application Support"),
        _ => directory("XDG_DATA_HOME").or_else(|| Some(directory("HOME")?.join(".local").join("share")))?,
    };
    Some(data.join("codriver").join("runtime"))
}

/// The first executable of that name; `Err` says what was there instead.
fn on_path(name: &str, variable: Variables<'_>, platform: Platform) -> std::result::Result<PathBuf, String> {
    let path = variable("PATH").unwrap_or_default();
    let mut unusable = None;
    for directory in env::split_paths(&path).filter(|directory| directory.is_absolute()) {
        for file in platform.program(name).into_iter().map(|program| directory.join(program)) {
            match check_executable(&file) {
                Ok(()) => return Ok(file),
                Err(why) if file.exists() => {
                    unusable = unusable.or(Some(format!("{} {why}", file.display())))
                }
                Err(_) => {}
            }
        }
    }
    Err(unusable.unwrap_or_else(|| format!("no `{name}`")))
}

/// How to start `path`, or why it cannot be.
fn runnable(
    path: &Path,
    origin: &'static str,
    variable: Variables<'_>,
    platform: Platform,
) -> Result<FoundRuntime> {
    let found = |program, prefix_args| FoundRuntime { path: path.to_owned(), program, prefix_args, origin };
    let refuse = |why: &str| not_found(format!("{origin}: {} {why}", path.display()));
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("js")) {
        if !path.is_file() {
            return Err(refuse("does not exist"));
        }
        let node = on_path("node", variable, platform)
            .map_err(|why| refuse(&format!("needs Node.js, but PATH has {why}; install it")))?;
        return Ok(found(node, vec![path.into()]));
    }
    // A bare name is looked up where a shell would.
    if path.components().count() == 1 && !path.exists() {
        let name = path.to_string_lossy();
        return match on_path(&name, variable, platform) {
            Ok(program) => Ok(FoundRuntime { path: program.clone(), program, prefix_args: vec![], origin }),
            Err(why) => Err(refuse(&format!("is neither a file nor on PATH ({why})"))),
        };
    }
    check_executable(path).map_err(refuse)?;
    Ok(found(path.to_owned(), vec![]))
}

fn check_executable(path: &Path) -> std::result::Result<(), &'static str> {
    let metadata = path.metadata().map_err(|error| match error.kind() {
        std::io::ErrorKind::PermissionDenied => "may not be read",
        _ => "does not exist",
    })?;
    if metadata.is_dir() {
        return Err("is a directory; give the program in it");
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 == 0 {
        return Err("is not executable; `chmod +x` it");
    }
    Ok(())
}

/// What was named is wrong, and nothing else is tried.
fn way_out(error: Error) -> Error {
    let advice = "give the path of a Copilot runtime, or leave it out and run `codriver doctor --install`";
    not_found(format!("{}; {advice}", error.message()))
}

fn not_found(message: String) -> Error {
    Error::new(ErrorKind::RuntimeNotFound, message)
}

#[cfg(all(test, unix))]
#[path = "discovery_tests.rs"]
mod tests;
