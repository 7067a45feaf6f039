//! Sessions whose agent runs in the cloud.

use super::invalid::{invalid, required};
use super::record::record;
use crate::error::Result;

record! {
    /// Makes a session run in the cloud (wire: `cloud`). Its id comes from the server, and options that are about this
    /// process do not go on the wire.
    pub struct CloudOptions {
        /// The repository it works on.
        is repository: CloudRepository;
    }

    /// A repository on the server (wire: `cloud.repository`).
    pub struct CloudRepository new(
        /// User or organisation.
        owner: String,
        /// Name without the owner.
        name: String,
    ) {
        /// Branch; default: the repository's default branch.
        into branch: String;
    }
}

impl CloudOptions {
    /// A session on a repository.
    pub fn on(owner: impl Into<String>, name: impl Into<String>) -> Self {
        CloudOptions::new().repository(CloudRepository::new(owner, name))
    }

    pub(super) fn check(&self) -> Result<()> {
        let Some(repository) = &self.repository else { return Ok(()) };
        required("cloud.repository.owner", &repository.owner, "the user or organisation")?;
        required("cloud.repository.name", &repository.name, "the repository's name")?;
        for (field, text) in [("owner", &repository.owner), ("name", &repository.name)] {
            if text.contains('/') {
                return Err(invalid(
                    format!("cloud.repository.{field}"),
                    "must not contain `/`; give owner and name apart",
                ));
            }
        }
        match &repository.branch {
            Some(branch) => {
                required("cloud.repository.branch", branch, "a branch, or leave it out for the default")
            }
            None => Ok(()),
        }
    }
}
