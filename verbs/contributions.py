"""Who made a change: child units or categories, on the command line."""

import argparse

from data.schema import BASIS, WINDOW
from data.texts import text
from metrics.categories import categories_of
from metrics.contributed import (
    CATEGORIES,
    COMPARATORS,
    UNITS,
    by_categories,
    by_units,
)
from metrics.contributed_frame import contributions_frame
from metrics.mix_words import said
from verbs.figures import cube_of, hider, tell_basis
from verbs.session import Session, UsageError, day, month, word
from verbs.show import show, words


def contributions(session: Session, args: argparse.Namespace) -> int:
    """Print what each part adds to a change, the whole first; say who made most of it."""
    code, *others = session.indicators(args.indicator)
    if others:
        raise UsageError(key="cli.error.one_indicator", indicator=args.indicator)
    unit = session.unit(args.unit) if args.unit else session.top
    window = word(args.window, WINDOW, "--window")
    basis = word(args.basis, BASIS, "--basis")
    comparator = word(args.compare, COMPARATORS, "--compare")
    by = word(args.by, (UNITS, CATEGORIES), "--by")
    as_of = day(args.as_of) if args.as_of else None
    parts = categories_of(session.catalog, code) if by == CATEGORIES else []
    cube = cube_of(session, [code, *parts], as_of, basis)
    tell = by_units if by == UNITS else by_categories
    hide = hider(session, basis, as_of)
    found = tell(cube, code, unit, month(args.period), window, comparator, basis, hide)
    show(contributions_frame(found), args.format)
    words(said(found, session.catalog.indicators[code], session.lang, *_names(session, by)))
    if not found.withheld:
        count = found.whole["compared_units"]
        words(text("contributions.compared", session.lang, count=count))
    tell_basis(session, basis)
    return 0


def _names(session: Session, by: str):
    """Return what names units, and what names the lines."""

    def unit(code: str) -> str:
        return session.tree.unit(code).name.get(session.lang)

    def indicator(code: str) -> str:
        return session.catalog.indicators[code].name.get(session.lang)

    return (unit, unit) if by == UNITS else (unit, indicator)
