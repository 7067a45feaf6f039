//! What a session config becomes on the wire: pure functions, the config itself is never changed.

use serde_json::{Map, Value, json};

use super::client_mode::ClientMode;
use super::session::SessionConfig;
use super::session_table::Scope;
use super::system_message::{SectionAction, SystemMessageSection};
use crate::error::{Error, ErrorKind, Result};

/// What a config is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A new session of the runtime itself.
    Create,
    /// A new session in the cloud.
    Cloud,
    /// A stored session.
    Resume,
    /// The live session of whoever started this process.
    Join,
}

/// What a cloud create of 1.0.85 and 1.0.102 answers with "Unhandled method session.create" (PROTOCOL §6; the last
/// three seen on the wire). What the callbacks would switch on comes as events, so the handlers stay attached.
const NOT_IN_CLOUD: &[&str] = &[
    "requestPermission",
    "requestUserInput",
    "requestElicitation",
    "requestExitPlanMode",
    "requestAutoModeSwitch",
    "requestMcpApps",
    "hooks",
    "tools",
    "commands",
    "canvases",
    "canvasProvider",
    "requestCanvasRenderer",
    "toolSearch",
];

impl SessionConfig {
    /// What `create_session` makes of the config.
    pub(crate) fn creates(&self) -> Purpose {
        if self.cloud.is_some() { Purpose::Cloud } else { Purpose::Create }
    }

    /// The parameters of `session.create` for a session of the runtime itself.
    ///
    /// `requestPermission` is true also without a handler: then a request is an event that stays pending until
    /// someone answers it (PROTOCOL §5), and nothing is approved by omission (DESIGN I19).
    pub(crate) fn create_params(&self, session_id: &str, mode: ClientMode) -> Result<Map<String, Value>> {
        let mut params = self.with_mode_defaults(mode).local_params(Scope::Create)?;
        params.insert("sessionId".into(), session_id.into());
        params.entry("requestPermission").or_insert(true.into());
        Ok(params)
    }

    /// The parameters of `session.resume`; `purpose` is `Resume` or `Join`.
    ///
    /// Who joins is a guest: the event `session.resume` is suppressed, the mode's defaults stay the owner's business,
    /// and permissions are asked for only with a handler.
    pub(crate) fn resume_params(
        &self,
        session_id: &str,
        purpose: Purpose,
        mode: ClientMode,
    ) -> Result<Map<String, Value>> {
        let joining = purpose == Purpose::Join;
        let mut params = match joining {
            true => self.local_params(Scope::Resume)?,
            false => self.with_mode_defaults(mode).local_params(Scope::Resume)?,
        };
        params.insert("sessionId".into(), session_id.into());
        let asks = !joining || self.handlers.permission.is_some();
        params.entry("requestPermission").or_insert(asks.into());
        if joining {
            params.entry("disableResume").or_insert(true.into());
        }
        Ok(params)
    }

    /// The parameters of `session.create` for a session in the cloud: without an id, without what is about this
    /// process, with `clientSessionId` by which the lifecycle event is recognised (DESIGN I9).
    ///
    /// The client's mode has no say: its defaults guard this host, and the agent is not on it.
    pub(crate) fn cloud_params(&self, client_session_id: &str) -> Result<Map<String, Value>> {
        let mut params = self.params(Scope::Create)?;
        for name in NOT_IN_CLOUD {
            params.remove(*name);
        }
        // The only one of them that means something when false.
        if self.include_sub_agent_streaming_events == Some(true) {
            params.remove("includeSubAgentStreamingEvents");
        }
        // A transform is asked of this process directly, never as an event.
        if let Some(Value::Object(sections)) =
            params.get_mut("systemMessage").and_then(|m| m.get_mut("sections"))
        {
            sections.retain(|_, section| section["action"] != SectionAction::Transform.as_str());
        }
        params.insert("clientSessionId".into(), client_session_id.into());
        Ok(params)
    }

    /// The parameters of the `session.options.update` that follows create or resume, without `sessionId`; `None`:
    /// nothing to send.
    pub(crate) fn options_update_params(
        &self,
        purpose: Purpose,
        mode: ClientMode,
    ) -> Result<Option<Map<String, Value>>> {
        let all = match purpose {
            Purpose::Create | Purpose::Resume => self.with_mode_defaults(mode).fields()?,
            Purpose::Cloud | Purpose::Join => self.fields()?,
        };
        let is_update = |name: &str| Self::OPTIONS.iter().any(|o| o.wire == name && o.scope == Scope::Update);
        let update: Map<_, _> = all.into_iter().filter(|(name, _)| is_update(name)).collect();
        Ok((!update.is_empty()).then_some(update))
    }

    /// The parameters that switch our handlers on, over those of `scope`. What is set explicitly stays.
    fn local_params(&self, scope: Scope) -> Result<Map<String, Value>> {
        let handlers = &self.handlers;
        let mut params = self.with_transforms().params(scope)?;
        let switches = [
            ("requestPermission", handlers.permission.is_some()),
            ("requestUserInput", handlers.user_input.is_some()),
            ("requestElicitation", handlers.elicitation.is_some()),
            ("requestExitPlanMode", handlers.exit_plan_mode.is_some()),
            ("requestAutoModeSwitch", handlers.auto_mode_switch.is_some()),
            ("hooks", !handlers.hooks.is_empty()),
        ];
        for (name, _) in switches.iter().filter(|(_, present)| *present) {
            params.entry(*name).or_insert(true.into());
        }
        if handlers.provider_token.is_some() {
            self.ask_for_tokens(&mut params);
        }
        Ok(params)
    }

    /// The fields of `scope` and those that follow from them.
    fn params(&self, scope: Scope) -> Result<Map<String, Value>> {
        let mut params = self.fields()?;
        params.retain(|name, _| match Self::OPTIONS.iter().find(|option| option.wire == name) {
            Some(option) => option.scope == scope || option.scope == Scope::Both,
            None => true,
        });
        if params.contains_key("excludedTools") {
            params.entry("toolFilterPrecedence").or_insert("excluded".into());
        }
        let agents_have_servers = self.custom_agents.iter().flatten().any(|a| a.mcp_servers.is_some());
        if params.contains_key("mcpServers") || agents_have_servers {
            params.entry("envValueMode").or_insert("direct".into());
        }
        Ok(params)
    }

    pub(super) fn fields(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(_) => Err(Error::new(ErrorKind::Internal, "a session config did not serialize to an object")),
            Err(error) => {
                Err(Error::new(ErrorKind::Internal, "a session config did not serialize").with_source(error))
            }
        }
    }

    /// A handler's token wins over a static one in the runtime, so a named provider that has one is left alone.
    fn ask_for_tokens(&self, params: &mut Map<String, Value>) {
        let mark = |provider: &mut Value| {
            if let Value::Object(provider) = provider {
                provider.entry("hasBearerTokenProvider").or_insert(true.into());
            }
        };
        if let Some(provider) = params.get_mut("provider") {
            mark(provider);
        }
        if let Some(Value::Array(providers)) = params.get_mut("providers") {
            let named = self.providers.iter().flatten();
            providers
                .iter_mut()
                .zip(named)
                .filter(|(_, p)| !p.has_static_credential())
                .for_each(|(v, _)| mark(v));
        }
    }

    /// The config with a `transform` for each section that has a handler. `append` becomes `customize`, where the
    /// content is appended just so.
    fn with_transforms(&self) -> Self {
        let mut config = self.clone();
        for id in self.handlers.system_message.keys() {
            let transform = SystemMessageSection::new().action(SectionAction::Transform);
            config.system_message = Some(config.system_message.unwrap_or_default().section(id, transform));
        }
        config
    }
}

/// The parameters of `session.eventLog.registerInterest` that a session with an MCP auth handler begins with
/// (PROTOCOL §5).
pub(crate) fn mcp_auth_interest(session_id: &str) -> Value {
    json!({"sessionId": session_id, "eventType": "mcp.oauth_required"})
}
