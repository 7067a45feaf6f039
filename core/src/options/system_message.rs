//! The system message: appended to, replaced, or changed section by section.

use std::collections::BTreeMap;

use super::choice::choices;
use super::invalid::{invalid, required};
use super::record::record;
use crate::error::Result;

choices! {
    /// What happens to the runtime's own system message.
    pub enum SystemMessageMode {
        /// It stays, the content comes after it; the runtime's default.
        Append = "append",
        /// The content takes its place, guard rails included.
        Replace = "replace",
        /// Its sections are changed one by one, the content comes after it.
        Customize = "customize",
    }
    /// What happens to a section.
    pub enum SectionAction {
        /// The content takes its place.
        Replace = "replace",
        /// It goes.
        Remove = "remove",
        /// The content comes after it.
        Append = "append",
        /// The content comes before it.
        Prepend = "prepend",
        /// A handler rewrites it; set by `on_system_message_section`.
        Transform = "transform",
    }
}

record! {
    /// The system message (wire: `systemMessage`).
    pub struct SystemMessage {
        /// What happens to the runtime's own; the runtime's default is `append`.
        into mode: SystemMessageMode;
        /// The text that is appended or replaces it.
        into content: String;
        /// Sections by id (`identity`, `tone`, `guidelines`, `environment_context` …); needs the mode `customize`.
        is sections: BTreeMap<String, SystemMessageSection>;
    }

    /// A change of one section (wire: a value of `systemMessage.sections`).
    pub struct SystemMessageSection {
        /// What happens to it.
        into action: SectionAction;
        /// The text for `replace`, `append` and `prepend`.
        into content: String;
    }
}

impl SystemMessage {
    /// A message whose section `id` is changed.
    #[must_use]
    pub fn section(mut self, id: impl Into<String>, change: SystemMessageSection) -> Self {
        self.mode = Some(SystemMessageMode::Customize);
        self.sections.get_or_insert_default().insert(id.into(), change);
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.mode == Some(SystemMessageMode::Replace) {
            required(
                "systemMessage.content",
                self.content.as_deref().unwrap_or_default(),
                "the new system message",
            )?;
        }
        let sections = self.sections.as_ref().filter(|sections| !sections.is_empty());
        if sections.is_some()
            && matches!(self.mode, None | Some(SystemMessageMode::Append | SystemMessageMode::Replace))
        {
            return Err(invalid(
                "systemMessage.sections",
                "needs `mode: customize`; set it or remove the sections",
            ));
        }
        for (id, section) in sections.into_iter().flatten() {
            section.check(id)?;
        }
        Ok(())
    }
}

impl SystemMessageSection {
    fn check(&self, id: &str) -> Result<()> {
        use SectionAction::{Append, Prepend, Remove, Replace, Transform};
        if id.trim().is_empty() {
            return Err(invalid("systemMessage.sections", "a section has an empty id; name the section"));
        }
        let at = format!("systemMessage.sections.{id}");
        match (&self.action, &self.content) {
            (None, _) => {
                Err(invalid(format!("{at}.action"), "is missing; give replace, remove, append or prepend"))
            }
            (Some(Replace | Append | Prepend), None) => {
                Err(invalid(format!("{at}.content"), "is missing; to drop a section use `action: remove`"))
            }
            (Some(Remove | Transform), Some(_)) => {
                Err(invalid(format!("{at}.content"), "has no use with this action; remove it"))
            }
            _ => Ok(()),
        }
    }
}
