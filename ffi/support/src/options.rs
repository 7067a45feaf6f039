//! What a client's options say beside those of the core.

use std::sync::Arc;

use codriver::options::{ClientOptions, SessionFsOptions};
use codriver::{Error, ErrorKind, Result};
use serde_json::{Value, json};

use crate::calls::Asker;
use crate::error::{read_or, write};
use crate::fs::ForeignFs;
use crate::process::Process;

pub(crate) struct Own {
    pub(crate) threads: Option<usize>,
    pub(crate) files: Option<Files>,
}

/// A store that the core cannot name.
pub(crate) enum Files {
    Foreign,
    Opened(u64),
}

/// The options of the core, and those that are ours.
pub(crate) fn read_options(text: &str) -> Result<(ClientOptions, Own)> {
    let mut value = read_or("client options", text, json!({}))?;
    let own = Own::split(&mut value)?;
    Ok((ClientOptions::from_json(value)?, own))
}

/// Where the runtime is that a client with these options would start: `{"path", "origin"}`.
///
/// # Errors
/// `RUNTIME_NOT_FOUND`, which says where was looked; those of [`Client::new`](crate::Client::new) for the options.
pub fn find_runtime(options: &str) -> Result<String> {
    let found = codriver::find_runtime(&read_options(options)?.0)?;
    write(&json!({ "path": found.path, "origin": found.origin }))
}

impl Own {
    fn split(options: &mut Value) -> Result<Own> {
        let mut own = Own { threads: None, files: None };
        let Some(fields) = options.as_object_mut() else { return Ok(own) };
        if let Some(threads) = fields.remove("threads") {
            let number = threads.as_u64().filter(|threads| (1..=1024).contains(threads));
            let wrong = || Error::new(ErrorKind::InvalidConfig, "threads: must be a number from 1 to 1024");
            own.threads = Some(number.ok_or_else(wrong)? as usize);
        }
        let name = ["sessionFs", "session_fs"].into_iter().find(|name| fields.contains_key(*name));
        let Some(fs) = name.and_then(|name| fields.get_mut(name)?.as_object_mut()) else { return Ok(own) };
        own.files = match fs.get("store") {
            Some(Value::String(text)) if text == "foreign" => Some(Files::Foreign),
            Some(Value::Number(id)) => Some(Files::Opened(id.as_u64().unwrap_or_default())),
            _ => None,
        };
        if own.files.is_some() {
            fs.remove("store");
        }
        Ok(own)
    }
}

impl Files {
    /// Says where the files of sessions are.
    pub(crate) fn serve(self, fs: &mut SessionFsOptions, asker: Asker) -> Result<()> {
        match self {
            Files::Foreign => {
                let open = move |session_id: &str| {
                    Ok(Arc::new(ForeignFs { asker: asker.clone(), session_id: session_id.to_owned() }) as _)
                };
                fs.factory = Some(Arc::new(open));
            }
            Files::Opened(id) => {
                let store = Arc::clone(Process::current().store(id)?.store.store());
                let mut made = SessionFsOptions::store(&fs.initial_cwd, &fs.state_path, store);
                (made.conventions, made.binary, made.sqlite) = (fs.conventions, fs.binary, fs.sqlite);
                (made.workspace, made.rest, made.cache) = (fs.workspace.take(), fs.rest.take(), fs.cache);
                *fs = made;
            }
        }
        Ok(())
    }
}
