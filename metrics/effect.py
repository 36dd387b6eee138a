"""What would a return do to the figures of its unit and of the bureau above, before approval?

Nothing of ranks or scores is worked out here: those who file see what their figures are part of.
A reader to whom the bureau above is out of sight is told its sum only where no other unit's figure
follows from it: see `release`.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from data.definition_releases import SMALL_COUNTS
from data.definition_types import Catalog
from data.definition_versions import filed_codes
from data.units import Tree
from metrics.compare import compare_figures
from metrics.cube import build_cube
from metrics.figures import compute_figures
from metrics.plan import make_plan
from metrics.same_units import fed_by_others
from metrics.series import read_series
from metrics.sources import read_sources

#: A sum tells nothing of one unit where at least so many others stand in it.
LEAST_OTHERS = 3
#: Why a figure is not shown: it has small numbers, too few others, or others are still missing.
SMALL, FEW, WAITING = "small", "few", "waiting"
COMPARATORS = ("mom", "yoy")
HIDING_FLAGS = frozenset({"W", SMALL_COUNTS})


@dataclass(frozen=True, slots=True)
class Effect:
    """One figure of a unit without and with a return; `lower` and `upper` are its usual range.

    `signal`, `side` and `run` say by which rule it is read so (`metrics.series.read_series`).
    `mom` and `yoy` are rows of CHANGES of the figure with the return, None where there is none.
    `withheld` says why the figure is not shown to this reader; only the counts are given then.
    """

    indicator: str
    unit: str
    before: float | None
    after: float | None
    reported_before: int
    reported_after: int
    due: int
    lower: float | None = None
    upper: float | None = None
    reading: str = "none"
    mom: dict[str, Any] | None = None
    yoy: dict[str, Any] | None = None
    withheld: str = ""
    signal: str = "none"
    side: int = 0
    run: int = 0


def read_effects(
    facts: pl.DataFrame,
    filed: pl.DataFrame,
    catalog: Catalog,
    tree: Tree,
    indicators: Sequence[str],
    units: Sequence[str],
    period: dt.date,
    seen: Collection[str] | None = None,
    reach: Collection[str] | None = None,
) -> list[Effect]:
    """Return how figures of units change when the filed values take their place.

    Needs: facts (FACTS as approved, of everything behind the units) and filed (FACTS of the
    return). Rows: only the indicators that the return touches, unit by unit. `seen` are the units
    that the reader may see, None for all: what lies beyond is shown as `release` allows. `reach`
    are those of which a return of theirs may speak; rows of others are made up and left out.
    """
    if reach is not None:
        filed = filed.filter(pl.col("unit").is_in(list(reach)))
    inputs = moved_by(catalog, indicators, set(filed["measure"].unique()))
    moved = list(inputs)
    if not moved or filed.is_empty() or not units:
        return []
    wanted = filed_codes(catalog.measures, set().union(*inputs.values()))
    behind = {s.unit for unit in units for s in read_sources(catalog, tree, unit, own=False)}
    near = pl.col("unit").is_in(list(behind)) & pl.col("measure").is_in(list(wanted))
    old = facts.filter(near, pl.col("period") <= period)
    new = filed.filter(near, pl.col("period") <= period).select(old.columns)
    after = pl.concat([old.join(new, on=["measure", "unit", "period"], how="anti"), new])
    cube = build_cube(after, catalog, tree)
    rows = compute_figures(cube, moved, units, [period]).rows(named=True)
    before = _before(old, catalog, tree, moved, units, period)
    series = _by_key(read_series(cube, moved, units, period))
    changes = _changes(cube, catalog, moved, units, period)
    own = _due_within(cube, moved, units, period, seen)
    fed = _fed_by_others(old, catalog, seen)
    found = []
    for row in rows:
        key = (row["indicator"], row["unit"])
        was = before.get(key, {"value": None, "reported": 0})
        counts = (was["reported"] or 0, row["reported"] or 0, row["due"] or 0)
        flags = catalog.indicators[row["indicator"]].flags
        reason = release(flags, counts[1], counts[2], own.get(key))
        if SMALL_COUNTS in flags and row["unit"] in fed:
            reason = SMALL
        if reason:
            found.append(Effect(*key, None, None, *counts, withheld=reason))
            continue
        mom, yoy = (
            _shown(changes.get((*key, name)), is_open=key not in own) for name in COMPARATORS
        )
        read = series.get(key, {})
        lower, upper = read.get("lower"), read.get("upper")
        said = read.get("reading") or "none"
        values = (was["value"], row["value"])
        met = {name: read[name] for name in ("signal", "side", "run") if name in read}
        found.append(Effect(*key, *values, *counts, lower, upper, said, mom, yoy, **met))
    return found


def moved_by(
    catalog: Catalog, indicators: Sequence[str], measures: Collection[str]
) -> dict[str, set[str]]:
    """Return the indicators that some measures enter, each with all measures that it reads."""
    inputs = {code: set(make_plan(catalog, code).measures) for code in indicators}
    return {code: read for code, read in inputs.items() if read.intersection(measures)}


def release(flags: Collection[str], reported: int, due: int, own_due: int | None) -> str:
    """Return why a figure is withheld, empty where it may be shown.

    `own_due` is how many of the `due` units the reader sees; None where all of them. A sum that
    grows by one unit at a time tells each unit's figure to who looks twice, so it is shown to a
    reader of one part only when nobody is missing; a sum of few others tells them outright.

    >>> release((), 22, 22, 1), release((), 21, 22, 1), release((), 3, 3, 1)
    ('', 'waiting', 'few')
    >>> release((), 3, 9, None)
    ''
    """
    if own_due is None:
        return SMALL if "W" in flags else ""
    if HIDING_FLAGS.intersection(flags):
        return SMALL
    if due - own_due < LEAST_OTHERS:
        return FEW
    return WAITING if reported < due else ""


def _fed_by_others(
    old: pl.DataFrame, catalog: Catalog, seen: Collection[str] | None
) -> frozenset[str]:
    """Return the units whose past holds what units out of the reader's sight had filed.

    Their small numbers would follow from the usual range, and from the change on last year.
    """
    if seen is None or old.is_empty():
        return frozenset()
    return fed_by_others(catalog, old["period"].min(), frozenset(seen))  # type: ignore[arg-type]


def _before(
    old: pl.DataFrame,
    catalog: Catalog,
    tree: Tree,
    moved: Sequence[str],
    units: Sequence[str],
    period: dt.date,
) -> dict[tuple, dict[str, Any]]:
    """Return the figures as they are without the return; none where nothing is approved."""
    if old.is_empty():
        return {}
    cube = build_cube(old, catalog, tree)
    return _by_key(compute_figures(cube, moved, units, [period]))


def _changes(
    cube: Any, catalog: Catalog, moved: Sequence[str], units: Sequence[str], period: dt.date
) -> dict[tuple, dict[str, Any]]:
    """Return how the figures with the return stand against last month and last year."""
    plain = [code for code in moved if catalog.indicators[code].kind != "yoy"]
    rows = compare_figures(cube, plain, units, [period], "month", COMPARATORS, readings=False)
    return {
        (row["indicator"], row["unit"], row["comparator"]): row
        for row in rows.iter_rows(named=True)
    }


def _shown(change: dict[str, Any] | None, *, is_open: bool) -> dict[str, Any] | None:
    """Return a change; out of sight only one that stands on the very units of its figure."""
    if change is None or is_open or change["compared_value"] == change["value"]:
        return change
    return None


def _due_within(
    cube: Any,
    moved: Sequence[str],
    units: Sequence[str],
    period: dt.date,
    seen: Collection[str] | None,
) -> dict[tuple[str, str], int]:
    """Return for each figure out of the reader's sight how many of its units they do see."""
    if seen is None:
        return {}
    tree = cube.tree
    found: dict[tuple[str, str], int] = {}
    for unit in units:
        leaves = set(tree.leaves(unit))
        mine = leaves.intersection(seen)
        if leaves <= mine:
            continue
        figures = compute_figures(cube, moved, sorted(mine), [period]) if mine else None
        due = (
            {} if figures is None else dict(figures.group_by("indicator").agg(pl.sum("due")).rows())
        )
        found |= {(code, unit): due.get(code, 0) for code in moved}
    return found


def _by_key(frame: pl.DataFrame) -> dict[tuple, dict[str, Any]]:
    return {(row["indicator"], row["unit"]): row for row in frame.iter_rows(named=True)}


def places(tree: Tree, unit: str) -> list[str]:
    """Return whose figures a return of a unit changes: those of the bureau above, and its own."""
    parent = tree.parent(unit)
    return [unit] if parent is None else [parent, unit]
