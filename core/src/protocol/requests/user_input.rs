//! The model asks the user.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Checked;
use crate::error::Result;
use crate::protocol::tolerant::tolerant;

tolerant! {
    /// A question to the user (request `userInput.request`, by the tool `ask_user`).
    #[derive(serde::Serialize)]
    pub struct UserInputRequest {
        /// The session.
        pub session_id: String,
        /// The question.
        pub question: String,
        /// What the user may choose from; may be empty.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub choices: Vec<String>,
        /// Whether an answer in free words is welcome too.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub allow_freeform: Option<bool>,
        /// What this version does not know.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }
}

/// The user's answer. An error in its place makes the runtime tell the model that the user was unable to respond.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UserInputResponse {
    /// The answer; the runtime takes an empty one for none.
    pub answer: String,
    /// Whether it is in free words, not one of the choices.
    pub was_freeform: bool,
}

impl UserInputResponse {
    /// One of the choices.
    pub fn choice(answer: impl Into<String>) -> Self {
        UserInputResponse { answer: answer.into(), was_freeform: false }
    }

    /// Free words.
    pub fn freeform(answer: impl Into<String>) -> Self {
        UserInputResponse { answer: answer.into(), was_freeform: true }
    }

    /// Reads `{answer, wasFreeform?}`; without `wasFreeform` it is free words.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` that names the field, also for an empty answer.
    pub fn from_value(value: Value) -> Result<Self> {
        let checked = Checked::object("user input", value)?;
        let was_freeform = checked.boolean("wasFreeform")?.unwrap_or(true);
        Ok(UserInputResponse { answer: checked.text("answer")?.to_owned(), was_freeform })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::requests::vectors;

    #[test]
    fn what_the_runtimes_asked_survives_whole() {
        vectors::user_input().survive::<UserInputRequest>();
        let request: UserInputRequest =
            serde_json::from_value(vectors::user_input().get("userInput.request", "1.0.102")).unwrap();
        assert_eq!((request.question.as_str(), request.choices.len()), ("Which?", 2));
        assert_eq!(request.allow_freeform, Some(true));
    }

    #[test]
    fn an_answer_always_says_whether_it_is_freeform() {
        let wire = |answer: &UserInputResponse| serde_json::to_value(answer).unwrap();
        assert_eq!(wire(&UserInputResponse::choice("a")), json!({"answer": "a", "wasFreeform": false}));
        let read = UserInputResponse::from_value(json!({"answer": "blue"})).unwrap();
        assert_eq!(wire(&read), json!({"answer": "blue", "wasFreeform": true}));
    }

    #[test]
    fn an_answer_that_the_runtime_would_drop_is_refused() {
        for value in
            [json!({}), json!({"answer": ""}), json!({"answer": 5}), json!({"answer": "x", "wasFreeform": 1})]
        {
            assert_eq!(UserInputResponse::from_value(value).unwrap_err().name(), "INVALID_ARGUMENT");
        }
    }
}
