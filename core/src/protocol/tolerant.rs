//! How data of the runtime is read, so that a newer or older runtime hardly ever makes it unreadable.
//!
//! Every field of a struct made by [`tolerant!`] keeps four rules: absent is the default; `null` is the default, also
//! inside lists and maps; a whole number may come as `5.0`; unknown fields are passed over. What is left to fail is a
//! value of another type.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error};
use serde_json::{Map, Number, Value};

/// A type that can stand in a tolerant struct.
pub(crate) trait Field: Default {
    /// Reads it by the rules of this module.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// [`Field::read`] as a free function, for `#[serde(deserialize_with)]`.
pub(crate) fn read<'de, T: Field, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::read(deserializer)
}

/// Lets serde's own containers hold a [`Field`].
struct Item<T>(T);

impl<'de, T: Field> Deserialize<'de> for Item<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Item)
    }
}

/// Implements [`Field`] by the type's own `Deserialize`.
macro_rules! plain_field {
    ($($type:ty),*) => {$(
        impl crate::protocol::tolerant::Field for $type {
            fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(<Option<$type> as serde::Deserialize>::deserialize(deserializer)?.unwrap_or_default())
            }
        }
    )*};
}
pub(crate) use plain_field;

plain_field!(String, bool, f64, Value, Map<String, Value>);

impl Field for u64 {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Some(number) = Option::<Number>::deserialize(deserializer)? else { return Ok(0) };
        let whole = || number.as_f64().filter(|f| *f >= 0.0).map(|f| f.round() as u64);
        number.as_u64().or_else(whole).ok_or_else(|| D::Error::custom(format!("negative number {number}")))
    }
}

impl Field for i64 {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Some(number) = Option::<Number>::deserialize(deserializer)? else { return Ok(0) };
        Ok(number.as_i64().or_else(|| number.as_f64().map(|f| f.round() as i64)).unwrap_or_default())
    }
}

impl<T: Field> Field for Option<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<Item<T>>::deserialize(deserializer)?.map(|item| item.0))
    }
}

impl<T: Field> Field for Vec<T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = Option::<Vec<Item<T>>>::deserialize(deserializer)?.unwrap_or_default();
        Ok(items.into_iter().map(|item| item.0).collect())
    }
}

impl<T: Field> Field for BTreeMap<String, T> {
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = Option::<BTreeMap<String, Item<T>>>::deserialize(deserializer)?.unwrap_or_default();
        Ok(items.into_iter().map(|(key, item)| (key, item.0)).collect())
    }
}

/// Declares structs of the wire whose every field is read by the rules of this module; names are camelCase there.
macro_rules! tolerant {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* }
    )*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$field_meta])*
                #[serde(deserialize_with = "crate::protocol::tolerant::read")]
                pub $field: $type,
            )*
        }
        crate::protocol::tolerant::plain_field!($name);
    )*};
}
pub(crate) use tolerant;

#[cfg(test)]
mod tests {
    use super::*;

    tolerant! {
        /// One field of each kind.
        #[allow(unreachable_pub)]
        #[derive(serde::Serialize)]
        pub struct Sample {
            /// Text.
            pub text: String,
            /// A count.
            pub a_count: u64,
            /// A difference.
            pub difference: i64,
            /// Maybe.
            pub maybe: Option<u64>,
            /// A list.
            pub list: Vec<String>,
            /// Nested.
            pub nested: BTreeMap<String, Sample>,
            /// The rest.
            #[serde(flatten)]
            pub extra: Map<String, Value>,
        }
    }

    fn sample(json: &str) -> Sample {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn absent_and_null_are_the_default_also_inside_containers() {
        assert_eq!(sample("{}"), Sample::default());
        let nulls = r#"{"text":null,"aCount":null,"difference":null,"maybe":null,"list":null,"nested":null}"#;
        assert_eq!(sample(nulls), Sample::default());
        let inside = sample(r#"{"list":["a",null],"nested":{"x":null}}"#);
        assert_eq!(inside.list, ["a", ""]);
        assert_eq!(inside.nested["x"], Sample::default());
    }

    #[test]
    fn whole_numbers_may_come_with_a_fraction_and_differences_may_be_negative() {
        let read = sample(r#"{"aCount":5.0,"maybe":7.6,"difference":-7}"#);
        assert_eq!((read.a_count, read.maybe, read.difference), (5, Some(8), -7));
    }

    #[test]
    fn a_negative_count_and_a_value_of_another_type_are_errors_that_say_so() {
        let message = serde_json::from_str::<Sample>(r#"{"aCount":-1}"#).unwrap_err().to_string();
        assert!(message.contains("negative number -1"), "{message}");
        assert!(serde_json::from_str::<Sample>(r#"{"text":5}"#).unwrap_err().to_string().contains("string"));
    }

    #[test]
    fn unknown_fields_are_kept_where_a_struct_has_a_place_for_them() {
        let read = sample(r#"{"text":"t","newer":{"deep":[1]}}"#);
        assert_eq!(read.extra["newer"]["deep"][0], 1);
        assert_eq!(serde_json::to_value(&read).unwrap()["newer"]["deep"][0], 1);
    }
}
