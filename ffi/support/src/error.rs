//! Errors and values as JSON.

use codriver::{Error, ErrorKind, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// An error as every language gets it: `{"number", "name", "message", "rpc"?: {"code", "message", "data"?}}`.
pub fn error_json(error: &Error) -> String {
    error_value(error).to_string()
}

pub(crate) fn error_value(error: &Error) -> Value {
    let mut value = json!({ "number": error.number(), "name": error.name(), "message": error.message() });
    if let Some(rpc) = error.rpc() {
        value["rpc"] = json!({ "code": rpc.code, "message": rpc.message });
        if let Some(data) = &rpc.data {
            value["rpc"]["data"] = data.clone();
        }
    }
    value
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

/// Reads an argument; `what` names it in the error.
pub(crate) fn read<T: DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value: T = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." { String::new() } else { format!("`{path}`: ") };
        invalid(format!("{what}: {place}{}", error.inner()))
    })?;
    deserializer.end().map_err(|error| invalid(format!("{what}: {error}")))?;
    Ok(value)
}

/// Reads an argument that may be left out: then it is empty text.
pub(crate) fn read_or<T: DeserializeOwned>(what: &str, text: &str, absent: T) -> Result<T> {
    if text.trim().is_empty() { Ok(absent) } else { read(what, text) }
}

/// What an operation gives.
pub(crate) fn write<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))
}

/// What an operation gives that has nothing to say.
pub(crate) fn nothing((): ()) -> Result<String> {
    Ok("null".to_owned())
}
