"""How is the wellbeing of the force shown? The whole only, with intervals, and its silences."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from charts.wellbeing import chart_waves
from data.periods import add_months
from data.units import Tree
from metrics.compare import compare_figures
from metrics.wellbeing import (
    Survey,
    compare_units,
    compare_waves,
    find_survey,
    find_waves,
    list_suppressed,
    options,
)
from ui import load, panel, structure, wellbeing_tables
from ui.chart import ready_spec
from ui.frame import current_scope
from ui.numbers import shown
from ui.scope import Scope, Sight, period_label
from ui.theme import theme_name

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WaveView:
    """One wave of one unit as the page shows it; `base` is None without an earlier wave."""

    unit: str
    tree: Tree
    survey: Survey
    period: dt.date
    base: dt.date | None
    rows: list[Row]
    units: list[Row]
    hidden: list[Row]
    work: list[Row]


def show() -> None:
    """Show the survey wave that was last at the period in scope."""
    scope = current_scope()
    survey = find_survey(load.catalog())
    if survey is None:
        panel.head(scope.t("ui.page.wellbeing"), scope.t("wellbeing.no_survey"))
        panel.empty(scope.t("wellbeing.no_survey"), scope.t("wellbeing.no_survey_how"))
        return
    view = view_of(load.sight(scope), scope.unit, scope.period)
    if view is None:
        panel.head(scope.t("ui.page.wellbeing"), scope.t("wellbeing.no_wave"))
        panel.empty(scope.t("wellbeing.no_wave"), scope.t("wellbeing.no_wave_how"))
        return
    with panel.guard("wellbeing head", scope.lang):
        _head(scope, view)
    with panel.guard("wellbeing structure", scope.lang):
        at = replace(scope, period=view.period)
        structure.show(at, view.survey.responded, _shown_units(view), "quarter")
    with panel.guard("wellbeing chart", scope.lang):
        wellbeing_tables.show_first(scope, view, lambda: _chart(scope, view))
    with panel.guard("wellbeing units", scope.lang):
        wellbeing_tables.show_units(scope, view)
    with panel.guard("wellbeing hidden", scope.lang):
        wellbeing_tables.show_hidden(scope, view)
    panel.how_to_read([scope.t(f"wellbeing.how_{number}") for number in (1, 2, 3)], scope.lang)


def _shown_units(view: WaveView) -> tuple[str, ...]:
    """Return the units of the wave that are shown, the whole first."""
    return tuple(row["unit"] for row in view.units if row["n"] is not None) or (view.unit,)


@load.cached
def view_of(sight: Sight, unit: str, through: dt.date) -> WaveView | None:
    """Return the last wave up to a month, None where there is none yet.

    What is hidden is settled over the whole bureau; the frame lets nobody ask for a unit that they
    may not see, and nothing above the unit is shown.
    """
    cube = load.whole_of(sight).cube
    survey = find_survey(cube.catalog)
    waves = find_waves(cube, survey, through) if survey else []
    if survey is None or not waves:
        return None
    period = waves[-1]
    tree = load.tree_in(sight, period)
    base = add_months(period, -12)
    codes = [code for code in options(cube.catalog).get("context", ()) if code in _known()]
    changes = [
        compare_figures(cube, [code], [unit], [period], "quarter", ("yoy",), sight.basis)
        for code in codes
    ]
    return WaveView(
        unit=unit,
        tree=tree,
        survey=survey,
        period=period,
        base=base if base in waves else None,
        rows=compare_waves(cube, tree, survey, unit, period, base).to_dicts(),
        units=compare_units(cube, tree, survey, unit, period).to_dicts(),
        hidden=list_suppressed(cube, tree, survey, unit, period).to_dicts(),
        work=pl.concat(changes).to_dicts() if changes else [],
    )


def _known() -> set[str]:
    """Return the indicators that can stand beside the survey: of a quarter."""
    return {
        code
        for code, item in load.catalog().indicators.items()
        if "quarter" in item.windows and item.kind != "yoy"
    }


def short_names(codes: list[str], lang: str) -> dict[str, str]:
    """Return names without the ending that they all share (健康维度得分 → 健康)."""
    names = {code: load.indicator(code).name.get(lang) for code in codes}
    ending = min(names.values(), key=len, default="")
    while ending and not all(
        name.endswith(ending) and len(name) > len(ending) for name in names.values()
    ):
        ending = ending[1:]
    if len(names) < 2:
        return names
    return {code: name.removesuffix(ending).strip() for code, name in names.items()}


def dimension_names(view: WaveView, lang: str) -> dict[str, str]:
    """Return the short names of the dimensions, and the full name of the index."""
    names = short_names([score.mean for score in view.survey.dimensions], lang)
    if view.survey.index:
        code = view.survey.index.mean
        names[code] = load.indicator(code).name.get(lang)
    return names


def _head(scope: Scope, view: WaveView) -> None:
    """Show what the wave says in one sentence, and what it does not."""
    survey_name = load.catalog().forms[_form(view)].name.get(scope.lang)
    now = period_label(view.period, "wave", scope.lang)
    base = view.base and period_label(view.base, "wave", scope.lang)
    key = "wellbeing.crumb" if base else "wellbeing.crumb_alone"
    crumb = scope.t(key, survey=survey_name, now=now, **({"then": base} if base else {}))
    whole = view.units[0]
    if whole["n"] is None:
        unit = load.unit_name(view.unit, scope.lang)
        limit = load.catalog().bureau.small_n
        panel.head(crumb, scope.t("wellbeing.not_shown", unit=unit))
        panel.empty(
            scope.t("wellbeing.not_shown", unit=unit),
            scope.t("wellbeing.not_shown_how", limit=limit),
        )
        return
    panel.head(crumb, _title(scope, view), _lead(scope, view))


def _form(view: WaveView) -> str:
    """Return the form that the survey is filed on."""
    return load.catalog().measures[view.survey.responded].form


def _title(scope: Scope, view: WaveView) -> str:
    """Return the headline: the index with its change, and which dimensions moved."""
    first = view.rows[0]
    names = dimension_names(view, scope.lang)
    words = {
        "unit": load.unit_name(view.unit, scope.lang),
        "index": names[first["indicator"]],
        "value": shown(first["mean"], 1),
    }
    change, reading = first["change"], first["reading"]
    if change is None:
        return scope.t("wellbeing.title_alone", **words)
    if reading == "not_significant":
        whole = scope.t("wellbeing.title_same", **words)
    else:
        key = "wellbeing.title_up" if change > 0 else "wellbeing.title_down"
        whole = scope.t(key, **words, change=shown(abs(change), 1))
    return scope.t("wellbeing.title_parts", whole=whole, parts=_moved(scope, view, names))


def _moved(scope: Scope, view: WaveView, names: dict[str, str]) -> str:
    """Return which dimensions rose or fell beyond chance."""
    rows = [row for row in view.rows if not row["is_index"]]
    told = [row for row in rows if row["reading"] not in ("not_significant", "none")]
    up = [names[row["indicator"]] for row in told if row["change"] > 0]
    down = [names[row["indicator"]] for row in told if row["change"] < 0]
    if not told:
        return scope.t("wellbeing.parts_none", count=len(rows))
    if up and down:
        return scope.t("wellbeing.parts_both", up=_list(scope, up), down=_list(scope, down))
    side, found = ("up", up) if up else ("down", down)
    key = f"wellbeing.parts_only_{side}" if len(found) < 3 else f"wellbeing.parts_{side}"
    return scope.t(key, count=len(rows), names=_list(scope, found))


def _list(scope: Scope, names: list[str]) -> str:
    """Return names as they stand in a sentence."""
    if len(names) < 2:
        return "".join(names)
    comma, last = scope.t("wellbeing.comma"), scope.t("wellbeing.and")
    return comma.join(names[:-1]) + last + names[-1]


def _lead(scope: Scope, view: WaveView) -> str:
    """Return the two lowest dimensions, and how many answered."""
    names = dimension_names(view, scope.lang)
    rows = sorted((row for row in view.rows if not row["is_index"]), key=lambda row: row["mean"])
    lowest = [
        scope.t("wellbeing.name_value", name=names[row["indicator"]], value=shown(row["mean"], 1))
        for row in rows[:2]
    ]
    first, whole = view.rows[0], view.units[0]
    silent = shown(whole["invited"] - whole["n"], 0)
    rate = shown(100 * whole["rate"], 1)
    base = _base_rate(view)
    parts = [scope.t("wellbeing.lead_lowest", names=_list(scope, lowest))] if len(rows) > 2 else []
    if first["base_n"] and base is not None:
        said = scope.t("wellbeing.lead_rate", rate=rate, base=shown(base, 1), silent=silent)
    else:
        said = scope.t("wellbeing.lead_rate_alone", rate=rate, silent=silent)
    return ("" if scope.lang == "zh" else " ").join([*parts, said])


def _base_rate(view: WaveView) -> float | None:
    """Return the response rate of the earlier wave in percent."""
    row = view.rows[0]
    return 100 * row["base_n"] / row["base_invited"] if row["base_invited"] else None


def _chart(scope: Scope, view: WaveView) -> None:
    """Show the interval chart of the dimensions."""
    rows = chart_rows(scope, view)
    first = view.rows[0]
    unit = load.unit_name(view.unit, scope.lang)
    words = {"unit": unit, "n": shown(first["n"], 0)}
    if first["base_n"]:
        note = scope.t("wellbeing.chart_note", **words, base=shown(first["base_n"], 0))
    else:
        note = scope.t("wellbeing.chart_note_alone", **words)
    said = scope.t("wellbeing.comma").join(
        f"{row['label']} {row['mean_label']} {row['reading_label']}" for row in rows
    )
    now = period_label(view.period, "wave", scope.lang)
    legend = [panel.legend_item("dot", "common", now)]
    if view.base:
        earlier = period_label(view.base, "wave", scope.lang)
        legend.append(panel.legend_item("ring", "common", earlier))
    legend += [
        panel.legend_item("dot", "better", scope.t("wellbeing.legend_better")),
        panel.legend_item("diamond", "worse", scope.t("wellbeing.legend_worse")),
    ]
    panel.chart_card(
        scope.t("wellbeing.chart_title", count=len(view.survey.dimensions)),
        note,
        ready_spec(chart_waves(pl.DataFrame(rows, infer_schema_length=None), theme_name())),
        scope.t("wellbeing.chart_alt", unit=unit, values=said),
        key="waves",
        legend=legend,
    )


def chart_rows(scope: Scope, view: WaveView) -> list[Row]:
    """Return the rows of the chart with their words."""
    names = dimension_names(view, scope.lang)
    rows = []
    for row in view.rows:
        weight = row["weight"]
        rows.append(
            {
                **row,
                "label": names[row["indicator"]],
                "weight_label": ""
                if weight is None
                else scope.t("wellbeing.weight", weight=shown(weight, 0)),
                "mean_label": shown(row["mean"], 1),
                "change_label": shown(row["change"], 1, sign=True),
                "reading_label": reading_words(scope, row),
            }
        )
    return rows


def reading_words(scope: Scope, row: Row) -> str:
    """Return what a change between waves says."""
    if row["reading"] == "none" or row["change"] is None:
        return scope.t("wellbeing.tell_not")
    if row["reading"] == "not_significant":
        return scope.t("wellbeing.tell_no")
    return scope.t("wellbeing.tell_up" if row["change"] > 0 else "wellbeing.tell_down")
