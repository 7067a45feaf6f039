//! Partial matching of JSON against patterns with captures, and filling of templates with what was captured.
//!
//! | pattern | matches |
//! |---|---|
//! | `{…}` | an object that has at least these keys, each matching |
//! | `[…]` | an array of the same length, each element matching |
//! | `"$name"` | anything that is there; binds it, or must equal what is bound already |
//! | `"$_"` | anything that is there |
//! | `"$$text"` | the literal `$text` |
//! | `{"$absent": true}` | (as the value of a key) a key that is not there |
//! | `{"$uuid4": true}` | a UUID of version 4 |
//! | `{"$all": […]}`, `{"$any_of": […]}`, `{"$not": p}` | all of them, one of them, not this |
//! | `{"$contains": p}` | a string with this part, or an array with a matching element |
//! | `{"$at_least": n}`, `{"$at_most": n}` | a number in that range |
//!
//! In a template, `"$name"` becomes the captured value, `${name}` inside a string its text, and `{"$fill": n}` a string
//! of `n` times `x`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// What `$name` patterns have bound so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Captures(BTreeMap<String, Value>);

impl Captures {
    /// Binds `name`, over what it was before.
    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// What `name` is bound to.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

/// Matches `actual` against `pattern`. On success new names are bound; on a mismatch nothing is, and the error names the
/// place and what was there.
pub fn matches(pattern: &Value, actual: &Value, captures: &mut Captures) -> Result<(), String> {
    let mut trial = captures.clone();
    check(pattern, Some(actual), &mut trial, "")?;
    *captures = trial;
    Ok(())
}

fn check(pattern: &Value, actual: Option<&Value>, captures: &mut Captures, at: &str) -> Result<(), String> {
    if let Some((operator, operand)) = operator(pattern) {
        return check_operator(operator, operand, actual, captures, at);
    }
    let Some(actual) = actual else { return Err(format!("{at}: is not there, wanted {pattern}")) };
    let unequal = || Err(format!("{at}: is {}, wanted {pattern}", short(actual)));
    match pattern {
        Value::String(text) => match text.strip_prefix('$') {
            None if actual == pattern => Ok(()),
            Some("_") => Ok(()),
            Some(literal) if literal.starts_with('$') => {
                if actual.as_str() == Some(literal) {
                    Ok(())
                } else {
                    unequal()
                }
            }
            Some(name) => match captures.get(name) {
                None => {
                    captures.set(name, actual.clone());
                    Ok(())
                }
                Some(bound) if bound == actual => Ok(()),
                Some(bound) => Err(format!("{at}: is {}, but ${name} is {bound}", short(actual))),
            },
            None => unequal(),
        },
        Value::Object(wanted) => {
            let Value::Object(found) = actual else { return unequal() };
            wanted.iter().try_for_each(|(key, p)| check(p, found.get(key), captures, &format!("{at}.{key}")))
        }
        Value::Array(wanted) => match actual {
            Value::Array(found) if found.len() == wanted.len() => wanted
                .iter()
                .zip(found)
                .enumerate()
                .try_for_each(|(i, (p, a))| check(p, Some(a), captures, &format!("{at}[{i}]"))),
            _ => unequal(),
        },
        _ if pattern == actual => Ok(()),
        _ => unequal(),
    }
}

fn check_operator(
    operator: &str,
    operand: &Value,
    actual: Option<&Value>,
    captures: &mut Captures,
    at: &str,
) -> Result<(), String> {
    let shown = actual.map_or("not there".to_owned(), short);
    let demand = |holds: bool| {
        if holds { Ok(()) } else { Err(format!("{at}: is {shown}, wanted {operator} {operand}")) }
    };
    let list = || operand.as_array().map(Vec::as_slice).unwrap_or_default();
    match operator {
        "$absent" => demand(actual.is_none()),
        "$uuid4" => demand(actual.and_then(Value::as_str).is_some_and(is_uuid4)),
        "$all" => list().iter().try_for_each(|p| check(p, actual, captures, at)),
        "$any_of" => {
            for p in list() {
                let mut trial = captures.clone();
                if check(p, actual, &mut trial, at).is_ok() {
                    *captures = trial;
                    return Ok(());
                }
            }
            demand(false)
        }
        "$not" => demand(check(operand, actual, &mut captures.clone(), at).is_err()),
        "$contains" => match (actual, operand) {
            (Some(Value::String(text)), Value::String(part)) => demand(text.contains(part.as_str())),
            (Some(Value::Array(items)), _) => {
                demand(items.iter().any(|item| check(operand, Some(item), &mut captures.clone(), at).is_ok()))
            }
            _ => demand(false),
        },
        "$at_least" => demand(actual.and_then(Value::as_f64) >= operand.as_f64() && actual.is_some()),
        "$at_most" => demand(actual.and_then(Value::as_f64).is_some_and(|n| Some(n) <= operand.as_f64())),
        unknown => Err(format!("{at}: no such pattern operator: {unknown}")),
    }
}

/// Fills a template. Errors where it uses a name that nothing has bound.
pub fn fill(template: &Value, captures: &Captures) -> Result<Value, String> {
    if let Some(("$fill", count)) = operator(template) {
        let count = count.as_u64().ok_or("$fill wants a number")?;
        return Ok("x".repeat(usize::try_from(count).map_err(|e| e.to_string())?).into());
    }
    match template {
        Value::String(text) => fill_text(text, captures),
        Value::Array(items) => items.iter().map(|item| fill(item, captures)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| Ok((key.clone(), fill(value, captures)?)))
            .collect::<Result<Map<_, _>, String>>()
            .map(Value::Object),
        other => Ok(other.clone()),
    }
}

fn fill_text(text: &str, captures: &Captures) -> Result<Value, String> {
    let bound = |name: &str| captures.get(name).ok_or_else(|| format!("${name} is not bound"));
    match text.strip_prefix('$') {
        Some(literal) if literal.starts_with('$') => return Ok(literal.into()),
        Some(name) if !name.starts_with('{') => return bound(name).cloned(),
        _ => {}
    }
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, tail) = after.split_once('}').ok_or_else(|| format!("${{ without }} in {text:?}"))?;
        filled.push_str(before);
        match bound(name)? {
            Value::String(value) => filled.push_str(value),
            other => filled.push_str(&other.to_string()),
        }
        rest = tail;
    }
    filled.push_str(rest);
    Ok(filled.into())
}

/// `{"$x": y}` and nothing else in it.
fn operator(value: &Value) -> Option<(&str, &Value)> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    let (key, operand) = fields.iter().next()?;
    key.starts_with('$').then_some((key.as_str(), operand))
}

fn is_uuid4(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|g| g.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|g| g.bytes().all(|b| b.is_ascii_hexdigit()))
        && groups[2].starts_with('4')
        && groups[3].starts_with(['8', '9', 'a', 'b', 'A', 'B'])
}

/// JSON text cut to a length that a person reads.
pub fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(400) {
        Some((cut, _)) => format!("{}… ({} bytes)", &text[..cut], text.len()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(pattern: Value, actual: Value) -> bool {
        matches(&pattern, &actual, &mut Captures::default()).is_ok()
    }

    #[test]
    fn objects_match_partially_and_arrays_wholly() {
        assert!(holds(json!({"a": {"b": 1}}), json!({"a": {"b": 1, "c": 2}, "d": 3})));
        assert!(!holds(json!({"a": {"b": 1}}), json!({"a": {"b": 2}})));
        assert!(!holds(json!({"a": 1}), json!({})));
        assert!(holds(json!([1, {"x": 1}]), json!([1, {"x": 1, "y": 2}])));
        assert!(!holds(json!([1]), json!([1, 2])));
    }

    #[test]
    fn a_name_binds_once_and_then_demands_the_same() {
        let mut captures = Captures::default();
        matches(&json!({"id": "$id"}), &json!({"id": 7}), &mut captures).unwrap();
        assert_eq!(captures.get("id"), Some(&json!(7)));
        assert!(matches(&json!("$id"), &json!(8), &mut captures).is_err());
        assert!(matches(&json!("$id"), &json!(7), &mut captures).is_ok());
        assert!(holds(json!("$$id"), json!("$id")));
    }

    #[test]
    fn a_mismatch_binds_nothing_and_names_the_place() {
        let mut captures = Captures::default();
        let error =
            matches(&json!({"a": "$a", "z": {"y": 1}}), &json!({"a": 1, "z": {"y": 2}}), &mut captures);
        assert_eq!(error.unwrap_err(), ".z.y: is 2, wanted 1");
        assert_eq!(captures, Captures::default());
    }

    #[test]
    fn operators_say_what_equality_cannot() {
        assert!(holds(json!({"a": {"$absent": true}}), json!({"b": 1})));
        assert!(!holds(json!({"a": {"$absent": true}}), json!({"a": null})));
        assert!(holds(json!({"$uuid4": true}), json!("936da01f-9abd-4d9d-80c7-02af85c822a8")));
        assert!(!holds(json!({"$uuid4": true}), json!("936da01f-9abd-1d9d-80c7-02af85c822a8")));
        assert!(holds(json!({"$any_of": [1, 2]}), json!(2)));
        assert!(!holds(json!({"$any_of": [1, 2]}), json!(3)));
        assert!(holds(json!({"a": {"$not": 1}}), json!({"a": 2})));
        assert!(holds(json!({"$contains": "bc"}), json!("abcd")));
        assert!(holds(json!({"$contains": {"n": 1}}), json!([{"n": 0}, {"n": 1}])));
        assert!(!holds(json!({"$contains": {"n": 2}}), json!([{"n": 0}])));
        assert!(holds(json!({"$at_least": 3}), json!(3)) && !holds(json!({"$at_least": 3}), json!(2)));
        assert!(holds(json!({"$at_most": 3}), json!(3)) && !holds(json!({"$at_most": 3}), json!(4)));
        assert!(!holds(json!({"$typo": 3}), json!(3)));
        assert!(!holds(json!({"x": {"$at_least": 0}}), json!({})));
    }

    #[test]
    fn a_template_is_filled_with_values_and_texts() {
        let mut captures = Captures::default();
        captures.set("id", json!(7));
        captures.set("name", json!("n"));
        let filled =
            fill(&json!({"a": "$id", "b": "x${id}y${name}", "c": {"$fill": 3}, "d": "$$x"}), &captures)
                .unwrap();
        assert_eq!(filled, json!({"a": 7, "b": "x7yn", "c": "xxx", "d": "$x"}));
        assert!(fill(&json!("$nobody"), &captures).is_err());
    }
}
