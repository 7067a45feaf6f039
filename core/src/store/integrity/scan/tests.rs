use proptest::prelude::*;

use super::super::quarantine;
use super::*;

/// An event with a text in it; its id is made of its number.
pub(in crate::store) fn event(number: u8, kind: &str, text: &str) -> String {
    format!(
        r#"{{"type":"{kind}","data":{{"text":"{text}"}},"id":"33333333-3333-4333-8333-3333333333{number:02x}","timestamp":"2026-11-21T01:44:36.251Z","parentId":null}}"#
    )
}

fn start() -> String {
    event(0, "session.start", "")
}

/// Each kind with the bytes that are taken away.
fn found<'a>(scan: &Scan, log: &'a [u8]) -> Vec<(DamageKind, &'a [u8])> {
    scan.damage.iter().map(|damage| (damage.kind, &log[damage.range()])).collect()
}

#[test]
fn what_the_runtimes_take_as_it_is_is_healthy() {
    let (one, two) = (event(1, "user.message", "a"), event(2, "zzz.unknown", "b"));
    for log in [
        String::new(),
        "\n".to_owned(),
        format!("{}\n{one}\n{two}\n", start()),
        format!("{}\r\n{one}\r\n", start()),
        format!("\u{feff}{}\n", start()),
        format!("{}\n\n  \t\n {one} \n", start()),
        format!(
            "{}\n{}\n",
            start(),
            event(1, "user.message", "a\u{2028}b\u{2029}\\u2028\\ud800{\\\"type\\\":")
        ),
        // Another event of the same id, and a second start.
        format!("{}\n{one}\n{}\n{}\n", start(), event(1, "user.message", "other"), event(3, START_TYPE, "")),
    ] {
        let scan = Scan::of(log.as_bytes());
        assert_eq!(found(&scan, log.as_bytes()), [], "{log:?}");
        assert_eq!(scan.log(log.as_bytes(), b""), log.as_bytes());
        assert!(scan.kept.len() <= 1, "a healthy log is one range");
    }
}

const START_TYPE: &str = super::super::envelope::START;

#[test]
fn each_kind_of_damage_is_found_and_what_is_whole_is_kept() {
    use DamageKind::*;
    let (start, one, two) = (start(), event(1, "user.message", "a"), event(2, "assistant.message", "b"));
    let whole = format!("{start}\n{one}\n{two}\n");
    let torn = &two[..two.len() - 20];
    let nuls = "\0".repeat(64);
    let bad = [one.as_bytes(), b"\xff\n"].concat();
    // What is read, what stays of it, and what is found.
    type Case = (Vec<u8>, String, Vec<(DamageKind, Vec<u8>)>);
    let cases: Vec<Case> = vec![
        (format!("{start}\n{one}\n{torn}").into(), format!("{start}\n{one}\n"), vec![(Torn, torn.into())]),
        (format!("{whole}{nuls}").into(), whole.clone(), vec![(NulBytes, nuls.clone().into())]),
        (
            format!("{start}\n{nuls}\n{one}\n{two}\n").into(),
            whole.clone(),
            vec![(NulBytes, format!("{nuls}\n").into())],
        ),
        // A file that grew before its bytes came, and was written on.
        (
            format!("{start}\n{nuls}{one}\n{two}\n").into(),
            whole.clone(),
            vec![(NulBytes, nuls.clone().into())],
        ),
        (
            format!("{start}\n{one}{nuls}\n{two}\n").into(),
            whole.clone(),
            vec![(NulBytes, format!("{nuls}\n").into())],
        ),
        (
            format!("{start}\n{}\0\0\0{}\n{two}\n", &one[..40], &one[43..]).into(),
            format!("{start}\n{two}\n"),
            vec![(NulBytes, format!("{}\0\0\0{}\n", &one[..40], &one[43..]).into())],
        ),
        (
            format!("{start}\n{one}\n{one}\n{two}\n{one}\r\n").into(),
            whole.clone(),
            vec![(Duplicate, format!("{one}\n").into()), (Duplicate, format!("{one}\r\n").into())],
        ),
        (format!("{start}\n{one}{two}\n").into(), whole.clone(), vec![(Fused, vec![])]),
        (
            format!("{start}{one} {two}").into(),
            format!("{start}\n{one} \n{two}\n"),
            vec![(Fused, vec![]), (Fused, vec![]), (Unterminated, vec![])],
        ),
        (format!("{start}\n{torn}{one}\n{two}\n").into(), whole.clone(), vec![(NotJson, torn.into())]),
        (
            [start.as_bytes(), b"\n", &bad, two.as_bytes(), b"\n"].concat(),
            whole.clone(),
            vec![(InvalidUtf8, b"\xff\n".to_vec())],
        ),
        (
            format!("{start}\nnot json\n{one}\n{two}\n").into(),
            whole.clone(),
            vec![(NotJson, b"not json\n".to_vec())],
        ),
        (
            format!("{start}\n[1]\n{one}\n{two}\n").into(),
            whole.clone(),
            vec![(NotAnEvent, b"[1]\n".to_vec())],
        ),
        (
            format!("{start}\n{{\"type\":\"x\",\"data\":{{}}}}\n{one}\n{two}\n").into(),
            whole.clone(),
            vec![(NotAnEvent, b"{\"type\":\"x\",\"data\":{}}\n".to_vec())],
        ),
        (format!("{start}\n{one}\n{two}").into(), whole.clone(), vec![(Unterminated, vec![])]),
        (format!("{one}\n{two}\n").into(), format!("HEAD\n{one}\n{two}\n"), vec![(NoStart, vec![])]),
        (
            format!("{}\n{one}\n{two}\n", &start[30..]).into(),
            format!("HEAD\n{one}\n{two}\n"),
            vec![(NoStart, vec![]), (NotJson, format!("{}\n", &start[30..]).into())],
        ),
    ];
    for (log, repaired, damage) in cases {
        let scan = Scan::of(&log);
        let shown = String::from_utf8_lossy(&log).into_owned();
        let expected: Vec<_> = damage.iter().map(|(kind, bytes)| (*kind, bytes.as_slice())).collect();
        assert_eq!(found(&scan, &log), expected, "{shown}");
        let head: &[u8] = if scan.lacks_start() { b"HEAD\n" } else { b"" };
        assert_eq!(String::from_utf8(scan.log(&log, head)).unwrap(), repaired, "{shown}");
        assert_eq!(scan.events as usize, repaired.matches("\"type\"").count(), "{shown}");
    }
}

/// An event as it was before events had parents. Every pinned runtime refuses a log with such a one.
fn older(number: u8, kind: &str) -> String {
    let older = event(number, kind, "old").replace(r#","parentId":null"#, "");
    assert!(!older.contains("parentId"));
    older
}

#[test]
fn events_of_an_older_layout_are_taken_away_whole_and_the_others_stay() {
    use DamageKind::*;
    let (one, two) = (event(1, "user.message", "a"), event(2, "assistant.message", "b"));
    let (old_start, old) = (older(10, START_TYPE), older(11, "user.message"));
    // What is read, what stays of it, and what is found and held.
    type Case<'a> = (String, String, Vec<(DamageKind, &'a str)>);
    let cases: Vec<Case<'_>> = vec![
        // Begun by an older version, and gone on with by a newer one.
        (
            format!("{old_start}\n{old}\n{one}\n{two}\n"),
            format!("HEAD\n{one}\n{two}\n"),
            vec![(NoStart, ""), (NotAnEvent, &old_start), (NotAnEvent, &old)],
        ),
        (
            format!("{}\n{one}\n{old}\n{two}\n", start()),
            format!("{}\n{one}\n{two}\n", start()),
            vec![(NotAnEvent, &old)],
        ),
        // Nothing is whole: a repair leaves such a log alone.
        (format!("{old_start}\n{old}\n"), String::new(), vec![(NotAnEvent, &old_start), (NotAnEvent, &old)]),
    ];
    for (log, repaired, damage) in cases {
        let scan = Scan::of(log.as_bytes());
        let shown: Vec<_> = (found(&scan, log.as_bytes()).into_iter())
            .map(|(kind, bytes)| (kind, std::str::from_utf8(bytes).unwrap().trim_end()))
            .collect();
        assert_eq!(shown, damage, "{log}");
        let head: &[u8] = if scan.lacks_start() { b"HEAD\n" } else { b"" };
        assert_eq!(String::from_utf8(scan.log(log.as_bytes(), head)).unwrap(), repaired, "{log}");
        assert_eq!(scan.events as usize, repaired.matches("\"type\"").count(), "{log}");
        // Every byte that is taken away is held.
        let file = quarantine::lines(&scan, log.as_bytes(), "/log", "now", b"");
        let held: Vec<_> = quarantine::pieces(&file).into_iter().map(|(_, bytes)| bytes).collect();
        let taken: Vec<_> = (damage.iter().filter(|(kind, _)| kind.is_taken_away()))
            .map(|(_, text)| format!("{text}\n").into_bytes())
            .collect();
        assert_eq!(held, taken, "{log}");
    }
}

#[test]
fn an_event_inside_of_a_torn_one_is_not_taken_for_one_of_the_log() {
    let inner = event(1, "user.message", "a");
    for torn in [
        format!(r#"{{"type":"x","data":{{"history":[{inner}"#),
        format!(r#"{{"type":"x","data":{{"history":[1, {inner}"#),
        format!(r#"{{"type":"x","data":{{"last":{inner}"#),
        format!(r#"{{"type":"x","data":{{"last":{inner},"more":"#),
    ] {
        let scan = Scan::of(torn.as_bytes());
        assert_eq!(
            (scan.events, found(&scan, torn.as_bytes())),
            (0, vec![(DamageKind::Torn, torn.as_bytes())])
        );
    }
}

#[test]
fn the_place_of_a_damage_is_its_line_and_offset() {
    let log = format!("{}\nnot json\n{}", start(), event(1, "x", ""));
    let scan = Scan::of(log.as_bytes());
    let places: Vec<_> =
        scan.damage.iter().map(|damage| (damage.line, damage.offset, damage.bytes)).collect();
    let first = start().len() as u64 + 1;
    assert_eq!(places, [(2, first, 9), (3, log.len() as u64, 0)]);
}

#[test]
fn a_line_of_beginnings_of_events_is_read_in_time() {
    // Without a bound this is 50,000 parses of 450 KB.
    let log = r#"{"type":["#.repeat(50_000);
    assert_eq!(Scan::of(log.as_bytes()).damage.len(), 1);
    let log = r#"{"data":{"#.repeat(50_000);
    assert_eq!(Scan::of(log.as_bytes()).damage.len(), 1);
}

/// Logs of whole events and of everything that can happen to them.
fn any_log() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => (0..12u8).prop_map(|number| format!("{}\n", event(number, "user.message", "text")).into_bytes()),
        1 => Just(format!("{}\n", start()).into_bytes()),
        1 => (0..12u8).prop_map(|number| event(number, "user.message", "fused").into_bytes()),
        1 => (0..12u8, 0..200usize).prop_map(|(number, length)| {
            let whole = event(number, "user.message", "torn \u{e9}\u{2028}");
            whole.as_bytes()[..length.min(whole.len())].to_vec()
        }),
        1 => (1..9usize).prop_map(|count| vec![0; count]),
        1 => prop::collection::vec(any::<u8>(), 0..24),
        1 => Just(b"\r\n".to_vec()),
        1 => Just(b"{\"type\":\"x\",\"data\":".to_vec()),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_repaired_log_and_the_quarantine_hold_every_byte(log in any_log()) {
        let scan = Scan::of(&log);
        let file = quarantine::lines(&scan, &log, "/log", "now", b"");
        let mut pieces = quarantine::pieces(&file);
        pieces.extend(scan.kept.iter().map(|kept| (kept.start as u64, log[kept.clone()].to_vec())));
        pieces.sort();
        let mut whole = Vec::new();
        for (offset, bytes) in pieces {
            prop_assert_eq!(offset, whole.len() as u64);
            whole.extend(bytes);
        }
        prop_assert_eq!(whole, log);
    }

    #[test]
    fn a_repaired_log_is_healthy_and_keeps_the_order(log in any_log()) {
        let scan = Scan::of(&log);
        let head = if scan.lacks_start() { format!("{}\n", event(99, START_TYPE, "")) } else { String::new() };
        let repaired = scan.log(&log, head.as_bytes());
        let again = Scan::of(&repaired);
        prop_assert_eq!(&again.damage, &[]);
        prop_assert_eq!(again.events, scan.events + u64::from(!head.is_empty()));
        // What is kept stands there as it stood, with nothing but line breaks between.
        let mut at = head.len();
        for kept in &scan.kept {
            let bytes = &log[kept.clone()];
            prop_assert_eq!(&repaired[at..at + bytes.len()], bytes);
            at += bytes.len();
            if !bytes.ends_with(b"\n") {
                prop_assert_eq!(repaired[at], b'\n');
                at += 1;
            }
        }
        prop_assert_eq!(at, repaired.len());
    }
}
