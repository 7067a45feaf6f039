//! What SQL may do in a session's database: nothing outside of it, and not for ever.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

/// The pragmas that say or set something of this database alone, and that a statement may name with a value.
const PRAGMAS: &[&str] = &[
    "analysis_limit",
    "application_id",
    "busy_timeout",
    "case_sensitive_like",
    "defer_foreign_keys",
    "foreign_key_check",
    "foreign_key_list",
    "foreign_keys",
    "ignore_check_constraints",
    "incremental_vacuum",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "optimize",
    "quick_check",
    "recursive_triggers",
    "table_info",
    "table_list",
    "table_xinfo",
    "user_version",
];

/// The pragmas that may be asked and not set.
const PRAGMAS_TO_ASK: &[&str] = &[
    "auto_vacuum",
    "collation_list",
    "compile_options",
    "data_version",
    "database_list",
    "encoding",
    "freelist_count",
    "function_list",
    "journal_mode",
    "max_page_count",
    "module_list",
    "page_count",
    "page_size",
    "pragma_list",
    "schema_version",
    "synchronous",
];

/// Allows what stays in the database. `ATTACH`, and `VACUUM`, which attaches, name files; an extension is code.
pub(super) fn authorize(context: AuthContext<'_>) -> Authorization {
    let is_in = |pragmas: &[&str], name: &str| pragmas.iter().any(|known| known.eq_ignore_ascii_case(name));
    let allowed = match context.action {
        AuthAction::Attach { .. } | AuthAction::Detach { .. } | AuthAction::Unknown { .. } => false,
        AuthAction::Function { function_name } => {
            !is_in(&["load_extension", "fts3_tokenizer"], function_name)
        }
        AuthAction::Pragma { pragma_name, pragma_value } => {
            is_in(PRAGMAS, pragma_name) || (pragma_value.is_none() && is_in(PRAGMAS_TO_ASK, pragma_name))
        }
        _ => true,
    };
    if allowed { Authorization::Allow } else { Authorization::Deny }
}

/// When a statement that runs is to be stopped.
pub(super) struct Stop {
    until: Instant,
    nobody_waits: AtomicBool,
}

impl Stop {
    pub(super) fn at(until: Instant) -> Arc<Self> {
        Arc::new(Stop { until, nobody_waits: AtomicBool::new(false) })
    }

    pub(super) fn is_due(&self) -> bool {
        self.nobody_waits.load(Ordering::Relaxed) || Instant::now() >= self.until
    }
}

/// Stops the statement when the future that waits for it is dropped.
pub(super) struct StopOnDrop(pub(super) Arc<Stop>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.nobody_waits.store(true, Ordering::Relaxed);
    }
}
