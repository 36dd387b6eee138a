"""What does a page of the survey show: which wave of which unit, and by what names?"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.periods import add_months
from data.texts import text
from data.units import Tree
from metrics.survey import Scale, Survey, find_survey, find_waves
from metrics.wellbeing import compare_units, compare_waves
from metrics.wellbeing_context import read_context, read_scales
from metrics.wellbeing_silent import list_suppressed
from ui import load
from ui.html import Markup, tag
from ui.numbers import shown
from ui.scope import Scope, Sight, period_label
from ui.table import reading_badge

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


def join_names(scope: Scope, names: Sequence[str]) -> str:
    """Return names as they stand in a sentence."""
    if len(names) < 2:
        return "".join(names)
    comma, last = scope.t("wellbeing.comma"), scope.t("wellbeing.and")
    return comma.join(names[:-1]) + last + names[-1]


def lead_of(view: WaveView) -> str:
    """Return the score that speaks for the survey: the index, or the first dimension."""
    survey = view.survey
    return (survey.index or survey.dimensions[0]).mean


def change_words(scope: Scope, row: dict[str, Any]) -> str:
    """Return what a change between waves says: nothing where it cannot be told."""
    if row["change"] is None:
        return scope.t("wellbeing.tell_not")
    if row["reading"] in ("not_significant", "none"):
        return scope.t("wellbeing.tell_no")
    return scope.t("wellbeing.tell_up" if row["change"] > 0 else "wellbeing.tell_down")


def change_badge(scope: Scope, row: dict[str, Any]) -> Markup:
    """Return how a unit's index reads since last year: grey and 不能判断 unless it can be told."""
    if row["change"] is None:
        return tag("span", scope.t("wellbeing.tell_not"), cls="s mu")
    if row["reading"] in ("not_significant", "none"):
        return reading_badge("not_significant", scope.t("wellbeing.tell_no"))
    word = f"{shown(row['change'], 1, sign=True)} {change_words(scope, row)}"
    return reading_badge(row["reading"], word, row["change"] > 0)
