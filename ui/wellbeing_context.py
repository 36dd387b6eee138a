"""How is the work around a survey shown? Beside the scores, as context and never as their cause."""

from typing import Any

from data.catalog import Indicator
from metrics.rounding import format_value
from metrics.wellbeing_context import chance_correlation
from metrics.words import change_short
from reports.tables import Field, Sheet
from ui import load, panel
from ui.html import Child, Markup, join, link, tag
from ui.numbers import shown
from ui.scope import Scope, href, period_label
from ui.table import Column, Row, reading_badge, table
from ui.wellbeing_view import WaveView, change_badge, change_words, lead_of

Figures = dict[tuple[str, str], dict[str, Any]]


def figures_of(view: WaveView) -> Figures:
    """Return the figures of context by unit and indicator."""
    return {(row["unit"], row["indicator"]): row for row in view.work}


def work_card(scope: Scope, view: WaveView) -> Markup | None:
    """Return the card of workload figures of the same quarter, of the unit in scope."""
    rows = [row for row in view.work if row["unit"] == view.unit]
    if not rows:
        return None
    t, lang = scope.t, scope.lang
    columns = [
        Column("name", t("wellbeing.work_indicator"), cls="wrap"),
        Column("now", t("wellbeing.work_now"), number=True, cls="b"),
        Column("then", t("wellbeing.work_then"), number=True, cls="mu"),
        Column("change", t("wellbeing.work_change"), number=True),
        Column("reading", t("wellbeing.work_reading"), cls="s"),
    ]
    title, quarter = t("wellbeing.work_title"), period_label(view.period, "quarter", lang)
    head = tag("h2", title, tag("span", quarter, cls="s mu"), style="padding:12px 16px 0")
    lines = [_work_row(scope, view, row) for row in rows]
    body = table(f"{title} {quarter}", columns, lines, cls="tight dense", card=False)
    return tag("div", head, body, cls="card", style="margin-bottom:16px")


def _work_row(scope: Scope, view: WaveView, row: dict[str, Any]) -> Row:
    """Return one indicator of context."""
    item = load.indicator(row["indicator"])
    where = href(
        "indicator", scope, indicator=item.code, unit=view.unit, period=view.period,
        window="quarter",
    )  # fmt: skip
    unit = tag("span", f"（{item.unit.get(scope.lang)}）", cls="s mu")
    word = scope.t(f"wellbeing.work_{row['reading']}")
    return Row(
        {
            "name": join([link(item.name.get(scope.lang), where), unit]),
            "now": _value(row, item),
            "then": shown(row["base_value"], item.decimals),
            "change": _change(row, item, scope.lang),
            "reading": reading_badge(row["reading"], word, (row["change"] or 0) > 0),
        }
    )


def _value(row: dict[str, Any], item: Indicator) -> str:
    return format_value(row["value"], item, None, row["numerator"], row["denominator"])


def _change(row: dict[str, Any], item: Indicator, lang: str) -> str:
    """Return a change in a narrow column: percentage points without their name."""
    if row["change_kind"] == "pp" and row["change"] is not None:
        return shown(row["change"], 1, sign=True)
    return change_short(row, item, lang)


def scales_card(scope: Scope, view: WaveView) -> Markup | None:
    """Return the card of questionnaires that have marks of their own."""
    if not view.scales:
        return None
    t = scope.t
    columns = [
        Column("name", t("wellbeing.work_indicator"), cls="wrap"),
        Column("mark", t("wellbeing.scale_title"), cls="s mu"),
        Column("now", t("wellbeing.work_now"), number=True, cls="b"),
        Column("then", t("wellbeing.work_then"), number=True, cls="mu"),
    ]
    rows, said = [], []
    for scale, value, base in view.scales:
        item = load.indicator(scale.mean)
        mark = t("wellbeing.scale_mark", mark=shown(scale.mark, 0))
        cells = {"name": item.name.get(scope.lang), "mark": mark}
        then = shown(base, 1) if base is not None else None
        rows.append(Row({**cells, "now": shown(value, 1), "then": then}))
        if scale.change is not None:
            said.append(t("wellbeing.scale_note", change=shown(scale.change, 0)))
    said = said or [t("wellbeing.scale_note_plain")]
    head = tag("h2", t("wellbeing.scale_title"), style="padding:12px 16px 0")
    body = table(t("wellbeing.scale_title"), columns, rows, cls="tight dense", card=False)
    note = tag("div", dict.fromkeys(said), cls="s mu", style="padding:8px 16px 12px")
    return tag("div", head, body, note, cls="card", style="margin-bottom:16px")


def show_units(scope: Scope, view: WaveView) -> None:
    """Show index and circumstances of the units side by side, and how little that proves."""
    lead = lead_of(view)
    codes = list(dict.fromkeys(row["indicator"] for row in view.work))
    rows = [row for row in view.units if row[lead] is not None]
    below = [row for row in rows if row["unit"] != view.unit]
    if not codes or not below:
        return
    t, figures = scope.t, figures_of(view)
    title, quarter = t("wellbeing.context_title"), period_label(view.period, "quarter", scope.lang)
    panel.section(
        title,
        t("wellbeing.context_note", quarter=quarter),
        sheet=lambda: context_sheet(scope, view, codes, rows),
        name=f"wellbeing-context-{view.unit}-{view.period:%Y-%m}",
        lang=scope.lang,
    )
    columns = [
        Column("unit", t("common.unit")),
        Column("index", t("wellbeing.context_index"), number=True, cls="b"),
        Column("told", t("wellbeing.context_change")),
    ]
    for code in codes:
        item = load.indicator(code)
        unit = item.unit.get(scope.lang)
        columns.append(Column(code, item.name.get(scope.lang), unit=unit, number=True, cls="wrap"))
        columns.append(Column(f"{code}_change", t("wellbeing.work_change"), number=True, cls="mu"))
    lines = []
    for row in rows:
        cells: dict[str, Child] = {
            "unit": load.unit_title(row["unit"], scope.lang),
            "index": shown(row[lead], 1),
            "told": change_badge(scope, row),
        }
        for code in codes:
            figure, item = figures.get((row["unit"], code)), load.indicator(code)
            if figure is not None and figure["value"] is not None:
                cells[code] = _value(figure, item)
                cells[f"{code}_change"] = _change(figure, item, scope.lang)
        lines.append(Row(cells, kind="total" if row["unit"] == view.unit else ""))
    panel.show(table(title, columns, lines, cls="tight dense"))
    panel.show(tag("div", limit_words(scope, len(below)), cls="s mu", style="margin-top:8px"))
    panel.explain("wellbeing_context")


def limit_words(scope: Scope, count: int) -> str:
    """Return how little so many units can prove."""
    far = chance_correlation(count)
    if far is None:
        return scope.t("wellbeing.context_few", count=count)
    return scope.t("wellbeing.context_limit", count=count, r=shown(far, 2))


def context_sheet(
    scope: Scope, view: WaveView, codes: list[str], rows: list[dict[str, Any]]
) -> Sheet:
    """Return the table as a sheet that keeps its caution."""
    t, lead, figures = scope.t, lead_of(view), figures_of(view)
    fields = [Field(t("common.unit")), Field(t("wellbeing.context_index"), 1)]
    fields.append(Field(t("wellbeing.context_change")))
    for code in codes:
        item = load.indicator(code)
        name = f"{item.name.get(scope.lang)} ({item.unit.get(scope.lang)})"
        fields += [Field(name, item.decimals), Field(f"{name} {t('wellbeing.work_then')}")]
    lines = []
    for row in rows:
        line = [load.unit_title(row["unit"], scope.lang), row[lead], change_words(scope, row)]
        for code in codes:
            figure = figures.get((row["unit"], code), {})
            line += [figure.get("value"), figure.get("base_value")]
        lines.append(line)
    quarter = period_label(view.period, "quarter", scope.lang)
    notes = [t("wellbeing.work_title"), limit_words(scope, len(rows) - 1), t("ui.panel.internal")]
    return Sheet(
        t("wellbeing.context_title"), load.sheet_about(scope, quarter), fields, lines, notes
    )
