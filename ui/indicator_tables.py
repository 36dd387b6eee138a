"""How are the parts of an indicator's change shown, unit by unit?"""

import datetime as dt

from data.catalog import Indicator
from metrics.compare import change_kind
from metrics.contributions import Parts, Row, read_parts
from metrics.rounding import format_number, format_value, round_half_up
from metrics.structure import NOTES
from metrics.words import change_short, range_words, reading_words
from reports.tables import Field, Sheet
from ui import load, panel, structure
from ui.html import Child, Markup, icon, join, link, tag
from ui.indicator_breaks import is_on_earlier
from ui.indicator_passport import passport_href
from ui.overview_tables import is_rising
from ui.scope import Scope, Sight, href, period_label
from ui.table import Column, flag, reading_badge, status_flags, table
from ui.table import Row as TableRow

NOTE_FLAGS = ("small_base", "zero_base", "missing_base", "break")


@load.cached
def parts_of(
    sight: Sight, code: str, unit: str, period: dt.date, window: str, basis: str
) -> Parts | None:
    """Return the change of a unit and of its parts; None for a unit without parts."""
    tree, seen = load.tree_in(sight, period), load.visible_at(sight, period)
    children = [u for u in tree.children(unit) if not tree.is_pooled(u)]
    children = [u for u in children if u in seen]
    if not children or load.indicator(code).kind == "yoy":
        return None
    return read_parts(load.cube_at(sight), code, unit, children, period, window, basis)


def show_parts(scope: Scope, item: Indicator, window: str) -> None:
    """Show who made the change: each unit below with its difference as a bar."""
    t, lang = scope.t, scope.lang
    found = parts_of(load.sight(scope), item.code, scope.unit, scope.period, window, scope.basis)
    if found is None:
        if item.kind == "yoy":
            _show_values(scope, item, window)
        return
    hidden = load.hidden_units(load.sight(scope), item.code, scope.unit, scope.period, window)
    title = t("indicator.parts.title" if found.is_sum else "indicator.parts.title_values")
    rows = [found.whole, *found.parts]
    panel.section(
        title,
        _parts_note(scope, item, found),
        sheet=lambda: _parts_sheet(scope, item, found, hidden, window),
        name=f"{item.code}-{scope.unit}-{scope.period:%Y-%m}",
        lang=lang,
    )
    unit = item.unit.get(lang)
    columns = [
        Column("unit", t("indicator.parts.unit")),
        Column("value", t("indicator.parts.value"), unit=unit, number=True),
        Column("base", t("indicator.parts.base"), number=True, cls="mu"),
        Column("difference", t("indicator.parts.difference"), number=True),
        Column("bar", t("indicator.parts.bar"), cls="hide-phone"),
        Column("change", t("indicator.parts.change"), number=True),
        Column("range", t("indicator.parts.range"), number=True, cls="mu"),
        Column("reading", t("indicator.parts.reading")),
        Column("flags", t("indicator.parts.flags")),
    ]
    shown = [
        r["difference"]
        for r in found.parts
        if r["difference"] is not None and r["unit"] not in hidden
    ]
    edges = (min([0.0, *shown]), max([0.0, *shown]))
    known = found.whole["status"]

    def body() -> Markup:
        made = [
            _parts_row(scope, item, row, edges, hidden, i == 0, known) for i, row in enumerate(rows)
        ]
        return table(title, columns, made)

    panel.show(load.made(f"parts {item.code}", scope, "", body))
    panel.explain("parts")


def _show_values(scope: Scope, item: Indicator, window: str) -> None:
    """Show the value of each unit below, for an indicator that is itself a change."""
    t, lang, sight = scope.t, scope.lang, load.sight(scope)
    units = load.row_units(scope)
    found = load.figures(sight, (item.code,), units, (scope.period,), window).to_dicts()
    title = t("indicator.parts.values")
    columns = [
        Column("unit", t("indicator.parts.unit")),
        Column("value", t("indicator.parts.value"), unit=item.unit.get(lang), number=True),
        Column("flags", t("indicator.parts.flags")),
    ]
    rows = []
    for i, row in enumerate(found):
        name = load.unit_title(row["unit"], lang)
        where = href("indicator", scope, unit=row["unit"], indicator=item.code)
        cells: dict[str, Child] = {
            "unit": link(name, where) if i else name,
            "value": link(
                tag("b", format_value(row["value"], item)),
                passport_href(scope, item.code, unit=row["unit"]),
            ),
            "flags": join(status_flags(row, lang)) or " ",
        }
        rows.append(TableRow(cells, "" if i else "total"))
    panel.section(title, t("indicator.change_itself"))
    panel.show(table(title, columns, rows))


def _parts_note(scope: Scope, item: Indicator, found: Parts) -> str:
    """Return who made most of a change, in a sentence."""
    t, lang, total = scope.t, scope.lang, found.whole["difference"]
    if not found.is_sum or not total or scope.levels_only or found.whole["note"] in NOTES:
        return t("indicator.parts.note_plain")
    alike = [r for r in found.parts if r["note"] not in NOTES]
    same = [r for r in alike if r["difference"] and r["difference"] * total > 0]
    most = sorted(same, key=lambda r: -abs(r["difference"]))[:2]
    if not most:
        return t("indicator.parts.note_plain")
    return t(
        "indicator.parts.note_down" if total < 0 else "indicator.parts.note_up",
        unit=load.unit_title(scope.unit, lang),
        total=format_value(abs(total), item, lang),
        names=t("indicator.parts.and").join(load.unit_title(r["unit"], lang) for r in most),
        part=format_value(abs(sum(r["difference"] for r in most)), item, lang),
    )


def _parts_row(
    scope: Scope,
    item: Indicator,
    row: Row,
    edges: tuple[float, float],
    hidden: frozenset[str],
    is_whole: bool,
    known: str,
) -> TableRow:
    """Return a unit of the table; `known` is the status that the whole has."""
    lang, standing = scope.lang, row["standing"]
    name = load.unit_title(row["unit"], lang)
    label: Child = (
        name
        if is_whole
        else link(name, href("indicator", scope, unit=row["unit"], indicator=item.code))
    )
    if row["unit"] in hidden:
        note = join([icon("visibility_off", 16), " ", scope.t("ui.flag.suppressed")])
        return TableRow({"unit": label, "flags": note})
    reading = "none" if scope.levels_only else row["reading"]
    word = scope.t("ui.reading.levels") if scope.levels_only else reading_words(reading, lang)
    flags: list[Child] = list(status_flags(row, lang, "" if is_whole else known))
    if is_on_earlier(row):
        flags.append(flag(scope.t("festival.flag.earlier")))
    if row["note"] in NOTE_FLAGS and row["note"] != "break":  # the change says so itself
        flags.append(flag(scope.t(f"words.note.{row['note']}")))
    flags += structure.flags(row, scope)
    value = format_value(row["value"], item, None, row["numerator"], row["denominator"])
    difference = None
    if row["difference"] is not None and not scope.levels_only:
        difference = format_number(
            round_half_up(row["difference"], decimals=item.decimals), signed=True
        )
    bar = None if is_whole or difference is None else _bar(row["difference"], edges, reading)
    return TableRow(
        {
            "unit": label,
            "value": link(tag("b", value), passport_href(scope, item.code, unit=row["unit"])),
            "base": format_value(row["base_value"], item),
            "difference": difference,
            "bar": bar or " ",
            "change": _change(row, item, lang),
            "range": range_words(standing["lower"], standing["upper"], item, lang),
            "reading": reading_badge(reading, word, is_rising(row, standing)),
            "flags": join(flags) or " ",
        },
        "total" if is_whole else "",
    )


def _change(row: Row, item: Indicator, lang: str) -> str | None:
    """Return the change; a share on a small base has its flag instead."""
    if row["note"] == "small_base" and item.kind not in ("count", "stock"):
        return None
    return change_short(row, item, lang)


def _bar(value: float, edges: tuple[float, float], reading: str) -> Markup:
    """Return a bar left or right of nought, on the scale of all bars."""
    low, high = edges
    span = (high - low) or 1.0
    middle = -low / span * 100
    width = abs(value) / span * 100
    left = middle - width if value < 0 else middle
    style = f"left:{left:.1f}%;width:{width:.1f}%"
    return tag("div", tag("i", cls=reading, style=style), cls="bar", style=f"--mid:{middle:.1f}%")


def _parts_sheet(
    scope: Scope, item: Indicator, found: Parts, hidden: frozenset[str], window: str
) -> Sheet:
    """Return the table of the parts as a sheet."""
    t, lang = scope.t, scope.lang
    kind = change_kind(item)
    fields = [
        Field(t("indicator.parts.unit")),
        Field(load.header(t("indicator.parts.value"), item.unit.get(lang), lang), item.decimals),
        Field(t("indicator.parts.base"), item.decimals),
        Field(t("indicator.parts.difference"), item.decimals),
        Field(load.header(t("indicator.parts.change"), t(f"indicator.years.{kind}"), lang), 1),
        Field(f"{t('indicator.parts.range')} −", item.decimals),
        Field(f"{t('indicator.parts.range')} +", item.decimals),
        Field(t("indicator.parts.reading")),
        Field(t("ui.sheet.coverage")),
        Field(t("indicator.parts.flags")),
    ]
    rows = []
    for row in (found.whole, *found.parts):
        name = load.unit_title(row["unit"], lang)
        if row["unit"] in hidden:
            rows.append([name, *[None] * 8, t("ui.flag.suppressed")])
            continue
        note = row["note"] if row["note"] in (*NOTE_FLAGS, *NOTES) else ""
        rows.append(
            [
                name,
                row["value"],
                row["base_value"],
                row["difference"],
                row["change"] if row["change_kind"] == kind else None,
                row["standing"]["lower"],
                row["standing"]["upper"],
                reading_words(row["reading"], lang),
                f"{row['reported']}/{row['due']}",
                t(f"words.note.{note}") if note else "",
            ]
        )
    label = period_label(scope.period, window, lang)
    title = f"{item.name.get(lang)} {label}"
    units = [row["unit"] for row in (found.whole, *found.parts)]
    notes = [*structure.lines(scope, item.code, units, window), t("ui.panel.internal")]
    return Sheet(title, load.sheet_about(scope, label), fields, rows, notes)
