//! The options that commands share: which runtime, and which model answers.

use std::env;
use std::path::PathBuf;

use clap::Args;
use codriver::options::{ProviderConfig, Secret};
use codriver::{Client, ClientOptions, Error, ErrorKind, Result, SessionConfig, find_runtime};

/// Which runtime, and where it keeps what it keeps.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RuntimeArgs {
    /// The runtime's program [default: $COPILOT_CLI_PATH, `copilot` on PATH, what `doctor --install` installed].
    #[arg(long, value_name = "FILE", help_heading = "Runtime")]
    pub(crate) cli_path: Option<PathBuf>,

    /// Where the runtime keeps sessions, login and settings [default: $COPILOT_HOME or ~/.copilot].
    #[arg(long, value_name = "DIR", help_heading = "Runtime")]
    pub(crate) base_directory: Option<PathBuf>,
}

/// A model provider of the user's own. Without one the login decides.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ProviderArgs {
    /// An OpenAI-style endpoint, e.g. http://127.0.0.1:11434/v1; needs no login.
    #[arg(long, value_name = "URL", help_heading = "Model")]
    #[arg(env = "CODRIVER_PROVIDER_URL", hide_env_values = true)]
    provider_url: Option<String>,

    /// The model's name.
    #[arg(long, value_name = "NAME", help_heading = "Model", env = "CODRIVER_MODEL")]
    model: Option<String>,

    /// The environment variable that has the provider's key; the key itself never goes on a command line.
    #[arg(long, value_name = "VARIABLE", help_heading = "Model")]
    #[arg(env = "CODRIVER_API_KEY_ENV", hide_env_values = true)]
    api_key_env: Option<String>,
}

/// Which model answers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) provider: Option<ProviderConfig>,
    pub(crate) name: Option<String>,
    key_variable: Option<String>,
}

impl RuntimeArgs {
    /// A client of that runtime. The provider's key reaches the runtime with the session, not by its environment, where the
    /// model's shell commands could read it.
    pub(crate) fn client_options(&self, model: &Model) -> ClientOptions {
        let mut options = ClientOptions::new().client_info("codriver-cli", env!("CARGO_PKG_VERSION"));
        options.cli_path = self.cli_path.clone();
        options.base_directory = self.base_directory.clone();
        options.env_remove(model.key_variable.clone())
    }
}

impl ProviderArgs {
    /// Checks the options, and looks the key up.
    pub(crate) fn model(&self) -> Result<Model> {
        for (flag, value) in [("--provider-url", &self.provider_url), ("--model", &self.model)] {
            if value.as_ref().is_some_and(|value| value.trim().is_empty()) {
                return Err(refuse(
                    flag,
                    "must not be empty; leave it out (or its variable unset) to use the login",
                ));
            }
        }
        let key = self.api_key_env.as_deref().map(read_key).transpose()?;
        let Some(url) = &self.provider_url else {
            return match key {
                Some(_) => Err(refuse("--api-key-env", "is for a provider; give --provider-url too")),
                None => Ok(Model { name: self.model.clone(), ..Model::default() }),
            };
        };
        if self.model.is_none() {
            return Err(refuse("--model", "is missing; a provider of your own has to be told which model"));
        }
        let mut provider = ProviderConfig::new(url);
        provider.api_key = key;
        Ok(Model {
            provider: Some(provider),
            name: self.model.clone(),
            key_variable: self.api_key_env.clone(),
        })
    }
}

impl Model {
    /// A model of a provider that needs no key.
    pub(crate) fn of_provider(url: &str, name: &str) -> Self {
        Model { provider: Some(ProviderConfig::new(url)), name: Some(name.to_owned()), key_variable: None }
    }

    /// Makes the session use it.
    pub(crate) fn apply(&self, mut config: SessionConfig) -> SessionConfig {
        config.provider = self.provider.clone();
        config.model = self.name.clone();
        config
    }

    /// Whether there can be an answer: a provider, or somebody who is logged in.
    pub(crate) async fn check(&self, client: &Client, options: &ClientOptions) -> Result<()> {
        if self.provider.is_some() || client.get_auth_status().await?.is_authenticated {
            return Ok(());
        }
        Err(nobody_answers(options))
    }
}

/// There is neither a login nor a provider.
pub(crate) fn nobody_answers(options: &ClientOptions) -> Error {
    let program = match find_runtime(options) {
        Ok(found) if found.origin != "PATH" => {
            let words = std::iter::once(found.program.display().to_string());
            let script = found.prefix_args.iter().map(|arg| arg.to_string_lossy().into_owned());
            words.chain(script).collect::<Vec<_>>().join(" ")
        }
        _ => "copilot".to_owned(),
    };
    let text = format!(
        "nobody is logged in: run `{program} login` (or set GH_TOKEN), or give a provider of your own with \
         --provider-url and --model"
    );
    Error::new(ErrorKind::AuthenticationRequired, text)
}

/// The key in the variable of that name. Who mistakes the option and gives the key itself must not see it in an error.
fn read_key(variable: &str) -> Result<Secret> {
    let letters = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let name = match variable.chars().all(letters) && !variable.is_empty() {
        true => format!("`{variable}`"),
        false => "the variable you named".to_owned(),
    };
    match env::var(variable) {
        Ok(key) if !key.trim().is_empty() => Ok(Secret::new(key)),
        _ => Err(refuse(
            "--api-key-env",
            &format!("{name} is not set; give the name of a variable, not the key itself"),
        )),
    }
}

fn refuse(flag: &str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidConfig, format!("{flag}: {why}"))
}

/// The library names its options; who typed a command line knows flags.
pub(crate) fn name_the_flag(error: Error) -> Error {
    const FLAGS: [(&str, &str); 8] = [
        ("the option cliPath", "--cli-path"),
        ("the store URL", "--store"),
        ("new_id:", "the new id:"),
        ("provider.baseUrl:", "--provider-url:"),
        ("provider.apiKey:", "--api-key-env:"),
        ("model:", "--model:"),
        ("baseDirectory:", "--base-directory:"),
        ("session_id:", "the session's id:"),
    ];
    let message = error.message();
    let named = FLAGS.iter().find_map(|(field, flag)| {
        let rest = message.strip_prefix(field);
        rest.map(|rest| format!("{flag}{rest}")).or_else(|| {
            let inside = *flag == "--cli-path" && message.contains(field);
            inside.then(|| message.replace(field, flag))
        })
    });
    match named {
        Some(text) => Error::new(error.kind(), text),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_given_in_place_of_its_variable_is_not_shown() {
        for key in ["sk-live-1234", "abcDEF123", ""] {
            let args = ProviderArgs { api_key_env: Some(key.into()), ..ProviderArgs::default() };
            let error = args.model().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig);
            assert!(key.is_empty() || !error.to_string().contains(key), "{error}");
        }
    }

    #[test]
    fn half_a_provider_is_refused_by_the_flag_that_is_missing() {
        let args = |url: Option<&str>, model: Option<&str>| ProviderArgs {
            provider_url: url.map(str::to_owned),
            model: model.map(str::to_owned),
            api_key_env: None,
        };
        let message = |args: ProviderArgs| args.model().unwrap_err().message().to_owned();
        assert!(message(args(Some("http://x/v1"), None)).starts_with("--model: is missing"));
        assert!(message(args(Some(" "), Some("m"))).starts_with("--provider-url: must not be empty"));
        assert!(message(args(None, Some(""))).starts_with("--model: must not be empty"));
        let model = args(None, Some("m")).model().unwrap();
        assert_eq!((model.provider, model.name.as_deref()), (None, Some("m")));
    }

    #[test]
    fn errors_of_the_library_speak_of_flags() {
        let named =
            |message: &str| name_the_flag(Error::new(ErrorKind::InvalidConfig, message)).message().to_owned();
        assert_eq!(named("provider.baseUrl: must be a URL"), "--provider-url: must be a URL");
        assert_eq!(named("the option cliPath: /x does not exist"), "--cli-path: /x does not exist");
        assert_eq!(named("set X, or give the option cliPath. Tried"), "set X, or give --cli-path. Tried");
        assert_eq!(named("something else"), "something else");
    }
}
