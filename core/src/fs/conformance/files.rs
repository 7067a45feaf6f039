//! Cases about one file.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::{Outcome, append, at, fails, holds, is_gone, lists, mkdir, ok, same, write};
use crate::fs::{EntryKind, FsErrorKind, SessionFs};

type Fs = Arc<dyn SessionFs>;

pub(super) async fn what_is_written_is_read_back(fs: Fs) -> Outcome {
    ok("write with a mode", fs.write(&at("/state/a.txt"), "hello".into(), Some(0o600)).await)?;
    holds(&fs, "/state/a.txt", "hello").await
}

pub(super) async fn a_write_replaces_the_whole_content(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "a long first content").await?;
    write(&fs, "/state/a", "short").await?;
    holds(&fs, "/state/a", "short").await
}

pub(super) async fn an_empty_file_is_a_file(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "not empty").await?;
    write(&fs, "/state/a", "").await?;
    holds(&fs, "/state/a", "").await?;
    let stat = ok("stat", fs.stat(&at("/state/a")).await)?;
    same("kind and size", (stat.kind, stat.size), (EntryKind::File, 0))
}

pub(super) async fn every_byte_survives(fs: Fs) -> Outcome {
    let bytes: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
    ok("write", fs.write(&at("/state/bytes"), bytes.clone().into(), None).await)?;
    same("the bytes", ok("read", fs.read(&at("/state/bytes")).await)?, Bytes::from(bytes))
}

/// Lengths around the groups of base64, and pieces of characters that are whole only together.
pub(super) async fn bytes_that_are_no_text_survive_at_every_length(fs: Fs) -> Outcome {
    let pieces = [
        &[0xff_u8][..],
        &[0xf0, 0x9f],
        b"\xa6\x80x",
        &[0, 0xc3, 0x28],
        b"\xed\xa0\x80--",
        "\u{fffd}".as_bytes(),
    ];
    for bytes in pieces.into_iter().chain([pieces.concat().as_slice()]) {
        let bytes = Bytes::copy_from_slice(bytes);
        ok("write", fs.write(&at("/state/bytes"), bytes.clone(), None).await)?;
        same("the bytes", ok("read", fs.read(&at("/state/bytes")).await)?, bytes)?;
    }
    Ok(())
}

pub(super) async fn text_that_is_added_to_bytes_leaves_them(fs: Fs) -> Outcome {
    ok("write", fs.write(&at("/state/bytes"), Bytes::from_static(b"\xff\xfe\0"), None).await)?;
    append(&fs, "/state/bytes", "text é").await?;
    let got = ok("read", fs.read(&at("/state/bytes")).await)?;
    same("the bytes", got, Bytes::from_static(b"\xff\xfe\0text \xc3\xa9"))?;
    write(&fs, "/state/bytes", "text").await?;
    holds(&fs, "/state/bytes", "text").await
}

pub(super) async fn text_of_every_kind_survives(fs: Fs) -> Outcome {
    let text = "\u{feff}line\r\nline\n\ttab \"quoted\" \\ \0 \u{1} \u{7f} \u{2028}\u{2029} ünï 日本 🦀 \u{10ffff}\n\n";
    write(&fs, "/state/text", text).await?;
    append(&fs, "/state/text", text).await?;
    holds(&fs, "/state/text", &text.repeat(2)).await
}

pub(super) async fn a_write_makes_missing_parents(fs: Fs) -> Outcome {
    write(&fs, "/state/a/b/c.txt", "deep").await?;
    holds(&fs, "/state/a/b/c.txt", "deep").await?;
    lists(&fs, "/state/a", &["b"]).await
}

pub(super) async fn an_append_goes_to_the_end(fs: Fs) -> Outcome {
    write(&fs, "/state/log", "one\n").await?;
    append(&fs, "/state/log", "two\n").await?;
    append(&fs, "/state/log", "").await?;
    append(&fs, "/state/log", "three\n").await?;
    holds(&fs, "/state/log", "one\ntwo\nthree\n").await?;
    write(&fs, "/state/log", "new\n").await?;
    append(&fs, "/state/log", "more\n").await?;
    holds(&fs, "/state/log", "new\nmore\n").await
}

pub(super) async fn an_append_makes_the_file_and_its_parents(fs: Fs) -> Outcome {
    ok("append", fs.append(&at("/state/new/log"), "first\n".into(), Some(0o600)).await)?;
    holds(&fs, "/state/new/log", "first\n").await
}

pub(super) async fn an_empty_append_makes_an_empty_file(fs: Fs) -> Outcome {
    append(&fs, "/state/log", "").await?;
    holds(&fs, "/state/log", "").await
}

pub(super) async fn content_that_was_read_does_not_change_afterwards(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "before").await?;
    let read = ok("read", fs.read(&at("/state/a")).await)?;
    append(&fs, "/state/a", " and after").await?;
    write(&fs, "/state/a", "AFTER!").await?;
    same("what was read", read, Bytes::from("before"))
}

pub(super) async fn reading_what_is_not_there_is_not_found(fs: Fs) -> Outcome {
    fails("in an empty filesystem", fs.read(&at("/state/a")).await, Some(FsErrorKind::NotFound))?;
    write(&fs, "/state/b", "").await?;
    fails("beside a file", fs.read(&at("/state/a")).await, Some(FsErrorKind::NotFound))
}

pub(super) async fn reading_a_directory_fails(fs: Fs) -> Outcome {
    mkdir(&fs, "/state/dir").await?;
    fails("read", fs.read(&at("/state/dir")).await, Some(FsErrorKind::Io))
}

pub(super) async fn writing_over_a_directory_fails_and_leaves_it(fs: Fs) -> Outcome {
    write(&fs, "/state/dir/a", "kept").await?;
    fails("write", fs.write(&at("/state/dir"), "x".into(), None).await, Some(FsErrorKind::Io))?;
    fails("append", fs.append(&at("/state/dir"), "x".into(), None).await, Some(FsErrorKind::Io))?;
    holds(&fs, "/state/dir/a", "kept").await
}

pub(super) async fn a_file_cannot_have_children(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "kept").await?;
    fails("write", fs.write(&at("/state/a/b"), "x".into(), None).await, None)?;
    fails("append", fs.append(&at("/state/a/b/c"), "x".into(), None).await, None)?;
    fails("mkdir", fs.mkdir(&at("/state/a/b"), true, None).await, None)?;
    fails("mkdir, not recursive", fs.mkdir(&at("/state/a/b"), false, None).await, None)?;
    fails("read", fs.read(&at("/state/a/b")).await, None)?;
    holds(&fs, "/state/a", "kept").await
}

pub(super) async fn exists_knows_files_directories_and_nothing(fs: Fs) -> Outcome {
    write(&fs, "/state/dir/a", "").await?;
    for (path, there) in
        [("/state/dir/a", true), ("/state/dir", true), ("/state/dir/b", false), ("/no/way", false)]
    {
        same(&format!("exists {path}"), ok("exists", fs.exists(&at(path)).await)?, there)?;
    }
    Ok(())
}

pub(super) async fn stat_tells_kind_and_size(fs: Fs) -> Outcome {
    write(&fs, "/state/dir/a", "twelve bytes").await?;
    append(&fs, "/state/dir/a", " é").await?;
    let file = ok("stat of the file", fs.stat(&at("/state/dir/a")).await)?;
    same("kind and size of the file", (file.kind, file.size), (EntryKind::File, 15))?;
    let directory = ok("stat of the directory", fs.stat(&at("/state/dir")).await)?;
    same("kind of the directory", directory.kind, EntryKind::Directory)
}

pub(super) async fn stat_of_what_is_not_there_is_not_found(fs: Fs) -> Outcome {
    is_gone(&fs, "/state/a").await?;
    write(&fs, "/state/ab", "").await?;
    is_gone(&fs, "/state/a").await
}

/// How far the clock of a store may be from ours.
const CLOCK_SKEW: Duration = Duration::from_secs(600);

pub(super) async fn times_are_those_of_the_last_write(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "one").await?;
    let first = ok("stat", fs.stat(&at("/state/a")).await)?;
    append(&fs, "/state/a", "two").await?;
    let second = ok("stat", fs.stat(&at("/state/a")).await)?;
    let now = SystemTime::now();
    for time in [first.modified, first.created, second.modified, second.created] {
        let skew = now.duration_since(time).unwrap_or_else(|ahead| ahead.duration());
        same(&format!("whether {time:?} is about now, {now:?}"), skew < CLOCK_SKEW, true)?;
    }
    same("whether the second write is not before the first", second.modified >= first.modified, true)
}

pub(super) async fn names_with_spaces_and_unicode_survive(fs: Fs) -> Outcome {
    let names = [
        "#%&{}$!'@+`=",
        " lead and trail ",
        "- -rf",
        "back\\slash",
        "plan (copy).md",
        "ünï cödé",
        "日本語",
        "🦀.rs",
    ];
    let mut sorted = names.map(|name| (name, format!("/state/odd names/{name}")));
    sorted.sort();
    for (name, path) in &sorted {
        write(&fs, path, name).await?;
    }
    for (name, path) in &sorted {
        holds(&fs, path, name).await?;
    }
    lists(&fs, "/state/odd names", &sorted.each_ref().map(|(name, _)| *name)).await
}

pub(super) async fn names_that_share_a_beginning_stay_apart(fs: Fs) -> Outcome {
    // Their order around the separator differs, and so do SQL patterns.
    let names = ["a", "a b", "a%", "a-b", "a.b", "a0", "a_", "aa"];
    for name in names {
        write(&fs, &format!("/state/{name}/inside"), name).await?;
    }
    write(&fs, "/state/a.", "a file").await?;
    for name in names {
        lists(&fs, &format!("/state/{name}"), &["inside"]).await?;
        holds(&fs, &format!("/state/{name}/inside"), name).await?;
    }
    lists(&fs, "/state", &["a", "a b", "a%", "a-b", "a.", "a.b", "a0", "a_", "aa"]).await
}
