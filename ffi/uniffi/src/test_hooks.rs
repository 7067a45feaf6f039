//! The core's suite for filesystems, over one that is written in the foreign language. For tests.

use crate::client::Client;
use crate::error::Result;
use crate::operation::run;

#[uniffi::export]
impl Client {
    /// Runs the suite; gives `{"passed": […], "failures": [{"case", "reason"}]}`.
    pub async fn fs_conformance(&self) -> Result<String> {
        run(self.handle.fs_conformance()).await
    }
}
