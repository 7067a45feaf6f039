//! Cases about size.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::JoinSet;

use super::{Outcome, append, at, holds, ok, same, write};
use crate::fs::{EntryKind, SessionFs};

type Fs = Arc<dyn SessionFs>;

fn noise(len: usize) -> Bytes {
    noise_of(len, |word| word)
}

/// `len` bytes that do not repeat in any short period (xorshift), of words as `shape` makes them: millions of bytes take long
/// one by one where nothing is optimized.
fn noise_of(len: usize, shape: impl Fn(u64) -> u64) -> Bytes {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&shape(state).to_le_bytes());
    }
    bytes.truncate(len);
    bytes.into()
}

async fn survives(fs: &Fs, content: Bytes) -> Outcome {
    let path = at("/state/big");
    ok("write", fs.write(&path, content.clone(), None).await)?;
    same("size", ok("stat", fs.stat(&path).await)?.size, content.len() as u64)?;
    let read = ok("read", fs.read(&path).await)?;
    let differs = match read == content {
        true => None,
        false => read.iter().zip(&content).position(|(got, expected)| got != expected),
    };
    same("length, and where the content differs", (read.len(), differs), (content.len(), None))
}

pub(super) async fn a_file_of_1_mb_survives(fs: Fs) -> Outcome {
    survives(&fs, noise(1_000_000)).await
}

pub(super) async fn bytes_of_1_mb_are_replaced_whole(fs: Fs) -> Outcome {
    for len in [1 << 20, (1 << 20) + 1, 1, (1 << 20) - 1, 0] {
        survives(&fs, noise(len)).await?;
    }
    Ok(())
}

/// Text: so much as bytes does not fit into a message of the runtime (PROTOCOL §4).
pub(super) async fn a_file_of_64_mb_survives(fs: Fs) -> Outcome {
    // Digits and signs, none of which is escaped in JSON.
    let each = u64::from_le_bytes([1; 8]);
    let text = |word| (word & (0xf * each)) + u64::from(b'0') * each;
    survives(&fs, noise_of(64_000_000, text)).await
}

pub(super) async fn a_log_of_2000_appends_is_whole(fs: Fs) -> Outcome {
    let mut expected = String::new();
    for number in 0..2000 {
        let line = format!("{{\"number\":{number},\"text\":\"{}\"}}\n", "event ".repeat(170));
        append(&fs, "/state/events.jsonl", &line).await?;
        expected.push_str(&line);
    }
    let size = ok("stat", fs.stat(&at("/state/events.jsonl")).await)?.size;
    same("size", size, expected.len() as u64)?;
    holds(&fs, "/state/events.jsonl", &expected).await
}

pub(super) async fn a_directory_of_10000_files_is_listed_whole(fs: Fs) -> Outcome {
    const FILES: usize = 10_000;
    const AT_ONCE: usize = 50;
    for first in (0..FILES).step_by(AT_ONCE) {
        let mut tasks = JoinSet::new();
        for number in first..first + AT_ONCE {
            let fs = Arc::clone(&fs);
            tasks.spawn(async move { write(&fs, &format!("/state/many/file {number}"), "x").await });
        }
        while let Some(joined) = tasks.join_next().await {
            joined.map_err(|error| error.to_string())??;
        }
    }
    let entries = ok("read_dir", fs.read_dir(&at("/state/many")).await)?;
    same("how many", entries.len(), FILES)?;
    same("whether all are files", entries.iter().all(|entry| entry.kind == EntryKind::File), true)?;
    let names: BTreeSet<String> = entries.into_iter().map(|entry| entry.name).collect();
    same("the names", names, (0..FILES).map(|number| format!("file {number}")).collect())?;
    ok("remove", fs.remove(&at("/state/many"), true, false).await)
}
