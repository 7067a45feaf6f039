//! The folder name of a session id. Pure.

use std::fmt::Write as _;

use crate::error::{Error, ErrorKind, Result};

/// The longest name that the usual filesystems take, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// What is kept as it is. Capitals are not: some filesystems take `a` and `A` for the same.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_')
}

/// The name of the folder: different for different ids, also where case is ignored; never `.`, `..` or with a separator,
/// and never beginning with a dot, as our own names do. Everything but `a-z 0-9 - _` is `%` and two hex digits.
pub(in crate::store) fn encode(id: &str) -> Result<String> {
    let mut name = String::with_capacity(id.len());
    for byte in id.bytes() {
        match is_plain(byte) {
            true => name.push(byte.into()),
            false => write!(name, "%{byte:02x}").expect("a string takes everything"),
        }
    }
    if name.is_empty() || name.len() > MAX_NAME_BYTES {
        let message =
            format!("the session id must have 1 to {MAX_NAME_BYTES} bytes as a folder name: {id:?}");
        return Err(Error::new(ErrorKind::InvalidArgument, message));
    }
    Ok(name)
}

/// The id of a folder; none where `encode` would not have made that name.
pub(in crate::store) fn decode(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = match byte {
            b'%' => {
                let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                &tail[2..]
            }
            _ => {
                bytes.push(byte);
                tail
            }
        };
    }
    String::from_utf8(bytes).ok().filter(|id| encode(id).is_ok_and(|again| again == name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_cannot_escape_and_do_not_rely_on_case() {
        for (id, name) in [
            ("70411655-aaaa-4bbb-8ccc-0123456789ab", "70411655-aaaa-4bbb-8ccc-0123456789ab"),
            ("..", "%2e%2e"),
            ("../../etc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd"),
            ("Ab", "%41b"),
            ("a%2f", "a%252f"),
            ("\0", "%00"),
            ("é", "%c3%a9"),
        ] {
            assert_eq!(encode(id).unwrap(), name);
        }
        assert_eq!(encode("").unwrap_err().kind(), ErrorKind::InvalidArgument);
        assert_eq!(encode(&"x".repeat(256)).unwrap_err().kind(), ErrorKind::InvalidArgument);
    }

    #[test]
    fn only_names_of_ours_are_read() {
        for name in ["", ".", ".lock", "A", "%2E", "%4", "%zz", "%61", "%ff", "a/b"] {
            assert_eq!(decode(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_id_has_a_name_of_its_own(a in ".{1,20}", b in ".{1,20}") {
            let (name_a, name_b) = (encode(&a).unwrap(), encode(&b).unwrap());
            prop_assert_eq!(decode(&name_a), Some(a.clone()));
            prop_assert_eq!(a == b, name_a.eq_ignore_ascii_case(&name_b));
        }
    }
}
