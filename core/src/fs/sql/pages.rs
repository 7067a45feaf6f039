//! A database as a log of its changed pages. Pure.
//!
//! ```text
//! record  "cdp1" · pages of the database, u32 · changed pages, u32 · checksum, u64 · the changed pages
//! page    its number from 0, u32 · its bytes
//! ```
//!
//! Numbers are little-endian. The checksum (FNV-1a) is that of everything in the record beside itself. A log is replayed
//! from an empty database.

/// The size of a database page, in bytes: small, as most changes are.
pub(super) const PAGE_BYTES: usize = 1024;

const MAGIC: &[u8; 4] = b"cdp1";
const HEADER_BYTES: usize = 20;
const ENTRY_BYTES: usize = 4 + PAGE_BYTES;
/// SQLite could have more; a log that says so is damaged.
const MAX_PAGES: usize = 1 << 21;

/// The record that makes `new` of `old`; none where one is not made of pages of this size.
pub(super) fn record(old: &[u8], new: &[u8]) -> Option<Vec<u8>> {
    let pages = new.len() / PAGE_BYTES;
    if !new.len().is_multiple_of(PAGE_BYTES) || pages > MAX_PAGES {
        return None;
    }
    let mut old_pages = old.chunks_exact(PAGE_BYTES);
    let changed = new.chunks_exact(PAGE_BYTES).enumerate().filter(|(_, page)| old_pages.next() != Some(page));
    let mut record = vec![0; HEADER_BYTES];
    let mut count: u32 = 0;
    for (number, page) in changed {
        record.extend_from_slice(&u32::try_from(number).ok()?.to_le_bytes());
        record.extend_from_slice(page);
        count += 1;
    }
    record[..4].copy_from_slice(MAGIC);
    record[4..8].copy_from_slice(&u32::try_from(pages).ok()?.to_le_bytes());
    record[8..12].copy_from_slice(&count.to_le_bytes());
    let sum = checksum(&record);
    record[12..20].copy_from_slice(&sum.to_le_bytes());
    Some(record)
}

/// The database that a log makes; none where the log is damaged.
pub(super) fn replay(mut log: &[u8]) -> Option<Vec<u8>> {
    let mut image = Vec::new();
    while !log.is_empty() {
        let header = log.get(..HEADER_BYTES)?;
        let number = |at: usize| Some(u32::from_le_bytes(header.get(at..at + 4)?.try_into().ok()?) as usize);
        let (pages, changed) = (number(4)?, number(8)?);
        let end = HEADER_BYTES.checked_add(changed.checked_mul(ENTRY_BYTES)?)?;
        let record = log.get(..end)?;
        let sum = u64::from_le_bytes(header[12..20].try_into().ok()?);
        if &header[..4] != MAGIC || pages > MAX_PAGES || checksum(record) != sum {
            return None;
        }
        image.resize(pages * PAGE_BYTES, 0);
        for entry in record[HEADER_BYTES..].chunks_exact(ENTRY_BYTES) {
            let (number, page) = entry.split_first_chunk::<4>()?;
            let from = (u32::from_le_bytes(*number) as usize).checked_mul(PAGE_BYTES)?;
            image.get_mut(from..from + PAGE_BYTES)?.copy_from_slice(page);
        }
        log = &log[end..];
    }
    Some(image)
}

/// Of a record, with the place of the checksum left out.
fn checksum(record: &[u8]) -> u64 {
    let bytes = record[..12].iter().chain(&record[HEADER_BYTES..]);
    bytes.fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn image(pages: &[u8]) -> Vec<u8> {
        pages.iter().flat_map(|byte| [*byte; PAGE_BYTES]).collect()
    }

    #[test]
    fn a_record_has_what_changed_and_nothing_else() {
        let pages = |old: &[u8], new: &[u8]| {
            (record(&image(old), &image(new)).unwrap().len() - HEADER_BYTES) / ENTRY_BYTES
        };
        assert_eq!(pages(&[], &[1, 2, 3]), 3);
        assert_eq!(pages(&[1, 2, 3], &[1, 9, 3]), 1);
        assert_eq!(pages(&[1, 2, 3], &[1, 2, 3, 4]), 1);
        assert_eq!(pages(&[1, 2, 3], &[1]), 0);
        assert_eq!(record(&[], &[0; PAGE_BYTES + 1]), None);
    }

    #[test]
    fn damage_anywhere_is_found() {
        let log = record(&[], &image(&[1, 2])).unwrap();
        for at in 0..log.len() {
            let mut damaged = log.clone();
            damaged[at] ^= 1;
            assert_eq!(replay(&damaged), None, "byte {at}");
            assert!(at == 0 || replay(&log[..at]).is_none(), "cut at {at}");
        }
        assert_eq!(replay(&log).unwrap(), image(&[1, 2]));
    }

    proptest! {
        #[test]
        fn a_replayed_log_is_the_last_image(
            images in prop::collection::vec(prop::collection::vec(0_u8..4, 0..12), 1..8)
        ) {
            let (mut log, mut last) = (Vec::new(), Vec::new());
            for pages in images {
                let next = image(&pages);
                log.extend(record(&last, &next).unwrap());
                last = next;
            }
            prop_assert_eq!(replay(&log), Some(last));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = replay(&bytes);
            let _ = replay(&[&MAGIC[..], &bytes].concat());
        }
    }
}
