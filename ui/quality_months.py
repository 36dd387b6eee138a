"""How are the months shown: returns in time and passed at once, with their counts, and how long?"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from charts.quality import SERIES, chart_rates
from reports.tables import Field, Sheet
from ui import load, panel
from ui.chart import ready_spec
from ui.html import Child, Markup, icon, join, link, tag
from ui.numbers import share, shown
from ui.quality_data import RECORDED, Part
from ui.scope import Scope, here, href, period_label
from ui.table import Column, Row, flag, table
from ui.theme import theme_name

PAGE = "quality"
Months = Sequence[Mapping[str, Any]]
Known = Mapping[tuple[str, dt.date], Mapping[str, Any]]


def rate_of(row: Mapping[str, Any], known: Known, name: str) -> tuple[int, int, str] | None:
    """Return how many returns of a month were so (ontime, passed), of how many, and whence.

    What is counted now comes first (live); of a month for which nothing was filed here, what the
    record holds (recorded).
    """
    if row["returns"]:
        return row[name], row["returns"], "live"
    kept = known.get((RECORDED[name], row["period"]))
    if kept is None or not kept["denominator"]:
        return None
    return round(kept["numerator"]), round(kept["denominator"]), "recorded"


def show_rates(scope: Scope, months: Months, known: Known) -> None:
    """Show both rates over the months."""
    t = scope.t
    points = []
    for name in SERIES:
        for row in months:
            found = rate_of(row, known, name)
            is_open = bool(row["returns"] and (row["waiting"] or row["came"] < row["returns"]))
            points.append((row["period"], name, *(found or (0, 0, "")), is_open))
    if sum(1 for point in points if point[3]) < 2:
        return
    legend = [
        panel.legend_item("dot", "accent", t("quality.chart.ontime")),
        panel.legend_item("box", "neutral", t("quality.chart.passed")),
        panel.legend_item("ring", "common", t("quality.chart.open")),
    ]
    links = [
        link(t(f"quality.chart.{name}"), href("indicator", scope, indicator=code), cls="nw ln")
        for name, code in RECORDED.items()
        if code in load.catalog().indicators
    ]
    note: list[Child] = [t("quality.chart.note", unit=load.unit_title(scope.unit, scope.lang))]
    note += (
        [[" · ", t("quality.chart.more"), " ", join(links, t("coverage.list"))]] if links else []
    )
    title = _title(scope, points)
    spec = _rates_spec(tuple(points), theme_name(), scope.lang)
    panel.chart_card(title, note, spec, t("quality.chart.alt"), "quality-rates", legend)


def _title(scope: Scope, points: Sequence[tuple]) -> str:
    """Return the range of both rates in a sentence."""
    values = {}
    for name in SERIES:
        known = sorted(
            (part / whole, part, whole) for _, s, part, whole, *_ in points if s == name and whole
        )
        low, high = (share(*known[place][1:]) for place in (0, -1))
        values[name] = f"{low}%" if low == high else f"{low} – {high}%"
    return scope.t("quality.chart.title", **values)


@load.cached
def _rates_spec(points: tuple[tuple, ...], theme: str, lang: str) -> dict[str, Any]:
    """Return the chart of both rates."""
    rows = [
        {
            "period": period,
            "series": name,
            "rate": 100 * part / whole if whole else None,
            "words": f"{share(part, whole)} % ({shown(part)} / {shown(whole)})",
            "is_open": is_open,
        }
        for period, name, part, whole, _, is_open in points
    ]
    return ready_spec(chart_rates(pl.DataFrame(rows), theme, lang))


def show_months(scope: Scope, part: Part, known: Known) -> None:
    """Show every month with its counts."""
    t, months = scope.t, part.numbers
    title = t("quality.months_title")
    panel.section(
        title,
        t("quality.months_note"),
        sheet=lambda: months_sheet(scope, months, known),
        name=f"quality-months-{scope.unit}-{scope.period:%Y-%m}",
        lang=scope.lang,
    )
    name = f"quality months {part.stamp}"
    panel.show(load.made(name, scope, "", lambda: _months(scope, months, known, title)))


def _months(scope: Scope, months: Months, known: Known, title: str) -> Markup:
    """Return the months, the latest first."""
    t = scope.t
    names = ("ontime", "passed", "sent_back", "revised", "questions", "answered", "days")
    columns = [Column("period", t("quality.column.period"))]
    columns += [Column(name, t(f"quality.column.{name}"), number=True) for name in names]
    columns.append(Column("source", t("quality.column.source")))
    rows = [
        Row(_cells(scope, row, known), "sel" if row["period"] == scope.period else "")
        for row in reversed(months)
    ]
    note = None
    if any(row["returns"] for row in months) and not any(row["files"] for row in months):
        note = tag("div", t("quality.typed_above"), cls="s mu under")
    return join([table(title, columns, rows), note])


def _cells(scope: Scope, row: Mapping[str, Any], known: Known) -> dict[str, Child]:
    """Return the cells of a month."""
    t = scope.t
    month = period_label(row["period"], "month", scope.lang)
    cells: dict[str, Child] = {"period": link(month, here(PAGE, scope, period=row["period"]))}
    source = ""
    for name in SERIES:
        found = rate_of(row, known, name)
        if found is not None:
            part, whole, source = found
            counts = tag("span", f"{shown(part)} / {shown(whole)} ", cls="s mu")
            cells[name] = join([counts, tag("b", share(part, whole)), "%"])
    if row["files"]:
        cells["sent_back"] = shown(row["sent_back"])
        cells["days"] = shown(row["days"], 1)
    if row["returns"]:
        for name in ("revised", "questions", "answered"):
            cells[name] = shown(row[name])
    if source == "recorded":
        cells["source"] = flag(t("quality.source.recorded"))
    elif still := _still_open(scope, row):
        cells["source"] = tag("span", icon("hourglass_top", 14), still, cls="rd")
    elif source:
        cells["source"] = tag("span", t("quality.source.live"), cls="s mu")
    return cells


def _still_open(scope: Scope, row: Mapping[str, Any]) -> str:
    """Return what of a month has not come, or waits for a decision; nothing when all is done."""
    counts = {"missing": row["returns"] - row["came"], "waiting": row["waiting"]}
    said = [scope.t(f"quality.source.{key}", count=count) for key, count in counts.items() if count]
    return scope.t("coverage.comma").join(said)


def months_sheet(scope: Scope, months: Months, known: Known) -> Sheet:
    """Return the months as a table to take along."""
    t = scope.t
    names = ("due", "ontime", "passed", "waiting", "sent_back", "revised")
    more = ("files", "approved", "questions", "answered")
    fields = [Field(t("quality.column.period"))]
    fields += [Field(t(f"quality.column.{name}"), 0) for name in (*names, *more)]
    fields += [Field(t("quality.column.days"), 1), Field(t("quality.column.source"), width=14)]
    rows = []
    for row in months:
        both = [rate_of(row, known, name) for name in SERIES]
        source = next((found[2] for found in both if found), "")
        due = next((found[1] for found in both if found), None)
        has = row["returns"] > 0
        rows.append(
            [
                f"{row['period']:%Y-%m}",
                due,
                *(found[0] if found else None for found in both),
                *(row[name] if has else None for name in ("waiting", "sent_back", "revised")),
                *(row[name] if has else None for name in more),
                row["days"],
                t(f"quality.source.{source}") if source else "",
            ]
        )
    unit = load.unit_title(scope.unit, scope.lang)
    about = [(t("ui.sheet.scope"), unit)]
    return Sheet(t("quality.months_title"), about, fields, rows, [t("quality.how.a")])
