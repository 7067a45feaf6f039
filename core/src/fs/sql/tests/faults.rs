//! What a filesystem that fails or dies midway leaves.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// The process dies before the change of that number (a batch goes change by change).
    DiesBefore(usize),
    /// A batch is refused as a whole, and the store knows that.
    Refused,
    /// A batch gets nowhere, and the store does not know that.
    Lost,
    /// A batch is stored, but its answer is lost.
    AnswerLost,
    /// Somebody else is always faster.
    Conflict,
}

struct Faulty {
    fs: Arc<dyn SessionFs>,
    fault: Fault,
    changes: AtomicUsize,
}

#[async_trait]
impl SessionFs for Faulty {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        self.fs.read(path).await
    }
    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.fs.write(path, content, mode).await
    }
    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.fs.append(path, content, mode).await
    }
    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        self.fs.stat(path).await
    }
    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()> {
        self.fs.mkdir(path, recursive, mode).await
    }
    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        self.fs.read_dir(path).await
    }
    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        self.fs.remove(path, recursive, force).await
    }
    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        self.fs.rename(from, to).await
    }
    async fn apply(&self, changes: Vec<FsChange>) -> FsResult<()> {
        match self.fault {
            Fault::DiesBefore(number) => {
                for change in changes {
                    if self.changes.fetch_add(1, Ordering::Relaxed) >= number {
                        std::future::pending::<()>().await;
                    }
                    self.fs.apply(vec![change]).await?;
                }
                Ok(())
            }
            Fault::Refused => Err(FsError::io("read-only").with_write_changed(false)),
            Fault::Lost => Err(FsError::io("connection reset")),
            Fault::AnswerLost => {
                self.fs.apply(changes).await?;
                Err(FsError::io("connection reset"))
            }
            Fault::Conflict => Err(FsError::conflict(DATABASE)),
        }
    }
}

fn faulty(fs: &Arc<dyn SessionFs>, fault: Fault) -> SqlFs {
    over(Arc::new(Faulty { fs: Arc::clone(fs), fault, changes: AtomicUsize::new(0) }))
}

#[tokio::test(start_paused = true)]
async fn a_death_at_any_step_leaves_the_old_or_the_new_database() {
    let mut deaths = 0;
    // A batch has up to four changes; with this many updates the log is begun anew now and then.
    for number in 0..150 {
        let (below, fs) = in_memory();
        ok(&fs, Exec, "CREATE TABLE t (a, b); INSERT INTO t VALUES (0, zeroblob(20000))").await;
        drop(fs);
        let dying = faulty(&below, Fault::DiesBefore(number));
        let mut acknowledged = 0;
        for _ in 0..45 {
            let update = ask(&dying, Run, "UPDATE t SET a = a + 1, b = randomblob(20000)");
            match tokio::time::timeout(Duration::from_secs(60), update).await {
                Ok(result) => result.map(|_| acknowledged += 1).unwrap(),
                Err(_died) => {
                    deaths += 1;
                    break;
                }
            }
        }
        drop(dying);
        let after = over(below);
        let found = value(&after, "SELECT a FROM t").await.as_u64().unwrap();
        assert!(found == acknowledged || found == acknowledged + 1, "{number}: {found}, {acknowledged}");
        assert_eq!(value(&after, "PRAGMA integrity_check").await, "ok", "{number}");
        ok(&after, Run, "UPDATE t SET a = a + 1").await;
        assert_eq!(value(&after, "SELECT a FROM t").await, found + 1, "{number}");
    }
    assert!(deaths > 100, "only {deaths} died");
}

#[tokio::test]
async fn an_error_says_whether_the_change_may_be_there() {
    use SqliteErrorClass::{BusyOrLocked, Fatal, PostCommitAmbiguous};
    for (fault, expected, write_changed) in [
        (Fault::Refused, Some(Fatal), Some(false)),
        (Fault::Lost, Some(PostCommitAmbiguous), None),
        (Fault::Conflict, Some(BusyOrLocked), Some(false)),
        (Fault::AnswerLost, None, None),
    ] {
        let (below, fs) = in_memory();
        ok(&fs, Exec, "CREATE TABLE t (a)").await;
        let fs = faulty(&below, fault);
        let insert = statement(Run, "INSERT INTO t VALUES (1)", Value::Null);
        let class = fs.sqlite_transaction(vec![insert.clone()]).await.err().map(|error| error.class);
        assert_eq!(class, expected, "{fault:?}");
        let single = fs.sqlite_query(insert).await;
        assert_eq!(single.as_ref().err().and_then(FsError::write_changed), write_changed, "{fault:?}");
        assert_eq!(single.is_ok(), expected.is_none(), "{fault:?}");
        // The next statement sees what is stored, and not what was tried.
        let stored = if fault == Fault::AnswerLost { 2 } else { 0 };
        assert_eq!(value(&fs, "SELECT count(*) FROM t").await, stored, "{fault:?}");
    }
}
