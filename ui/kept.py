"""What is computed once for all readers, and when does it stop being true?

Results are kept by the version of the definitions and of the store (it changes at each approval).
They are shared between sessions: what comes back must not be changed.
"""

import os
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from functools import cache, wraps
from typing import TypeVar

from data.store.database import Store, open_store, store_version
from ui.definitions import catalog, refresh
from ui.html import Markup
from ui.scope import Scope

T = TypeVar("T")
# How many results of each computation are kept.
KEPT = 512
# The state of the store that the running page shows.
_SEEN: ContextVar[tuple[str, int] | None] = ContextVar("seen", default=None)


@cache
def _store(url: str) -> Store:
    """Open the store of an address, created empty if it is not there."""
    store = open_store(url or None)
    store.init()
    return store


def store() -> Store:
    """Return the store that the server runs on."""
    return _store(os.environ.get("KPI_STORE", ""))


def version() -> tuple[str, int]:
    """Return what every cached view depends on: definitions, store, approvals so far."""
    seen = _SEEN.get()
    return seen if seen else _look()


def begin_run() -> None:
    """Look once for new approvals and new units; the whole run then shows one state of both."""
    refresh()
    _SEEN.set(_look())


def _look() -> tuple[str, int]:
    """Return the version as the store has it now."""
    return f"{catalog().digest[:12]} {os.environ.get('KPI_STORE', '')}", store_version(store())


def cached(function: Callable[..., T], most: int = KEPT) -> Callable[..., T]:
    """Return the function with its results kept per store version and arguments.

    Arguments must be plain values (texts, numbers, dates, tuples); results are shared, not copied.
    The oldest result goes when there are as many as may be kept.
    """
    kept: dict[tuple, T] = {}

    @wraps(function)
    def call(*arguments: Hashable) -> T:
        key = (version(), arguments)
        if key in kept:
            return kept[key]
        result = function(*arguments)
        keep(kept, key, result, most)
        return result

    return call


def keep(kept: dict[tuple, T], key: tuple, result: T, most: int = KEPT) -> None:
    """Put a result into a memory: what belongs to an earlier state goes, then the oldest."""
    for old in [k for k in list(kept) if k[0] != key[0]]:
        kept.pop(old, None)
    while len(kept) >= most:
        kept.pop(next(iter(kept)), None)
    kept[key] = result


_MADE: dict[tuple, Markup] = {}


def made(name: str, scope: Scope, theme: str, make: Callable[[], Markup]) -> Markup:
    """Return a piece of HTML, made once for equal views of one state of the store."""
    key = (version(), name, theme, scope.key)
    if key not in _MADE:
        keep(_MADE, key, make())
    return _MADE[key]
