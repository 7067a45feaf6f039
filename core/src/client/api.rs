//! Calls that concern the runtime, not one session.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::methods;
use crate::protocol::results::{AuthStatus, ModelInfo, PingResult, RuntimeStatus};

/// `{success, error?}`, which several calls answer; a failure is an error here, always.
#[derive(Deserialize)]
pub(crate) struct Success {
    #[serde(default)]
    success: Option<bool>,
    #[serde(default)]
    error: Option<String>,
}

impl Success {
    /// Anything but an explicit `false` is success: some runtimes answer `null`.
    pub(crate) fn check(answer: Value, kind: impl Fn(&str) -> ErrorKind, what: &str) -> Result<()> {
        match serde_json::from_value::<Success>(answer) {
            Ok(Success { success: Some(false), error }) => {
                let why = error.unwrap_or_else(|| "the runtime gave no reason".into());
                Err(Error::new(kind(&why), format!("{what}: {why}")))
            }
            _ => Ok(()),
        }
    }
}

impl Client {
    /// Asks the runtime for a sign of life. It answers `pong: ` and the message.
    ///
    /// # Errors
    /// `CLOSED`, `RUNTIME_LOST`, `TIMEOUT`.
    pub async fn ping(&self, message: Option<&str>) -> Result<PingResult> {
        let params = message.map_or_else(|| json!({}), |message| json!({ "message": message }));
        self.call(methods::PING, params).await
    }

    /// The runtime's version and protocol.
    ///
    /// # Errors
    /// As [`Client::rpc`].
    pub async fn get_status(&self) -> Result<RuntimeStatus> {
        self.call(methods::STATUS_GET, json!({})).await
    }

    /// Who is logged in, and how.
    ///
    /// # Errors
    /// As [`Client::rpc`].
    pub async fn get_auth_status(&self) -> Result<AuthStatus> {
        self.call(methods::AUTH_GET_STATUS, json!({})).await
    }

    /// The models the logged-in user may use.
    ///
    /// # Errors
    /// As [`Client::rpc`]; without a login the runtime refuses.
    pub async fn list_models(&self) -> Result<Vec<ModelInfo>> {
        #[derive(Deserialize)]
        struct Models {
            #[serde(default)]
            models: Vec<ModelInfo>,
        }
        Ok(self.call::<Models>(methods::MODELS_LIST, json!({})).await?.models)
    }

    /// The session the terminal shows; `None` where there is no terminal.
    ///
    /// # Errors
    /// As [`Client::rpc`].
    pub async fn get_foreground_session_id(&self) -> Result<Option<String>> {
        Ok(self.call::<Named>(methods::SESSION_GET_FOREGROUND, json!({})).await?.session_id)
    }

    /// Makes the terminal show a session.
    ///
    /// # Errors
    /// `SESSION_ERROR` where there is no terminal; as [`Client::rpc`].
    pub async fn set_foreground_session_id(&self, session_id: &str) -> Result<()> {
        let answer = self.rpc(methods::SESSION_SET_FOREGROUND, json!({ "sessionId": session_id })).await?;
        Success::check(
            answer,
            |_| ErrorKind::SessionError,
            &format!("session `{session_id}` is not in the foreground"),
        )
    }

    /// Any method of the runtime, with its result as it came. The way to everything this library has no name for.
    ///
    /// # Errors
    /// `METHOD_NOT_FOUND`, `RPC` with the runtime's code, `CLOSED`, `RUNTIME_LOST`, `TIMEOUT`.
    pub async fn rpc(&self, method: &str, params: Value) -> Result<Value> {
        self.call(method, params).await
    }

    pub(super) async fn call<R: DeserializeOwned>(&self, method: &str, params: Value) -> Result<R> {
        let connection = self.connection()?;
        connection.peer.request(method, &params, connection.options().limits.request_timeout).await
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    #[serde(default)]
    session_id: Option<String>,
}
