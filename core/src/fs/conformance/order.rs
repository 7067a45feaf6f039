//! Cases about what happens at the same time.

use std::sync::Arc;

use bytes::Bytes;
use tokio::task::JoinSet;

use super::{Outcome, append, at, holds, ok, same, write};
use crate::fs::SessionFs;

type Fs = Arc<dyn SessionFs>;

/// All tasks succeed.
async fn all(mut tasks: JoinSet<Outcome>) -> Outcome {
    while let Some(joined) = tasks.join_next().await {
        joined.map_err(|error| error.to_string())??;
    }
    Ok(())
}

pub(super) async fn an_acknowledged_write_is_seen_at_once(fs: Fs) -> Outcome {
    for round in 0..50 {
        let content = format!("round {round}");
        write(&fs, "/state/a", &content).await?;
        let reader = Arc::clone(&fs);
        let elsewhere = tokio::spawn(async move { holds(&reader, "/state/a", &content).await });
        elsewhere.await.map_err(|error| error.to_string())??;
    }
    Ok(())
}

pub(super) async fn appends_keep_their_order(fs: Fs) -> Outcome {
    let mut expected = String::new();
    for number in 0..200 {
        let line = format!("{{\"line\":{number}}}\n");
        append(&fs, "/state/events.jsonl", &line).await?;
        expected.push_str(&line);
    }
    holds(&fs, "/state/events.jsonl", &expected).await
}

pub(super) async fn appends_at_the_same_time_are_whole_and_all_there(fs: Fs) -> Outcome {
    const WRITERS: usize = 8;
    const LINES: usize = 25;
    let line = |writer: usize, number: usize| format!("{writer}:{number}:{}", "x".repeat(200 + writer * 37));
    let mut tasks = JoinSet::new();
    for writer in 0..WRITERS {
        let fs = Arc::clone(&fs);
        tasks.spawn(async move {
            for number in 0..LINES {
                append(&fs, "/state/log", &format!("{}\n", line(writer, number))).await?;
            }
            Ok(())
        });
    }
    all(tasks).await?;

    let log = ok("read", fs.read(&at("/state/log")).await)?;
    let log = String::from_utf8_lossy(&log);
    let mut next = [0; WRITERS];
    for got in log.lines() {
        let writer =
            got.split(':').next().and_then(|text| text.parse().ok()).filter(|&writer| writer < WRITERS);
        let writer: usize = writer.ok_or_else(|| format!("a torn line: {got}"))?;
        same("the next line of a writer", got, &line(writer, next[writer]))?;
        next[writer] += 1;
    }
    same("the lines of each writer", next, [LINES; WRITERS])
}

pub(super) async fn a_reader_sees_the_old_or_the_new_content_never_a_mix(fs: Fs) -> Outcome {
    let contents = [Bytes::from(vec![b'a'; 64 * 1024]), Bytes::from(vec![b'b'; 96 * 1024])];
    ok("write", fs.write(&at("/state/a"), contents[0].clone(), None).await)?;
    let mut tasks = JoinSet::new();
    let (writer, to_write) = (Arc::clone(&fs), contents.clone());
    tasks.spawn(async move {
        for content in to_write.iter().cycle().take(30) {
            ok("write", writer.write(&at("/state/a"), content.clone(), None).await)?;
        }
        Ok(())
    });
    for _ in 0..2 {
        let (reader, contents) = (Arc::clone(&fs), contents.clone());
        tasks.spawn(async move {
            for _ in 0..30 {
                let read = ok("read", reader.read(&at("/state/a")).await)?;
                same("whether it is one of the contents", contents.contains(&read), true)?;
            }
            Ok(())
        });
    }
    all(tasks).await
}

pub(super) async fn a_file_that_is_replaced_by_rename_is_never_missing(fs: Fs) -> Outcome {
    write(&fs, "/state/a", "version").await?;
    let mut tasks = JoinSet::new();
    let writer = Arc::clone(&fs);
    tasks.spawn(async move {
        for _ in 0..50 {
            write(&writer, "/state/a.tmp", "version").await?;
            ok("rename", writer.rename(&at("/state/a.tmp"), &at("/state/a")).await)?;
        }
        Ok(())
    });
    for _ in 0..2 {
        let reader = Arc::clone(&fs);
        tasks.spawn(async move {
            for _ in 0..50 {
                holds(&reader, "/state/a", "version").await?;
                same("exists", ok("exists", reader.exists(&at("/state/a")).await)?, true)?;
            }
            Ok(())
        });
    }
    all(tasks).await
}
