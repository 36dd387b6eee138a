"""How is an indicator's control chart shown? What is seen, the chart, its events and its table."""

import datetime as dt
from typing import Any

import polars as pl
import streamlit as st

from charts.xmr import chart_xmr
from data.catalog import Event, Indicator
from data.periods import has_festival
from metrics.events import NOTE
from metrics.reading_words import behind_points, reading_sentences
from metrics.rounding import format_value
from metrics.series import read_series, series_points
from metrics.words import range_words, reading_words, signal_words
from reports.tables import Field, Sheet
from ui import load, panel
from ui.chart import ready_spec
from ui.download import download_buttons
from ui.html import Child, Markup, Ready, join, tag
from ui.indicator_breaks import event_marks, events_in
from ui.scope import Scope, Sight
from ui.table import Column, is_partial, reading_badge, table
from ui.table import Row as TableRow
from ui.theme import theme_name

Row = dict[str, Any]
SPECIAL = ("better", "worse", "up", "down")


def show_xmr(scope: Scope, item: Indicator, note: str) -> None:
    """Show the control chart with what it says; `note` is that of the figure's comparison."""
    key = (load.sight(scope), item.code, scope.unit, scope.period)
    points = chart_points(*key)
    spec = xmr_spec(*key, theme_name(), scope.lang)
    title, under, legend, fold = load.made(
        f"xmr {item.code} {note}", scope, "", lambda: _told(scope, item, points, note)
    )
    alt = scope.t("indicator.chart.alt", name=item.name.get(scope.lang), title=title.rstrip("。."))
    panel.chart_card(title, under, spec, alt, "xmr-few" if points["few"][-1] else "xmr", legend)
    with st.container(horizontal=True, vertical_alignment="top", gap="small", key="hd-xmr"):
        st.html(Ready(fold), width="stretch")
        download_buttons(lambda: _sheet(scope, item, points), f"xmr-{item.code}", scope.lang)


def _told(
    scope: Scope, item: Indicator, points: pl.DataFrame, note: str
) -> tuple[str, Markup, Markup, Markup]:
    """Return title and lines above the control chart, its legend, and its months as a table."""
    title, base = chart_sentences(scope, item, points, note)
    few = scope.t("xmr.few") if points["few"][-1] else None
    lines = [line for line in (_note(scope, item, points), base, few) if line]
    under = join([tag("div", line) for line in lines])
    return title, under, join(_legend(scope, item)), _table(scope, item, points)


@load.cached
def chart_points(sight: Sight, code: str, unit: str, period: dt.date) -> pl.DataFrame:
    """Return the months of the control chart, from January of the year before last.

    January and February are not read by themselves where the festival moves them. Where the figure
    of a month is hidden from the reader, no limits are drawn that follow from it.
    """
    cube = load.cube_at(sight)
    found = series_points(cube, code, unit, period, 24 + period.month)
    hidden = load.figures(sight, (code,), (unit,), tuple(found["period"].to_list()), "month")
    found = found.with_columns(
        pl.when(hidden["suppressed"]).then(None).otherwise(pl.col("value")).alias("value")
    )
    if hidden["suppressed"].any():
        blank = [pl.lit(None, pl.Float64).alias(name) for name in ("lower", "centre", "upper")]
        found = found.with_columns(*blank, reading=pl.lit("none"), signal=pl.lit("none"))
    if has_festival(cube.catalog.calendar):
        festive = pl.col("period").dt.month() <= 2
        found = found.with_columns(
            pl.when(festive).then(pl.lit("none")).otherwise(name).alias(name)
            for name in ("reading", "signal")
        )
    first = found["value"].is_not_null().arg_max() or 0
    return found.slice(first)


@load.cached
def _standing(sight: Sight, code: str, unit: str, period: dt.date) -> Row:
    """Return how the month stands, whatever window the page shows."""
    found = read_series(load.cube_at(sight), [code], [unit], period, "month").to_dicts()
    return found[0] if found else {}


def chart_sentences(
    scope: Scope, item: Indicator, points: pl.DataFrame, note: str
) -> tuple[str, str]:
    """Return what the control chart shows of its last month, and what that was held against."""
    key = (load.sight(scope), item.code, scope.unit, scope.period)
    last = points.row(-1, named=True)
    row = _standing(*key)
    if last["value"] is None:
        row = row | {"value": None}
    elif scope.festival and scope.period.month <= 2:
        note, row = "festival", row | {"reading": "none", "signal": "none"}
    events = events_in(*key[:3], points["period"][0], scope.period)
    restarts = [event.start for event in events if event.effect != NOTE]
    since = max(restarts, default=None)
    behind = behind_points(points, row, bool(last["few"]), since, scope.festival)
    return reading_sentences(row, item, scope.lang, behind, note)


@load.cached
def xmr_spec(
    sight: Sight, code: str, unit: str, period: dt.date, theme: str, lang: str
) -> dict[str, Any]:
    """Return the finished control chart."""
    points, item = chart_points(sight, code, unit, period), load.indicator(code)
    notes = edge_notes(points, lang)
    notes |= event_marks(sight, code, unit, points["period"][0], period, lang)
    calendar = load.catalog().calendar
    days = calendar.festival_days.values() if has_festival(calendar) else ()
    festival = [day.replace(day=1) for day in days]
    goal = load.target_of(code, period)
    return ready_spec(chart_xmr(points, item.decimals, theme, lang, festival, goal, notes))


def edge_notes(points: pl.DataFrame, lang: str) -> dict[dt.date, str]:
    """Return what is written where a chart breaks; the bureau's own steps are told as events."""
    phase = pl.col("phase").str.split("+").list.first()
    edges = points.with_columns(phase=phase).with_columns(before=pl.col("phase").shift(1))
    edges = edges.filter(pl.col("phase") != pl.col("before")).select("period", "phase", "before")
    return {
        period: load.say(f"indicator.chart.{edge_of(was, now)}", lang, month=f"{period:%Y-%m}")
        for period, now, was in edges.iter_rows()
    }


def edge_of(before: str, after: str) -> str:
    """Return what a new phase of a chart begins with: another definition, or other borders.

    >>> edge_of("v1/0", "v1/1"), edge_of("v1/1", "v2/1")
    ('borders', 'break')
    """
    return "borders" if before.partition("/")[0] == after.partition("/")[0] else "break"


def table_notes(points: pl.DataFrame, events: tuple[Event, ...], lang: str) -> dict[dt.date, str]:
    """Return what is told of months in a table: breaks, and the whole reason of each event."""
    found = {period: [words] for period, words in edge_notes(points, lang).items()}
    for event in events:
        values = {"month": f"{event.start:%Y-%m}", "reason": event.reason.get(lang).rstrip(".。")}
        said = load.say(f"events.{event.effect}", lang, **values).rstrip(".。")
        found.setdefault(event.start, []).append(said)
    return {period: _joined(words, lang) for period, words in found.items()}


def _joined(words: list[str], lang: str) -> str:
    return ("；" if lang == "zh" else "; ").join(words)


def _note(scope: Scope, item: Indicator, points: pl.DataFrame) -> str:
    """Return unit, place, span and coverage of the control chart."""
    last = points.row(-1, named=True)
    counts = {"reported": last["reported"], "due": last["due"]}
    coverage = scope.t("indicator.complete", **counts)
    if is_partial(last):
        month = scope.t(f"ui.month.m{scope.period.month}")
        coverage = scope.t("indicator.chart.partial", month=month, **counts)
    return scope.t(
        "indicator.chart.note",
        unit=item.unit.get(scope.lang),
        place=load.unit_title(scope.unit, scope.lang),
        first=f"{points['period'][0]:%Y-%m}",
        last=f"{scope.period:%Y-%m}",
        coverage=coverage,
    )


def _legend(scope: Scope, item: Indicator) -> list[Child]:
    """Return the legend of the control chart."""
    t = scope.t
    marks = [("dot", "better", "better"), ("diamond", "worse", "worse")]
    if item.direction == 0:
        marks = [("dot", "neutral", "neutral")]
    legend: list[Child] = [panel.legend_item(k, c, t(f"indicator.chart.{w}")) for k, c, w in marks]
    legend += [
        panel.legend_item("dot", "common", t("indicator.chart.common")),
        panel.legend_item("band", "band", t("indicator.chart.band")),
    ]
    if load.target_of(item.code, scope.period) is not None:
        legend.append(panel.legend_item("dash", "accent", t("indicator.chart.target")))
    if scope.festival:
        legend.append(tag("span", t("indicator.chart.festival")))
    return legend


def _month_notes(scope: Scope, item: Indicator, points: pl.DataFrame) -> dict[dt.date, str]:
    """Return what is told of the months in the table."""
    asked = (load.sight(scope), item.code, scope.unit, points["period"][0], scope.period)
    return table_notes(points, events_in(*asked), scope.lang)


def _table(scope: Scope, item: Indicator, points: pl.DataFrame) -> Markup:
    """Return the months as a table, folded away, newest first."""
    t, lang = scope.t, scope.lang
    notes = _month_notes(scope, item, points)
    columns = [
        Column("month", t("xmr.month"), cls="b"),
        Column("value", t("xmr.value"), unit=item.unit.get(lang), number=True),
        Column("range", t("xmr.range"), number=True, cls="mu"),
        Column("reading", t("xmr.reading")),
        Column("signal", t("xmr.signal")),
        Column("notes", t("xmr.notes")),
    ]
    rows = [_table_row(scope, item, row, notes) for row in reversed(points.to_dicts())]
    title = t("xmr.table", count=points.height)
    return tag("details", tag("summary", title), table(title, columns, rows), cls="fold")


def _table_row(scope: Scope, item: Indicator, row: Row, notes: dict[dt.date, str]) -> TableRow:
    """Return one month of the table."""
    lang, reading = scope.lang, row["reading"]
    is_read = reading != "none" and row["value"] is not None
    said = [notes[row["period"]]] if row["period"] in notes else []
    if is_partial(row):
        said.append(scope.t("xmr.partial", reported=row["reported"], due=row["due"]))
    badge = reading_badge(reading, reading_words(reading, lang)) if is_read else ""
    return TableRow(
        {
            "month": f"{row['period']:%Y-%m}",
            "value": format_value(row["value"], item),
            "range": range_words(row["lower"], row["upper"], item, lang),
            "reading": badge,
            "signal": _signal(row, item.direction, lang),
            "notes": _joined(said, lang),
        }
    )


def _signal(row: Row, way: int, lang: str) -> str:
    """Return by which rule a month is called special; the side follows from its reading."""
    if row["reading"] not in SPECIAL or row["signal"] == "none":
        return ""
    side = {"up": 1, "down": -1, "better": way, "worse": -way}[row["reading"]]
    return signal_words(row | {"side": side}, lang)


def _sheet(scope: Scope, item: Indicator, points: pl.DataFrame) -> Sheet:
    """Return the months as a table that can be taken along."""
    t, lang = scope.t, scope.lang
    notes = _month_notes(scope, item, points)
    labels = [t(f"xmr.{name}") for name in ("value", "lower", "centre", "upper")]
    fields = [
        Field(t("xmr.month")),
        *(Field(label, item.decimals) for label in labels),
        *(Field(t(f"xmr.{name}")) for name in ("reading", "complete", "notes")),
    ]
    rows = [
        [
            f"{row['period']:%Y-%m}",
            *(row[name] for name in ("value", "lower", "centre", "upper")),
            reading_words(row["reading"], lang) if row["reading"] != "none" else "",
            f"{row['reported']}/{row['due']}",
            notes.get(row["period"], ""),
        ]
        for row in points.to_dicts()
    ]
    title = f"{item.name.get(lang)} · {load.unit_title(scope.unit, lang)}"
    about = load.sheet_about(scope, f"{points['period'][0]:%Y-%m} – {scope.period:%Y-%m}")
    return Sheet(title, about, fields, rows, [t("ui.panel.internal")])
