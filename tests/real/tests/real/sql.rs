//! The runtime's `sql` tool on a database in a store of ours.

use codriver::fs::{Conventions, FsPath};
use codriver::options::SessionFsOptions;
use codriver::{ClientOptions, Session, store};
use real_tests::{Scene, tool};
use serde_json::json;

on_every_runtime! {
    rows_of_the_sql_tool_survive_the_death_of_their_runtime,
}

/// Where every store keeps a session's database.
const DATABASE: &str = "/codriver/session.db";

fn stored_in(scene: &Scene, url: &str) -> ClientOptions {
    scene.options().session_fs(SessionFsOptions::url(scene.work().to_string_lossy(), "/state", url))
}

/// What the tool answers to one call of the model.
async fn sql(scene: &Scene, session: &Session, query: &str) -> String {
    scene.say(session, &tool("sql", json!({"description": "a test", "query": query}))).await
}

async fn rows_of_the_sql_tool_survive_the_death_of_their_runtime(scene: &Scene) {
    let database = FsPath::parse(DATABASE, Conventions::Posix).unwrap();
    for url in ["dir", "sqlite", "sqlite-dir"]
        .map(|scheme| format!("{scheme}:{}/sessions-{scheme}", scene.root().display()))
    {
        let client = scene.start(stored_in(scene, &url)).await;
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

        let files = store::open_existing(&url).await.unwrap().open(before.id()).await.unwrap();
        assert!(files.exists(&database).await.unwrap(), "{url}");

        // Opened anew, as another process would.
        let client = scene.start(stored_in(scene, &url)).await;
        let after = client.resume_session(before.id(), scene.config()).await.unwrap();
        let kept = sql(scene, &after, "SELECT id, title, status FROM todos ORDER BY id").await;
        for row in ["| a | first | done |", "| b | second | pending |"] {
            assert!(kept.contains(row), "{url}: {kept}");
        }
        after.disconnect().await.unwrap();
    }
}
