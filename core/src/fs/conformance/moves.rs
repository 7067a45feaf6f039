//! Cases about removing and renaming.

use std::sync::Arc;

use super::{Outcome, append, at, fails, holds, is_gone, lists, mkdir, ok, write};
use crate::fs::{FsErrorKind, FsResult, SessionFs};

type Fs = Arc<dyn SessionFs>;

async fn rename(fs: &Fs, from: &str, to: &str) -> FsResult<()> {
    fs.rename(&at(from), &at(to)).await
}

pub(super) async fn remove_takes_a_file_away(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "").await?;
    write(&fs, "/state/b", "kept").await?;
    ok("remove", fs.remove(&at("/state/a"), false, false).await)?;
    is_gone(&fs, "/state/a").await?;
    lists(&fs, "/state", &["b"]).await
}

pub(super) async fn removing_what_is_not_there_is_not_found_without_force(fs: Fs) -> Outcome {
    let path = at("/state/a");
    fails("remove", fs.remove(&path, false, false).await, Some(FsErrorKind::NotFound))?;
    fails("recursive remove", fs.remove(&path, true, false).await, Some(FsErrorKind::NotFound))?;
    ok("remove with force", fs.remove(&path, false, true).await)?;
    ok("recursive remove with force", fs.remove(&path, true, true).await)
}

pub(super) async fn removing_a_directory_needs_recursive(fs: Fs) -> Outcome {
    write(&fs, "/state/dir/a", "kept").await?;
    mkdir(&fs, "/state/empty").await?;
    for path in ["/state/dir", "/state/empty"] {
        fails(path, fs.remove(&at(path), false, false).await, Some(FsErrorKind::Io))?;
        fails("with force", fs.remove(&at(path), false, true).await, Some(FsErrorKind::Io))?;
    }
    lists(&fs, "/state", &["dir", "empty"]).await?;
    holds(&fs, "/state/dir/a", "kept").await
}

pub(super) async fn a_recursive_remove_takes_everything_below_and_nothing_beside(fs: Fs) -> Outcome {
    for path in
        ["/state/dir/a", "/state/dir/sub/b", "/state/dir-b/c", "/state/dir.txt", "/state/dir0", "/state/di/r"]
    {
        write(&fs, path, path).await?;
    }
    ok("remove", fs.remove(&at("/state/dir"), true, false).await)?;
    for path in ["/state/dir", "/state/dir/a", "/state/dir/sub", "/state/dir/sub/b"] {
        is_gone(&fs, path).await?;
    }
    for path in ["/state/dir-b/c", "/state/dir.txt", "/state/dir0", "/state/di/r"] {
        holds(&fs, path, path).await?;
    }
    ok("recursive remove of a file", fs.remove(&at("/state/dir0"), true, false).await)?;
    lists(&fs, "/state", &["di", "dir-b", "dir.txt"]).await
}

pub(super) async fn a_removed_file_can_be_made_again(fs: Fs) -> Outcome {
    append(&fs, "/state/a", "old").await?;
    ok("remove", fs.remove(&at("/state/a"), false, false).await)?;
    append(&fs, "/state/a", "new").await?;
    holds(&fs, "/state/a", "new").await?;
    ok("remove again", fs.remove(&at("/state/a"), false, false).await)?;
    write(&fs, "/state/a/b", "as a directory").await?;
    holds(&fs, "/state/a/b", "as a directory").await
}

pub(super) async fn rename_moves_a_file(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "content").await?;
    append(&fs, "/state/a", " and more").await?;
    ok("rename", rename(&fs, "/state/a", "/state/b").await)?;
    is_gone(&fs, "/state/a").await?;
    holds(&fs, "/state/b", "content and more").await?;
    append(&fs, "/state/b", ", and more").await?;
    holds(&fs, "/state/b", "content and more, and more").await
}

pub(super) async fn rename_replaces_a_file(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "new").await?;
    write(&fs, "/state/b", "old and longer").await?;
    append(&fs, "/state/b", " with an end").await?;
    ok("rename", rename(&fs, "/state/a", "/state/b").await)?;
    holds(&fs, "/state/b", "new").await?;
    lists(&fs, "/state", &["b"]).await
}

pub(super) async fn rename_makes_missing_parents(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "content").await?;
    ok("rename", rename(&fs, "/state/a", "/state/x/y/b").await)?;
    holds(&fs, "/state/x/y/b", "content").await
}

pub(super) async fn rename_of_what_is_not_there_is_not_found_and_leaves_the_target(fs: Fs) -> Outcome {
    write(&fs, "/state/b", "kept").await?;
    fails("rename", rename(&fs, "/state/a", "/state/b").await, Some(FsErrorKind::NotFound))?;
    fails("rename onto itself", rename(&fs, "/state/a", "/state/a").await, Some(FsErrorKind::NotFound))?;
    holds(&fs, "/state/b", "kept").await
}

pub(super) async fn rename_onto_itself_changes_nothing(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "kept").await?;
    ok("rename of a file", rename(&fs, "/state/a", "/state/a").await)?;
    ok("rename of a directory", rename(&fs, "/state", "/state").await)?;
    holds(&fs, "/state/a", "kept").await
}

pub(super) async fn rename_moves_a_directory_with_everything_in_it(fs: Fs) -> Outcome {
    for path in ["/state/dir/a", "/state/dir/sub/b", "/state/dir-b/c"] {
        write(&fs, path, path).await?;
    }
    mkdir(&fs, "/state/dir/empty").await?;
    ok("rename", rename(&fs, "/state/dir", "/state/x/moved").await)?;
    is_gone(&fs, "/state/dir").await?;
    is_gone(&fs, "/state/dir/sub/b").await?;
    lists(&fs, "/state/x/moved", &["a", "empty", "sub"]).await?;
    lists(&fs, "/state/x/moved/empty", &[]).await?;
    holds(&fs, "/state/x/moved/sub/b", "/state/dir/sub/b").await?;
    holds(&fs, "/state/dir-b/c", "/state/dir-b/c").await
}

pub(super) async fn rename_over_a_directory_fails_and_leaves_both(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "kept").await?;
    write(&fs, "/state/dir/b", "kept too").await?;
    mkdir(&fs, "/state/empty").await?;
    for (from, to) in
        [("/state/a", "/state/dir"), ("/state/a", "/state/empty"), ("/state/empty", "/state/dir")]
    {
        fails(&format!("rename {from} to {to}"), rename(&fs, from, to).await, Some(FsErrorKind::Io))?;
    }
    holds(&fs, "/state/a", "kept").await?;
    lists(&fs, "/state/empty", &[]).await?;
    holds(&fs, "/state/dir/b", "kept too").await
}

pub(super) async fn rename_of_a_directory_over_a_file_fails_and_leaves_both(fs: Fs) -> Outcome {
    write(&fs, "/state/dir/a", "kept").await?;
    write(&fs, "/state/b", "kept too").await?;
    fails("rename", rename(&fs, "/state/dir", "/state/b").await, Some(FsErrorKind::Io))?;
    holds(&fs, "/state/dir/a", "kept").await?;
    holds(&fs, "/state/b", "kept too").await
}

pub(super) async fn rename_of_a_directory_into_itself_fails_and_leaves_it(fs: Fs) -> Outcome {
    write(&fs, "/state/dir/a", "kept").await?;
    fails("rename", rename(&fs, "/state/dir", "/state/dir/sub").await, Some(FsErrorKind::Io))?;
    fails("deeper", rename(&fs, "/state/dir", "/state/dir/x/y").await, Some(FsErrorKind::Io))?;
    holds(&fs, "/state/dir/a", "kept").await?;
    ok("beside itself", rename(&fs, "/state/dir", "/state/dir2").await)?;
    holds(&fs, "/state/dir2/a", "kept").await
}

/// How the runtime writes: `writeFile X.tmp.<uuid>`, then `rename` over X.
pub(super) async fn a_file_written_beside_and_renamed_over_is_the_new_one(fs: Fs) -> Outcome {
    for version in 0..20 {
        let content = format!("version {version}");
        write(&fs, "/state/workspace.yaml.tmp.70411655", &content).await?;
        ok("rename", rename(&fs, "/state/workspace.yaml.tmp.70411655", "/state/workspace.yaml").await)?;
        holds(&fs, "/state/workspace.yaml", &content).await?;
    }
    lists(&fs, "/state", &["workspace.yaml"]).await
}
