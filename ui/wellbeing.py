"""How is the wellbeing of the force shown? The whole only, with intervals, and its silences."""

from dataclasses import replace
from typing import Any

from metrics.survey import find_survey
from ui import load, panel, structure, wellbeing_chart, wellbeing_context, wellbeing_tables
from ui.frame import current_scope
from ui.numbers import shown
from ui.scope import Scope
from ui.wellbeing_view import WaveView, dimension_names, join_names, view_of, wave_label

Row = dict[str, Any]


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
        wellbeing_tables.show_first(scope, view, lambda: wellbeing_chart.show_chart(scope, view))
    with panel.guard("wellbeing units", scope.lang):
        wellbeing_tables.show_units(scope, view)
    with panel.guard("wellbeing context", scope.lang):
        wellbeing_context.show_units(scope, view)
    with panel.guard("wellbeing hidden", scope.lang):
        wellbeing_tables.show_hidden(scope, view)
    how = [scope.t(f"wellbeing.how_{number}") for number in (1, 2, 3, 4)]
    panel.how_to_read(how, scope.lang)


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
        return scope.t(
            "wellbeing.parts_both", up=join_names(scope, up), down=join_names(scope, down)
        )
    side, found = ("up", up) if up else ("down", down)
    key = f"wellbeing.parts_only_{side}" if len(found) < 3 else f"wellbeing.parts_{side}"
    return scope.t(key, count=len(rows), names=join_names(scope, found))


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
    parts = (
        [scope.t("wellbeing.lead_lowest", names=join_names(scope, lowest))] if len(rows) > 2 else []
    )
    if scope.basis == "matched":
        parts.append(scope.t("wellbeing.whole_waves") + scope.t("wellbeing.stop"))
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
