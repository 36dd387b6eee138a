"""Which rules of later months does a correction of an earlier month break?

What is open at the end of March is where April begins, and March is part of the year to date of
every month after it. Where a return changes a month that later ones stand on, what held there and
no longer does is said as a note: those months are not in this return, and may have to follow.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl

from data.checks.context import VALUES, Hierarchy
from data.checks.grammar import Code
from data.checks.past import Pair, Recall, recall_facts
from data.checks.rules import Check, Failure, cross_checks, failing
from data.checks.season_words import broken_words
from data.checks.words import name_words
from data.definition_types import Catalog
from data.periods import add_months, format_period, month_number
from data.schema import conform
from data.texts import LANGUAGES, text

#: The note about a later month.
CODE = "F08"
#: So many months after it may stand on a month: a year to date, and the period before.
MONTHS_AFTER = 12
#: Rules over time that hold or do not; what is merely unusual is not asked again for the past.
_LOOKS_BACK = frozenset({"prev", "ytd"})
_IS_USUAL = frozenset({"median12", "mad12", "surprise"})
Key = tuple[str, str]


def later_findings(
    values: pl.DataFrame,
    cells: pl.DataFrame,
    history: pl.DataFrame | Recall,
    period: dt.date,
    catalog: Catalog,
    hierarchy: Hierarchy,
) -> list[dict[str, Any]]:
    """Return a note for each rule of a later month that held and no longer does.

    Needs: values (VALUES) of the return and its cells; history as the rules read it.
    """
    recall = history if callable(history) else recall_facts(history, catalog)
    changed = _changed(values, recall, period, hierarchy)
    checks = [
        check
        for check in cross_checks(catalog)
        if check.calls & _LOOKS_BACK
        and not check.calls & _IS_USUAL
        and any(measure in check.measures for _, measure in changed)
    ]
    if not changed or not checks:
        return []
    places = {(r["unit"], r["measure"]): r for r in cells.iter_rows(named=True)}
    units = sorted({unit for unit, _ in changed})
    corrected = _overlaid(recall, period, changed)
    found = []
    for month in (add_months(period, ahead) for ahead in range(1, MONTHS_AFTER + 1)):
        filed = _filed(recall, month, checks, units)
        if filed.is_empty():
            continue
        asked = (month, units, catalog, hierarchy)
        before = {
            (f.check.rule.code, f.check.clause, f.unit, f.check.member)
            for f in failing(checks, filed, recall, *asked)
        }
        for failure in failing(checks, filed, corrected, *asked):
            check = failure.check
            if (check.rule.code, check.clause, failure.unit, check.member) in before:
                continue
            touched = [m for m in check.measures if (failure.unit, m) in changed]
            if touched:
                place = places[failure.unit, touched[0]]
                found.append(_note(failure, place, month, catalog))
    return found


def _changed(
    values: pl.DataFrame, recall: Recall, period: dt.date, hierarchy: Hierarchy
) -> dict[Key, float]:
    """Return the figures of leaves that were on record otherwise; NaN where one is withdrawn."""
    leaves = values.filter(~pl.col("unit").is_in(list(hierarchy.children)))
    units, measures = leaves["unit"].unique().to_list(), leaves["measure"].unique().to_list()
    known = recall(period, [(measure, 0) for measure in measures], units)
    if np.isnan(known).all():
        return {}
    row = {measure: number for number, measure in enumerate(measures)}
    column = {unit: number for number, unit in enumerate(units)}
    found = {}
    for unit, measure, value in leaves.select("unit", "measure", "value").iter_rows():
        old = known[row[measure], column[unit]]
        new = np.nan if value is None else value
        if not np.isnan(old) and not abs(old - new) <= 1e-9:
            found[unit, measure] = new
    return found


def _overlaid(recall: Recall, period: dt.date, changed: dict[Key, float]) -> Recall:
    """Return the record with the changed figures of a month in it."""

    def corrected(month: dt.date, pairs: Any, units: Any) -> np.ndarray:
        table = np.array(recall(month, pairs, units))
        back = month_number(month) - month_number(period)
        place: dict[Pair, int] = {pair: number for number, pair in enumerate(pairs)}
        column = {unit: number for number, unit in enumerate(units)}
        for (unit, measure), value in changed.items():
            if (measure, back) in place and unit in column:
                table[place[measure, back], column[unit]] = value
        return table

    return corrected


def _filed(recall: Recall, month: dt.date, checks: list[Check], units: list[str]) -> pl.DataFrame:
    """Return what is on record for a later month, as a return of that month would say it."""
    measures = sorted({measure for check in checks for measure in check.measures})
    known = recall(month, [(measure, 0) for measure in measures], units)
    rows = [
        (units[column], measures[row], float(known[row, column]))
        for row, column in zip(*np.nonzero(~np.isnan(known)), strict=True)
    ]
    frame = pl.DataFrame(rows, schema=["unit", "measure", "value"], orient="row")
    unsaid = [pl.lit(None, kind).alias(name) for name, kind in list(VALUES.items())[3:]]
    return conform(frame.with_columns(unsaid), VALUES)


def _note(
    failure: Failure, place: dict[str, Any], month: dt.date, catalog: Catalog
) -> dict[str, Any]:
    said: dict[str, str] = {}
    for lang in LANGUAGES:
        numbers = broken_words(
            failure.check.condition, failure.quantities, catalog.measures, {}, lang
        )
        names = {
            "measure": name_words(Code(place["measure"]), catalog.measures, lang),
            "month": format_period(month),
            "rule": failure.check.rule.code,
            "numbers": numbers,
        }
        said[f"message_{lang}"] = text("checks.later.message", lang, **names)
        said[f"fix_{lang}"] = text("checks.later.fix", lang, **names)
    return {
        "rule": CODE,
        "severity": "info",
        "unit": failure.unit,
        "period": place["period"],
        "measure": place["measure"],
        "sheet": place["sheet"],
        "cell": place["cell"],
        "value": place["text"],
        **said,
        "answer": "",
    }
