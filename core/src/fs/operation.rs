//! One `sessionFs.*` call: read from the wire without I/O, then run.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::error::FsError;
use super::method::{Failure, FsAnswer, Method, invalid_params};
use super::path::{Conventions, FsPath};
use super::sqlite::SqliteStatement;
use super::{SessionFs, wire};

/// The most bytes of content that an answer carries, as they are in its JSON: a frame holds 64 MiB, of which 1,024
/// bytes are for the message around it (PROTOCOL §4, `readFileBytes`).
pub(super) const MAX_CONTENT_BYTES: usize = 64 * 1024 * 1024 - 1024;
/// The most bytes of an answer's JSON; the other 512 are for the JSON-RPC message it is in.
pub(super) const MAX_ANSWER_BYTES: usize = MAX_CONTENT_BYTES + 512;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A call whose parameters were understood.
#[derive(Debug)]
pub(super) enum Operation {
    ReadFile(FsPath),
    ReadFileBytes(FsPath),
    Write { path: FsPath, content: Bytes, mode: Option<u32> },
    Append { path: FsPath, content: Bytes, mode: Option<u32> },
    Exists(FsPath),
    Stat(FsPath),
    Mkdir { path: FsPath, recursive: bool, mode: Option<u32> },
    Readdir(FsPath),
    ReaddirWithTypes(FsPath),
    Remove { path: FsPath, recursive: bool, force: bool },
    Rename { from: FsPath, to: FsPath },
    SqliteQuery(SqliteStatement),
    SqliteTransaction(Vec<SqliteStatement>),
    SqliteExists,
}

/// Why a call was not understood.
enum Refusal {
    Params(String),
    Path(FsError),
}

impl From<FsError> for Refusal {
    fn from(error: FsError) -> Self {
        Refusal::Path(error)
    }
}

fn params<T: DeserializeOwned>(raw: &RawValue) -> Result<T, Refusal> {
    serde_json::from_str(raw.get()).map_err(|error| Refusal::Params(error.to_string()))
}

impl Operation {
    /// Reads a call. What cannot be read is already answered: bad parameters by a JSON-RPC error, a bad path by
    /// `UNKNOWN` in the shape of the method.
    pub(super) fn decode(method: Method, raw: &RawValue, conventions: Conventions) -> Result<Self, FsAnswer> {
        Self::read(method, raw, conventions).map_err(|refusal| match refusal {
            Refusal::Params(why) => Err(invalid_params(&why)),
            Refusal::Path(error) => method.failure(error.into()),
        })
    }

    fn read(method: Method, raw: &RawValue, conventions: Conventions) -> Result<Self, Refusal> {
        let path = |text: String| FsPath::parse(&text, conventions);
        let path_param = || Ok::<_, Refusal>(path(params::<wire::PathParams>(raw)?.path)?);
        Ok(match method {
            Method::ReadFile => Operation::ReadFile(path_param()?),
            Method::ReadFileBytes => Operation::ReadFileBytes(path_param()?),
            Method::Exists => Operation::Exists(path_param()?),
            Method::Stat => Operation::Stat(path_param()?),
            Method::Readdir => Operation::Readdir(path_param()?),
            Method::ReaddirWithTypes => Operation::ReaddirWithTypes(path_param()?),
            Method::WriteFile => {
                let p: wire::WriteParams = params(raw)?;
                Operation::Write { path: path(p.path)?, content: p.content.into(), mode: p.mode }
            }
            Method::AppendFile => {
                let p: wire::WriteParams = params(raw)?;
                Operation::Append { path: path(p.path)?, content: p.content.into(), mode: p.mode }
            }
            Method::WriteFileBytes => {
                let p: wire::WriteParams = params(raw)?;
                let content = BASE64
                    .decode(&p.content)
                    .map_err(|error| Refusal::Params(format!("`content` is not base64: {error}")))?;
                Operation::Write { path: path(p.path)?, content: content.into(), mode: p.mode }
            }
            Method::Mkdir => {
                let p: wire::MkdirParams = params(raw)?;
                let recursive = p.recursive.unwrap_or_default();
                Operation::Mkdir { path: path(p.path)?, recursive, mode: p.mode }
            }
            Method::Rm => {
                let p: wire::RmParams = params(raw)?;
                let (recursive, force) = (p.recursive.unwrap_or_default(), p.force.unwrap_or_default());
                Operation::Remove { path: path(p.path)?, recursive, force }
            }
            Method::Rename => {
                let p: wire::RenameParams = params(raw)?;
                Operation::Rename { from: path(p.src)?, to: path(p.dest)? }
            }
            Method::SqliteQuery => Operation::SqliteQuery(params(raw)?),
            Method::SqliteTransaction => {
                Operation::SqliteTransaction(params::<wire::TransactionParams>(raw)?.statements)
            }
            Method::SqliteExists => Operation::SqliteExists,
        })
    }

    /// Runs it.
    ///
    /// `readFile` of what is not UTF-8 tells U+FFFD for each bad piece: a torn log can still be read and `view` shows
    /// what `cat` would; `readFileBytes` has the bytes as they are.
    pub(super) async fn run(self, fs: &dyn SessionFs) -> Result<Box<RawValue>, Failure> {
        let answer = match self {
            Operation::ReadFile(path) => {
                let content = fs.read(&path).await?;
                check_size(content.len(), MAX_CONTENT_BYTES)?;
                wire::content(&String::from_utf8_lossy(&content))
            }
            Operation::ReadFileBytes(path) => {
                let content = fs.read(&path).await?;
                check_size(content.len().div_ceil(3) * 4, MAX_CONTENT_BYTES)?;
                wire::content(&BASE64.encode(&content))
            }
            Operation::Write { path, content, mode } => {
                fs.write(&path, content, mode).await?;
                wire::done()
            }
            Operation::Append { path, content, mode } => {
                fs.append(&path, content, mode).await?;
                wire::done()
            }
            Operation::Exists(path) => wire::exists(fs.exists(&path).await?),
            Operation::Stat(path) => wire::stat(&fs.stat(&path).await?),
            Operation::Mkdir { path, recursive, mode } => {
                fs.mkdir(&path, recursive, mode).await?;
                wire::done()
            }
            Operation::Readdir(path) => wire::names(fs.read_dir(&path).await?),
            Operation::ReaddirWithTypes(path) => wire::typed_entries(fs.read_dir(&path).await?),
            Operation::Remove { path, recursive, force } => {
                fs.remove(&path, recursive, force).await?;
                wire::done()
            }
            Operation::Rename { from, to } => {
                fs.rename(&from, &to).await?;
                wire::done()
            }
            Operation::SqliteQuery(statement) => wire::outcome(fs.sqlite_query(statement).await?),
            Operation::SqliteTransaction(statements) => {
                wire::outcomes(fs.sqlite_transaction(statements).await)
            }
            Operation::SqliteExists => wire::exists(fs.sqlite_exists().await?),
        };
        check_size(answer.get().len(), MAX_ANSWER_BYTES)?;
        Ok(answer)
    }
}

/// Without this, an answer over the limit of a frame would end the connection and with it every session.
fn check_size(bytes: usize, most: usize) -> Result<(), Failure> {
    if bytes > most {
        return Err(Failure::Unknown(format!(
            "the answer has {bytes} bytes as JSON, at most {most} can be sent"
        )));
    }
    Ok(())
}
