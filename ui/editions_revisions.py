"""How far has a figure moved since it first came out: by month, by vintage, by unit?"""

import datetime as dt
from dataclasses import replace

import polars as pl
import streamlit as st

from charts.revisions import chart_first_and_latest, chart_sizes
from data.catalog import Indicator
from data.periods import add_months, months_between
from metrics.revisions import revision_by_period, revision_summary
from metrics.rounding import format_value
from reports.tables import Field, Sheet
from ui import load, panel
from ui.chart import ready_spec
from ui.editions_data import alone
from ui.editions_sizes import (
    most_revised,
    open_indicators,
    show_by_indicator,
    show_by_unit,
    triangle_of,
)
from ui.html import Child, icon, tag
from ui.indicator import chosen, pick
from ui.scope import Scope
from ui.table import DASH, Column, Row, table
from ui.theme import theme_name

TRIANGLE_MONTHS = 12


def show_revisions(scope: Scope) -> None:
    """Show the revisions of one indicator for the unit in scope and those right below it."""
    t, lang = scope.t, scope.lang
    codes = open_indicators()
    code = chosen(scope) if "indicator" in scope.extras else most_revised()
    code = code if code in codes else codes[0]
    item = load.indicator(code)
    panel.section(t("editions.revisions"), t("editions.revisions_note"))
    pick(scope, code, codes)
    if scope.basis == "matched":
        panel.notice(t("editions.matched"), "info")
    sight = alone(load.sight(scope))
    triangle = triangle_of((code,), load.row_units(scope), scope.period, sight)
    own = triangle.filter(unit=scope.unit)
    if not own.height:
        name = load.unit_title(scope.unit, lang)
        panel.empty(t("editions.no_figures", unit=name), t("ui.panel.none_here"))
        return
    left, right = st.columns([620, 380], gap="small")
    summary = revision_summary(triangle)
    with left, panel.guard("first and latest", lang):
        _show_first_and_latest(scope, item, own)
    with right, panel.guard("revision sizes", lang):
        _show_sizes_chart(scope, summary)
    with panel.guard("triangle", lang):
        _show_triangle(scope, item, own)
    with panel.guard("sizes", lang):
        show_by_unit(scope, item, summary)
    with panel.guard("sizes by indicator", lang):
        show_by_indicator(scope)
    panel.how_to_read([t(f"editions.how.{number}") for number in ("a", "b", "c")], lang)


def _show_first_and_latest(scope: Scope, item: Indicator, own: pl.DataFrame) -> None:
    t, lang = scope.t, scope.lang
    moved = revision_by_period(own)
    late = pl.col("late_steps") > 0
    kind = pl.when(late).then(pl.lit("late")).when(pl.col("steps") > 0).then(pl.lit("revised"))
    moved = moved.with_columns(kind=kind.otherwise(pl.lit("same")))
    words = {name: t(f"editions.kind.{name}") for name in ("same", "revised", "late")}
    moved = moved.with_columns(words=pl.col("kind").replace_strict(words, return_dtype=pl.String))
    revised = int((moved["steps"] > 0).sum())
    values = {"name": item.name.get(lang), "revised": revised, "count": moved.height}
    title = t("editions.chart.title" if revised else "editions.chart.title_none", **values)
    if not moved.height:
        panel.empty(t("editions.too_new"), t("editions.too_new_how"))
        return
    columns = ["period", "preliminary", "latest", "kind", "words"]
    spec = ready_spec(
        chart_first_and_latest(moved.select(columns), item.decimals, theme_name(), lang)
    )
    legend = [
        panel.legend_item("ring", "common", t("editions.chart.first")),
        panel.legend_item("dot", "accent", t("editions.kind.revised")),
        panel.legend_item("diamond", "worse", t("editions.kind.late")),
    ]
    unit = load.unit_title(scope.unit, lang)
    note = t("editions.chart.note", unit=unit, measure=item.unit.get(lang))
    panel.chart_card(title, note, spec, title, "first-and-latest", legend)


def _show_sizes_chart(scope: Scope, summary: pl.DataFrame) -> None:
    t, lang = scope.t, scope.lang
    rows = summary.with_columns(
        name=pl.Series([load.unit_name(code, lang) for code in summary["unit"]], dtype=pl.String),
        words=pl.Series([t(f"editions.bias.{b}") for b in summary["bias"]], dtype=pl.String),
    ).filter(pl.col("mean_abs_pct").is_not_null())
    if not rows["revised"].sum():
        key = "too_new" if not rows.height else "never"
        panel.empty(t(f"editions.{key}"), t(f"editions.{key}_how"))
        return
    biased = rows.filter(pl.col("bias").is_in(["up", "down"])).height
    title = t("editions.chart.sizes" if biased else "editions.chart.sizes_none", count=biased)
    columns = ["name", "mean_pct", "mean_abs_pct", "bias", "words"]
    spec = ready_spec(chart_sizes(rows.select(columns), theme_name(), lang))
    legend = [
        panel.legend_item("box", "neutral", t("editions.chart.biased")),
        panel.legend_item("box", "common", t("editions.chart.unbiased")),
        panel.legend_item("line", "ink", t("editions.chart.size")),
    ]
    panel.chart_card(title, t("editions.chart.sizes_note"), spec, title, "sizes", legend)


def _show_triangle(scope: Scope, item: Indicator, own: pl.DataFrame) -> None:
    """Show each month's figure as it was known at the end of each month after."""
    t, lang = scope.t, scope.lang
    first = add_months(scope.period, 1 - TRIANGLE_MONTHS)
    rows = own.filter(pl.col("period") >= first).sort("period", "vintage")
    if not rows.height:
        return
    last = max(day.replace(day=1) for day in rows["day"])
    ends = months_between(add_months(first, 1), max(last, add_months(first, 1)))
    ends = ends[-TRIANGLE_MONTHS - 1 :]
    panel.section(
        t("editions.triangle"),
        t("editions.triangle_note"),
        sheet=lambda: _sheet(scope, item, own),
        name="revision-triangle",
        lang=lang,
    )
    columns = [Column("period", t("editions.column.period"))]
    columns += [Column(f"{end:%Y-%m}", f"{end:%Y-%m}", number=True, cls="nw") for end in ends]
    by_period = rows.partition_by("period", as_dict=True)
    body = []
    for period in months_between(first, scope.period):
        part = by_period.get((period,))
        cells: dict[str, Child] = {"period": f"{period:%Y-%m}"}
        if part is not None:
            cells |= _triangle_cells(part, ends, item, scope)
        body.append(Row(cells))
    panel.show(table(t("editions.triangle"), columns, body, cls="dense tight"))
    panel.explain("triangle")


def _triangle_cells(
    part: pl.DataFrame, ends: list[dt.date], item: Indicator, scope: Scope
) -> dict[str, Child]:
    """Return one month's figures by the month in which they were known; changes are marked."""
    found: dict[str, Child] = {}
    steps = part.select("day", "value", "stage", "after_lock").rows()
    before: float | None = None
    for end in ends:
        month_end = add_months(end, 1) - dt.timedelta(days=1)
        known = [step for step in steps if step[0] <= month_end]
        if not known:
            found[f"{end:%Y-%m}"] = tag("span")  # nothing was known yet: blank, not missing
            continue
        _, value, _, _ = known[-1]
        here = [step for step in known if step[0] >= end and step[2] == "revision"]
        text = DASH if value is None else format_value(value, item)
        if here and before is not None:
            late = any(step[3] for step in here)
            word = scope.t("editions.late" if late else "editions.kind.revised")
            mark = icon("lock_open" if late else "edit", 12, "pm")
            cls = "b worse" if late else "b accent"
            found[f"{end:%Y-%m}"] = tag("span", mark, tag("span", word, cls="vh"), text, cls=cls)
        elif before == value:
            found[f"{end:%Y-%m}"] = tag("span", text, cls="mu")
        else:
            found[f"{end:%Y-%m}"] = text
        before = value
    return found


def _sheet(scope: Scope, item: Indicator, own: pl.DataFrame) -> Sheet:
    """Return every step of the figures as a table to take along."""
    t, lang = scope.t, scope.lang
    stands = replace(scope, basis=alone(load.sight(scope)).basis)
    months = own["period"].dt.strftime("%Y-%m")
    about = [
        (t("editions.column.indicator"), f"{item.name.get(lang)} · {item.code}"),
        *load.sheet_about(stands, f"{months.min()} – {months.max()}"),
    ]
    names = ("period", "day", "value", "before", "change", "stage", "due", "reported")
    fields = [Field(t(f"editions.column.{name}")) for name in names]
    rows = [
        [
            f"{row['period']:%Y-%m}",
            row["day"].isoformat(),
            row["value"],
            row["previous"],
            row["revision"],
            t("editions.late") if row["after_lock"] else t(f"editions.stage.{row['stage']}"),
            row["due"],
            row["reported"],
        ]
        for row in own.iter_rows(named=True)
    ]
    return Sheet(t("editions.triangle"), about, fields, rows)
