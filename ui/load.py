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

from data import units as unit_tree
from data.access import OPERATOR, Viewer, viewer_for
from data.catalog import Catalog, Indicator, Text, load_catalog
from data.periods import add_months, has_festival, months_between
from data.store.database import Store, open_store, store_version
from data.store.snapshot import read_facts
from data.texts import text
from data.units import Tree
from metrics.cube import Cube, build_cube, restrict
from metrics.disclose import suppress
from metrics.figures import compute_figures
from metrics.rounding import format_number, round_half_up
from ui.html import Markup, icon, join
from ui.scope import Allowed, Scope

T = TypeVar("T")
# Months that a series shows, and how many results of each computation are kept.
SERIES_MONTHS = 24
KEPT = 512
# The state of the store that the running page shows.
_SEEN: ContextVar[tuple[str, int] | None] = ContextVar("seen", default=None)


@cache
def _catalog(_folder: str) -> Catalog:
    """Read the definitions once for the life of the server."""
    return load_catalog()


def catalog() -> Catalog:
    """Return the definitions in force."""
    return _catalog(os.environ.get("KPI_DEFINITIONS", ""))


@cache
def _tree(_folder: str) -> Tree:
    """Hang the units together once."""
    return unit_tree.tree(catalog())


def tree() -> Tree:
    """Return the units as they hang together today."""
    return _tree(os.environ.get("KPI_DEFINITIONS", ""))


def indicator(code: str) -> Indicator:
    """Return an indicator by its code."""
    return catalog().indicators[code]


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
        while len(kept) >= KEPT:
            kept.pop(next(iter(kept)), None)
        kept[key] = result
        return result

    return call


_MADE: dict[tuple, Markup] = {}


def made(name: str, scope: Scope, theme: str, make: Callable[[], Markup]) -> Markup:
    """Return a piece of HTML, made once for equal views of one state of the store."""
    key = (version(), name, theme, scope.key)
    if key not in _MADE:
        while len(_MADE) >= KEPT:
            _MADE.pop(next(iter(_MADE)), None)
        _MADE[key] = make()
    return _MADE[key]


@cached
def viewer(person: str) -> Viewer:
    """Return the viewer of a person; a bureau without people is seen by the local operator."""
    return viewer_for(catalog(), person) if catalog().bureau.people else OPERATOR


@cached
def people() -> dict[str, tuple[Text, Text, str]]:
    """Return who may be taken on in the demonstration: name, what they do, their unit."""
    bureau = catalog().bureau
    found = {}
    for person in bureau.people:
        role = f"ui.role.{person.role}"
        found[person.user] = (person.name, Text(text(role, "zh"), text(role, "en")), person.unit)
    if not found:
        role = "ui.role.operator"
        found["operator"] = (bureau.name, Text(text(role, "zh"), text(role, "en")), bureau.root)
    return found


def person_name(user: str | None, lang: str) -> str:
    """Return how a person is called; an unknown sign-in name stands for itself."""
    found = people().get(user or "")
    return found[0].get(lang) if found else user or ""


@cached
def visible_units(viewer: Viewer) -> list[str]:
    """Return the units within the viewer's sight in official order, the topmost first."""
    seen = viewer.sees()
    top = viewer.unit or catalog().bureau.root
    return [code for code in tree().subtree(top) if seen is None or code in seen]


def unit_name(code: str, lang: str) -> str:
    """Return a unit's short name for charts and narrow places."""
    unit = tree().unit(code)
    return unit.short.get(lang) or unit.name.get(lang)


def unit_title(code: str, lang: str) -> str:
    """Return how a unit is called in a table: in Chinese its name, in English the short one."""
    unit = tree().unit(code)
    if lang == "en" or code == catalog().bureau.root:
        return unit.short.get(lang) or unit.name.get(lang)
    return unit.name.get(lang)


def level_name(code: str, lang: str) -> str:
    """Return what kind of unit it is."""
    level = tree().level(code)
    names = {item.code: item.name.get(lang) for item in catalog().bureau.levels}
    return names.get(level, level)


@cached
def allowed() -> Allowed:
    """Return what the address may ask for."""
    found = catalog()
    return Allowed(
        people=list(people()),
        units=tree().codes,
        periods=periods(),
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


def headline() -> tuple[str, ...]:
    """Return the indicators that the overview leads with, the first ones if none are named."""
    found = catalog()
    return found.bureau.headline or tuple(found.indicators)[:8]


def matrix() -> tuple[str, ...]:
    """Return the indicators of the matrix."""
    return catalog().bureau.matrix or headline()


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


def window_for(scope: Scope, item: Indicator) -> str:
    """Return the window an indicator is shown in: the one in scope, else its first."""
    window = scope.shown_window
    offered = ("month", "jan_feb") if "month" in item.windows else ()
    if not item.windows or window in (*item.windows, *offered):
        return window
    return item.windows[0]


def has_history(item: Indicator) -> bool:
    """Return whether an indicator moves from month to month and has a control chart."""
    return item.frequency == "M" and item.kind != "yoy" and "month" in (item.windows or ("month",))


def target_of(code: str, period: dt.date) -> float | None:
    """Return the value that is aimed at in a month, where a number is set."""
    valid = [
        goal
        for goal in indicator(code).targets
        if goal.valid_from <= period and (not goal.months or period.month in goal.months)
    ]
    return max(valid, key=lambda goal: goal.valid_from).value if valid else None


@cache
def indicator_order() -> tuple[str, ...]:
    """Return all indicators: the headline first, then by category as the catalogue has them."""
    lead = (*headline(), *(code for code in matrix() if code not in headline()))
    rest = sorted(
        (item for code, item in catalog().indicators.items() if code not in lead),
        key=lambda item: (list(catalog().bureau.categories).index(item.category), item.order),
    )
    return (*lead, *(item.code for item in rest))


def category_name(code: str, lang: str) -> str:
    """Return the name of a category."""
    found = catalog().bureau.categories.get(code)
    return found.get(lang) if found else code


def say(key: str, lang: str, /, **values: object) -> str:
    """Return a text in a language."""
    return text(key, lang, **values)


def plain(value: float, decimals: int) -> str:
    """Return a number without a sign for plus."""
    return format_number(round_half_up(value, decimals=decimals))


def header(label: str, unit: str, lang: str) -> str:
    """Return a column's header with its unit of measure."""
    return f"{label}（{unit}）" if lang == "zh" else f"{label} ({unit})"


def parts_name(item: Indicator, lang: str) -> str:
    """Return what a share's denominator counts."""
    names = [catalog().indicators[code].name.get(lang) for code in item.denominator]
    return (" + " if len(names) > 1 else "").join(names)


def policy_note(item: Indicator, lang: str) -> str:
    """Return what an indicator may be used for, why, and where the rule stands."""
    if item.policy == "rank":
        return text(
            "districts.policy.rank" if item.direction else "districts.policy.rank_neutral", lang
        )
    flags = [catalog().flags[code] for code in sorted(item.flags) if code in catalog().flags]
    strict = [flag for flag in flags if flag.policy == item.policy] or flags
    if not strict:
        return text(f"policy.{item.policy}", lang)
    return text(
        f"districts.policy.{item.policy}",
        lang,
        flag=strict[0].name.get(lang),
        reason=strict[0].reason.get(lang),
        source=strict[0].source.get(lang),
    )


def signed(value: float | None, decimals: int) -> str:
    """Return a number with its sign; empty for none."""
    return (
        "" if value is None else format_number(round_half_up(value, decimals=decimals), signed=True)
    )


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
