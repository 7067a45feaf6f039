//! Texts that are more than texts: JSON, and what nobody should see.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// JSON text, which goes on as the value it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Json(pub String);

uniffi::custom_type!(Json, String, { lower: |json| json.0, try_lift: |text| Ok(Json(text)) });

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// A text that `Debug` does not show (DESIGN I29).
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Secret(pub String);

uniffi::custom_type!(Secret, String, { lower: |secret| secret.0, try_lift: |text| Ok(Secret(text)) });

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
