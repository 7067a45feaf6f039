"""Names: snake_case here, camelCase on the wire, and the nearest one to a misspelled one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=4096)
def camel_case(name: str) -> str:
    """The wire's spelling of a snake_case name.

    >>> camel_case("delta_content")
    'deltaContent'
    """
    head, *tail = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in tail)


@lru_cache(maxsize=4096)
def snake_case(name: str) -> str:
    """The snake_case spelling of a wire name.

    >>> snake_case("deltaContent")
    'delta_content'
    """
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def refuse_unknown(call: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuses keyword arguments that are not known, with the nearest one that is.

    Raises:
        TypeError: in the words Python itself uses.
    """
    names = list(known)
    for name in given:
        if name not in names:
            import difflib

            near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
            hint = f". Did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"{call}() got an unexpected keyword argument {name!r}{hint}")
