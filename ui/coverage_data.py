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
from data.returns.coverage import coverage
from data.store.locking import lock_history
from ui import load
from ui.monthly import Span, counted, span_of, units_below
from ui.scope import Scope

#: What a form of a unit is in, from what somebody has to act on to what is done with.
STANDINGS = (
    *("missing", "returned", "asked", "partial", "due", "pending", "late", "ontime", "imported"),
)
#: The unit has done its part.
DONE = ("pending", "late", "ontime", "imported")
#: Somebody has to be called.
OPEN = STANDINGS[: STANDINGS.index("pending")]
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
    return _part(scope.unit, load.sight(scope).unit, span_of(scope))


def _part_made(top: str, seen: str, span: Span) -> Part:
    """Return the rows of the units below one, of these only what hangs below another."""
    units = units_below(top, seen)
    rows = counted("coverage", span, _coverage).filter(pl.col("unit").is_in(units))
    return Part(top, units, span.months, rows, hash((load.version(), span)))


def _coverage(first: dt.date, last: dt.date, day: dt.date) -> pl.DataFrame:
    """Return COVERAGE of the whole bureau, each row with its standing."""
    who = (load.store(), OPERATOR, load.catalog(), load.tree())
    return with_standing(coverage(*who, first, last, day))


_part = load.cached(_part_made, 64)


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
    """Return how each month stands that was locked as a whole once, or is locked in part."""
    found: dict[dt.date, Locked] = {}
    for month in months:
        acts = lock_history(load.store(), month).reverse().rows(named=True)
        standing = standing_lock(acts)
        if standing is not None:
            found[month] = standing
    return found


def standing_lock(acts: Sequence[Mapping[str, Any]]) -> Locked | None:
    """Return how a month stands after acts of locking and opening, the oldest first.

    Where a part of it was locked and opened again, nothing is left to say.

    >>> month = {"act": "lock", "form": "", "units": []}
    >>> one = {"act": "open", "form": "M01", "units": ["a"]}
    >>> standing_lock([month, one]).is_whole, standing_lock([month, one]).parts
    (True, (('M01', 'a'),))
    >>> standing_lock([one, month]).parts
    ()
    >>> standing_lock([one | {"act": "lock"}, one])
    """
    whole = [i for i, act in enumerate(acts) if not act["form"] and not act["units"]]
    is_whole = bool(whole) and acts[whole[-1]]["act"] == "lock"
    later = acts[whole[-1] + 1 :] if whole else acts
    last: dict[tuple[str, str], str] = {}
    for act in later:
        for unit in act["units"] or [""]:
            last[act["form"], unit] = act["act"]
    parts = tuple(place for place, act in last.items() if (act == "lock") != is_whole)
    if not whole and not parts:
        return None
    return Locked(is_whole, acts[whole[-1] if whole else -1], parts)
