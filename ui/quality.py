"""How is Data quality shown? How returns fare month by month, what is asked of them, and by whom.

Counts and questions, never blame: nobody is ranked, and a question is not a finding of fault.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from data.store.questions import may_read
from metrics.quality import QUERY
from ui import load, panel
from ui.frame import current_scope
from ui.html import Child, Markup, join, tag
from ui.numbers import share, shown
from ui.quality_asked import show_changes, show_history, show_integrity
from ui.quality_data import Part, part_of, recorded, rule_words
from ui.quality_integrity import show_questions
from ui.quality_months import show_months, show_rates
from ui.quality_rules import show_hot_spots, show_rules, show_units
from ui.scope import Scope, period_label
from ui.table import DASH


def show() -> None:
    """Show how the returns of the units in scope fare, and what the checks ask."""
    scope = current_scope()
    part = part_of(scope)
    unit = load.unit_title(scope.unit, scope.lang)
    month = period_label(scope.period, "month", scope.lang)
    crumb = " · ".join([scope.t("ui.page.quality"), unit, month])
    months = part.numbers
    known = recorded(scope, part.months)
    if part.returns.is_empty() and part.findings.is_empty() and not _judged(months):
        panel.head(crumb, scope.t("quality.none", unit=unit))
        key = "none_how_record" if known else "none_how"
        panel.empty(scope.t("quality.none_what"), scope.t(f"quality.{key}"))
        if known:
            with panel.guard("months", scope.lang):
                show_rates(scope, months, known)
                show_months(scope, part, known)
        if may_read(load.viewer(scope.person)):
            with panel.guard("questions", scope.lang):
                show_questions(scope)
        return
    panel.head(crumb, title_of(scope, months), _lead(scope, part))
    with panel.guard("figures", scope.lang):
        panel.show(_figures(scope, months))
    with panel.guard("months", scope.lang):
        show_rates(scope, months, known)
        show_months(scope, part, known)
    with panel.guard("rules", scope.lang):
        show_rules(scope, part)
    with panel.guard("units", scope.lang):
        show_units(scope, part)
    with panel.guard("hot spots", scope.lang):
        show_hot_spots(scope, part)
    with panel.guard("integrity", scope.lang):
        show_integrity(scope, part)
    if may_read(load.viewer(scope.person)):
        with panel.guard("questions", scope.lang):
            show_questions(scope)
    with panel.guard("history", scope.lang):
        show_history(scope, part)
    with panel.guard("changes", scope.lang):
        show_changes(scope, part)
    lines = [scope.t(f"quality.how.{key}") for key in ("a", "b", "c", "d", "e", "f")]
    panel.how_to_read(lines, scope.lang)


def _judged(months: Sequence[Mapping[str, Any]]) -> int:
    """Return how many returns of the months are counted at all."""
    return sum(row["returns"] for row in months)


def title_of(scope: Scope, months: Sequence[Mapping[str, Any]]) -> str:
    """Return the month in one sentence; without anything due in it, all months together."""
    t, now = scope.t, months[-1]
    when = t("coverage.month", month=t(f"ui.month.m{scope.period.month}"), year=scope.period.year)
    rows = [now] if now["returns"] else months
    if not now["returns"]:
        when = t("quality.months", count=len(months))
    due, came = (sum(row[name] for row in rows) for name in ("returns", "came"))
    values = {
        "when": when,
        "returns": shown(due),
        "passed": share(sum(row["passed"] for row in rows), due),
        "ontime": share(sum(row["ontime"] for row in rows), due),
        "questions": shown(sum(row["questions"] for row in rows)),
    }
    if not due:
        return t("quality.title_open", **values)
    key = "title" if came else "title_none_came"
    return t(f"quality.{key}", **values)


def _lead(scope: Scope, part: Part) -> Child:
    """Return which rule asks most."""
    t = scope.t
    asked = part.rules.filter(severity=QUERY)
    if asked.is_empty():
        return t("quality.lead_none", count=len(part.months))
    top = asked.row(0, named=True)
    values = {"rule": top["rule"], "words": rule_words(scope, top["rule"]).rstrip(".。")}
    # Months that came from the record alone were asked nothing here.
    filed = {*part.returns["period"], *part.asked["period"]}
    counts = {"findings": shown(top["findings"]), "count": len(filed)}
    all_asked, said = part.asked.height, int(part.asked["answered"].sum())
    more = t("quality.lead_answered", asked=shown(all_asked), said=share(said, all_asked))
    return join([t("quality.lead", **values, **counts), t("coverage.space"), more])


def _figures(scope: Scope, months: Sequence[Mapping[str, Any]]) -> Markup:
    """Return the months whose returns are counted in a few figures, each with what it is of."""
    t = scope.t
    sums = {
        name: sum(row[name] for row in months)
        for name in ("returns", "passed", "ontime", "questions", "answered", "sent_back", "revised")
    }
    due, has_files = sums["returns"], any(row["files"] for row in months)
    days = [(row["days"], row["approved"]) for row in months if row["days"] is not None]
    latest = days[-1][0] if days else None
    items: list[tuple[Child, Child, Child]] = [
        (
            t("quality.figure.passed"),
            _percent(share(sums["passed"], due)),
            _of(scope, sums["passed"], due),
        ),
        (
            t("quality.figure.ontime"),
            _percent(share(sums["ontime"], due)),
            _of(scope, sums["ontime"], due),
        ),
        (
            t("quality.figure.questions"),
            shown(sums["questions"]),
            t("quality.figure.answered", share=share(sums["answered"], sums["questions"])),
        ),
        (
            t("quality.figure.sent_back"),
            shown(sums["sent_back"]) if has_files else DASH,
            t("quality.figure.sent_back_note"),
        ),
        (t("quality.figure.revised"), shown(sums["revised"]), t("quality.figure.revised_note")),
        (
            t("quality.figure.days"),
            shown(latest, 1) or DASH,
            t("quality.figure.days_note"),
        ),
    ]
    # Months that came from the record alone have rates, but no returns that could be counted.
    counted = sum(row["returns"] > 0 for row in months)
    over = t("quality.figure.over", count=counted)
    head = tag("div", over, cls="s mu", style="margin-bottom:6px")
    return tag("div", head, panel.key_figures(items), cls="card pad")


def _percent(written: str) -> Child:
    return written if not written[0].isdigit() else join([written, tag("span", " %", cls="mu")])


def _of(scope: Scope, part: int, whole: int) -> str:
    return scope.t("quality.figure.of", part=shown(part), whole=shown(whole))
