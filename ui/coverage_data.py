"""What does the page Coverage count? Forms folded to months of units, each once a state of filing.

A form of a unit in a month has one standing; a unit's month has the worst of its forms', because
that is what somebody has to act on; a bureau counts its units. Nothing is counted but cells, forms
and units that are owed.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from data.access import OPERATOR
from data.periods import add_months, months_between, window_months
from data.returns.coverage import coverage
from data.store.locking import lock_history
from data.store.marks import Mark, filing_marks
from ui import load
from ui.clock import today
from ui.kept import keep, once
from ui.scope import Scope

#: What a form of a unit is in, from what somebody has to act on to what is done with.
STANDINGS = (
    *("missing", "returned", "asked", "partial", "due", "pending", "late", "ontime", "imported"),
)
#: The unit has done its part.
DONE = ("pending", "late", "ontime", "imported")
#: Somebody has to be called.
OPEN = STANDINGS[: STANDINGS.index("pending")]
MONTHS, KEPT_MONTHS = 12, 48
_RANK = {name: rank for rank, name in enumerate(STANDINGS)}
_COUNTS = ("forms", "done_forms", "late_forms", "judged", "in_time", "owed", "approved", "waiting")


@dataclass(frozen=True, slots=True)
class Part:
    """What is seen: the filing units in order, the months, and a row for each form owed.

    `stamp` changes when anything of it does: what is made of it is kept by that.
    """

    top: str
    units: tuple[str, ...]
    months: tuple[dt.date, ...]
    rows: pl.DataFrame
    stamp: int

    def of_month(self, period: dt.date) -> pl.DataFrame:
        """Return the rows of one month."""
        return self.rows.filter(pl.col("period") == period)


def part_of(scope: Scope) -> Part:
    """Return what the scope and the viewer's sight leave of the bureau's returns."""
    months = months_shown(scope.period, scope.window, load.catalog().bureau.year_start)
    marks = filing_marks(load.store(), months[0], months[-1])
    day = today()
    known = tuple((month, marks.get(month, ())) for month in months)
    return _part(scope.unit, load.sight(scope).unit, known, day)


def _part_made(top: str, seen: str, known: tuple[tuple[dt.date, Mark], ...], day: dt.date) -> Part:
    """Return the rows of the units below one, of these only what hangs below another."""
    tree = load.tree()
    is_there = top in tree.units and top not in tree.gone
    units = tree.subtree(top, gone=True) if is_there else ()
    if seen:
        within = set(tree.subtree(seen, gone=True))
        units = tuple(unit for unit in units if unit in within)
    months = tuple(month for month, _ in known)
    rows = pl.concat(rows_of(known, day)).filter(pl.col("unit").is_in(units))
    return Part(top, units, months, rows, hash((load.version(), known, day)))


def rows_of(known: tuple[tuple[dt.date, Mark], ...], day: dt.date) -> list[pl.DataFrame]:
    """Return COVERAGE of the whole bureau month by month, each row with its standing.

    Approvals of other months leave a month as it is: it is kept by its mark. Many new months are
    counted in one go.
    """
    stage = load.version()[0]
    keys = [(stage, *place, day) for place in known]
    found = {key: _MONTHS[key] for key in keys if key in _MONTHS}
    new = tuple(key for key in keys if key not in found)
    if new:
        found |= once(_RUNS, (stage, new), lambda: _count(new, day), 2)
    for key in new:
        keep(_MONTHS, key, found[key], KEPT_MONTHS)
    return [found[key] for key in keys]


def _count(new: tuple[tuple, ...], day: dt.date) -> dict[tuple, pl.DataFrame]:
    """Return the months that are new, or of which something was filed since."""
    who = (load.store(), OPERATOR, load.catalog(), load.tree())
    rows = with_standing(coverage(*who, new[0][1], new[-1][1], day))
    return {key: rows.filter(pl.col("period") == key[1]) for key in new}


_part = load.cached(_part_made, 64)
_MONTHS: dict[tuple, pl.DataFrame] = {}
_RUNS: dict[tuple, dict[tuple, pl.DataFrame]] = {}


def months_shown(period: dt.date, window: str, year_start: int = 1) -> tuple[dt.date, ...]:
    """Return the months beside each other: twelve up to one, or the year that it lies in.

    >>> found = months_shown(dt.date(2024, 10, 1), "month")
    >>> found[0].isoformat(), len(found)
    ('2023-11-01', 12)
    >>> months_shown(dt.date(2024, 10, 1), "ytd")[0].isoformat()
    '2024-01-01'
    """
    first = add_months(period, 1 - MONTHS)
    if window == "ytd":
        first = window_months("year", period, year_start)[0]
    return tuple(months_between(first, period))


def with_standing(rows: pl.DataFrame) -> pl.DataFrame:
    """Return COVERAGE with the standing of each form, and its rank among the standings.

    A blank that was accepted leaves the form partial: what is missing is never called complete.
    """
    is_short = pl.col("filled") < pl.col("owed")
    approved = (
        pl.when(is_short)
        .then(pl.lit("partial"))
        .when(pl.col("receipt").is_null())
        .then(pl.lit("imported"))
        .when(pl.col("late_days") > 0)
        .then(pl.lit("late"))
        .otherwise(pl.lit("ontime"))
    )
    words = {
        "overdue": "missing",
        "checked": "asked",
        "confirming": "asked",
        "submitted": "pending",
        "reviewed": "pending",
    }
    state = pl.col("state")
    standing = pl.when(state == "approved").then(approved).otherwise(state.replace(words))
    return rows.with_columns(standing=standing).with_columns(
        rank=pl.col("standing").replace_strict(_RANK, return_dtype=pl.Int64)
    )


def by_unit(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """Return the forms folded: one row for each filing unit and `key` (period or form)."""
    is_done = pl.col("rank") >= _RANK["pending"]
    on_time = pl.col("on_time")
    return rows.group_by("unit", key, maintain_order=True).agg(
        forms=pl.len(),
        done_forms=is_done.sum(),
        late_forms=(pl.col("late_days") > 0).sum(),
        judged=on_time.is_not_null().sum(),
        in_time=on_time.fill_null(False).sum(),
        owed=pl.col("owed").sum(),
        approved=pl.col("approved").sum(),
        waiting=pl.col("waiting").sum(),
        rank=pl.col("rank").min(),
        worst=(pl.col("rank") == pl.col("rank").min()).sum(),
        late_days=pl.col("late_days").max(),
        due=pl.col("due").max(),
    )


def by_group(folded: pl.DataFrame, groups: Mapping[str, str], key: str) -> pl.DataFrame:
    """Return folded units folded once more: one row for each group of units and `key`.

    `units` owe something, `done` of them have done their part, `worst` of them stand worst.
    """
    named = folded.with_columns(group=pl.col("unit").replace_strict(groups, default=None))
    return (
        named.drop_nulls("group")
        .group_by("group", key, maintain_order=True)
        .agg(
            *(pl.col(name).sum() for name in _COUNTS),
            units=pl.len(),
            done=(pl.col("rank") >= _RANK["pending"]).sum(),
            worst=(pl.col("rank") == pl.col("rank").min()).sum(),
            rank=pl.col("rank").min(),
        )
    )


def standing_counts(rows: pl.DataFrame) -> dict[str, int]:
    """Return how many filing units of a month stand worst at each standing."""
    folded = by_unit(rows, "period")
    counted = folded.group_by("rank").len()
    return {STANDINGS[rank]: count for rank, count in counted.sort("rank").rows()}


def totals(rows: pl.DataFrame) -> dict[str, int]:
    """Return what is owed and in over rows: units, forms and cells."""
    folded = by_unit(rows, "period")
    found = {name: int(folded[name].sum()) for name in _COUNTS}
    return found | {
        "units": folded.height,
        "done": int((folded["rank"] >= _RANK["pending"]).sum()),
    }


def share(part: int, whole: int) -> str:
    """Return a share in per cent that says 100 only where nothing is missing, and 0 where all is.

    >>> share(1999, 2000), share(2000, 2000), share(1, 5000), share(0, 5000), share(0, 0)
    ('99.9', '100', '0.1', '0', '—')
    """
    if not whole:
        return "—"
    if part in (0, whole):
        return "100" if part else "0"
    tenths = min(max(round(1000 * part / whole), 1), 999)
    return f"{tenths / 10:.1f}"


@dataclass(frozen=True, slots=True)
class Locked:
    """How a month stands: locked as a whole or not, the act that made it so, what differs of it.

    `parts` are forms and units ("" is all of them) that stand otherwise than the month.
    """

    is_whole: bool
    act: Mapping[str, Any]
    parts: tuple[tuple[str, str], ...]


@load.cached
def locks_of(months: tuple[dt.date, ...]) -> dict[dt.date, Locked]:
    """Return how each month stands that was ever locked, in whole or in part."""
    found: dict[dt.date, Locked] = {}
    for month in months:
        acts = lock_history(load.store(), month).reverse().rows(named=True)
        if acts:
            found[month] = standing_lock(acts)
    return found


def standing_lock(acts: Sequence[Mapping[str, Any]]) -> Locked:
    """Return how a month stands after acts of locking and opening, the oldest first.

    >>> month = {"act": "lock", "form": "", "units": []}
    >>> one = {"act": "open", "form": "M01", "units": ["a"]}
    >>> standing_lock([month, one]).is_whole, standing_lock([month, one]).parts
    (True, (('M01', 'a'),))
    >>> standing_lock([one, month]).parts
    ()
    """
    whole = [i for i, act in enumerate(acts) if not act["form"] and not act["units"]]
    is_whole = bool(whole) and acts[whole[-1]]["act"] == "lock"
    later = acts[whole[-1] + 1 :] if whole else acts
    last: dict[tuple[str, str], str] = {}
    for act in later:
        for unit in act["units"] or [""]:
            last[act["form"], unit] = act["act"]
    parts = tuple(place for place, act in last.items() if (act == "lock") != is_whole)
    return Locked(is_whole, acts[whole[-1] if whole else -1], parts)
