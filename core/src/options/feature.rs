//! The small option objects of a session, one per feature of the runtime.

use serde_json::Value;

use super::choice::choices;
use super::invalid::{invalid, not_blank, unique};
use super::record::record;
use crate::error::Result;

choices! {
    /// Whether a session can be watched and steered from elsewhere (wire: `remoteSession`).
    pub enum RemoteSession {
        /// No.
        Off = "off",
        /// Watched.
        Export = "export",
        /// Watched and steered.
        On = "on",
    }
}

record! {
    /// Tool search: the model looks tools up instead of being given all of them (wire: `toolSearch`).
    pub struct ToolSearch {
        /// Whether it is on.
        is enabled: bool;
        /// From how many tools on it hides them.
        is defer_threshold: u64;
    }

    /// Compaction in the background, so that a session never runs out of context (wire: `infiniteSessions`).
    pub struct InfiniteSessions {
        /// Whether it is on; the runtime's default is true.
        is enabled: bool;
        /// Share of the context window, 0 to 1, from which it compacts in the background.
        is background_compaction_threshold: f64;
        /// Share of the context window, 0 to 1, from which the turn waits for the compaction.
        is buffer_exhaustion_threshold: f64;
    }

    /// The runtime's memory across sessions (wire: `memory`).
    pub struct Memory {
        /// Whether it is on.
        is enabled: bool;
    }

    /// Tool results that are written to a file instead of the context (wire: `largeOutput`).
    pub struct LargeOutput {
        /// Whether it is on.
        is enabled: bool;
        /// From how many bytes on.
        is max_size_bytes: u64;
        /// The directory they go to.
        into output_dir: String;
    }

    /// What a session may use up (wire: `sessionLimits`).
    pub struct SessionLimits {
        /// Most AI credits; above 0. Runtimes 1.0.85 and 1.0.102 want at least 30.
        is max_ai_credits: f64;
    }

    /// A slash command (wire: an element of `commands`).
    pub struct Command new(
        /// Name without the slash, unique in the session.
        name: String,
        /// What it does, for people.
        description: String,
    ) {}

    /// A canvas that this client can show (wire: an element of `canvases`).
    pub struct Canvas new(
        /// Id, unique in the session.
        id: String,
        /// Name for people.
        display_name: String,
        /// One sentence for the model.
        description: String,
    ) {
        /// JSON schema of what it is opened with.
        is input_schema: Value;
        /// What can be done on an open one.
        list actions: CanvasAction;
    }

    /// What can be done on an open canvas (wire: an element of `canvases[].actions`).
    pub struct CanvasAction new(
        /// Name, unique in the canvas.
        name: String,
    ) {
        /// One sentence for the model.
        into description: String;
        /// JSON schema of its input.
        is input_schema: Value;
    }

    /// Who provides the canvases (wire: `canvasProvider`).
    pub struct CanvasProvider new(
        /// Stable id.
        id: String,
    ) {
        /// Name for people.
        into name: String;
    }

    /// Which extension this client is (wire: `extensionInfo`).
    pub struct ExtensionInfo new(
        /// Where it comes from.
        source: String,
        /// Its name.
        name: String,
    ) {}

    /// Tools of the built-in GitHub MCP server (wire: `githubMcpToolConfig`).
    pub struct GithubMcpTools {
        /// Whether all of them are there.
        is enable_all_tools: bool;
        /// Tool sets beside the default ones.
        list additional_toolsets: String;
        /// Tools beside the default ones.
        list additional_tools: String;
        /// Whether previews are there.
        is enable_insiders_mode: bool;
        /// Whether forms are shown at once.
        is disable_form_deferral: bool;
    }

    /// The sandbox of shell commands (wire: `sandboxConfig`).
    pub struct Sandbox {
        /// Whether it is on.
        is enabled: bool;
        /// What people allowed beyond the base policy; as the runtime's schema `SandboxConfigUserPolicy` has it.
        is user_policy: Value;
        /// Whether the working directory may be written; the runtime's default is true.
        is add_current_working_directory: bool;
        /// Whether MCP servers are in it too; the runtime's default is true.
        is sandbox_mcp_servers: bool;
        /// Whether language servers are in it too; the runtime's default is true.
        is sandbox_lsp_servers: bool;
        /// Whether the model may ask to run a command outside of it.
        is allow_bypass: bool;
        /// Whether the tool directories found on PATH may be read.
        is allow_dev_tool_access: bool;
    }

    /// Policy of the host (wire: `managedSettings`); it can only narrow, and is never stored.
    pub struct ManagedSettings {
        /// Permission rules.
        is permissions: ManagedPermissions;
    }

    /// Permission rules of the host (wire: `managedSettings.permissions`).
    pub struct ManagedPermissions {
        /// `disable` forbids the allow-all modes, `allow-auto-only` leaves the advisory one.
        into disable_bypass_permissions_mode: String;
        /// Rules of what is never allowed; first in rank.
        list deny: String;
        /// Rules of what a person must allow.
        list ask: String;
        /// Rules of what is allowed.
        list allow: String;
    }

    /// A plugin of a session (wire: an element of `installedPlugins`; these names are snake_case there).
    pub struct InstalledPlugin new(
        /// Name.
        name: String,
        /// Marketplace it came from; empty for a direct install.
        marketplace: String,
        /// When it was installed, ISO 8601.
        #[serde(rename = "installed_at")]
        installed_at: String,
        /// Whether it is on.
        enabled: bool,
    ) {
        /// Version.
        into version: String;
        /// The directory it lies in.
        #[serde(rename = "cache_path")]
        into cache_path: String;
        /// Where a direct install came from; as the runtime's schema `SessionInstalledPluginSource` has it.
        is source: Value;
    }
}

impl InfiniteSessions {
    pub(super) fn check(&self) -> Result<()> {
        let share = |name: &str, value: Option<f64>| match value {
            Some(value) if !(0.0..=1.0).contains(&value) => Err(invalid(
                format!("infiniteSessions.{name}"),
                format!("{value} is not a share of the context window; give a number from 0 to 1"),
            )),
            _ => Ok(()),
        };
        let (background, exhaustion) =
            (self.background_compaction_threshold, self.buffer_exhaustion_threshold);
        share("backgroundCompactionThreshold", background)?;
        share("bufferExhaustionThreshold", exhaustion)?;
        if background.zip(exhaustion).is_some_and(|(background, exhaustion)| background > exhaustion) {
            return Err(invalid(
                "infiniteSessions.backgroundCompactionThreshold",
                "must not be above bufferExhaustionThreshold, or turns wait for a compaction that has not begun",
            ));
        }
        Ok(())
    }
}

impl SessionLimits {
    pub(super) fn check(&self) -> Result<()> {
        match self.max_ai_credits {
            Some(credits) if !(credits.is_finite() && credits > 0.0) => Err(invalid(
                "sessionLimits.maxAiCredits",
                format!("{credits} is not a limit; give a number above 0, or leave it out for none"),
            )),
            _ => Ok(()),
        }
    }
}

impl LargeOutput {
    pub(super) fn check(&self) -> Result<()> {
        if self.max_size_bytes == Some(0) {
            return Err(invalid(
                "largeOutput.maxSizeBytes",
                "must be at least 1; to turn it off use `enabled: false`",
            ));
        }
        self.output_dir.as_deref().map_or(Ok(()), |dir| not_blank("largeOutput.outputDir", dir))
    }
}

pub(super) fn check_commands(commands: &[Command]) -> Result<()> {
    unique("commands", "name", commands.iter().map(|c| c.name.as_str()), "command")?;
    let odd = |c: char| c.is_whitespace() || c == '/';
    match commands.iter().position(|c| c.name.contains(odd)) {
        Some(i) => Err(invalid(
            format!("commands[{i}].name"),
            "must be one word without a slash: people type `/name arguments`",
        )),
        None => Ok(()),
    }
}

pub(super) fn check_canvases(canvases: &[Canvas]) -> Result<()> {
    unique("canvases", "id", canvases.iter().map(|c| c.id.as_str()), "canvas")
}
