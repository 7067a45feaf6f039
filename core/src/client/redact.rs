//! Takes the user's secrets out of what a runtime says, before it becomes an error or a log line (DESIGN I29).

use std::sync::{Arc, PoisonError, RwLock};

/// Shorter ones would tear holes into ordinary words.
const SHORTEST: usize = 8;

#[derive(Clone, Default)]
pub(crate) struct Redactor(Arc<RwLock<Vec<String>>>);

impl Redactor {
    /// Learns a secret.
    pub(crate) fn add(&self, secret: &str) {
        let mut secrets = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if secret.len() >= SHORTEST && !secrets.iter().any(|known| known == secret) {
            secrets.push(secret.to_owned());
        }
    }

    /// The text without them.
    pub(crate) fn clean(&self, text: String) -> String {
        let secrets = self.0.read().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().fold(text, |text, secret| match text.contains(secret.as_str()) {
            true => text.replace(secret.as_str(), "[redacted]"),
            false => text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i29_known_secrets_are_taken_out_and_short_ones_are_left() {
        let redactor = Redactor::default();
        redactor.add("ghp_abcdefgh");
        redactor.add("x");
        assert_eq!(redactor.clean("bad ghp_abcdefgh, exit".into()), "bad [redacted], exit");
    }
}
