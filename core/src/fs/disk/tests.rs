use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::fs::conformance::WireFs;
use crate::fs::{Mounts, Rest};
use crate::store::{LazyFs, Store, StoredSession};

crate::session_fs_conformance!(conformance, crate::fs::disk::tests::temporary());
crate::session_fs_conformance!(
    behind_the_wire,
    std::sync::Arc::new(crate::fs::conformance::WireFs::around(crate::fs::disk::tests::temporary()))
);

/// A directory as the only "store", so that it goes away with what uses it.
struct Directory(TempDir);

#[async_trait]
impl Store for Directory {
    async fn open(&self, _session_id: &str) -> crate::Result<Arc<dyn SessionFs>> {
        let inside = at(self.0.path());
        Ok(Arc::new(Mounts::new(Rest::Deny).mount_at(at(Path::new("/")), Arc::new(DiskFs::new()), inside)))
    }
    async fn list(&self) -> crate::Result<Vec<StoredSession>> {
        Ok(Vec::new())
    }
    async fn exists(&self, _session_id: &str) -> crate::Result<bool> {
        Ok(true)
    }
    async fn delete(&self, _session_id: &str) -> crate::Result<()> {
        Ok(())
    }
}

fn temporary() -> Arc<dyn SessionFs> {
    Arc::new(LazyFs::new(Arc::new(Directory(tempfile::tempdir().unwrap())), "session"))
}

fn at(path: &Path) -> FsPath {
    FsPath::parse(path.to_str().unwrap(), Conventions::Posix).unwrap()
}

#[tokio::test]
async fn a_write_keeps_the_mode_of_a_file_and_makes_one_with_the_mode_asked_for() {
    let directory = tempfile::tempdir().unwrap();
    let (script, new) = (directory.path().join("script.sh"), directory.path().join("new"));
    fs::write(&script, "old").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o751)).unwrap();
    let disk = DiskFs::new();
    disk.write(&at(&script), "new".into(), Some(0o600)).await.unwrap();
    disk.write(&at(&new), "new".into(), Some(0o600)).await.unwrap();
    assert_eq!(fs::metadata(&script).unwrap().mode() & 0o777, 0o751);
    assert_eq!(fs::metadata(&new).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::read(&script).unwrap(), b"new");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
}

#[tokio::test]
async fn links_are_followed_by_a_write_and_not_by_a_remove() {
    let directory = tempfile::tempdir().unwrap();
    let (target, link) = (directory.path().join("target"), directory.path().join("link"));
    fs::write(&target, "old").unwrap();
    symlink("target", &link).unwrap();
    let disk = DiskFs::new();
    disk.write(&at(&link), "new".into(), None).await.unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read(&target).unwrap(), b"new");
    disk.remove(&at(&link), true, false).await.unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"new");

    symlink("made", &link).unwrap();
    disk.write(&at(&link), "through".into(), None).await.unwrap();
    assert_eq!(fs::read(directory.path().join("made")).unwrap(), b"through");
}

#[tokio::test]
async fn a_workspace_on_the_disk_stands_beside_a_store() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("main.rs"), "fn main() {}").unwrap();
    let store: Arc<dyn SessionFs> = Arc::new(crate::store::MemoryFs::new());
    let mounts = Mounts::new(Rest::Deny)
        .mount(at(Path::new("/state")), Arc::clone(&store))
        .mount(at(directory.path()), Arc::new(DiskFs::new()));
    let fs = WireFs::around(Arc::new(mounts));
    assert_eq!(fs.read(&at(&directory.path().join("main.rs"))).await.unwrap(), "fn main() {}");
    fs.write(&at(&directory.path().join("new.rs")), "// new".into(), None).await.unwrap();
    fs.write(&at(Path::new("/state/plan.md")), "plan".into(), None).await.unwrap();
    assert_eq!(std::fs::read(directory.path().join("new.rs")).unwrap(), b"// new");
    assert_eq!(store.read(&at(Path::new("/state/plan.md"))).await.unwrap(), "plan");
    assert!(fs.read(&at(Path::new("/etc/hostname"))).await.is_err());
}

/// Runs a call that could wait for ever, or read for ever.
async fn in_time<T>(call: impl Future<Output = FsResult<T>>) -> FsError {
    let result = tokio::time::timeout(std::time::Duration::from_secs(20), call).await.expect("it hangs");
    result.err().expect("it was done")
}

#[tokio::test]
async fn a_device_or_a_fifo_is_neither_read_nor_written_nor_called_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let (fifo, link) = (directory.path().join("fifo"), directory.path().join("link"));
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    symlink("/dev/zero", &link).unwrap();
    let disk = DiskFs::new();
    for path in [at(Path::new("/dev/zero")), at(&fifo), at(&link)] {
        for error in [
            in_time(disk.read(&path)).await,
            in_time(disk.write(&path, "x".into(), None)).await,
            in_time(disk.append(&path, "x".into(), None)).await,
            in_time(disk.stat(&path)).await,
        ] {
            assert_eq!(error.kind(), FsErrorKind::Unsupported, "{error}");
            assert_eq!(error.message(), format!("{path}: neither a file nor a directory"));
        }
        assert!(disk.exists(&path).await.unwrap(), "{path}");
    }
    assert_eq!(disk.read_dir(&at(directory.path())).await.unwrap(), []);
    assert!(matches!(in_time(disk.read(&at(directory.path()))).await.kind(), FsErrorKind::Io));
}

#[tokio::test]
async fn a_file_that_fits_into_no_answer_is_not_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log");
    let file = File::create(&path).unwrap();
    let disk = DiskFs::new();
    file.set_len(MAX_FILE_BYTES).unwrap();
    assert_eq!(disk.read(&at(&path)).await.unwrap().len() as u64, MAX_FILE_BYTES);
    // So much that nobody has the memory for it.
    for size in [MAX_FILE_BYTES + 1, 8 << 40] {
        file.set_len(size).unwrap();
        let error = in_time(disk.read(&at(&path))).await;
        assert_eq!(error.kind(), FsErrorKind::Unsupported, "{error}");
        assert!(error.message().contains(&format!("the file has {size} bytes or more, at most")), "{error}");
    }
    // The kernel's own files say that they are empty.
    if cfg!(target_os = "linux") {
        assert!(!disk.read(&at(Path::new("/proc/self/status"))).await.unwrap().is_empty());
    }
}
