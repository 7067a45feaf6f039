//! The runtime asks to leave a mode: plan mode when the plan is there, the chosen model when it is rate limited.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::Checked;
use crate::error::Result;
use crate::protocol::tolerant::tolerant;

tolerant! {
    /// The plan is ready (request `exitPlanMode.request`).
    #[derive(serde::Serialize)]
    pub struct ExitPlanModeRequest {
        /// The session.
        pub session_id: String,
        /// The plan in short.
        pub summary: String,
        /// The plan, as Markdown.
        pub plan_content: String,
        /// What may be chosen: `interactive`, `autopilot`, `autopilot_fleet`, `exit_only`.
        pub actions: Vec<String>,
        /// The choice the model would make.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub recommended_action: Option<String>,
        /// What this version does not know.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }

    /// The model is rate limited; may the runtime choose another one? (Request `autoModeSwitch.request`; schema, not
    /// provoked.)
    #[derive(serde::Serialize)]
    pub struct AutoModeSwitchRequest {
        /// The session.
        pub session_id: String,
        /// The code of the limit.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub error_code: Option<String>,
        /// Seconds until the limit ends.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub retry_after_seconds: Option<f64>,
        /// What this version does not know.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }
}

/// The answer to a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ExitPlanModeResponse {
    /// Whether the plan is good.
    pub approved: bool,
    /// One of the request's actions; absent, the runtime takes `autopilot` with `auto_approve_edits`, else
    /// `interactive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selected_action: Option<String>,
    /// Whether edits need no permission from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_approve_edits: Option<bool>,
    /// What should be different.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feedback: Option<String>,
}

impl ExitPlanModeResponse {
    /// The plan is good; go on interactively.
    pub fn approved() -> Self {
        ExitPlanModeResponse {
            approved: true,
            selected_action: None,
            auto_approve_edits: None,
            feedback: None,
        }
    }

    /// The plan is good; go on with this action of the request.
    pub fn approved_with(action: impl Into<String>) -> Self {
        ExitPlanModeResponse { selected_action: Some(action.into()), ..Self::approved() }
    }

    /// The plan is not good; 1.0.102 ends the turn.
    pub fn rejected() -> Self {
        ExitPlanModeResponse { approved: false, ..Self::approved() }
    }

    /// The plan is not good; the model is told what should be different and tries again.
    pub fn rejected_with(feedback: impl Into<String>) -> Self {
        ExitPlanModeResponse { feedback: Some(feedback.into()), ..Self::rejected() }
    }

    /// Sets whether edits need no permission from now on.
    #[must_use]
    pub fn auto_approve_edits(mut self, on: bool) -> Self {
        self.auto_approve_edits = Some(on);
        self
    }

    /// Reads `{approved, selectedAction?, autoApproveEdits?, feedback?}`.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` that names the field; 1.0.57 would take any non-empty `approved` for a yes.
    pub fn from_value(value: Value) -> Result<Self> {
        let checked = Checked::object("exit plan mode", value)?;
        let text = |field| Ok::<_, crate::Error>(checked.string(field)?.map(str::to_owned));
        Ok(ExitPlanModeResponse {
            approved: checked.boolean("approved")?.ok_or_else(|| checked.missing("approved"))?,
            selected_action: text("selectedAction")?,
            auto_approve_edits: checked.boolean("autoApproveEdits")?,
            feedback: text("feedback")?,
        })
    }
}

/// The answer to a switch of the model; on the wire `{response: yes|yes_always|no}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AutoModeSwitchResponse {
    /// For this turn.
    Yes,
    /// From now on; the runtime stores it.
    YesAlways,
    /// The turn ends.
    No,
}

impl AutoModeSwitchResponse {
    /// For this turn.
    pub fn yes() -> Self {
        AutoModeSwitchResponse::Yes
    }

    /// From now on; the runtime stores it.
    pub fn yes_always() -> Self {
        AutoModeSwitchResponse::YesAlways
    }

    /// The turn ends.
    pub fn no() -> Self {
        AutoModeSwitchResponse::No
    }

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            AutoModeSwitchResponse::Yes => "yes",
            AutoModeSwitchResponse::YesAlways => "yes_always",
            AutoModeSwitchResponse::No => "no",
        }
    }

    /// Reads `{response: yes|yes_always|no}`, or the word alone.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` that names the field.
    pub fn from_value(value: Value) -> Result<Self> {
        let value = if value.is_string() { json!({ "response": value }) } else { value };
        let checked = Checked::object("auto mode switch", value)?;
        match checked.choice("response", &["yes", "yes_always", "no"])? {
            Some("yes") => Ok(Self::Yes),
            Some("yes_always") => Ok(Self::YesAlways),
            Some(_) => Ok(Self::No),
            None => Err(checked.missing("response")),
        }
    }
}

impl Serialize for AutoModeSwitchResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("response", self.as_str())])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::requests::vectors;

    fn wire(response: impl Serialize) -> Value {
        serde_json::to_value(response).unwrap()
    }

    #[test]
    fn what_the_runtimes_asked_survives_whole() {
        vectors::exit_plan_mode().survive::<ExitPlanModeRequest>();
    }

    #[test]
    fn answers_to_a_plan_are_exactly_the_wire() {
        assert_eq!(wire(ExitPlanModeResponse::approved()), json!({"approved": true}));
        assert_eq!(wire(ExitPlanModeResponse::rejected()), json!({"approved": false}));
        assert_eq!(
            wire(ExitPlanModeResponse::approved_with("autopilot").auto_approve_edits(true)),
            json!({"approved": true, "selectedAction": "autopilot", "autoApproveEdits": true})
        );
        let read = json!({"approved": false, "feedback": "more detail"});
        assert_eq!(wire(ExitPlanModeResponse::from_value(read.clone()).unwrap()), read);
    }

    #[test]
    fn only_true_approves_a_plan() {
        for value in [json!({}), json!({"approved": "yes"}), json!({"approved": 1}), json!(null)] {
            assert_eq!(ExitPlanModeResponse::from_value(value).unwrap_err().name(), "INVALID_ARGUMENT");
        }
    }

    #[test]
    fn answers_to_a_switch_are_exactly_the_wire() {
        for word in ["yes", "yes_always", "no"] {
            let read = AutoModeSwitchResponse::from_value(json!(word)).unwrap();
            assert_eq!(wire(read), json!({"response": word}));
            assert_eq!(AutoModeSwitchResponse::from_value(json!({"response": word})).unwrap(), read);
        }
        assert!(AutoModeSwitchResponse::from_value(json!({"response": "maybe"})).is_err());
    }
}
