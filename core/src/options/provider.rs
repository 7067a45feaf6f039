//! Model providers of one's own ("bring your own key").

use std::collections::{BTreeMap, BTreeSet};

use super::choice::choices;
use super::invalid::{http_url, invalid, required, unique};
use super::model::ModelCapabilities;
use super::record::record;
use super::secret::Secret;
use crate::error::Result;

choices! {
    /// The protocol family of a provider.
    pub enum ProviderType {
        /// OpenAI and whatever speaks like it; the runtime's default.
        OpenAi = "openai",
        /// Azure OpenAI.
        Azure = "azure",
        /// Anthropic.
        Anthropic = "anthropic",
    }
    /// The API that an OpenAI-like provider is asked by.
    pub enum WireApi {
        /// Chat completions; the runtime's default.
        Completions = "completions",
        /// Responses.
        Responses = "responses",
    }
    /// What carries the requests to a provider.
    pub enum ProviderTransport {
        /// HTTP with server-sent events; the runtime's default.
        Http = "http",
        /// WebSockets.
        WebSockets = "websockets",
    }
}

record! {
    /// What only Azure needs (wire: `azure`).
    pub struct AzureOptions {
        /// API version; without it the runtime takes the versionless route.
        into api_version: String;
    }

    /// The model provider of a session (wire: `provider`). The runtime never stores keys: give them again on resume.
    ///
    /// Where several credentials are given, `on_provider_token` wins over `bearer_token`, and that over `api_key`.
    pub struct ProviderConfig new(
        /// Endpoint, an absolute `http` or `https` URL, e.g. `http://127.0.0.1:11434/v1`.
        base_url: String,
    ) {
        /// Protocol family; the runtime's default is `openai`.
        #[serde(rename = "type")]
        into provider_type: ProviderType;
        /// API of an OpenAI-like endpoint; the runtime's default is `completions`.
        into wire_api: WireApi;
        /// What carries the requests; the runtime's default is `http`. `websockets` needs OpenAI's `responses`.
        into transport: ProviderTransport;
        /// Key; a local endpoint may need none.
        into api_key: Secret;
        /// Bearer token, sent as `Authorization`; wins over `api_key`.
        into bearer_token: Secret;
        /// What only Azure needs.
        is azure: AzureOptions;
        /// Headers of every request to the provider.
        is headers: BTreeMap<String, Secret>;
        /// Well-known model id from which capabilities and token limits are taken.
        into model_id: String;
        /// Model name that the provider is asked for, where it differs from `model`.
        into wire_model: String;
        /// Most tokens in a prompt.
        is max_prompt_tokens: u64;
        /// Most tokens in an answer.
        is max_output_tokens: u64;
        /// Whether the runtime asks for a bearer token before each request; set by `on_provider_token`.
        is has_bearer_token_provider: bool;
    }

    /// A named provider beside the built-in one (wire: an element of `providers`).
    pub struct NamedProvider new(
        /// Name, unique in the session; it qualifies the models: `name/model`.
        name: String,
        /// Endpoint, an absolute `http` or `https` URL.
        base_url: String,
    ) {
        /// Protocol family; the runtime's default is `openai`.
        #[serde(rename = "type")]
        into provider_type: ProviderType;
        /// API of an OpenAI-like endpoint; the runtime's default is `completions`.
        into wire_api: WireApi;
        /// What carries the requests; the runtime's default is `http`. `websockets` needs OpenAI's `responses`.
        into transport: ProviderTransport;
        /// Key; a local endpoint may need none.
        into api_key: Secret;
        /// Bearer token, sent as `Authorization`; wins over `api_key`.
        into bearer_token: Secret;
        /// What only Azure needs.
        is azure: AzureOptions;
        /// Headers of every request to the provider.
        is headers: BTreeMap<String, Secret>;
        /// Whether the runtime asks for a bearer token before each request; set by `on_provider_token` where no
        /// other credential is given.
        is has_bearer_token_provider: bool;
    }

    /// A model of a named provider (wire: an element of `models`); selected as `provider/id`.
    pub struct ProviderModel new(
        /// Id, unique in its provider.
        id: String,
        /// The provider's name, one of `providers`.
        provider: String,
    ) {
        /// Model name that the provider is asked for; default: the id.
        into wire_model: String;
        /// Well-known model id from which behaviour and limits are taken; default: the id.
        into model_id: String;
        /// Name for people; default: `provider/id`.
        into name: String;
        /// Most tokens in a prompt.
        is max_prompt_tokens: u64;
        /// Most tokens in prompt and answer together.
        is max_context_window_tokens: u64;
        /// Most tokens in an answer.
        is max_output_tokens: u64;
        /// What the runtime should believe of the model.
        is capabilities: ModelCapabilities;
    }
}

impl ProviderConfig {
    pub(super) fn check(&self, at: &str) -> Result<()> {
        check_endpoint(at, &self.base_url, &self.provider_type, &self.wire_api, self.azure.is_some())?;
        check_transport(at, &self.transport, &self.provider_type, &self.wire_api)?;
        check_credentials(at, self.api_key.as_ref(), self.bearer_token.as_ref(), self.headers.as_ref())?;
        check_tokens(
            at,
            [("maxPromptTokens", self.max_prompt_tokens), ("maxOutputTokens", self.max_output_tokens)],
        )
    }
}

impl NamedProvider {
    fn check(&self, at: &str) -> Result<()> {
        if self.name.contains('/') {
            return Err(invalid(
                format!("{at}.name"),
                "must not contain `/`; it separates provider and model in `provider/model`",
            ));
        }
        check_endpoint(at, &self.base_url, &self.provider_type, &self.wire_api, self.azure.is_some())?;
        check_transport(at, &self.transport, &self.provider_type, &self.wire_api)?;
        check_credentials(at, self.api_key.as_ref(), self.bearer_token.as_ref(), self.headers.as_ref())
    }

    /// Whether it has a credential that needs no asking.
    pub(super) fn has_static_credential(&self) -> bool {
        self.api_key.is_some() || self.bearer_token.is_some()
    }
}

pub(super) fn check_providers(providers: &[NamedProvider]) -> Result<()> {
    unique("providers", "name", providers.iter().map(|p| p.name.as_str()), "provider")?;
    providers.iter().enumerate().try_for_each(|(i, provider)| provider.check(&format!("providers[{i}]")))
}

pub(super) fn check_models(models: &[ProviderModel], providers: &[NamedProvider]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for (i, model) in models.iter().enumerate() {
        let at = format!("models[{i}]");
        required(&format!("{at}.id"), &model.id, "the model's id")?;
        if !providers.iter().any(|p| p.name == model.provider) {
            return Err(invalid(
                format!("{at}.provider"),
                format!("no entry of `providers` is named `{}`; add it there", model.provider),
            ));
        }
        if !seen.insert((&model.provider, &model.id)) {
            return Err(invalid(
                format!("{at}.id"),
                format!("the model `{}/{}` is there twice; remove one", model.provider, model.id),
            ));
        }
        check_tokens(
            &at,
            [
                ("maxPromptTokens", model.max_prompt_tokens),
                ("maxContextWindowTokens", model.max_context_window_tokens),
                ("maxOutputTokens", model.max_output_tokens),
            ],
        )?;
    }
    Ok(())
}

fn check_endpoint(
    at: &str,
    base_url: &str,
    provider_type: &Option<ProviderType>,
    wire_api: &Option<WireApi>,
    has_azure: bool,
) -> Result<()> {
    required(&format!("{at}.baseUrl"), base_url, "the endpoint's URL")?;
    http_url(&format!("{at}.baseUrl"), base_url)?;
    if has_azure && matches!(provider_type, None | Some(ProviderType::OpenAi | ProviderType::Anthropic)) {
        return Err(invalid(format!("{at}.azure"), "is only for `type: azure`; set the type or remove it"));
    }
    if wire_api.is_some() && *provider_type == Some(ProviderType::Anthropic) {
        return Err(invalid(format!("{at}.wireApi"), "is not for `type: anthropic`; remove it"));
    }
    Ok(())
}

/// The runtime's own rule.
fn check_transport(
    at: &str,
    transport: &Option<ProviderTransport>,
    provider_type: &Option<ProviderType>,
    wire_api: &Option<WireApi>,
) -> Result<()> {
    let fits =
        matches!(provider_type, None | Some(ProviderType::OpenAi)) && *wire_api == Some(WireApi::Responses);
    if *transport == Some(ProviderTransport::WebSockets) && !fits {
        return Err(invalid(
            format!("{at}.transport"),
            "`websockets` needs `type: openai` and `wireApi: responses`",
        ));
    }
    Ok(())
}

fn check_credentials(
    at: &str,
    api_key: Option<&Secret>,
    bearer_token: Option<&Secret>,
    headers: Option<&BTreeMap<String, Secret>>,
) -> Result<()> {
    for (name, secret) in [("apiKey", api_key), ("bearerToken", bearer_token)] {
        if secret.is_some_and(Secret::is_blank) {
            return Err(invalid(
                format!("{at}.{name}"),
                "must not be empty; leave it out if the endpoint needs none (is an environment variable unset?)",
            ));
        }
    }
    check_headers(&format!("{at}.headers"), headers)
}

/// Refuses header names that are no HTTP tokens and values that would end the header line.
pub(super) fn check_headers(at: &str, headers: Option<&BTreeMap<String, Secret>>) -> Result<()> {
    for (name, value) in headers.into_iter().flatten() {
        let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(token) {
            return Err(invalid(at, format!("`{}` is not a header name", name.escape_debug())));
        }
        if value.expose().contains(['\r', '\n', '\0']) {
            return Err(invalid(format!("{at}.{name}"), "must be one line"));
        }
    }
    Ok(())
}

fn check_tokens<const N: usize>(at: &str, limits: [(&str, Option<u64>); N]) -> Result<()> {
    match limits.iter().find(|(_, limit)| *limit == Some(0)) {
        Some((name, _)) => {
            Err(invalid(format!("{at}.{name}"), "must be at least 1; leave it out for no limit"))
        }
        None => Ok(()),
    }
}
