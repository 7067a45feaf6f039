//! What this library itself tells a session, beside [`EventsLost`](crate::EventsLost).

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `codriver.session_repaired`: the event log in the session's store was damaged and was repaired before the runtime
    /// read it. It is a resumed session's first event, and is in no log.
    pub struct SessionRepaired {
        /// What happened, for people.
        pub message: String,
        /// The log, as the runtime names it.
        pub log: String,
        /// The file beside it that holds what was taken out of it; absent where nothing was.
        pub quarantine: Option<String>,
        /// How many bytes that is.
        pub quarantined_bytes: u64,
        /// How many events of the log are whole.
        pub events: u64,
        /// What was wrong.
        pub damage: Vec<SessionDamage>,
    }

    /// One kind of damage of [`SessionRepaired`].
    pub struct SessionDamage {
        /// A name of [`DamageKind`](crate::store::DamageKind): `torn`, `duplicate` …
        pub kind: String,
        /// In how many places.
        pub count: u64,
    }
}
