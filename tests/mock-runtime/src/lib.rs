//! A runtime that says what a script tells it: the peer that tests and benchmarks talk to.
//!
//! The executable takes the real one's flags: `--server --stdio`, or `--port N`, which prints
//! `CLI server listening on port N`; it ignores all others. It is told what to do by its environment:
//!
//! | variable | what |
//! |---|---|
//! | `MOCK_RUNTIME_SCRIPT` | the path of a script, or a script itself (text that begins with `{` or `[`) |
//! | `MOCK_RUNTIME_REPORT` | where to write [how it went](report); `PATH.pids` lists the processes, `PATH.1` is the second run |
//! | `MOCK_FIREHOSE` | `{"events": N, "bytes": B, "type": T}`: what `session.send` is answered with in place of a turn |
//! | `MOCK_RUNTIME_MODE` | `firehose`: the same with a million events of 300 bytes; `measure`: writes that to stdout and ends |
//! | `COPILOT_CONNECTION_TOKEN` | the token that `connect` must bring, and before which every other call is refused |
//!
//! Without a script it is the [built-in peer](builtin): sessions, one canonical turn for every prompt, and, once
//! `sessionFs.setProvider` was called, the recorded 25 [filesystem calls](recorded_fs) before `session.create` is answered.
//!
//! # Scripts
//!
//! A script is a JSON object: `steps` in order, `auto` answers, methods to `ignore`; see [`script`] for every step and
//! [`pattern`] for what a parameter can be compared with. A list of scripts has one for each run of the executable.
//!
//! A method that some step names (in `expect` or `expect_none`) waits for its step; every other one is answered at once, by
//! `auto` or as the built-in peer does. So a script says only what is special about it:
//!
//! ```json
//! {"steps": [
//!   {"expect": {"method": "session.create", "params": {"sessionId": "$id", "cloud": {"$absent": true}}, "as": "create"}},
//!   {"event": {"session": "$id", "type": "session.start", "data": {"early": true}}},
//!   {"request": {"method": "hooks.invoke", "params": {"sessionId": "$id"}, "id": "a string", "as": "hook"}},
//!   {"expect_response": {"to": "hook", "error": {"code": -32601}}},
//!   {"reply_builtin": {"to": "create"}},
//!   {"split": {"bytes": 1}},
//!   "kill_self"
//! ]}
//! ```
//!
//! Whatever goes against the script is written to standard error and to the report, and ends the process with code 70: an
//! expectation that is not met, a message of a named method that no step took, an answer to nothing, a second answer.
#![forbid(unsafe_code)]

pub mod builtin;
pub mod firehose;
pub mod frame;
pub mod output;
pub mod pattern;
pub mod peer;
pub mod player;
pub mod recorded_fs;
pub mod report;
pub mod script;
