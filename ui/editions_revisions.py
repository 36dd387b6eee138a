"""How far has a figure moved since it first came out: by month, by vintage, by unit?"""

import datetime as dt

import polars as pl
import streamlit as st

from charts.base import to_spec
from charts.revisions import chart_first_and_latest, chart_sizes
from data.access import OPERATOR
from data.catalog import Indicator
from data.periods import add_months, months_between
from data.store.snapshot import read_history
from metrics.plan import measures_of
from metrics.revisions import revision_by_period, revision_summary, revision_triangle
from metrics.rounding import format_value
from reports.tables import Field, Sheet
from ui import load, panel
from ui.editions_data import HIDDEN, locks, recent_counts
from ui.html import Child, Markup, icon, tag
from ui.indicator import chosen, pick
from ui.numbers import shown
from ui.scope import Scope
from ui.table import DASH, Column, Row, table
from ui.theme import theme_name

# The months that are followed, and those of the triangle.
MONTHS, TRIANGLE_MONTHS = 24, 12
BIAS_ICON = {"up": "trending_up", "down": "trending_down"}


def show_revisions(scope: Scope) -> None:
    """Show the revisions of one indicator for the unit in scope and those right below it."""
    t, lang = scope.t, scope.lang
    codes = open_indicators()
    code = chosen(scope) if "indicator" in scope.extras else most_revised()
    code = code if code in codes else codes[0]
    item = load.indicator(code)
    panel.section(t("editions.revisions"), t("editions.revisions_note"))
    pick(scope, code, codes)
    triangle = triangle_of(code, load.row_units(scope), scope.period)
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
        _show_sizes(scope, item, summary)
    panel.how_to_read([t(f"editions.how.{number}") for number in ("a", "b", "c")], lang)


@load.cached
def open_indicators() -> tuple[str, ...]:
    """Return the monthly indicators whose earlier figures may be shown, in their order."""
    found = load.catalog().indicators
    return tuple(
        code
        for code in load.indicator_order()
        if "month" in found[code].windows and not found[code].flags & HIDDEN
    )


@load.cached
def most_revised() -> str:
    """Return the measure with the most changed cells of late: the page begins with it."""
    counts = recent_counts()
    codes = [code for code in open_indicators() if code in counts]
    return max(codes, key=lambda code: counts[code], default=open_indicators()[0])


@load.cached
def triangle_of(code: str, units: tuple[str, ...], period: dt.date) -> pl.DataFrame:
    """Return every value that the figures of the last two years have had."""
    catalog = load.catalog()
    history = read_history(load.store(), OPERATOR, measures_of(catalog, [code]), None)
    periods = months_between(add_months(period, 1 - MONTHS), period)
    zone = load.store().timezone
    return revision_triangle(
        history, catalog, [code], units, periods, "month", locks(), zone, load.tree()
    )


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
    spec = to_spec(chart_first_and_latest(moved.select(columns), item.decimals, theme_name(), lang))
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
    spec = to_spec(chart_sizes(rows.select(columns), theme_name(), lang))
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


def _show_sizes(scope: Scope, item: Indicator, summary: pl.DataFrame) -> None:
    """Show size and direction of the revisions of each unit."""
    t, lang = scope.t, scope.lang
    if not summary.height:
        return
    panel.section(t("editions.sizes"), t("editions.sizes_note", months=MONTHS))
    measure = item.unit.get(lang)
    columns = [
        Column("unit", t("editions.column.unit")),
        Column("periods", t("editions.column.periods"), number=True),
        Column("revised", t("editions.column.moved"), number=True),
        Column("mean", t("editions.column.mean"), unit=measure, number=True),
        Column("mean_abs", t("editions.column.mean_abs"), unit=measure, number=True),
        Column("mean_abs_pct", t("editions.column.mean_abs_pct"), unit="%", number=True),
        Column("share_up", t("editions.column.share_up"), unit="%", number=True),
        Column("late", t("editions.column.late"), number=True),
        Column("bias", t("editions.column.bias")),
    ]
    rows = [
        Row(_size_cells(scope, row), kind="total" if row["unit"] == scope.unit else "")
        for row in summary.iter_rows(named=True)
    ]
    panel.show(table(t("editions.sizes"), columns, rows))


def _size_cells(scope: Scope, row: dict) -> dict[str, Child]:
    bias = row["bias"]
    share = None if row["share_up"] is None else 100 * row["share_up"]
    return {
        "unit": load.unit_title(row["unit"], scope.lang),
        "periods": shown(row["periods"]),
        "revised": shown(row["revised"]),
        "mean": shown(row["mean"], 2, sign=True) or DASH,
        "mean_abs": shown(row["mean_abs"], 2) or DASH,
        "mean_abs_pct": shown(row["mean_abs_pct"], 2) or DASH,
        "share_up": shown(share) or DASH,
        "late": shown(row["late_figures"]) or "0",
        "bias": _bias(scope, bias),
    }


def _bias(scope: Scope, bias: str) -> Markup:
    word = scope.t(f"editions.bias.{bias}")
    name = BIAS_ICON.get(bias, "hourglass_empty" if bias == "too_few" else "airwave")
    return tag("span", icon(name, 16), word, cls=f"rd {bias if bias in BIAS_ICON else 'none'}")


def _sheet(scope: Scope, item: Indicator, own: pl.DataFrame) -> Sheet:
    """Return every step of the figures as a table to take along."""
    t, lang = scope.t, scope.lang
    about = [
        (t("editions.column.indicator"), f"{item.name.get(lang)} · {item.code}"),
        (t("ui.sheet.scope"), load.unit_title(scope.unit, lang)),
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
