//! Which of a session's options are secrets that the runtime might echo (DESIGN I29).

use std::collections::BTreeMap;

use super::mcp::McpServer;
use super::secret::Secret;
use super::session::SessionConfig;

impl SessionConfig {
    /// Shows every secret of the config to `see`.
    pub(crate) fn each_secret(&self, see: &mut dyn FnMut(&str)) {
        let mut one = |secret: &Option<Secret>| secret.iter().for_each(|secret| see(secret.expose()));
        one(&self.github_token);
        if let Some(provider) = &self.provider {
            one(&provider.api_key);
            one(&provider.bearer_token);
        }
        for provider in self.providers.iter().flatten() {
            one(&provider.api_key);
            one(&provider.bearer_token);
        }
        let mut all = |secrets: &Option<BTreeMap<String, Secret>>| {
            secrets.iter().flat_map(BTreeMap::values).for_each(|secret| see(secret.expose()));
        };
        if let Some(provider) = &self.provider {
            all(&provider.headers);
        }
        self.providers.iter().flatten().for_each(|provider| all(&provider.headers));
        for server in self.mcp_servers.iter().flat_map(BTreeMap::values) {
            match server {
                McpServer::Stdio(server) => all(&server.env),
                McpServer::Http(server) => all(&server.headers),
                _ => {}
            }
        }
    }
}
