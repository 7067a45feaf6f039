//! A slash command of this client is run.

use serde_json::{Map, Value};

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// A command to run (event `command.execute`; by `session.commands.execute` or `.invoke`, never by a prompt). It is
    /// answered with an error text or with nothing; a result has no place.
    #[derive(serde::Serialize)]
    pub struct CommandInvocation {
        /// The id that the answer carries.
        pub request_id: String,
        /// The whole line, e.g. `/deploy prod now`.
        pub command: String,
        /// The command's name, without the slash.
        pub command_name: String,
        /// What follows the name, as typed; may be empty.
        pub args: String,
        /// What this version does not know.
        #[serde(flatten)]
        pub extra: Map<String, Value>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::requests::vectors;

    #[test]
    fn what_the_runtimes_asked_survives_whole() {
        vectors::command().survive::<CommandInvocation>();
        let call: CommandInvocation =
            serde_json::from_value(vectors::command().get("command.execute", "1.0.102")).unwrap();
        assert_eq!((call.command_name.as_str(), call.args.as_str()), ("deploy", "prod now"));
    }
}
