"""How do a return's figures stand beside last month, last year and their usual range?"""

from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from data.definition_types import Measure
from data.definition_versions import filed_codes
from data.periods import add_months
from data.store.record import cells_of
from data.store.snapshot import read_facts
from metrics.beside import most_unusual, read_beside
from metrics.reading import COUNTED
from metrics.rounding import format_value
from reports.tables import Field, Sheet
from ui import load, panel
from ui.html import Child, Markup, icon, join, link, tag
from ui.numbers import as_filed, shown
from ui.review_decide import quote
from ui.review_items import Item
from ui.scope import Scope, here, period_label
from ui.table import DASH, Column, Row, table

# So many figures stand on a page; the others are one step away.
PAGE = 40
# Of large bureaus a return has ten thousand figures: only those looked at lately are kept.
KEPT = 24
ORDERS = ("form", "unusual")


def _read(person: str, submission: int) -> pl.DataFrame:
    """Put the figures of a return beside earlier ones, as a person may see them."""
    viewer, catalog = load.viewer(person), load.catalog()
    cells = cells_of(load.store(), viewer, submission)
    period = cells["period"].max()
    codes = filed_codes(catalog.measures, cells["measure"].unique())
    facts = read_facts(load.store(), viewer, codes)
    return read_beside(cells, facts, catalog, load.tree(), period)  # type: ignore[arg-type]


beside_of = load.cached(_read, KEPT)


def show_figures(scope: Scope, item: Item, may_quote: bool) -> None:
    """Show the figures, some at a time, in the order of the form or the unusual ones first."""
    rows, t = beside_of(scope.person, item.row["id"]), scope.t
    if rows.is_empty():
        return
    is_many = rows["unit"].n_unique() > 1
    order = scope.extras.get("order", "")
    order = order if order in ORDERS else ("unusual" if is_many else "form")
    ordered = most_unusual(rows) if order == "unusual" else rows
    out = rows.filter(pl.col("side").fill_null(0) != 0).height
    panel.section(
        t("review.figures"),
        t("review.figures_note", total=shown(rows.height), out=shown(out)),
        sheet=lambda: figure_sheet(scope, item, ordered),
        name=f"{item.receipt}",
        lang=scope.lang,
    )
    pages = -(-rows.height // PAGE)
    page = page_in(scope.extras.get("page", ""), pages)
    panel.show(_controls(scope, order, page, pages, rows.height))
    part = ordered.slice((page - 1) * PAGE, PAGE)
    panel.show(figure_table(scope, item.row["period"], part, is_many))
    if may_quote:
        _show_quote(scope, item, part)
    panel.show(tag("div", t("review.figures_read"), cls="s mu"))


def page_in(asked: str, pages: int) -> int:
    """Return the page that an address asks for, one that there is.

    >>> page_in("3", 2), page_in("x", 2), page_in("2", 5)
    (2, 1, 2)
    """
    return min(max(int(asked), 1), max(pages, 1)) if asked.isdecimal() else 1


def _controls(scope: Scope, order: str, page: int, pages: int, total: int) -> Markup:
    """Return the choice of the order, and the steps through the pages."""
    links = [
        link(
            scope.t(f"review.order.{key}"),
            here("review", scope, order=key, page=None),
            cls="on" if key == order else "",
            aria_current=key == order and "true",
        )
        for key in ORDERS
    ]
    seg = tag("div", links, cls="seg", role="group", aria_label=scope.t("review.order.title"))
    steps = None
    if pages > 1:
        first, last = (page - 1) * PAGE + 1, min(page * PAGE, total)
        said = scope.t("review.pages", first=first, last=last, total=f"{total:,}")
        steps = tag(
            "span",
            _step(scope, page - 1, pages, "chevron_left", "earlier"),
            tag("span", said, cls="s"),
            _step(scope, page + 1, pages, "chevron_right", "later"),
            cls="ctl stepper",
        )
    return tag("div", seg, steps, cls="line", data_keep="1")


def _step(scope: Scope, to: int, pages: int, symbol: str, word: str) -> Markup:
    inner = join([icon(symbol, 18), tag("span", scope.t(f"review.page.{word}"), cls="vh")])
    if not 1 <= to <= pages:
        return tag("span", inner, cls="arrow off", aria_disabled="true")
    return link(inner, here("review", scope, page=str(to)), cls="arrow")


def figure_table(scope: Scope, period: Any, rows: pl.DataFrame, is_many: bool) -> Markup:
    """Return figures beside last month and last year, marked where they lie outside their range."""
    t, lang = scope.t, scope.lang
    columns = [
        Column("measure", t("returns.column.measure")),
        Column("now", period_label(period, "month", lang), number=True),
        Column("before", _earlier(scope, period, -1), number=True),
        Column("since_before", t("review.change"), number=True),
        Column("last_year", _earlier(scope, period, -12), number=True),
        Column("since_year", t("review.change"), number=True),
        Column("range", t("review.range"), number=True),
        Column("cell", t("review.diff.cell")),
    ]
    if is_many:
        columns.insert(1, Column("unit", t("ui.frame.unit")))
    is_one = rows["sheet"].n_unique() == 1
    body = [_figure_row(scope, row, is_one) for row in rows.iter_rows(named=True)]
    return table(t("review.figures"), columns, body, cls="dense tight")


def _earlier(scope: Scope, period: Any, by: int) -> str:
    return period_label(add_months(period, by), "month", scope.lang)


def _figure_row(scope: Scope, row: Mapping[str, Any], is_one_sheet: bool) -> Row:
    item, lang = load.indicator(row["measure"]), scope.lang
    measure = load.catalog().measures[row["measure"]]

    def said(value: float | None, sign: bool = False) -> str:
        return as_filed(value, item.decimals, sign)

    value: Child = tag("b", said(row["value"]))
    if row.get("written"):
        words = scope.t("review.written", words=row["written"])
        value = join([value, " ", tag("span", words, cls="flag")])
    record = row["record"]
    if record is not None and record != row["value"]:
        words = scope.t("review.record", value=said(record))
        value = join([value, " ", tag("span", words, cls="flag dashed")])
    return Row(
        {
            "measure": named(measure, lang),
            "unit": load.unit_name(row["unit"], lang),
            "now": value,
            "before": said(row["before"]),
            "since_before": said(row["since_before"], True),
            "last_year": said(row["last_year"]),
            "since_year": said(row["since_year"], True),
            "range": join([mark(scope, row["side"]), " ", range_words(row, item) or DASH]),
            "cell": tag("span", row["cell"] if is_one_sheet else place_of(row), cls="mu"),
        }
    )


def named(measure: Measure, lang: str) -> Markup:
    """Return a measure with its unit; English names of counts say what is counted."""
    is_said = lang == "en" and measure.value_type in COUNTED
    unit = None if is_said else tag("span", measure.unit.get(lang), cls="s mu")
    return join([measure.name.get(lang), " ", unit])


def range_words(row: Mapping[str, Any], item: Any) -> str:
    """Return the usual range as it is printed; empty where the history is too short."""
    if row["lower"] is None or row["upper"] is None:
        return ""
    return f"{format_value(row['lower'], item)} – {format_value(row['upper'], item)}"


def mark(scope: Scope, side: int | None) -> Markup | None:
    """Return the word for a figure outside its usual range; it says where, not whether good."""
    if not side:
        return None
    symbol, word = ("north", "above") if side > 0 else ("south", "below")
    return tag("span", icon(symbol, 14), scope.t(f"review.side.{word}"), cls="rd up")


def place_of(row: Mapping[str, Any]) -> str:
    """Return where a figure stands in the workbook.

    >>> place_of({"sheet": "刑事", "cell": "D12"}), place_of({"sheet": None, "cell": None})
    ('刑事!D12', '')
    """
    return "!".join(part for part in (row["sheet"], row["cell"]) if part)


def _show_quote(scope: Scope, item: Item, rows: pl.DataFrame) -> None:
    """Offer the cells that are shown to be quoted into the reason."""
    words = [_quoted(scope, row) for row in rows.iter_rows(named=True)]
    key = f"cell-{item.receipt}"

    def put() -> None:
        if st.session_state.get(key):
            quote(item.receipt, st.session_state[key])
        st.session_state[key] = None

    st.selectbox(
        scope.t("review.quote_cell"),
        words,
        index=None,
        key=key,
        placeholder=scope.t("review.quote_hint"),
        on_change=put,
    )


def _quoted(scope: Scope, row: Mapping[str, Any]) -> str:
    """Return how a cell is quoted: where it stands, whose and what it is, what it says."""
    item = load.indicator(row["measure"])
    unit = load.unit_name(row["unit"], scope.lang)
    value = as_filed(row["value"], item.decimals)
    what = f"{unit} {item.name.get(scope.lang)} {value}"
    return scope.t("review.quoted_cell", place=place_of(row), what=what)


def figure_sheet(scope: Scope, item: Item, rows: pl.DataFrame) -> Sheet:
    """Return all figures of a return as a table to take along."""
    t, lang, period = scope.t, scope.lang, item.row["period"]
    about = [
        (t("returns.receipt.number"), item.receipt),
        (t("returns.page.form"), f"{item.row['form']} {load.unit_title(item.row['unit'], lang)}"),
        (t("ui.frame.period"), period_label(period, "month", lang)),
    ]
    names = [
        ("returns.column.measure", "measure"),
        ("returns.column.measured", "measured"),
        ("ui.frame.unit", "unit"),
        ("review.now", "value"),
        ("review.written_column", "written"),
        ("review.before_column", "before"),
        ("review.change_before", "since_before"),
        ("review.year_column", "last_year"),
        ("review.change_year", "since_year"),
        ("review.lower", "lower"),
        ("review.upper", "upper"),
        ("review.mark", "mark"),
        ("review.record_column", "record"),
        ("review.diff.cell", "cell"),
    ]
    body = []
    for row in rows.iter_rows(named=True):
        measure = load.catalog().measures[row["measure"]]
        side = {1: "above", -1: "below"}.get(row["side"] or 0)
        said = {
            **row,
            "measure": measure.name.get(lang),
            "measured": measure.unit.get(lang),
            "unit": load.unit_title(row["unit"], lang),
            "mark": t(f"review.side.{side}") if side else None,
            "cell": place_of(row),
        }
        body.append([said.get(key) for _, key in names])
    fields = [Field(t(key)) for key, _ in names]
    return Sheet(t("review.figures"), about, fields, body, [t("review.figures_read")])
