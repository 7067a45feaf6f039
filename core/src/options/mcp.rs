//! MCP servers of a session or an agent.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

use super::choice::choices;
use super::extra::Extra;
use super::invalid::{http_url, invalid, read, required};
use super::provider::check_headers;
use super::record::record;
use super::secret::Secret;
use crate::error::Result;

choices! {
    /// Where tokens or caches are kept (wire: `mcpOAuthTokenStorage`, `embeddingCacheStorage`).
    pub enum Storage {
        /// On disk or in the keychain, for later sessions too; the runtime's default.
        Persistent = "persistent",
        /// In memory, gone with the runtime.
        InMemory = "in-memory",
    }
}

record! {
    /// An MCP server started as a child process (wire: an element of `mcpServers` with `command`).
    pub struct McpStdio new(
        /// The program.
        command: String,
    ) {
        /// Its arguments.
        list args: String;
        /// Its working directory; default: the session's.
        #[serde(alias = "workingDirectory")]
        into cwd: String;
        /// Its environment; values are sent literally (`envValueMode: direct`).
        is env: BTreeMap<String, Secret>;
        /// Tools to take; default: all.
        list tools: String;
        /// Deadline of discovery and calls, in milliseconds.
        #[serde(rename = "timeout")]
        is timeout_ms: u64;
    }

    /// An MCP server reached over HTTP, streamed or by server-sent events (wire: an element of `mcpServers` with `url`).
    pub struct McpHttp new(
        /// An absolute `http` or `https` URL.
        url: String,
    ) {
        /// Headers of every request.
        is headers: BTreeMap<String, Secret>;
        /// Tools to take; default: all.
        list tools: String;
        /// Deadline of discovery and calls, in milliseconds.
        #[serde(rename = "timeout")]
        is timeout_ms: u64;
        /// Client id where an OAuth client is registered already.
        into oauth_client_id: String;
        /// Whether that client has no secret.
        is oauth_public_client: bool;
        /// `authorization_code` or `client_credentials`.
        into oauth_grant_type: String;
    }
}

/// An MCP server (wire: a value of `mcpServers`).
///
/// Read from JSON, `type` decides (`stdio`, `local`, `http`, `sse`); without it, `command` or `url` does.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum McpServer {
    /// A child process.
    Stdio(McpStdio),
    /// Streamable HTTP.
    Http(McpHttp),
    /// HTTP with server-sent events.
    Sse(McpHttp),
    /// A type this crate does not know; sent as it is.
    Other(Extra),
}

impl From<McpStdio> for McpServer {
    fn from(server: McpStdio) -> Self {
        McpServer::Stdio(server)
    }
}

impl From<McpHttp> for McpServer {
    fn from(server: McpHttp) -> Self {
        McpServer::Http(server)
    }
}

impl McpServer {
    fn check(&self, at: &str) -> Result<()> {
        match self {
            McpServer::Stdio(server) => {
                required(&format!("{at}.command"), &server.command, "the program to start")?;
                check_env(&format!("{at}.env"), server.env.as_ref())?;
                check_timeout(at, server.timeout_ms)
            }
            McpServer::Http(server) | McpServer::Sse(server) => {
                required(&format!("{at}.url"), &server.url, "the server's URL")?;
                http_url(&format!("{at}.url"), &server.url)?;
                check_headers(&format!("{at}.headers"), server.headers.as_ref())?;
                check_timeout(at, server.timeout_ms)
            }
            McpServer::Other(fields) if fields.contains_key("type") => Ok(()),
            McpServer::Other(_) => Err(invalid(at, "needs `command` (a child process) or `url` (HTTP)")),
        }
    }
}

pub(super) fn check_mcp_servers(at: &str, servers: &BTreeMap<String, McpServer>) -> Result<()> {
    for (name, server) in servers {
        if name.trim().is_empty() {
            return Err(invalid(at, "a server has an empty name; give it one"));
        }
        server.check(&format!("{at}.{name}"))?;
    }
    Ok(())
}

/// Refuses names and values that no environment can hold.
pub(super) fn check_env(at: &str, env: Option<&BTreeMap<String, Secret>>) -> Result<()> {
    for (name, value) in env.into_iter().flatten() {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(invalid(at, format!("`{}` is not a variable name", name.escape_debug())));
        }
        if value.expose().contains('\0') {
            return Err(invalid(format!("{at}.{name}"), "must not contain a NUL"));
        }
    }
    Ok(())
}

fn check_timeout(at: &str, timeout_ms: Option<u64>) -> Result<()> {
    match timeout_ms {
        Some(0) => {
            Err(invalid(format!("{at}.timeout"), "must be at least 1 ms; leave it out for the default"))
        }
        _ => Ok(()),
    }
}

/// What newer runtimes take from a list that is not there. 1.0.57 takes no tools then, and a child without `args` for one
/// that is not configured [P]; so both are always sent.
fn all_tools() -> Vec<String> {
    vec!["*".to_owned()]
}

fn http(server: &McpHttp) -> McpHttp {
    let mut server = server.clone();
    server.tools.get_or_insert_with(all_tools);
    server
}

impl Serialize for McpServer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Typed<'a, T> {
            r#type: &'static str,
            #[serde(flatten)]
            server: &'a T,
        }
        match self {
            McpServer::Stdio(server) => {
                let mut server = server.clone();
                server.args.get_or_insert_default();
                server.tools.get_or_insert_with(all_tools);
                Typed { r#type: "stdio", server: &server }.serialize(serializer)
            }
            McpServer::Http(server) => Typed { r#type: "http", server: &http(server) }.serialize(serializer),
            McpServer::Sse(server) => Typed { r#type: "sse", server: &http(server) }.serialize(serializer),
            McpServer::Other(fields) => fields.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for McpServer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = Extra::deserialize(deserializer)?;
        let kind = match fields.get("type") {
            None if fields.contains_key("command") => "stdio",
            None if fields.contains_key("url") => "http",
            None => "",
            Some(Value::String(kind)) => kind,
            Some(_) => return Err(D::Error::custom("type: expected a string")),
        };
        let make: fn(Value) -> Result<McpServer> = match kind {
            "stdio" | "local" => |fields| Ok(McpServer::Stdio(read("", fields)?)),
            "http" => |fields| Ok(McpServer::Http(read("", fields)?)),
            "sse" => |fields| Ok(McpServer::Sse(read("", fields)?)),
            _ => return Ok(McpServer::Other(fields)),
        };
        fields.remove("type");
        make(Value::Object(std::mem::take(&mut *fields))).map_err(|error| D::Error::custom(error.message()))
    }
}
