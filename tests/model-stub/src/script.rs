//! A script: a function from the conversation so far to the model's reply.

use std::fmt;
use std::sync::Arc;

use crate::conversation::Conversation;
use crate::reply::Reply;
use crate::{demo, directive};

/// Decides every reply; it sees the whole conversation each time, so it needs no memory of its own.
#[derive(Clone)]
pub struct Script(Arc<dyn Fn(&Conversation) -> Reply + Send + Sync>);

impl Script {
    /// The directives of the crate's documentation.
    pub fn directives() -> Script {
        Script::new(directive::reply)
    }

    /// A small conversation for people to watch: weather, a shell command, a question about what was said before.
    pub fn demo() -> Script {
        Script::new(demo::reply)
    }

    /// Any function. It runs on the server's thread and must not block.
    pub fn new(reply: impl Fn(&Conversation) -> Reply + Send + Sync + 'static) -> Script {
        Script(Arc::new(reply))
    }

    pub(crate) fn reply(&self, conversation: &Conversation) -> Reply {
        (self.0)(conversation)
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Script(..)")
    }
}
