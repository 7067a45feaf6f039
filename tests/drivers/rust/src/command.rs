//! The commands of the contract.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A line of the runner.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    #[serde(default)]
    pub(crate) id: u64,
    #[serde(flatten)]
    pub(crate) command: Command,
}

/// What to do, and with what.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(crate) enum Command {
    Start(Start),
    CreateSession {
        session: String,
        #[serde(default)]
        config: Value,
        #[serde(default)]
        handlers: Handlers,
    },
    ResumeSession {
        session: String,
        session_id: String,
        #[serde(default)]
        config: Value,
        #[serde(default)]
        handlers: Handlers,
    },
    Send {
        session: String,
        prompt: String,
    },
    SendAndWait {
        session: String,
        prompt: String,
        timeout_ms: Option<u64>,
    },
    WaitReady {
        session: String,
    },
    Abort {
        session: String,
    },
    Disconnect {
        session: String,
    },
    /// Of an open session by its name, or of a stored one by its id.
    GetEvents {
        session: String,
    },
    SetModel {
        session: String,
        model: String,
    },
    Subscribe {
        session: String,
        from_seq: Option<u64>,
    },
    ListSessions {
        filter: Option<Value>,
    },
    GetMetadata {
        session_id: String,
    },
    DeleteSession {
        session_id: String,
    },
    LastSessionId,
    Ping {
        message: Option<String>,
    },
    Rpc {
        session: Option<String>,
        method: String,
        #[serde(default)]
        params: Value,
    },
    Counters {
        session: Option<String>,
    },
    Cancel {
        target: u64,
    },
    Stop,
    ForceStop,
    Exit,
}

/// Which runtime, and with which options. Two equal ones mean the same client.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Start {
    pub(crate) runtime: Runtime,
    pub(crate) session_fs: Option<SessionFs>,
    #[serde(default)]
    pub(crate) options: Value,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Runtime {
    Stdio {
        path: String,
        #[serde(default)]
        args: Vec<String>,
        #[serde(default)]
        env: BTreeMap<String, String>,
    },
    Tcp {
        host: String,
        port: u16,
        token: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct SessionFs {
    pub(crate) store: String,
    pub(crate) initial_cwd: String,
    pub(crate) state_path: String,
    pub(crate) conventions: Value,
    #[serde(default)]
    pub(crate) sqlite: bool,
    #[serde(default)]
    pub(crate) binary: bool,
}

/// How the handlers of a session behave.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Handlers {
    pub(crate) on_event: Behaviour,
    pub(crate) permission: Option<Behaviour>,
    pub(crate) tools: Vec<ToolBehaviour>,
    pub(crate) user_input: Option<Behaviour>,
    pub(crate) hooks: BTreeMap<String, Behaviour>,
    pub(crate) fs: Behaviour,
    pub(crate) elicitation: Option<Behaviour>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ToolBehaviour {
    pub(crate) name: String,
    pub(crate) behaviour: Behaviour,
}

/// A word, and what stands after its colon: `slow:20`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(crate) struct Behaviour {
    pub(crate) word: String,
    pub(crate) rest: String,
}

impl From<String> for Behaviour {
    fn from(text: String) -> Self {
        match text.split_once(':') {
            Some((word, rest)) => Behaviour { word: word.to_owned(), rest: rest.to_owned() },
            None => Behaviour { word: text, rest: String::new() },
        }
    }
}

impl Behaviour {
    /// What stands after the colon, as a time.
    pub(crate) fn delay(&self) -> std::time::Duration {
        std::time::Duration::from_millis(self.rest.parse().unwrap_or_default())
    }
}
