//! `session_options!`: from one table the struct, its builder, its serde and the list of wire names.

/// When the runtime takes an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Only in `session.create`.
    Create,
    /// Only in `session.resume`.
    Resume,
    /// In both.
    Both,
    /// After either, in `session.options.update`.
    Update,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionOption {
    /// The Rust name, which is also the snake_case name that JSON may use.
    pub(crate) field: &'static str,
    /// The name on the wire.
    pub(crate) wire: &'static str,
    pub(crate) scope: Scope,
}

macro_rules! scope {
    (create) => {
        $crate::options::session_table::Scope::Create
    };
    (resume) => {
        $crate::options::session_table::Scope::Resume
    };
    (both) => {
        $crate::options::session_table::Scope::Both
    };
    (update) => {
        $crate::options::session_table::Scope::Update
    };
}
pub(super) use scope;

macro_rules! session_options {
    ($($scope:ident { $($(#[$doc:meta])* $kind:ident $field:ident: $type:ty = $wire:literal;)* })*) => {
        /// The options and handlers of one session, built by methods of the fields' names:
        ///
        /// ```
        /// use codriver::SessionConfig;
        ///
        /// let config = SessionConfig::new().model("gpt-5").streaming(true).excluded_tools(["bash"]);
        /// assert_eq!(config.streaming, Some(true));
        /// ```
        ///
        /// A field that is `None` is not sent, so the runtime's default holds. Serde writes and reads the wire's
        /// names, secrets included; handlers and clones of the config share what they captured.
        #[derive(Clone, Default, serde::Serialize)]
        #[non_exhaustive]
        pub struct SessionConfig {
            $($(
                $(#[$doc])*
                #[serde(rename = $wire, skip_serializing_if = "Option::is_none")]
                pub $field: Option<$crate::options::record::field_type!($kind $type)>,
            )*)*
            /// Tools that are answered by this process, or declared for whoever answers them.
            #[serde(skip_serializing_if = "Vec::is_empty")]
            pub tools: Vec<$crate::session::Tool>,
            /// What the runtime's questions and events are answered with; built by the `on_…` methods.
            #[serde(skip)]
            pub handlers: $crate::session::Handlers,
            /// Options this crate does not know yet; sent as they are with create and resume.
            #[serde(flatten)]
            pub extra: $crate::options::Extra,
        }

        impl SessionConfig {
            $($($crate::options::record::setter!($kind $field: $type);)*)*

            /// The rows of the table, `tools` included.
            pub(crate) const OPTIONS: &'static [$crate::options::session_table::SessionOption] = &[
                $($($crate::options::session_table::SessionOption {
                    field: stringify!($field),
                    wire: $wire,
                    scope: $crate::options::session_table::scope!($scope),
                },)*)*
                $crate::options::session_table::SessionOption {
                    field: "tools",
                    wire: "tools",
                    scope: $crate::options::session_table::Scope::Both,
                },
            ];

            /// Reads the option with this wire name; `null` is as good as absent. `false`: there is no such option.
            pub(super) fn set(&mut self, wire: &str, value: serde_json::Value) -> crate::error::Result<bool> {
                match wire {
                    $($($wire => self.$field = $crate::options::invalid::read(wire, value)?,)*)*
                    "tools" => {
                        let tools: Option<_> = $crate::options::invalid::read(wire, value)?;
                        self.tools = tools.unwrap_or_default();
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }

        impl std::fmt::Debug for SessionConfig {
            /// Shows what is set; secrets and unknown options show only that they are.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut set = f.debug_struct("SessionConfig");
                $($(if let Some(value) = &self.$field {
                    set.field(stringify!($field), value);
                })*)*
                if !self.tools.is_empty() {
                    set.field("tools", &self.tools);
                }
                set.field("handlers", &self.handlers).field("extra", &self.extra).finish()
            }
        }
    };
}
pub(super) use session_options;
