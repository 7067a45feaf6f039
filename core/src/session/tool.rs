//! Tools: what the model may call, with or without a handler in this process.

use std::future::Future;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::handlers::{Handler, HandlerContext, HandlerResult, boxed};
use crate::protocol::requests::{ToolInvocation, ToolResult};

/// A tool of the session (wire: an element of `tools`). Deserialized, it is declared only: it has no handler, and a
/// call to it stays pending for whoever answers `session.tools.handlePendingToolCall`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Tool {
    /// The name the model calls; unique in a session.
    pub name: String,
    /// What the model is told about it.
    #[serde(default)]
    pub description: String,
    /// JSON schema of the arguments: an object schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Value>,
    /// Whether it replaces a built-in tool of the same name; without it such a name is refused by the runtime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrides_built_in_tool: Option<bool>,
    /// Whether the runtime calls it without asking for a permission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_permission: Option<bool>,
    /// `auto` or `never`: whether the runtime may hide it behind tool search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub defer: Option<String>,
    /// Sent as is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// Whether a call of it ends the turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_terminal: Option<bool>,
    #[serde(skip)]
    pub(crate) handler: Option<Handler<ToolInvocation, ToolResult>>,
}

impl Tool {
    /// A tool that is declared only; add a handler with [`Tool::handler`].
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Tool { name: name.into(), description: description.into(), ..Tool::default() }
    }

    /// A tool whose arguments are a Rust type: the schema comes from it (`schemars`) and bad arguments are answered
    /// to the model with serde's own words, so that it can try again.
    ///
    /// ```
    /// use codriver::{Tool, ToolResult};
    ///
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Weather {
    ///     /// The city's name.
    ///     city: String,
    /// }
    ///
    /// let tool = Tool::typed("get_weather", "Tells the weather", async |args: Weather, _context| {
    ///     Ok(ToolResult::text(format!("22 °C in {}", args.city)))
    /// });
    /// assert_eq!(tool.parameters.unwrap()["properties"]["city"]["type"], "string");
    /// ```
    pub fn typed<Args, F, Fut>(name: impl Into<String>, description: impl Into<String>, handler: F) -> Self
    where
        Args: DeserializeOwned + schemars::JsonSchema + Send + 'static,
        F: Fn(Args, HandlerContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<ToolResult>> + Send + 'static,
    {
        let schema =
            schemars::generate::SchemaSettings::draft07().into_generator().into_root_schema_for::<Args>();
        let typed = move |call: ToolInvocation, context: HandlerContext| {
            let ready = match serde_json::from_value::<Args>(call.arguments) {
                Ok(args) => Ok(handler(args, context)),
                Err(error) => Err(ToolResult::failure(format!("invalid arguments: {error}"))),
            };
            async move {
                match ready {
                    Ok(future) => future.await,
                    Err(failure) => Ok(failure),
                }
            }
        };
        let mut tool = Tool::new(name, description).handler(typed);
        tool.parameters = Some(schema.to_value());
        tool
    }

    /// Sets the JSON schema of the arguments.
    #[must_use]
    pub fn parameters(mut self, schema: Value) -> Self {
        self.parameters = Some(schema);
        self
    }

    /// Sets the handler: it gets the whole invocation with its arguments as JSON.
    #[must_use]
    pub fn handler<F, Fut>(mut self, handler: F) -> Self
    where
        F: Fn(ToolInvocation, HandlerContext) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = HandlerResult<ToolResult>> + Send + 'static,
    {
        self.handler = Some(boxed(handler));
        self
    }

    /// Whether this process answers it.
    pub fn has_handler(&self) -> bool {
        self.handler.is_some()
    }
}

impl std::fmt::Debug for Tool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tool")
            .field("name", &self.name)
            .field("has_handler", &self.has_handler())
            .finish_non_exhaustive()
    }
}
