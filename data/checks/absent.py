"""Which units have no row in a file that should have one?

A csv that was cut exactly between two rows looks like a whole one. What tells it are the units that
are not there: beside the other months of the file, beside the import before it, or beside the
definitions. None of this proves a fault, so it is asked, with the unit at which the file ends.
"""

import datetime as dt
from collections.abc import Iterator
from statistics import median

import polars as pl

from data.definition_types import Catalog
from data.periods import format_period
from data.returns.flat_findings import Found
from data.schema import FINDINGS
from data.units import Tree

# A table in which so many of the neighbouring months have the same units has no holes by nature.
DENSE = 0.8
# Where no row means zero, so many units must be lacking to be worth a question.
SPARSE = 0.1
# So many months and units are named.
MOST_MONTHS, MOST_UNITS = 3, 5


def absent_findings(
    facts: pl.DataFrame,
    history: pl.DataFrame,
    catalog: Catalog,
    units: Tree,
    top: str | None = None,
) -> pl.DataFrame:
    """Return a question for each sign that rows of units are lacking in a file.

    Needs: facts (LOADED) as read, in the file's order; history (FACTS) of the form's measures
    around its months; `top` is the unit that was asked for, where not all were.
    """
    rows = facts.filter(pl.col("cell").is_not_null())
    if rows.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    end = _last_row(rows)
    measures = [catalog.measures[code] for code in rows["measure"].unique()]
    is_sparse = all(measure.absent == "zero" for measure in measures)
    found = [
        _found("absent_month", lacking, held, all_, units, end, {"value": format_period(month)})
        for month, lacking, held, all_ in _by_month(rows, units, end[2])
    ]
    months, there = set(rows["period"]), set(rows["unit"])
    file, known = _earlier(rows, history)
    key = "absent_before" if file else "absent_due"
    asked = set(units.subtree(top or _common(there, units), gone=True))
    lacking = {
        code
        for code in (known if file else _due(rows, catalog, units))
        if code not in there
        and code in units.units
        and code in asked
        and all(units.is_open(code, month) for month in months)
    }
    whole = len(lacking) + len(there)
    if not file and 2 * len(there) <= whole:
        # One unit's file, or one district's.
        lacking = set()
    if lacking and (not is_sparse or len(lacking) > SPARSE * whole):
        found.append(_found(key, lacking, len(there), whole, units, end, {}))
    return pl.DataFrame([item.row() for item in found], schema=FINDINGS, orient="row")


def _by_month(
    rows: pl.DataFrame, units: Tree, last: dt.date
) -> Iterator[tuple[dt.date, set[str], int, int]]:
    """Yield the months that lack units of the month beside them: which, how many there, of all."""
    held = {
        month: set(codes)
        for month, codes in rows.group_by("period").agg(pl.col("unit").unique()).iter_rows()
    }
    months = sorted(held)
    if len(months) < 2:
        return
    beside = {month: months[n - 1] if n else months[1] for n, month in enumerate(months)}
    lacking = {
        month: {code for code in held[other] - held[month] if units.is_open(code, month)}
        for month, other in beside.items()
    }
    # The first of two months may have less because a unit began after it.
    found = [month for month in months if lacking[month]]
    if len(found) > max(1, (1 - DENSE) * len(months)):
        usual = median(len(codes) for month, codes in held.items() if month != last)
        is_low = len(held[last]) < DENSE * usual
        found = [last] if is_low and lacking[last] else []
    for month in found[:MOST_MONTHS]:
        there = len(held[month])
        yield month, lacking[month], there, there + len(lacking[month])


def _common(there: set[str], units: Tree) -> str:
    """Return the lowest unit above all units of a file: a province's file speaks of no other."""
    chains = [(code, *units.ancestors(code)) for code in sorted(there)]
    shared = set(chains[0]).intersection(*chains[1:])
    return max(shared, key=lambda code: len(units.ancestors(code)), default=units.root)


def _earlier(rows: pl.DataFrame, history: pl.DataFrame) -> tuple[bool, set[str]]:
    """Return whether an earlier import had units of this file, and which the likest one had."""
    there = rows.select(pl.col("unit").unique())["unit"]
    imports = (
        history.filter(pl.col("cell").is_not_null())
        .group_by("submission")
        .agg(
            pl.col("unit").unique(),
            shared=pl.col("unit").unique().is_in(there.implode()).sum(),
            size=pl.col("unit").n_unique(),
            vintage=pl.col("vintage").max(),
        )
        .filter(pl.col("shared") > 0)
        .sort("shared", "size", "vintage", descending=[True, False, True])
    )
    return bool(imports.height), set(imports["unit"][0]) if imports.height else set()


def _due(rows: pl.DataFrame, catalog: Catalog, units: Tree) -> set[str]:
    """Return the units that file the measures of a file, of the levels that the file has."""
    filing = {
        level for code in rows["measure"].unique() for level in catalog.measures[code].value_of
    }
    levels = filing & {units.level(code) for code in rows["unit"].unique()}
    return {code for level in levels for code in units.at_level(level) if units.is_leaf(code)}


def _last_row(rows: pl.DataFrame) -> tuple[str | None, int, dt.date, str, str]:
    """Return sheet, row, month, unit and cell of the last row of a file."""
    sheet = rows["sheet"][-1]
    number = pl.col("cell").str.extract(r"(\d+)$").cast(pl.Int64)
    placed = rows.filter(pl.col("sheet").eq_missing(sheet)).with_columns(row=number)
    last = placed.filter(pl.col("row") == pl.col("row").max()).row(0, named=True)
    return sheet, last["row"], last["period"], last["unit"], last["cell"].rpartition("+")[2]


def _found(
    key: str,
    lacking: set[str],
    there: int,
    whole: int,
    units: Tree,
    end: tuple[str | None, int, dt.date, str, str],
    values: dict[str, str],
) -> Found:
    sheet, row, _, last, cell = end
    ordered = sorted(lacking, key=units.order.__getitem__)
    words = {}
    for lang in ("zh", "en"):
        names = [units.unit(code).short.get(lang) for code in ordered[:MOST_UNITS]]
        dots = " …" if len(ordered) > MOST_UNITS else ""
        words[lang] = {"absent": ("、" if lang == "zh" else ", ").join(names) + dots}
        words[lang]["last"] = units.unit(last).short.get(lang)
    said = {name: {lang: words[lang][name] for lang in words} for name in ("absent", "last")}
    place = {"unit": ordered[0], "sheet": sheet, "cell": cell}
    said_values = {**values, "there": there, "whole": whole, "row": row}
    return Found("query", key, said_values, "absent", place, said)
