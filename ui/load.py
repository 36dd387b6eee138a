"""What do pages read? Definitions, the store's figures and their comparisons, each computed once.

Everything is cached by the version of the store (it changes at each approval) and by what the
viewer may see, and is shared between sessions: what comes back must not be changed.
"""

import datetime as dt
import os
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, wraps
from typing import TypeVar
from zoneinfo import ZoneInfo

import polars as pl

from data.access import OPERATOR, Viewer, viewer_for
from data.periods import add_months, has_festival, months_between
from data.store.database import Store, open_store, store_version
from data.store.snapshot import read_facts
from data.texts import text
from metrics.cube import Cube, build_cube, restrict
from metrics.disclose import suppress
from metrics.figures import compute_figures
from ui.definitions import (
    catalog,
    category_name,
    has_history,
    header,
    headline,
    indicator,
    indicator_order,
    level_name,
    matrix,
    parts_name,
    people,
    person_name,
    plain,
    policy_note,
    say,
    signed,
    target_of,
    tree,
    unit_name,
    unit_title,
    window_for,
)
from ui.html import Markup, icon, join
from ui.scope import Allowed, Scope

__all__ = [
    "SERIES_MONTHS",
    "Whole",
    "allowed",
    "begin_run",
    "cached",
    "catalog",
    "category_name",
    "cube_at",
    "cube_of",
    "facts_of",
    "figures",
    "has_history",
    "header",
    "headline",
    "hidden_units",
    "hide",
    "indicator",
    "indicator_order",
    "is_empty",
    "level_name",
    "made",
    "matrix",
    "parts_name",
    "people",
    "periods",
    "person_name",
    "plain",
    "policy_note",
    "row_units",
    "say",
    "sheet_about",
    "sight",
    "signed",
    "state",
    "store",
    "target_of",
    "tree",
    "unit_name",
    "unit_title",
    "version",
    "viewer",
    "visible_at",
    "visible_units",
    "warm",
    "whole",
    "window_for",
]

T = TypeVar("T")
# Months that a series shows, and how many results of each computation are kept.
SERIES_MONTHS = 24
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
    """Look once for new approvals; the whole run then shows one state of the store."""
    _SEEN.set(_look())


def _look() -> tuple[str, int]:
    """Return the version as the store has it now."""
    return f"{catalog().digest[:12]} {os.environ.get('KPI_STORE', '')}", store_version(store())


def cached(function: Callable[..., T]) -> Callable[..., T]:
    """Return the function with its results kept per store version and arguments.

    Arguments must be plain values (texts, numbers, dates, tuples); results are shared, not copied.
    The oldest result goes when the memory is full.
    """
    kept: dict[tuple, T] = {}

    @wraps(function)
    def call(*arguments: Hashable) -> T:
        key = (version(), arguments)
        if key in kept:
            return kept[key]
        result = function(*arguments)
        keep(kept, key, result)
        return result

    return call


def keep(kept: dict[tuple, T], key: tuple, result: T) -> None:
    """Put a result into a memory: what belongs to an earlier state goes, then the oldest."""
    for old in [k for k in list(kept) if k[0] != key[0]]:
        kept.pop(old, None)
    while len(kept) >= KEPT:
        kept.pop(next(iter(kept)), None)
    kept[key] = result


_MADE: dict[tuple, Markup] = {}


def made(name: str, scope: Scope, theme: str, make: Callable[[], Markup]) -> Markup:
    """Return a piece of HTML, made once for equal views of one state of the store."""
    key = (version(), name, theme, scope.key)
    if key not in _MADE:
        keep(_MADE, key, make())
    return _MADE[key]


@cached
def viewer(person: str) -> Viewer:
    """Return the viewer of a person; a bureau without people is seen by the local operator."""
    return viewer_for(catalog(), person) if catalog().bureau.people else OPERATOR


@cached
def visible_units(viewer: Viewer) -> list[str]:
    """Return the units within the viewer's sight in official order, the topmost first."""
    seen = viewer.sees()
    top = viewer.unit or catalog().bureau.root
    return [code for code in tree().subtree(top) if seen is None or code in seen]


@cached
def allowed() -> Allowed:
    """Return what the address may ask for."""
    found = catalog()
    return Allowed(
        people=list(people()),
        units=tree().codes,
        periods=open_periods(),
        latest=periods()[-1],
        root=found.bureau.root,
        festival=has_festival(found.calendar),
    )


@dataclass(frozen=True)
class Whole:
    """All approved figures, ready to be asked: the cube, its months, the latest approval."""

    cube: Cube
    periods: tuple[dt.date, ...]
    latest: dt.datetime | None


@cached
def whole() -> Whole:
    """Return everything that was ever approved; parts are cut out of it by who asks."""
    facts = read_facts(store(), OPERATOR)
    monthly = [code for code, m in catalog().measures.items() if m.frequency == "M"]
    months = facts.filter(pl.col("measure").is_in(monthly))["period"]
    found = months_between(months.min(), months.max()) if len(months) else []  # type: ignore[arg-type]
    cube = build_cube(facts, catalog(), tree())
    return Whole(cube, tuple(found), facts["vintage"].max())  # type: ignore[arg-type]


@cached
def facts_of(user: str) -> pl.DataFrame:
    """Return the facts that a person may see."""
    return read_facts(store(), viewer(user))


def sight(user: str) -> str:
    """Return the unit whose subtree a person sees; readers of one sight share what is made."""
    seen = viewer(user)
    return "" if seen.sees() is None else seen.unit


@cached
def cube_at(sight: str) -> Cube:
    """Return the figures within a sight; an empty one is everything."""
    return restrict(whole().cube, sight) if sight else whole().cube


def cube_of(user: str) -> Cube:
    """Return the figures that a person may see."""
    return cube_at(sight(user))


def row_units(user: str, unit: str) -> tuple[str, ...]:
    """Return a unit and the units right below it that stand beside each other: no own levels."""
    seen = set(visible_units(viewer(user)))
    below = [u for u in tree().children(unit) if u in seen]
    return (unit, *(u for u in below if not tree().is_own(u) and not tree().is_pooled(u)))


def sheet_about(scope: Scope, period: str) -> list[tuple[str, str]]:
    """Return the lines above a downloaded table: scope, coverage, version of the figures."""
    latest = whole().latest
    return [
        (text("ui.sheet.scope", scope.lang), f"{unit_title(scope.unit, scope.lang)} · {period}"),
        (text("ui.sheet.made", scope.lang), f"{latest:%Y-%m-%d %H:%M} UTC" if latest else ""),
    ]


def periods() -> tuple[dt.date, ...]:
    """Return the months with figures; without any there is last month only."""
    today = catalog().bureau.today or dt.datetime.now(dt.UTC).date()
    return whole().periods or (add_months(today.replace(day=1), -1),)


def open_periods() -> tuple[dt.date, ...]:
    """Return the months that may be looked at: those with figures, and the one being filed."""
    today = catalog().bureau.today or dt.datetime.now(dt.UTC).date()
    following = add_months(periods()[-1], 1)
    is_over = following < today.replace(day=1)
    return (*periods(), following) if is_over else periods()


def is_empty() -> bool:
    """Return whether no figure was ever approved."""
    return not whole().periods


@cached
def figures(
    sight: str,
    indicators: tuple[str, ...],
    units: tuple[str, ...],
    periods: tuple[dt.date, ...],
    window: str,
) -> pl.DataFrame:
    """Return FIGURES within a sight, with what must not be seen taken out."""
    found = compute_figures(cube_at(sight), indicators, units, periods, window)
    return hide(found, sight)


def hide(rows: pl.DataFrame, sight: str) -> pl.DataFrame:
    """Return FIGURES or CHANGES without what readers of a sight must not see.

    The pattern is settled over the whole bureau, as it is for commands and exports.
    """
    seen = None if not sight else frozenset(tree().subtree(sight))
    reader = Viewer("reader", "leader", sight or catalog().bureau.root, seen)
    return suppress(rows, catalog(), tree(), reader, whole().cube)


@cached
def hidden_units(sight: str, code: str, unit: str, period: dt.date, window: str) -> frozenset[str]:
    """Return the units right below one whose figure must not be seen."""
    below = tree().children(unit)
    found = figures(sight, (code,), tuple(below), (period,), window).filter("suppressed")
    return frozenset(found["unit"].to_list())


def visible_at(sight: str) -> frozenset[str]:
    """Return the units within a sight."""
    return frozenset(tree().subtree(sight) if sight else tree().codes)


def state(scope: Scope) -> Markup:
    """Return the state of what is seen: locked or not, coverage, as of when."""
    rows = figures(
        sight(scope.person), headline()[:1], (scope.unit,), (scope.period,), "month"
    ).to_dicts()
    row = rows[0] if rows else {"reported": 0, "due": 0, "status": "missing"}
    latest = whole().latest
    if is_empty() or not row["reported"]:
        return join([icon("edit_note", 14), " ", scope.t("ui.frame.no_data")])
    locked = row["status"] == "final"
    zone = ZoneInfo(catalog().bureau.timezone)
    when = latest.astimezone(zone).strftime("%Y-%m-%d %H:%M") if latest else ""
    words = [
        scope.t("ui.frame.locked" if locked else "ui.frame.provisional"),
        scope.t("ui.frame.coverage", reported=row["reported"], due=row["due"]),
        scope.t("ui.frame.data_to", when=when),
    ]
    return join([icon("lock" if locked else "edit_note", 14), " ", join(words, " · ")])


def warm() -> None:
    """Read and compute what the first page needs."""
    begin_run()
    whole()
