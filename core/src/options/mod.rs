//! The options of clients and sessions: typed, validated, and purely turned into what the runtime is told.
//!
//! Each session option is one row of the table in `session`; nested objects are records in the file of their noun.
//! `…_wire` has what goes out, `…_validate` what is refused before anything does.

mod agent;
mod choice;
mod client;
mod client_mode;
mod client_validate;
mod client_wire;
mod cloud;
mod extra;
mod feature;
mod invalid;
mod limits;
mod mcp;
mod model;
mod names;
mod provider;
mod record;
mod secret;
mod session;
mod session_builder;
mod session_fs;
mod session_json;
mod session_secrets;
mod session_table;
mod session_validate;
mod session_wire;
mod system_message;
mod telemetry;
mod transport;

pub use agent::{CustomAgent, DefaultAgent};
pub use client::{ClientInfo, ClientOptions, LogLevel};
pub use client_mode::ClientMode;
pub use cloud::{CloudOptions, CloudRepository};
pub use extra::Extra;
pub use feature::{
    Canvas, CanvasAction, CanvasProvider, Command, ExtensionInfo, GithubMcpTools, InfiniteSessions,
    InstalledPlugin, LargeOutput, ManagedPermissions, ManagedSettings, Memory, RemoteSession, Sandbox,
    SessionLimits, ToolSearch,
};
pub use limits::Limits;
pub use mcp::{McpHttp, McpServer, McpStdio, Storage};
pub use model::{
    AutoTier, CapiOptions, ContextTier, ModelCapabilities, ModelLimits, ModelSupports, ReasoningSummary,
    VisionLimits,
};
pub use provider::{
    AzureOptions, NamedProvider, ProviderConfig, ProviderModel, ProviderTransport, ProviderType, WireApi,
};
pub use secret::Secret;
pub use session::SessionConfig;
pub use session_fs::{FsSource, SessionFsFactory, SessionFsOptions};
pub use system_message::{SectionAction, SystemMessage, SystemMessageMode, SystemMessageSection};
pub use telemetry::Telemetry;
pub use transport::{Streams, Transport};

pub(crate) use session_validate::check_session_id;
pub(crate) use session_wire::{Purpose, mcp_auth_interest};

#[cfg(test)]
mod client_tests;
#[cfg(test)]
mod session_tests;
#[cfg(test)]
mod session_validate_tests;
