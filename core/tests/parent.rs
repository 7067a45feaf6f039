//! `join_session`: this process as a runtime's extension, over its own standard streams. Run without libtest, whose own
//! output would be in the way: the test starts itself again as the extension.

#![allow(clippy::print_stdout, reason = "the summary line of a test without libtest")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use codriver::options::Transport;
use codriver::{Client, ClientOptions, SessionConfig};
use serde_json::{Value, json};

fn main() {
    if std::env::var_os("SESSION_ID").is_some() {
        return extension();
    }
    an_extension_joins_over_its_own_streams_writes_nothing_but_frames_and_can_exit_while_its_parent_lives();
    println!("test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
}

/// What an extension does: joins, sends, ends.
fn extension() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = Client::start(ClientOptions::new().transport(Transport::Parent)).await.unwrap();
        let session = client.join_session(SessionConfig::new()).await.unwrap();
        session.send("from the extension").await.unwrap();
        assert!(client.stop().await.is_empty());
    });
}

fn an_extension_joins_over_its_own_streams_writes_nothing_but_frames_and_can_exit_while_its_parent_lives() {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env("SESSION_ID", "s1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let connect = expect(&mut output, "connect");
    reply(&mut input, &connect, json!({"protocolVersion": 3}));
    let resume = expect(&mut output, "session.resume");
    assert_eq!(resume["params"]["sessionId"], "s1");
    assert_eq!(resume["params"]["disableResume"], true);
    reply(&mut input, &resume, json!({"sessionId": "s1"}));
    let send = expect(&mut output, "session.send");
    assert_eq!(send["params"]["prompt"], "from the extension");
    reply(&mut input, &send, json!({"messageId": "m"}));
    let destroy = expect(&mut output, "session.destroy");
    reply(&mut input, &destroy, json!({"success": true}));
    // Our end of its input stays open: it must be able to exit all the same.
    assert!(ends(&mut child, Duration::from_secs(10)), "the extension did not exit");
    let mut rest = Vec::new();
    output.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
    drop(input);
}

fn expect(output: &mut BufReader<ChildStdout>, method: &str) -> Value {
    let (mut header, mut blank) = (String::new(), String::new());
    output.read_line(&mut header).unwrap();
    output.read_line(&mut blank).unwrap();
    let length = header.trim().strip_prefix("Content-Length: ").expect("nothing but frames").parse().unwrap();
    let mut body = vec![0; length];
    output.read_exact(&mut body).unwrap();
    let message: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(message["method"], method, "{message}");
    message
}

fn reply(input: &mut ChildStdin, call: &Value, result: Value) {
    let body = json!({"jsonrpc": "2.0", "id": call["id"], "result": result}).to_string();
    write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    input.flush().unwrap();
}

fn ends(child: &mut Child, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    false
}
