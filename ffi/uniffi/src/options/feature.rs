//! The small option objects of a session.

use std::collections::HashMap;

use super::record::records;
use super::text::{Json, Secret};

records! {
    /// An agent the model may hand work to (wire: an element of `customAgents`).
    CustomAgent {
        needed {
            /// Name, unique in the session.
            name: String,
            /// Its instructions.
            prompt: String,
        }
        maybe {
            /// Name for people.
            display_name: String,
            /// What it is good for; the model chooses by it.
            description: String,
            /// Tools it may use; default: all.
            tools: Vec<String>,
            /// MCP servers of its own, by name.
            mcp_servers: HashMap<String, McpServer>,
            /// Whether the model may choose it by itself; the runtime's default is true.
            infer: bool,
            /// Skills loaded into its context.
            skills: Vec<String>,
            /// Its model; default: the session's.
            model: String,
            /// Its reasoning effort; default: the session's.
            reasoning_effort: String,
        }
    }

    /// The default agent (wire: `defaultAgent`).
    DefaultAgent {
        needed {}
        maybe {
            /// Tools it may not use, while custom agents may.
            excluded_tools: Vec<String>,
        }
    }

    /// Makes a session run in the cloud (wire: `cloud`). Its id comes from the server, and options that are
    /// about this process do not go on the wire.
    CloudOptions {
        needed {}
        maybe {
            /// The repository it works on.
            repository: CloudRepository,
        }
    }

    /// A repository on the server (wire: `cloud.repository`).
    CloudRepository {
        needed {
            /// User or organisation.
            owner: String,
            /// Name without the owner.
            name: String,
        }
        maybe {
            /// Branch; default: the repository's default branch.
            branch: String,
        }
    }

    /// Tool search: the model looks tools up instead of being given all of them (wire: `toolSearch`).
    ToolSearch {
        needed {}
        maybe {
            /// Whether it is on.
            enabled: bool,
            /// From how many tools on it hides them.
            defer_threshold: u64,
        }
    }

    /// Compaction in the background, so that a session never runs out of context (wire: `infiniteSessions`).
    InfiniteSessions {
        needed {}
        maybe {
            /// Whether it is on; the runtime's default is true.
            enabled: bool,
            /// Share of the context window, 0 to 1, from which it compacts in the background.
            background_compaction_threshold: f64,
            /// Share of the context window, 0 to 1, from which the turn waits for the compaction.
            buffer_exhaustion_threshold: f64,
        }
    }

    /// The runtime's memory across sessions (wire: `memory`).
    Memory {
        needed {}
        maybe {
            /// Whether it is on.
            enabled: bool,
        }
    }

    /// Tool results that are written to a file instead of the context (wire: `largeOutput`).
    LargeOutput {
        needed {}
        maybe {
            /// Whether it is on.
            enabled: bool,
            /// From how many bytes on.
            max_size_bytes: u64,
            /// The directory they go to.
            output_dir: String,
        }
    }

    /// What a session may use up (wire: `sessionLimits`).
    SessionLimits {
        needed {}
        maybe {
            /// Most AI credits; above 0. Runtimes 1.0.85 and 1.0.102 want at least 30.
            max_ai_credits: f64,
        }
    }

    /// A canvas that this client can show (wire: an element of `canvases`).
    Canvas {
        needed {
            /// Id, unique in the session.
            id: String,
            /// Name for people.
            display_name: String,
            /// One sentence for the model.
            description: String,
        }
        maybe {
            /// JSON schema of what it is opened with.
            input_schema: Json,
            /// What can be done on an open one.
            actions: Vec<CanvasAction>,
        }
    }

    /// What can be done on an open canvas (wire: an element of `canvases[].actions`).
    CanvasAction {
        needed {
            /// Name, unique in the canvas.
            name: String,
        }
        maybe {
            /// One sentence for the model.
            description: String,
            /// JSON schema of its input.
            input_schema: Json,
        }
    }

    /// Who provides the canvases (wire: `canvasProvider`).
    CanvasProvider {
        needed {
            /// Stable id.
            id: String,
        }
        maybe {
            /// Name for people.
            name: String,
        }
    }

    /// Which extension this client is (wire: `extensionInfo`).
    ExtensionInfo {
        needed {
            /// Where it comes from.
            source: String,
            /// Its name.
            name: String,
        }
        maybe {}
    }

    /// Tools of the built-in GitHub MCP server (wire: `githubMcpToolConfig`).
    GithubMcpTools {
        needed {}
        maybe {
            /// Whether all of them are there.
            enable_all_tools: bool,
            /// Tool sets beside the default ones.
            additional_toolsets: Vec<String>,
            /// Tools beside the default ones.
            additional_tools: Vec<String>,
            /// Whether previews are there.
            enable_insiders_mode: bool,
            /// Whether forms are shown at once.
            disable_form_deferral: bool,
        }
    }

    /// The sandbox of shell commands (wire: `sandboxConfig`).
    Sandbox {
        needed {}
        maybe {
            /// Whether it is on.
            enabled: bool,
            /// What people allowed beyond the base policy; as the runtime's schema `SandboxConfigUserPolicy`
            /// has it.
            user_policy: Json,
            /// Whether the working directory may be written; the runtime's default is true.
            add_current_working_directory: bool,
            /// Whether MCP servers are in it too; the runtime's default is true.
            sandbox_mcp_servers: bool,
            /// Whether language servers are in it too; the runtime's default is true.
            sandbox_lsp_servers: bool,
            /// Whether the model may ask to run a command outside of it.
            allow_bypass: bool,
            /// Whether the tool directories found on PATH may be read.
            allow_dev_tool_access: bool,
        }
    }

    /// Policy of the host (wire: `managedSettings`); it can only narrow, and is never stored.
    ManagedSettings {
        needed {}
        maybe {
            /// Permission rules.
            permissions: ManagedPermissions,
        }
    }

    /// Permission rules of the host (wire: `managedSettings.permissions`).
    ManagedPermissions {
        needed {}
        maybe {
            /// `disable` forbids the allow-all modes, `allow-auto-only` leaves the advisory one.
            disable_bypass_permissions_mode: String,
            /// Rules of what is never allowed; first in rank.
            deny: Vec<String>,
            /// Rules of what a person must allow.
            ask: Vec<String>,
            /// Rules of what is allowed.
            allow: Vec<String>,
        }
    }

    /// A plugin of a session (wire: an element of `installedPlugins`; these names are snake_case there).
    InstalledPlugin {
        needed {
            /// Name.
            name: String,
            /// Marketplace it came from; empty for a direct install.
            marketplace: String,
            /// When it was installed, ISO 8601.
            installed_at: String as "installed_at",
            /// Whether it is on.
            enabled: bool,
        }
        maybe {
            /// Version.
            version: String,
            /// The directory it lies in.
            cache_path: String as "cache_path",
            /// Where a direct install came from; as the runtime's schema `SessionInstalledPluginSource` has it.
            source: Json,
        }
    }

    /// The system message (wire: `systemMessage`).
    SystemMessage {
        needed {}
        maybe {
            /// What happens to the runtime's own; the runtime's default is `append`: `append`, `replace`,
            /// `customize`.
            mode: String,
            /// The text that is appended or replaces it.
            content: String,
            /// Sections by id (`identity`, `tone`, `guidelines`, `environment_context` …); needs the mode
            /// `customize`.
            sections: HashMap<String, SystemMessageSection>,
        }
    }

    /// A change of one section (wire: a value of `systemMessage.sections`).
    SystemMessageSection {
        needed {}
        maybe {
            /// What happens to it: `replace`, `remove`, `append`, `prepend`, `transform`.
            action: String,
            /// The text for `replace`, `append` and `prepend`.
            content: String,
        }
    }

    /// An MCP server: a child process with `command`, or one reached over HTTP with `url`.
    McpServer {
        needed {}
        maybe {
            /// `stdio`, `http` or `sse`; without it, `command` or `url` decides.
            kind: String as "type",
            /// The program.
            command: String,
            /// Its arguments.
            args: Vec<String>,
            /// Its working directory; default: the session's.
            cwd: String,
            /// Its environment; values are sent literally (`envValueMode: direct`).
            env: HashMap<String, Secret>,
            /// Tools to take; default: all.
            tools: Vec<String>,
            /// Deadline of discovery and calls, in milliseconds.
            timeout_ms: u64 as "timeout",
            /// An absolute `http` or `https` URL.
            url: String,
            /// Headers of every request.
            headers: HashMap<String, Secret>,
            /// Client id where an OAuth client is registered already.
            oauth_client_id: String,
            /// Whether that client has no secret.
            oauth_public_client: bool,
            /// `authorization_code` or `client_credentials`.
            oauth_grant_type: String,
        }
    }
}
