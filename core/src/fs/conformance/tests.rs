//! The suite passes what is right, also behind the wire, and finds what is wrong.

use super::*;
use crate::fs::{DirEntry, FsError, FsStat};
use crate::store::MemoryFs;

crate::session_fs_conformance!(
    behind_the_wire,
    std::sync::Arc::new(crate::fs::conformance::WireFs::around(std::sync::Arc::new(
        crate::store::MemoryFs::new()
    )))
);

/// How a [`Broken`] provider is wrong.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    AppendReplaces,
    MkdirRefusesWhatIsThere,
    MissingIsIo,
    ReadDirForgetsDirectories,
    RecursiveRemoveGoesByPrefix,
    RenameKeepsTheTarget,
    RenameLeavesAGap,
    ReadPanics,
    BytesAreText,
}

struct Broken(MemoryFs, Fault);

#[async_trait::async_trait]
impl SessionFs for Broken {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        assert!(self.1 != Fault::ReadPanics, "on purpose");
        match self.0.read(path).await {
            Err(error) if self.1 == Fault::MissingIsIo => Err(FsError::io(error.message())),
            Ok(bytes) if self.1 == Fault::BytesAreText => {
                Ok(String::from_utf8_lossy(&bytes).into_owned().into())
            }
            result => result,
        }
    }

    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.0.write(path, content, mode).await
    }

    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        match self.1 {
            Fault::AppendReplaces => self.0.write(path, content, mode).await,
            _ => self.0.append(path, content, mode).await,
        }
    }

    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        self.0.stat(path).await
    }

    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()> {
        if self.1 == Fault::MkdirRefusesWhatIsThere && self.0.exists(path).await? {
            return Err(FsError::io("it is there"));
        }
        self.0.mkdir(path, recursive, mode).await
    }

    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        let mut entries = self.0.read_dir(path).await?;
        if self.1 == Fault::ReadDirForgetsDirectories {
            entries.retain(|entry| entry.kind == crate::fs::EntryKind::File);
        }
        Ok(entries)
    }

    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        if let (Fault::RecursiveRemoveGoesByPrefix, true, Some(parent)) = (self.1, recursive, path.parent()) {
            for entry in self.0.read_dir(&parent).await? {
                let sibling = parent.join(&entry.name)?;
                if sibling.as_str().starts_with(path.as_str()) {
                    self.0.remove(&sibling, true, true).await?;
                }
            }
            return Ok(());
        }
        self.0.remove(path, recursive, force).await
    }

    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        match self.1 {
            Fault::RenameKeepsTheTarget if from != to && self.0.exists(to).await? => {
                self.0.remove(from, true, true).await
            }
            Fault::RenameLeavesAGap
                if from != to && self.0.read(to).await.is_ok() && self.0.read(from).await.is_ok() =>
            {
                self.0.remove(to, false, true).await?;
                tokio::time::sleep(Duration::from_millis(1)).await;
                self.0.rename(from, to).await
            }
            _ => self.0.rename(from, to).await,
        }
    }
}

/// The cases but the large ones, which take long and find none of the faults.
async fn failures_with(fault: Fault) -> Vec<&'static str> {
    let mut failed = Vec::new();
    for case in CASES.iter().filter(|case| !case.name().starts_with("a_file_of_64")) {
        if case.check(Arc::new(Broken(MemoryFs::new(), fault))).await.is_err() {
            failed.push(case.name());
        }
    }
    failed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_suite_finds_each_fault_and_nothing_in_a_right_provider() {
    assert_eq!(failures_with(Fault::None).await, [""; 0]);
    for (fault, case) in [
        (Fault::AppendReplaces, "an_append_goes_to_the_end"),
        (Fault::MkdirRefusesWhatIsThere, "mkdir_again_changes_nothing"),
        (Fault::MissingIsIo, "reading_what_is_not_there_is_not_found"),
        (Fault::ReadDirForgetsDirectories, "read_dir_lists_names_and_kinds"),
        (Fault::RecursiveRemoveGoesByPrefix, "a_recursive_remove_takes_everything_below_and_nothing_beside"),
        (Fault::RenameKeepsTheTarget, "rename_replaces_a_file"),
        (Fault::RenameLeavesAGap, "a_file_that_is_replaced_by_rename_is_never_missing"),
        (Fault::BytesAreText, "bytes_that_are_no_text_survive_at_every_length"),
        (Fault::ReadPanics, "what_is_written_is_read_back"),
    ] {
        let failed = failures_with(fault).await;
        assert!(failed.contains(&case), "{case} is not in {failed:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_tells_what_passed_and_what_did_not() {
    let report = run(|| Arc::new(Broken(MemoryFs::new(), Fault::MkdirRefusesWhatIsThere))).await;
    assert_eq!(report.passed.len() + report.failures.len(), CASES.len());
    let failed: Vec<_> = report.failures.iter().map(|failure| failure.case).collect();
    assert_eq!(failed, ["mkdir_again_changes_nothing"]);
    let text = report.to_string();
    assert!(
        text.starts_with("FAILED mkdir again changes nothing: mkdir, recursive: FS_IO: it is there\n"),
        "{text}"
    );
    assert!(text.ends_with(&format!("{} passed, 1 failed", CASES.len() - 1)), "{text}");
}
