//! How foreign code is told and asked.

use std::sync::Arc;

use codriver_ffi_support as support;

use crate::files::{self, SessionFiles};

/// What a callback may fail with. It is logged, and a question that could not even be taken is failed.
#[derive(Debug, Clone, thiserror::Error, uniffi::Error)]
pub enum CallbackError {
    /// The foreign method failed.
    #[error("{reason}")]
    Failed {
        /// Why.
        reason: String,
    },
}

impl From<uniffi::UnexpectedUniFFICallbackError> for CallbackError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        CallbackError::Failed { reason: error.reason }
    }
}

/// How a client tells and asks foreign code. Each method must return at once; all are called from one thread of Codriver.
#[uniffi::export(with_foreign)]
pub trait Callbacks: Send + Sync {
    /// The client, session or cursor with this id has something to take, and had nothing before. There is no second wake
    /// until a take left nothing.
    fn wake(&self, id: u64) -> Result<(), CallbackError>;

    /// A question; later comes one `respond` or `fail` with its call id. `session` is the id of the session object; `kind` and
    /// `name` say which handler is meant: `tool` and the tool's name, `hook` and the hook's, `permission`, … `payload` is
    /// JSON with the wire's names.
    fn request(
        &self,
        call_id: u64,
        session: u64,
        kind: String,
        name: String,
        payload: String,
    ) -> Result<(), CallbackError>;

    /// Nobody waits for the answer to this call any more.
    fn cancel(&self, call_id: u64) -> Result<(), CallbackError>;
}

/// The foreign traits as the one of the support crate.
pub(crate) struct Adapter {
    pub(crate) callbacks: Arc<dyn Callbacks>,
    pub(crate) files: Option<Arc<dyn SessionFiles>>,
}

impl support::Callbacks for Adapter {
    fn wake(&self, id: u64) {
        log("wake", self.callbacks.wake(id));
    }

    fn request(&self, request: support::Request) {
        let support::Request { call_id, session, kind, name, payload, .. } = request;
        refuse_on_error(call_id, self.callbacks.request(call_id, session, kind.to_owned(), name, payload));
    }

    fn fs_request(&self, request: support::FsRequest) {
        let call_id = request.call_id;
        match &self.files {
            Some(files) => refuse_on_error(call_id, files::call(&**files, request)),
            None => {
                let reason = "the client was made without an implementation of files".to_owned();
                refuse_on_error(call_id, Err(CallbackError::Failed { reason }));
            }
        }
    }

    fn cancel(&self, call_id: u64) {
        log("cancel", self.callbacks.cancel(call_id));
    }
}

fn refuse_on_error(call_id: u64, outcome: Result<(), CallbackError>) {
    if let Err(CallbackError::Failed { reason }) = outcome {
        // It may have been answered before the method failed.
        let _ = support::fail(call_id, 0, &reason);
    }
}

fn log(method: &str, outcome: Result<(), CallbackError>) {
    if let Err(error) = outcome {
        tracing::error!(method, %error, "a callback failed");
    }
}
