"""Figures, comparisons, passports and rounds on the command line."""

import argparse
import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from data.access import OPERATOR
from data.definition_versions import filed_codes
from data.periods import format_period, months_between, window_months
from data.schema import BASIS, COMPARATOR, WINDOW
from data.store.snapshot import read_facts
from data.texts import text
from data.units import level_between, timeline
from metrics.compare import compare_figures
from metrics.cube import Cube, build_cube
from metrics.disclose import suppress
from metrics.figures import compute_figures
from metrics.plan import make_plan
from metrics.round_figures import Hide
from metrics.score_reading import read_beside
from metrics.windows import months_needed
from verbs.festival import tell_breaks, tell_carried, tell_festival, tell_structure, viewed
from verbs.session import Session, UsageError, day, listed, month, word
from verbs.show import show, words

if TYPE_CHECKING:
    from metrics.evaluate import RoundResult


def figures(session: Session, args: argparse.Namespace) -> int:
    """Print FIGURES, or CHANGES where comparators are named."""
    indicators = session.indicators(args.indicator)
    window = word(args.window, WINDOW, "--window")
    basis = word(args.basis, BASIS, "--basis")
    comparators = [word(name, COMPARATOR, "--compare") for name in _list(args.compare, "--compare")]
    periods = asked_periods(args)
    as_of = day(args.as_of) if args.as_of else None
    if basis == "matched" and not comparators:
        raise UsageError(key="cli.error.basis_alone", basis=basis)
    is_plain = not comparators and not args.view and not is_guarded(session, indicators)
    months = months_needed(session.catalog, indicators, periods, window) if is_plain else None
    cube = cube_of(session, indicators, as_of, basis, months)
    if not periods:
        periods = [latest_month(session, cube)]
    units = asked_units(session, args.unit, args.level, basis, stretch(session, periods, window))
    if args.view:
        found = viewed(
            session, cube, args.view, indicators, units, periods, window, comparators, basis
        )
    elif comparators:
        found = compare_figures(cube, indicators, units, periods, window, comparators, basis)
    else:
        found = compute_figures(cube, indicators, units, periods, window)
    show(hidden(session, found, cube, as_of), args.format)
    tell_breaks(session, found)
    if not args.view:
        tell_festival(session, found)
        tell_structure(session, cube, indicators, units, periods, window, comparators)
    if len(units) == len(periods) == 1:
        tell_carried(session, cube, indicators, units[0], periods[0], window)
    tell_basis(session, basis)
    return 0


def tell_basis(session: Session, basis: str) -> None:
    """Say on which structure the figures stand, where the bureau has had several."""
    if session.catalog.successions or timeline(session.catalog):
        words(text(f"hierarchy.stands.{basis}", session.lang))


def stretch(session: Session, periods: Sequence[dt.date], window: str) -> tuple[dt.date, dt.date]:
    """Return the first and last month of the windows that end at some months."""
    start = session.catalog.bureau.year_start
    months = [month for period in periods for month in window_months(window, period, start)]
    months += periods
    return min(months), max(months)


def asked_units(
    session: Session,
    units: str | None,
    level: str | None,
    basis: str = "now",
    months: tuple[dt.date, dt.date] | None = None,
) -> list[str]:
    """Return the units that --unit or --level name; without either, the top of the scope.

    As it was, a level has the units that were there, below the top, in some of the months.
    """
    if units and level:
        raise UsageError(key="cli.error.unit_and_level")
    if level:
        if basis == "now" or months is None:
            known = session.tree.at_level(session.level(level), session.top)
        else:
            known = level_between(session.catalog, session.level(level), session.top, *months)
        if not known:
            raise UsageError(key="cli.error.no_units", level=level, unit=session.top)
        return list(known)
    if units:
        return list(dict.fromkeys(session.unit(code) for code in _list(units, "--unit")))
    return [session.top]


def asked_periods(args: argparse.Namespace) -> list[dt.date]:
    """Return the months that --period, or --from and --to, name; none where none is named."""
    if args.period and (args.start or args.end):
        raise UsageError(key="cli.error.period_and_range")
    if args.period:
        return list(dict.fromkeys(month(written) for written in _list(args.period, "--period")))
    if bool(args.start) != bool(args.end):
        raise UsageError(key="cli.error.range_half")
    if not args.start:
        return []
    first, last = month(args.start), month(args.end)
    if first > last:
        raise UsageError(key="cli.error.range_order", start=args.start, end=args.end)
    return months_between(first, last)


def needed_measures(session: Session, indicators: Iterable[str]) -> set[str]:
    """Return the measures from which the indicators, and what they are held against, come."""
    found: set[str] = set()
    for code in indicators:
        found.update(make_plan(session.catalog, code).measures)
        found.update(read_beside(session.catalog, code))
        for target in session.catalog.indicators[code].targets:
            if target.indicator:
                found.update(make_plan(session.catalog, target.indicator).measures)
    return found


def cube_of(
    session: Session,
    indicators: list[str],
    as_of: dt.date | None,
    basis: str = "now",
    months: tuple[dt.date, dt.date] | None = None,
) -> Cube:
    """Return the facts behind the indicators, on a basis, as far as the viewer sees them."""
    measures = needed_measures(session, indicators)
    codes = filed_codes(session.catalog.measures, measures)
    facts = read_facts(session.store, session.viewer, codes, as_of, months)
    scope = None if session.viewer.sees() is None else session.viewer.unit
    return build_cube(facts, session.catalog, session.tree, scope=scope, basis=basis)


def latest_month(session: Session, cube: Cube) -> dt.date:
    """Return the last month that has any of the facts."""
    if not cube.index:
        raise UsageError(key="cli.error.no_facts", store=session.store.shown)
    number = cube.first + cube.months - 1
    return dt.date(number // 12, number % 12 + 1, 1)


def is_guarded(session: Session, indicators: Iterable[str]) -> bool:
    """Return whether any of the indicators may have cells to hide."""
    known = session.catalog.indicators
    return any({"W", "S"} & set(known[code].flags) for code in indicators)


def hidden(
    session: Session, found: pl.DataFrame, cube: Cube | None, as_of: dt.date | None
) -> pl.DataFrame:
    """Return the figures without what the viewer must not see."""
    return hider(session, cube.basis if cube is not None else "now", as_of)(found)


def hider(session: Session, basis: str, as_of: dt.date | None) -> Hide:
    """Return what takes out of figures of a basis and day what the viewer must not see.

    The pattern is settled over the whole bureau: the facts behind it are read unrestricted, once,
    when the first figures come that may have cells to hide.
    """

    @cache
    def behind() -> tuple[Cube, Cube | None]:
        facts = read_facts(session.store, OPERATOR, None, as_of)
        whole = build_cube(facts, session.catalog, session.tree, basis=basis)
        if as_of is None:
            return whole, None
        # What today hides must not follow from an earlier day.
        present = read_facts(session.store, OPERATOR)
        return whole, build_cube(present, session.catalog, session.tree)

    def hide(found: pl.DataFrame) -> pl.DataFrame:
        if not is_guarded(session, found["indicator"].unique()):
            return found
        return suppress(found, session.catalog, session.tree, session.viewer, *behind())

    return hide


def evaluate(session: Session, args: argparse.Namespace) -> int:
    """Print the scores of a round, item by item, and say how the units stand."""
    from metrics.evaluate import score_round

    if args.level:
        session.level(args.level)
    as_of = day(args.as_of) if args.as_of else None
    basis = word(args.basis, BASIS, "--basis")
    facts = read_facts(session.store, session.viewer, as_of=as_of)
    scope = None if session.viewer.sees() is None else session.viewer.unit
    cube = build_cube(facts, session.catalog, session.tree, scope=scope, basis=basis)
    result = score_round(
        cube, session.catalog, args.scheme, args.round, args.level,
        hide=hider(session, basis, as_of),
    )  # fmt: skip
    show(result.standings if args.standings else result.scores, args.format)
    count = result.standings.height - len(result.left_out)
    shown = {"round": result.round, "units": count, "period": format_period(result.period)}
    words(text("cli.evaluated", session.lang, **shown))
    tell_round(session, result, basis)
    return 0


def tell_round(session: Session, result: "RoundResult", basis: str) -> None:
    """Say on which units a round stands, and which it leaves out and why."""
    if not (session.catalog.successions or timeline(session.catalog)):
        return
    since = format_period(result.since) if result.since else ""
    end = format_period(result.period)
    words(text(f"results.stands.{basis}", session.lang, first=since, last=end))
    for unit, why in result.left_out.items():
        name, reason = session.tree.unit(unit).name.get(session.lang), why.words.get(session.lang)
        words(text("results.left_out.unit", session.lang, unit=name, code=unit, why=reason))


def _list(written: str | None, option: str) -> list[str]:
    return listed(written, option) if written else []
