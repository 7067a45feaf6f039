//! snake_case names in JSON, for languages where that is the custom. Names that people choose (header names,
//! variables, servers, flags) and objects whose wire names are snake_case are left alone.

use serde_json::{Map, Value};

use super::invalid::invalid;
use crate::error::Result;

/// Renames the fields of the option objects in `value`, which is the option `option`, to the wire's.
pub(super) fn camel_case_fields(option: &str, value: &mut Value) -> Result<()> {
    match option {
        "provider" => {
            object(option, value)?;
            nested(value, "azure", object)
        }
        "cloud" => {
            object(option, value)?;
            nested(value, "repository", object)
        }
        "systemMessage"
        | "toolSearch"
        | "infiniteSessions"
        | "largeOutput"
        | "sessionLimits"
        | "capi"
        | "githubMcpToolConfig"
        | "defaultAgent"
        | "extensionInfo"
        | "canvasProvider"
        | "sandboxConfig" => object(option, value),
        "managedSettings" => nested(value, "permissions", object),
        "modelCapabilities" => nested(value, "supports", object),
        "mcpServers" => servers(option, value),
        "providers" | "models" | "tools" | "commands" | "canvases" | "openCanvases" | "customAgents" => {
            let Value::Array(elements) = value else { return Ok(()) };
            for (i, element) in elements.iter_mut().enumerate() {
                object(&format!("{option}[{i}]"), element)?;
                nested(element, "azure", object)?;
                nested(element, "mcpServers", servers)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

type Rename = fn(&str, &mut Value) -> Result<()>;

fn nested(value: &mut Value, key: &str, rename: Rename) -> Result<()> {
    value.get_mut(key).map_or(Ok(()), |inner| rename(key, inner))
}

fn servers(at: &str, value: &mut Value) -> Result<()> {
    let Value::Object(servers) = value else { return Ok(()) };
    servers.iter_mut().try_for_each(|(name, server)| object(&format!("{at}.{name}"), server))
}

/// Renames the fields of one object.
pub(super) fn object(at: &str, value: &mut Value) -> Result<()> {
    let Value::Object(fields) = value else { return Ok(()) };
    let mut renamed = Map::with_capacity(fields.len());
    for (key, value) in std::mem::take(fields) {
        let camel = camel_case(&key);
        if renamed.insert(camel.clone(), value).is_some() {
            return Err(invalid(format!("{at}.{camel}"), "is given twice, also in snake_case; remove one"));
        }
    }
    *fields = renamed;
    Ok(())
}

/// `base_url` → `baseUrl`; what is not snake_case stays as it is.
fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    let mut after_underscore = false;
    for c in name.chars() {
        match c {
            '_' if !camel.is_empty() => after_underscore = true,
            c if std::mem::take(&mut after_underscore) => camel.extend(c.to_uppercase()),
            c => camel.push(c),
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn option_objects_may_be_snake_case_and_names_of_people_stay() {
        let mut value = json!({"my_server": {"command": "x", "env": {"A_B": "1"}, "oauth_client_id": "c"}});
        camel_case_fields("mcpServers", &mut value).unwrap();
        assert_eq!(value, json!({"my_server": {"command": "x", "env": {"A_B": "1"}, "oauthClientId": "c"}}));
        let mut value =
            json!([{"name": "n", "has_bearer_token_provider": true, "azure": {"api_version": "1"}}]);
        camel_case_fields("providers", &mut value).unwrap();
        assert_eq!(
            value,
            json!([{"name": "n", "hasBearerTokenProvider": true, "azure": {"apiVersion": "1"}}])
        );
    }

    #[test]
    fn a_field_in_both_spellings_is_refused() {
        let mut value = json!({"baseUrl": "a", "base_url": "b"});
        let error = camel_case_fields("provider", &mut value).unwrap_err();
        assert_eq!(error.message(), "provider.baseUrl: is given twice, also in snake_case; remove one");
    }
}
