//! For tests: the core's suite for filesystems, over one that is written in the foreign language, and what is open.

use crate::client::Client;
use crate::error::Result;
use crate::operation::run;

/// How many clients, sessions, streams, stores, operations and calls the library knows.
#[uniffi::export]
pub fn open_objects() -> u64 {
    codriver_ffi_support::open_objects() as u64
}

#[uniffi::export]
impl Client {
    /// Runs the suite; gives `{"passed": […], "failures": [{"case", "reason"}]}`.
    pub async fn fs_conformance(&self) -> Result<String> {
        run(self.handle.fs_conformance()).await
    }
}
