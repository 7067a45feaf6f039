//! Cases about several changes at once, and about loading everything at once.

use std::sync::Arc;

use bytes::Bytes;

use super::{Outcome, at, fails, holds, is_gone, lists, mkdir, ok, same, write};
use crate::fs::{EntryKind, FsChange, FsErrorKind, SessionFs};

type Fs = Arc<dyn SessionFs>;

fn made(path: &str) -> FsChange {
    FsChange::Mkdir { path: at(path), mode: None }
}

fn written(path: &str, content: &'static str) -> FsChange {
    FsChange::Write { path: at(path), content: content.into(), mode: None }
}

fn expected(path: &str, content: Option<&'static str>) -> FsChange {
    FsChange::Expect { path: at(path), content: content.map(Bytes::from) }
}

pub(super) async fn a_batch_is_made_in_order(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "old").await?;
    let batch = vec![
        made("/state/deep/er"),
        written("/state/new", "new"),
        FsChange::Rename { from: at("/state/new"), to: at("/state/a") },
        FsChange::Append { path: at("/state/a"), content: "er".into(), mode: None },
        written("/state/deep/er/gone", "x"),
        FsChange::Remove { path: at("/state/deep/er/gone"), recursive: false, force: false },
        FsChange::Rename { from: at("/state/deep"), to: at("/state/moved") },
        written("/state/moved/er/b", "b"),
    ];
    ok("apply", fs.apply(batch).await)?;
    holds(&fs, "/state/a", "newer").await?;
    lists(&fs, "/state", &["a", "moved"]).await?;
    lists(&fs, "/state/moved/er", &["b"]).await?;
    ok("an empty batch", fs.apply(Vec::new()).await)
}

pub(super) async fn a_batch_ends_at_the_change_that_fails(fs: Fs) -> Outcome {
    mkdir(&fs, "/state/directory").await?;
    let batch = vec![written("/state/directory", "no"), written("/state/after", "no")];
    fails("a write over a directory", fs.apply(batch).await, None)?;
    is_gone(&fs, "/state/after").await?;
    let missing = FsChange::Remove { path: at("/state/nothing"), recursive: true, force: false };
    let batch = vec![missing, written("/state/after", "no")];
    fails("a remove of nothing", fs.apply(batch).await, Some(FsErrorKind::NotFound))?;
    is_gone(&fs, "/state/after").await
}

pub(super) async fn a_batch_is_made_where_files_are_as_expected(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "1").await?;
    let batch = vec![
        expected("/state/a", Some("1")),
        expected("/state/b", None),
        expected("/state/no/such/file", None),
        written("/state/a", "2"),
        expected("/state/a", Some("2")),
        written("/state/b", "made"),
    ];
    ok("apply", fs.apply(batch).await)?;
    holds(&fs, "/state/a", "2").await?;
    holds(&fs, "/state/b", "made").await
}

pub(super) async fn a_batch_changes_nothing_where_a_file_is_not_as_expected(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "1").await?;
    write(&fs, "/state/empty", "").await?;
    for expectation in [
        expected("/state/a", Some("2")),
        expected("/state/a", None),
        expected("/state/b", Some("")),
        expected("/state/empty", None),
    ] {
        let what = format!("{expectation:?}");
        let batch = vec![expectation, written("/state/a", "3"), written("/state/b", "no")];
        fails(&what, fs.apply(batch).await, Some(FsErrorKind::Conflict))?;
        holds(&fs, "/state/a", "1").await?;
        is_gone(&fs, "/state/b").await?;
    }
    Ok(())
}

pub(super) async fn a_load_has_everything_below_and_the_content_of_small_files(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "four").await?;
    write(&fs, "/state/large", "fives").await?;
    write(&fs, "/state/sub/ü b", "").await?;
    mkdir(&fs, "/state/empty").await?;
    write(&fs, "/state-not/x", "x").await?;
    let loaded = ok("load", fs.load(&at("/state"), 4).await)?;
    let mut told: Vec<_> = (loaded.iter())
        .map(|entry| (entry.path.as_str(), entry.stat.kind, entry.content.as_deref()))
        .collect();
    told.sort_unstable();
    let (file, directory) = (EntryKind::File, EntryKind::Directory);
    let all: [(&str, EntryKind, Option<&[u8]>); 5] = [
        ("/state/a", file, Some(b"four")),
        ("/state/empty", directory, None),
        ("/state/large", file, None),
        ("/state/sub", directory, None),
        ("/state/sub/ü b", file, Some(b"")),
    ];
    same("what was loaded", told.as_slice(), &all[..])?;
    let large = loaded.iter().find(|entry| entry.path == at("/state/large")).map(|entry| entry.stat.size);
    same("size of the large file", large, Some(5))
}

pub(super) async fn a_load_of_what_is_not_there_has_nothing(fs: Fs) -> Outcome {
    let nothing = ok("load of an empty filesystem", fs.load(&at("/state"), 100).await)?;
    same("what was loaded", nothing.len(), 0)?;
    mkdir(&fs, "/state/empty").await?;
    let nothing = ok("load of an empty directory", fs.load(&at("/state/empty"), 100).await)?;
    same("what was loaded", nothing.len(), 0)
}
