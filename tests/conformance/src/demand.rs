//! Whether a timeline is what a scenario demands: values in, a sentence out.

use mock_runtime::pattern::{self, Captures};
use serde_json::Value;

use crate::scenario::{Demand, Expected};

/// Checks one demand; the error says what is missing or too much.
pub(crate) fn check(demand: &Demand, timeline: &[Value], captures: &Captures) -> Result<(), String> {
    let mut captures = captures.clone();
    match demand {
        Demand::InOrder(patterns) => in_order(patterns, timeline, &mut captures),
        Demand::Exactly(exactly) => {
            let found = all(&exactly.filter, timeline, &captures);
            let shown = || found.iter().map(|entry| pattern::short(entry)).collect::<Vec<_>>().join("\n    ");
            for (index, wanted) in exactly.are.iter().enumerate() {
                let Some(entry) = found.get(index) else {
                    return Err(format!(
                        "number {} of {} is missing: {wanted}; there are:\n    {}",
                        index + 1,
                        exactly.filter,
                        shown()
                    ));
                };
                pattern::matches(wanted, entry, &mut captures).map_err(|e| {
                    format!(
                        "number {} of {} differs at {e}; there are:\n    {}",
                        index + 1,
                        exactly.filter,
                        shown()
                    )
                })?;
            }
            match found.get(exactly.are.len()) {
                Some(extra) => Err(format!("one too many of {}: {}", exactly.filter, pattern::short(extra))),
                None => Ok(()),
            }
        }
        Demand::Count(count) => {
            let found = all(&count.filter, timeline, &captures).len();
            pattern::matches(&count.is, &found.into(), &mut captures)
                .map_err(|e| format!("the count of {}{e}", count.filter))
        }
        Demand::Never(unwanted) => match all(unwanted, timeline, &captures).first() {
            Some(entry) => Err(format!("must never be: {}", pattern::short(entry))),
            None => Ok(()),
        },
        Demand::Seq(seq) => {
            let events = timeline.iter().filter(|e| e["obs"] == "event" && e["session"] == *seq.session);
            let numbers: Vec<u64> =
                events.filter(|e| e.get("subscriber").is_none()).filter_map(|e| e["seq"].as_u64()).collect();
            match numbers.iter().enumerate().find(|(index, number)| **number != seq.from + *index as u64) {
                Some((index, number)) => {
                    Err(format!("event {} of {} has seq {number}", index + 1, seq.session))
                }
                None if numbers.is_empty() => Err(format!("no event of {} was seen", seq.session)),
                None => Ok(()),
            }
        }
    }
}

/// Checks a result (`{"ok": …}` or `{"error": …}`); of an error only number and name count, never the message.
pub(crate) fn check_result(
    expected: &Expected,
    result: &Value,
    captures: &mut Captures,
) -> Result<(), String> {
    let (pattern, key) = match expected {
        Expected::Any => return Ok(()),
        Expected::Ok(pattern) => (pattern, "ok"),
        Expected::Error(pattern) => (pattern, "error"),
    };
    let part =
        result.get(key).ok_or_else(|| format!("wanted {key} {pattern}, got {}", pattern::short(result)))?;
    pattern::matches(pattern, part, captures).map_err(|e| format!("{key}{e}; got {}", pattern::short(result)))
}

/// How many entries match.
pub(crate) fn count(filter: &Value, timeline: &[Value], captures: &Captures) -> usize {
    all(filter, timeline, captures).len()
}

fn all<'a>(filter: &Value, timeline: &'a [Value], captures: &Captures) -> Vec<&'a Value> {
    timeline.iter().filter(|entry| pattern::matches(filter, entry, &mut captures.clone()).is_ok()).collect()
}

fn in_order(patterns: &[Value], timeline: &[Value], captures: &mut Captures) -> Result<(), String> {
    let mut rest = timeline;
    for (index, wanted) in patterns.iter().enumerate() {
        let at = rest.iter().position(|entry| pattern::matches(wanted, entry, captures).is_ok());
        let Some(at) = at else {
            let elsewhere =
                timeline.iter().any(|entry| pattern::matches(wanted, entry, &mut captures.clone()).is_ok());
            let how = if elsewhere { "comes too early" } else { "never comes" };
            return Err(format!("number {} of the order {how}: {wanted}", index + 1));
        };
        rest = &rest[at + 1..];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn timeline() -> Vec<Value> {
        vec![
            json!({"result": "start", "ok": {}}),
            json!({"obs": "event", "session": "s", "seq": 1, "type": "a"}),
            json!({"obs": "event", "session": "s", "seq": 2, "type": "b"}),
            json!({"obs": "event", "session": "t", "seq": 2, "type": "b"}),
        ]
    }

    fn holds(demand: Value) -> bool {
        check(&serde_json::from_value(demand).unwrap(), &timeline(), &Captures::default()).is_ok()
    }

    #[test]
    fn an_order_holds_only_in_that_order() {
        assert!(holds(json!({"in_order": [{"result": "start"}, {"type": "b"}]})));
        assert!(!holds(json!({"in_order": [{"type": "b"}, {"result": "start"}]})));
        assert!(!holds(json!({"in_order": [{"type": "a"}, {"type": "a"}]})));
    }

    #[test]
    fn exactly_means_no_more_no_less_and_no_other() {
        let demand = |are: Value| json!({"exactly": {"where": {"session": "s"}, "are": are}});
        assert!(holds(demand(json!([{"type": "a"}, {"type": "b"}]))));
        assert!(!holds(demand(json!([{"type": "a"}]))));
        assert!(!holds(demand(json!([{"type": "a"}, {"type": "c"}]))));
        assert!(!holds(demand(json!([{"type": "a"}, {"type": "b"}, {"type": "c"}]))));
    }

    #[test]
    fn counts_absence_and_numbering_are_checked() {
        assert!(holds(json!({"count": {"where": {"type": "b"}, "is": 2}})));
        assert!(!holds(json!({"count": {"where": {"type": "b"}, "is": {"$at_least": 3}}})));
        assert!(holds(json!({"never": {"type": "c"}})));
        assert!(!holds(json!({"never": {"type": "a"}})));
        assert!(holds(json!({"seq": {"session": "s"}})));
        assert!(!holds(json!({"seq": {"session": "t"}})));
        assert!(!holds(json!({"seq": {"session": "nobody"}})));
    }

    #[test]
    fn an_error_where_a_value_was_wanted_is_a_failure_and_the_other_way_round() {
        let ok = json!({"ok": {"n": 1}});
        let error = json!({"error": {"number": 60, "name": "SESSION_NOT_FOUND", "message": "any"}});
        let check =
            |expected: Expected, result: &Value| check_result(&expected, result, &mut Captures::default());
        assert!(check(Expected::Ok(json!({"n": 1})), &ok).is_ok());
        assert!(check(Expected::Ok(json!({"n": 2})), &ok).is_err());
        assert!(check(Expected::Ok(json!({})), &error).is_err());
        assert!(check(Expected::Error(json!({"number": 60})), &error).is_ok());
        assert!(check(Expected::Error(json!({"number": 61})), &error).is_err());
        assert!(check(Expected::Error(json!({})), &ok).is_err());
        assert!(check(Expected::Any, &error).is_ok());
    }
}
