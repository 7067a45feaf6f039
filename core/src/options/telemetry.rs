//! OpenTelemetry of the runtime, which it reads from its environment.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::invalid::{http_url, invalid, not_blank};
use crate::error::Result;

/// OpenTelemetry of the runtime; that it is there turns it on (`COPILOT_OTEL_ENABLED`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Telemetry {
    /// OTLP endpoint, an `http` or `https` URL (`OTEL_EXPORTER_OTLP_ENDPOINT`).
    pub otlp_endpoint: Option<String>,
    /// `http/json` or `http/protobuf` (`OTEL_EXPORTER_OTLP_PROTOCOL`).
    pub otlp_protocol: Option<String>,
    /// File for the file exporter (`COPILOT_OTEL_FILE_EXPORTER_PATH`).
    pub file_path: Option<String>,
    /// `otlp-http` or `file` (`COPILOT_OTEL_EXPORTER_TYPE`).
    pub exporter_type: Option<String>,
    /// Name of the instrumentation scope (`COPILOT_OTEL_SOURCE_NAME`).
    pub source_name: Option<String>,
    /// Whether prompts and answers are recorded (`OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`).
    pub capture_content: Option<bool>,
}

impl Telemetry {
    pub(super) fn env(&self) -> BTreeMap<&'static str, String> {
        let texts = [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &self.otlp_endpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", &self.otlp_protocol),
            ("COPILOT_OTEL_FILE_EXPORTER_PATH", &self.file_path),
            ("COPILOT_OTEL_EXPORTER_TYPE", &self.exporter_type),
            ("COPILOT_OTEL_SOURCE_NAME", &self.source_name),
        ];
        let mut env: BTreeMap<_, _> =
            texts.into_iter().filter_map(|(name, text)| Some((name, text.clone()?))).collect();
        env.insert("COPILOT_OTEL_ENABLED", "true".to_owned());
        if let Some(capture) = self.capture_content {
            env.insert("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", capture.to_string());
        }
        env
    }

    pub(super) fn check(&self) -> Result<()> {
        if let Some(endpoint) = &self.otlp_endpoint {
            http_url("telemetry.otlpEndpoint", endpoint)?;
        }
        match self.otlp_protocol.as_deref() {
            None | Some("http/json" | "http/protobuf") => {}
            Some(_) => {
                return Err(invalid("telemetry.otlpProtocol", "must be `http/json` or `http/protobuf`"));
            }
        }
        if let Some(path) = &self.file_path {
            not_blank("telemetry.filePath", path)?;
        }
        if self.exporter_type.as_deref() == Some("file") && self.file_path.is_none() {
            return Err(invalid("telemetry.filePath", "is missing; the exporter `file` needs it"));
        }
        Ok(())
    }
}
