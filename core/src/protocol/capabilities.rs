//! What the host's interface can do for a session, and how partial updates of it are merged.

use serde::Serialize;
use serde_json::{Map, Value};

use super::tolerant::tolerant;

tolerant! {
    /// What the runtime says that the host can do: `capabilities` of the answer to create and resume, with every
    /// `capabilities.changed` since merged into it.
    #[derive(Serialize)]
    pub struct SessionCapabilities {
        /// The interface.
        pub ui: UiCapabilities,
        /// Whether extensions run.
        pub extensions: bool,
        /// Capabilities that are not known yet.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }

    /// What the interface can show.
    #[derive(Serialize)]
    pub struct UiCapabilities {
        /// Forms: `ui()` of the session works.
        pub elicitation: bool,
        /// MCP apps; never on 1.0.57 in cloud sessions.
        pub mcp_apps: bool,
        /// Canvases; never on 1.0.57.
        pub canvases: bool,
        /// Capabilities that are not known yet.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }
}

/// Merges the partial update of a `capabilities.changed` into what is known: objects are merged key by key, all the
/// way down, anything else takes the place of what was there. What the update does not name stays.
///
/// A `null` in the update says nothing, so what was there stays: the schema knows no removal of a capability (one that
/// ends is `false`), and writers differ in whether they leave out or write `null` for what they do not mean. An update
/// that is not an object changes nothing either.
pub fn merge_capabilities(known: &mut Value, update: &Value) {
    let Value::Object(update) = update else { return };
    if !known.is_object() {
        *known = Value::Object(Map::new());
    }
    let Value::Object(known) = known else { return };
    for (key, value) in update {
        match value {
            Value::Null => {}
            Value::Object(_) => merge_capabilities(known.entry(key).or_insert(Value::Null), value),
            _ => {
                known.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn merged(known: Value, update: Value) -> Value {
        let mut known = known;
        merge_capabilities(&mut known, &update);
        known
    }

    #[test]
    fn an_update_is_merged_and_never_replaces() {
        let known = json!({"ui": {"elicitation": false, "mcpApps": true, "newer": {"a": 1, "b": 2}}, "extensions": true});
        let update = json!({"ui": {"elicitation": true, "newer": {"b": 3}}});
        let expected = json!({"ui": {"elicitation": true, "mcpApps": true, "newer": {"a": 1, "b": 3}}, "extensions": true});
        assert_eq!(merged(known, update), expected);
    }

    #[test]
    fn null_and_what_is_no_object_say_nothing() {
        let known = json!({"ui": {"elicitation": true}, "extensions": true});
        for update in
            [json!({"ui": null}), json!({"ui": {"elicitation": null}}), json!({}), json!(null), json!([1])]
        {
            assert_eq!(merged(known.clone(), update), known);
        }
    }

    #[test]
    fn an_update_of_nothing_known_is_what_is_known() {
        let update = json!({"ui": {"canvases": true}, "extensions": false});
        assert_eq!(merged(Value::Null, update.clone()), update);
        assert_eq!(merged(json!({"ui": false}), update.clone()), update);
    }

    #[test]
    fn a_list_is_replaced_as_a_whole() {
        assert_eq!(merged(json!({"kinds": ["a", "b"]}), json!({"kinds": ["c"]})), json!({"kinds": ["c"]}));
    }

    #[test]
    fn what_an_older_runtime_does_not_name_is_false_and_what_a_newer_one_adds_is_kept() {
        let older: SessionCapabilities =
            serde_json::from_value(json!({"ui": {"elicitation": true}, "extensions": false})).unwrap();
        assert!(older.ui.elicitation && !older.ui.mcp_apps && !older.ui.canvases);
        let wire = json!({"ui": {"elicitation": false, "mcpApps": false, "canvases": false, "voice": true},
            "extensions": true, "hologram": {"depth": 3}});
        let newer: SessionCapabilities = serde_json::from_value(wire.clone()).unwrap();
        assert_eq!(newer.ui.extra["voice"], true);
        assert_eq!(serde_json::to_value(&newer).unwrap(), wire);
    }
}
