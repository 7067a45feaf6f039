"""Questions of MCP servers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..view import View
from .answer import Answer, present

__all__ = ["McpAuthRequest", "McpAuthResponse", "McpHeadersRequest", "McpHeadersResponse", "SamplingRequest"]


class _Credentials(View):
    """Says which fields it has, and not what is in them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Credentials({', '.join(self.raw)})"


class McpAuthRequest(View):
    """An MCP server wants OAuth.

    Attributes:
        server_name: the server's name.
        server_url: its URL.
        reason: `initial`, `refresh`, `reauth` or `upscope`.
        www_authenticate_params: what the server's challenge said.
        resource_metadata: the server's metadata document, as text.
        static_client_config: the configured OAuth client; may hold a secret.

    Example:
        >>> request = McpAuthRequest({"serverName": "issues", "staticClientConfig": {"clientSecret": "hush"}})
        >>> request, request.static_client_config.client_secret
        (McpAuthRequest({'serverName': 'issues', 'staticClientConfig': '…'}), 'hush')
    """

    request_id: str
    server_name: str
    server_url: str
    reason: str | None
    www_authenticate_params: View | None
    resource_metadata: str | None

    @property
    def static_client_config(self) -> View | None:
        """The configured OAuth client; may hold a secret, so it is not shown."""
        there = self.raw.get("staticClientConfig")
        return _Credentials(there) if isinstance(there, dict) else None

    def __repr__(self) -> str:
        shown = {**self.raw, "staticClientConfig": "…"} if "staticClientConfig" in self.raw else self.raw
        return f"{type(self).__name__}({shown!r})"


class McpAuthResponse(Answer):
    """The answer to a login.

    Example:
        >>> McpAuthResponse.token("secret", expires_in=3600)
        McpAuthResponse(kind, accessToken, expiresIn)
    """

    __slots__ = ()

    @classmethod
    def token(cls, access_token: str, *, token_type: str | None = None, expires_in: int | None = None) -> McpAuthResponse:
        """An access token; `expires_in` in seconds."""
        return cls(present(kind="token", accessToken=access_token, tokenType=token_type, expiresIn=expires_in))

    @classmethod
    def cancelled(cls) -> McpAuthResponse:
        """No login."""
        return cls({"kind": "cancelled"})


class McpHeadersRequest(View):
    """Asks for the headers of an MCP server.

    Attributes:
        server_name: the server's name.
        server_url: its URL.
        reason: `startup`, `ttl-expired` or `auth-failed`.

    Example:
        >>> McpHeadersRequest({"serverName": "issues", "reason": "startup"}).reason
        'startup'
    """

    request_id: str
    server_name: str
    server_url: str
    reason: str


class McpHeadersResponse(Answer):
    """Headers, none, or a failure.

    Example:
        >>> McpHeadersResponse.headers({"X-Key": "secret"}, ttl_ms=60_000)
        McpHeadersResponse(kind, headers, ttlMs)
    """

    __slots__ = ()

    @classmethod
    def headers(cls, headers: Mapping[str, str], *, ttl_ms: int | None = None) -> McpHeadersResponse:
        """Headers by name, and for how many milliseconds they may be kept."""
        return cls(present(kind="headers", headers=dict(headers), ttlMs=ttl_ms))

    @classmethod
    def none(cls) -> McpHeadersResponse:
        """No headers."""
        return cls({"kind": "none"})

    @classmethod
    def error(cls, message: str) -> McpHeadersResponse:
        """They could not be got."""
        return cls({"kind": "error", "message": message})


class SamplingRequest(View):
    """An MCP server asks for a completion; answer with MCP's `CreateMessageResult` as a dict, or `None` to refuse.

    Attributes:
        server_name: the server.
        request: MCP's `CreateMessageRequest` parameters.

    Example:
        >>> SamplingRequest({"serverName": "issues", "request": {"maxTokens": 100}}).request.max_tokens
        100
    """

    request_id: str
    server_name: str
    mcp_request_id: Any
    request: View
