//! Listing what a store holds.

use std::sync::Arc;
use std::time::Instant;

use codriver::fs::{Conventions, FsPath};
use codriver::protocol::results::SessionListFilter;
use codriver::store::{SessionStore, Store};

use crate::Result;
use crate::case::{Numbers, numbers};
use crate::stores::{Kind, Place};

/// How many sessions are stored at a time.
const WRITERS: usize = 32;

/// A list of `sessions` sessions with what is known of each, `rounds` times: of all, and of the tenth that a filter leaves.
pub(crate) async fn measure(store: Kind, sessions: usize, rounds: usize) -> Result<Numbers> {
    let place = Place::new(store)?;
    let stored = SessionStore::new(place.open().await?);
    fill(stored.store(), sessions).await?;
    let filter = SessionListFilter::new().repository("octo/project-7");
    let (mut all, mut filtered) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        for (filter, expected, millis) in
            [(None, sessions, &mut all), (Some(filter.clone()), sessions / 10, &mut filtered)]
        {
            let start = Instant::now();
            let listed = stored.list_sessions(filter).await?;
            millis.push(start.elapsed().as_secs_f64() * 1e3);
            if listed.len() != expected {
                return Err(format!("{} sessions were listed, not {expected}", listed.len()).into());
            }
        }
    }
    let median = |millis: &mut [f64]| crate::sample::quantile(millis, 0.5);
    Ok(numbers([("list_ms", median(&mut all)), ("filtered_ms", median(&mut filtered))]))
}

/// Sessions as the runtime stores them, in ten repositories.
async fn fill(store: &Arc<dyn Store>, sessions: usize) -> Result<()> {
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let store = Arc::clone(store);
        writers.push(tokio::spawn(async move {
            let path = FsPath::parse("/state/workspace.yaml", Conventions::Posix)?;
            for number in (writer..sessions).step_by(WRITERS) {
                let files = store.open(&format!("33333333-3333-4333-8333-{number:012x}")).await?;
                files.write(&path, workspace(number).into(), None).await?;
            }
            Ok::<(), codriver::Error>(())
        }));
    }
    for writer in writers {
        writer.await??;
    }
    Ok(())
}

fn workspace(number: usize) -> String {
    let project = number % 10;
    format!(
        "id: 33333333-3333-4333-8333-{number:012x}\ncwd: /home/me/work/project-{project}\n\
         git_root: /home/me/work/project-{project}\nrepository: octo/project-{project}\nhost_type: github\n\
         branch: main\nname: 'Fix: the flaky test number {number}'\nclient_name: sdk\nuser_named: false\n\
         summary_count: 0\ncreated_at: 2026-11-21T11:56:39.726Z\nupdated_at: 2026-11-21T11:56:40.477Z\n"
    )
}
