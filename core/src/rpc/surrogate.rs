//! Repairs lone surrogates (`\ud800`), which JavaScript writes and no UTF-8 string can hold, to U+FFFD.

use std::borrow::Cow;

/// Replaces every lone surrogate escape in JSON text by `\ufffd`. The length stays the same; text without any (nearly
/// all) is returned as it is.
pub(crate) fn repair(json: &str) -> Cow<'_, str> {
    let bytes = json.as_bytes();
    let mut lone = Vec::new();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
        let start = at + found;
        match unit(bytes, start) {
            Some(0xD800..=0xDBFF) if matches!(unit(bytes, start + 6), Some(0xDC00..=0xDFFF)) => {
                at = start + 12
            }
            Some(0xD800..=0xDFFF) => {
                lone.push(start);
                at = start + 6;
            }
            // Any other escape: the backslash and the byte after it.
            _ => at = (start + 2).min(bytes.len()),
        }
    }
    if lone.is_empty() {
        return Cow::Borrowed(json);
    }
    let mut repaired = json.to_owned();
    for start in lone {
        repaired.replace_range(start..start + 6, "\\ufffd");
    }
    Cow::Owned(repaired)
}

/// Whether [`repair`] could have anything to do: a cheap look for `\ud…`.
pub(crate) fn suspicious(json: &[u8]) -> bool {
    memchr::memchr_iter(b'\\', json).any(|at| matches!(json.get(at + 1..at + 3), Some([b'u', b'd' | b'D'])))
}

/// The UTF-16 unit of a `\uXXXX` escape that begins at `at`.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let escape = bytes.get(at..at + 6)?;
    if &escape[..2] != b"\\u" {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(&escape[2..]).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(json: &str) -> String {
        serde_json::from_str(&repair(json)).unwrap()
    }

    #[test]
    fn lone_surrogates_become_the_replacement_character() {
        assert_eq!(text(r#""a\ud800b""#), "a\u{FFFD}b");
        assert_eq!(text(r#""\uDC00""#), "\u{FFFD}");
        assert_eq!(text(r#""\ud800\ud800\udc00""#), "\u{FFFD}\u{10000}");
        assert_eq!(text(r#""\ud800\n""#), "\u{FFFD}\n");
    }

    #[test]
    fn pairs_and_escaped_backslashes_are_left_alone() {
        for json in [r#""\ud83d\ude00""#, r#""\\ud800""#, r#""\u00e9""#, r#""plain""#] {
            assert!(matches!(repair(json), Cow::Borrowed(_)), "{json}");
        }
    }

    proptest! {
        #[test]
        fn any_sequence_of_escapes_decodes_after_repair(units in prop::collection::vec(0xD700u16..0xE100, 0..20)) {
            let json = format!("\"{}\"", units.iter().map(|u| format!("\\u{u:04x}")).collect::<String>());
            prop_assert_eq!(text(&json), String::from_utf16_lossy(&units));
        }
    }
}
