//! The options as records with defaults, so that every language has named arguments for them; and the JSON they become.
//!
//! Each record is the core's of the same name. Words that the core checks are texts here: it says better what is wrong.

mod client;
mod feature;
mod handlers;
mod provider;
mod record;
mod session;
mod text;

pub use client::{ClientInfo, ClientOptions, Limits, SessionFsOptions, Telemetry, Transport};
pub use feature::*;
pub use handlers::{CommandDefinition, SessionHandlers, ToolDefinition};
pub use provider::*;
pub use session::SessionOptions;
pub use text::{Json, Secret};

use codriver_ffi_support as support;
use serde::Serialize;
use serde_json::{Map, Value};
use support::ErrorKind;

use crate::error::Result;

/// What `Client` takes, as JSON.
#[uniffi::export]
pub fn client_config(options: ClientOptions) -> Result<String> {
    Ok(Value::Object(object(&options)?).to_string())
}

/// What `Client::session` takes, as JSON. `extra` is a JSON object of options that have no field yet.
#[uniffi::export(default(extra = None))]
pub fn session_config(
    options: SessionOptions,
    handlers: SessionHandlers,
    extra: Option<Json>,
) -> Result<String> {
    let mut config = object(&options)?;
    if let Some(Value::Object(extra)) = extra.map(|extra| value(&extra)).transpose()? {
        config.extend(extra);
    }
    config.insert("handlers".to_owned(), Value::Object(object(&handlers)?));
    Ok(Value::Object(config).to_string())
}

fn object(record: &impl Serialize) -> Result<Map<String, Value>> {
    match value(record)? {
        Value::Object(fields) => Ok(fields),
        other => Err(unusable(format!("{other} is no object")).into()),
    }
}

fn value(record: &impl Serialize) -> Result<Value> {
    Ok(serde_json::to_value(record).map_err(|error| unusable(error.to_string()))?)
}

fn unusable(text: String) -> support::Error {
    support::Error::new(ErrorKind::InvalidArgument, text)
}

#[cfg(test)]
mod tests;
