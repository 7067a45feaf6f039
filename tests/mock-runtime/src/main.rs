//! The executable: finds its script, opens its transport, plays, and serves until the client leaves.
#![forbid(unsafe_code)]

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use mock_runtime::builtin::{Builtin, Settings};
use mock_runtime::firehose::{self, Burst};
use mock_runtime::output::Sink;
use mock_runtime::pattern::{self, Captures};
use mock_runtime::peer::{Inbound, Peer};
use mock_runtime::player::{Outcome, Player};
use mock_runtime::report::Report;
use mock_runtime::script::{Auto, Script};

const AGAINST_THE_SCRIPT: i32 = 70;
const NOBODY_CAME: Duration = Duration::from_secs(60);
const PIPE_BYTES: usize = 1 << 20;

fn main() {
    if let Err(error) = run() {
        let _ = writeln!(io::stderr(), "mock-runtime: {error}");
        process::exit(AGAINST_THE_SCRIPT);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let firehose = burst()?;
    if env::var("MOCK_RUNTIME_MODE").is_ok_and(|mode| mode == "measure") {
        let burst = firehose.unwrap_or_else(million);
        return Ok(firehose::pour_plain(&burst, &mut own_stdout()?)?);
    }
    let place = env::var_os("MOCK_RUNTIME_REPORT").map(PathBuf::from);
    let number = place.as_deref().map_or(Ok(0), |path| Report::register(path, "runtime", process::id()))?;
    let report = Report::new(place.as_deref().map(|path| Report::path_of_run(path, number)));
    let script = script(number).inspect_err(|error| report.fail(error))?;
    let (source, sink) = open()?;
    let peer = Arc::new(Peer::new(sink, report));
    let token = env::var("COPILOT_CONNECTION_TOKEN").ok().filter(|_| port().is_some());
    let builtin = Arc::new(Builtin::new(Arc::clone(&peer), Settings { token, firehose }));
    {
        let (peer, router) = (Arc::clone(&peer), Router::new(&script, &peer, &builtin));
        thread::Builder::new().name("mock-reader".to_owned()).spawn(move || {
            peer.read_all(BufReader::with_capacity(PIPE_BYTES, source), |m| router.route(m))
        })?;
    }
    let child_started = move |pid| {
        if let Some(path) = &place {
            let _ = Report::register(path, "child", pid);
        }
    };
    end(&peer, Player::new(Arc::clone(&peer), builtin, Box::new(child_started)).play(&script))
}

/// Ends the process as the play came out; after a script that simply ended, when the client has left.
fn end(peer: &Peer, played: Result<Outcome, String>) -> ! {
    match played {
        Ok(Outcome::Exit(code)) => {
            peer.report.succeed();
            process::exit(code)
        }
        Ok(Outcome::KillSelf) => {
            peer.report.succeed();
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
        Ok(Outcome::Done) => {
            peer.report.succeed();
            peer.wait_closed();
            let left = peer.left_over();
            if !left.is_empty() {
                peer.report.fail(&format!("no step took these: {}", left.join("; ")));
            }
        }
        Err(failure) => peer.report.fail(&failure),
    }
    process::exit(if peer.report.is_clean() { 0 } else { AGAINST_THE_SCRIPT })
}

/// Decides for every message who gets it.
struct Router {
    script: Script,
    expected: Vec<String>,
    peer: Arc<Peer>,
    builtin: Arc<Builtin>,
}

impl Router {
    fn new(script: &Script, peer: &Arc<Peer>, builtin: &Arc<Builtin>) -> Self {
        let expected = script.expected_methods();
        Router { script: script.clone(), expected, peer: Arc::clone(peer), builtin: Arc::clone(builtin) }
    }

    fn route(&self, message: Inbound) -> Option<Inbound> {
        if self.script.ignore.contains(&message.method) {
            return None;
        }
        match self.script.auto.get(&message.method) {
            Some(Auto::Result(template)) => match pattern::fill(template, &parameters(&message)) {
                Ok(result) => self.peer.reply(&message.id, result),
                Err(error) => self.peer.report.fail(&format!("auto answer to {}: {error}", message.method)),
            },
            Some(Auto::Error(failure)) => self.peer.reply_error(&message.id, failure),
            None if self.expected.contains(&message.method) => return Some(message),
            _ if message.id.is_none() => {}
            _ => {
                if self.builtin.answer(message) {
                    self.peer.close_inbox();
                }
            }
        }
        None
    }
}

fn parameters(message: &Inbound) -> Captures {
    let mut captures = Captures::default();
    for (name, value) in message.params.as_object().into_iter().flatten() {
        captures.set(name, value.clone());
    }
    captures
}

fn script(run: usize) -> Result<Script, String> {
    let Ok(given) = env::var("MOCK_RUNTIME_SCRIPT") else { return Ok(Script::default()) };
    let text = if given.trim_start().starts_with(['{', '[']) {
        given
    } else {
        fs::read_to_string(Path::new(&given))
            .map_err(|e| format!("the script {given} cannot be read: {e}"))?
    };
    Script::parse(&text, run)
}

fn burst() -> Result<Option<Burst>, serde_json::Error> {
    match (env::var("MOCK_FIREHOSE"), env::var("MOCK_RUNTIME_MODE")) {
        (Ok(text), _) => serde_json::from_str(&text).map(Some),
        (_, Ok(mode)) if mode == "firehose" => Ok(Some(million())),
        _ => Ok(None),
    }
}

fn million() -> Burst {
    Burst { events: 1_000_000, bytes: 300, kind: "assistant.message_delta".to_owned(), ephemeral: None }
}

fn port() -> Option<u16> {
    let arguments: Vec<String> = env::args().collect();
    let after = arguments.iter().position(|a| a == "--port").and_then(|at| arguments.get(at + 1));
    after
        .or(arguments.iter().find(|a| a.starts_with("--port=")))
        .and_then(|p| p.trim_start_matches("--port=").parse().ok())
}

fn open() -> Result<(Box<dyn Read + Send>, Sink), Box<dyn Error>> {
    let Some(port) = port() else { return Ok((Box::new(io::stdin()), Box::new(own_stdout()?))) };
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    writeln!(io::stdout(), "CLI server listening on port {}", listener.local_addr()?.port())?;
    listener.set_nonblocking(true)?;
    let patience = Instant::now() + NOBODY_CAME;
    let stream = loop {
        match listener.accept() {
            Ok((stream, _)) => break stream,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < patience => {
                thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(format!("nobody connected: {error}").into()),
        }
    };
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    Ok((Box::new(stream.try_clone()?), Box::new(Closing(stream))))
}

/// Takes standard output away from everybody else, so that closing it closes it, and nothing strays into the frames.
fn own_stdout() -> io::Result<File> {
    let own = File::from(rustix::io::dup(rustix::stdio::stdout())?);
    rustix::stdio::dup2_stdout(File::options().write(true).open("/dev/null")?)?;
    #[cfg(target_os = "linux")]
    let _ = rustix::pipe::fcntl_setpipe_size(&own, PIPE_BYTES);
    Ok(own)
}

/// A socket that tells the other side when it is dropped, though a clone of it still reads.
struct Closing(std::net::TcpStream);

impl Write for Closing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        let _ = self.0.shutdown(std::net::Shutdown::Write);
    }
}
