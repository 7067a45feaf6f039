//! `codriver doctor`: is everything there for a conversation, and what to do if not.

mod store;

use std::net::{TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use codriver::protocol::results::AuthStatus;
use codriver::{Error, ErrorKind, Result, find_runtime};
use serde::Serialize;
use serde_json::Value;

use crate::install;
use crate::output::{Output, error_json, printable};
use crate::provider::{Model, ProviderArgs, RuntimeArgs, nobody_answers};
use crate::run::{cancellable, with_client};

const PATIENCE: Duration = Duration::from_secs(5);

/// Exit code 0 means that a conversation is possible: there is a runtime, and a login or a provider. With `--install` only
/// the runtime counts.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Install the runtime into your data directory, with your own npm, unless there is one already.
    #[arg(long)]
    install: bool,

    /// Install this version, also where there is a runtime already.
    #[arg(long, value_name = "VERSION", requires = "install")]
    version: Option<String>,

    #[command(flatten)]
    store: store::StoreArgs,

    #[command(flatten)]
    runtime: RuntimeArgs,

    #[command(flatten)]
    provider: ProviderArgs,
}

/// What was found. The shape of `--json`.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    ok: bool,
    codriver: &'static str,
    runtime: Option<RuntimeReport>,
    login: Option<AuthStatus>,
    provider: Option<ProviderReport>,
    problems: Vec<Value>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct RuntimeReport {
    path: PathBuf,
    /// How it was found.
    origin: &'static str,
    /// `None` where it does not start.
    version: Option<String>,
    protocol_version: Option<u64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProviderReport {
    url: String,
    /// `None` where a proxy stands between, through which only the runtime goes.
    reachable: Option<bool>,
}

pub(crate) async fn run(args: Args, out: Output) -> Result<ExitCode> {
    if let Some(url) = &args.store.store {
        return args.store.run(url, out).await;
    }
    if args.install {
        let options = args.runtime.client_options(&Model::default());
        cancellable(install::install(args.version.as_deref(), &options, out)).await?;
    }
    let model = args.provider.model()?;
    let mut report = Report { codriver: env!("CARGO_PKG_VERSION"), ..Report::default() };
    let mut problems = Vec::new();
    if let Err(error) = look_at_runtime(&args.runtime, &model, &mut report, out).await {
        if error.kind() == ErrorKind::Cancelled {
            return Err(error);
        }
        problems.push(error);
    }
    let ready = problems.is_empty();
    if let Some(provider) = &model.provider {
        let (reachable, problem) = look_at_provider(&provider.base_url).await;
        report.provider = Some(ProviderReport { url: without_credentials(&provider.base_url), reachable });
        problems.extend(problem);
    } else if report.login.as_ref().is_some_and(|login| !login.is_authenticated) {
        problems.push(nobody_answers(&args.runtime.client_options(&model)));
    }
    report.ok = problems.is_empty();
    report.problems = problems.iter().map(error_json).collect();
    out.json(serde_json::json!(report));
    show(&report, out);
    let good = if args.install { ready } else { report.ok };
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn look_at_runtime(args: &RuntimeArgs, model: &Model, report: &mut Report, out: Output) -> Result<()> {
    let options = args.client_options(model);
    let found = find_runtime(&options).map_err(crate::provider::name_the_flag)?;
    let runtime = report.runtime.insert(RuntimeReport {
        path: found.path,
        origin: found.origin,
        ..RuntimeReport::default()
    });
    let (info, login) =
        with_client(options, out, async |client| Ok((client.runtime(), client.get_auth_status().await?)))
            .await?;
    runtime.version = info.as_ref().map(|info| info.version.clone());
    runtime.protocol_version = info.as_ref().map(|info| info.protocol_version);
    report.login = Some(login);
    Ok(())
}

/// Whether something listens there. Says nothing about the key or the model.
async fn look_at_provider(url: &str) -> (Option<bool>, Option<Error>) {
    let Some((host, port)) = address(url) else {
        let text = "--provider-url: must be an absolute http:// or https:// URL";
        return (Some(false), Some(Error::new(ErrorKind::InvalidConfig, text)));
    };
    let local = host == "localhost" || host.starts_with("127.") || host == "::1";
    if !local
        && ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]
            .iter()
            .any(|p| std::env::var_os(p).is_some())
    {
        return (None, None);
    }
    let place = format!("{host} port {port}");
    let connect = move || {
        let mut last = std::io::ErrorKind::NotFound.into();
        for address in (host.as_str(), port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(_) => return Ok(()),
                Err(error) => last = error,
            }
        }
        Err(last)
    };
    let connected = tokio::task::spawn_blocking(connect).await;
    match connected.unwrap_or_else(|panic| Err(std::io::Error::other(panic))) {
        Ok(()) => (Some(true), None),
        Err(error) => {
            let text = format!(
                "the provider is not reachable at {place}: {error}; is it running, and --provider-url right?"
            );
            (Some(false), Some(Error::new(ErrorKind::ConnectFailed, text)))
        }
    }
}

/// Host and port of an http or https URL.
fn address(url: &str) -> Option<(String, u16)> {
    let (scheme, rest) = url.split_once("://")?;
    let default = match scheme.to_ascii_lowercase().as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let (host, port) = match place.strip_prefix('[') {
        Some(v6) => v6.split_once(']')?,
        None => place.split_at(place.find(':').unwrap_or(place.len())),
    };
    let port = match port.strip_prefix(':') {
        Some(port) => port.parse().ok()?,
        None if port.is_empty() => default,
        None => return None,
    };
    (!host.is_empty() && !host.contains(char::is_whitespace)).then(|| (host.to_owned(), port))
}

/// The URL as it may be shown: without what stands before an `@` and behind a `?`.
fn without_credentials(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
            format!("{scheme}://{place}{path}")
        }
        None => url.to_owned(),
    }
}

fn show(report: &Report, out: Output) {
    let (good, odd, bad) = (out.green("✔"), out.yellow("!"), out.red("✘"));
    out.line(format_args!("{good} codriver   {}", report.codriver));
    match &report.runtime {
        Some(RuntimeReport { path, origin, version, protocol_version }) => {
            let version = match (version, protocol_version) {
                (Some(version), Some(protocol)) => format!("{version}, protocol {protocol}"),
                _ => "does not start".to_owned(),
            };
            let mark = if version.starts_with("does") { &bad } else { &good };
            out.line(format_args!("{mark} runtime    {version}"));
            out.line(out.dim(format_args!("             {} (by {origin})", path.display())));
        }
        None => out.line(format_args!("{bad} runtime    not found")),
    }
    match &report.login {
        Some(login) if login.is_authenticated => {
            let who = login.login.as_deref().unwrap_or("somebody");
            let how = login.auth_type.as_deref().unwrap_or("a way of its own");
            let host = login.host.as_deref().unwrap_or("GitHub");
            out.line(format_args!(
                "{good} login      {} at {} (by {})",
                printable(who),
                printable(host),
                printable(how)
            ));
        }
        Some(_) if report.provider.is_some() => {
            out.line(format_args!("{good} login      nobody; a provider needs none"))
        }
        Some(_) => out.line(format_args!("{odd} login      nobody")),
        None => {}
    }
    if let Some(provider) = &report.provider {
        let (mark, state) = match provider.reachable {
            Some(true) => (&good, "reachable"),
            Some(false) => (&bad, "not reachable"),
            None => (&odd, "not checked, as there is a proxy"),
        };
        out.line(format_args!("{mark} provider   {} ({state})", printable(&provider.url)));
    }
    for problem in &report.problems {
        let text = |field: &str| problem[field].as_str().unwrap_or_default().to_owned();
        out.line(format_args!("\n{} ({}): {}", text("name"), problem["number"], printable(&text("message"))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_are_found_in_every_form_of_url() {
        let found = |url| address(url).map(|(host, port)| format!("{host} {port}"));
        assert_eq!(found("http://127.0.0.1:11434/v1").unwrap(), "127.0.0.1 11434");
        assert_eq!(found("HTTPS://user:pw@api.example.com/v1?x=1").unwrap(), "api.example.com 443");
        assert_eq!(found("http://[::1]:8080").unwrap(), "::1 8080");
        assert_eq!(found("http://localhost").unwrap(), "localhost 80");
        for bad in [
            "",
            "localhost:80",
            "ftp://x",
            "http://",
            "http://:80",
            "http://a:b",
            "http://[::1",
            "http://[::1]x",
        ] {
            assert_eq!(found(bad), None, "{bad}");
        }
    }

    #[test]
    fn credentials_in_a_url_are_not_shown() {
        assert_eq!(
            without_credentials("https://me:secret@example.com:1/v1?key=secret"),
            "https://example.com:1/v1"
        );
        assert_eq!(without_credentials("http://127.0.0.1:1/v1"), "http://127.0.0.1:1/v1");
        assert_eq!(without_credentials("nonsense?key=secret"), "nonsense");
    }
}
