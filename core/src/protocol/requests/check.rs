//! Checks answers that come as JSON from a binding, and names the field that is wrong.

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};

/// A JSON object on its way to become an answer. A field that is `null` counts as absent.
pub(crate) struct Checked {
    what: &'static str,
    fields: Map<String, Value>,
}

impl Checked {
    /// Takes `value` apart; `what` names the answer in errors.
    pub(crate) fn object(what: &'static str, value: Value) -> Result<Self> {
        match value {
            Value::Object(fields) => Ok(Checked { what, fields }),
            other => Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("{what}: want an object, got {}", name(&other)),
            )),
        }
    }

    /// An error about `field`.
    pub(crate) fn refuse(&self, field: &str, why: impl std::fmt::Display) -> Error {
        Error::new(ErrorKind::InvalidArgument, format!("{}: `{field}` {why}", self.what))
    }

    pub(crate) fn get(&self, field: &str) -> Option<&Value> {
        self.fields.get(field).filter(|value| !value.is_null())
    }

    fn typed<'a, T>(
        &'a self,
        field: &str,
        want: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(value) = self.get(field) else { return Ok(None) };
        let wrong = || self.refuse(field, format_args!("must be {want}, not {}", name(value)));
        read(value).map(Some).ok_or_else(wrong)
    }

    pub(crate) fn string(&self, field: &str) -> Result<Option<&str>> {
        self.typed(field, "a string", Value::as_str)
    }

    /// A string that must be there and have characters.
    pub(crate) fn text(&self, field: &str) -> Result<&str> {
        match self.string(field)? {
            Some("") => Err(self.refuse(field, "must not be empty")),
            Some(text) => Ok(text),
            None => Err(self.missing(field)),
        }
    }

    /// A string out of `choices`.
    pub(crate) fn choice(&self, field: &str, choices: &[&'static str]) -> Result<Option<&'static str>> {
        let Some(text) = self.string(field)? else { return Ok(None) };
        let known = choices.iter().find(|choice| **choice == text).copied();
        known.map(Some).ok_or_else(|| {
            self.refuse(field, format_args!("must be one of {}, not `{text}`", choices.join(", ")))
        })
    }

    pub(crate) fn boolean(&self, field: &str) -> Result<Option<bool>> {
        self.typed(field, "true or false", Value::as_bool)
    }

    pub(crate) fn map(&self, field: &str) -> Result<Option<&Map<String, Value>>> {
        self.typed(field, "an object", Value::as_object)
    }

    pub(crate) fn list(&self, field: &str) -> Result<Option<&Vec<Value>>> {
        self.typed(field, "a list", Value::as_array)
    }

    /// A number above zero.
    pub(crate) fn positive(&self, field: &str) -> Result<Option<f64>> {
        self.typed(field, "a number above zero", |value| value.as_f64().filter(|number| *number > 0.0))
    }

    /// A whole number that is not negative.
    pub(crate) fn count(&self, field: &str) -> Result<Option<u64>> {
        self.typed(field, "a whole number that is not negative", Value::as_u64)
    }

    pub(crate) fn missing(&self, field: &str) -> Error {
        self.refuse(field, "is missing")
    }

    /// The fields, those that are `null` left out.
    pub(crate) fn into_fields(self) -> Map<String, Value> {
        self.fields.into_iter().filter(|(_, value)| !value.is_null()).collect()
    }
}

fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_names_the_answer_the_field_and_the_type() {
        let checked = Checked::object("user input", json!({"answer": 5, "mode": "x", "none": null})).unwrap();
        let message = |error: Error| error.to_string();
        assert_eq!(
            message(checked.text("answer").unwrap_err()),
            "INVALID_ARGUMENT: user input: `answer` must be a string, not a number"
        );
        assert_eq!(
            message(checked.choice("mode", &["a", "b"]).unwrap_err()),
            "INVALID_ARGUMENT: user input: `mode` must be one of a, b, not `x`"
        );
        assert_eq!(
            message(checked.text("none").unwrap_err()),
            "INVALID_ARGUMENT: user input: `none` is missing"
        );
        let list = Checked::object("user input", json!([])).err().unwrap();
        assert_eq!(message(list), "INVALID_ARGUMENT: user input: want an object, got a list");
    }
}
