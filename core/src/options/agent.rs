//! Agents beside the default one, and the default one's tools.

use std::collections::BTreeMap;

use super::invalid::{required, unique};
use super::mcp::{McpServer, check_mcp_servers};
use super::record::record;
use crate::error::Result;

record! {
    /// An agent the model may hand work to (wire: an element of `customAgents`).
    pub struct CustomAgent new(
        /// Name, unique in the session.
        name: String,
        /// Its instructions.
        prompt: String,
    ) {
        /// Name for people.
        into display_name: String;
        /// What it is good for; the model chooses by it.
        into description: String;
        /// Tools it may use; default: all.
        list tools: String;
        /// MCP servers of its own, by name.
        is mcp_servers: BTreeMap<String, McpServer>;
        /// Whether the model may choose it by itself; the runtime's default is true.
        is infer: bool;
        /// Skills loaded into its context.
        list skills: String;
        /// Its model; default: the session's.
        into model: String;
        /// Its reasoning effort; default: the session's.
        into reasoning_effort: String;
    }

    /// The default agent (wire: `defaultAgent`).
    pub struct DefaultAgent {
        /// Tools it may not use, while custom agents may.
        list excluded_tools: String;
    }
}

pub(super) fn check_agents(agents: &[CustomAgent]) -> Result<()> {
    unique("customAgents", "name", agents.iter().map(|a| a.name.as_str()), "agent")?;
    for (i, agent) in agents.iter().enumerate() {
        let at = format!("customAgents[{i}]");
        required(&format!("{at}.prompt"), &agent.prompt, "the agent's instructions")?;
        if let Some(servers) = &agent.mcp_servers {
            check_mcp_servers(&format!("{at}.mcpServers"), servers)?;
        }
    }
    Ok(())
}
