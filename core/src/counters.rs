//! What was counted: nothing is lost silently.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        /// Counts since the client or the session was made. All only grow.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
        #[non_exhaustive]
        pub struct Counters {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counters {
            /// Both together.
            pub(crate) fn plus(self, other: &Counters) -> Counters {
                Counters { $($name: self.$name + other.$name,)* }
            }
        }

        #[derive(Debug, Default)]
        pub(crate) struct AtomicCounters {
            $(pub(crate) $name: AtomicU64,)*
        }

        impl AtomicCounters {
            pub(crate) fn snapshot(&self) -> Counters {
                Counters { $($name: self.$name.load(Relaxed),)* }
            }

            /// Takes over what was counted elsewhere.
            pub(crate) fn absorb(&self, counters: &Counters) {
                $(self.$name.fetch_add(counters.$name, Relaxed);)*
            }
        }
    };
}

counters! {
    /// Events that came for a session, doubles not counted.
    events_received;
    /// Events handed over: once for each stream and once for all handlers of a session together.
    events_delivered;
    /// Events whose content went into another one at the queue's bound.
    events_merged;
    /// Ephemeral events given up at the queue's bound; each is covered by a `codriver.events_lost`.
    events_lost;
    /// Events that came a second time.
    duplicates;
    /// Events and requests kept for a session that was not known yet.
    parked;
    /// Events and requests given up: nobody here ever knew their session.
    expired;
    /// Handlers that threw, panicked or timed out.
    handler_errors;
}

/// Adds one.
pub(crate) fn bump(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

/// Adds some.
pub(crate) fn add(counter: &AtomicU64, n: u64) {
    counter.fetch_add(n, Relaxed);
}
