"""The survey of wellbeing on the command line: each dimension with its interval and its change.

What is hidden is hidden from everybody, the number of answers included; a unit that the reader
may not see is refused.
"""

import argparse
import datetime as dt
from collections.abc import Collection
from typing import Any

import polars as pl

from data.access import OPERATOR
from data.definition_versions import filed_codes
from data.periods import add_months
from data.schema import BASIS
from data.store.snapshot import read_facts
from data.texts import text
from data.units import tree_at
from metrics.cube import Cube, build_cube
from metrics.survey import Survey, find_survey, find_waves
from metrics.wellbeing import compare_waves
from verbs.figures import asked_periods, asked_units, stretch, tell_basis
from verbs.session import LAST_DAY, Session, UsageError, day, word
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
    basis = word(args.basis, BASIS, "--basis")
    if basis == "matched":
        raise UsageError(key="cli.error.basis_waves", basis=basis)
    as_of = day(args.as_of) if args.as_of else None
    codes = filed_codes(session.catalog.measures, measures - {""})
    # What is hidden is settled over the whole bureau, whoever asks, and what today hides must not
    # follow from an earlier day.
    cube = _cube(session, codes, as_of, basis)
    present = None if as_of is None else _cube(session, codes)
    periods = _waves(session, args, cube, survey)
    reach = stretch(session, periods, "quarter")
    units = asked_units(session, args.unit, args.level, basis, reach)
    rows = []
    for period in periods:
        tree = session.tree if basis == "now" else tree_at(session.catalog, period)
        rows += [
            _row(unit, period, row)
            for unit in units
            if unit in tree.units
            for row in compare_waves(cube, tree, survey, unit, period, present=present).iter_rows(
                named=True
            )
        ]
    found = pl.DataFrame(rows, schema=COLUMNS, orient="row")
    show(found, args.format)
    _explain(session, found)
    tell_basis(session, basis)
    return 0


def _cube(
    session: Session, codes: Collection[str], as_of: dt.date | None = None, basis: str = "now"
) -> Cube:
    """Return everybody's facts of the survey by a day, on a basis."""
    facts = read_facts(session.store, OPERATOR, codes, as_of)
    return build_cube(facts, session.catalog, session.tree, basis=basis)


def _waves(session: Session, args: argparse.Namespace, cube: Cube, survey: Survey) -> list[dt.date]:
    """Return the last wave up to each month that is asked for, each once."""
    found = []
    for month in asked_periods(args) or [LAST_DAY]:
        waves = find_waves(cube, survey, month)
        if not waves:
            raise UsageError(key="cli.error.no_wave", store=session.store.shown)
        found.append(waves[-1])
    return list(dict.fromkeys(found))


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
