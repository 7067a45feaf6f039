//! The table of calls that wait for their answer, pure: ids in, slots out.

use std::collections::HashMap;

/// Slots by call id. Ids start at 1 and are never used again.
#[derive(Debug)]
pub(crate) struct Pending<T> {
    slots: HashMap<u64, T>,
    next_id: u64,
}

impl<T> Pending<T> {
    pub(crate) fn new() -> Self {
        Pending { slots: HashMap::new(), next_id: 1 }
    }

    /// Registers a call and gives its id.
    pub(crate) fn insert(&mut self, slot: T) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.slots.insert(id, slot);
        id
    }

    /// Ends a call: its answer came, or its caller is gone. `None` for an id that has ended before.
    pub(crate) fn remove(&mut self, id: u64) -> Option<T> {
        self.slots.remove(&id)
    }

    /// Puts back a slot that was just removed, changed: the call goes on under its id.
    pub(crate) fn restore(&mut self, id: u64, slot: T) {
        debug_assert!(id < self.next_id, "only an id of this table can be restored");
        self.slots.insert(id, slot);
    }

    /// Ends every call, in no order.
    pub(crate) fn drain(&mut self) -> Vec<T> {
        self.slots.drain().map(|(_, slot)| slot).collect()
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_never_used_again_and_slots_end_once() {
        let mut pending = Pending::new();
        let (a, b) = (pending.insert("a"), pending.insert("b"));
        assert_eq!(pending.remove(a), Some("a"));
        assert_eq!(pending.remove(a), None);
        assert_eq!(pending.remove(b), Some("b"));
        pending.restore(b, "c");
        assert_ne!(pending.insert("e"), a);
        let mut rest = pending.drain();
        rest.sort_unstable();
        assert_eq!((rest, pending.len()), (vec!["c", "e"], 0));
    }
}
