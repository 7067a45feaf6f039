//! `INVALID_CONFIG` errors: always `path.of.the.field: what is wrong and the way out`, never a value that may be a
//! secret (DESIGN I29).

use std::collections::HashSet;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};

/// The error for a field.
pub(crate) fn invalid(field: impl AsRef<str>, sentence: impl AsRef<str>) -> Error {
    Error::new(ErrorKind::InvalidConfig, format!("{}: {}", field.as_ref(), sentence.as_ref()))
}

/// Refuses text with nothing in it.
pub(crate) fn not_blank(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(invalid(field, "must not be empty; leave it out to use the default"));
    }
    Ok(())
}

/// Refuses required text with nothing in it.
pub(crate) fn required(field: &str, text: &str, what: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(invalid(field, format!("is missing; give {what}")));
    }
    Ok(())
}

/// Refuses names that are empty or come twice; `field` names the list.
pub(crate) fn unique<'a>(
    field: &str,
    key: &str,
    names: impl IntoIterator<Item = &'a str>,
    what: &str,
) -> Result<()> {
    let mut seen = HashSet::new();
    for (index, name) in names.into_iter().enumerate() {
        required(&format!("{field}[{index}].{key}"), name, &format!("the {what} a name"))?;
        if !seen.insert(name) {
            return Err(invalid(
                format!("{field}[{index}].{key}"),
                format!("the {what} `{name}` is there twice; rename or remove one"),
            ));
        }
    }
    Ok(())
}

/// Refuses what is not an absolute http or https URL; the URL itself is not quoted, it may hold credentials.
pub(crate) fn http_url(field: &str, url: &str) -> Result<()> {
    let rest = ["http://", "https://"].iter().find_map(|scheme| {
        url.get(..scheme.len())?.eq_ignore_ascii_case(scheme).then(|| &url[scheme.len()..])
    });
    match rest {
        Some(rest)
            if !rest.is_empty()
                && !rest.starts_with(['/', '?', '#'])
                && !url.contains(char::is_whitespace) =>
        {
            Ok(())
        }
        _ => Err(invalid(field, "must be an absolute http:// or https:// URL")),
    }
}

/// Reads `value` into `T`; the error names the path below `field`.
pub(crate) fn read<T: DeserializeOwned>(field: &str, value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let (inner, text) = (error.path().to_string(), error.inner().to_string());
        let at = match inner.as_str() {
            "." => field.to_owned(),
            path if field.is_empty() || path.starts_with('[') => format!("{field}{path}"),
            path => format!("{field}.{path}"),
        };
        invalid(if at.is_empty() { "options" } else { &at }, without_value(&text))
    })
}

/// Serde quotes the offending value in `invalid type` and `invalid value`; keep its kind and what was expected.
fn without_value(text: &str) -> String {
    let Some(rest) = text.strip_prefix("invalid type: ").or_else(|| text.strip_prefix("invalid value: "))
    else {
        return text.to_owned();
    };
    let found = rest.split([' ', ',']).next().unwrap_or_default();
    match rest.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}, found {found}"),
        None => format!("cannot be a {found}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_type_is_told_without_its_value() {
        let error = read::<bool>("streaming", Value::from("sk-secret, expected gold")).unwrap_err();
        assert_eq!(error.message(), "streaming: expected a boolean, found string");
    }

    #[test]
    fn only_absolute_http_urls_pass_and_none_is_quoted() {
        for good in ["http://localhost:1/v1", "HTTPS://api.example.com", "http://[::1]:80"] {
            assert!(http_url("u", good).is_ok(), "{good}");
        }
        for bad in ["", "localhost:80", "ftp://x", "http://", "https:///v1", "http://a b"] {
            let error = http_url("provider.baseUrl", bad).unwrap_err();
            assert_eq!(error.message(), "provider.baseUrl: must be an absolute http:// or https:// URL");
        }
    }
}
