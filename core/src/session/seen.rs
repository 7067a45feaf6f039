//! The ids of the last events, pure: an event id is delivered once per session (DESIGN I17).
//!
//! A window suffices: doubles come from two subscriptions of one session, close together.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use uuid::Uuid;

/// How many ids are remembered.
const WINDOW: usize = 1024;

#[derive(Debug, Default)]
pub(crate) struct SeenIds {
    order: VecDeque<u128>,
    set: HashSet<u128, BuildHasherDefault<Fold>>,
}

impl SeenIds {
    /// Whether the id is new. An event without an id always is.
    pub(crate) fn insert(&mut self, id: &str) -> bool {
        if id.is_empty() {
            return true;
        }
        let key = key(id);
        if !self.set.insert(key) {
            return false;
        }
        if self.order.len() == WINDOW
            && let Some(oldest) = self.order.pop_front()
        {
            self.set.remove(&oldest);
        }
        self.order.push_back(key);
        true
    }
}

/// A UUID is its own key; anything else is hashed to 128 bits.
fn key(id: &str) -> u128 {
    if let Ok(uuid) = Uuid::try_parse(id) {
        return uuid.as_u128();
    }
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        id.hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// Keys are random already: fold them instead of hashing again.
#[derive(Default)]
pub(crate) struct Fold(u64);

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = self.0.rotate_left(29) ^ u64::from_le_bytes(word);
        }
        // Ids that count upwards must not fall into neighbouring buckets only.
        self.0 = self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn write_u128(&mut self, key: u128) {
        self.0 = (key as u64 ^ (key >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i17_an_id_counts_once_within_the_window_and_the_window_is_bounded() {
        let mut seen = SeenIds::default();
        assert!(seen.insert("a") && !seen.insert("a") && seen.insert("b"));
        assert!(seen.insert("") && seen.insert(""));
        let uuid = Uuid::new_v4().to_string();
        assert!(seen.insert(&uuid) && !seen.insert(&uuid.to_uppercase()));
        for _ in 0..WINDOW {
            assert!(seen.insert(&Uuid::new_v4().to_string()));
        }
        assert!(seen.insert("a"), "forgotten by now");
        assert_eq!((seen.order.len(), seen.set.len()), (WINDOW, WINDOW));
    }
}
