//! What there is once a process: the ids, what is behind them, the runtime. A forked child has its own (DESIGN I28).
//!
//! The parent's is never locked, dropped or joined in a child: its locks may be held by threads that are not there, its
//! runtime has none, and dropping a client would end a program that is the parent's.

use std::collections::HashMap;
use std::sync::atomic::{
    AtomicU64,
    Ordering::{Acquire, Relaxed},
};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use codriver::{Error, ErrorKind, Result};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::calls::Answerable;
use crate::client::ClientState;
use crate::error::invalid;
use crate::operation::OperationState;
use crate::session::SessionState;
use crate::sigpipe;
use crate::store::StoreState;
use crate::stream::StreamState;

/// More threads bring nothing: one reads for each client, and what handlers do is done elsewhere.
const MAX_DEFAULT_THREADS: usize = 4;

pub(crate) struct Process {
    pid: u32,
    /// Ids below it are of a process this one was forked from.
    first_id: u64,
    next_id: AtomicU64,
    objects: Mutex<HashMap<u64, Object>>,
    runtime: Mutex<Option<Runtime>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Ends of clients and stores that are under way.
    pub(crate) closing: AtomicU64,
    /// What a child has in its place. Processes are only ever added: the last one is this process's.
    child: OnceLock<Box<Process>>,
}

/// What an id stands for.
#[derive(Clone)]
pub(crate) enum Object {
    Client(Arc<ClientState>),
    Session(Arc<SessionState>),
    Stream(Arc<StreamState>),
    Store(Arc<StoreState>),
    Operation(Arc<OperationState>),
    Call(Arc<dyn Answerable>),
}

impl Object {
    fn noun(&self) -> &'static str {
        match self {
            Object::Client(_) => "client",
            Object::Session(_) => "session",
            Object::Stream(_) => "stream",
            Object::Store(_) => "store",
            Object::Operation(_) => "operation",
            Object::Call(_) => "call",
        }
    }

    /// The client or store whose end is its end.
    fn owner(&self) -> Option<u64> {
        match self {
            Object::Session(session) => Some(session.client.id),
            Object::Stream(stream) => Some(stream.owner),
            Object::Operation(operation) => Some(operation.owner),
            Object::Call(call) => Some(call.owner()),
            Object::Client(_) | Object::Store(_) => None,
        }
    }
}

macro_rules! find_as {
    ($($name:ident: $variant:ident($state:ty);)*) => {
        impl Process {
            $(pub(crate) fn $name(&self, id: u64) -> Result<Arc<$state>> {
                match self.find(id)? {
                    Object::$variant(state) => Ok(state),
                    other => Err(Error::new(
                        ErrorKind::BadHandle,
                        format!("{id} is a {}, not a {}", other.noun(), stringify!($name)),
                    )),
                }
            })*
        }
    };
}

find_as! {
    client: Client(ClientState);
    session: Session(SessionState);
    store: Store(StoreState);
    operation: Operation(OperationState);
    call: Call(dyn Answerable);
}

impl Process {
    fn new(pid: u32, first_id: u64) -> Self {
        Process {
            pid,
            first_id,
            next_id: AtomicU64::new(first_id),
            objects: Mutex::default(),
            runtime: Mutex::default(),
            threads: Mutex::default(),
            closing: AtomicU64::new(0),
            child: OnceLock::new(),
        }
    }

    /// This process's.
    pub(crate) fn current() -> &'static Process {
        static FIRST: OnceLock<Process> = OnceLock::new();
        let pid = std::process::id();
        let mut last = FIRST.get_or_init(|| Process::new(pid, 1));
        while let Some(child) = last.child.get() {
            last = child;
        }
        if last.pid == pid {
            return last;
        }
        let first_id = last.next_id.load(Relaxed);
        last.child.get_or_init(|| Box::new(Process::new(pid, first_id)))
    }

    /// A new id, never used before or after.
    pub(crate) fn new_id(&self) -> u64 {
        self.next_id.fetch_add(1, Relaxed)
    }

    pub(crate) fn insert(&self, id: u64, object: Object) {
        self.objects().insert(id, object);
    }

    pub(crate) fn remove(&self, id: u64) -> Option<Object> {
        self.objects().remove(&id)
    }

    #[cfg(feature = "test-hooks")]
    pub(crate) fn count(&self) -> usize {
        self.objects().len()
    }

    /// # Errors
    /// `FORKED` for an id of the parent, `BAD_HANDLE` for one that stands for nothing (any more).
    pub(crate) fn find(&self, id: u64) -> Result<Object> {
        if id != 0 && id < self.first_id {
            let text = "it was made before this process was forked; make a new client here";
            return Err(Error::new(ErrorKind::Forked, text));
        }
        let found = self.objects().get(&id).cloned();
        found.ok_or_else(|| {
            Error::new(
                ErrorKind::BadHandle,
                format!("{id} stands for nothing: it was closed, answered, or never was"),
            )
        })
    }

    /// Takes out what belongs to a client or store.
    pub(crate) fn remove_owned_by(&self, owner: u64) -> Vec<Object> {
        let mut objects = self.objects();
        objects.extract_if(|_, object| object.owner() == Some(owner)).map(|(_, object)| object).collect()
    }

    /// The runtime, made with the first call; `threads` counts only then.
    pub(crate) fn runtime(&self, threads: Option<usize>) -> Result<Handle> {
        let mut runtime = lock(&self.runtime);
        if let Some(runtime) = &*runtime {
            return Ok(runtime.handle().clone());
        }
        let default =
            || std::thread::available_parallelism().map_or(1, usize::from).clamp(1, MAX_DEFAULT_THREADS);
        let made = Builder::new_multi_thread()
            .worker_threads(threads.unwrap_or_else(default).max(1))
            .thread_name("codriver-worker")
            .on_thread_start(sigpipe::block)
            .enable_all()
            .build();
        let made =
            made.map_err(|error| Error::new(ErrorKind::Internal, format!("no thread can be had: {error}")))?;
        let handle = made.handle().clone();
        *runtime = Some(made);
        Ok(handle)
    }

    pub(crate) fn spawn_thread(&self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
        let spawned = std::thread::Builder::new().name(name.to_owned()).spawn(work);
        let handle = spawned
            .map_err(|error| Error::new(ErrorKind::Internal, format!("no thread can be had: {error}")))?;
        let mut threads = lock(&self.threads);
        threads.retain(|thread| !thread.is_finished());
        threads.push(handle);
        Ok(())
    }

    fn objects(&self) -> MutexGuard<'_, HashMap<u64, Object>> {
        lock(&self.objects)
    }
}

/// Gives an id back: a client (its runtime is killed if it was not stopped), a session (it ends here, the runtime keeps
/// it), a stream or a store. Returns at once; the client's callbacks are destroyed when all is over.
///
/// # Errors
/// `BAD_HANDLE`, `FORKED`.
pub fn close(id: u64) -> Result<()> {
    let process = Process::current();
    match process.find(id)? {
        Object::Client(client) => client.close(),
        Object::Session(session) => session.close(),
        Object::Stream(stream) => stream.close(),
        Object::Store(store) => store.close(),
        Object::Operation(_) | Object::Call(_) => {
            return Err(invalid(format!("{id} is no client, session, stream or store")));
        }
    }
    Ok(())
}

/// Closes whatever is open, then ends the runtime and all threads of Codriver, within `timeout`. What a program may do
/// before it ends, for tools that count leaks; a client made later makes a new runtime.
///
/// # Errors
/// `WOULD_DEADLOCK` within a callback; `TIMEOUT` where a thread did not end: a callback has not returned.
pub fn shutdown(timeout: Duration) -> Result<()> {
    if crate::dispatcher::calls_back() {
        return Err(Error::new(ErrorKind::WouldDeadlock, "a callback cannot wait for its own end"));
    }
    let process = Process::current();
    let deadline = Instant::now() + timeout;
    let open: Vec<u64> = (process.objects().iter())
        .filter(|(_, object)| object.owner().is_none())
        .map(|(id, _)| *id)
        .collect();
    for id in open {
        // One that is closed meanwhile by somebody else is closed.
        let _ = close(id);
    }
    let threads = std::mem::take(&mut *lock(&process.threads));
    while process.closing.load(Acquire) > 0 || threads.iter().any(|thread| !thread.is_finished()) {
        if Instant::now() >= deadline {
            lock(&process.threads).extend(threads);
            return Err(Error::new(ErrorKind::Timeout, "a callback of a client has not returned"));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    for thread in threads {
        let _ = thread.join();
    }
    let runtime = lock(&process.runtime).take();
    if let Some(runtime) = runtime {
        runtime.shutdown_timeout(deadline.saturating_duration_since(Instant::now()));
    }
    Ok(())
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    // A test cannot fork without `unsafe`; `tests/c/fork.c` and Python's `test_fork.py` do, and ask every kind of id.
    #[test]
    fn i28_an_id_from_before_the_fork_answers_forked_and_others_do_not() {
        let parent = Process::new(1, 1);
        let (first, last) = (parent.new_id(), parent.new_id());
        let child = Process::new(2, parent.next_id.load(Relaxed));
        let kind = |process: &Process, id| process.find(id).err().map(|error| error.kind());
        assert_eq!(kind(&parent, first), Some(ErrorKind::BadHandle), "nothing is behind it");
        for id in [first, last] {
            assert_eq!(kind(&child, id), Some(ErrorKind::Forked));
        }
        assert_eq!(child.client(first).err().map(|error| error.kind()), Some(ErrorKind::Forked));
        let own = child.new_id();
        assert_eq!(own, last + 1, "ids are not used again across a fork");
        for id in [0, own, u64::MAX] {
            assert_eq!(kind(&child, id), Some(ErrorKind::BadHandle));
        }
    }
}
