"""How is a reader told that a unit was not there all the time, or that its borders changed?"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from metrics.structure import NO_CHANGE, NOTES
from metrics.structure_told import Told, tell, told_words
from ui import load, panel
from ui.html import Markup, tag
from ui.scope import Scope, Sight
from ui.table import flag

MOST_LINES = 5
SIGN = "※ "


@load.cached
def _told(
    sight: Sight, code: str, units: tuple[str, ...], period: dt.date, window: str
) -> tuple[Told, ...]:
    """Return what is to be said of units beside each other; the first one is the one in scope.

    Of the others, what was in no month of either side is no part of what is shown.
    """
    cube = load.cube_at(sight)
    return tuple(
        told
        for told in tell(cube, code, units, period, window, "yoy")
        if told.is_there or told.unit == units[0]
    )


def lines(scope: Scope, code: str, units: Sequence[str], window: str) -> list[str]:
    """Return a sentence for each unit that was not there all the time or has other borders."""
    lang = scope.lang
    found = _told(load.sight(scope), code, tuple(units), scope.period, window)
    said = [
        told_words(told, lambda unit: load.unit_title(unit, lang), lang)
        + scope.t("words.structure.stop")
        for told in found[:MOST_LINES]
    ]
    more = len({told.unit for told in found[MOST_LINES:]})
    return [*said, scope.t("words.structure.more", count=more)] if more else said


def left_out(scope: Scope, row: Mapping[str, Any] | None) -> list[str]:
    """Return how many of a unit's filing units the matched basis compares, if not all of them."""
    if scope.basis != "matched" or row is None:
        return []
    if not row.get("compared_units") and row.get("note") != "structure":
        return []  # there is no base at all
    counts = {"reported": row["reported"], "compared": row["compared_units"]}
    if counts["compared"] >= counts["reported"]:
        return []
    return [scope.t("words.structure.left_out", **counts) + scope.t("words.structure.stop")]


def show(
    scope: Scope,
    code: str,
    units: Sequence[str],
    window: str,
    row: Mapping[str, Any] | None = None,
) -> None:
    """Show what must be said of the units on a page, above what is shown of them."""
    said = [*lines(scope, code, units, window), *left_out(scope, row)]
    if said:
        panel.notice([tag("div", line) for line in said], "account_tree")


def sign(row: Mapping[str, Any], scope: Scope) -> Markup:
    """Return a sign that takes no room beside a unit's name, with its word for who asks."""
    word = scope.t(f"words.note.{row['note']}")
    return tag("span", SIGN.strip(), tag("span", f" {word}", cls="vh"), title=word)


def flags(row: Mapping[str, Any], scope: Scope) -> list[Markup]:
    """Return the mark of a figure whose change is barred by structure, where it shows a figure.

    A figure that is missing for that reason says so already.
    """
    note = row.get("note")
    if note not in NOTES or (row.get("status") == "missing" and note in NO_CHANGE):
        return []
    return [flag(scope.t(f"words.note.{note}"))]
