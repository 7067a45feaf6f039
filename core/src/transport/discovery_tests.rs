use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

const LINUX: Platform = Platform { os: "linux", arch: "x64" };

fn file(path: &Path, mode: u32) -> PathBuf {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "").unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    path.to_owned()
}

/// A machine: a directory, and variables that point into it.
struct Machine {
    root: tempfile::TempDir,
    variables: HashMap<&'static str, OsString>,
}

impl Machine {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let variables = HashMap::from([
            ("HOME", root.path().join("home").into_os_string()),
            ("PATH", root.path().join("bin").into_os_string()),
        ]);
        Machine { root, variables }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    fn find(&self, option: Option<&Path>) -> Result<FoundRuntime> {
        find(option, &|name| self.variables.get(name).cloned(), LINUX)
    }
}

#[test]
fn the_order_is_option_then_variable_then_path_then_installed() {
    let mut machine = Machine::new();
    let installed = file(
        &machine.path("home/.local/share/codriver/runtime/node_modules/@github/copilot-linux-x64/copilot"),
        0o755,
    );
    assert_eq!(machine.find(None).unwrap().path, installed);
    assert_eq!(machine.find(None).unwrap().origin, "codriver doctor --install");

    let on_path = file(&machine.path("bin/copilot"), 0o755);
    assert_eq!(machine.find(None).unwrap().path, on_path);

    let named = file(&machine.path("named"), 0o755);
    machine.variables.insert(CLI_PATH, named.clone().into());
    assert_eq!(machine.find(None).unwrap().path, named);

    let option = file(&machine.path("option"), 0o755);
    assert_eq!(machine.find(Some(&option)).unwrap().program, option);
}

#[test]
fn what_is_named_explicitly_is_refused_rather_than_replaced() {
    let mut machine = Machine::new();
    file(&machine.path("bin/copilot"), 0o755);
    let plain = file(&machine.path("plain"), 0o644);
    let error = machine.find(Some(&plain)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RuntimeNotFound);
    assert!(error.message().contains("is not executable; `chmod +x` it; give"), "{error}");

    machine.variables.insert(CLI_PATH, machine.path("nowhere").into());
    let error = machine.find(None).unwrap_err();
    assert!(error.message().starts_with("COPILOT_CLI_PATH: "), "{error}");
    assert!(error.message().contains("does not exist; give the path of a Copilot runtime"), "{error}");

    let error = machine.find(Some(machine.root.path())).unwrap_err();
    assert!(error.message().contains("is a directory"), "{error}");
}

#[test]
fn nothing_found_says_what_was_tried_and_how_to_install() {
    let machine = Machine::new();
    file(&machine.path("bin/copilot"), 0o644);
    let error = machine.find(None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RuntimeNotFound);
    for part in [
        "codriver doctor --install",
        "COPILOT_CLI_PATH: not set",
        "bin/copilot is not executable",
        "copilot-linux-x64/copilot does not exist",
        "npm-loader.js does not exist",
    ] {
        assert!(error.message().contains(part), "{part}: {error}");
    }
}

#[test]
fn a_script_is_started_with_node_from_path() {
    let machine = Machine::new();
    let loader = file(
        &machine.path("home/.local/share/codriver/runtime/node_modules/@github/copilot/npm-loader.js"),
        0o644,
    );
    let error = machine.find(None).unwrap_err();
    assert!(error.message().contains("needs Node.js, but PATH has no `node`"), "{error}");

    let node = file(&machine.path("bin/node"), 0o755);
    let found = machine.find(None).unwrap();
    assert_eq!((found.program, found.prefix_args), (node, vec![loader.into_os_string()]));
}

#[test]
fn a_bare_name_is_looked_up_on_path() {
    let machine = Machine::new();
    let program = file(&machine.path("bin/my-runtime"), 0o755);
    assert_eq!(machine.find(Some(Path::new("my-runtime"))).unwrap().program, program);
    let error = machine.find(Some(Path::new("no-such-runtime"))).unwrap_err();
    assert!(error.message().contains("neither a file nor on PATH"), "{error}");
}

#[test]
fn the_install_directory_is_the_platforms_data_directory() {
    let variable = |name: &str| match name {
        "HOME" => Some(OsString::from("/home/a")),
        "XDG_DATA_HOME" => Some(OsString::from("/data")),
        _ => None,
    };
    let dir = |platform| install_dir(&variable, platform).unwrap();
    assert_eq!(dir(LINUX), Path::new("/data/codriver/runtime"));
    let mac = Platform { os: "darwin", arch: "arm64" };
    assert_eq!(dir(mac), Path::new("/home/a/Library/Application Support/codriver/runtime"));
    assert_eq!(install_dir(&|_| None, LINUX), None);
}
