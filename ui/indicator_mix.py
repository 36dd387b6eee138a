"""How is it shown what makes a change: by child units, by categories, own rate and weight?"""

import datetime as dt
from collections.abc import Sequence

from data.catalog import Indicator
from metrics.contributed import PART, Contributions, Line, by_categories, by_units
from metrics.mix_words import line_name, said, shown_decimals
from metrics.rounding import format_number, format_value, round_half_up
from reports.tables import Field, Sheet
from ui import load, panel
from ui.html import Child, Markup, link, tag
from ui.scope import Scope, Sight, href, period_label
from ui.table import Column, Row, table

UNTOLD = ("hidden", "small", "no_change")


@load.cached
def told_units(
    sight: Sight, code: str, unit: str, period: dt.date, window: str, basis: str
) -> Contributions:
    """Return what each unit below adds to a unit's change on last year, as far as may be seen."""
    cube = load.cube_at(sight)
    return by_units(cube, code, unit, period, window, "yoy", basis, lambda r: load.hide(r, sight))


@load.cached
def told_categories(
    sight: Sight, code: str, unit: str, period: dt.date, window: str, basis: str
) -> Contributions:
    """Return what each category adds to a unit's change on last year, as far as may be seen."""
    cube = load.cube_at(sight)
    return by_categories(
        cube, code, unit, period, window, "yoy", basis, lambda r: load.hide(r, sight)
    )


def sentence(scope: Scope, item: Indicator, found: Contributions, *, of_units: bool = True) -> str:
    """Return who made most of a change; why not, where that is worth a word; else nothing."""
    if not found.lines and found.withheld not in UNTOLD:
        return ""
    names = [lambda code: load.unit_title(code, scope.lang)]
    if not of_units:
        names.append(lambda code: load.indicator(code).name.get(scope.lang))
    return said(found, item, scope.lang, *names)


def has_weights(lines: Sequence[Line]) -> bool:
    """Return whether any line adds by its weight: counts and parts of one side do not."""
    return any(line.weight for line in lines)


def effect(value: float, item: Indicator) -> str:
    """Return a signed effect without its unit, which the header has."""
    return format_number(round_half_up(value, decimals=shown_decimals(item)), signed=True)


def effect_cells(line: Line | None, item: Indicator) -> dict[str, Child]:
    """Return contribution, own rate and weight of a line."""
    if line is None:
        return {}
    return {
        "contribution": effect(line.contribution, item),
        "own": effect(line.own, item),
        "weight": effect(line.weight, item),
    }


def effect_columns(scope: Scope, lines: Sequence[Line]) -> list[Column]:
    """Return the columns of contributions; own rate and weight where there is a weight."""
    t = scope.t
    columns = [
        Column("contribution", t("contributions.column.contribution"), number=True),
        Column("bar", t("contributions.column.bar"), cls="hide-phone", hidden_label=True),
    ]
    if has_weights(lines):
        for key in ("own", "weight"):
            columns.append(
                Column(key, t(f"contributions.column.{key}"), number=True, cls="mu hide-phone")
            )
    return columns


def edges_of(lines: Sequence[Line]) -> tuple[float, float]:
    """Return the ends of the scale on which all bars of a table stand."""
    values = [0.0, *(line.contribution for line in lines)]
    return min(values), max(values)


def bar(value: float, edges: tuple[float, float], reading: str = "") -> Markup:
    """Return a bar left or right of nought, on the scale of all bars."""
    low, high = edges
    span = (high - low) or 1.0
    middle = -low / span * 100
    width = abs(value) / span * 100
    left = middle - width if value < 0 else middle
    style = f"left:{left:.1f}%;width:{width:.1f}%"
    return tag("div", tag("i", cls=reading, style=style), cls="bar", style=f"--mid:{middle:.1f}%")


def show_categories(scope: Scope, item: Indicator, window: str) -> None:
    """Show which categories made the change, where rules or formulas name any."""
    if item.kind == "yoy" or scope.levels_only:
        return
    t, lang = scope.t, scope.lang
    key = (item.code, scope.unit, scope.period, window, scope.basis)
    found = told_categories(load.sight(scope), *key)
    if not found.lines:
        return
    title = t("contributions.by_categories")

    def words() -> tuple[str, Markup]:
        columns = [
            Column("name", t("contributions.column.category")),
            Column("value", t("contributions.column.value"), unit=item.unit.get(lang), number=True),
            Column("base", t("indicator.parts.base"), number=True, cls="mu hide-phone"),
            *effect_columns(scope, found.lines),
        ]
        said = sentence(scope, item, found, of_units=False)
        return said, table(title, columns, category_rows(scope, item, found))

    said, body = load.made(f"categories {item.code}", scope, "", words)
    panel.section(
        title,
        said,
        sheet=lambda: categories_sheet(scope, item, found, window),
        name=f"{item.code}-{scope.unit}-{scope.period:%Y-%m}-categories",
        lang=lang,
    )
    panel.show(body)
    panel.show(tag("div", t("contributions.adds_up"), cls="s mu", style="margin-top:8px"))
    panel.explain("categories")


def category_rows(scope: Scope, item: Indicator, found: Contributions) -> list[Row]:
    """Return the rows of the categories, the whole first."""
    edges = edges_of(found.lines)
    whole: dict[str, Child] = {
        "name": scope.t("contributions.all"),
        "value": tag("b", format_value(found.whole["compared_value"], item)),
        "base": format_value(found.whole["base_value"], item),
        "bar": " ",
        "contribution": effect(found.change or 0.0, item),
        "own": effect(found.own, item),
        "weight": effect(found.weight, item),
    }
    rows = [Row(whole, "total")]
    for line in found.lines:
        name: Child = line_name(line, scope.lang, lambda c: load.indicator(c).name.get(scope.lang))
        if line.role == PART:
            name = link(name, href("indicator", scope, indicator=line.code))
        cells: dict[str, Child] = {
            "name": name,
            "value": tag("b", format_value(line.value, item)),
            "base": format_value(line.base_value, item),
            "bar": bar(line.contribution, edges),
        }
        rows.append(Row(cells | effect_cells(line, item)))
    return rows


def categories_sheet(scope: Scope, item: Indicator, found: Contributions, window: str) -> Sheet:
    """Return the table of the categories as a sheet."""
    t, lang = scope.t, scope.lang
    decimals = shown_decimals(item)
    label = period_label(scope.period, window, lang)
    value = load.header(t("contributions.column.value"), item.unit.get(lang), lang)
    fields = [
        Field(t("contributions.column.category")),
        Field(value, item.decimals),
        Field(t("indicator.parts.base"), item.decimals),
        *[Field(t(f"contributions.column.{key}"), decimals) for key in ("contribution", "own",
                                                                       "weight")],
    ]  # fmt: skip
    whole = found.whole
    rows: list[list] = [
        [t("contributions.all"), whole["compared_value"], whole["base_value"], found.change,
         found.own, found.weight],
    ]  # fmt: skip
    for line in found.lines:
        name = line_name(line, lang, lambda c: load.indicator(c).name.get(lang))
        rows.append([name, line.value, line.base_value, line.contribution, line.own, line.weight])
    notes = [t("contributions.adds_up"), t("ui.panel.internal")]
    title = f"{item.name.get(lang)} {label}"
    return Sheet(title, load.sheet_about(scope, label), fields, rows, notes)
