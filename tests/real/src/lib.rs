//! What the tests of the real runtime stand on: where the pinned runtimes are, a scene that each test has for itself,
//! and records of what was heard and asked.
//!
//! The runtimes are those of `runtimes.json`. The environment variable [`RUNTIMES`] names a directory with an npm prefix
//! for each (`1.0.102/node_modules/@github/…`). A runtime that is not there fails the test: nothing is skipped.

#![forbid(unsafe_code)]

pub mod processes;
mod record;
mod runtimes;
mod scene;

pub use record::{Record, data};
pub use runtimes::{RUNTIMES, pinned_versions, program};
pub use scene::{PATIENCE, Scene, TURN, play, tool};
