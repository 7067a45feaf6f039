//! Values between JSON and SQLite. Pure.
//!
//! | SQLite | JSON |
//! |---|---|
//! | NULL | `null` |
//! | INTEGER | a number; beyond ±(2^53 − 1), where JavaScript would round it, a string of its digits |
//! | REAL | a number; `"Infinity"` and `"-Infinity"` for what JSON has no number for |
//! | TEXT | a string, with U+FFFD for what is not UTF-8 |
//! | BLOB | `{"type": "Buffer", "data": [bytes]}`, as Node.js writes one |
//!
//! Parameters are read the same way; `true` and `false` are 1 and 0.

use rusqlite::types::{Value as SqlValue, ValueRef};
use serde_json::{Value, json};

/// The largest integer that every reader of JSON keeps exact.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// Whether JavaScript reads that number as it is.
pub(super) fn is_safe(integer: i64) -> bool {
    integer.unsigned_abs() <= MAX_SAFE_INTEGER
}

/// A value of a row.
pub(super) fn to_json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(integer) if is_safe(integer) => integer.into(),
        ValueRef::Integer(integer) => integer.to_string().into(),
        ValueRef::Real(real) if real == f64::INFINITY => "Infinity".into(),
        ValueRef::Real(real) if real == f64::NEG_INFINITY => "-Infinity".into(),
        ValueRef::Real(real) => real.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        ValueRef::Blob(bytes) => json!({"type": "Buffer", "data": bytes}),
    }
}

/// About how many bytes of JSON the value takes.
pub(super) fn json_bytes(value: ValueRef<'_>) -> usize {
    match value {
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => 24,
        ValueRef::Text(text) => text.len() + 3,
        ValueRef::Blob(bytes) => bytes.len() * 4 + 32,
    }
}

/// A parameter; none where SQLite has no such value.
pub(super) fn from_json(value: &Value) -> Option<SqlValue> {
    Some(match value {
        Value::Null => SqlValue::Null,
        Value::Bool(yes) => SqlValue::Integer((*yes).into()),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => SqlValue::Integer(integer),
            None => SqlValue::Real(number.as_f64()?),
        },
        Value::String(text) => SqlValue::Text(text.clone()),
        Value::Object(object) if object.get("type")? == "Buffer" => {
            let byte = |value: &Value| u8::try_from(value.as_u64()?).ok();
            SqlValue::Blob(object.get("data")?.as_array()?.iter().map(byte).collect::<Option<_>>()?)
        }
        Value::Object(_) | Value::Array(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_goes_there_and_back() {
        for (sql, json) in [
            (SqlValue::Null, json!(null)),
            (SqlValue::Integer(-7), json!(-7)),
            (SqlValue::Integer(9_007_199_254_740_991), json!(9_007_199_254_740_991_i64)),
            (SqlValue::Real(1.5), json!(1.5)),
            (SqlValue::Text("é 🦀".into()), json!("é 🦀")),
            (SqlValue::Blob(vec![0, 255]), json!({"type": "Buffer", "data": [0, 255]})),
        ] {
            assert_eq!(to_json(ValueRef::from(&sql)), json);
            assert_eq!(from_json(&json), Some(sql));
        }
    }

    #[test]
    fn what_json_numbers_cannot_hold_is_told_as_text() {
        for (sql, json) in [
            (ValueRef::Integer(9_007_199_254_740_992), json!("9007199254740992")),
            (ValueRef::Integer(i64::MIN), json!("-9223372036854775808")),
            (ValueRef::Real(f64::NEG_INFINITY), json!("-Infinity")),
            (ValueRef::Text(b"a\xff"), json!("a\u{fffd}")),
        ] {
            assert_eq!(to_json(sql), json);
        }
    }

    #[test]
    fn what_sqlite_has_no_value_for_is_no_parameter() {
        for json in [json!([1]), json!({"a": 1}), json!({"type": "Buffer", "data": [256]})] {
            assert_eq!(from_json(&json), None, "{json}");
        }
        assert_eq!(from_json(&json!(true)), Some(SqlValue::Integer(1)));
        assert_eq!(from_json(&json!(u64::MAX)), Some(SqlValue::Real(u64::MAX as f64)));
    }
}
