//! What the system tells the model: prompts and notifications.

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::Value;

use crate::protocol::tolerant::{plain_field, tolerant};

tolerant! {
    /// `system.message`: the prompt that the runtime gives the model.
    pub struct SystemMessage {
        /// The text.
        pub content: String,
        /// `system` or `developer`.
        pub role: String,
        /// Who made it.
        pub name: Option<String>,
        /// How it was made: `{promptVersion?, variables?}`, as sent.
        pub metadata: Option<Value>,
        /// Ties it to the service's telemetry.
        pub interaction_id: Option<String>,
    }

    /// `system.notification`: something happened beside the turn, and the model is told.
    pub struct SystemNotification {
        /// The words that the model gets, usually in XML tags.
        pub content: String,
        /// What happened.
        pub kind: SystemNotificationKind,
    }

    /// A background agent is done.
    pub struct AgentCompleted {
        /// The agent's task.
        pub agent_id: String,
        /// Its name for people.
        pub display_name: Option<String>,
        /// Its kind, e.g. `explore`.
        pub agent_type: String,
        /// `completed` or `failed`.
        pub status: String,
        /// What it was for.
        pub description: Option<String>,
        /// What it was asked.
        pub prompt: Option<String>,
    }

    /// A background agent waits for more to do.
    pub struct AgentIdle {
        /// The agent's task.
        pub agent_id: String,
        /// Its name for people.
        pub display_name: Option<String>,
        /// Its kind, e.g. `explore`.
        pub agent_type: String,
        /// What it is for.
        pub description: Option<String>,
    }

    /// Somebody left a message for the agent.
    pub struct NewInboxMessage {
        /// The message's id.
        pub entry_id: String,
        /// Who.
        pub sender_name: String,
        /// What kind of sender: `sidekick-agent`, `plugin`, `hook`, …
        pub sender_type: String,
        /// The message in short.
        pub summary: String,
    }

    /// A shell command in the background has ended.
    pub struct ShellCompleted {
        /// The shell.
        pub shell_id: String,
        /// Its exit code, where known.
        pub exit_code: Option<i64>,
        /// What it was for.
        pub description: Option<String>,
    }

    /// A detached shell command has ended.
    pub struct ShellDetachedCompleted {
        /// The shell.
        pub shell_id: String,
        /// What it was for.
        pub description: Option<String>,
    }

    /// A file of instructions was found on the way.
    pub struct InstructionDiscovered {
        /// The file, relative.
        pub source_path: String,
        /// The file whose reading led to it.
        pub trigger_file: String,
        /// The tool that read.
        pub trigger_tool: String,
        /// Its name for people.
        pub description: Option<String>,
    }

    /// A run of a factory has ended or paused.
    pub struct FactoryCompleted {
        /// The run.
        pub run_id: String,
        /// The factory.
        pub factory_name: String,
        /// `completed`, `halted`, `paused`, `cancelled`, `error`.
        pub status: String,
        /// Which attempt.
        pub attempt: u64,
        /// Time at work, in milliseconds.
        pub elapsed_ms: u64,
        /// What it gave, cut.
        pub result_preview: Option<String>,
    }
}

/// What a [`SystemNotification`] is about: `data.kind`, told apart by its `type`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SystemNotificationKind {
    /// `agent_completed`.
    AgentCompleted(AgentCompleted),
    /// `agent_idle`.
    AgentIdle(AgentIdle),
    /// `new_inbox_message`.
    NewInboxMessage(NewInboxMessage),
    /// `shell_completed`.
    ShellCompleted(ShellCompleted),
    /// `shell_detached_completed`.
    ShellDetachedCompleted(ShellDetachedCompleted),
    /// `instruction_discovered`.
    InstructionDiscovered(InstructionDiscovered),
    /// `factory_completed`.
    FactoryCompleted(FactoryCompleted),
    /// Any other, as sent; `null` where there is none.
    Other(Value),
}

impl Default for SystemNotificationKind {
    fn default() -> Self {
        SystemNotificationKind::Other(Value::Null)
    }
}

plain_field!(SystemNotificationKind);

impl<'de> Deserialize<'de> for SystemNotificationKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let kind = value["type"].as_str().unwrap_or_default();
        match kind {
            "agent_completed" => serde_json::from_value(value).map(Self::AgentCompleted),
            "agent_idle" => serde_json::from_value(value).map(Self::AgentIdle),
            "new_inbox_message" => serde_json::from_value(value).map(Self::NewInboxMessage),
            "shell_completed" => serde_json::from_value(value).map(Self::ShellCompleted),
            "shell_detached_completed" => serde_json::from_value(value).map(Self::ShellDetachedCompleted),
            "instruction_discovered" => serde_json::from_value(value).map(Self::InstructionDiscovered),
            "factory_completed" => serde_json::from_value(value).map(Self::FactoryCompleted),
            _ => Ok(Self::Other(value)),
        }
        .map_err(D::Error::custom)
    }
}
