"""Where do a unit's points come from, item by item, and how is each item scored?"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from data.catalog import SchemeItem
from metrics.rounding import format_value
from metrics.rounds import item_window
from reports.tables import Field, Sheet
from ui import load, panel
from ui.html import Child, Markup, join, link, tag
from ui.indicator_passport import passport_href
from ui.numbers import shown
from ui.scope import Scope, here, href

if TYPE_CHECKING:
    from ui.results import RoundView

Row = dict[str, Any]
PIXELS, WIDEST = 6, 72  # of bar: for one point of weight, and at most
EXTRAS = ("bonus", "deduction")


def show_items(scope: Scope, view: RoundView, station: str) -> None:
    """Show the item points of a unit by dimension; they add up to its score."""
    t, lang = scope.t, scope.lang
    standing = next(row for row in view.standings if row["unit"] == station)
    if standing["left_out_en"]:
        _show_left_out(scope, view, standing)
        return
    rows = {row["item"]: row for row in view.scores if row["unit"] == station}
    body: list[Child] = []
    for dimension, items in groupby(view.scheme.items, key=lambda item: item.dimension):
        body += _dimension(scope, view, dimension, list(items), rows)
    body += _extras(scope, view, station)
    score = standing["score"]
    total = shown(score, 1) if score is not None else t("results.not_rated")
    body.append(_line(t("results.total"), "", None, total, "total"))
    name = load.unit_title(station, lang)
    title = t("results.items_title", unit=name)
    panel.section(
        title,
        t("results.items_selected"),
        sheet=lambda: items_sheet(scope, view, station),
        name=f"items-{station}-{view.round}",
        lang=lang,
    )
    head = [
        tag("th", t("results.col_item"), scope="col"),
        tag("th", t("results.col_value"), scope="col", cls="n"),
        tag("th", tag("span", t("results.col_weight"), cls="vh"), scope="col"),
        tag("th", t("results.col_points"), scope="col", cls="n"),
    ]
    content = tag(
        "table",
        tag("caption", t("results.items_note")),
        tag("thead", tag("tr", head)),
        tag("tbody", body),
        cls="tb dense tight",
    )
    limit = view.scheme.raw.get("missing", {}).get("max_missing_weight", 20)
    panel.show(
        tag("div", content, cls="scroll card", tabindex="0", role="region", aria_label=title),
        tag("div", t("results.missing_rule", limit=limit), " ", t("results.rounded"),
            cls="s mu", style="margin-top:8px"),
        _methods(scope, view),
    )  # fmt: skip
    panel.explain("items")


def _show_left_out(scope: Scope, view: RoundView, standing: Row) -> None:
    """Show why a unit has no points on this basis, and on which it has."""
    t, lang = scope.t, scope.lang
    name = load.unit_title(standing["unit"], lang)
    panel.section(t("results.items_title", unit=name), t("results.items_selected"))
    months = {"first": f"{view.since:%Y-%m}" if view.since else "", "last": f"{view.period:%Y-%m}"}
    rule = t(f"results.left_out.rule_{standing['reason']}", **months)
    way = link(t("results.left_out.see_now"), here("results", scope, basis=None))
    words = join([tag("div", rule), tag("div", way, style="margin-top:8px")])
    panel.empty(standing[f"left_out_{lang}"], words)


def _dimension(
    scope: Scope, view: RoundView, code: str, items: list[SchemeItem], rows: dict[str, Row]
) -> list[Markup]:
    """Return the rows of a dimension: its sum, then its items."""
    names = {part.code: part.name.get(scope.lang) for part in view.scheme.dimensions}
    points = [rows[item.indicator]["points"] for item in items]
    shared = sum(rows[item.indicator]["weight"] or 0 for item in items)
    whole = "—" if None in points else shown(sum(points), 1)
    right = [whole, tag("span", f" / {shown(shared, _decimals(shared))}", cls="mu")]
    found = [_line(names.get(code, code), "", None, right, "total")]
    return found + [_item(scope, view, item, rows[item.indicator]) for item in items]


def _item(scope: Scope, view: RoundView, item: SchemeItem, row: Row) -> Markup:
    """Return an item's row: value, bar of its weight, points."""
    indicator = load.indicator(item.indicator)
    window = item_window(view.scheme, item, indicator, view.period)
    where = href(
        "indicator", scope, unit=row["unit"], indicator=item.indicator, period=view.period,
        window=window,
    )  # fmt: skip
    name = link(indicator.name.get(scope.lang), where)
    value: Child = ""
    if row["value"] is not None:
        asked = {"unit": row["unit"], "period": view.period, "window": window}
        way = passport_href(scope, item.indicator, **asked)
        value = link(value_words(row["value"], item, scope.lang), way)
    if row["note"]:
        note = tag("span", scope.t(f"results.note.{row['note']}"), cls="flag")
        value = [value, tag("div", note)] if value else note
    points = "—" if row["points"] is None or row["score"] is None else shown(row["points"], 2)
    right = [points, tag("span", f" / {_weight_words(scope, item, row)}", cls="mu")]
    return _line(name, value, _bar(row), right, "")


def _weight_words(scope: Scope, item: SchemeItem, row: Row) -> str:
    """Return an item's weight; one that took over, or gave away, shows both: 10→18."""
    shared = shown(row["weight"], _decimals(row["weight"]))
    if abs(row["weight"] - item.weight) < 1e-9:
        return shared
    weight = shown(item.weight, _decimals(item.weight))
    return scope.t("results.shown_as", weight=weight, shared=shared)


def _decimals(weight: float) -> int:
    """Return how many decimals a weight needs: a shared-out one has one."""
    return 0 if abs(weight - round(weight)) < 1e-9 else 1


def value_words(value: float, item: SchemeItem, lang: str) -> str:
    """Return an item's value; a change carries its sign."""
    indicator = load.indicator(item.indicator)
    if indicator.kind == "yoy":
        return f"{shown(value, indicator.decimals, sign=True)}%"
    written = format_value(value, indicator)
    return f"{written}%" if indicator.unit.get(lang) == "%" else written


def _bar(row: Row) -> Markup | None:
    """Return a bar as long as the weight, dark as far as points were earned."""
    if not row["weight"] or row["score"] is None:
        return None
    width = min(PIXELS * row["weight"], WIDEST)
    fill = min(max(row["score"], 0), 100)
    inner = tag(
        "div", style=f"height:10px;width:{fill:.1f}%;background:var(--seq3);border-radius:2px"
    )
    style = f"height:10px;width:{width:.0f}px;background:var(--seq1);border-radius:2px"
    return tag("div", inner, style=style, aria_hidden="true")


def _extras(scope: Scope, view: RoundView, station: str) -> list[Markup]:
    """Return the rows of bonuses and deductions, none if there are none."""
    rows = [r for r in view.scores if r["unit"] == station and r["note"] in EXTRAS]
    found = []
    if rows:
        total = sum(row["points"] or 0 for row in rows)
        found.append(
            _line(scope.t("results.extras"), "", None, shown(total, 1, sign=True), "total")
        )
    for row in rows:
        points = "—" if row["points"] is None else shown(row["points"], 2, sign=True)
        name = extra_name(view, row, scope.lang)
        found.append(_line(name, shown(row["value"], 0), None, points, ""))
    return found


def extra_name(view: RoundView, row: Row, lang: str) -> str:
    """Return what a bonus or deduction was given for."""
    for entry in view.scheme.raw.get(row["note"], {}).get("items", []):
        names = (entry.get("indicator"), entry.get("expression"), entry["name"]["en"])
        if row["item"] in names:
            return entry["name"][lang]
    return row["item"]


def _line(name: Child, value: Child, bar: Child, points: Child, kind: str) -> Markup:
    """Return one row of the panel."""
    return tag(
        "tr",
        tag("th", name, scope="row", style="white-space:normal"),
        tag("td", value, cls="n mu"),
        tag("td", bar),
        tag("td", points, cls="n"),
        cls=kind,
    )


def _methods(scope: Scope, view: RoundView) -> Markup:
    """Return how each item of the scheme is scored, folded away."""
    lines = [
        tag(
            "div",
            tag("b", load.indicator(item.indicator).name.get(scope.lang)),
            f" · {scope.t(f'window.{item.window}')} · {method_words(scope, item)}",
            style="margin-top:4px",
        )
        for item in view.scheme.items
    ]
    return tag(
        "details",
        tag("summary", scope.t("results.methods_title")),
        tag("div", lines, cls="s"),
        cls="how",
        style="margin-top:8px",
    )


def method_words(scope: Scope, item: SchemeItem) -> str:
    """Return in words how an item is scored, with its thresholds."""
    t, params = scope.t, item.params
    key = f"results.method.{item.method}"
    if item.method == "efficacy":
        said = t(key, good=_plain(params["good"]), bad=_plain(params["bad"]))
    elif item.method == "goal_ratio":
        target = params.get("target")
        if isinstance(target, dict):
            name = load.indicator(target["indicator"]).name.get(scope.lang)
            said = t("results.method.goal_ratio_plan", target=name)
        elif isinstance(target, str):
            said = t("results.method.goal_ratio_last")
        else:
            said = t(key, target=_plain(target))
    elif item.method == "bands":
        bands = [
            t("results.method.band", condition=condition, points=_plain(points))
            for condition, points in params["bands"]
        ]
        said = t(key, bands=t("results.comma").join(bands))
    elif item.method == "pass_line":
        below = _plain(params["line_score"])
        said = t(key, op=params.get("op", ">="), line=_plain(params["line"]), below=below)
    elif item.method == "deduction":
        said = t(key, per_unit=_plain(params["per_unit"]))
    else:
        said = t(key)
    least = params.get("min_base", params.get("min_n"))
    return said if least is None else t("results.method.base", method=said, least=_plain(least))


def _plain(number: float) -> str:
    """Return a threshold as it was written."""
    return shown(number, _decimals(number))


def items_sheet(scope: Scope, view: RoundView, station: str) -> Sheet:
    """Return a unit's items as a sheet: value, score, weight, points, note, method."""
    t, lang = scope.t, scope.lang
    items = {item.indicator: item for item in view.scheme.items}
    names = {part.code: part.name.get(lang) for part in view.scheme.dimensions}
    fields = [
        Field(t("results.col_dimension")), Field(t("results.col_item")),
        Field(t("results.col_window")), Field(t("results.col_value"), 2),
        Field(t("results.col_item_score"), 2), Field(t("results.col_weight"), 2),
        Field(t("results.col_points"), 2), Field(t("results.col_note")),
        Field(t("results.col_method")),
    ]  # fmt: skip
    rows = []
    for row in (r for r in view.scores if r["unit"] == station):
        item = items.get(row["item"])
        note = t(f"results.note.{row['note']}") if row["note"] else None
        if item is None and row["note"] not in EXTRAS:
            continue
        rows.append(
            [
                names.get(item.dimension) if item else t("results.extras"),
                _item_name(view, row, item, lang),
                t(f"window.{item.window}") if item else None,
                row["value"], row["score"], row["weight"], row["points"], note,
                method_words(scope, item) if item else None,
            ]
        )  # fmt: skip
    standing = next(r for r in view.standings if r["unit"] == station)
    rows.append([t("results.total"), None, None, None, None, None, standing["score"], None, None])
    about = load.sheet_about(scope, view.round)
    about.append((t("common.unit"), load.unit_title(station, lang)))
    about.append((t("results.schemes"), f"{view.scheme.name.get(lang)} v{view.scheme.version}"))
    limit = view.scheme.raw.get("missing", {}).get("max_missing_weight", 20)
    notes = [t("results.missing_rule", limit=limit), t("ui.panel.internal")]
    return Sheet(
        t("results.items_title", unit=load.unit_title(station, lang)), about, fields, rows, notes
    )


def _item_name(view: RoundView, row: Row, item: SchemeItem | None, lang: str) -> str:
    """Return what a row of the sheet is about."""
    return load.indicator(item.indicator).name.get(lang) if item else extra_name(view, row, lang)
