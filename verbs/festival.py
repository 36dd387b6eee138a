"""What is said of figures on the command line: festival, definitions, months, structure."""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from data.periods import format_period, window_months
from data.schema import CHANGES, FIGURES
from data.texts import text
from metrics.breaks import crossed
from metrics.carried import carried_months
from metrics.cube import Cube
from metrics.festival import differs
from metrics.matched import offset_months
from metrics.plan import make_plan
from metrics.spring_views import VIEWS, festival_view
from metrics.structure_told import alike, tell, told_words
from verbs.session import Session, word
from verbs.show import words

MOST_SAID = 12


def viewed(
    session: Session,
    cube: Cube,
    written: str,
    indicators: list[str],
    units: list[str],
    periods: Sequence[dt.date],
    window: str,
    comparators: list[str],
    basis: str,
) -> pl.DataFrame:
    """Return the figures in the view that --view names, with the same columns as without it."""
    view = word(written, VIEWS, "--view")
    found = festival_view(cube, indicators, units, periods, window, view, comparators, basis)
    for key, values in found.said:
        words(text(key, session.lang, **values))
    if view == "aligned":
        words(text("festival.said.aligned", session.lang))
    columns = CHANGES if "comparator" in found.frame.columns else FIGURES
    return found.frame.select(list(columns))


def tell_breaks(session: Session, found: pl.DataFrame) -> None:
    """Say which changes of definition lie between figures and their bases, or within a window."""
    lang, catalog = session.lang, session.catalog
    start = catalog.bureau.year_start
    said: dict[str, None] = {}
    changed = [
        code
        for code in found["indicator"].unique(maintain_order=True)
        if any(len(catalog.measures[m].versions) > 1 for m in make_plan(catalog, code).measures)
    ]
    for row in found.filter(pl.col("indicator").is_in(changed)).iter_rows(named=True):
        first = window_months(row["window"], row["period"], start)
        base = row.get("base_period") or (first[0] if first else row["period"])
        earliest = window_months(row["window"], base, start)
        for code, version in crossed(
            catalog, row["indicator"], (earliest or [base])[0], row["period"]
        ):
            key = "straddled" if row["value"] is None else _kind(row)
            values = {
                "measure": catalog.measures[code].name.get(lang),
                "version": version.number,
                "month": f"{version.start:%Y-%m}",
                "change": version.change.get(lang),
            }
            if key:
                said[text(f"festival.break.{key}", lang, **values)] = None
    for line in said:
        words(line)


def tell_festival(session: Session, found: pl.DataFrame) -> None:
    """Say which months hold other days of the festival than the months they are compared with."""
    calendar = session.catalog.calendar
    said: dict[str, str] = {}
    if "base_period" not in found.columns:
        return
    rows = found.filter(pl.col("change").is_not_null(), pl.col("window") == "month")
    pairs = rows.select("period", "base_period").unique(maintain_order=True).drop_nulls()
    for period, base in pairs.rows():
        known = {period.year, base.year} <= set(calendar.festival_days)
        if known and period.month == base.month and differs(calendar, period, base):
            said[format_period(period)] = format_period(base)
    for month, before in said.items():
        words(text("festival.said.differs", session.lang, month=month, base=before))


def _kind(row: dict) -> str:
    """Return what a change of definition did to a comparison: broken, or saved by a back-cast."""
    if row.get("note") == "break":
        return "broken"
    return "back_cast" if row.get("change") is not None else ""


def tell_carried(
    session: Session, cube: Cube, indicators: Sequence[str], unit: str, period: dt.date, window: str
) -> None:
    """Say of one figure which of its parts is of an earlier month."""
    for code in indicators:
        (late,) = carried_months(cube, code, unit, [period], window)
        for measure, month in late.items():
            item = session.catalog.measures[measure]
            key = "carried" if item.kind == "stock" else "spans"
            values = {"measure": item.name.get(session.lang), "month": f"{month:%Y-%m}"}
            words(text(f"festival.notice.{key}", session.lang, **values))


def tell_structure(
    session: Session,
    cube: Cube,
    indicators: Sequence[str],
    units: Sequence[str],
    periods: Sequence[dt.date],
    window: str,
    comparators: Sequence[str],
) -> None:
    """Say which units were not there all the time, or have other borders than before."""
    earlier: list[str | None] = [name for name in comparators if offset_months(name, window)]

    def name_of(unit: str) -> str:
        return session.tree.unit(unit).name.get(session.lang)

    said: dict[str, str] = {}  # sentence: unit
    of_several = len(periods) > 1
    for code in alike(session.catalog, indicators):
        for period in periods:
            for comparator in earlier or [None]:
                for told in tell(cube, code, units, period, window, comparator):
                    said[told_words(told, name_of, session.lang, of_several)] = told.unit
    for line in list(said)[:MOST_SAID]:
        words(f"{line}{text('words.structure.stop', session.lang)}")
    told_of = list(said.values())
    more = len(set(told_of[MOST_SAID:]) - set(told_of[:MOST_SAID]))
    if more:
        words(text("words.structure.more", session.lang, count=more))
