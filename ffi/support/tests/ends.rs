//! The end of callbacks: destroyed last, once, and where it is said (DESIGN I26).

mod foreign;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use codriver_ffi_support::{
    Callbacks, Client, Dispatch, ErrorKind, FsRequest, Operation, Request, Result, Session, Store, close,
};
use foreign::{PATIENCE, Told, connected, created, foreign};
use serde_json::json;

#[test]
fn i26_callbacks_of_a_client_that_cannot_be_made_are_destroyed_by_the_call_itself() {
    let fs = json!({ "sessionFs": { "initialCwd": "/a", "statePath": "/s", "store": u64::MAX } }).to_string();
    let refused = [
        "{",
        r#"{"unknown":1}"#,
        r#"{"threads":0}"#,
        r#"{"transport":{"kind":"external","host":"","port":1}}"#,
        fs.as_str(),
    ];
    for (options, dispatch) in refused
        .into_iter()
        .flat_map(|text| [Dispatch::Thread, Dispatch::Wait].map(|dispatch| (text, dispatch)))
    {
        let (callbacks, ear) = foreign();
        Client::new(options, Box::new(callbacks), dispatch).unwrap_err();
        let (told, on) = ear.now().expect("it is told before the call returns");
        assert!(matches!(told, Told::Destroyed), "{options}: {told:?}");
        assert_eq!(Some(on.as_str()), thread::current().name(), "{options}");
        assert!(ear.now().is_none(), "{options}: once");
    }
}

#[test]
fn i26_an_operation_that_begins_after_the_end_is_refused_and_tells_nobody() {
    let (client, ear) = connected(&json!({}));
    let session = created(client, json!({}));
    let store = Store::open("memory:").unwrap();
    let late: Vec<Operation> = vec![
        client.ping(None).unwrap(),
        session.send(r#"{"prompt":"late"}"#).unwrap(),
        Session::new(client, "").unwrap().create().unwrap(),
        store.list_sessions("").unwrap(),
    ];
    close(client.0).unwrap();
    close(store.0).unwrap();
    ear.end();
    for operation in late {
        let told = Arc::new(AtomicUsize::new(0));
        let own = told.clone();
        let complete = move |_| {
            own.fetch_add(1, SeqCst);
        };
        let begun = operation.start(Some(Box::new(complete)));
        assert_eq!(begun.unwrap_err().kind(), ErrorKind::BadHandle);
        assert_eq!(Arc::strong_count(&told), 1, "the completion is given up at once");
        assert_eq!(told.load(SeqCst), 0);
    }
}

/// Foreign code that knows whether it was destroyed, and what was wrong with when and where it was called.
#[derive(Default)]
struct Watched {
    destroyed: AtomicBool,
    completed: AtomicUsize,
    wrong: AtomicUsize,
}

impl Watched {
    fn called(&self) {
        let right = !self.destroyed.load(SeqCst) && thread::current().name() == Some("codriver-callbacks");
        self.wrong.fetch_add(usize::from(!right), SeqCst);
    }
}

struct Watching(Arc<Watched>);

impl Callbacks for Watching {
    fn wake(&self, _: u64) {
        self.0.called();
    }

    fn request(&self, _: Request) {
        self.0.called();
    }

    fn fs_request(&self, _: FsRequest) {
        self.0.called();
    }

    fn cancel(&self, _: u64) {
        self.0.called();
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.called();
        self.0.destroyed.store(true, SeqCst);
    }
}

/// Begins operations until they are refused; says how many began.
fn begin_until_closed(watched: &Arc<Watched>, operation: impl Fn() -> Result<Operation>) -> usize {
    for begun in 0.. {
        let own = watched.clone();
        let complete = move |_| {
            own.called();
            own.completed.fetch_add(1, SeqCst);
        };
        if let Err(error) = operation().and_then(|operation| operation.start(Some(Box::new(complete)))) {
            assert_eq!(error.kind(), ErrorKind::BadHandle, "{error}");
            return begun;
        }
    }
    unreachable!("it is closed at some time")
}

#[test]
fn i26_every_operation_is_completed_before_the_end_however_it_meets_the_close() {
    for round in 0..200 {
        let watched = Arc::new(Watched::default());
        let client = Client::new("", Box::new(Watching(watched.clone())), Dispatch::Thread).unwrap();
        let begun: usize = thread::scope(|scope| {
            let beginners =
                [0, 1].map(|_| scope.spawn(|| begin_until_closed(&watched, || client.ping(None))));
            thread::sleep(Duration::from_micros(round * 5));
            close(client.0).unwrap();
            beginners.map(|beginner| beginner.join().unwrap()).into_iter().sum()
        });
        let deadline = Instant::now() + PATIENCE;
        while !watched.destroyed.load(SeqCst) {
            assert!(Instant::now() < deadline, "it ends");
            thread::sleep(Duration::from_micros(50));
        }
        assert_eq!(watched.completed.load(SeqCst), begun, "all that began is over at the end");
        assert_eq!(watched.wrong.load(SeqCst), 0, "after the end, or on another thread");
    }
}

#[test]
fn i26_a_store_completes_on_a_thread_of_its_own_and_refuses_what_meets_its_close() {
    for round in 0..100 {
        let watched = Arc::new(Watched::default());
        let store = Store::open("memory:").unwrap();
        let begun = thread::scope(|scope| {
            let beginner = scope.spawn(|| begin_until_closed(&watched, || store.list_sessions("")));
            thread::sleep(Duration::from_micros(round * 5));
            close(store.0).unwrap();
            beginner.join().unwrap()
        });
        let deadline = Instant::now() + PATIENCE;
        while watched.completed.load(SeqCst) < begun {
            assert!(Instant::now() < deadline, "each is completed");
            thread::sleep(Duration::from_micros(50));
        }
        assert_eq!((watched.completed.load(SeqCst), watched.wrong.load(SeqCst)), (begun, 0));
    }
}
