"""What do pages read? Definitions, the store's figures and their comparisons, each computed once.

Everything is cached by the version of the store (it changes at each approval) and by the sight:
what the viewer may see, on which basis, as known on which day. It is shared between sessions: what
comes back must not be changed. Of the figures of past days only a few are kept.
"""

import datetime as dt
from contextvars import ContextVar
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import polars as pl

from data.access import OPERATOR, Viewer, viewer_for
from data.periods import add_months, has_festival, months_between
from data.store.snapshot import read_values
from data.texts import text
from data.units import Tree, reach_of
from metrics.cube import Cube, build_cube, restrict
from metrics.cube import stand as stand_on
from metrics.disclose import suppress
from metrics.figures import compute_figures
from ui.definitions import (
    catalog,
    category_name,
    has_history,
    header,
    headline,
    indicator,
    indicator_labels,
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
    tree_then,
    unit_name,
    unit_title,
    window_for,
)
from ui.html import Markup, icon, join
from ui.kept import act, begin_run, cached, made, store, told, until_act, version
from ui.scope import Allowed, Scope, Sight

__all__ = [
    "SERIES_MONTHS",
    "Whole",
    "act",
    "allowed",
    "begin_page",
    "begin_run",
    "cached",
    "catalog",
    "category_name",
    "cube_at",
    "figures",
    "has_history",
    "header",
    "headline",
    "hidden_units",
    "hide",
    "indicator",
    "indicator_labels",
    "indicator_order",
    "is_empty",
    "level_name",
    "local",
    "made",
    "matrix",
    "own_units",
    "own_units_of",
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
    "stand",
    "state",
    "store",
    "target_of",
    "told",
    "tree",
    "tree_in",
    "tree_of",
    "tree_then",
    "unit_name",
    "unit_title",
    "until_act",
    "version",
    "viewer",
    "visible_at",
    "visible_units",
    "warm",
    "whole",
    "whole_of",
    "window_for",
]

# Months that a series shows.
SERIES_MONTHS = 24
# Cubes of past days that are kept: each is as large as that of today.
PAST = 2
PAST_PARTS = 6
# On what the figures of the running page stand.
_STAND: ContextVar[str] = ContextVar("stand", default="")


def begin_page(stand: str) -> None:
    """Say on what the figures of the running page stand; every chart repeats it."""
    _STAND.set(stand)


def stand() -> str:
    """Return on what the figures of the running page stand, nothing for a page without."""
    return _STAND.get()


@cached
def viewer(person: str) -> Viewer:
    """Return the viewer of a person; a bureau without people is seen by the local operator."""
    return viewer_for(catalog(), person) if catalog().bureau.people else OPERATOR


def sight(scope: Scope) -> Sight:
    """Return what a reader sees; readers of one sight share what is made."""
    seen = viewer(scope.person)
    return Sight("" if seen.sees() is None else seen.unit, scope.basis, scope.as_of)


def tree_in(sight: Sight, period: dt.date) -> Tree:
    """Return the units as they hang together on the basis of a sight in a month."""
    return tree() if sight.basis == "now" else tree_then(period)


def tree_of(scope: Scope) -> Tree:
    """Return the units as they hang together in the view in scope."""
    return tree_in(sight(scope), scope.period)


@cached
def visible_units(sight: Sight, period: dt.date) -> tuple[str, ...]:
    """Return the units within a sight in official order, the topmost first.

    Empty where the topmost itself was not there in that month.
    """
    found, top = tree_in(sight, period), sight.unit or catalog().bureau.root
    return found.subtree(top) if top in found.units else ()


@cached
def own_units(viewer: Viewer) -> tuple[str, ...]:
    """Return the units that a viewer may ask for, topmost first: today's, and once theirs."""
    top = viewer.unit or catalog().bureau.root
    if viewer.sees() is None:
        return tuple(dict.fromkeys((top, *(unit.code for unit in catalog().units))))
    return own_units_of(top)


@cached
def own_units_of(top: str) -> tuple[str, ...]:
    """Return a unit, what hangs below it today, and what once did or passed into it."""
    return tuple(dict.fromkeys((top, *reach_of(catalog(), top))))


@cached
def allowed() -> Allowed:
    """Return what the address may ask for."""
    found = catalog()
    return Allowed(
        people=list(people()),
        units=[unit.code for unit in found.units],
        periods=open_periods(),
        latest=periods()[-1],
        root=found.bureau.root,
        festival=has_festival(found.calendar),
        today=_today(),
    )


def _today() -> dt.date:
    """Return the day that the bureau has: the demonstration's, or the clock's where it is."""
    bureau = catalog().bureau
    return bureau.today or dt.datetime.now(ZoneInfo(bureau.timezone)).date()


@dataclass(frozen=True)
class Whole:
    """All approved figures, ready to be asked: the cube, its months, the latest approval."""

    cube: Cube
    periods: tuple[dt.date, ...]
    latest: dt.datetime | None


def whole(basis: str = "now", as_of: dt.date | None = None) -> Whole:
    """Return everything approved by a day, on a basis; parts are cut out of it by who asks."""
    found = _present() if as_of is None else _past(as_of)
    return found if basis == "now" else replace(found, cube=stand_on(found.cube, basis))


def whole_of(sight: Sight) -> Whole:
    """Return everything on the basis and day of a sight, whoever may see it."""
    return whole(sight.basis, sight.as_of)


def _read(as_of: dt.date | None = None) -> Whole:
    """Return everything that was approved by the end of a day, or ever."""
    facts = read_values(store(), OPERATOR, as_of=as_of)
    monthly = [code for code, m in catalog().measures.items() if m.frequency == "M"]
    ends = pl.min("period").alias("first"), pl.max("period").alias("last")
    months = facts.lazy().filter(pl.col("measure").is_in(monthly)).select(ends).collect().row(0)
    # A bureau without monthly figures is looked at wave by wave, or year by year.
    found = facts["period"].unique().sort().to_list() if None in months else months_between(*months)
    cube = build_cube(facts, catalog(), tree())
    return Whole(cube, tuple(found), facts["vintage"].max())  # type: ignore[arg-type]


_present = cached(_read)
_past = cached(_read, PAST)


def cube_at(sight: Sight) -> Cube:
    """Return the figures within a sight; the cubes of the other bases are kept with that of now."""
    if not sight.unit:
        return whole_of(sight).cube
    part = _part if sight.as_of is None else _past_part
    return stand_on(part(sight.unit, sight.as_of), sight.basis)


def _cut(unit: str, as_of: dt.date | None) -> Cube:
    """Cut what the people of a unit may see out of everything."""
    return restrict(whole("now", as_of).cube, unit)


_part = cached(_cut)
_past_part = cached(_cut, PAST_PARTS)


def row_units(scope: Scope) -> tuple[str, ...]:
    """Return the unit in scope and those right below it that stand beside each other.

    Own levels and pools are left out.
    """
    found, seen = tree_of(scope), visible_at(sight(scope), scope.period)
    below = [u for u in found.children(scope.unit) if u in seen]
    return (scope.unit, *(u for u in below if not found.is_own(u) and not found.is_pooled(u)))


def sheet_about(scope: Scope, period: str) -> list[tuple[str, str]]:
    """Return the lines above a downloaded table: scope, basis, day and version of the figures."""
    latest = whole_of(sight(scope)).latest
    lines = [
        (text("ui.sheet.scope", scope.lang), f"{unit_title(scope.unit, scope.lang)} · {period}"),
        (text("ui.frame.basis", scope.lang), text(f"ui.basis.{scope.basis}", scope.lang)),
    ]
    if scope.as_of is not None:
        lines.append((text("scope.as_of", scope.lang), scope.as_of.isoformat()))
    made = f"{latest:%Y-%m-%d %H:%M} UTC" if latest else ""
    return [*lines, (text("ui.sheet.made", scope.lang), made)]


def periods() -> tuple[dt.date, ...]:
    """Return the months with figures; without any there is last month only."""
    return whole().periods or (add_months(_today().replace(day=1), -1),)


def open_periods() -> tuple[dt.date, ...]:
    """Return the months that may be looked at: those with figures, and the one being filed."""
    following = add_months(periods()[-1], 1)
    is_over = following < _today().replace(day=1)
    return (*periods(), following) if is_over else periods()


def is_empty() -> bool:
    """Return whether no figure was ever approved."""
    return not whole().periods


@cached
def figures(
    sight: Sight,
    indicators: tuple[str, ...],
    units: tuple[str, ...],
    periods: tuple[dt.date, ...],
    window: str,
) -> pl.DataFrame:
    """Return FIGURES within a sight, with what must not be seen taken out."""
    found = compute_figures(cube_at(sight), indicators, units, periods, window)
    return hide(found, sight)


def hide(rows: pl.DataFrame, sight: Sight) -> pl.DataFrame:
    """Return FIGURES or CHANGES without what readers of a sight must not see.

    The pattern is settled over the whole bureau, as it is for commands and exports.
    """
    seen = None if not sight.unit else frozenset(tree().subtree(sight.unit, gone=True))
    reader = Viewer("reader", "leader", sight.unit or catalog().bureau.root, seen)
    present = whole().cube if sight.as_of else None
    return suppress(rows, catalog(), tree(), reader, whole_of(sight).cube, present)


@cached
def hidden_units(
    sight: Sight, code: str, unit: str, period: dt.date, window: str
) -> frozenset[str]:
    """Return the units right below one whose figure must not be seen."""
    below = tree_in(sight, period).children(unit)
    found = figures(sight, (code,), tuple(below), (period,), window).filter("suppressed")
    return frozenset(found["unit"].to_list())


@cached
def visible_at(sight: Sight, period: dt.date) -> frozenset[str]:
    """Return the units within a sight in a month."""
    return frozenset(visible_units(sight, period))


def local(moment: dt.datetime) -> dt.datetime:
    """Return a moment in the bureau's time zone."""
    return moment.astimezone(ZoneInfo(catalog().bureau.timezone))


def state(scope: Scope, *, with_units: bool = True) -> list[Markup | str]:
    """Return the state of what is seen: locked or not, coverage, as of when (the last part).

    Coverage is of the units behind the headline; pages about returns count all who owe any form,
    and say so themselves.
    """
    mine = sight(scope)
    rows = figures(mine, headline()[:1], (scope.unit,), (scope.period,), "month").to_dicts()
    row = rows[0] if rows else {"reported": 0, "due": 0, "status": "missing"}
    latest = whole_of(mine).latest
    when = scope.t("ui.frame.data_to", when=f"{local(latest):%Y-%m-%d %H:%M}" if latest else "—")
    if scope.as_of is not None:
        when = scope.t("scope.as_of_day", day=scope.as_of.isoformat())
    if is_empty() or not row["reported"]:
        return [join([icon("edit_note", 14), " ", scope.t("ui.frame.no_data")]), when]
    locked = row["status"] == "final"
    word = scope.t("ui.frame.locked" if locked else "ui.frame.provisional")
    units = scope.t("ui.frame.coverage", reported=row["reported"], due=row["due"])
    return [
        join([icon("lock" if locked else "edit_note", 14), " ", word]),
        *([units] if with_units else []),
        when,
    ]


def warm() -> None:
    """Read and compute what the first page needs."""
    begin_run()
    whole()
