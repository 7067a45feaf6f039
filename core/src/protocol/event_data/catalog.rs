//! What a session has at hand: tools, skills, agents, extensions, commands.

use crate::protocol::tolerant::tolerant;

tolerant! {
    /// `session.tools_updated`: the tools are settled for a model.
    pub struct SessionToolsUpdated {
        /// The model.
        pub model: String,
    }

    /// `session.skills_loaded`: the skills there are.
    pub struct SessionSkillsLoaded {
        /// One entry a skill.
        pub skills: Vec<Skill>,
    }

    /// A skill.
    pub struct Skill {
        /// Its id.
        pub name: String,
        /// The slash command that invokes it, without the slash.
        pub command_name: Option<String>,
        /// What it is for.
        pub description: String,
        /// Where it was found: `project`, `inherited`, `plugin`, `builtin`, `sdk`, …
        pub source: String,
        /// Whether the user can invoke it.
        pub user_invocable: bool,
        /// Whether it is on.
        pub enabled: bool,
        /// Its file.
        pub path: Option<String>,
        /// What arguments it takes, in words.
        pub argument_hint: Option<String>,
    }

    /// `session.custom_agents_updated`: the custom agents there are.
    pub struct SessionCustomAgentsUpdated {
        /// One entry an agent.
        pub agents: Vec<CustomAgentInfo>,
        /// What was odd.
        pub warnings: Vec<String>,
        /// What could not be loaded.
        pub errors: Vec<String>,
    }

    /// A custom agent.
    pub struct CustomAgentInfo {
        /// Its id.
        pub id: String,
        /// Its name.
        pub name: String,
        /// Its name for people.
        pub display_name: String,
        /// What it is for.
        pub description: String,
        /// Where it was found: `user`, `project`, `inherited`, `remote`, `plugin`.
        pub source: String,
        /// The tools it has; `None` for all.
        pub tools: Option<Vec<String>>,
        /// Whether the user can pick it.
        pub user_invocable: bool,
        /// Its own model.
        pub model: Option<String>,
    }

    /// `session.extensions_loaded`: the extensions there are.
    pub struct SessionExtensionsLoaded {
        /// One entry an extension.
        pub extensions: Vec<Extension>,
    }

    /// An extension.
    pub struct Extension {
        /// Where it was found and its name, e.g. `project:my-ext`.
        pub id: String,
        /// Its name.
        pub name: String,
        /// `project`, `user`, `plugin`, `session`.
        pub source: String,
        /// `running`, `disabled`, `failed`, `starting`.
        pub status: String,
    }

    /// `commands.changed`: the host's slash commands are others.
    pub struct CommandsChanged {
        /// All there are now.
        pub commands: Vec<CommandInfo>,
    }

    /// A slash command of the host.
    pub struct CommandInfo {
        /// Its name, without the slash.
        pub name: String,
        /// What it does.
        pub description: Option<String>,
    }
}
