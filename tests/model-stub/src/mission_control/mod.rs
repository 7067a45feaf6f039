//! A stand-in for Mission Control, the server behind cloud sessions.
//!
//! The runtime is pointed at it with [`MissionControl::environment`] and any token as its login. It then creates a task
//! (`POST /tasks`), polls `GET /tasks/{id}/events` once a second, and sends prompts to `POST /tasks/{id}/steer` and calls
//! to `POST /tasks/{id}/rpc`. Everything that arrived is in [`MissionControl::tasks`]: a prompt that is not among
//! [`Task::prompts`] was dropped by the runtime, and a task that is no longer polled has no session left in it.
//!
//! Runtimes 1.0.57, 1.0.85 and 1.0.102 never close a task: a detached session shows itself only by its polls ending.
//! A `DELETE` of a task would be answered and shown as [`Task::deleted`].

mod options;
mod serve;
mod task;

pub use options::{AgentEvent, MissionControlOptions, WorkerStart};
pub use serve::MissionControl;
pub use task::{RpcCall, Steer, Task};
