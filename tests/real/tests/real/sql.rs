//! The runtime's `sql` tool on a database in a store of ours.

use std::sync::Arc;

use codriver::fs::{Conventions, FsPath, SessionFs, SqlFs};
use codriver::options::SessionFsOptions;
use codriver::store::{self, Store};
use codriver::{ClientOptions, Session};
use real_tests::{Scene, tool};
use serde_json::json;

on_every_runtime! {
    rows_of_the_sql_tool_survive_the_death_of_their_runtime,
}

fn with_sql(scene: &Scene, store: &Arc<dyn Store>) -> ClientOptions {
    let store = Arc::clone(store);
    let factory = move |id: &str| {
        let opened =
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(store.open(id)))?;
        let path = FsPath::parse("/codriver/session.db", Conventions::Posix)?;
        Ok(Arc::new(SqlFs::new(opened, path)) as Arc<dyn SessionFs>)
    };
    let mut options = SessionFsOptions::new(scene.work().to_string_lossy(), "/state", factory);
    (options.binary, options.sqlite) = (true, true);
    scene.options().session_fs(options)
}

/// What the tool answers to one call of the model.
async fn sql(scene: &Scene, session: &Session, query: &str) -> String {
    scene.say(session, &tool("sql", json!({"description": "a test", "query": query}))).await
}

async fn rows_of_the_sql_tool_survive_the_death_of_their_runtime(scene: &Scene) {
    for url in ["dir:", "sqlite:"]
        .map(|scheme| format!("{scheme}{}/sessions-{}", scene.root().display(), &scheme[..3]))
    {
        let store = store::open(&url).await.unwrap();
        let client = scene.start(with_sql(scene, &store)).await;
        let before = client.create_session(scene.config()).await.unwrap();
        let added =
            sql(scene, &before, "INSERT INTO todos (id, title) VALUES ('a', 'first'), ('b', 'second')").await;
        assert!(added.contains("2 row(s) inserted"), "{url}: {added}");
        // The runtime sends these one by one, each in a call of its own.
        let update = "BEGIN; UPDATE todos SET status = 'done' WHERE id = 'a'; COMMIT";
        let done = sql(scene, &before, update).await;
        assert!(done.contains("1 row(s) updated"), "{url}: {done}");
        let failed = sql(scene, &before, "SELECT * FROM nowhere").await;
        assert!(
            failed.contains("SQL Error: ") && failed.contains("no such table: nowhere"),
            "{url}: {failed}"
        );
        client.force_stop().await;

        // Opened anew, as another process would.
        drop(store);
        let store = store::open(&url).await.unwrap();
        let client = scene.start(with_sql(scene, &store)).await;
        let after = client.resume_session(before.id(), scene.config()).await.unwrap();
        let kept = sql(scene, &after, "SELECT id, title, status FROM todos ORDER BY id").await;
        for row in ["| a | first | done |", "| b | second | pending |"] {
            assert!(kept.contains(row), "{url}: {kept}");
        }
        after.disconnect().await.unwrap();
    }
}
