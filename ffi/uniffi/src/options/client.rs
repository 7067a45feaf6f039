//! The options of a client: each is the core's of the same name.

use std::collections::HashMap;

use serde::Serialize;

use super::record::records;
use super::text::Secret;

/// How the runtime is reached.
#[derive(Debug, Clone, PartialEq, Serialize, uniffi::Enum)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Transport {
    /// A child of ours, over its stdin and stdout.
    Stdio,
    /// A child of ours, over TCP on loopback.
    Tcp {
        /// Port; 0: any.
        port: u16,
    },
    /// A runtime somebody else started and will end.
    External {
        /// Host name or address.
        host: String,
        /// Port.
        port: u16,
        /// Connection token, where the runtime was started with one.
        #[serde(skip_serializing_if = "Option::is_none")]
        token: Option<Secret>,
    },
    /// The runtime that started this process as an extension, over our own stdin and stdout.
    Parent,
}

records! {
    /// The options of a client; none of them is needed.
    ClientOptions {
        needed {}
        maybe {
            /// How the runtime is reached; default: a child over stdio.
            transport: Transport,
            /// The runtime's program; default: `COPILOT_CLI_PATH`, `copilot` on PATH, what `codriver doctor --install` installed.
            cli_path: String,
            /// Arguments before our own, e.g. a script when `cli_path` is an interpreter.
            cli_args: Vec<String>,
            /// The runtime's working directory, which must exist; default: this process's.
            cwd: String,
            /// Environment variables of the runtime, over those of this process.
            env: HashMap<String, Secret>,
            /// Environment variables that the runtime does not inherit.
            env_remove: Vec<String>,
            /// How much the runtime logs: `none`, `error`, `warning`, `info`, `debug`, `all`, `default`.
            log_level: String,
            /// The user's GitHub token; reaches the runtime in its environment, never in its arguments.
            github_token: Secret,
            /// Whether the login stored on this machine may be used; default: true, and false with `github_token`.
            use_logged_in_user: bool,
            /// Token of the connection; default for a TCP child: a random one.
            connection_token: Secret,
            /// Where the runtime keeps state, configuration and logs; default: `~/.copilot`.
            base_directory: String,
            /// After how many seconds the runtime closes an idle session; 0 or absent: never.
            session_idle_timeout_seconds: u64,
            /// Whether sessions may be steered from elsewhere.
            remote: bool,
            /// OpenTelemetry of the runtime; default: off.
            telemetry: Telemetry,
            /// How much of its surroundings sessions take in: `copilot`, `empty`.
            mode: String,
            /// Who this program is.
            client_info: ClientInfo,
            /// Directories of plugins that every session has.
            builtin_plugins: Vec<String>,
            /// Whether the runtime forwards its telemetry as notifications `gitHubTelemetry.event`.
            enable_github_telemetry_forwarding: bool as "enableGitHubTelemetryForwarding",
            /// Session state in a store of one's own; default: the runtime's files.
            session_fs: SessionFsOptions,
            /// Bounds and deadlines.
            limits: Limits,
            /// Threads Codriver has for its own work; counts for the first client of a process.
            threads: u32,
        }
    }

    /// Who a program is, for the runtime's telemetry.
    ClientInfo {
        needed {
            /// The program.
            name: String,
        }
        maybe {
            /// Its version.
            version: String,
        }
    }

    /// OpenTelemetry of the runtime; that it is there turns it on.
    Telemetry {
        needed {}
        maybe {
            /// OTLP endpoint, an `http` or `https` URL.
            otlp_endpoint: String,
            /// `http/json` or `http/protobuf`.
            otlp_protocol: String,
            /// File for the file exporter.
            file_path: String,
            /// `otlp-http` or `file`.
            exporter_type: String,
            /// Name of the instrumentation scope.
            source_name: String,
            /// Whether prompts and answers are recorded.
            capture_content: bool,
        }
    }

    /// Session state in a store of one's own.
    SessionFsOptions {
        needed {
            /// A URL (`memory:`, `dir:PATH`, `sqlite:PATH`), or `foreign` for the files of the client.
            store: String,
            /// Working directory of sessions, an absolute path.
            initial_cwd: String,
            /// Where the runtime keeps a session's state in the session's store, an absolute path, e.g. `/state`.
            state_path: String,
        }
        maybe {
            /// How paths look: `posix`, `windows`.
            conventions: String,
            /// Whether stores read and write bytes.
            binary: bool,
            /// Whether SQL is answered.
            sqlite: bool,
            /// Where the files of a session's working directory are: `disk`, `none`; default: on the disk.
            workspace: String,
            /// Where everything else is: `disk`, `none`; default: on the disk if the workspace is and the runtime is ours.
            rest: String,
            /// Whether a session's small files are kept in memory while it is open; default: where the store is far away.
            cache: bool,
        }
    }

    /// Bounds and deadlines; what is absent has its default.
    Limits {
        needed {}
        maybe {
            /// Largest frame taken from the runtime; default: 64 MiB + 64 KiB.
            max_frame_bytes: u64,
            /// Bytes of undelivered events a session holds before deltas are merged; default: 64 MiB.
            event_queue_max_bytes: u64,
            /// Bytes of delivered events a session holds for late subscribers; default: 64 KiB.
            replay_max_bytes: u64,
            /// Parked messages an unknown session id may have; default: 1,024.
            parking_max_items: u64,
            /// Parked bytes an unknown session id may have; default: 4 MiB.
            parking_max_bytes: u64,
            /// Unknown session ids that may have parked messages; default: 64.
            parking_max_ids: u64,
            /// How long a message is parked; default: 120 s.
            parking_timeout_ms: u64,
            /// How long a filesystem call may take; default: 30 s.
            fs_deadline_ms: u64,
            /// How long a handler may take; default: as long as it likes.
            handler_deadline_ms: u64,
            /// How long starting and connecting may take; default: 60 s.
            start_timeout_ms: u64,
            /// How long each step of stopping may take; default: 10 s.
            stop_timeout_ms: u64,
            /// How long a prompt waits for a cloud session's worker; default: 120 s.
            cloud_ready_timeout_ms: u64,
            /// How long a call of the runtime may take; default: until it answers or is gone.
            request_timeout_ms: u64,
        }
    }
}
