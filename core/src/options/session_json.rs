//! A session config from JSON: the wire's names or snake_case ones, errors that name the field.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use super::invalid::invalid;
use super::names::camel_case_fields;
use super::session::SessionConfig;
use crate::error::Result;

impl SessionConfig {
    /// Reads a config from a JSON object.
    ///
    /// Names are the wire's (`workingDirectory`) or snake_case ones (`working_directory`), also inside of the option
    /// objects; `null` is as good as absent; what is unknown goes to [`extra`](Self#structfield.extra).
    ///
    /// # Errors
    /// `INVALID_CONFIG` with the path of the field, e.g. `provider.baseUrl: expected a string, found integer`.
    pub fn from_json(value: Value) -> Result<Self> {
        let Value::Object(fields) = value else {
            return Err(invalid("session config", "must be a JSON object"));
        };
        let mut config = SessionConfig::default();
        let mut seen = Vec::with_capacity(fields.len());
        for (key, mut value) in fields {
            let option = Self::OPTIONS.iter().find(|option| option.wire == key || option.field == key);
            let Some(option) = option else {
                config.extra.insert(key, value);
                continue;
            };
            if seen.contains(&option.wire) {
                return Err(invalid(
                    option.wire,
                    format!("is given twice, also as `{}`; remove one", option.field),
                ));
            }
            seen.push(option.wire);
            camel_case_fields(option.wire, &mut value)?;
            config.set(option.wire, value)?;
        }
        Ok(config)
    }
}

impl<'de> Deserialize<'de> for SessionConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(Value::deserialize(deserializer)?).map_err(|error| D::Error::custom(error.message()))
    }
}
