"""What a return would change, on the command line: figures and coverage before it is submitted."""

import argparse
from typing import Any

import polars as pl

from data.access import OPERATOR, spoken_for
from data.checks.run import CheckedReturn
from data.returns.gain import read_gain
from data.schema import FACTS
from data.store.snapshot import read_facts
from data.texts import text
from metrics.effect import Effect, places, read_effects
from verbs.session import Session
from verbs.show import show, words

COLUMNS: dict[str, Any] = {
    "unit": pl.String,
    "indicator": pl.String,
    "before": pl.Float64,
    "reported_before": pl.Int64,
    "after": pl.Float64,
    "reported_after": pl.Int64,
    "due": pl.Int64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "reading": pl.String,
    "mom": pl.Float64,
    "yoy": pl.Float64,
    "change_kind": pl.String,
    "withheld": pl.String,
}


def show_effect(session: Session, args: argparse.Namespace, verdict: CheckedReturn) -> None:
    """Print what a return would do to the headline figures of its unit and of the bureau above."""
    reading, catalog, tree = verdict.reading, session.catalog, session.tree
    if reading.period is None or not reading.unit:
        words(text("cli.effect_nothing", session.lang))
        return
    units = places(tree, reading.unit)
    facts = pl.DataFrame(schema=FACTS)
    if session.store.exists():
        # Sums of the bureau above are made of all its units; what of them is told is decided there.
        facts = read_facts(session.store, OPERATOR)
    effects = read_effects(
        facts,
        verdict.facts,
        catalog,
        tree,
        catalog.bureau.headline,
        units,
        reading.period,
        session.viewer.sees(),
        spoken_for(session.viewer),
    )
    show(effect_frame(effects), args.format)
    for unit in units:
        gain = read_gain(facts, verdict.facts, catalog, tree, reading.forms, unit, reading.period)
        said = {name: getattr(gain, name) for name in gain.__slots__} | {"unit": unit}
        words(text("cli.effect_coverage", session.lang, **said))
    for reason in sorted({effect.withheld for effect in effects} - {""}):
        words(text(f"returns.effect.withheld_{reason}", session.lang))


def effect_frame(effects: list[Effect]) -> pl.DataFrame:
    """Return one row a figure; changes in percent, or as `change_kind` says."""
    rows = []
    for effect in effects:
        row = {name: getattr(effect, name) for name in COLUMNS if hasattr(effect, name)}
        for name in ("mom", "yoy"):
            change = getattr(effect, name)
            row[name] = change["change"] if change else None
        row["change_kind"] = next(
            (change["change_kind"] for change in (effect.yoy, effect.mom) if change), None
        )
        rows.append(row)
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")
