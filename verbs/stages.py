"""The stages of money on the command line: each amount, each rate, and how timing bends it."""

import argparse
from typing import Any

import polars as pl

from data.definition_types import Chain
from data.schema import BASIS
from data.texts import text
from metrics.stages import StageRate, Stages, read_stages
from metrics.stages_words import explain_words, lag_words, range_words
from verbs.figures import cube_of, hider, tell_basis
from verbs.session import Session, UsageError, day, month, word
from verbs.show import show, words

COLUMNS = {
    "chain": pl.String,
    "row": pl.String,
    "measure": pl.String,
    "of": pl.String,
    "indicator": pl.String,
    "unit": pl.String,
    "period": pl.Date,
    "window": pl.String,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "value": pl.Float64,
    "before": pl.Float64,
    "low": pl.Float64,
    "low_lag": pl.Int64,
    "high": pl.Float64,
    "high_lag": pl.Int64,
    "lag": pl.String,
    "lag_first": pl.Int64,
    "lag_last": pl.Int64,
    "lag_months": pl.Int64,
    "due": pl.Int64,
    "reported": pl.Int64,
    "note": pl.String,
}


def stages(session: Session, args: argparse.Namespace) -> int:
    """Print the stages of money of a unit in the twelve months that end with a period."""
    chains = session.catalog.stages
    if not chains:
        raise UsageError(key="stages.error.none")
    asked = [word(args.chain, tuple(chains), "--chain")] if args.chain else list(chains)
    unit, period = session.unit(args.unit) if args.unit else session.top, month(args.period)
    as_of = day(args.as_of) if args.as_of else None
    basis = word(args.basis, BASIS, "--basis")
    measures = [code for name in asked for code in chains[name].measures]
    cube = cube_of(session, list(dict.fromkeys(measures)), as_of, basis)
    hide = hider(session, basis, as_of)
    found = [read_stages(cube, chains[name], unit, period, hide) for name in asked]
    rows = [row for one in found for row in _rows(one, unit)]
    show(pl.DataFrame(rows, schema=COLUMNS), args.format)
    for one in found:
        _say(session, one)
    tell_basis(session, basis)
    return 0


def _rows(found: Stages, unit: str) -> list[dict[str, Any]]:
    """Return a row for each amount and each rate of a chain."""
    chain = found.chain
    rows = [
        {
            **dict.fromkeys(COLUMNS),
            "chain": chain.code,
            "row": "stage" if now["indicator"] in chain.stages else "beside",
            "measure": now["indicator"],
            "indicator": now["indicator"],
            "unit": unit,
            **{key: now[key] for key in ("period", "window", "value", "due", "reported")},
            "before": before["value"],
            "note": _amount_note(now),
        }
        for now, before in found.amounts
    ]
    return [*rows, *(_rate_row(chain, one, unit) for one in found.rates)]


def _amount_note(row: dict[str, Any]) -> str:
    """Return what must be known of an amount."""
    if row["suppressed"]:
        return "suppressed"
    if row["value"] is None:
        return "missing"
    return "partial" if row["reported"] < row["due"] else "none"


def _rate_row(chain: Chain, one: StageRate, unit: str) -> dict[str, Any]:
    """Return a rate as a row."""
    keys = ("period", "window", "numerator", "denominator", "value", "due", "reported")
    return {
        **dict.fromkeys(COLUMNS),
        "chain": chain.code,
        "row": "rate",
        "measure": one.rate.part,
        "of": one.rate.of,
        "indicator": one.rate.indicator,
        "unit": unit,
        **{key: one.figure[key] for key in keys},
        "before": one.before["value"],
        "low": one.low,
        "low_lag": one.low_lag,
        "high": one.high,
        "high_lag": one.high_lag,
        "lag": one.lag.said,
        "lag_first": one.lag.first,
        "lag_last": one.lag.last,
        "lag_months": one.lag.pairs,
        "note": one.note,
    }


def _say(session: Session, found: Stages) -> None:
    """Say what the rates of a chain may be read for."""
    lang, catalog = session.lang, session.catalog
    words(text("stages.head", lang, name=found.chain.name.get(lang)))
    if caveats := found.chain.caveats.get(lang):
        words(caveats)
    for one in found.rates:
        name = one.rate.name.get(lang)
        said = [
            explain_words(one, catalog, lang),
            range_words(one, found.chain, lang),
            lag_words(one.lag, lang),
        ]
        joined = text("stages.stop", lang).join(part for part in said if part)
        words(text("stages.line", lang, name=name, said=joined))
