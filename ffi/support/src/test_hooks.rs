//! What tests and benchmarks ask: how many objects there are, and what a filesystem that is written in the foreign language does,
//! without a runtime. Only with the feature `test-hooks`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use bytes::Bytes;
use codriver::Result;
use codriver::fs::{Conventions, FsPath, SessionFs, conformance};
use serde_json::json;

use crate::calls::Asker;
use crate::client::Client;
use crate::error::write;
use crate::fs::ForeignFs;
use crate::operation::Operation;
use crate::process::Process;

/// How many ids stand for something: clients, sessions, streams, stores, operations and calls.
pub fn open_objects() -> usize {
    Process::current().count()
}

impl Client {
    /// Runs the conformance suite. Each case gets the files of a session of its own (`conformance-1`, …), which must be
    /// empty. Gives the report: `{"passed": […], "failures": [{"case", "reason"}]}`.
    pub fn fs_conformance(self) -> Result<Operation> {
        let files = self.foreign_files()?;
        let count = AtomicU64::new(0);
        let make = move || files(format!("conformance-{}", count.fetch_add(1, Relaxed) + 1));
        self.operation(async move |_| write(&conformance::run(make).await))
    }

    /// Reads a small file `calls` times, one after the other. Gives `{"nanoseconds"}`, which all of them took.
    pub fn fs_round_trips(self, calls: u64) -> Result<Operation> {
        let files = self.foreign_files()?("measured".to_owned());
        self.operation(async move |_| {
            let path = FsPath::parse("/file", Conventions::Posix)?;
            files.write(&path, Bytes::from_static(b"content"), None).await?;
            let begun = Instant::now();
            for _ in 0..calls {
                files.read(&path).await?;
            }
            let nanoseconds = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
            write(&json!({ "nanoseconds": nanoseconds }))
        })
    }

    fn foreign_files(self) -> Result<impl Fn(String) -> Arc<dyn SessionFs> + Send + 'static> {
        let state = self.state()?;
        let asker = Asker { client: state.id, dispatcher: state.runner.dispatcher.clone() };
        Ok(move |session_id| Arc::new(ForeignFs { asker: asker.clone(), session_id }) as _)
    }
}
