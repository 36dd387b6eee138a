"""How are the dimensions of a survey drawn, and what must be known of single ones?"""

import polars as pl

from charts.wellbeing import chart_waves
from ui import load, panel
from ui.chart import ready_spec
from ui.html import tag
from ui.numbers import shown
from ui.scope import Scope
from ui.theme import theme_name
from ui.wellbeing_view import Row, WaveView, change_words, dimension_names, join_names, wave_label


def show_chart(scope: Scope, view: WaveView) -> None:
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
    compared = any(row["change"] is not None for row in view.rows)
    heads = (scope.t("wellbeing.work_change"), scope.t("wellbeing.work_reading"))
    heads = heads if compared else ("", "")
    has_intervals = any(row["lower"] is not None for row in view.rows)
    key = "wellbeing.chart_title" if has_intervals else "wellbeing.chart_title_plain"
    panel.chart_card(
        scope.t(key, count=len(view.survey.dimensions)),
        note,
        ready_spec(chart_waves(pl.DataFrame(rows, infer_schema_length=None), theme_name(), heads)),
        scope.t("wellbeing.chart_alt", unit=unit, values=said),
        key="waves",
        legend=legend,
    )
    if beside := asides(scope, view):
        panel.show(tag("div", beside, cls="s mu"))


def asides(scope: Scope, view: WaveView) -> str:
    """Return what must be known of single dimensions only, each sentence with their names."""
    names = dimension_names(view, scope.lang)
    known = set(view.rows[0]["note"].split()) | {"no_interval"}
    found: dict[str, list[str]] = {}
    for row in view.rows[1:]:
        for note in row["note"].split():
            if note not in known:
                found.setdefault(note, []).append(names[row["indicator"]])
    limit = load.catalog().bureau.small_n
    lines = [
        scope.t("wellbeing.aside", names=join_names(scope, those), note=words)
        for note, those in found.items()
        for words in (scope.t(f"wellbeing.note.{note}", limit=limit),)
    ]
    return ("" if scope.lang == "zh" else " ").join(lines)


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
                "reading_label": change_words(scope, row),
            }
        )
    return rows
