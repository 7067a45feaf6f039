//! A [`SessionFs`] on the far side of the wire.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::fs::wire::WireError;
use crate::fs::{
    Conventions, DirEntry, EntryKind, FsError, FsPath, FsResult, FsServer, FsStat, SessionFs, SqliteOutcome,
    SqliteStatement, SqliteTransactionError, timestamp,
};

/// A client of an [`FsServer`]: it asks as the runtime does and reads the answers strictly, so that the conformance
/// suite proves the wire side too. `append` takes text only, as the wire does.
pub struct WireFs(FsServer);

impl WireFs {
    /// Asks this server.
    pub fn new(server: FsServer) -> Self {
        WireFs(server)
    }

    /// Serves `fs` on posix paths, and asks that.
    pub fn around(fs: std::sync::Arc<dyn SessionFs>) -> Self {
        WireFs(FsServer::new(fs, Conventions::Posix, Duration::from_secs(60)))
    }

    async fn call(&self, method: &str, mut params: Value) -> FsResult<Box<RawValue>> {
        params["sessionId"] = "conformance".into();
        let params = to_raw_value(&params).map_err(|error| FsError::io(error.to_string()))?;
        self.0
            .handle(&format!("sessionFs.{method}"), &params)
            .await
            .map_err(|error| FsError::io(format!("{}: {}", error.code, error.message)))
    }

    /// A call whose answer is an object, with `error` in it where it failed.
    async fn ask<T: DeserializeOwned>(&self, method: &str, params: Value) -> FsResult<T> {
        #[derive(Deserialize)]
        struct Failed {
            error: Option<WireError>,
        }
        let answer = self.call(method, params).await?;
        match read::<Failed>(&answer)?.error {
            Some(error) => Err(error.into()),
            None => read(&answer),
        }
    }

    /// A call whose answer is null, or an error.
    async fn tell(&self, method: &str, params: Value) -> FsResult<()> {
        let answer = self.call(method, params).await?;
        match read::<Option<WireError>>(&answer)? {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }
}

fn read<'a, T: Deserialize<'a>>(answer: &'a RawValue) -> FsResult<T> {
    serde_json::from_str(answer.get()).map_err(|error| FsError::io(format!("a wrong answer: {error}")))
}

fn time(text: &str) -> FsResult<SystemTime> {
    timestamp::parse(text).ok_or_else(|| FsError::io(format!("not a time of the wire: {text}")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    content: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exists {
    exists: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Stat {
    is_file: bool,
    is_directory: bool,
    size: u64,
    mtime: String,
    birthtime: String,
    mtime_ms: i64,
    birthtime_ms: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entries<T> {
    entries: Vec<T>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedEntry {
    name: String,
    #[serde(rename = "type")]
    kind: EntryKind,
}

#[async_trait]
impl SessionFs for WireFs {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        let params = json!({"path": path.as_str()});
        let text: Content = self.ask("readFile", params.clone()).await?;
        if !text.content.contains('\u{fffd}') {
            return Ok(text.content.into());
        }
        let bytes: Content = self.ask("readFileBytes", params).await?;
        let bytes = STANDARD.decode(bytes.content).map_err(|error| FsError::io(error.to_string()))?;
        Ok(bytes.into())
    }

    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        let (method, content) = match std::str::from_utf8(&content) {
            Ok(text) => ("writeFile", text.to_owned()),
            Err(_) => ("writeFileBytes", STANDARD.encode(&content)),
        };
        let mut params = json!({"path": path.as_str(), "mode": mode});
        params["content"] = content.into();
        self.tell(method, params).await
    }

    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        let text = std::str::from_utf8(&content)
            .map_err(|_| FsError::unsupported("the wire appends text, and this is not UTF-8"))?;
        self.tell("appendFile", json!({"path": path.as_str(), "content": text, "mode": mode})).await
    }

    async fn exists(&self, path: &FsPath) -> FsResult<bool> {
        Ok(self.ask::<Exists>("exists", json!({"path": path.as_str()})).await?.exists)
    }

    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        let stat: Stat = self.ask("stat", json!({"path": path.as_str()})).await?;
        let (modified, created) = (time(&stat.mtime)?, time(&stat.birthtime)?);
        if [modified, created].map(timestamp::milliseconds) != [stat.mtime_ms, stat.birthtime_ms] {
            return Err(FsError::io("a time differs from itself in milliseconds"));
        }
        match (stat.is_file, stat.is_directory) {
            (true, false) => Ok(FsStat::file(stat.size, modified, created)),
            (false, true) => Ok(FsStat::directory(modified, created)),
            _ => Err(FsError::io("neither a file nor a directory, or both")),
        }
    }

    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()> {
        self.tell("mkdir", json!({"path": path.as_str(), "recursive": recursive, "mode": mode})).await
    }

    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        let params = json!({"path": path.as_str()});
        let typed: Entries<TypedEntry> = self.ask("readdirWithTypes", params.clone()).await?;
        let names: Entries<String> = self.ask("readdir", params).await?;
        if !names.entries.iter().eq(typed.entries.iter().map(|entry| &entry.name)) {
            return Err(FsError::io("readdir and readdirWithTypes differ"));
        }
        if !names.entries.is_sorted() {
            return Err(FsError::io("the entries are not sorted"));
        }
        Ok(typed.entries.into_iter().map(|entry| DirEntry::new(entry.name, entry.kind)).collect())
    }

    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        self.tell("rm", json!({"path": path.as_str(), "recursive": recursive, "force": force})).await
    }

    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        self.tell("rename", json!({"src": from.as_str(), "dest": to.as_str()})).await
    }

    async fn sqlite_query(&self, statement: SqliteStatement) -> FsResult<SqliteOutcome> {
        self.ask("sqliteQuery", to_value(&statement)?).await
    }

    async fn sqlite_transaction(
        &self,
        statements: Vec<SqliteStatement>,
    ) -> Result<Vec<SqliteOutcome>, SqliteTransactionError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Answer {
            results: Vec<SqliteOutcome>,
            error: Option<SqliteTransactionError>,
        }
        let fatal = |error: FsError| SqliteTransactionError::fatal(error.to_string());
        let params = json!({"statements": to_value(&statements).map_err(fatal)?});
        let answer = self.call("sqliteTransaction", params).await.map_err(fatal)?;
        let answer: Answer = read(&answer).map_err(fatal)?;
        answer.error.map_or(Ok(answer.results), Err)
    }

    async fn sqlite_exists(&self) -> FsResult<bool> {
        Ok(self.ask::<Exists>("sqliteExists", json!({})).await?.exists)
    }
}

fn to_value(value: &impl serde::Serialize) -> FsResult<Value> {
    serde_json::to_value(value).map_err(|error| FsError::io(error.to_string()))
}
