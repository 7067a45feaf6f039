//! How much of its surroundings a client's sessions take in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::feature::Memory;
use super::mcp::Storage;
use super::session::SessionConfig;
use super::system_message::{SectionAction, SystemMessage, SystemMessageMode, SystemMessageSection};

/// How much of its surroundings a client's sessions take in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ClientMode {
    /// What the `copilot` command line takes in: configuration, git, skills, memory.
    #[default]
    #[serde(alias = "copilot-cli", alias = "default")]
    Copilot,
    /// Nothing but what a config names; for servers with many users.
    ///
    /// It changes defaults and overrides nothing: a session that sets an option itself gets it. It needs
    /// `base_directory` or `session_fs`, so that users' sessions do not end up in the home of whoever runs the server.
    Empty,
}

impl SessionConfig {
    /// The config with what the mode says where nothing was said.
    pub(super) fn with_mode_defaults(&self, mode: ClientMode) -> Self {
        let mut config = self.clone();
        if mode != ClientMode::Empty {
            return config;
        }
        let off = [
            &mut config.enable_session_telemetry,
            &mut config.enable_config_discovery,
            &mut config.enable_file_hooks,
            &mut config.enable_host_git_operations,
            &mut config.enable_on_demand_instruction_discovery,
            &mut config.enable_session_store,
            &mut config.enable_skills,
            &mut config.is_experimental_mode,
            &mut config.coauthor_enabled,
            &mut config.manage_schedule_enabled,
        ];
        for option in off {
            option.get_or_insert(false);
        }
        let on = [
            &mut config.skip_embedding_retrieval,
            &mut config.skip_custom_instructions,
            &mut config.custom_agents_local_only,
        ];
        for option in on {
            option.get_or_insert(true);
        }
        config.memory.get_or_insert_with(|| Memory::new().enabled(false));
        config.mcp_oauth_token_storage.get_or_insert(Storage::InMemory);
        config.embedding_cache_storage.get_or_insert(Storage::InMemory);
        config.installed_plugins.get_or_insert_default();
        // Built-in tools reach the host's files and shell; what the config declares was meant.
        config.available_tools.get_or_insert_with(|| self.declared_tools());
        config.system_message = without_environment(self.system_message.clone());
        config
    }

    fn declared_tools(&self) -> Vec<String> {
        let mut tools: Vec<String> = self.tools.iter().map(|tool| tool.name.clone()).collect();
        let has_servers = |servers: &Option<BTreeMap<_, _>>| servers.as_ref().is_some_and(|s| !s.is_empty());
        if has_servers(&self.mcp_servers)
            || self.custom_agents.iter().flatten().any(|a| has_servers(&a.mcp_servers))
        {
            tools.push("mcp:*".into());
        }
        tools
    }
}

/// The section `environment_context` tells the model about the host; it goes unless the config speaks of it.
fn without_environment(message: Option<SystemMessage>) -> Option<SystemMessage> {
    const SECTION: &str = "environment_context";
    let message = message.unwrap_or_default();
    let spoken_of = message.sections.as_ref().is_some_and(|sections| sections.contains_key(SECTION));
    match message.mode {
        None | Some(SystemMessageMode::Append | SystemMessageMode::Customize) if !spoken_of => {
            Some(message.section(SECTION, SystemMessageSection::new().action(SectionAction::Remove)))
        }
        _ => Some(message),
    }
}
