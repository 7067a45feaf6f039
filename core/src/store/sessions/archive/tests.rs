//! What goes in comes out; what is not as it was written is refused.

use std::time::UNIX_EPOCH;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};
use tar::{Builder, EntryType, Header};

use super::*;
use crate::error::ErrorKind;
use crate::fs::{FsStat, LoadedEntry};
use crate::store::layout;

fn file(path: &str, content: &[u8]) -> LoadedEntry {
    let stat = FsStat::file(content.len() as u64, UNIX_EPOCH, UNIX_EPOCH);
    LoadedEntry::new(layout::path(path), stat, Some(Bytes::copy_from_slice(content)))
}

fn directory(path: &str) -> LoadedEntry {
    LoadedEntry::new(layout::path(path), FsStat::directory(UNIX_EPOCH, UNIX_EPOCH), None)
}

fn packed(entries: Vec<LoadedEntry>) -> Bytes {
    pack("s-1", "2026-11-21T00:00:00.000Z".to_owned(), entries).1.concat().into()
}

fn small() -> Vec<LoadedEntry> {
    vec![
        directory("/state"),
        directory("/state/files"),
        file("/state/events.jsonl", b"{\"type\":\"a\"}\n"),
        file("/state/workspace.yaml", b"id: s-1\n"),
    ]
}

/// The names in an archive, and what is in each.
fn members(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut tar = tar::Archive::new(archive);
    let member = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
        (String::from_utf8(entry.path_bytes().to_vec()).unwrap(), content)
    };
    tar.entries().unwrap().map(member).collect()
}

#[test]
fn an_archive_is_a_tar_that_tells_first_what_is_in_it_and_last_its_sum() {
    let archive = packed(small());
    let members = members(&archive);
    let names: Vec<_> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            MANIFEST,
            "session/state/",
            "session/state/files/",
            "session/state/events.jsonl",
            "session/state/workspace.yaml",
            SEAL
        ]
    );
    let manifest: Value = serde_json::from_slice(&members[0].1).unwrap();
    assert_eq!(
        manifest,
        json!({"format": "codriver-session", "version": 1, "sessionId": "s-1", "created": "2026-11-21T00:00:00.000Z",
        "codriver": env!("CARGO_PKG_VERSION"), "directories": ["/state", "/state/files"], "files": [
            {"path": "/state/events.jsonl", "size": 13, "sha256":
                "2f52dac88e67c12859dd203896e1decd23ed79e658e11e5da6a0db8d419fbb43"},
            {"path": "/state/workspace.yaml", "size": 8, "sha256":
                "45fb2b0bdb2bfa96e7bd9ea83df53b790717d1d918320bdd28f066cd634bfa71"},
        ]})
    );
    let before = archive.len() - pack::seal(&sum([])).len();
    assert_eq!(members[5].1, sum([&archive[..before]]).into_bytes());
    assert_eq!(unpack(&archive).unwrap().1, small());
    assert_eq!(packed(small().into_iter().rev().collect()), archive);
}

/// The name, kind and content of a member.
type Member<'a> = (&'a str, EntryType, &'a [u8]);

/// An archive with the right sum at its end, of any members.
fn forged(members: &[Member<'_>]) -> Bytes {
    let mut tar = Builder::new(Vec::new());
    for (name, kind, content) in members {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_size(content.len() as u64);
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        if *kind == EntryType::Symlink || *kind == EntryType::Link {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        tar.append(&header, *content).unwrap();
    }
    let body = tar.get_ref().clone();
    [&body[..], &pack::seal(&sum([&body[..]]))].concat().into()
}

/// A manifest of these directories and files, each with the content `x`.
fn manifest(directories: &[&str], files: &[&str]) -> Vec<u8> {
    let files: Vec<_> =
        files.iter().map(|path| json!({"path": path, "size": 1, "sha256": sum([&b"x"[..]])})).collect();
    let manifest = json!({"format": "codriver-session", "version": 1, "sessionId": "s-1", "created": "",
        "codriver": "0.1.0", "directories": directories, "files": files});
    manifest.to_string().into_bytes()
}

#[track_caller]
fn refused(archive: &Bytes, part: &str) {
    let error = unpack(archive).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FsCorrupt, "{error}");
    assert!(error.message().contains(part), "{error}");
}

#[test]
fn a_forged_archive_with_a_right_sum_is_refused_by_what_is_wrong_in_it() {
    use EntryType::{Char, Directory, Fifo, GNUSparse, Link, Regular, Symlink};
    let good = manifest(&["/d"], &["/f"]);
    let (d, f): (Member<'_>, Member<'_>) = (("session/d/", Directory, b""), ("session/f", Regular, b"x"));
    assert_eq!(unpack(&forged(&[(MANIFEST, Regular, &good), d, f])).unwrap().1.len(), 2);

    refused(&forged(&[]), "manifest.json is missing");
    refused(&forged(&[d, f]), "is where manifest.json must be");
    refused(&forged(&[(MANIFEST, Regular, b"{"), d, f]), "its manifest cannot be read");
    refused(&forged(&[(MANIFEST, Regular, &good), d]), "session/f is missing");
    refused(&forged(&[(MANIFEST, Regular, &good), f, d]), "is where session/d/ must be");
    refused(&forged(&[(MANIFEST, Regular, &good), d, f, f]), "the manifest does not tell");
    refused(&forged(&[(MANIFEST, Regular, &good), d, ("session/f", Regular, b"y")]), "the size or sum of /f");
    refused(
        &forged(&[(MANIFEST, Regular, &good), d, ("session/f", Regular, b"xx")]),
        "the size or sum of /f",
    );
    for kind in [Symlink, Link, Char, Fifo, GNUSparse, Directory] {
        let archive = forged(&[(MANIFEST, Regular, &good), d, ("session/f", kind, b"")]);
        assert_eq!(unpack(&archive).unwrap_err().kind(), ErrorKind::FsCorrupt, "{kind:?}");
    }
    for path in ["f", "../f", "/../f", "/a/../f", "/a//f", "/f/", "/", "", "/./f", "C:\\f"] {
        let name = format!("session{path}");
        let manifest = manifest(&[], &[path]);
        refused(
            &forged(&[(MANIFEST, Regular, &manifest), (&name, Regular, b"x")]),
            "no absolute, normal path",
        );
    }
    for (directories, files, part) in [
        (&[][..], &["/f", "/f"][..], "/f is in it twice"),
        (&["/f"], &["/f"], "/f is in it twice"),
        (&["/f/d"], &["/f"], "/f is both a file and a directory"),
        (&[], &["/f", "/f/deep/g"], "/f is both a file and a directory"),
    ] {
        refused(&forged(&[(MANIFEST, Regular, &manifest(directories, files))]), part);
    }
    let other = String::from_utf8(good.clone()).unwrap().replace("codriver-session", "else");
    refused(&forged(&[(MANIFEST, Regular, other.as_bytes()), d, f]), "of another format");
    let newer = String::from_utf8(good).unwrap().replace("\"version\":1", "\"version\":2");
    let error = unpack(&forged(&[(MANIFEST, Regular, newer.as_bytes()), d, f])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FsUnsupported);
}

#[test]
fn what_is_no_archive_is_refused() {
    let text = Bytes::from(vec![b'x'; 10_000]);
    for archive in [Bytes::new(), Bytes::from_static(b"PK\x03\x04"), text, Bytes::from(vec![0; 10_240])] {
        refused(&archive, "it is none, or the end of it is missing");
    }
    let archive = packed(small());
    refused(&[&archive[..], &[0]].concat().into(), "it is none, or the end of it is missing");
    refused(&[&archive[..], &archive].concat().into(), "its sum is another");
}

/// Files at paths of all lengths and characters that a path may have.
fn any_files() -> impl Strategy<Value = Vec<LoadedEntry>> {
    let name = "[a-zä你 \\\\\n:%*.-]{1,40}".prop_filter("a name", |name| name != "." && name != "..");
    let path = prop::collection::vec(name, 1..6).prop_map(|names| format!("/d/{}.f", names.join("/")));
    let content = prop_oneof![Just(Vec::new()), prop::collection::vec(any::<u8>(), 500..1030)];
    let files = prop::collection::btree_map(path, content, 0..6);
    files.prop_map(|files| {
        let mut entries = vec![directory("/d"), directory(&format!("/{}", "long".repeat(60)))];
        entries.extend(files.into_iter().map(|(path, content)| file(&path, &content)));
        entries.sort_by_key(|entry| (entry.content.is_some(), entry.path.clone()));
        entries
    })
}

proptest! {
    #[test]
    fn what_is_packed_comes_out_the_same(entries in any_files()) {
        let (manifest, unpacked) = unpack(&packed(entries.clone())).unwrap();
        prop_assert_eq!(manifest.session_id, "s-1");
        prop_assert_eq!(unpacked, entries);
    }

    #[test]
    fn an_archive_with_any_byte_changed_is_refused(at in any::<prop::sample::Index>(), with in 1..=255_u8) {
        let mut archive = packed(small()).to_vec();
        let at = at.index(archive.len());
        archive[at] ^= with;
        prop_assert_eq!(unpack(&archive.into()).unwrap_err().kind(), ErrorKind::FsCorrupt);
    }

    #[test]
    fn an_archive_with_a_part_cut_out_is_refused(
        from in any::<prop::sample::Index>(), len in any::<prop::sample::Index>(),
    ) {
        let archive = packed(small());
        let from = from.index(archive.len());
        let to = from + 1 + len.index(archive.len() - from);
        let cut = [&archive[..from], &archive[to..]].concat();
        prop_assert_eq!(unpack(&cut.into()).unwrap_err().kind(), ErrorKind::FsCorrupt);
        prop_assert_eq!(unpack(&archive.slice(..from)).unwrap_err().kind(), ErrorKind::FsCorrupt);
    }

    #[test]
    fn no_bytes_with_a_right_sum_break_the_reader(
        head in prop::collection::vec(any::<u8>(), 0..2000), at in any::<prop::sample::Index>(), with in any::<u8>(),
    ) {
        let archive = packed(small());
        let mut body = archive[..archive.len() - pack::seal(&sum([])).len()].to_vec();
        let at = at.index(body.len());
        body[at] = with;
        for body in [body, head] {
            let sealed = [&body[..], &pack::seal(&sum([&body[..]]))].concat();
            if let Ok((_, unpacked)) = unpack(&sealed.into()) {
                prop_assert!(unpacked.iter().all(|entry| entry.path.as_str().starts_with("/")));
            }
        }
    }
}
