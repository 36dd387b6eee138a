"""How are the results of an evaluation round shown: by group, with bands, grades and their why?"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import streamlit as st

from data.catalog import Scheme
from data.periods import add_months
from metrics.dry_run import small_shares
from metrics.evaluate import score_round
from metrics.lint import SchemeFinding, lint_scheme
from metrics.rounds import ROUND_MONTHS, round_name
from metrics.stability import judge_stability
from metrics.standing import may_rank
from ui import load, panel, results_items, results_tables
from ui.frame import current_scope
from ui.html import Child, link, tag
from ui.scope import Scope, Sight, href

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RoundView:
    """One round of one assessor as the page shows it; frames as lists of rows.

    On the basis `matched` the units that are scored did not change from the month `since` on.
    """

    scheme: Scheme
    assessor: str
    round: str
    period: dt.date
    standings: list[Row]
    scores: list[Row]
    stability: dict[str, list[Row]]
    is_ranked: bool
    findings: list[SchemeFinding]
    since: dt.date | None = None

    @property
    def groups(self) -> list[str]:
        """The groups with units, in the scheme's order."""
        return list(dict.fromkeys(row["group"] for row in self.standings))

    def group_rows(self, group: str) -> list[Row]:
        """Return the standings of a group."""
        return [row for row in self.standings if row["group"] == group]

    def group_name(self, code: str, lang: str) -> str:
        """Return the name of a group; without groups, that of the level."""
        names = {group.code: group.name.get(lang) for group in self.scheme.groups}
        return names.get(code, code) or load.level_name(self.standings[0]["unit"], lang)


def show() -> None:
    """Show the last round that was complete at the period in scope."""
    scope = current_scope()
    scheme, assessor = choose_scheme(scope)
    if scheme is None:
        panel.head(scope.t("ui.page.results"), scope.t("results.empty.no_scheme"))
        panel.empty(scope.t("results.empty.no_scheme"), scope.t("results.empty.no_scheme_how"))
        return
    end = last_round(scheme, scope.period)
    view = view_of(load.sight(scope), scheme.code, assessor, end)
    if not view.standings:
        panel.head(scope.t("ui.page.results"), scope.t("results.empty.no_round"))
        panel.empty(scope.t("results.empty.no_round"), scope.t("results.empty.no_round_how"))
        return
    group, station = chosen(scope, view)
    with panel.guard("results head", scope.lang):
        _head(scope, view, group)
        _switches(scope, view, group)
    left, right = st.columns([624, 376])
    with left:
        with panel.guard("results standings", scope.lang):
            results_tables.show_standings(scope, view, group, station)
        with panel.guard("results stability", scope.lang):
            results_tables.show_stability(scope, view, group)
    with right, panel.guard("results items", scope.lang):
        results_items.show_items(scope, view, station)
    with panel.guard("results policy", scope.lang):
        results_tables.show_policy(scope, view)
    panel.how_to_read([scope.t(f"results.how_{number}") for number in (1, 2, 3, 4)], scope.lang)


def choose_scheme(scope: Scope) -> tuple[Scheme | None, str]:
    """Return the scheme and the assessing unit: the unit in scope, or the one that assesses it.

    Who assessed a unit is asked of the last month of the round, on the basis in scope.
    """
    schemes = load.catalog().schemes
    asked = schemes.get(scope.extras.get("scheme", ""))
    found: list[tuple[int, Scheme, str]] = []
    for scheme in schemes.values() if asked is None else (asked,):
        tree = load.tree_in(load.sight(scope), last_round(scheme, scope.period))
        if scope.unit not in tree.units:  # it came later in the round's months or after them
            tree = load.tree_of(scope)
        line = (scope.unit, *tree.ancestors(scope.unit))
        found += [(at, scheme, u) for at, u in enumerate(line) if tree.level(u) == scheme.assessor]
    _, scheme, unit = min(found, key=lambda one: one[0], default=(0, None, ""))
    return scheme, unit


def last_round(scheme: Scheme, period: dt.date) -> dt.date:
    """Return the last month of the last round that was over at a period."""
    length = ROUND_MONTHS[scheme.round]
    into = (period.month - load.catalog().bureau.year_start) % length
    return period if into == length - 1 else add_months(period, -into - 1)


@load.cached
def view_of(sight: Sight, scheme_code: str, assessor: str, period: dt.date) -> RoundView:
    """Return a round of one assessor, computed once for all readers of equal sight."""
    cube = load.cube_at(sight)
    catalog = cube.catalog
    scheme = catalog.schemes[scheme_code]
    tree = load.tree_in(sight, period)
    units = tree.at_level(scheme.level, assessor) if assessor in tree.units else ()
    result = score_round(
        cube, catalog, scheme_code, period, units=units, hide=lambda rows: load.hide(rows, sight)
    )
    stability = {
        str(group[0]): judge_stability(
            scheme, result.scores.filter(group=group[0]), rows
        ).to_dicts()
        for group, rows in result.standings.group_by("group", maintain_order=True)
    }
    scored = [unit for unit in result.standings["unit"] if unit not in result.left_out]
    small = small_shares(cube, catalog, scheme, scored, period)
    found = lint_scheme(scheme, catalog, small_shares=small)
    findings = [finding for finding in found if not finding.is_settled]
    return RoundView(
        scheme,
        assessor,
        result.round,
        period,
        result.standings.to_dicts(),
        result.scores.to_dicts(),
        stability,
        may_rank(scheme, catalog),
        findings,
        result.since,
    )


def chosen(scope: Scope, view: RoundView) -> tuple[str, str]:
    """Return the group and the unit that the address asks for, or the first ones."""
    units = {row["unit"]: row["group"] for row in view.standings}
    station = scope.extras.get("station", "")
    if station not in units and scope.unit in units:
        station = scope.unit
    group = scope.extras.get("group", "")
    if group not in view.groups:
        group = units.get(station, view.groups[0])
    if units.get(station) != group:
        rows = view.group_rows(group)
        rated = [row for row in rows if row["score"] is not None]
        station = (rated or rows)[0]["unit"]
    return group, station


def _head(scope: Scope, view: RoundView, group: str) -> None:
    """Show who assessed whom, the grades of the group, and why quotas bit."""
    t, lang = scope.t, scope.lang
    crumb = t(
        "results.crumb",
        scheme=view.scheme.name.get(lang),
        version=view.scheme.version,
        round=round_words(scope, view),
        assessor=load.unit_title(view.assessor, lang),
        units=len(view.standings),
        groups=len(view.groups),
    )
    rows = view.group_rows(group)
    counts = []
    for index, grade in enumerate(view.scheme.grades):
        count = sum(row["grade"] == index for row in rows)
        if count:
            counts.append(t("results.grade_count", grade=grade.name.get(lang), count=count))
    left_out = sum(row["left_out_en"] is not None for row in rows)
    not_rated = sum(row["score"] is None for row in rows) - left_out
    for word, count in (("not_rated", not_rated), ("not_counted", left_out)):
        if count:
            counts.append(t("results.grade_count", grade=t(f"results.{word}"), count=count))
    grades = t("results.comma").join(counts)
    name = view.group_name(group, lang)
    panel.head(
        crumb,
        t("results.title", group=name, count=len(rows), grades=grades),
        _lead(scope, view, rows),
    )


def round_words(scope: Scope, view: RoundView) -> str:
    """Return how the round is called in the reader's language."""
    name = round_name(view.scheme, load.catalog(), view.period)
    if view.scheme.round != "quarterly":
        return name
    return scope.t(
        "ui.period.wave",
        year=view.period.year,
        number=scope.t(f"ui.ordinal.n{name[-1]}"),
        month=view.period.month,
        month_name="",
        digit=name[-1],
    )


def _lead(scope: Scope, view: RoundView, rows: list[Row]) -> str:
    """Return why there are bands or none, and which quotas moved whom."""
    t = scope.t
    rated = sum(row["score"] is not None for row in rows)
    if not view.is_ranked:
        parts = [t("results.lead_policy")]
    elif rated < view.scheme.min_group:
        parts = [t("results.lead_small", count=rated, least=view.scheme.min_group)]
    else:
        parts = [t("results.lead_bands")]
    for index, grade in enumerate(view.scheme.grades):
        missed = [row for row in rows if row["reason"] == "quota" and row["missed"] == index]
        if missed:
            name = grade.name.get(scope.lang)
            values = {"grade": name, "cap": missed[0]["cap"], "count": len(missed)}
            parts.append(t("results.lead_quota", **values))
    out = [row for row in rows if row["reason"] == "changed"]
    if out and view.since:
        months = {"first": f"{view.since:%Y-%m}", "last": f"{view.period:%Y-%m}"}
        parts.append(t("results.lead_left_out", count=len(out), **months))
    return ("" if scope.lang == "zh" else " ").join(parts)


def _switches(scope: Scope, view: RoundView, group: str) -> None:
    """Show the groups of the round, and the other assessors within sight."""
    t, lang = scope.t, scope.lang
    parts: list[Child] = []
    if len(view.groups) > 1:
        links = [
            link(
                f"{view.group_name(code, lang)} {len(view.group_rows(code))}",
                href("results", scope, scheme=scope.extras.get("scheme"), group=code),
                cls="on" if code == group else "",
                aria_current="true" if code == group else None,
            )
            for code in view.groups
        ]
        parts.append(tag("div", links, cls="seg", role="group", aria_label=t("results.groups")))
    others = [s for s in load.catalog().schemes.values() if s.assessor == view.scheme.assessor]
    if len(others) > 1:
        links = [
            link(
                scheme.name.get(lang),
                href("results", scope, scheme=scheme.code),
                cls="on" if scheme.code == view.scheme.code else "",
            )
            for scheme in others
        ]
        parts.append(tag("div", links, cls="seg", role="group", aria_label=t("results.schemes")))
    if parts:
        panel.show(tag("div", parts, style="display:flex;gap:8px;flex-wrap:wrap", data_keep="1"))
