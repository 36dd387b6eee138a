"""The survey of wellbeing on the command line: each dimension with its interval and its change.

What is hidden is hidden from everybody, the number of answers included; a unit that the reader
may not see is refused.
"""

import argparse
import datetime as dt
from typing import Any

import polars as pl

from data.access import OPERATOR
from data.definition_versions import filed_codes
from data.periods import add_months
from data.store.snapshot import read_facts
from data.texts import text
from metrics.cube import build_cube
from metrics.survey import find_survey, find_waves
from metrics.wellbeing import compare_waves
from verbs.figures import asked_periods, asked_units
from verbs.session import LAST_DAY, Session, UsageError
from verbs.show import show, words

COLUMNS: dict[str, Any] = {
    "unit": pl.String,
    "period": pl.Date,
    "dimension": pl.String,
    "weight": pl.Float64,
    "mean": pl.Float64,
    "sd": pl.Float64,
    "n": pl.Float64,
    "invited": pl.Float64,
    "response": pl.Float64,
    "band": pl.String,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "base_period": pl.Date,
    "base_mean": pl.Float64,
    "change": pl.Float64,
    "tellable": pl.Boolean,
    "reading": pl.String,
    "note": pl.String,
}


def wellbeing(session: Session, args: argparse.Namespace) -> int:
    """Print the index and the dimensions of units, each in the last wave up to a month."""
    survey = find_survey(session.catalog)
    if survey is None:
        raise UsageError(key="cli.error.no_survey")
    measures = {survey.responded, survey.invited, survey.rate}
    measures |= {code for score in survey.scores for code in (score.mean, score.sd)}
    # What is hidden is settled over the whole bureau, whoever asks.
    codes = filed_codes(session.catalog.measures, measures - {""})
    facts = read_facts(session.store, OPERATOR, codes)
    cube = build_cube(facts, session.catalog, session.tree)
    units = asked_units(session, args.unit, args.level)
    months = asked_periods(args) or [LAST_DAY]
    periods = []
    for month in months:
        waves = find_waves(cube, survey, month)
        if not waves:
            raise UsageError(key="cli.error.no_wave", store=session.store.shown)
        periods.append(waves[-1])
    rows = [
        _row(unit, period, row)
        for period in dict.fromkeys(periods)
        for unit in units
        for row in compare_waves(cube, session.tree, survey, unit, period).iter_rows(named=True)
    ]
    found = pl.DataFrame(rows, schema=COLUMNS, orient="row")
    show(found, args.format)
    _explain(session, found)
    return 0


def _row(unit: str, period: dt.date, row: dict[str, Any]) -> dict[str, Any]:
    """Return one line; whether a change can be told is unsaid where nothing is compared."""
    is_told = None if row["reading"] == "none" else row["reading"] != "not_significant"
    given = {name: row[name] for name in COLUMNS if name in row}
    return given | {
        "unit": unit,
        "period": period,
        "dimension": row["indicator"],
        "response": None if row["rate"] is None else 100 * row["rate"],
        "base_period": None if row["base_mean"] is None else add_months(period, -12),
        "tellable": is_told,
    }


def _explain(session: Session, found: pl.DataFrame) -> None:
    """Say in words what the bands and notes that occur mean."""
    limit = session.catalog.bureau.small_n
    notes = dict.fromkeys(word for line in found["note"] for word in line.split())
    for note in notes:
        said = text(f"wellbeing.note.{note}", session.lang, limit=limit)
        words(f"{note}: {said}")
    if found["tellable"].is_not_null().any():
        words(text("wellbeing.how_2", session.lang))
