"""Between the public layer and JSON: errors that were told, options that are more than JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ._names import refuse_unknown
from .errors import CodriverError, error_of
from .options.client import plain
from .tools import check_arity

__all__ = ["as_json", "session_fs_of", "told_error"]


def told_error(error: Mapping[str, Any]) -> CodriverError:
    rpc = error.get("rpc") or {}
    data = json.dumps(rpc["data"]) if "data" in rpc else None
    return error_of(error["number"], error["message"], rpc.get("code"), rpc.get("message"), data)


def session_fs_of(given: Any) -> tuple[dict[str, Any], Any, Any]:
    """The option as JSON, what opens the files of a session, and what must live as long as the client."""
    from .options import SessionFsOptions as known
    from .store import Store

    if not isinstance(given, Mapping):
        raise TypeError(f"session_fs must be a dict, not {type(given).__name__}")
    refuse_unknown("session_fs", given, known.__annotations__)
    wire = {name: plain(value) for name, value in given.items() if name != "store" and value is not None}
    store = given.get("store")
    if isinstance(store, Store):
        return {**wire, "store": store._number}, None, store
    if callable(store):
        check_arity("session_fs.store", store, 1)
        return {"binary": True, **wire, "store": "foreign"}, store, None
    return ({**wire, "store": store} if store is not None else wire), None, None


def as_json(call: str, value: Any) -> str:
    try:
        return json.dumps(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{call}(): {error}") from None
