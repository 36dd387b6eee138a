"""How is it shown what happened to one cell, from what was written in it to what counts?"""

from collections.abc import Mapping, Sequence
from typing import Any

from data.access import OPERATOR
from data.definition_types import Measure
from metrics.rounding import format_number, round_half_up
from ui import load, panel
from ui.html import Child, Markup, icon, tag
from ui.scope import Scope

Event = Mapping[str, Any]
MISSING = "—"
#: Where on the page the trail stands, for the links of the cells.
PLACE = "trail"
ICONS = {
    "filed": "upload_file",
    "imported": "database",
    "counted_by_system": "calculate",
    "withdrawn": "undo",
    "corrects": "edit_note",
    "asked": "contact_support",
    "answered": "comment",
    "confirmed": "how_to_reg",
    "accepted": "check_circle",
    "in_force": "verified",
}


def show_trail(scope: Scope, cell: Event, events: Sequence[Event]) -> None:
    """Show the life of a cell as a list in the order of time, under a head that names the cell."""
    t, lang = scope.t, scope.lang
    measure = load.catalog().measures[cell["measure"]]
    where, file = place_words(scope, cell)
    values = {
        "unit": load.unit_title(cell["unit"], lang),
        "measure": measure.name.get(lang),
        "period": f"{cell['period']:%Y-%m}",
    }
    title = t("indicator.trail.title", **values)
    shown = " › ".join(part for part in (file, where) if part)
    steps = [_event(scope, event, measure) for event in events]
    panel.show(
        tag(
            "div",
            tag("h3", title),
            tag("div", shown, cls="s mu"),
            tag("ol", steps, cls="trail", aria_label=title),
            id=PLACE,
            cls="card pad",
            style="margin-top:12px;scroll-margin:12px",
            data_block="nearest",
            data_keep="1",
        )
    )


def place_words(scope: Scope, cell: Event) -> tuple[str, str]:
    """Return where a cell stands, sheet and address, and the file; or why there is no place.

    What the system counts names the forms that it counted instead of a file.
    """
    where = "!".join(part for part in (cell["sheet"], cell["cell"]) if part)
    if not where or cell["kind"] == "system":
        return scope.t(f"indicator.trail.place_{cell['kind'] or 'none'}"), cell["cell"] or ""
    return where, cell["file"] or ""


def _event(scope: Scope, event: Event, measure: Measure) -> Markup:
    """Return one event: when, what, and the words that were said."""
    t, lang, kind = scope.t, scope.lang, event["event"]
    levels = {level.code: level.name.get(lang) for level in load.catalog().bureau.levels}
    values = {
        "by": person(scope, event["by"]),
        "unit": load.unit_title(event["unit"], lang),
        "level": levels.get(event["level"] or "", event["level"] or ""),
        "value": _value(scope, event, measure),
        "version": event["version"] or "",
        "receipt": event["submission"] or "",
    }
    key = kind
    if kind == "accepted" and not event["level"]:
        key = "accepted_once"
    if kind == "asked" and event["level"] == "info":
        key = "noted"
    words = _said(scope, kind, event["words"])
    when = f"{load.local(event['at']):%Y-%m-%d %H:%M}" if event["at"] else ""
    return tag(
        "li",
        icon(ICONS[kind], 16),
        tag("span", when, cls="s mu nw"),
        tag(
            "div",
            t(f"indicator.trail.{key}", **values),
            tag("div", words, cls="s mu") if words else None,
        ),
        cls=kind,
    )


def person(scope: Scope, user: str | None) -> str:
    """Return how somebody is called; whoever worked at the machine itself is the operator."""
    if user == OPERATOR.name:
        return scope.t("ui.role.operator")
    return load.person_name(user, scope.lang)


def _value(scope: Scope, event: Event, measure: Measure) -> str:
    """Return an event's value with its unit of measure; hidden or none is a dash."""
    unit = measure.unit.get(scope.lang)
    return filed_words(event["value"], f" {unit}" if unit else "")


def filed_words(value: float | None, unit: str = "") -> str:
    """Return a value with the decimals that it was filed with, four at most; none is a dash.

    >>> filed_words(1380.0, " 起"), filed_words(0.19), filed_words(None)
    ('1,380 起', '0.19', '—')
    """
    if value is None:
        return MISSING
    digits = f"{value:.4f}".rstrip("0").partition(".")[2]
    return format_number(round_half_up(value, decimals=len(digits))) + unit


def _said(scope: Scope, kind: str, words: str | None) -> Child:
    """Return the words of an event: what stood in the cell, a question, an answer, a reason."""
    if not words:
        return None
    key = {"filed": "written", "accepted": "reason", "confirmed": "reason"}.get(kind)
    return scope.t(f"indicator.trail.{key}", words=words) if key else words
