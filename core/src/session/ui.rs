//! Questions to the user, through whoever shows the session (`session.ui.elicitation`).

use serde_json::{Map, Value, json};

use super::handle::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::protocol::methods;
use crate::protocol::requests::ElicitationResult;

/// Asks the user; from [`Session::ui`].
#[derive(Debug, Clone, Copy)]
pub struct Ui<'a> {
    session: &'a Session,
}

impl<'a> Ui<'a> {
    pub(super) fn new(session: &'a Session) -> Self {
        Ui { session }
    }

    /// Shows a form: `schema` is a flat JSON schema object. The answer has what the user entered, if they did.
    ///
    /// # Errors
    /// `INVALID_CONFIG` where nobody can show one: the runtime would never answer. As [`Session::rpc`].
    pub async fn elicitation(&self, message: &str, schema: Value) -> Result<ElicitationResult> {
        if !self.session.capabilities().ui.elicitation {
            let text = "nobody can show a form in this session; set a handler with `on_elicitation_request`";
            return Err(Error::new(ErrorKind::InvalidConfig, text));
        }
        let mut params = Map::new();
        params.insert("message".into(), message.into());
        params.insert("requestedSchema".into(), schema);
        let answer = self.session.rpc(methods::SESSION_UI_ELICITATION, params).await?;
        ElicitationResult::from_value(answer)
    }

    /// Asks a yes-or-no question; anything but a yes is `false`.
    ///
    /// # Errors
    /// As [`Ui::elicitation`].
    pub async fn confirm(&self, message: &str) -> Result<bool> {
        let answer = self.field(message, json!({ "type": "boolean" })).await?;
        Ok(answer.is_some_and(|value| value == Value::Bool(true)))
    }

    /// Lets the user choose one of `choices`; `None` where they did not.
    ///
    /// # Errors
    /// As [`Ui::elicitation`].
    pub async fn select(&self, message: &str, choices: &[&str]) -> Result<Option<String>> {
        let answer = self.field(message, json!({ "type": "string", "enum": choices })).await?;
        Ok(answer.and_then(|value| value.as_str().map(str::to_owned)))
    }

    /// Lets the user enter a line; `None` where they did not.
    ///
    /// # Errors
    /// As [`Ui::elicitation`].
    pub async fn input(&self, message: &str) -> Result<Option<String>> {
        let answer = self.field(message, json!({ "type": "string" })).await?;
        Ok(answer.and_then(|value| value.as_str().map(str::to_owned)))
    }

    async fn field(&self, message: &str, field: Value) -> Result<Option<Value>> {
        let schema = json!({ "type": "object", "properties": { "answer": field }, "required": ["answer"] });
        let answer = self.elicitation(message, schema).await?;
        Ok(answer.content().and_then(|content| content.get("answer").cloned()))
    }
}
