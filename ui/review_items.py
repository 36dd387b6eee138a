"""Which returns wait, for whom and how long, in which order, and which one is looked at?"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.access import Viewer
from data.units import Tree
from ui import load
from ui.scope import Scope

#: In these states a level's review is awaited; of a bureau without levels that of anybody.
IN_REVIEW, ANYBODY = ("submitted", "reviewed"), "any"
#: What takes a return out of the way: it is decided, or back with whoever filed it.
ENDED = ("returned", "approved")


@dataclass(frozen=True, slots=True)
class Item:
    """One return in the queue.

    `stage` says what it waits for: the review level whose turn it is, or its state. It is `mine`
    when the level of the reviewer's own unit is to judge it and they may; when another level is
    and they may stand in for it, `may_help`. `days` counts since it came to this stage.
    """

    row: Mapping[str, Any]
    stage: str
    mine: bool
    may_help: bool
    group: str
    days: int
    questions: int

    @property
    def receipt(self) -> str:
        """Its number."""
        return str(self.row["receipt"])

    @property
    def is_sound(self) -> bool:
        """Whether nothing about it asks for a closer look: no question, no correction."""
        return self.mine and not self.questions and self.row["why"] is None

    @property
    def is_waiting(self) -> bool:
        """Whether it is on its way."""
        return self.stage not in ENDED


def read_items(
    rows: Sequence[Mapping[str, Any]],
    questions: Mapping[int, int],
    viewer: Viewer,
    tree: Tree,
    top: str,
    forms: Sequence[str],
    today: dt.date,
) -> list[Item]:
    """Return the returns of the units from `top` down as they are listed.

    Units stand in official order, a unit's forms in that of the definitions (`forms`).
    """
    level = own_level(viewer, tree)
    place = {code: at for at, code in enumerate(forms)}
    found = []
    for row in rows:
        if row["kind"] != "return" or row["state"] == "replaced":
            continue
        if row["unit"] not in tree.units or not tree.is_within(row["unit"], top):
            continue
        stage = (row["waits_for"] or ANYBODY) if row["state"] in IN_REVIEW else row["state"]
        is_own = row["waits_for"] in (None, level) or viewer.role == "operator"
        since = row["reviewed_at"] if row["state"] not in ("checked", "confirming") else None
        since = since or row["ready_at"] or row["submitted_at"]
        found.append(
            Item(
                row=row,
                stage=stage,
                mine=bool(row["may_review"]) and is_own,
                may_help=bool(row["may_review"]) and not is_own,
                group=group_of(tree, row["unit"], top),
                days=max(0, (today - load.local(since).date()).days),
                questions=questions.get(row["id"], 0),
            )
        )
    official = {code: at for at, code in enumerate(tree.subtree(top, gone=True))}

    def key(item: Item) -> tuple[int, int, int]:
        form = place.get(item.row["form"], len(place))
        return official.get(item.row["unit"], len(official)), form, -item.row["id"]

    return sorted(found, key=key)


def own_level(viewer: Viewer, tree: Tree) -> str:
    """Return the level at which a reviewer judges: that of the unit, of an own level its bureau."""
    unit = viewer.unit or tree.root
    level = tree.level(unit)
    return tree.own_levels.get(level, level)


def group_of(tree: Tree, unit: str, top: str) -> str:
    """Return the unit right below `top` that a unit belongs to; `top` stands for itself."""
    path = [unit, *tree.ancestors(unit)]
    at = path.index(top)
    return path[at - 1] if at else top


def narrowed(items: Sequence[Item], level: str, form: str) -> list[Item]:
    """Return the returns that a choice of stage and form leaves; empty is no choice."""
    kept = [item for item in items if not form or item.row["form"] == form]
    if level in ("mine", "way"):
        return [item for item in kept if (item.mine if level == "mine" else item.is_waiting)]
    return [item for item in kept if item.stage == level] if level and level != "all" else kept


def level_in(scope: Scope, items: Sequence[Item]) -> str:
    """Return the stage that is looked at: as the address says, else what waits for the reader."""
    asked = scope.extras.get("level", "")
    stages = {item.stage for item in items}
    if asked in ("mine", "way", "all") or asked in stages:
        return asked
    is_due = any(item.mine for item in items)
    return "mine" if is_due else "way" if any(item.is_waiting for item in items) else "all"


def form_in(scope: Scope, items: Sequence[Item]) -> str:
    """Return the form that the address narrows the queue to, empty for all."""
    asked = scope.extras.get("form", "")
    return asked if any(item.row["form"] == asked for item in items) else ""


def chosen_of(scope: Scope, every: Sequence[Item], listed: Sequence[Item]) -> Item | None:
    """Return the return that the address names, else the first one that waits for the reader."""
    wanted = scope.extras.get("receipt", "").upper()
    found = next((item for item in (*listed, *every) if item.receipt == wanted), None)
    return found or next((item for item in listed if item.mine), None)


def beside(listed: Sequence[Item], chosen: Item) -> tuple[Item | None, Item | None]:
    """Return the returns before and after one in the queue."""
    numbers = [item.receipt for item in listed]
    if chosen.receipt not in numbers:
        return None, None
    at = numbers.index(chosen.receipt)
    after = listed[at + 1] if at + 1 < len(listed) else None
    return (listed[at - 1] if at else None), after


def following(listed: Sequence[Item], chosen: Item) -> str:
    """Return the receipt to go on with once one is decided: the next that is the reader's turn."""
    mine = [item for item in listed if item.mine]
    _, after = beside(mine, chosen)
    rest = [item for item in mine if item.receipt != chosen.receipt]
    return after.receipt if after else rest[0].receipt if rest else ""
