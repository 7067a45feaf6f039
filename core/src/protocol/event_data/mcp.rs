//! MCP servers: which there are, and what they want from this side.

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `session.mcp_servers_loaded`: the servers of the session.
    pub struct SessionMcpServersLoaded {
        /// One entry a server.
        pub servers: Vec<McpServer>,
    }

    /// One MCP server.
    pub struct McpServer {
        /// Its key in the configuration.
        pub name: String,
        /// `connected`, `failed`, `needs-auth`, `pending`, `disabled`, `stopped`, `not_configured`.
        pub status: String,
        /// Where its configuration comes from: `user`, `workspace`, `plugin`, `builtin`, `managed`.
        pub source: Option<String>,
        /// Its name for people.
        pub display_name: Option<String>,
        /// Why it failed.
        pub error: Option<String>,
        /// `stdio`, `http`, `sse`, `memory`.
        pub transport: Option<String>,
        /// The plugin it comes with.
        pub plugin_name: Option<String>,
    }

    /// `session.mcp_server_status_changed`: a server's status is another.
    pub struct SessionMcpServerStatusChanged {
        /// The server.
        pub server_name: String,
        /// As [`McpServer::status`].
        pub status: String,
        /// Why it failed.
        pub error: Option<String>,
    }

    /// `session.mcp_server_removed`: a server is gone.
    pub struct SessionMcpServerRemoved {
        /// The server.
        pub server_name: String,
    }

    /// `session.mcp_server_needs_reconnect`: a server must be connected anew.
    pub struct SessionMcpServerNeedsReconnect {
        /// The server.
        pub server_name: String,
    }

    /// `mcp.oauth_required`: a server wants a login. Answered by `session.mcp.oauth.handlePendingRequest`; comes only
    /// where interest in it was registered.
    pub struct McpOauthRequired {
        /// The id to answer with.
        pub request_id: String,
        /// The server, for people.
        pub server_name: String,
        /// Its URL.
        pub server_url: String,
        /// `initial`, `refresh`, `reauth`, `upscope`.
        pub reason: Option<String>,
        /// The client to log in as, where the server's configuration fixes one.
        pub static_client_config: Option<McpOauthClient>,
        /// What the server's challenge said.
        pub www_authenticate_params: Option<McpOauthChallenge>,
        /// The server's protected-resource document, as JSON text.
        pub resource_metadata: Option<String>,
    }

    /// An OAuth client. A client secret, where there is one, is only in the raw data, so that no `Debug` prints it.
    pub struct McpOauthClient {
        /// The client's id.
        pub client_id: String,
        /// Whether it has no secret.
        pub public_client: Option<bool>,
        /// `client_credentials` for a login without a browser.
        pub grant_type: Option<String>,
    }

    /// The parameters of a `WWW-Authenticate` header.
    pub struct McpOauthChallenge {
        /// Where the protected-resource document is.
        pub resource_metadata_url: Option<String>,
        /// The scopes it wants.
        pub scope: Option<String>,
        /// What was wrong with the token.
        pub error: Option<String>,
    }

    /// `mcp.oauth_completed`: the login is over.
    pub struct McpOauthCompleted {
        /// The id of the request.
        pub request_id: String,
        /// `token` or `cancelled`.
        pub outcome: Option<String>,
    }

    /// `mcp.headers_refresh_required`: a server wants fresh headers. Answered by
    /// `session.mcp.headers.handlePendingHeadersRefreshRequest`.
    pub struct McpHeadersRefreshRequired {
        /// The id to answer with.
        pub request_id: String,
        /// The server, for people.
        pub server_name: String,
        /// Its URL.
        pub server_url: String,
        /// `startup`, `ttl-expired`, `auth-failed`.
        pub reason: Option<String>,
    }

    /// `mcp.headers_refresh_completed`: the question for headers is over.
    pub struct McpHeadersRefreshCompleted {
        /// The id of the request.
        pub request_id: String,
        /// `headers`, `none`, `error`, `timeout`.
        pub outcome: Option<String>,
    }
}
