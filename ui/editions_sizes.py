"""How large are revisions, by unit and by indicator?"""

import datetime as dt
from typing import Any

import polars as pl

from data.access import OPERATOR
from data.catalog import Indicator
from data.periods import add_months, months_between
from data.store.snapshot import read_history
from metrics.plan import measures_of
from metrics.revisions import revision_summary, revision_triangle
from ui import load, panel
from ui.editions_data import HIDDEN, alone, locks, recent_counts
from ui.html import Child, Markup, icon, link, tag
from ui.numbers import shown
from ui.scope import Scope, Sight, here
from ui.table import DASH, Column, Row, table

# The months that are followed, and how many indicators stand beside each other.
MONTHS, MOST_INDICATORS = 24, 12
BIAS_ICON = {"up": "trending_up", "down": "trending_down"}


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
def triangle_of(
    codes: tuple[str, ...], units: tuple[str, ...], period: dt.date, sight: Sight
) -> pl.DataFrame:
    """Return every value that the figures of the last two years have had, within a sight."""
    catalog = load.catalog()
    history = read_history(load.store(), OPERATOR, measures_of(catalog, codes), sight.as_of)
    periods = months_between(add_months(period, 1 - MONTHS), period)
    zone = load.store().timezone
    return revision_triangle(
        history, catalog, codes, units, periods, "month", locks(sight.as_of), zone, load.tree(),
        sight.unit or None, basis=sight.basis,
    )  # fmt: skip


def show_by_unit(scope: Scope, item: Indicator, summary: pl.DataFrame) -> None:
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


def _size_cells(scope: Scope, row: dict[str, Any]) -> dict[str, Child]:
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


@load.cached
def _compared() -> tuple[str, ...]:
    """Return the indicators that stand beside each other: the headline's, then the most revised."""
    counts = recent_counts()
    moved = sorted(counts, key=lambda code: -counts[code])
    open_here = set(open_indicators())
    codes = [code for code in (*moved, *load.headline()) if code in open_here]
    plain = [code for code in dict.fromkeys(codes) if load.indicator(code).kind != "yoy"]
    return tuple(plain[:MOST_INDICATORS])


def show_by_indicator(scope: Scope) -> None:
    """Show size and direction of the revisions of several indicators for the unit in scope."""
    t, lang = scope.t, scope.lang
    sight = alone(load.sight(scope))
    summary = revision_summary(triangle_of(_compared(), (scope.unit,), scope.period, sight))
    if not summary.height:
        return
    unit = load.unit_title(scope.unit, lang)
    panel.section(t("editions.by_indicator"), t("editions.by_indicator_note", unit=unit))
    columns = [
        Column("name", t("editions.column.indicator")),
        Column("periods", t("editions.column.periods"), number=True),
        Column("revised", t("editions.column.moved"), number=True),
        Column("mean_pct", t("editions.column.mean_pct"), unit="%", number=True),
        Column("mean_abs_pct", t("editions.column.mean_abs_pct"), unit="%", number=True),
        Column("share_up", t("editions.column.share_up"), unit="%", number=True),
        Column("late", t("editions.column.late"), number=True),
        Column("bias", t("editions.column.bias")),
    ]
    rows = []
    for row in summary.sort("mean_abs_pct", descending=True, nulls_last=True).iter_rows(named=True):
        name = load.indicator(row["indicator"]).name.get(lang)
        address = here("editions", scope, indicator=row["indicator"])
        cells = _size_cells(scope, row) | {
            "name": link(name, address),
            "mean_pct": shown(row["mean_pct"], 2, sign=True) or DASH,
        }
        rows.append(Row(cells))
    panel.show(table(t("editions.by_indicator"), columns, rows))
