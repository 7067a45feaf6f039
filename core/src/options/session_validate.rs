//! What is wrong with a session config, found before a byte is sent. Each message names the field and the way out.

use super::agent::check_agents;
use super::feature::{check_canvases, check_commands};
use super::invalid::{invalid, not_blank, required, unique};
use super::mcp::check_mcp_servers;
use super::provider::{check_models, check_providers};
use super::session::SessionConfig;
use super::session_table::Scope;
use super::session_wire::Purpose;
use super::system_message::{SectionAction, SystemMessageMode};
use crate::error::{Error, ErrorKind, Result};
use crate::session::tool::Tool;

/// Agents that runtimes up to 1.0.102 bring along.
const BUILTIN_AGENTS: &[&str] =
    &["code-review", "explore", "research", "rubber-duck", "security-review", "task"];

impl SessionConfig {
    /// Whether the config can be used for `purpose`.
    ///
    /// # Errors
    /// `INVALID_CONFIG` with the first thing that is wrong.
    pub(crate) fn validate(&self, purpose: Purpose) -> Result<()> {
        self.check_scope(purpose)?;
        self.check_texts()?;
        if let Some(id) = &self.session_id {
            check_session_id(ErrorKind::InvalidConfig, "sessionId", id)?;
        }
        if let Some(cloud) = &self.cloud {
            cloud.check()?;
        }
        self.check_tools()?;
        check_commands(self.commands.as_deref().unwrap_or_default())?;
        self.check_command_handlers()?;
        check_canvases(self.canvases.as_deref().unwrap_or_default())?;
        self.check_system_message()?;
        self.check_providers(purpose)?;
        if let Some(servers) = &self.mcp_servers {
            check_mcp_servers("mcpServers", servers)?;
        }
        check_agents(self.custom_agents.as_deref().unwrap_or_default())?;
        self.check_agent()?;
        self.infinite_sessions.as_ref().map_or(Ok(()), |sessions| sessions.check())?;
        self.session_limits.as_ref().map_or(Ok(()), |limits| limits.check())?;
        self.large_output.as_ref().map_or(Ok(()), |output| output.check())?;
        self.check_switches()
    }

    /// Options that this call does not take, and known options in disguise.
    fn check_scope(&self, purpose: Purpose) -> Result<()> {
        let unusable = |scope| match purpose {
            Purpose::Create | Purpose::Cloud => scope == Scope::Resume,
            Purpose::Resume | Purpose::Join => scope == Scope::Create,
        };
        let fields = self.fields()?;
        for option in Self::OPTIONS.iter().filter(|option| unusable(option.scope)) {
            if fields.contains_key(option.wire) {
                let way_out = match option.scope {
                    Scope::Create => "is only for creating a session; when resuming, the id is the argument",
                    _ => "is only for resuming a session; remove it",
                };
                return Err(invalid(option.wire, way_out));
            }
        }
        if purpose == Purpose::Cloud {
            let why = "cannot be used with `cloud`: the server decides it; remove one of the two";
            for name in ["sessionId", "name", "provider", "providers", "models", "managedSettings"] {
                if fields.contains_key(name) {
                    return Err(invalid(name, why));
                }
            }
        }
        match self.extra.keys().find(|key| Self::OPTIONS.iter().any(|o| o.wire == **key || o.field == **key))
        {
            Some(known) => Err(invalid(known, "is a typed option; set it there, not in `extra`")),
            None => Ok(()),
        }
    }

    /// Texts that mean nothing when empty, most often an unset environment variable.
    fn check_texts(&self) -> Result<()> {
        let texts = [
            ("model", &self.model),
            ("reasoningEffort", &self.reasoning_effort),
            ("agent", &self.agent),
            ("workingDirectory", &self.working_directory),
            ("configDir", &self.config_dir),
            ("extensionSdkPath", &self.extension_sdk_path),
        ];
        for (field, text) in texts {
            text.as_deref().map_or(Ok(()), |text| not_blank(field, text))?;
        }
        if self.github_token.as_ref().is_some_and(|token| token.is_blank()) {
            return Err(invalid("gitHubToken", "must not be empty; leave it out to use the client's login"));
        }
        let lists = [
            ("additionalDirectories", &self.additional_directories),
            ("skillDirectories", &self.skill_directories),
            ("pluginDirectories", &self.plugin_directories),
            ("instructionDirectories", &self.instruction_directories),
            ("agentDirectories", &self.agent_directories),
            ("hookDirectories", &self.hook_directories),
        ];
        for (field, list) in lists {
            if let Some(i) = list.iter().flatten().position(|path| path.trim().is_empty()) {
                return Err(invalid(format!("{field}[{i}]"), "must not be empty; remove it"));
            }
        }
        Ok(())
    }

    fn check_tools(&self) -> Result<()> {
        for (field, filter) in
            [("availableTools", &self.available_tools), ("excludedTools", &self.excluded_tools)]
        {
            for (i, name) in filter.iter().flatten().enumerate() {
                required(&format!("{field}[{i}]"), name, "a tool's name or remove it")?;
                if name.trim() == "*" {
                    return Err(invalid(
                        format!("{field}[{i}]"),
                        "there is no bare `*`; use `builtin:*`, `mcp:*` or `custom:*`, or leave the option out",
                    ));
                }
            }
        }
        unique("tools", "name", self.tools.iter().map(|t| t.name.as_str()), "tool")?;
        self.tools.iter().enumerate().try_for_each(|(i, tool)| check_tool(&format!("tools[{i}]"), tool))
    }

    /// A handler without its command would never be called.
    fn check_command_handlers(&self) -> Result<()> {
        let declared = |name: &String| self.commands.iter().flatten().any(|command| command.name == *name);
        match self.handlers.command.keys().find(|name| !declared(name)) {
            Some(name) => {
                Err(invalid("commands", format!("`{name}` has a handler and is not in the list; add it")))
            }
            None => Ok(()),
        }
    }

    fn check_system_message(&self) -> Result<()> {
        let handled = &self.handlers.system_message;
        let Some(message) = &self.system_message else {
            return match handled.keys().find(|id| id.trim().is_empty()) {
                Some(_) => {
                    Err(invalid("systemMessage.sections", "a handler has an empty id; name the section"))
                }
                None => Ok(()),
            };
        };
        message.check()?;
        if message.mode == Some(SystemMessageMode::Replace) && !handled.is_empty() {
            return Err(invalid(
                "systemMessage.mode",
                "`replace` leaves no sections for on_system_message_section; drop the handlers or use `customize`",
            ));
        }
        for (id, section) in message.sections.iter().flatten() {
            let at = format!("systemMessage.sections.{id}.action");
            let transforms = section.action == Some(SectionAction::Transform);
            if handled.contains_key(id) && !transforms {
                return Err(invalid(at, "the section also has a handler; drop the handler or the section"));
            }
            if transforms && !handled.contains_key(id) {
                return Err(invalid(at, "`transform` needs a handler; add on_system_message_section"));
            }
        }
        Ok(())
    }

    fn check_providers(&self, purpose: Purpose) -> Result<()> {
        let providers = self.providers.as_deref().unwrap_or_default();
        if let Some(provider) = &self.provider {
            if !providers.is_empty() {
                return Err(invalid(
                    "providers",
                    "cannot be used with `provider`; name that one and add it here",
                ));
            }
            provider.check("provider")?;
            if self.github_token.is_some() {
                return Err(invalid(
                    "gitHubToken",
                    "the runtime refuses it beside `provider`; remove one of the two",
                ));
            }
        }
        check_providers(providers)?;
        check_models(self.models.as_deref().unwrap_or_default(), providers)?;
        let asked = self.provider.is_some() || !providers.is_empty();
        if self.handlers.provider_token.is_some() && !asked && purpose == Purpose::Create {
            return Err(invalid("provider", "on_provider_token needs `provider` or `providers`; add one"));
        }
        Ok(())
    }

    /// `agent` must be built in or one of `customAgents`, where no other place can have agents.
    fn check_agent(&self) -> Result<()> {
        let elsewhere = self.agent_directories.is_some()
            || self.plugin_directories.is_some()
            || self.installed_plugins.is_some()
            || self.enable_config_discovery == Some(true);
        let (Some(name), Some(agents), false) = (&self.agent, &self.custom_agents, elsewhere) else {
            return Ok(());
        };
        if BUILTIN_AGENTS.contains(&name.as_str()) || agents.iter().any(|agent| agent.name == *name) {
            return Ok(());
        }
        Err(invalid("agent", format!("no entry of `customAgents` is named `{name}`; add it there")))
    }

    /// A handler and the switch that keeps it from being called.
    fn check_switches(&self) -> Result<()> {
        let handlers = &self.handlers;
        let switches = [
            ("requestPermission", self.request_permission, handlers.permission.is_some()),
            ("requestUserInput", self.request_user_input, handlers.user_input.is_some()),
            ("requestElicitation", self.request_elicitation, handlers.elicitation.is_some()),
            ("requestExitPlanMode", self.request_exit_plan_mode, handlers.exit_plan_mode.is_some()),
            ("requestAutoModeSwitch", self.request_auto_mode_switch, handlers.auto_mode_switch.is_some()),
            ("hooks", self.hooks, !handlers.hooks.is_empty()),
        ];
        match switches.iter().find(|(_, switch, handled)| *switch == Some(false) && *handled) {
            Some((name, ..)) => Err(invalid(
                name,
                "is false, but there is a handler that would never be called; drop one of the two",
            )),
            None => Ok(()),
        }
    }
}

fn check_tool(at: &str, tool: &Tool) -> Result<()> {
    // The runtime's own rule.
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !tool.name.chars().all(fits) || tool.name.len() > 128 {
        return Err(invalid(
            format!("{at}.name"),
            format!(
                "`{}` is no tool name; use up to 128 of a-z, A-Z, 0-9, _ and -",
                tool.name.escape_debug()
            ),
        ));
    }
    let Some(schema) = &tool.parameters else { return Ok(()) };
    let is_object = schema.as_object().is_some_and(|s| s.get("type").is_none_or(|t| t == "object"));
    if !is_object {
        return Err(invalid(
            format!("{at}.parameters"),
            "must be the JSON schema of an object: {\"type\": \"object\", \"properties\": {…}}",
        ));
    }
    if schema.get("properties").is_some_and(|properties| !properties.is_object()) {
        return Err(invalid(format!("{at}.parameters.properties"), "must map names to schemas"));
    }
    Ok(())
}

/// Refuses session ids that cannot be the name of a directory, which the runtime and our stores make of them.
pub(crate) fn check_session_id(kind: ErrorKind, field: &str, id: &str) -> Result<()> {
    let problem = if id.trim().is_empty() {
        "must not be empty"
    } else if id.contains(['/', '\\']) || id == "." || id == ".." {
        "must be one path component; it names a directory"
    } else if id.contains(char::is_control) || id.trim() != id {
        "must not have control characters, or whitespace around it"
    } else if id.len() > 255 {
        "must have at most 255 bytes; it names a directory"
    } else {
        return Ok(());
    };
    Err(Error::new(kind, format!("{field}: {problem}")))
}
