"""Funnels of any table on the command line; no record is needed."""

import argparse
from pathlib import Path

import polars as pl

from data.texts import text
from metrics.funnel_limits import METHODS, TYPES, Funnel, Spread, funnel_points
from verbs.analyse_groups import read_groups
from verbs.csv_table import short
from verbs.session import Session, UsageError, word
from verbs.show import show, words


def funnel(session: Session, args: argparse.Namespace) -> int:
    """Print each group with its limits and whether it lies outside; say φ and τ²."""
    asked = funnel_of(args)
    groups, left_out = read_groups(args.input, asked, args.standardise)
    for row in left_out:
        words(text("analyse.left_out", session.lang, group=short(row)))
    found, spread = funnel_points(groups, asked, dataset_of(args.input))
    shown = found
    if args.format == "json":  # which has no word for what lies infinitely far
        reals = pl.col(pl.Float64)
        shown = found.with_columns(pl.when(reals.is_finite()).then(reals))
    show(shown, args.format)
    tell(session, asked, found, spread)
    return 0


def tell(session: Session, asked: Funnel, found: pl.DataFrame, spread: Spread) -> None:
    """Say level and spread, how far groups differ, and who is outside."""
    numbers = {"target": f"{spread.target!r}", "phi": f"{spread.phi!r}", "tau2": f"{spread.tau2!r}"}
    words(text("analyse.funnel", session.lang, groups=found.height, **numbers))
    if spread.phi > 1:
        times = f"{spread.phi**0.5:.1f}"
        words(text("analyse.differ", session.lang, times=times))
    outside = found.filter(outlier=1)["group"].to_list()
    key = "analyse.outside" if outside else "analyse.inside"
    level = "95" if asked.limit == "95" else "99.8"
    words(
        text(
            key,
            session.lang,
            count=len(outside),
            level=level,
            groups=", ".join(map(short, outside)),
        )
    )


def funnel_of(args: argparse.Namespace) -> Funnel:
    """Return the funnel that the options describe, each checked."""
    kind, method = word(args.type, TYPES, "--type"), word(args.sr_method, METHODS, "--sr-method")
    least = 1e-6 if kind == "SR" and method == "SHMI" else 0.0  # what cuts off must cut something
    if not least <= args.trim < 0.5:
        raise UsageError(key="analyse.error.trim", trim=args.trim)
    if not 0 < args.multiplier <= 1e12:
        raise UsageError(key="analyse.error.multiplier", multiplier=args.multiplier)
    if args.counted and not (args.corrected and kind == "RC"):
        raise UsageError(key="analyse.error.counted")
    if args.standardise and kind != "SR":
        raise UsageError(key="analyse.error.standardise")
    return Funnel(
        kind,
        method,
        args.overdispersion,
        args.trim,
        word(args.limit, ("95", "99"), "--limit"),
        args.multiplier,
        args.corrected,
        args.counted,
    )


def dataset_of(path: str) -> str:
    """Return the name of a table by its file.

    >>> dataset_of("x/input_deaths.csv"), dataset_of("rates.csv")
    ('deaths', 'rates')
    """
    return Path(path).stem.removeprefix("input_")
