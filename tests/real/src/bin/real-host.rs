//! A program that drives a runtime and is killed in the midst of it.
//!
//! Arguments: the runtime's program, its home, a working directory, the URL of a model. It lets a shell command run for
//! ever, prints the runtime's process id on a line of its own, and never ends.

use codriver::options::ProviderConfig;
use codriver::{Client, ClientOptions, PermissionDecision, Result, SessionConfig};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [program, home, work, model] = arguments.as_slice() else {
        panic!("usage: real-host PROGRAM HOME WORK MODEL_URL");
    };
    let options =
        ClientOptions::new().cli_path(program).base_directory(home).cwd(work).use_logged_in_user(false);
    let client = Client::start(options.env("NO_PROXY", "127.0.0.1")).await?;
    let config = SessionConfig::new()
        .model("stub")
        .provider(ProviderConfig::new(model).provider_type("openai").wire_api("completions").api_key("none"))
        .working_directory(work)
        .on_permission_request(async |_, _| Ok(PermissionDecision::approve_once()));
    let session = client.create_session(config).await?;
    session.send(r#"TOOL bash {"command": "sleep 1000", "description": "sleep"}"#).await?;
    let pid = client.runtime_pid().expect("a child");
    #[expect(
        clippy::print_stdout,
        reason = "this is what the program is for; the transport has pipes of its own"
    )]
    {
        println!("{pid}");
    }
    std::future::pending().await
}
