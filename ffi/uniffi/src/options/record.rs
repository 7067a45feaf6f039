//! `records!`: option objects that every language makes with named arguments.

/// Declares records: what is `needed` must be given, what `maybe` is there is absent by default, and then not in the JSON.
macro_rules! records {
    ($(
        $(#[$meta:meta])*
        $name:ident {
            needed { $($(#[$needed_doc:meta])* $needed:ident: $needed_type:ty $(as $needed_wire:literal)?,)* }
            maybe { $($(#[$doc:meta])* $field:ident: $type:ty $(as $wire:literal)?,)* }
        }
    )*) => { $(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, uniffi::Record)]
        #[cfg_attr(test, derive(Default))]
        #[serde(rename_all = "camelCase")]
        pub struct $name {
            $($(#[$needed_doc])* $(#[serde(rename = $needed_wire)])? pub $needed: $needed_type,)*
            $(
                $(#[$doc])*
                $(#[serde(rename = $wire)])?
                #[serde(skip_serializing_if = "Option::is_none")]
                #[uniffi(default = None)]
                pub $field: Option<$type>,
            )*
        }
    )* };
}
pub(super) use records;
