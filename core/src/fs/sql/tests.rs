//! SQL over filesystems that work, that fail and that are shared.

use serde_json::{Value, json};

use super::*;
use crate::fs::SqliteQueryType::{self, Exec, Query, Run};
use crate::fs::conformance::WireFs;
use crate::fs::{Conventions, FsServer};
use crate::store::{self, MemoryStore};

mod faults;

crate::session_fs_conformance!(
    sql_over_memory,
    std::sync::Arc::new(super::over(crate::store::MemoryStore::new().open("s")))
);

const DATABASE: &str = "/codriver/session.db";

fn at(path: &str) -> FsPath {
    FsPath::parse(path, Conventions::Posix).unwrap()
}

fn over(below: Arc<dyn SessionFs>) -> SqlFs {
    SqlFs::new(below, at(DATABASE))
}

fn in_memory() -> (Arc<dyn SessionFs>, SqlFs) {
    let below: Arc<dyn SessionFs> = MemoryStore::new().open("s");
    (Arc::clone(&below), over(below))
}

fn statement(query_type: SqliteQueryType, query: &str, params: Value) -> SqliteStatement {
    SqliteStatement { query: query.into(), query_type, params: params.as_object().cloned() }
}

/// The URL of one store of each kind, and what keeps their files.
fn stores() -> ([String; 4], tempfile::TempDir) {
    let files = tempfile::tempdir().unwrap();
    let on_disk = |scheme: &str| format!("{scheme}:{}/{scheme}", files.path().display());
    (["memory:".to_owned(), on_disk("dir"), on_disk("sqlite"), on_disk("sqlite-dir")], files)
}

async fn ask(fs: &dyn SessionFs, query_type: SqliteQueryType, query: &str) -> FsResult<SqliteOutcome> {
    fs.sqlite_query(statement(query_type, query, Value::Null)).await
}

async fn ok(fs: &dyn SessionFs, query_type: SqliteQueryType, query: &str) -> SqliteOutcome {
    ask(fs, query_type, query).await.unwrap_or_else(|error| panic!("{query}: {error}"))
}

/// The one value of a query.
async fn value(fs: &dyn SessionFs, query: &str) -> Value {
    let outcome = ok(fs, Query, query).await;
    outcome.rows[0].values().next().unwrap().clone()
}

async fn refused(fs: &dyn SessionFs, query_type: SqliteQueryType, query: &str) -> String {
    let error = ask(fs, query_type, query).await.expect_err(query);
    assert_eq!(error.write_changed(), Some(false), "{query}: {error}");
    error.message().to_owned()
}

/// What the runtime makes before its first statement.
const TODOS: &str = "
    CREATE TABLE IF NOT EXISTS todos (
        id TEXT PRIMARY KEY,
        status TEXT DEFAULT 'pending' CHECK(status IN ('pending', 'in_progress', 'done', 'blocked')),
        created_at TEXT DEFAULT (datetime('now'))
    );
    CREATE TABLE IF NOT EXISTS todo_deps (
        todo_id TEXT NOT NULL,
        depends_on TEXT NOT NULL,
        PRIMARY KEY (todo_id, depends_on),
        FOREIGN KEY (todo_id) REFERENCES todos(id)
    );";

#[tokio::test]
async fn a_database_lives_in_every_store_and_only_from_its_first_change_on() {
    let (urls, _files) = stores();
    for url in urls {
        let below = store::open(&url).await.unwrap().open("s").await.unwrap();
        let fs = over(Arc::clone(&below));
        assert!(fs.capabilities().sqlite && !fs.sqlite_exists().await.unwrap(), "{url}");
        assert_eq!(value(&fs, "SELECT count(*) FROM sqlite_master").await, 0, "{url}");
        assert!(!fs.sqlite_exists().await.unwrap() && below.read_dir(&at("/")).await.unwrap().is_empty());

        assert_eq!(ok(&fs, Exec, TODOS).await, SqliteOutcome::default(), "{url}");
        assert!(fs.sqlite_exists().await.unwrap(), "{url}");
        let made = ok(&fs, Run, "INSERT INTO todos (id) VALUES ('a'), ('b')").await;
        assert_eq!((made.rows_affected, made.last_insert_rowid), (2, Some(2)), "{url}");

        // Another process, later.
        let again = over(below);
        let found = ok(&again, Query, "SELECT id, status FROM todos ORDER BY id").await;
        assert_eq!(found.columns, ["id", "status"], "{url}");
        let rows = json!([{"id": "a", "status": "pending"}, {"id": "b", "status": "pending"}]);
        assert_eq!(serde_json::to_value(&found.rows).unwrap(), rows, "{url}");
        assert_eq!(found.rows_affected, 0, "{url}");
        // And the first one sees what that changes.
        ok(&again, Run, "DELETE FROM todos WHERE id = 'a'").await;
        assert_eq!(value(&fs, "SELECT group_concat(id) FROM todos").await, "b", "{url}");
    }
}

#[tokio::test]
async fn parameters_are_bound_by_name_and_wrong_ones_are_told() {
    let (_, fs) = in_memory();
    for (query, params, expected) in [
        ("SELECT :a", json!({"a": 1}), json!(1)),
        ("SELECT :a", json!({":a": "x"}), json!("x")),
        ("SELECT $a || @b", json!({"a": "x", "@b": "y"}), json!("xy")),
        ("SELECT ?2", json!({"2": 1.5}), json!(1.5)),
        ("SELECT ?", json!({"1": true}), json!(1)),
        ("SELECT :a IS NULL", json!({}), json!(1)),
        ("SELECT typeof(:a)", json!({"a": {"type": "Buffer", "data": [1]}}), json!("blob")),
        ("SELECT :a + 1", json!({"a": i64::MAX - 1}), json!("9223372036854775807")),
        ("SELECT x'00ff'", json!({}), json!({"type": "Buffer", "data": [0, 255]})),
        ("SELECT 2.0", json!({}), json!(2.0)),
    ] {
        let outcome = fs.sqlite_query(statement(Query, query, params)).await.unwrap();
        assert_eq!(*outcome.rows[0].values().next().unwrap(), expected, "{query}");
    }
    for (query_type, query, params, why) in [
        (Query, "SELECT :a", json!({"b": 1}), "no parameter \"b\""),
        (Query, "SELECT :a", json!({"a": [1]}), "parameter \"a\": SQLite has"),
        (Exec, "SELECT :a", json!({"a": 1}), "`exec` takes no parameters"),
        (Query, "SELECT 1; SELECT 2", json!({}), "several statements"),
        (Run, "-- nothing", json!({}), "there is no statement"),
        (Run, "INSERT INTO nowhere VALUES (1)", json!({}), "no such table: nowhere"),
        (Query, "SELECT \"text\"", json!({}), "no such column"),
    ] {
        let error = fs.sqlite_query(statement(query_type, query, params)).await.unwrap_err();
        assert!(error.message().contains(why), "{query}: {error}");
    }
}

#[tokio::test]
async fn what_fails_changes_nothing() {
    let (below, fs) = in_memory();
    ok(&fs, Exec, TODOS).await;
    ok(&fs, Run, "INSERT INTO todos (id) VALUES ('a')").await;
    let before = below.load(&at("/"), u64::MAX).await.unwrap();
    for (query, why) in [
        ("INSERT INTO todos (id) VALUES ('b'), ('a')", "UNIQUE constraint failed: todos.id"),
        ("INSERT INTO todos (id, status) VALUES ('b', 'odd')", "CHECK constraint failed"),
        ("INSERT INTO todo_deps VALUES ('nobody', 'a')", "FOREIGN KEY constraint failed"),
        ("INSERT INTO todos (id) VALUES ('b'); DROP TABLE todo_deps; SELECT nonsense", "no such column"),
        ("BEGIN; DELETE FROM todos; INSERT INTO todos VALUES (1)", "3 columns"),
    ] {
        assert!(refused(&fs, Exec, query).await.contains(why), "{query}");
        assert_eq!(value(&fs, "SELECT group_concat(id) FROM todos").await, "a", "{query}");
    }
    for (last, why) in [
        ("INSERT INTO todos (id) VALUES ('a')", "UNIQUE constraint failed"),
        ("COMMIT", "ended the transaction"),
        ("ROLLBACK", "ended the transaction"),
        ("BEGIN", "within a transaction"),
    ] {
        let first = statement(Run, "INSERT INTO todos (id) VALUES ('b')", Value::Null);
        let both = vec![first, statement(Run, last, Value::Null)];
        let error = fs.sqlite_transaction(both).await.unwrap_err();
        assert_eq!(error.class, SqliteErrorClass::Fatal, "{last}");
        assert!(error.message.contains(why), "{last}: {error}");
        assert_eq!(value(&fs, "SELECT group_concat(id) FROM todos").await, "a", "{last}");
    }
    assert_eq!(below.load(&at("/"), u64::MAX).await.unwrap(), before);

    let insert = |id: &str| statement(Run, "INSERT INTO todos (id) VALUES (:id)", json!({"id": id}));
    let count = statement(Query, "SELECT count(*) AS n FROM todos", Value::Null);
    let outcomes = fs.sqlite_transaction(vec![insert("b"), insert("c"), count]).await.unwrap();
    assert_eq!((outcomes[1].rows_affected, &outcomes[2].rows[0]["n"]), (1, &json!(3)));
}

#[tokio::test]
async fn a_transaction_of_several_calls_is_stored_when_it_is_committed() {
    let (below, fs) = in_memory();
    ok(&fs, Exec, "CREATE TABLE t (a)").await;
    let other = over(below);
    ok(&fs, Exec, "BEGIN TRANSACTION").await;
    ok(&fs, Run, "INSERT INTO t VALUES (1)").await;
    // A statement that fails leaves the others of the transaction.
    refused(&fs, Run, "INSERT INTO nowhere VALUES (1)").await;
    ok(&fs, Run, "INSERT INTO t VALUES (2)").await;
    assert_eq!(value(&fs, "SELECT count(*) FROM t").await, 2);
    assert_eq!(value(&other, "SELECT count(*) FROM t").await, 0);
    let error = fs.sqlite_transaction(vec![]).await.unwrap_err();
    assert!(error.message.contains("COMMIT it or ROLLBACK"), "{error}");
    ok(&fs, Exec, "COMMIT").await;
    assert_eq!(value(&other, "SELECT count(*) FROM t").await, 2);

    ok(&fs, Exec, "BEGIN").await;
    ok(&fs, Run, "DELETE FROM t").await;
    ok(&fs, Exec, "ROLLBACK").await;
    assert_eq!(value(&fs, "SELECT count(*) FROM t").await, 2);

    // Somebody else changes the database in between: nobody could run the earlier statements again.
    ok(&fs, Exec, "BEGIN").await;
    ok(&fs, Run, "INSERT INTO t VALUES (3)").await;
    ok(&other, Run, "INSERT INTO t VALUES (4)").await;
    let error = ask(&fs, Exec, "COMMIT").await.unwrap_err();
    assert_eq!((error.kind(), error.write_changed()), (FsErrorKind::Conflict, Some(false)));
    assert!(error.message().contains("rolled back"), "{error}");
    assert_eq!(value(&fs, "SELECT group_concat(a) FROM t").await, "1,2,4");
}

#[tokio::test]
async fn sql_reaches_nothing_but_its_database() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file").display().to_string();
    let (_, fs) = in_memory();
    ok(&fs, Exec, "CREATE TABLE t (a); INSERT INTO t VALUES (1)").await;
    for sql in [
        format!("ATTACH '{file}' AS other"),
        "ATTACH ':memory:' AS other".to_owned(),
        format!("VACUUM INTO '{file}'"),
        "VACUUM".to_owned(),
        format!("SELECT load_extension('{file}')"),
        format!("PRAGMA temp_store_directory = '{file}'"),
        "PRAGMA temp_store = FILE".to_owned(),
        "PRAGMA max_page_count = 100000000".to_owned(),
        "PRAGMA page_size = 4096".to_owned(),
        "PRAGMA hard_heap_limit = 1".to_owned(),
        "PRAGMA writable_schema = ON".to_owned(),
        "PRAGMA trusted_schema = ON".to_owned(),
        "PRAGMA journal_mode = WAL".to_owned(),
        "PRAGMA auto_vacuum = NONE".to_owned(),
        "SELECT fts3_tokenizer('simple')".to_owned(),
    ] {
        for query_type in [Exec, Query, Run] {
            let why = refused(&fs, query_type, &sql).await;
            assert!(why.contains("not allowed") || why.contains("not authorized"), "{sql}: {why}");
        }
    }
    // The schema cannot be written by hand.
    assert!(refused(&fs, Run, "UPDATE sqlite_master SET sql = ''").await.contains("may not be modified"));
    for function in ["readfile('/etc/passwd')", "writefile('x', 'y')", "edit('x')"] {
        assert!(refused(&fs, Query, &format!("SELECT {function}")).await.contains("no such function"));
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);

    assert_eq!(value(&fs, "PRAGMA page_size").await, 1024);
    assert_eq!(value(&fs, "SELECT name FROM pragma_table_info('t')").await, "a");
    ok(&fs, Exec, "PRAGMA user_version = 7; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON").await;
    assert_eq!(value(&fs, "PRAGMA user_version").await, 7);
    ok(&fs, Exec, "CREATE VIRTUAL TABLE words USING fts5(text); INSERT INTO words VALUES ('one two')").await;
    assert_eq!(value(&fs, "SELECT count(*) FROM words WHERE words MATCH 'two'").await, 1);
}

const FOR_EVER: &str =
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";

#[tokio::test]
async fn what_runs_too_long_or_answers_too_much_or_grows_too_large_is_stopped() {
    let (below, fs) = in_memory();
    let fs = fs.with_max_bytes(100_000);
    let hurried = over(Arc::clone(&below)).with_time_limit(Duration::from_millis(50));
    assert!(refused(&hurried, Query, FOR_EVER).await.contains("ran too long"));
    assert_eq!(value(&hurried, "SELECT 1").await, 1);

    let many = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 100000)
        SELECT hex(zeroblob(200)) FROM n";
    assert!(refused(&fs, Query, many).await.contains("ask for fewer"));

    ok(&fs, Exec, "CREATE TABLE t (a)").await;
    ok(&fs, Run, "INSERT INTO t VALUES (zeroblob(80000))").await;
    for table in ["t", "temp.u"] {
        let _ = ask(&fs, Exec, "BEGIN; CREATE TEMP TABLE u (a)").await;
        let full =
            refused(&fs, Run, &format!("INSERT INTO {table} VALUES (zeroblob(60000)), (zeroblob(60000))"))
                .await;
        assert_eq!(full, "the session's database is full: it has at most 100000 bytes", "{table}");
        let _ = ask(&fs, Exec, "ROLLBACK").await;
    }
    assert!(refused(&fs, Run, "INSERT INTO t VALUES (zeroblob(200000))").await.contains("too big"));
    assert_eq!(value(&fs, "SELECT count(*) FROM t").await, 1);
    // What was deleted makes place.
    ok(&fs, Exec, "DELETE FROM t").await;
    ok(&fs, Run, "INSERT INTO t VALUES (zeroblob(80000))").await;
}

#[tokio::test]
async fn a_statement_ends_when_nobody_waits_for_it() {
    let (_, fs) = in_memory();
    let running = tokio::spawn({
        let fs = fs.clone();
        async move { ask(&fs, Query, FOR_EVER).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    // A blocking thread that ran on would keep this runtime from ending: the time limit is 20 s.
    assert_eq!(value(&fs, "SELECT 1").await, 1);
}

#[tokio::test]
async fn what_is_not_ours_or_newer_or_damaged_is_refused_and_left_as_it_is() {
    let (below, fs) = in_memory();
    ok(&fs, Exec, "CREATE TABLE t (a)").await;
    let (head, log) = (at(DATABASE), at("/codriver/session.db-1"));
    let (good_head, good_log) = (below.read(&head).await.unwrap(), below.read(&log).await.unwrap());
    let text = String::from_utf8(good_head.to_vec()).unwrap();
    let cut = good_log.slice(..good_log.len() - 1);
    for (head_now, log_now, why) in [
        (
            text.replace("\"version\":1", "\"version\":2,\"more\":[]"),
            &good_log,
            "has format 2, and this version",
        ),
        ("SQLite format 3\0".to_owned(), &good_log, "its head cannot be read"),
        ("{\"format\":\"other\",\"version\":1}".to_owned(), &good_log, "is not a database of codriver"),
        (text.clone(), &cut, "its log is not what its head says"),
        (text.clone(), &Bytes::new(), "its log is not what its head says"),
    ] {
        below.write(&head, head_now.clone().into(), None).await.unwrap();
        below.write(&log, log_now.clone(), None).await.unwrap();
        let message = refused(&fs, Run, "INSERT INTO t VALUES (1)").await;
        assert!(message.contains(DATABASE) && message.contains(why), "{message}");
        let statements = vec![statement(Run, "INSERT INTO t VALUES (1)", Value::Null)];
        assert_eq!(fs.sqlite_transaction(statements).await.unwrap_err().class, SqliteErrorClass::Fatal);
        assert_eq!(below.read(&head).await.unwrap(), head_now);
        assert_eq!(below.read(&log).await.unwrap(), *log_now);
    }
}

#[tokio::test]
async fn the_log_is_begun_anew_before_it_grows_without_bound() {
    let (below, fs) = in_memory();
    ok(&fs, Exec, "CREATE TABLE t (a); INSERT INTO t VALUES (0)").await;
    let mut logs = std::collections::BTreeSet::new();
    for round in 1..=200 {
        ok(&fs, Run, "UPDATE t SET a = a + 1").await;
        let files = below.load(&at("/codriver"), 0).await.unwrap();
        let bytes: u64 = files.iter().map(|file| file.stat.size).sum();
        assert!(files.len() == 2 && bytes < 80_000, "round {round}: {files:?}");
        logs.extend(files.into_iter().map(|file| file.path.as_str().to_owned()));
    }
    assert!(logs.len() > 3, "the log was never begun anew: {logs:?}");
    assert_eq!(value(&over(below), "SELECT a FROM t").await, 200);
}

#[tokio::test(start_paused = true)]
async fn an_idle_database_is_not_kept_in_memory_and_an_idle_transaction_is_told_to_have_ended() {
    let (_, fs) = in_memory();
    ok(&fs, Exec, "CREATE TABLE t (a); INSERT INTO t VALUES (0)").await;
    ok(&fs, Exec, "BEGIN").await;
    ok(&fs, Run, "DELETE FROM t").await;
    tokio::time::sleep(IDLE / 2).await;
    assert_eq!(value(&fs, "SELECT count(*) FROM t").await, 0);
    tokio::time::sleep(IDLE * 3 / 4).await;
    assert!(fs.shared.turn.lock().await.open.is_some());
    tokio::time::sleep(IDLE).await;
    assert!(fs.shared.turn.lock().await.open.is_none());
    // Outside of its transaction the next statement would be stored at once.
    let told = refused(&fs, Run, "INSERT INTO t VALUES (1)").await;
    assert!(told.starts_with("the transaction was rolled back: nothing was done"), "{told}");
    assert_eq!(value(&fs, "SELECT count(*) FROM t").await, 1);
    tokio::time::sleep(IDLE * 2).await;
    assert_eq!(value(&fs, "SELECT count(*) FROM t").await, 1, "no transaction, nothing to tell");
}

#[tokio::test]
async fn a_transaction_that_sqlite_ends_by_itself_is_told_to_have_ended() {
    let (_, fs) = in_memory();
    let fs = fs.with_time_limit(Duration::from_millis(200));
    ok(&fs, Exec, "CREATE TABLE t (a); INSERT INTO t VALUES (0)").await;
    ok(&fs, Exec, "BEGIN; DELETE FROM t").await;
    let endless =
        "WITH RECURSIVE n (a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) INSERT INTO t SELECT sum(a) FROM n";
    let told = refused(&fs, Run, endless).await;
    assert_eq!(told, "the transaction was rolled back: the statement ran too long and was stopped");
    assert_eq!(value(&fs, "SELECT count(*) FROM t").await, 1);
    // Outside of a transaction nothing was begun that could be rolled back.
    assert_eq!(refused(&fs, Run, endless).await, "the statement ran too long and was stopped");
}

/// What becomes of the changes that reach the filesystem.
#[tokio::test]
async fn the_runtime_gets_what_it_asks_for_in_the_shapes_of_the_wire() {
    let (_, fs) = in_memory();
    let server = FsServer::new(Arc::new(fs), Conventions::Posix, Duration::from_secs(30));
    let call = async |method: &str, params: Value| {
        let params = serde_json::value::to_raw_value(&params).unwrap();
        let answer = server.handle(&format!("sessionFs.{method}"), &params).await.unwrap();
        serde_json::from_str::<Value>(answer.get()).unwrap()
    };
    let none = json!({"rows": [], "columns": [], "rowsAffected": 0});
    assert_eq!(call("sqliteExists", json!({})).await, json!({"exists": false}));
    assert_eq!(call("sqliteQuery", json!({"query": TODOS, "queryType": "exec"})).await, none);
    assert_eq!(call("sqliteExists", json!({})).await, json!({"exists": true}));
    let insert =
        json!({"query": "INSERT INTO todos (id) VALUES (:id)", "queryType": "run", "params": {":id": "a"}});
    let inserted = json!({"rows": [], "columns": [], "rowsAffected": 1, "lastInsertRowid": 1});
    assert_eq!(call("sqliteQuery", insert.clone()).await, inserted);
    let select = json!({"query": "SELECT id FROM todos", "queryType": "query"});
    let selected = json!({"rows": [{"id": "a"}], "columns": ["id"], "rowsAffected": 0});
    assert_eq!(call("sqliteQuery", select.clone()).await, selected);
    let failed = call("sqliteQuery", insert.clone()).await;
    let error =
        json!({"code": "UNKNOWN", "message": "UNIQUE constraint failed: todos.id", "writeChanged": false});
    assert_eq!(failed["error"], error);
    assert_eq!(
        call("sqliteTransaction", json!({"statements": [select]})).await,
        json!({"results": [selected]})
    );
    let failed = call("sqliteTransaction", json!({"statements": [insert]})).await;
    let error = json!({"errorClass": "fatal", "message": "UNIQUE constraint failed: todos.id"});
    assert_eq!(failed, json!({"results": [], "error": error}));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_several_change_one_database() {
    let (urls, _files) = stores();
    for url in urls {
        let store = store::open(&url).await.unwrap();
        let fs = || async { over(store.open("s").await.unwrap()) };
        ok(&fs().await, Exec, "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (0)").await;
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..3 {
            let fs = fs().await;
            tasks.spawn(async move {
                let mut done = 0;
                while done < 30 {
                    match ask(&fs, Run, "UPDATE t SET a = a + 1").await {
                        Ok(_) => done += 1,
                        Err(error) => assert_eq!(error.kind(), FsErrorKind::Conflict, "{error}"),
                    }
                }
            });
        }
        while let Some(joined) = tasks.join_next().await {
            joined.unwrap();
        }
        assert_eq!(value(&fs().await, "SELECT a FROM t").await, 90, "{url}");
    }
}

#[tokio::test]
async fn the_far_side_of_the_wire_has_the_same_database() {
    let (_, fs) = in_memory();
    let wire = WireFs::around(Arc::new(fs));
    ok(&wire, Exec, "CREATE TABLE t (a)").await;
    let statements = vec![statement(Run, "INSERT INTO t VALUES (1)", Value::Null)];
    assert_eq!(wire.sqlite_transaction(statements).await.unwrap()[0].rows_affected, 1);
    assert_eq!(value(&wire, "SELECT a FROM t").await, 1);
    assert!(wire.sqlite_exists().await.unwrap());
}
