use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::*;
use crate::fs::operation::MAX_CONTENT_BYTES;
use crate::fs::{
    DirEntry, EntryKind, FsError, FsPath, FsResult, FsStat, SqliteOutcome, SqliteStatement,
    SqliteTransactionError,
};
use crate::store::MemoryFs;

/// A provider whose paths say how it behaves: `slow` takes a second, `sleep=N` takes N milliseconds, `held` waits for [`Scripted::release`], `panic`
/// panics, `trace` fails with a stack trace. Everything else goes to memory. Notes each change when it is done.
struct Scripted {
    memory: MemoryFs,
    gate: Semaphore,
    done: Mutex<Vec<String>>,
}

impl Scripted {
    fn new() -> Arc<Self> {
        Arc::new(Scripted { memory: MemoryFs::new(), gate: Semaphore::new(0), done: Mutex::default() })
    }

    fn release(&self) {
        self.gate.add_permits(1);
    }

    fn done(&self) -> Vec<String> {
        self.done.lock().unwrap().clone()
    }

    async fn behave(&self, text: &str) -> FsResult<()> {
        if text.contains("slow") {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        if let Some((_, ms)) = text.split_once("sleep=") {
            tokio::time::sleep(Duration::from_millis(ms.parse().unwrap())).await;
        }
        if text.contains("held") {
            self.gate.acquire().await.unwrap().forget();
        }
        assert!(!text.contains("panic"), "on purpose");
        if text.contains("trace") {
            return Err(FsError::io("Error: boom\n    at Store.read (store.js:10:3)"));
        }
        Ok(())
    }

    async fn change(&self, text: &str, change: impl Future<Output = FsResult<()>>) -> FsResult<()> {
        self.behave(text).await?;
        change.await?;
        self.done.lock().unwrap().push(text.to_owned());
        Ok(())
    }
}

#[async_trait]
impl SessionFs for Scripted {
    async fn read(&self, path: &FsPath) -> FsResult<Bytes> {
        self.behave(path.as_str()).await?;
        self.memory.read(path).await
    }
    async fn write(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.change(path.as_str(), self.memory.write(path, content, mode)).await
    }
    async fn append(&self, path: &FsPath, content: Bytes, mode: Option<u32>) -> FsResult<()> {
        self.change(path.as_str(), self.memory.append(path, content, mode)).await
    }
    async fn stat(&self, path: &FsPath) -> FsResult<FsStat> {
        self.behave(path.as_str()).await?;
        self.memory.stat(path).await
    }
    async fn mkdir(&self, path: &FsPath, recursive: bool, mode: Option<u32>) -> FsResult<()> {
        self.change(path.as_str(), self.memory.mkdir(path, recursive, mode)).await
    }
    async fn read_dir(&self, path: &FsPath) -> FsResult<Vec<DirEntry>> {
        self.behave(path.as_str()).await?;
        let mut entries = self.memory.read_dir(path).await?;
        entries.reverse();
        Ok(entries)
    }
    async fn remove(&self, path: &FsPath, recursive: bool, force: bool) -> FsResult<()> {
        self.change(path.as_str(), self.memory.remove(path, recursive, force)).await
    }
    async fn rename(&self, from: &FsPath, to: &FsPath) -> FsResult<()> {
        self.change(from.as_str(), self.memory.rename(from, to)).await
    }
    async fn sqlite_query(&self, statement: SqliteStatement) -> FsResult<SqliteOutcome> {
        self.behave(&statement.query).await?;
        let row = json!({"answer": 42}).as_object().cloned().unwrap();
        Ok(SqliteOutcome {
            rows: vec![row],
            columns: vec!["answer".into()],
            rows_affected: 0,
            last_insert_rowid: None,
        })
    }
    async fn sqlite_transaction(
        &self,
        statements: Vec<SqliteStatement>,
    ) -> Result<Vec<SqliteOutcome>, SqliteTransactionError> {
        for statement in &statements {
            self.behave(&statement.query).await.map_err(|e| SqliteTransactionError::fatal(e.message()))?;
        }
        let outcome =
            SqliteOutcome { rows_affected: 1, last_insert_rowid: Some(7), ..SqliteOutcome::default() };
        Ok(vec![outcome; statements.len()])
    }
    async fn sqlite_exists(&self) -> FsResult<bool> {
        Ok(true)
    }
}

const DEADLINE: Duration = Duration::from_secs(10);

fn server(fs: &Arc<Scripted>) -> FsServer {
    FsServer::new(Arc::clone(fs) as _, Conventions::Posix, DEADLINE)
}

/// Calls at once; the future is the answer.
fn call(server: &FsServer, method: &str, params: Value) -> impl Future<Output = Value> + Send + use<> {
    let answer =
        server.handle(&format!("sessionFs.{method}"), &serde_json::value::to_raw_value(&params).unwrap());
    async move {
        match answer.await {
            Ok(result) => serde_json::from_str(result.get()).unwrap(),
            Err(error) => json!({"rpc": {"code": error.code, "message": error.message}}),
        }
    }
}

fn write(server: &FsServer, path: &str, content: &str) -> impl Future<Output = Value> + Send + use<> {
    call(server, "writeFile", json!({"path": path, "content": content}))
}

fn append(server: &FsServer, content: &str) -> impl Future<Output = Value> + Send + use<> {
    call(server, "appendFile", json!({"path": "/log", "content": content}))
}

async fn content(server: &FsServer, path: &str) -> Value {
    call(server, "readFile", json!({"path": path})).await
}

fn not_started() -> Value {
    let message = "not started before its deadline: an earlier operation of the session is still running";
    json!({"code": "UNKNOWN", "message": message, "writeChanged": false})
}

fn late() -> Value {
    json!({"code": "UNKNOWN", "message": "no answer from the filesystem provider within 10s"})
}

// I21: order

#[tokio::test]
async fn i21_changes_run_in_the_order_of_the_calls_whatever_the_order_of_polling() {
    let fs = Scripted::new();
    let server = server(&fs);
    let mut answers: Vec<_> = (0..200).map(|number| append(&server, &format!("{number}\n"))).collect();
    while let Some(last) = answers.pop() {
        assert_eq!(last.await, Value::Null);
    }
    let expected: String = (0..200).map(|number| format!("{number}\n")).collect();
    assert_eq!(content(&server, "/log").await, json!({"content": expected}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i21_changes_run_one_at_a_time_on_many_threads_too() {
    let fs = Scripted::new();
    let server = server(&fs);
    let answers: Vec<_> =
        (0..500).map(|number| tokio::spawn(append(&server, &format!("{number} ")))).collect();
    for answer in answers {
        assert_eq!(answer.await.unwrap(), Value::Null);
    }
    let expected: String = (0..500).map(|number| format!("{number} ")).collect();
    assert_eq!(content(&server, "/log").await, json!({"content": expected}));
}

#[tokio::test(start_paused = true)]
async fn i21_a_fast_change_does_not_overtake_a_slow_one_of_another_kind() {
    let fs = Scripted::new();
    let server = server(&fs);
    let slow = write(&server, "/slow", "x");
    let renamed = call(&server, "rename", json!({"src": "/slow", "dest": "/moved"}));
    let (made, removed) =
        (call(&server, "mkdir", json!({"path": "/d"})), call(&server, "rm", json!({"path": "/moved"})));
    assert_eq!((removed.await, made.await, renamed.await, slow.await), Default::default());
    assert_eq!(fs.done(), ["/slow", "/slow", "/d", "/moved"]);
}

#[tokio::test(start_paused = true)]
async fn i21_reads_overlap_a_held_change_and_see_what_was_acknowledged() {
    let fs = Scripted::new();
    let server = server(&fs);
    assert_eq!(write(&server, "/a", "acknowledged").await, Value::Null);
    let held = write(&server, "/held", "x");
    let slow = call(&server, "readFile", json!({"path": "/slow"}));
    assert_eq!(content(&server, "/a").await, json!({"content": "acknowledged"}));
    assert_eq!(call(&server, "readdir", json!({"path": "/"})).await, json!({"entries": ["a"]}));
    assert_eq!(slow.await["error"]["code"], "ENOENT");
    assert_eq!(fs.done(), ["/a"], "the held change is still on its way");
    fs.release();
    assert_eq!(held.await, Value::Null);
    assert_eq!(call(&server, "readdir", json!({"path": "/"})).await, json!({"entries": ["a", "held"]}));
}

#[tokio::test(start_paused = true)]
async fn i21_a_change_whose_future_was_dropped_still_runs_in_its_place() {
    let fs = Scripted::new();
    let server = server(&fs);
    drop(append(&server, "first "));
    drop(write(&server, "/slow", "x"));
    assert_eq!(append(&server, "second").await, Value::Null);
    assert_eq!(fs.done(), ["/log", "/slow", "/log"]);
    assert_eq!(content(&server, "/log").await, json!({"content": "first second"}));
}

#[tokio::test(start_paused = true)]
async fn i21_sqlite_statements_and_file_changes_share_one_order() {
    let fs = Scripted::new();
    let server = server(&fs);
    let held = call(&server, "sqliteQuery", json!({"query": "held", "queryType": "run"}));
    let mut behind = std::pin::pin!(write(&server, "/a", "x"));
    assert!(tokio::time::timeout(Duration::from_secs(5), behind.as_mut()).await.is_err());
    fs.release();
    assert_eq!(behind.await, Value::Null);
    assert_eq!(held.await["columns"], json!(["answer"]));
}

proptest::proptest! {
    /// Each step: how long the provider takes, how long until the next call, whether the answer is dropped.
    #[test]
    fn i21_whatever_is_slow_late_or_dropped_changes_keep_their_order_and_answers_tell_the_truth(
        steps in proptest::collection::vec((0..15_000_u64, 0..6_000_u64, proptest::bool::ANY), 1..25),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let fs = Scripted::new();
            let server = server(&fs);
            let mut answers = Vec::new();
            for (number, (takes_ms, gap_ms, dropped)) in steps.into_iter().enumerate() {
                let path = format!("/{number}/sleep={takes_ms}");
                let (start, answer) = (Instant::now(), write(&server, &path, "x"));
                let answer = async move { (answer.await, start.elapsed()) };
                answers.push((path, (!dropped).then(|| tokio::spawn(answer))));
                tokio::time::sleep(Duration::from_millis(gap_ms)).await;
            }
            server.settled().await;
            let done = fs.done();
            let called: Vec<_> = answers.iter().map(|(path, _)| path).filter(|path| done.contains(path)).collect();
            assert_eq!(called, done.iter().collect::<Vec<_>>(), "each ran at most once and in the order of the calls");
            for (path, answer) in answers {
                let Some(answer) = answer else { continue };
                let (answer, took) = answer.await.unwrap();
                assert!(took <= DEADLINE, "{path} was answered after {took:?}");
                if answer == not_started() {
                    assert!(!done.contains(&path), "{path} was said not to have started");
                } else {
                    assert!(answer == Value::Null || answer == late(), "{answer}");
                    assert!(done.contains(&path), "{path} was started");
                }
            }
        });
    }
}

// I22: deadlines, panics, errors

#[tokio::test(start_paused = true)]
async fn i22_a_read_that_hangs_ends_at_the_deadline_in_the_shape_of_its_method() {
    let fs = Scripted::new();
    let server = server(&fs);
    let start = Instant::now();
    let path = json!({"path": "/held"});
    let (read, stat, list, exists) = tokio::join!(
        call(&server, "readFile", path.clone()),
        call(&server, "stat", path.clone()),
        call(&server, "readdir", path.clone()),
        call(&server, "exists", path),
    );
    assert_eq!(start.elapsed(), DEADLINE);
    assert_eq!(read, json!({"content": "", "error": late()}));
    assert_eq!((&stat["isFile"], &stat["error"]), (&json!(false), &late()));
    assert_eq!(list, json!({"entries": [], "error": late()}));
    assert_eq!(exists["rpc"]["code"], -32603, "an `exists` that nobody can answer is not a no");
}

#[tokio::test(start_paused = true)]
async fn i22_a_late_change_is_never_overtaken_and_what_was_given_up_never_runs() {
    let fs = Scripted::new();
    let server = server(&fs);
    let start = Instant::now();
    let held = write(&server, "/held", "late");
    let given_up = write(&server, "/held-not-reached", "never");
    tokio::time::sleep(Duration::from_secs(4)).await;
    let given_up_too = append(&server, "never");
    assert_eq!(held.await, late());
    assert_eq!(given_up.await, not_started());
    assert_eq!(start.elapsed(), DEADLINE);
    assert_eq!(given_up_too.await, not_started());
    assert_eq!(start.elapsed(), DEADLINE + Duration::from_secs(4));

    let waiting = append(&server, "after");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(fs.done(), [""; 0], "nothing may run while the late one does");
    fs.release();
    assert_eq!(waiting.await, Value::Null);
    assert_eq!(fs.done(), ["/held", "/log"]);
    assert_eq!(content(&server, "/log").await, json!({"content": "after"}));
}

#[tokio::test(start_paused = true)]
async fn i22_a_transaction_tells_whether_it_may_be_tried_again() {
    let fs = Scripted::new();
    let server = server(&fs);
    let transaction = |query: &str| {
        call(&server, "sqliteTransaction", json!({"statements": [{"query": query, "queryType": "run"}]}))
    };
    let (late, not_started) = tokio::join!(transaction("held"), transaction("next"));
    assert_eq!(late["error"]["errorClass"], "postCommitAmbiguous");
    assert_eq!(not_started["error"]["errorClass"], "busyOrLocked");
    fs.release();
    assert_eq!(transaction("panic").await["error"]["errorClass"], "postCommitAmbiguous");
    assert_eq!(
        transaction("trace").await,
        json!({"results": [], "error": {"errorClass": "fatal", "message": "Error: boom"}})
    );
}

#[tokio::test]
async fn i22_a_panic_of_the_provider_is_an_unknown_answer_and_the_next_call_works() {
    let fs = Scripted::new();
    let server = server(&fs);
    let panicked = json!({"code": "UNKNOWN", "message": "the filesystem provider panicked"});
    assert_eq!(write(&server, "/panic", "x").await, panicked);
    assert_eq!(content(&server, "/panic").await, json!({"content": "", "error": panicked}));
    assert_eq!(write(&server, "/a", "fine").await, Value::Null);
    assert_eq!(content(&server, "/a").await, json!({"content": "fine"}));
}

#[tokio::test]
async fn i22_a_stack_trace_of_the_provider_stays_here() {
    let fs = Scripted::new();
    let server = server(&fs);
    let boom = json!({"code": "UNKNOWN", "message": "Error: boom"});
    assert_eq!(write(&server, "/trace", "x").await, boom);
    assert_eq!(content(&server, "/trace").await, json!({"content": "", "error": boom}));
}

#[tokio::test(start_paused = true)]
async fn dropping_the_answer_of_a_read_cancels_it() {
    let fs = Scripted::new();
    let server = server(&fs);
    drop(call(&server, "readFile", json!({"path": "/held"})));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(Arc::strong_count(&fs), 2, "only this test and the server are left");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_server_finishes_what_it_accepted_but_does_not_wait_for_ever() {
    let fs = Scripted::new();
    let dropped = server(&fs);
    let accepted = write(&dropped, "/slow", "x");
    drop(dropped);
    assert_eq!(accepted.await, Value::Null);
    assert_eq!(fs.done(), ["/slow"]);

    let dropped = server(&fs);
    let hangs = write(&dropped, "/held", "x");
    drop(dropped);
    assert_eq!(hangs.await, late());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(Arc::strong_count(&fs), 1, "the provider is free");
}

#[tokio::test(start_paused = true)]
async fn settled_waits_for_accepted_changes_and_may_be_dropped() {
    let fs = Scripted::new();
    let server = server(&fs);
    server.settled().await;
    drop(write(&server, "/held", "x"));
    drop(server.settled());
    let behind = write(&server, "/b", "x");
    let settled = server.settled();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(fs.done(), [""; 0], "a dropped `settled` lets nobody overtake");
    fs.release();
    settled.await;
    assert_eq!(fs.done(), ["/held", "/b"]);
    assert_eq!(behind.await, Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_flush_waits_for_what_was_accepted_and_ends_at_its_deadline() {
    let fs = Scripted::new();
    let server = server(&fs);
    drop(write(&server, "/held", "x"));
    let ended = server.flush(Duration::from_secs(1)).await.unwrap_err();
    assert_eq!(ended.name(), "TIMEOUT");
    assert_eq!(fs.done(), [""; 0]);
    let flush = server.flush(Duration::from_secs(60));
    fs.release();
    flush.await.unwrap();
    assert_eq!(fs.done(), ["/held"], "the change that was accepted before is made");
}

// Shapes

#[tokio::test]
async fn answers_have_exactly_the_shapes_of_the_wire() {
    let fs = Scripted::new();
    let server = server(&fs);
    let ask = |method: &str, params: Value| call(&server, method, params);
    let path = |path: &str| json!({"path": path, "sessionId": "s"});

    assert_eq!(ask("mkdir", json!({"path": "/d/e", "recursive": true, "mode": 448})).await, Value::Null);
    assert_eq!(ask("writeFile", json!({"path": "/d/b", "content": "é", "mode": 384})).await, Value::Null);
    assert_eq!(ask("appendFile", json!({"path": "/d/b", "content": "!"})).await, Value::Null);
    assert_eq!(ask("writeFileBytes", json!({"path": "/d/a", "content": "/wA="})).await, Value::Null);
    assert_eq!(ask("readFile", path("/d/b")).await, json!({"content": "é!"}));
    assert_eq!(ask("readFileBytes", path("/d/a")).await, json!({"content": "/wA="}));
    assert_eq!(ask("readdir", path("/d")).await, json!({"entries": ["a", "b", "e"]}));
    assert_eq!(
        ask("readdirWithTypes", path("/d")).await,
        json!({"entries": [
            {"name": "a", "type": "file"}, {"name": "b", "type": "file"}, {"name": "e", "type": "directory"},
        ]})
    );
    assert_eq!(ask("exists", path("/d/a")).await, json!({"exists": true}));
    assert_eq!(ask("exists", path("/d/x")).await, json!({"exists": false}));
    assert_eq!(ask("rename", json!({"src": "/d/a", "dest": "/d/c"})).await, Value::Null);
    assert_eq!(ask("rm", json!({"path": "/d/c", "force": true})).await, Value::Null);

    let mut stat = ask("stat", path("/d/b")).await;
    for (time, ms) in [("mtime", "mtimeMs"), ("birthtime", "birthtimeMs")] {
        let (time, ms) = (stat[time].take(), stat[ms].take());
        let parsed = crate::fs::timestamp::parse(time.as_str().unwrap()).unwrap();
        assert!(ms.is_u64());
        assert_eq!(ms, crate::fs::timestamp::milliseconds(parsed), "{time}");
    }
    assert_eq!(
        stat,
        json!({"isFile": true, "isDirectory": false, "size": 3, "mtime": null, "birthtime": null,
            "mtimeMs": null, "birthtimeMs": null})
    );
}

#[tokio::test]
async fn failures_have_exactly_the_shapes_of_the_wire() {
    let fs = Scripted::new();
    let server = server(&fs);
    let ask = |method: &str, params: Value| call(&server, method, params);
    let path = json!({"path": "/x"});
    let missing = json!({"code": "ENOENT", "message": "ENOENT: no such file or directory: /x"});

    assert_eq!(ask("readFile", path.clone()).await, json!({"content": "", "error": missing}));
    assert_eq!(ask("readFileBytes", path.clone()).await, json!({"content": "", "error": missing}));
    assert_eq!(ask("readdir", path.clone()).await, json!({"entries": [], "error": missing}));
    assert_eq!(ask("readdirWithTypes", path.clone()).await, json!({"entries": [], "error": missing}));
    let epoch = "1970-01-01T00:00:00.000Z";
    assert_eq!(
        ask("stat", path.clone()).await,
        json!({
            "isFile": false, "isDirectory": false, "size": 0, "mtime": epoch, "birthtime": epoch, "error": missing,
        })
    );
    assert_eq!(ask("rm", path.clone()).await, missing);
    assert_eq!(ask("rename", json!({"src": "/x", "dest": "/y"})).await, missing);
    assert_eq!(write(&server, "/file", "x").await, Value::Null);
    let below = json!({"code": "UNKNOWN", "message": "not a directory: /file", "writeChanged": false});
    assert_eq!(write(&server, "/file/below", "x").await, below);
    assert_eq!(ask("appendFile", json!({"path": "/file/below", "content": ""})).await, below);
    assert_eq!(ask("mkdir", json!({"path": "/file/below"})).await, below);
}

#[tokio::test]
async fn sqlite_answers_have_exactly_the_shapes_of_the_wire() {
    let fs = Scripted::new();
    let able = server(&fs);
    let query = json!({"query": "SELECT 42 AS answer", "queryType": "query", "params": {"$a": 1}});
    assert_eq!(
        call(&able, "sqliteQuery", query.clone()).await,
        json!({"rows": [{"answer": 42}], "columns": ["answer"], "rowsAffected": 0})
    );
    let one = json!({"rows": [], "columns": [], "rowsAffected": 1, "lastInsertRowid": 7});
    let statements = json!({"statements": [{"query": "INSERT", "queryType": "run"}, query]});
    assert_eq!(call(&able, "sqliteTransaction", statements.clone()).await, json!({"results": [one, one]}));
    assert_eq!(call(&able, "sqliteExists", json!({})).await, json!({"exists": true}));

    let unable = FsServer::new(Arc::new(MemoryFs::new()), Conventions::Posix, DEADLINE);
    let message = "this filesystem has no SQLite database";
    let refused = json!({"code": "UNKNOWN", "message": message, "writeChanged": false});
    assert_eq!(
        call(&unable, "sqliteQuery", json!({"query": "", "queryType": "exec"})).await,
        json!({"rows": [], "columns": [], "rowsAffected": 0, "error": refused})
    );
    assert_eq!(
        call(&unable, "sqliteTransaction", statements).await,
        json!({"results": [], "error": {"errorClass": "fatal", "message": message}})
    );
    assert_eq!(call(&unable, "sqliteExists", json!({})).await, json!({"exists": false}));
}

#[tokio::test]
async fn an_unknown_method_and_bad_parameters_are_json_rpc_errors() {
    let fs = Scripted::new();
    let server = server(&fs);
    for method in ["sessionFs.chmod", "sessionFs.", "readFile", "session.send"] {
        let error = server.handle(method, RawValue::NULL).await.unwrap_err();
        assert_eq!((error.code, error.message), (-32601, format!("Unhandled method {method}")));
    }
    for (method, params) in [
        ("readFile", json!({})),
        ("readFile", json!({"path": 1})),
        ("readFile", json!(null)),
        ("readFile", json!([])),
        ("writeFile", json!({"path": "/a"})),
        ("writeFile", json!({"path": "/a", "content": "", "mode": -1})),
        ("writeFileBytes", json!({"path": "/a", "content": "not base64!"})),
        ("mkdir", json!({"path": "/a", "recursive": "yes"})),
        ("rename", json!({"src": "/a"})),
        ("sqliteQuery", json!({"query": "", "queryType": "fetch"})),
        ("sqliteTransaction", json!({})),
    ] {
        let answer = call(&server, method, params.clone()).await;
        assert_eq!(answer["rpc"]["code"], -32602, "{method} {params}: {answer}");
    }
    assert_eq!(fs.done(), [""; 0]);
}

#[tokio::test]
async fn unknown_parameters_are_not_looked_at() {
    let fs = Scripted::new();
    let server = server(&fs);
    let params = json!({"path": "/a", "content": "x", "mode": null, "encoding": "utf8", "sessionId": "s"});
    assert_eq!(call(&server, "writeFile", params).await, Value::Null);
}

#[tokio::test]
async fn a_bad_path_is_an_unknown_error_and_never_reaches_the_provider() {
    let fs = Scripted::new();
    let server = server(&fs);
    for path in ["relative", "", "/a/../..", "/nul\0"] {
        let error = write(&server, path, "x").await;
        assert_eq!((&error["code"], &error["writeChanged"]), (&json!("UNKNOWN"), &json!(false)), "{path:?}");
        assert_eq!(content(&server, path).await["error"]["code"], "UNKNOWN", "{path:?}");
        assert_eq!(
            call(&server, "exists", json!({"path": path})).await,
            json!({"exists": false}),
            "{path:?}"
        );
    }
    assert_eq!(fs.done(), [""; 0]);
}

#[tokio::test]
async fn bytes_that_are_not_text_are_read_with_replacements_and_exactly_as_bytes() {
    let fs = Scripted::new();
    let server = server(&fs);
    let written = call(&server, "writeFileBytes", json!({"path": "/a", "content": "YcP/Yg"})).await;
    assert_eq!(written, Value::Null);
    assert_eq!(content(&server, "/a").await, json!({"content": "a\u{fffd}\u{fffd}b"}));
    let bytes = call(&server, "readFileBytes", json!({"path": "/a"})).await;
    assert_eq!(bytes, json!({"content": "YcP/Yg=="}));
}

#[tokio::test]
async fn an_answer_that_fits_into_no_frame_is_an_error_and_not_a_broken_connection() {
    let fs = Scripted::new();
    let server = server(&fs);
    let most = MAX_CONTENT_BYTES / 4 * 3;
    let path = FsPath::parse("/big", Conventions::Posix).unwrap();
    let read =
        |method: &str| server.handle(method, &RawValue::from_string(r#"{"path":"/big"}"#.into()).unwrap());

    fs.memory.write(&path, vec![0; most].into(), None).await.unwrap();
    let bytes = read("sessionFs.readFileBytes").await.unwrap();
    assert_eq!(bytes.get().len(), MAX_CONTENT_BYTES + r#"{"content":""}"#.len());
    let escaped = read("sessionFs.readFile").await.unwrap();
    assert!(
        escaped.get().starts_with(r#"{"content":"","error":{"code":"UNKNOWN""#),
        "NULs take six bytes each"
    );

    fs.memory.write(&path, vec![0; most + 1].into(), None).await.unwrap();
    let refused = read("sessionFs.readFileBytes").await.unwrap();
    assert!(refused.get().starts_with(r#"{"content":"","error":{"code":"UNKNOWN""#), "{refused}");
}

#[tokio::test]
async fn windows_conventions_are_those_of_the_server() {
    let server = FsServer::new(Arc::new(MemoryFs::new()), Conventions::Windows, DEADLINE);
    assert_eq!(write(&server, r"c:\state\.\a", "x").await, Value::Null);
    assert_eq!(content(&server, "C:/state/a").await, json!({"content": "x"}));
    let entries = call(&server, "readdirWithTypes", json!({"path": "C:\\"})).await;
    assert_eq!(entries, json!({"entries": [{"name": "state", "type": EntryKind::Directory}]}));
}
