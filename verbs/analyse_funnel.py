"""Funnels of any table on the command line; no record is needed."""

import argparse
from pathlib import Path

import polars as pl

from data.texts import text
from metrics.funnel_limits import METHODS, TAIL, TYPES, Funnel, Spread, funnel_points
from metrics.funnel_tail import PAIR, RATE, SHARE, exact_tail
from verbs.analyse_groups import read_groups
from verbs.csv_table import short
from verbs.session import Session, UsageError, word
from verbs.show import show, words

#: Fewer cases than these, seen or expected, are a handful.
FEW = 10


def funnel(session: Session, args: argparse.Namespace) -> int:
    """Print each group with its limits and whether it lies outside; say φ and τ²."""
    asked = funnel_of(args)
    groups, left_out = read_groups(args.input, asked, args.group, args.standardise)
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
    if not asked.adjusted:
        words(text("analyse.not_asked", session.lang))
    if spread.phi > 1:
        times = f"{spread.phi**0.5:.1f}"
        words(text("analyse.differ", session.lang, times=times))
    outside = found.filter(outlier=1)["group"].to_list()
    level = "95" if asked.limit == "95" else "99.8"
    key = "analyse.outside" if outside else "analyse.inside"
    words(text(key, session.lang, level=level, **_named(outside)))
    by_chance = explained_by_chance(asked, found, spread)
    if by_chance:
        words(text("analyse.by_chance", session.lang, **_named(by_chance)))


def explained_by_chance(asked: Funnel, found: pl.DataFrame, spread: Spread) -> list[str]:
    """Return groups of few cases outside the limits whose exact tail is not as rare as these say.

    On a scale of even spread the limits do not hold for a handful of cases: none where 0.3 are
    expected is below any limit that is not nought. Where the limits are widened, so is the tail.
    """
    centre = spread.target
    between = spread.tau2 if asked.adjusted and spread.phi > 1 else 0.0
    if asked.kind == "SR" and asked.method == "CQC":
        between *= 4  # from the root of a ratio to its logarithm
    kind = {"PR": SHARE, "RC": PAIR if asked.counted else RATE, "SR": RATE}[asked.kind]
    named = []
    for row in found.filter(outlier=1).iter_rows(named=True):
        part, size = row["numerator"], row["denominator"]
        least = [part, centre * size] + [size - part, size - centre * size] * (kind == SHARE)
        if min(least) < FEW and exact_tail(part, size, centre, kind, between) >= TAIL[asked.limit]:
            named.append(row["group"])
    return named


def _named(groups: list[str]) -> dict[str, int | str]:
    """Return how many groups there are, and their names."""
    return {"count": len(groups), "groups": ", ".join(map(short, groups))}


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
