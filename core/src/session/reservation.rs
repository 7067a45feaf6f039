//! A create or resume under way, as a guard: whatever ends it before its commit, the same `Drop` undoes it (DESIGN I7).

use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;

use super::core::SessionCore;
use super::registry::{OpeningId, Registry};
use crate::error::Result;
use crate::rpc::peer::Hook;

pub(crate) struct Reservation {
    registry: Arc<Registry>,
    opening: OpeningId,
    committed: bool,
}

impl Reservation {
    /// Reserves `id` for `core`; refused where that id is open already (DESIGN I8).
    pub(crate) fn new(registry: &Arc<Registry>, id: &str, core: Arc<SessionCore>) -> Result<Self> {
        let opening = registry.reserve(id, core)?;
        Ok(Reservation { registry: registry.clone(), opening, committed: false })
    }

    /// Reserves a place for a session whose id the server gives.
    pub(crate) fn cloud(registry: &Arc<Registry>, client_session_id: &str, core: Arc<SessionCore>) -> Self {
        let opening = registry.reserve_cloud(client_session_id, core);
        Reservation { registry: registry.clone(), opening, committed: false }
    }

    /// The hook for the request that is about to be written; it tells the registry of the answer, also when nobody waits
    /// for it any more.
    pub(crate) fn asked(&self) -> Hook {
        let (registry, opening) = (self.registry.clone(), self.opening);
        registry.asked(opening);
        Box::new(move |outcome: &Result<Bytes>| {
            let id = outcome.as_ref().ok().map(|result| session_id(result));
            registry.answered(opening, id.as_deref());
        })
    }

    /// The session is the user's.
    pub(crate) fn commit(mut self) {
        self.committed = true;
        self.registry.commit(self.opening);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if !self.committed {
            self.registry.abandon(self.opening);
        }
    }
}

/// The id in the answer to a create or resume; empty where the runtime gave none.
pub(crate) fn session_id(result: &[u8]) -> String {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Shape {
        #[serde(default)]
        session_id: String,
    }
    serde_json::from_slice::<Shape>(result).map(|shape| shape.session_id).unwrap_or_default()
}
