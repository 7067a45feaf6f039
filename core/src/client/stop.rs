//! The end of a client: in order with [`Client::stop`], at once with [`Client::force_stop`] (DESIGN I25).

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::connection::Connection;
use super::notices::ConnectionState;
use super::{Client, lock};
use crate::error::{Error, ErrorKind};
use crate::protocol::methods;

/// How long a runtime that was asked to end may take, before it is asked in another way.
const PATIENCE: Duration = Duration::from_secs(5);

impl Client {
    /// Ends the client in order: its sessions are destroyed, all at once; the runtime is told to shut down, its input is
    /// closed, and if it does not end by itself it gets SIGTERM, then SIGKILL, with all its descendants. A runtime that is
    /// not ours is only disconnected from. What went wrong comes back as a list; the client is stopped all the same.
    ///
    /// Each step has a deadline (`limits.stop_timeout`). A start under way is given up. Stopping twice is fine.
    pub async fn stop(&self) -> Vec<Error> {
        self.give_up_start();
        let mut slot = self.shared.slot.lock().await;
        let Some(connection) = slot.take() else { return Vec::new() };
        let errors = if connection.is_alive() { connection.stop().await } else { Vec::new() };
        self.stopped(&connection);
        errors
    }

    /// Ends the client at once: the runtime is killed with all its descendants, and nobody is asked.
    pub async fn force_stop(&self) -> Vec<Error> {
        self.give_up_start();
        // Not waiting for the slot: an orderly stop under way is what this may have to cut short.
        let Some(connection) = lock(&self.shared.current).clone() else { return Vec::new() };
        let errors = connection.kill().await;
        self.stopped(&connection);
        if let Ok(mut slot) = self.shared.slot.try_lock() {
            *slot = None;
        }
        errors
    }

    fn give_up_start(&self) {
        let starting = std::mem::replace(&mut *lock(&self.shared.starting), CancellationToken::new());
        starting.cancel();
    }

    fn stopped(&self, connection: &Arc<Connection>) {
        let mut current = lock(&self.shared.current);
        if current.as_ref().is_some_and(|known| Arc::ptr_eq(known, connection)) {
            *current = None;
        }
        drop(current);
        self.shared.notices.state(ConnectionState::Disconnected);
    }
}

impl Connection {
    async fn stop(&self) -> Vec<Error> {
        let deadline = self.options().limits.stop_timeout;
        let mut errors = self.destroy_sessions(deadline).await;
        self.expect_end();
        if let Some(process) = &self.process {
            match self.peer.request::<Value>(methods::RUNTIME_SHUTDOWN, &json!({}), Some(deadline)).await {
                // One that is gone already has done what it was asked to.
                Err(error)
                    if !matches!(
                        error.kind(),
                        ErrorKind::RuntimeLost | ErrorKind::Closed | ErrorKind::MethodNotFound
                    ) =>
                {
                    errors.push(error);
                }
                _ => {}
            }
            // 1.0.57 goes on after the shutdown until its input ends [P].
            self.peer.close_output();
            let patience = PATIENCE.min(deadline);
            if process.wait(patience).await.is_none() {
                process.terminate();
                if process.wait(patience).await.is_none() {
                    let text = format!(
                        "the runtime (pid {}) did not end when asked to, and was killed",
                        process.pid()
                    );
                    errors.push(Error::new(ErrorKind::Timeout, text));
                }
            }
        }
        errors.extend(self.kill().await);
        errors
    }

    /// All sessions together, each within the deadline.
    async fn destroy_sessions(&self, deadline: Duration) -> Vec<Error> {
        let mut destroyed = JoinSet::new();
        let known = self.registry.all().into_iter().chain(self.registry.left());
        for core in known.filter(|core| !core.id().is_empty()) {
            let peer = self.peer.clone();
            destroyed.spawn(async move {
                // A handler that hangs must not hold up the end of its session.
                core.end_work();
                let params = json!({ "sessionId": core.id() });
                let outcome = peer.request::<Value>(methods::SESSION_DESTROY, &params, Some(deadline)).await;
                let outcome = match (outcome, core.flush_fs(deadline).await) {
                    (Ok(_), flushed) => flushed,
                    (Err(error), _) => Err(error),
                };
                outcome.err().map(|error| {
                    Error::new(error.kind(), format!("session `{}`: {}", core.id(), error.message()))
                })
            });
        }
        let mut errors = Vec::new();
        while let Some(outcome) = destroyed.join_next().await {
            match outcome {
                Ok(Some(error)) if error.kind() != ErrorKind::RuntimeLost => errors.push(error),
                Ok(_) => {}
                Err(panic) => errors.push(Error::new(ErrorKind::Internal, panic.to_string())),
            }
        }
        errors
    }

    async fn kill(&self) -> Vec<Error> {
        self.expect_end();
        self.peer.end(Error::new(ErrorKind::Closed, "the client was stopped"));
        self.registry.close();
        let Some(process) = &self.process else { return Vec::new() };
        process.kill();
        match process.wait(PATIENCE).await {
            Some(_) => Vec::new(),
            None => {
                let text = format!("the runtime (pid {}) could not be killed", process.pid());
                vec![Error::new(ErrorKind::Timeout, text)]
            }
        }
    }
}
