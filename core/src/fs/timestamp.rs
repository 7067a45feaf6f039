//! Times on the wire: ISO 8601, UTC, milliseconds (`2026-11-21T01:44:36.208Z`).

use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MS_PER_DAY: i64 = 86_400_000;
/// `9999-12-31T23:59:59.999Z` and `0000-01-01T00:00:00.000Z`: what four digits of a year can say.
const LATEST_MS: i64 = 253_402_300_799_999;
const EARLIEST_MS: i64 = -62_167_219_200_000;

/// Writes a time; one that no four-digit year can say becomes the nearest that can.
pub(crate) fn format(time: SystemTime) -> String {
    let ms = milliseconds(time);
    let (year, month, day) = civil_from_days(ms.div_euclid(MS_PER_DAY));
    let in_day = ms.rem_euclid(MS_PER_DAY);
    let (hour, minute, second, milli) =
        (in_day / 3_600_000, in_day / 60_000 % 60, in_day / 1000 % 60, in_day % 1000);
    // A list writes tens of thousands: this takes an eighth of what `format!` does.
    let mut text = *b"0000-00-00T00:00:00.000Z";
    let mut put = |at: Range<usize>, mut number: i64| {
        for digit in text[at].iter_mut().rev() {
            *digit = b"0123456789"[usize::try_from(number % 10).unwrap_or_default()];
            number /= 10;
        }
    };
    put(0..4, year);
    put(5..7, month);
    put(8..10, day);
    put(11..13, hour);
    put(14..16, minute);
    put(17..19, second);
    put(20..23, milli);
    String::from_utf8_lossy(&text).into_owned()
}

/// The same time in milliseconds since 1970.
pub(super) fn milliseconds(time: SystemTime) -> i64 {
    let ms = match time.duration_since(UNIX_EPOCH) {
        Ok(since) => whole_ms(since),
        Err(before) => -whole_ms(before.duration()),
    };
    ms.clamp(EARLIEST_MS, LATEST_MS)
}

fn whole_ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar. Years are counted from
/// March, so that the leap day is the last one, in eras of 400 years, which all have the same number of days.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    const DAYS_PER_ERA: i64 = 146_097;
    let days = days + 719_468; // from 0000-03-01
    let (era, day_of_era) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// Reads what [`format`] writes; the conformance suite reads the wire with it.
#[cfg(any(test, feature = "conformance"))]
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let bytes = text.as_bytes();
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'.'), (23, b'Z')];
    if bytes.len() != 24 || separators.iter().any(|&(at, byte)| bytes[at] != byte) {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let in_day = ((number(11, 13)? * 60 + number(14, 16)?) * 60 + number(17, 19)?) * 1000 + number(20, 23)?;
    let year_from_march = year - i64::from(month <= 2);
    let (era, year_of_era) = (year_from_march.div_euclid(400), year_from_march.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let ms = (era * 146_097 + day_of_era - 719_468) * MS_PER_DAY + in_day;
    let distance = Duration::from_millis(ms.unsigned_abs());
    if ms < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_ms(ms: i64) -> SystemTime {
        let distance = Duration::from_millis(ms.unsigned_abs());
        if ms < 0 { UNIX_EPOCH - distance } else { UNIX_EPOCH + distance }
    }

    #[test]
    fn known_times_are_written_as_the_calendar_has_them() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (1_795_225_476_208, "2026-11-21T01:44:36.208Z"),
            (LATEST_MS, "9999-12-31T23:59:59.999Z"),
            (LATEST_MS + 1, "9999-12-31T23:59:59.999Z"),
            (EARLIEST_MS, "0000-01-01T00:00:00.000Z"),
            (EARLIEST_MS - 1, "0000-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(format(at_ms(ms)), text);
        }
    }

    #[test]
    fn what_is_below_a_millisecond_is_cut() {
        assert_eq!(format(UNIX_EPOCH + Duration::from_nanos(1_999_999)), "1970-01-01T00:00:00.001Z");
    }

    #[test]
    fn what_is_not_a_time_is_not_read() {
        for text in ["", "2026-11-21", "2026-11-21 01:44:36.208Z", "2026-11-21T01:44:36.20éZ"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_back(ms in EARLIEST_MS..=LATEST_MS) {
            proptest::prop_assert_eq!(parse(&format(at_ms(ms))), Some(at_ms(ms)));
        }
    }
}
