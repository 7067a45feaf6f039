use super::*;
use crate::fs::{Conventions, DirEntry, EntryKind};
use crate::store::MemoryFs;

crate::session_fs_conformance!(
    conformance_of_one_mount,
    std::sync::Arc::new({
        let path = |text| crate::fs::FsPath::parse(text, crate::fs::Conventions::Posix).unwrap();
        let store = || std::sync::Arc::new(crate::store::MemoryFs::new());
        crate::fs::Mounts::new(crate::fs::Rest::Provider(store())).mount_at(
            path("/state"),
            store(),
            path("/x/y"),
        )
    })
);

fn at(text: &str) -> FsPath {
    FsPath::parse(text, Conventions::Posix).unwrap()
}

fn memory() -> Arc<dyn SessionFs> {
    Arc::new(MemoryFs::new())
}

#[tokio::test]
async fn each_path_goes_to_the_nearest_mount_above_it() {
    let (outer, inner, rest) = (memory(), memory(), memory());
    let fs = Mounts::new(Rest::Provider(rest.clone()))
        .mount(at("/project/.state"), inner.clone())
        .mount(at("/project"), outer.clone());
    for (path, owner) in [
        ("/project/a", &outer),
        ("/project/.state/a", &inner),
        ("/project/.state-not/a", &outer),
        ("/projects/a", &rest),
        ("/project/.state/../b", &outer),
        ("/project/../c", &rest),
    ] {
        fs.write(&at(path), path.into(), None).await.unwrap();
        assert_eq!(owner.read(&at(path)).await.unwrap(), path);
        assert_eq!(fs.read(&at(path)).await.unwrap(), path);
    }
}

#[tokio::test]
async fn a_mount_can_have_another_place_in_its_provider() {
    let store = memory();
    let fs = Mounts::new(Rest::Deny).mount(at("/state"), store.clone()).mount_at(
        at("/home/me/.copilot/session-state/42"),
        store.clone(),
        at("/copilot-home"),
    );
    fs.write(&at("/home/me/.copilot/session-state/42/workspace.yaml"), "home".into(), None).await.unwrap();
    fs.write(&at("/state/workspace.yaml"), "state".into(), None).await.unwrap();
    assert_eq!(store.read(&at("/copilot-home/workspace.yaml")).await.unwrap(), "home");
    assert_eq!(store.read(&at("/state/workspace.yaml")).await.unwrap(), "state");
    assert!(!store.exists(&at("/home")).await.unwrap());

    let listed = fs.read_dir(&at("/home/me/.copilot/session-state/42")).await.unwrap();
    assert_eq!(listed, [DirEntry::new("workspace.yaml", EntryKind::File)]);
    // Both are in one store, so that it can move between them in one step.
    fs.rename(&at("/home/me/.copilot/session-state/42/workspace.yaml"), &at("/state/moved")).await.unwrap();
    assert_eq!(store.read(&at("/state/moved")).await.unwrap(), "home");
}

#[tokio::test]
async fn what_no_mount_covers_is_not_there_and_cannot_be_made() {
    let fs = Mounts::new(Rest::Deny).mount(at("/state"), memory());
    let outside = at("/etc/passwd");
    assert_eq!(fs.read(&outside).await.unwrap_err().kind(), FsErrorKind::NotFound);
    assert_eq!(fs.stat(&outside).await.unwrap_err().kind(), FsErrorKind::NotFound);
    assert_eq!(fs.read_dir(&outside).await.unwrap_err().kind(), FsErrorKind::NotFound);
    assert_eq!(fs.remove(&outside, true, false).await.unwrap_err().kind(), FsErrorKind::NotFound);
    assert!(!fs.exists(&outside).await.unwrap());
    fs.remove(&outside, true, true).await.unwrap();

    fs.write(&at("/state/a"), "kept".into(), None).await.unwrap();
    for refused in [
        fs.write(&outside, "x".into(), None).await,
        fs.append(&outside, "x".into(), None).await,
        fs.mkdir(&outside, true, None).await,
        fs.rename(&at("/state/a"), &outside).await,
    ] {
        let error = refused.unwrap_err();
        assert_eq!((error.kind(), error.write_changed()), (FsErrorKind::Unsupported, Some(false)));
    }
    assert_eq!(fs.rename(&outside, &at("/state/a")).await.unwrap_err().kind(), FsErrorKind::NotFound);
    assert_eq!(fs.read(&at("/state/a")).await.unwrap(), "kept");
}

#[tokio::test]
async fn a_rename_between_providers_is_refused_and_leaves_both() {
    let fs = Mounts::new(Rest::Deny).mount(at("/a"), memory()).mount(at("/b"), memory());
    fs.write(&at("/a/file"), "kept".into(), None).await.unwrap();
    let error = fs.rename(&at("/a/file"), &at("/b/file")).await.unwrap_err();
    assert_eq!((error.kind(), error.write_changed()), (FsErrorKind::Unsupported, Some(false)));
    assert_eq!(fs.read(&at("/a/file")).await.unwrap(), "kept");
    assert!(!fs.exists(&at("/b/file")).await.unwrap());
}

#[tokio::test]
async fn windows_mounts_are_found_without_regard_to_case() {
    let windows = |text| FsPath::parse(text, Conventions::Windows).unwrap();
    let store = memory();
    let fs = Mounts::new(Rest::Deny).mount_at(windows(r"C:\Project"), store.clone(), windows(r"\"));
    fs.write(&windows("c:/project/Src/Main.rs"), "fn main() {}".into(), None).await.unwrap();
    assert_eq!(store.read(&windows(r"\Src\Main.rs")).await.unwrap(), "fn main() {}");
}

/// Says which capabilities it has, and answers every SQL statement with its name as the only column.
struct Able(&'static str, FsCapabilities, MemoryFs);

fn able(name: &'static str, binary: bool, sqlite: bool) -> Arc<dyn SessionFs> {
    let capabilities = FsCapabilities::default().with_binary(binary).with_sqlite(sqlite);
    Arc::new(Able(name, capabilities, MemoryFs::new()))
}

#[async_trait]
impl SessionFs for Able {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        self.2.read(path).await
    }
    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.2.write(path, content, mode).await
    }
    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.2.append(path, content, mode).await
    }
    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        self.2.stat(path).await
    }
    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()> {
        self.2.mkdir(path, recursive, mode).await
    }
    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        self.2.read_dir(path).await
    }
    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        self.2.remove(path, recursive, force).await
    }
    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        self.2.rename(from, to).await
    }
    fn capabilities(&self) -> FsCapabilities {
        self.1
    }
    async fn sqlite_query(&self, _statement: SqliteStatement) -> FsResult<SqliteOutcome> {
        Ok(SqliteOutcome { columns: vec![self.0.to_owned()], ..SqliteOutcome::default() })
    }
    async fn sqlite_exists(&self) -> FsResult<bool> {
        Ok(true)
    }
}

#[tokio::test]
async fn the_first_mount_with_a_database_answers_sql() {
    let statement = || SqliteStatement {
        query: "SELECT 1".into(),
        query_type: crate::fs::SqliteQueryType::Query,
        params: None,
    };
    let fs = Mounts::new(Rest::Provider(able("rest", true, true)))
        .mount(at("/a"), able("none", true, false))
        .mount(at("/b"), able("b", true, true))
        .mount(at("/c"), able("c", true, true));
    assert_eq!(fs.capabilities(), FsCapabilities::default().with_sqlite(true));
    assert_eq!(fs.sqlite_query(statement()).await.unwrap().columns, ["b"]);
    assert!(fs.sqlite_exists().await.unwrap());

    let fs = Mounts::new(Rest::Deny).mount(at("/a"), able("none", false, false)).mount(at("/b"), memory());
    assert_eq!(fs.capabilities(), FsCapabilities::default().with_binary(false));
    assert_eq!(fs.sqlite_query(statement()).await.unwrap_err().kind(), FsErrorKind::Unsupported);
    assert!(!fs.sqlite_exists().await.unwrap());
}
