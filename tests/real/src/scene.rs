//! What each test has for itself: a runtime of one version with its own home and working directory, and a scripted model.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use codriver::options::ProviderConfig;
use codriver::{Client, ClientOptions, Session, SessionConfig};
use model_stub::{ModelStub, Script};
use serde_json::Value;
use tempfile::TempDir;

use crate::processes::{self, Found};
use crate::runtimes;

/// How long a turn may take, also on a machine that is busy with other things.
pub const TURN: Duration = Duration::from_secs(60);
/// How long what was ended may take to be gone.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// No test may take longer.
const AT_MOST: Duration = Duration::from_secs(180);

/// Everything one test needs.
#[derive(Debug)]
pub struct Scene {
    version: &'static str,
    program: PathBuf,
    root: TempDir,
    /// The model of [`Scene::config`]; it follows the directives in its prompts.
    pub model: ModelStub,
    clients: Mutex<Vec<Client>>,
    /// Runtimes that were started, to look for what watches over them.
    runtimes: Mutex<Vec<u32>>,
}

/// Plays a test: then stops its clients, which must go well, and looks for processes left over.
pub async fn play(version: &'static str, test: impl AsyncFnOnce(&Scene)) {
    let scene = Scene::new(version);
    let played = tokio::time::timeout(AT_MOST, test(&scene)).await;
    assert!(played.is_ok(), "the test did not end within {AT_MOST:?}");
    scene.end().await;
}

impl Scene {
    fn new(version: &'static str) -> Self {
        let program = runtimes::program(version);
        let root =
            tempfile::Builder::new().prefix("codriver-real-").tempdir().expect("a temporary directory");
        let scene = Scene {
            version,
            program,
            root,
            model: ModelStub::start(Script::directives()).expect("the model starts"),
            clients: Mutex::default(),
            runtimes: Mutex::default(),
        };
        for directory in [scene.home(), scene.work()] {
            std::fs::create_dir(directory).expect("a directory of the scene");
        }
        scene
    }

    /// The runtime's version.
    pub fn version(&self) -> &'static str {
        self.version
    }

    /// Whether this is 1.0.57, which lacks much of what came later.
    pub fn is_oldest(&self) -> bool {
        self.version == "1.0.57"
    }

    /// The runtime's program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The directory that holds all the others.
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// The runtime's own directory.
    pub fn home(&self) -> PathBuf {
        self.root().join("home")
    }

    /// The working directory of sessions.
    pub fn work(&self) -> PathBuf {
        self.root().join("work")
    }

    /// Options of a client of this scene's runtime, in this scene's directories and with nobody's login.
    pub fn options(&self) -> ClientOptions {
        ClientOptions::new()
            .cli_path(self.program())
            .cwd(self.work())
            .base_directory(self.home())
            .use_logged_in_user(false)
            .env_remove(["GH_TOKEN", "GITHUB_TOKEN", "COPILOT_GITHUB_TOKEN"])
            .env("NO_PROXY", "127.0.0.1")
    }

    /// A session with the scripted model, streaming.
    pub fn config(&self) -> SessionConfig {
        self.config_with(&self.model)
    }

    /// A session with this model.
    pub fn config_with(&self, model: &ModelStub) -> SessionConfig {
        let provider = ProviderConfig::new(model.base_url())
            .provider_type("openai")
            .wire_api("completions")
            .api_key("none");
        SessionConfig::new()
            .model("stub")
            .provider(provider)
            .streaming(true)
            .working_directory(self.work().to_string_lossy())
    }

    /// A client that the scene stops in the end.
    pub async fn client(&self) -> Client {
        self.start(self.options()).await
    }

    /// A client with these options that the scene stops in the end.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(&self, options: ClientOptions) -> Client {
        let client = Client::start(options).await.expect("the client starts");
        self.watch(&client);
        lock(&self.clients).push(client.clone());
        client
    }

    /// Remembers the client's runtime, to look for what is left of it in the end.
    pub fn watch(&self, client: &Client) {
        lock(&self.runtimes).extend(client.runtime_pid());
    }

    /// Processes of this scene's runtimes, and of what watches over them.
    pub fn processes(&self) -> Vec<Found> {
        let mut found = processes::belonging_to(self.root());
        for pid in lock(&self.runtimes).iter() {
            found.extend(processes::mentioning(&format!("kill -9 -{pid};")));
        }
        found
    }

    /// Waits until no process of this scene runs.
    ///
    /// # Panics
    /// When one still does.
    pub async fn wait_until_nothing_runs(&self) {
        processes::wait_until_none(PATIENCE, || self.processes()).await;
    }

    /// Sends a prompt, and gives what the assistant said.
    ///
    /// # Panics
    /// When the turn fails or says nothing.
    pub async fn say(&self, session: &Session, prompt: &str) -> String {
        let turn = session.send_and_wait(prompt, TURN).await.expect("the turn ends well");
        turn.content.expect("the assistant says something")
    }

    /// Waits until the model is offered a tool: those of MCP servers come when their server is up.
    ///
    /// # Panics
    /// When it never is.
    pub async fn wait_for_tool(&self, session: &Session, name: &str) {
        for _ in 0..60 {
            if self.say(session, "LIST_TOOLS").await.contains(name) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        panic!("the model was never offered `{name}`");
    }

    /// Waits until the runtime has written what holds `text` into the session's event log.
    ///
    /// # Panics
    /// When it never does.
    pub async fn wait_until_stored(&self, session: &Session, text: &str) {
        let log = self.home().join("session-state").join(session.id()).join("events.jsonl");
        for _ in 0..300 {
            if std::fs::read_to_string(&log).is_ok_and(|events| events.contains(text)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("`{text}` never came into {}", log.display());
    }

    async fn end(self) {
        let clients = std::mem::take(&mut *lock(&self.clients));
        for client in clients {
            let errors = client.stop().await;
            assert!(errors.is_empty(), "stopping: {errors:?}");
        }
        self.wait_until_nothing_runs().await;
    }
}

/// The line of a prompt that makes the scripted model call a tool.
pub fn tool(name: &str, arguments: Value) -> String {
    format!("TOOL {name} {arguments}")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
