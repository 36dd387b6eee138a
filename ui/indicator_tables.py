"""How are the parts of an indicator's change shown, unit by unit?"""

import datetime as dt

from data.catalog import Indicator
from metrics.compare import change_kind
from metrics.contributed import Contributions, Line
from metrics.contributions import Parts, Row, read_parts
from metrics.mix_words import line_name, shown_decimals
from metrics.rounding import format_value
from metrics.structure import NOTES
from metrics.words import change_short, range_words, reading_words
from reports.tables import Field, Sheet
from ui import load, panel, structure
from ui.html import Child, Markup, icon, join, link, tag
from ui.indicator_breaks import is_on_earlier
from ui.indicator_mix import (
    bar,
    edges_of,
    effect,
    effect_cells,
    effect_columns,
    has_weights,
    sentence,
    show_categories,
    told_units,
)
from ui.indicator_passport import passport_href
from ui.overview_tables import is_rising
from ui.scope import Scope, Sight, href, period_label
from ui.table import Column, flag, reading_badge, status_flags, table
from ui.table import Row as TableRow

EFFECTS = ("contribution", "own", "weight")
NOTE_FLAGS = ("small_base", "zero_base", "missing_base", "break")


@load.cached
def parts_of(
    sight: Sight, code: str, unit: str, period: dt.date, window: str, basis: str
) -> Parts | None:
    """Return the change of a unit and of its parts; None for a unit without parts."""
    tree, seen = load.tree_in(sight, period), load.visible_at(sight, period)
    if unit not in tree.units:
        return None
    children = [u for u in tree.children(unit) if not tree.is_pooled(u)]
    children = [u for u in children if u in seen]
    if not children or load.indicator(code).kind == "yoy":
        return None
    asked = (code, unit, children, period, window, basis)
    return read_parts(load.cube_at(sight), *asked, lambda rows: load.hide(rows, sight))


def show_parts(scope: Scope, item: Indicator, window: str) -> None:
    """Show who made the change: each unit below with its difference as a bar."""
    t, lang = scope.t, scope.lang
    found = parts_of(load.sight(scope), item.code, scope.unit, scope.period, window, scope.basis)
    if found is None:
        if item.kind == "yoy":
            _show_values(scope, item, window)
        else:
            show_categories(scope, item, window)
        return
    key = (item.code, scope.unit, scope.period, window, scope.basis)
    told = told_units(load.sight(scope), *key)
    hidden = load.hidden_units(load.sight(scope), item.code, scope.unit, scope.period, window)
    title = t("indicator.parts.title" if told.lines else "indicator.parts.title_values")

    def words() -> tuple[str, Markup]:
        rows = _parts_rows(scope, item, found, told, hidden)
        body = table(title, _parts_columns(scope, item, told), rows)
        return _parts_note(scope, item, told), body

    note, body = load.made(f"parts {item.code}", scope, "", words)
    panel.section(
        title,
        note,
        sheet=lambda: _parts_sheet(scope, item, found, told, hidden, window),
        name=f"{item.code}-{scope.unit}-{scope.period:%Y-%m}",
        lang=lang,
    )
    adds_up = tag("div", t("contributions.adds_up"), cls="s mu", style="margin-top:8px")
    panel.show(body)
    panel.show(adds_up if told.lines else None)
    panel.explain("parts")
    show_categories(scope, item, window)


def _parts_columns(scope: Scope, item: Indicator, told: Contributions) -> list[Column]:
    """Return the columns of the table of the parts."""
    t, lang = scope.t, scope.lang
    span = Column("range", t("indicator.parts.range"), number=True, cls="mu hide-phone")
    return [
        Column("unit", t("indicator.parts.unit")),
        Column("value", t("indicator.parts.value"), unit=item.unit.get(lang), number=True),
        Column("base", t("indicator.parts.base"), number=True, cls="mu hide-phone"),
        Column("change", t("indicator.parts.change"), unit=change_unit(item, lang), number=True),
        *(effect_columns(scope, told.lines) if told.lines else []),
        *([] if has_weights(told.lines) else [span]),
        Column("reading", t("indicator.parts.reading")),
        Column("flags", t("indicator.parts.flags")),
    ]


def _parts_rows(
    scope: Scope, item: Indicator, found: Parts, told: Contributions, hidden: frozenset[str]
) -> list[TableRow]:
    """Return the whole, the units below it, and what belongs to none of those listed."""
    lines = {line.code: line for line in told.lines}
    known, edges = found.whole["status"], edges_of(told.lines)
    rows = [_parts_row(scope, item, found.whole, None, edges, hidden, "")]
    if told.lines:
        sums = {"contribution": told.change or 0.0, "own": told.own, "weight": told.weight}
        cells = {name: effect(value, item) for name, value in sums.items()}
        rows[0] = TableRow({**rows[0].cells, **cells}, "total")
    for row in found.parts:
        line = lines.pop(row["unit"], None)
        rows.append(_parts_row(scope, item, row, line, edges, hidden, known))
    for line in lines.values():
        name = line_name(line, scope.lang, lambda code: load.unit_title(code, scope.lang))
        own = {"unit": name, "bar": bar(line.contribution, edges)}
        rows.append(TableRow(own | effect_cells(line, item)))
    return rows


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


def _parts_note(scope: Scope, item: Indicator, told: Contributions) -> str:
    """Return who made most of a change."""
    plain = scope.t("indicator.parts.note_plain")
    if scope.levels_only or told.whole["note"] in NOTES:
        return plain
    return sentence(scope, item, told) or plain


def _parts_row(
    scope: Scope,
    item: Indicator,
    row: Row,
    line: Line | None,
    edges: tuple[float, float],
    hidden: frozenset[str],
    known: str,
) -> TableRow:
    """Return a unit of the table; `known` is the status that the whole has, nothing for itself."""
    lang, standing, is_whole = scope.lang, row["standing"], not known
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
    flags: list[Child] = list(status_flags(row, lang, known))
    if is_on_earlier(row):
        flags.append(flag(scope.t("festival.flag.earlier")))
    if row["note"] in NOTE_FLAGS and row["note"] != "break":  # the change says so itself
        flags.append(flag(scope.t(f"words.note.{row['note']}")))
    flags += structure.flags(row, scope)
    value = format_value(row["value"], item, None, row["numerator"], row["denominator"])
    return TableRow(
        {
            "unit": label,
            "value": link(tag("b", value), passport_href(scope, item.code, unit=row["unit"])),
            "base": format_value(row["base_value"], item),
            "change": _change(row, item, lang),
            "bar": bar(line.contribution, edges, reading) if line else " ",
            **effect_cells(line, item),
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
    return change_short(row, item, lang).removesuffix(f" {change_unit(item, lang)}")


def change_unit(item: Indicator, lang: str) -> str:
    """Return what all changes of a table are counted in, where that is said once above them."""
    kind = change_kind(item)
    return load.say(f"indicator.years.{kind}", lang) if kind in ("pp", "points") else ""


def _parts_sheet(
    scope: Scope,
    item: Indicator,
    found: Parts,
    told: Contributions,
    hidden: frozenset[str],
    window: str,
) -> Sheet:
    """Return the table of the parts as a sheet."""
    t, lang = scope.t, scope.lang
    kind, decimals = change_kind(item), shown_decimals(item)
    lines = {line.code: line for line in told.lines}
    fields = [
        Field(t("indicator.parts.unit")),
        Field(load.header(t("indicator.parts.value"), item.unit.get(lang), lang), item.decimals),
        Field(t("indicator.parts.base"), item.decimals),
        *[Field(t(f"contributions.column.{key}"), decimals) for key in EFFECTS],
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
            rows.append([name, *[None] * 10, t("ui.flag.suppressed")])
            continue
        line = told if row is found.whole else lines.pop(row["unit"], None)
        note = row["note"] if row["note"] in (*NOTE_FLAGS, *NOTES) else ""
        rows.append(
            [
                name,
                row["value"],
                row["base_value"],
                *_effects(line),
                row["change"] if row["change_kind"] == kind else None,
                row["standing"]["lower"],
                row["standing"]["upper"],
                reading_words(row["reading"], lang),
                f"{row['reported']}/{row['due']}",
                t(f"words.note.{note}") if note else "",
            ]
        )
    for line in lines.values():
        name = line_name(line, lang, lambda code: load.unit_title(code, lang))
        rows.append([name, None, None, *_effects(line), *[None] * 6])
    label = period_label(scope.period, window, lang)
    title = f"{item.name.get(lang)} {label}"
    units = [row["unit"] for row in (found.whole, *found.parts)]
    said = [t("contributions.adds_up")] if told.lines else []
    notes = [*said, *structure.lines(scope, item.code, units, window), t("ui.panel.internal")]
    return Sheet(title, load.sheet_about(scope, label), fields, rows, notes)


def _effects(line: Line | Contributions | None) -> list[float | None]:
    """Return contribution, own rate and weight of a line, or of all lines together."""
    if line is None:
        return [None] * 3
    whole = line.change if isinstance(line, Contributions) else line.contribution
    return [whole, line.own, line.weight]
