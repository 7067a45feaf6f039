//! The conformance suite as another crate uses it: the macro, and [`run`] for providers of other languages.
#![cfg(feature = "conformance")]

use std::sync::Arc;

use codriver::fs::conformance::{CASES, WireFs, run};
use codriver::store::{MemoryFs, MemoryStore};

codriver::session_fs_conformance!(
    a_store_of_another_crate,
    codriver::store::MemoryStore::new().open("session")
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_over_the_wire_passes_every_case() {
    let report = run(|| Arc::new(WireFs::around(Arc::new(MemoryFs::new())))).await;
    assert_eq!(report.failures, []);
    assert_eq!(report.passed.len(), CASES.len());
}

#[tokio::test]
async fn a_store_keeps_what_the_suite_left_in_a_session() {
    let store = MemoryStore::new();
    let case = CASES.iter().find(|case| case.name() == "what_is_written_is_read_back").unwrap();
    case.check(store.open("kept")).await.unwrap();
    assert_eq!(store.list(), ["kept"]);
}
