//! The two servers that the Copilot runtime talks to, scripted and on loopback: a model and Mission Control.
//!
//! With them the real runtime runs without login, network or cost: [`ModelStub`] is the OpenAI-style endpoint for
//! `provider {type: "openai", wireApi: "completions"}`, [`mission_control::MissionControl`] the server behind cloud
//! sessions. Each serves from a thread of its own, so a test's tokio runtime (also one with paused time) neither starves
//! it nor is starved by it, and each ends with its handle: `Drop` closes every connection.
//!
//! # The directives
//!
//! Under [`Script::directives`] the last user message says what the model does. The runtime wraps prompts
//! (`<current_datetime>…</current_datetime>` before, `<system_reminder>…</system_reminder>` behind); such elements are
//! taken off first. Then the lines are read from the top for as long as they are directives:
//!
//! | line | answer |
//! |---|---|
//! | `TOOL name {json}` | one tool call; the next line is for the model call that brings its result |
//! | `TOOLS [{"name": …, "args": {…}}, …]` | several tool calls in one answer |
//! | `SAY text` | the text as it is |
//! | `STREAM n [size]` | `n` chunks, each its own number and a space, padded with zeros to `size` bytes (default 8) |
//! | `FAIL status [times]` | HTTP error `status`, always or for the first `times` attempts at this very conversation |
//! | `HANG [text]` | the text, then silence until the peer hangs up |
//! | `RECALL` | `Earlier messages: n. The first was: …`: proof that a resumed session's history reached the model |
//! | `ECHO_SYSTEM marker` | `System message has marker: yes` or `no` |
//! | `LIST_TOOLS` | `Tools: a, b, c`, the names offered to the model, sorted |
//! | `SLOW ms [directive]` | the next directive, with a pause before each of its chunks |
//! | `REASON text` | the next directive, with the text streamed as reasoning before it |
//! | anything else | `You said: …`, word by word: the rest of the prompt from this line on |
//!
//! Once the lines are used up, the answer to tool results is `Tool said: …`, the results of the last round joined by
//! ` | `. A line that cannot be read answers `Script error: …`, so that a typing error in a test shows itself.
//!
//! What the runtime makes of some of them: `FAIL 400` ends the turn with `session.error` at once (1.0.57: after four
//! attempts), `FAIL 429` and `FAIL 500` are retried for 16 to 30 s. A permission answered with a bare `reject` ends the turn
//! without another model call, so the line after such a `TOOL` is not reached; with feedback it is.
//!
//! # The demo
//!
//! [`Script::demo`] answers to keywords: *weather* calls `get_weather {city}` (the words behind the last `in`), *file*,
//! *disk*, *command* or *shell* calls `bash` to write and read `codriver-demo.txt`, *remember*, *recall*, *earlier* or
//! *before* quotes the earlier prompts, and anything else is greeted by what says that it is scripted.
//!
//! [`Script::new`] takes any function.

#![forbid(unsafe_code)]

mod conversation;
mod demo;
mod directive;
pub mod mission_control;
mod record;
mod reply;
mod script;
mod server;
mod stub;
mod wire;

pub use conversation::{Conversation, ToolResult};
pub use record::{End, RecordedRequest};
pub use reply::{Answer, Piece, Reply, ToolCall};
pub use script::Script;
pub use stub::ModelStub;
