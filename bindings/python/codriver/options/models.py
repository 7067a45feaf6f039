"""Models, and providers of one's own: option objects, as dicts with these keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    from typing_extensions import Required

__all__ = [
    "AutoTier",
    "AzureOptions",
    "CapiOptions",
    "ModelCapabilities",
    "ModelLimits",
    "ModelSupports",
    "NamedProvider",
    "ProviderConfig",
    "ProviderModel",
    "ProviderTransport",
    "ProviderType",
    "VisionLimits",
    "WireApi",
]

ProviderType = Literal["openai", "azure", "anthropic"]
WireApi = Literal["completions", "responses"]
ProviderTransport = Literal["http", "websockets"]
AutoTier = Literal["efficiency", "balance", "intelligence", "fast"]


class ModelCapabilities(TypedDict, total=False):
    """Overrides of what the runtime knows of a model (wire: `modelCapabilities`), merged deeply over it."""

    supports: ModelSupports
    """What the model can."""

    limits: ModelLimits
    """How much it takes and gives."""


class ModelSupports(TypedDict, total=False):
    """What a model can (wire: `modelCapabilities.supports`)."""

    vision: bool
    """Whether it sees images."""

    reasoning_effort: bool
    """Whether its reasoning effort can be set."""


class ModelLimits(TypedDict, total=False):
    """How much a model takes and gives (wire: `modelCapabilities.limits`; these names are snake_case there)."""

    max_prompt_tokens: int
    """Most tokens in a prompt."""

    max_output_tokens: int
    """Most tokens in an answer."""

    max_context_window_tokens: int
    """Most tokens in prompt and answer together."""

    vision: VisionLimits
    """Limits of images."""


class VisionLimits(TypedDict, total=False):
    """Limits of images (wire: `modelCapabilities.limits.vision`; these names are snake_case there)."""

    supported_media_types: Sequence[str]
    """MIME types the model takes."""

    max_prompt_images: int
    """Most images in a prompt."""

    max_prompt_image_size: int
    """Most bytes of an image."""


class CapiOptions(TypedDict, total=False):
    """Options of the built-in Copilot provider (wire: `capi`)."""

    auto_tier: AutoTier
    """What the model `auto` should be chosen for."""

    enable_web_socket_responses: bool
    """Whether responses may come over a WebSocket; default: where the model offers it."""


class AzureOptions(TypedDict, total=False):
    """What only Azure needs (wire: `azure`)."""

    api_version: str
    """API version; without it the runtime takes the versionless route."""


class ProviderConfig(TypedDict, total=False):
    """The model provider of a session (wire: `provider`). The runtime never stores keys: give them again on
    resume.  Where several credentials are given, `on_provider_token` wins over `bearer_token`, and that over
    `api_key`.
    """

    base_url: Required[str]
    """Endpoint, an absolute `http` or `https` URL, e.g. `http://127.0.0.1:11434/v1`."""

    type: ProviderType
    """Protocol family; the runtime's default is `openai`."""

    wire_api: WireApi
    """API of an OpenAI-like endpoint; the runtime's default is `completions`."""

    transport: ProviderTransport
    """What carries the requests; the runtime's default is `http`. `websockets` needs OpenAI's `responses`."""

    api_key: str
    """Key; a local endpoint may need none."""

    bearer_token: str
    """Bearer token, sent as `Authorization`; wins over `api_key`."""

    azure: AzureOptions
    """What only Azure needs."""

    headers: Mapping[str, str]
    """Headers of every request to the provider."""

    model_id: str
    """Well-known model id from which capabilities and token limits are taken."""

    wire_model: str
    """Model name that the provider is asked for, where it differs from `model`."""

    max_prompt_tokens: int
    """Most tokens in a prompt."""

    max_output_tokens: int
    """Most tokens in an answer."""

    has_bearer_token_provider: bool
    """Whether the runtime asks for a bearer token before each request; set by `on_provider_token`."""


class NamedProvider(TypedDict, total=False):
    """A named provider beside the built-in one (wire: an element of `providers`)."""

    name: Required[str]
    """Name, unique in the session; it qualifies the models: `name/model`."""

    base_url: Required[str]
    """Endpoint, an absolute `http` or `https` URL."""

    type: ProviderType
    """Protocol family; the runtime's default is `openai`."""

    wire_api: WireApi
    """API of an OpenAI-like endpoint; the runtime's default is `completions`."""

    transport: ProviderTransport
    """What carries the requests; the runtime's default is `http`. `websockets` needs OpenAI's `responses`."""

    api_key: str
    """Key; a local endpoint may need none."""

    bearer_token: str
    """Bearer token, sent as `Authorization`; wins over `api_key`."""

    azure: AzureOptions
    """What only Azure needs."""

    headers: Mapping[str, str]
    """Headers of every request to the provider."""

    has_bearer_token_provider: bool
    """Whether the runtime asks for a bearer token before each request; set by `on_provider_token` where no
    other credential is given.
    """


class ProviderModel(TypedDict, total=False):
    """A model of a named provider (wire: an element of `models`); selected as `provider/id`."""

    id: Required[str]
    """Id, unique in its provider."""

    provider: Required[str]
    """The provider's name, one of `providers`."""

    wire_model: str
    """Model name that the provider is asked for; default: the id."""

    model_id: str
    """Well-known model id from which behaviour and limits are taken; default: the id."""

    name: str
    """Name for people; default: `provider/id`."""

    max_prompt_tokens: int
    """Most tokens in a prompt."""

    max_context_window_tokens: int
    """Most tokens in prompt and answer together."""

    max_output_tokens: int
    """Most tokens in an answer."""

    capabilities: ModelCapabilities
    """What the runtime should believe of the model."""
