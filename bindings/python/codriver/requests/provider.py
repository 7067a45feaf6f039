"""Tokens for model providers."""

from __future__ import annotations

from ..view import View

__all__ = ["ProviderTokenRequest"]


class ProviderTokenRequest(View):
    """Asks for the bearer token of a model provider; answer with the token as text.

    Attributes:
        provider_name: the provider, where the runtime names it.

    Example:
        >>> ProviderTokenRequest({"providerName": "mine"}).provider_name
        'mine'
    """

    provider_name: str | None
