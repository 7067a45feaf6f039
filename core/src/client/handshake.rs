//! The first calls of a connection (PROTOCOL §1): `connect`, or `ping` where that is unknown; then what must be said
//! before there are sessions.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::RuntimeInfo;
use crate::error::{Error, ErrorKind, Result};
use crate::options::{ClientOptions, Secret};
use crate::protocol::methods;
use crate::rpc::peer::Peer;

/// The protocol versions this library speaks.
const SUPPORTED: std::ops::RangeInclusive<u64> = 3..=3;

/// What `connect` and `ping` answer, as far as it matters here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hello {
    #[serde(default)]
    protocol_version: Option<u64>,
    #[serde(default)]
    version: Option<String>,
}

pub(crate) async fn shake_hands(
    peer: &Arc<Peer>,
    options: &ClientOptions,
    token: Option<&Secret>,
    deadline: Duration,
) -> Result<RuntimeInfo> {
    let hello: Hello =
        match peer.request(methods::CONNECT, &options.connect_params(token), Some(deadline)).await {
            Err(error) if error.kind() == ErrorKind::MethodNotFound => {
                peer.request(methods::PING, &json!({}), Some(deadline)).await?
            }
            Err(error) => return Err(explain(error)),
            Ok(hello) => hello,
        };
    let info = check(hello)?;
    if let Some(plugins) = options.builtin_plugins_params() {
        peer.request::<IgnoredAny>(methods::PLUGINS_BUILTIN_SET, &plugins, Some(deadline)).await?;
    }
    if let Some(fs) = &options.session_fs {
        let params = fs.set_provider_params();
        peer.request::<IgnoredAny>(methods::SESSION_FS_SET_PROVIDER, &params, Some(deadline)).await?;
    }
    Ok(info)
}

fn check(hello: Hello) -> Result<RuntimeInfo> {
    let version = hello.version.unwrap_or_default();
    let (from, to) = (SUPPORTED.start(), SUPPORTED.end());
    match hello.protocol_version {
        Some(protocol_version) if SUPPORTED.contains(&protocol_version) => {
            Ok(RuntimeInfo { protocol_version, version })
        }
        Some(other) => {
            let way_out = if other > *to { "a newer Codriver" } else { "a newer runtime" };
            let text = format!(
                "runtime {version} speaks protocol {other}, this library {from} to {to}: install {way_out}"
            );
            Err(Error::new(ErrorKind::VersionMismatch, text))
        }
        None => {
            let text = format!(
                "the runtime does not say which protocol it speaks; this library speaks {from} to {to}"
            );
            Err(Error::new(ErrorKind::VersionMismatch, text))
        }
    }
}

/// Says what to do about a refused token.
fn explain(error: Error) -> Error {
    let hint = match (error.kind(), error.rpc().map(|rpc| rpc.code)) {
        (ErrorKind::AuthenticationFailed, Some(-32003)) => {
            "leave the connection token out: the runtime has none"
        }
        (ErrorKind::AuthenticationFailed | ErrorKind::AuthenticationRequired, _) => {
            "give the token the runtime was started with (COPILOT_CONNECTION_TOKEN) in `connection_token`"
        }
        (ErrorKind::Timeout, _) => "is it a Copilot runtime in server mode? (option `limits.start_timeout`)",
        _ => return error,
    };
    let text = format!("{}; {hint}", error.message());
    let explained = Error::new(error.kind(), text);
    match error.rpc() {
        Some(rpc) => explained.with_rpc(rpc.clone()),
        None => explained,
    }
}
