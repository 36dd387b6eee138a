"""What is computed once for all readers, and when does it stop being true?

Results are kept by the version of the definitions and of the store (it changes at each approval),
or until somebody acts at all: files, explains, judges, extends, locks.
They are shared between sessions: what comes back must not be changed.
"""

import os
import threading
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from functools import cache, wraps
from typing import Any, TypeVar

from data.store import audit
from data.store.database import Store, open_store, store_version
from ui.definitions import catalog, refresh
from ui.html import Markup
from ui.scope import Scope

T = TypeVar("T")
# How many results of each computation are kept.
KEPT = 512
# How many finished pieces of pages are kept: a page has some ten, most of a few kilobytes.
PIECES = 1024
# What is being made now, by memory and key, and how to hear that it is done.
_MAKING: dict[tuple[int, tuple], threading.Event] = {}
_NOTHING = object()
# The state of the store that the running page shows.
_SEEN: ContextVar[tuple[str, int] | None] = ContextVar("seen", default=None)
# The latest act that the running page knows of; it is looked up when it is first asked for.
_ACT: ContextVar[int | None] = ContextVar("act", default=None)


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
    _ACT.set(None)


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
        return once(kept, (version(), arguments), lambda: function(*arguments), most)

    return call


def act() -> int:
    """Return the number of the latest act of the record; one run sees one."""
    known = _ACT.get()
    if known is None:
        known = audit.last(store())
        if _SEEN.get():
            _ACT.set(known)
    return known


def until_act(function: Callable[..., T], most: int = KEPT) -> Callable[..., T]:
    """Return the function with its results kept until anybody acts; otherwise as `cached`."""
    kept: dict[tuple, T] = {}

    @wraps(function)
    def call(*arguments: Hashable) -> T:
        return once(kept, ((version(), act()), arguments), lambda: function(*arguments), most)

    return call


def once(kept: dict[tuple, T], key: tuple, make: Callable[[], T], most: int = KEPT) -> T:
    """Return a kept result, or make it: of the many who ask at the same time one does, others wait.

    After an approval all sessions ask for the same new figures. If making fails, who waited tries.

    >>> once({}, (1, "a"), lambda: "made")
    'made'
    """
    while True:
        result = kept.get(key, _NOTHING)
        if result is not _NOTHING:
            return result  # type: ignore[return-value]
        mine = threading.Event()
        other = _MAKING.setdefault((id(kept), key), mine)
        if other is not mine:
            other.wait()
            continue
        try:
            result = kept.get(key, _NOTHING)  # it may have been done since
            if result is _NOTHING:
                result = make()
                keep(kept, key, result, most)
            return result  # type: ignore[return-value]
        finally:
            del _MAKING[id(kept), key]
            mine.set()


def keep(kept: dict[tuple, T], key: tuple, result: T, most: int = KEPT) -> None:
    """Put a result into a memory: what belongs to an earlier state goes, then the oldest."""
    for old in [k for k in list(kept) if k[0] != key[0]]:
        kept.pop(old, None)
    while len(kept) >= most:
        kept.pop(next(iter(kept)), None)
    kept[key] = result


_MADE: dict[tuple, Any] = {}
_TOLD: dict[tuple, Markup] = {}


def made(name: str, scope: Scope, theme: str, make: Callable[[], T]) -> T:
    """Return a piece of a page, HTML or words, made once for equal views of one store version.

    Equal views are those of one person: nothing made for one is shown to another.
    """
    return once(_MADE, (version(), name, theme, scope.key), make, PIECES)


def told(name: str, scope: Scope, make: Callable[[], Markup]) -> Markup:
    """Return a piece of HTML about returns, made once for equal views until anybody acts."""
    return once(_TOLD, ((version(), act()), name, scope.key), make)
