//! `record!`: a nested option object of the wire with its builder, declared as one table.
//!
//! `into` fields take anything that converts, `is` fields exactly their type, `list` fields any iterator of what
//! converts. All are optional on the wire; what `new` takes is always sent, and an empty one is refused by name.

/// The type a field of the given kind holds.
macro_rules! field_type {
    (list $type:ty) => { Vec<$type> };
    ($kind:ident $type:ty) => { $type };
}
pub(super) use field_type;

/// The builder method of one field.
macro_rules! setter {
    (into $field:ident: $type:ty) => {
        #[doc = concat!("Sets [`", stringify!($field), "`](Self#structfield.", stringify!($field), ").")]
        #[must_use]
        pub fn $field(mut self, value: impl Into<$type>) -> Self {
            self.$field = Some(value.into());
            self
        }
    };
    (is $field:ident: $type:ty) => {
        #[doc = concat!("Sets [`", stringify!($field), "`](Self#structfield.", stringify!($field), ").")]
        #[must_use]
        pub fn $field(mut self, value: $type) -> Self {
            self.$field = Some(value);
            self
        }
    };
    (list $field:ident: $type:ty) => {
        #[doc = concat!("Sets [`", stringify!($field), "`](Self#structfield.", stringify!($field), ").")]
        #[must_use]
        pub fn $field(mut self, values: impl IntoIterator<Item = impl Into<$type>>) -> Self {
            self.$field = Some(values.into_iter().map(Into::into).collect());
            self
        }
    };
}
pub(super) use setter;

/// Declares option objects; see the module.
macro_rules! record {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident $(new($($(#[$req_meta:meta])* $req:ident: $req_type:ty,)*))? {
            $($(#[$field_meta:meta])* $kind:ident $field:ident: $type:ty;)*
        }
    )*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        #[non_exhaustive]
        pub struct $name {
            $($($(#[$req_meta])* pub $req: $req_type,)*)?
            $(
                $(#[$field_meta])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<$crate::options::record::field_type!($kind $type)>,
            )*
            /// Fields this crate does not know yet; sent as they are.
            #[serde(flatten)]
            pub extra: $crate::options::Extra,
        }

        impl $name {
            #[doc = concat!("A `", stringify!($name), "` with nothing but what it cannot do without.")]
            pub fn new($($($req: impl Into<$req_type>,)*)?) -> Self {
                Self { $($($req: $req.into(),)*)? ..Self::default() }
            }
            $($crate::options::record::setter!($kind $field: $type);)*
        }
    )* };
}
pub(super) use record;
