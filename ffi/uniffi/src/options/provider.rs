//! Models, and providers of one's own.

use std::collections::HashMap;

use super::record::records;
use super::text::Secret;

records! {
    /// Overrides of what the runtime knows of a model (wire: `modelCapabilities`), merged deeply over it.
    ModelCapabilities {
        needed {}
        maybe {
            /// What the model can.
            supports: ModelSupports,
            /// How much it takes and gives.
            limits: ModelLimits,
        }
    }

    /// What a model can (wire: `modelCapabilities.supports`).
    ModelSupports {
        needed {}
        maybe {
            /// Whether it sees images.
            vision: bool,
            /// Whether its reasoning effort can be set.
            reasoning_effort: bool,
        }
    }

    /// How much a model takes and gives (wire: `modelCapabilities.limits`; these names are snake_case there).
    ModelLimits {
        needed {}
        maybe {
            /// Most tokens in a prompt.
            max_prompt_tokens: u64 as "max_prompt_tokens",
            /// Most tokens in an answer.
            max_output_tokens: u64 as "max_output_tokens",
            /// Most tokens in prompt and answer together.
            max_context_window_tokens: u64 as "max_context_window_tokens",
            /// Limits of images.
            vision: VisionLimits,
        }
    }

    /// Limits of images (wire: `modelCapabilities.limits.vision`; these names are snake_case there).
    VisionLimits {
        needed {}
        maybe {
            /// MIME types the model takes.
            supported_media_types: Vec<String> as "supported_media_types",
            /// Most images in a prompt.
            max_prompt_images: u64 as "max_prompt_images",
            /// Most bytes of an image.
            max_prompt_image_size: u64 as "max_prompt_image_size",
        }
    }

    /// Options of the built-in Copilot provider (wire: `capi`).
    CapiOptions {
        needed {}
        maybe {
            /// What the model `auto` should be chosen for: `efficiency`, `balance`, `intelligence`, `fast`.
            auto_tier: String,
            /// Whether responses may come over a WebSocket; default: where the model offers it.
            enable_web_socket_responses: bool,
        }
    }

    /// What only Azure needs (wire: `azure`).
    AzureOptions {
        needed {}
        maybe {
            /// API version; without it the runtime takes the versionless route.
            api_version: String,
        }
    }

    /// The model provider of a session (wire: `provider`). The runtime never stores keys: give them again on
    /// resume.  Where several credentials are given, `on_provider_token` wins over `bearer_token`, and that
    /// over `api_key`.
    ProviderConfig {
        needed {
            /// Endpoint, an absolute `http` or `https` URL, e.g. `http://127.0.0.1:11434/v1`.
            base_url: String,
        }
        maybe {
            /// Protocol family; the runtime's default is `openai`: `openai`, `azure`, `anthropic`.
            provider_type: String as "type",
            /// API of an OpenAI-like endpoint; the runtime's default is `completions`: `completions`,
            /// `responses`.
            wire_api: String,
            /// What carries the requests; the runtime's default is `http`. `websockets` needs OpenAI's
            /// `responses`: `http`, `websockets`.
            transport: String,
            /// Key; a local endpoint may need none.
            api_key: Secret,
            /// Bearer token, sent as `Authorization`; wins over `api_key`.
            bearer_token: Secret,
            /// What only Azure needs.
            azure: AzureOptions,
            /// Headers of every request to the provider.
            headers: HashMap<String, Secret>,
            /// Well-known model id from which capabilities and token limits are taken.
            model_id: String,
            /// Model name that the provider is asked for, where it differs from `model`.
            wire_model: String,
            /// Most tokens in a prompt.
            max_prompt_tokens: u64,
            /// Most tokens in an answer.
            max_output_tokens: u64,
            /// Whether the runtime asks for a bearer token before each request; set by `on_provider_token`.
            has_bearer_token_provider: bool,
        }
    }

    /// A named provider beside the built-in one (wire: an element of `providers`).
    NamedProvider {
        needed {
            /// Name, unique in the session; it qualifies the models: `name/model`.
            name: String,
            /// Endpoint, an absolute `http` or `https` URL.
            base_url: String,
        }
        maybe {
            /// Protocol family; the runtime's default is `openai`: `openai`, `azure`, `anthropic`.
            provider_type: String as "type",
            /// API of an OpenAI-like endpoint; the runtime's default is `completions`: `completions`,
            /// `responses`.
            wire_api: String,
            /// What carries the requests; the runtime's default is `http`. `websockets` needs OpenAI's
            /// `responses`: `http`, `websockets`.
            transport: String,
            /// Key; a local endpoint may need none.
            api_key: Secret,
            /// Bearer token, sent as `Authorization`; wins over `api_key`.
            bearer_token: Secret,
            /// What only Azure needs.
            azure: AzureOptions,
            /// Headers of every request to the provider.
            headers: HashMap<String, Secret>,
            /// Whether the runtime asks for a bearer token before each request; set by `on_provider_token`
            /// where no other credential is given.
            has_bearer_token_provider: bool,
        }
    }

    /// A model of a named provider (wire: an element of `models`); selected as `provider/id`.
    ProviderModel {
        needed {
            /// Id, unique in its provider.
            id: String,
            /// The provider's name, one of `providers`.
            provider: String,
        }
        maybe {
            /// Model name that the provider is asked for; default: the id.
            wire_model: String,
            /// Well-known model id from which behaviour and limits are taken; default: the id.
            model_id: String,
            /// Name for people; default: `provider/id`.
            name: String,
            /// Most tokens in a prompt.
            max_prompt_tokens: u64,
            /// Most tokens in prompt and answer together.
            max_context_window_tokens: u64,
            /// Most tokens in an answer.
            max_output_tokens: u64,
            /// What the runtime should believe of the model.
            capabilities: ModelCapabilities,
        }
    }
}
