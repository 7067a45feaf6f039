//! The session's limit is used up. (Schema; not provoked. 1.0.57 has no method for the answer.)

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Checked;
use crate::error::Result;
use crate::protocol::tolerant::tolerant;

tolerant! {
    /// Asks what to do about a used up limit (event `session_limits_exhausted.requested`).
    #[derive(serde::Serialize)]
    pub struct SessionLimitsRequest {
        /// The id that the answer carries.
        pub request_id: String,
        /// AI credits used in this window.
        pub used_ai_credits: f64,
        /// The limit.
        pub max_ai_credits: f64,
        /// What this version does not know.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }
}

/// What to do about the limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct SessionLimitsResponse(Map<String, Value>);

impl SessionLimitsResponse {
    /// Raise it by this many credits, above zero.
    pub fn add(additional_ai_credits: f64) -> Self {
        Self::of(json!({ "action": "add", "additionalAiCredits": additional_ai_credits }))
    }

    /// Set it to this many credits, above zero.
    pub fn set(max_ai_credits: f64) -> Self {
        Self::of(json!({ "action": "set", "maxAiCredits": max_ai_credits }))
    }

    /// Remove it.
    pub fn unset() -> Self {
        Self::of(json!({ "action": "unset" }))
    }

    /// Leave it; the request to the model is cancelled.
    pub fn cancel() -> Self {
        Self::of(json!({ "action": "cancel" }))
    }

    /// Reads `{action: add|set|unset|cancel, additionalAiCredits?, maxAiCredits?}`; other fields are kept.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` that names the field.
    pub fn from_value(value: Value) -> Result<Self> {
        let checked = Checked::object("session limits", value)?;
        let (add, set) = (checked.positive("additionalAiCredits")?, checked.positive("maxAiCredits")?);
        match checked.choice("action", &["add", "set", "unset", "cancel"])? {
            Some("add") if add.is_none() => Err(checked.missing("additionalAiCredits")),
            Some("set") if set.is_none() => Err(checked.missing("maxAiCredits")),
            None => Err(checked.missing("action")),
            Some(_) => Ok(SessionLimitsResponse(checked.into_fields())),
        }
    }

    fn of(value: Value) -> Self {
        SessionLimitsResponse(value.as_object().cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_those_of_the_schema() {
        for (answer, wire) in [
            (SessionLimitsResponse::add(5.0), json!({"action": "add", "additionalAiCredits": 5.0})),
            (SessionLimitsResponse::set(50.0), json!({"action": "set", "maxAiCredits": 50.0})),
            (SessionLimitsResponse::unset(), json!({"action": "unset"})),
            (SessionLimitsResponse::cancel(), json!({"action": "cancel"})),
        ] {
            assert_eq!(serde_json::to_value(&answer).unwrap(), wire);
            assert_eq!(SessionLimitsResponse::from_value(wire).unwrap(), answer);
        }
    }

    #[test]
    fn an_amount_that_is_missing_or_not_above_zero_is_refused() {
        for value in [
            json!({"action": "add"}),
            json!({"action": "add", "additionalAiCredits": 0}),
            json!({"action": "set", "additionalAiCredits": 1}),
            json!({"action": "more"}),
            json!({}),
        ] {
            assert_eq!(SessionLimitsResponse::from_value(value).unwrap_err().name(), "INVALID_ARGUMENT");
        }
    }
}
