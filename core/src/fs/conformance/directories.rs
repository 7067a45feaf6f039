//! Cases about directories.

use std::sync::Arc;

use super::{Outcome, at, fails, holds, lists, mkdir, ok, same, write};
use crate::fs::{DirEntry, EntryKind, FsErrorKind, SessionFs};

type Fs = Arc<dyn SessionFs>;

pub(super) async fn mkdir_makes_a_directory(fs: Fs) -> Outcome {
    ok("mkdir", fs.mkdir(&at("/state"), true, Some(0o700)).await)?;
    same("its kind", ok("stat", fs.stat(&at("/state")).await)?.kind, EntryKind::Directory)
}

pub(super) async fn mkdir_again_changes_nothing(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "kept").await?;
    ok("mkdir, recursive", fs.mkdir(&at("/state"), true, Some(0o700)).await)?;
    ok("mkdir, not recursive", fs.mkdir(&at("/state"), false, None).await)?;
    holds(&fs, "/state/a", "kept").await
}

pub(super) async fn mkdir_makes_parents_only_when_recursive(fs: Fs) -> Outcome {
    let alone = fs.mkdir(&at("/state/a/b"), false, None).await;
    fails("without its parent", alone, Some(FsErrorKind::NotFound))?;
    mkdir(&fs, "/state/a/b").await?;
    ok("with its parent", fs.mkdir(&at("/state/a/c"), false, None).await)?;
    lists(&fs, "/state/a", &["b", "c"]).await
}

pub(super) async fn mkdir_over_a_file_fails_and_leaves_it(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "kept").await?;
    fails("mkdir, recursive", fs.mkdir(&at("/state/a"), true, None).await, Some(FsErrorKind::Io))?;
    fails("mkdir, not recursive", fs.mkdir(&at("/state/a"), false, None).await, Some(FsErrorKind::Io))?;
    holds(&fs, "/state/a", "kept").await
}

pub(super) async fn read_dir_lists_names_and_kinds(fs: Fs) -> Outcome {
    write(&fs, "/state/file", "").await?;
    mkdir(&fs, "/state/directory").await?;
    write(&fs, "/state/made on the way/file", "").await?;
    let mut entries = ok("read_dir", fs.read_dir(&at("/state")).await)?;
    entries.sort();
    let expected = vec![
        DirEntry::new("directory", EntryKind::Directory),
        DirEntry::new("file", EntryKind::File),
        DirEntry::new("made on the way", EntryKind::Directory),
    ];
    same("the entries", entries, expected)
}

pub(super) async fn read_dir_lists_only_what_is_directly_inside(fs: Fs) -> Outcome {
    for path in ["/state/a/b/c/d", "/state/a/b/e", "/state/a/f", "/state/ab/g", "/other/h"] {
        write(&fs, path, "").await?;
    }
    lists(&fs, "/state", &["a", "ab"]).await?;
    lists(&fs, "/state/a", &["b", "f"]).await?;
    lists(&fs, "/state/a/b", &["c", "e"]).await
}

pub(super) async fn read_dir_of_an_empty_directory_is_empty(fs: Fs) -> Outcome {
    mkdir(&fs, "/state/files").await?;
    lists(&fs, "/state/files", &[]).await
}

pub(super) async fn read_dir_of_what_is_not_there_is_not_found(fs: Fs) -> Outcome {
    write(&fs, "/state/ab", "").await?;
    fails("read_dir", fs.read_dir(&at("/state/a")).await, Some(FsErrorKind::NotFound))
}

pub(super) async fn read_dir_of_a_file_fails(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "").await?;
    fails("read_dir", fs.read_dir(&at("/state/a")).await, Some(FsErrorKind::Io))
}

pub(super) async fn a_directory_stays_when_its_last_file_goes(fs: Fs) -> Outcome {
    write(&fs, "/state/made/by hand/a", "").await?;
    ok("remove", fs.remove(&at("/state/made/by hand/a"), false, false).await)?;
    lists(&fs, "/state/made/by hand", &[]).await?;
    write(&fs, "/state/made/b", "").await?;
    ok("rename", fs.rename(&at("/state/made/b"), &at("/state/c")).await)?;
    lists(&fs, "/state/made", &["by hand"]).await
}

pub(super) async fn deep_paths_work(fs: Fs) -> Outcome {
    let directory = format!("/state{}", "/level".repeat(100));
    let file = format!("{directory}/{}", "n".repeat(200));
    write(&fs, &file, "deep").await?;
    holds(&fs, &file, "deep").await?;
    lists(&fs, &directory, &["n".repeat(200).as_str()]).await?;
    ok("rename", fs.rename(&at("/state/level"), &at("/state/moved")).await)?;
    holds(&fs, &file.replacen("level", "moved", 1), "deep").await?;
    ok("remove", fs.remove(&at("/state/moved"), true, false).await)?;
    lists(&fs, "/state", &[]).await
}
