"""How is the wellbeing of the force shown? The whole only, with intervals, and its silences."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from charts.wellbeing import chart_waves
from data.periods import add_months
from data.texts import text
from data.units import Tree
from metrics.survey import Scale, Survey, find_survey, find_waves
from metrics.wellbeing import compare_units, compare_waves
from metrics.wellbeing_context import read_context, read_scales
from metrics.wellbeing_silent import list_suppressed
from ui import load, panel, structure, wellbeing_context, wellbeing_tables
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
    scales: list[tuple[Scale, float, float | None]]


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
        structure.show(at, view.survey.lead, wellbeing_tables.shown_units(view), "quarter")
    with panel.guard("wellbeing chart", scope.lang):
        wellbeing_tables.show_first(scope, view, lambda: _chart(scope, view))
    with panel.guard("wellbeing units", scope.lang):
        wellbeing_tables.show_units(scope, view)
    with panel.guard("wellbeing context", scope.lang):
        wellbeing_context.show_units(scope, view)
    with panel.guard("wellbeing hidden", scope.lang):
        wellbeing_tables.show_hidden(scope, view)
    how = [scope.t(f"wellbeing.how_{number}") for number in (1, 2, 3, 4)]
    panel.how_to_read(how, scope.lang)


@load.cached
def view_of(sight: Sight, unit: str, through: dt.date) -> WaveView | None:
    """Return the last wave up to a month, None where there is none yet.

    What is hidden is settled over the whole bureau; the frame lets nobody ask for a unit that they
    may not see, and nothing above the unit is shown.
    """
    cube = load.whole_of(sight).cube
    # What today hides must not follow from what was known on an earlier day.
    present = load.whole_of(replace(sight, as_of=None)).cube if sight.as_of else None
    survey = find_survey(cube.catalog)
    waves = find_waves(cube, survey, through) if survey else []
    if survey is None or not waves:
        return None
    period = waves[-1]
    tree = load.tree_in(sight, period)
    base = add_months(period, -12)
    asked = (cube, tree, survey, unit, period, base, present)
    units = compare_units(*asked)
    below = units["unit"].to_list()
    return WaveView(
        unit=unit,
        tree=tree,
        survey=survey,
        period=period,
        base=base if base in waves else None,
        rows=compare_waves(*asked).to_dicts(),
        units=units.to_dicts(),
        hidden=list_suppressed(cube, tree, survey, unit, period).to_dicts(),
        work=read_context(cube, tree, below, period, sight.basis).to_dicts(),
        scales=read_scales(cube, tree, survey, unit, period, base),
    )


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


def wave_label(view: WaveView, period: dt.date, lang: str) -> str:
    """Return how a wave is called: by its quarter, or by its year where there is one a year."""
    if load.catalog().measures[view.survey.lead].frequency == "A":
        return text("wellbeing.yearly", lang, year=period.year)
    return period_label(period, "wave", lang)


def _head(scope: Scope, view: WaveView) -> None:
    """Show what the wave says in one sentence, and what it does not."""
    survey_name = load.catalog().forms[_form(view)].name.get(scope.lang)
    now = wave_label(view, view.period, scope.lang)
    base = view.base and wave_label(view, view.base, scope.lang)
    key = "wellbeing.crumb" if base else "wellbeing.crumb_alone"
    crumb = scope.t(key, survey=survey_name, now=now, **({"then": base} if base else {}))
    if view.rows[0]["mean"] is None:
        unit = load.unit_name(view.unit, scope.lang)
        limit = load.catalog().bureau.small_n
        how = "wellbeing.not_shown_how" if limit else "wellbeing.not_filed_how"
        how = how if scope.basis == "now" or not limit else "wellbeing.not_shown_basis"
        panel.head(crumb, scope.t("wellbeing.not_shown", unit=unit))
        panel.empty(scope.t("wellbeing.not_shown", unit=unit), scope.t(how, limit=limit))
        return
    panel.head(crumb, _title(scope, view), _lead(scope, view))


def _form(view: WaveView) -> str:
    """Return the form that the survey is filed on."""
    return load.catalog().measures[view.survey.lead].form


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
    if reading in ("not_significant", "none"):
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
    known = [row for row in view.rows if not row["is_index"] and row["mean"] is not None]
    # Of a score where low is good, being low is nothing to lead with.
    good = [row for row in known if load.indicator(row["indicator"]).direction >= 0]
    rows = sorted(good, key=lambda row: row["mean"])
    lowest = [
        scope.t("wellbeing.name_value", name=names[row["indicator"]], value=shown(row["mean"], 1))
        for row in rows[:2]
    ]
    parts = [scope.t("wellbeing.lead_lowest", names=_list(scope, lowest))] if len(rows) > 2 else []
    return ("" if scope.lang == "zh" else " ").join([*parts, *_answered(scope, view)])


def _answered(scope: Scope, view: WaveView) -> list[str]:
    """Return how many answered, how many last year, and who is not heard."""
    first = view.rows[0]
    found = []
    if first["rate"] is not None:
        rate = shown(100 * first["rate"], 1)
        if first["base_rate"] is not None:
            base = shown(100 * first["base_rate"], 1)
            found.append(scope.t("wellbeing.lead_rate", rate=rate, base=base))
        else:
            found.append(scope.t("wellbeing.lead_rate_alone", rate=rate))
    if first["n"] is not None and first["invited"] is not None and first["n"] <= first["invited"]:
        silent = first["invited"] - first["n"]
        key = "wellbeing.lead_silent" if silent else "wellbeing.note.census"
        found.append(scope.t(key, **({"silent": shown(silent, 0)} if silent else {})))
    notes = [note for note in first["note"].split() if note not in ("census", "no_interval")]
    limit = load.catalog().bureau.small_n
    said = [scope.t(f"wellbeing.note.{note}", limit=limit) for note in notes]
    stop = scope.t("wellbeing.stop")
    return [f"{line[:1].upper()}{line[1:]}{stop}" for line in (*found, *said)]


def _chart(scope: Scope, view: WaveView) -> None:
    """Show the interval chart of the dimensions."""
    rows = chart_rows(scope, view)
    unit = load.unit_name(view.unit, scope.lang)
    note = _chart_note(scope, view, unit)
    said = scope.t("wellbeing.comma").join(
        f"{row['label']} {row['mean_label']} {row['reading_label']}" for row in rows
    )
    now = wave_label(view, view.period, scope.lang)
    legend = [panel.legend_item("dot", "common", now)]
    if view.base:
        earlier = wave_label(view, view.base, scope.lang)
        legend.append(panel.legend_item("ring", "common", earlier))
    legend += [
        panel.legend_item("dot", "better", scope.t("wellbeing.legend_better")),
        panel.legend_item("diamond", "worse", scope.t("wellbeing.legend_worse")),
    ]
    has_intervals = any(row["lower"] is not None for row in view.rows)
    key = "wellbeing.chart_title" if has_intervals else "wellbeing.chart_title_plain"
    panel.chart_card(
        scope.t(key, count=len(view.survey.dimensions)),
        note,
        ready_spec(chart_waves(pl.DataFrame(rows, infer_schema_length=None), theme_name())),
        scope.t("wellbeing.chart_alt", unit=unit, values=said),
        key="waves",
        legend=legend,
    )


def _chart_note(scope: Scope, view: WaveView, unit: str) -> str:
    """Return what the chart is drawn of: unit, answers, whether the correction was made."""
    first = view.rows[0]
    if first["n"] is None:
        return scope.t("wellbeing.chart_note_printed", unit=unit)
    key = "wellbeing.chart_note" if first["base_n"] else "wellbeing.chart_note_alone"
    base = {"base": shown(first["base_n"], 0)} if first["base_n"] else {}
    note = scope.t(key, unit=unit, n=shown(first["n"], 0), **base)
    done = "corrected" if first["invited"] is not None else "uncorrected"
    return f"{note} · {scope.t(f'wellbeing.chart_{done}')}"


def chart_rows(scope: Scope, view: WaveView) -> list[Row]:
    """Return the rows of the chart with their words."""
    names = dimension_names(view, scope.lang)
    rows = []
    for row in view.rows:
        weight = row["weight"]
        rows.append(
            {
                **row,
                "label": scope.t("wellbeing.col_index")
                if row["is_index"]
                else names[row["indicator"]],
                "weight_label": ""
                if weight is None
                else scope.t("wellbeing.weight", weight=shown(weight, 0)),
                "mean_label": shown(row["mean"], 1),
                "change_label": shown(row["change"], 1, sign=True),
                "reading_label": wellbeing_tables.change_words(scope, row),
            }
        )
    return rows
