"""Do changes of units fit the units that there are, and what do the definitions become?

The changes are carried out one after the other, by date, on a draft of the three tables; each is
checked against the draft as it stands by then, so that a file may open a district and move a
station into it. What does not fit is a finding at its cell and changes nothing.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from data.definition_types import Catalog, Parent, Succession, Unit
from data.parse import nearest
from data.returns.cells import clean
from data.unit_changes import Change, Finding, finding
from data.unit_changes_draft import Draft, draft_of

# Openings come first, so that others can refer to what opens on the same day; closings last.
ORDER = {"open": 0, "split": 1, "merge": 1, "move": 2, "rename": 3, "close": 4}
EXACT = 1e-9
Months = Mapping[str, Mapping[dt.date, int]]


@dataclass(frozen=True, slots=True)
class Checked:
    """The changes that fit, the draft that they lead to, and what is wrong."""

    changes: tuple[Change, ...]
    draft: Draft
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Return whether the changes may be carried out."""
        return bool(self.changes) and not any(f["severity"] == "mandatory" for f in self.findings)


def filed_months(facts: pl.DataFrame) -> dict[str, dict[dt.date, int]]:
    """Return how many facts each unit has filed of each month.

    Needs: FACTS.
    """
    counted = facts.group_by("unit", "period").len().sort("unit", "period")
    found: dict[str, dict[dt.date, int]] = {}
    for unit, period, count in counted.iter_rows():
        found.setdefault(unit, {})[period] = count
    return found


def check_changes(
    catalog: Catalog, changes: Sequence[Change], filed: Months, today: dt.date
) -> Checked:
    """Return what the changes lead to; `filed` counts the facts of each unit by month."""
    work = _Work(catalog, draft_of(catalog), filed, today.replace(day=1), [])
    done: list[Change] = []
    for group in _groups(changes):
        before = len(work.found)
        step = STEPS[group[0].kind]
        drafted = step(work, group)
        errors = [f for f in work.found[before:] if f["severity"] == "mandatory"]
        if drafted is not None and not errors:
            work.draft = drafted
            done += group
    _check_left_alone(work, done)
    return Checked(tuple(done), work.draft, tuple(work.found))


@dataclass(slots=True)
class _Work:
    """What the steps look at and add to."""

    catalog: Catalog
    draft: Draft
    filed: Months
    month: dt.date
    found: list[Finding]

    def complain(self, change: Change, rule: str, name: str, **values: object) -> None:
        """Add a finding at the cell of a field."""
        severity = str(values.pop("severity", "mandatory"))
        cell = change.at.get(name) or change.at.get("unit", "")
        found = finding(rule, change.sheet, cell, change.unit, severity, **values)
        self.found.append(found)


def _groups(changes: Sequence[Change]) -> list[list[Change]]:
    """Return the changes in the order in which they are carried out, a split's rows together."""
    found: dict[tuple, list[Change]] = {}
    for place, change in enumerate(changes):
        key = (change.date, ORDER[change.kind], place)
        if change.kind == "split":
            first = next((k for k, g in found.items() if _is_same_split(g[0], change)), key)
            found.setdefault(first, []).append(change)
        else:
            found[key] = [change]
    return [found[key] for key in sorted(found)]


def _is_same_split(one: Change, other: Change) -> bool:
    return (one.kind, one.date, one.unit) == (other.kind, other.date, other.unit)


def _known(work: _Work, change: Change, name: str = "unit") -> bool:
    """Return whether the unit of a field exists; complain where it does not."""
    code = getattr(change, name)
    if code in work.draft.units:
        return True
    hint = nearest(code, work.draft.units)
    work.complain(change, "unknown", name, found=code, hint=hint)
    return False


def _alive(work: _Work, change: Change) -> bool:
    """Return whether a unit was there before a change and can still change; complain if not."""
    if not _known(work, change):
        return False
    unit, date = work.draft.units[change.unit], change.date
    if date > work.month:
        work.complain(change, "future", "date", found=f"{date:%Y-%m}", month=f"{work.month:%Y-%m}")
    if unit.code == work.catalog.bureau.root:
        work.complain(change, "root", "unit", found=unit.code)
    elif unit.opened is not None and date <= unit.opened:
        opened = f"{unit.opened:%Y-%m}"
        work.complain(change, "not_open", "date", found=f"{date:%Y-%m}", opened=opened)
    elif unit.closed is not None and date >= unit.closed:
        work.complain(change, "closed", "unit", found=unit.code, closed=f"{unit.closed:%Y-%m}")
    elif later := work.draft.later(unit.code, date):
        work.complain(change, "later", "date", found=f"{date:%Y-%m}", later=f"{later:%Y-%m}")
    else:
        return date <= work.month
    return False


def _parent_fits(work: _Work, change: Change, code: str, name: str = "parent") -> bool:
    """Return whether a unit may hang under another one from a day on; complain if not."""
    draft, date = work.draft, change.date
    if code not in draft.units:
        work.complain(change, "unknown", name, found=code, hint=nearest(code, draft.units))
        return False
    if not draft.is_open(code, date):
        work.complain(change, "parent_closed", name, found=code, month=f"{date:%Y-%m}")
        return False
    if work.filed.get(code) and not draft.is_inner(code):
        count = sum(work.filed[code].values())
        work.complain(change, "parent_files", name, found=code, count=count)
        return False
    return True


def _new_unit(
    work: _Work, change: Change, code: str, like: str = "", after: str = ""
) -> Draft | None:
    """Return the draft with a new unit; `like` is the one it resembles where nothing is said."""
    draft = work.draft
    model = draft.units.get(like)
    parent = change.parent or (draft.parent_at(like, change.date) if like else "") or ""
    level = _level(work, change, model)
    if not parent:
        work.complain(change, "no_parent", "parent", found=code)
    if not change.name.zh or not change.name.en:
        name = "name_zh" if not change.name.zh else "name_en"
        work.complain(change, "no_name", name, found=code)
    if not parent or level is None or not _parent_fits(work, change, parent):
        return None
    short = replace(
        change.short, zh=change.short.zh or change.name.zh, en=change.short.en or change.name.en
    )
    group = change.group or (model.group if model else "")
    unit = Unit(code, level, group, change.name, short, change.date, None, 0)
    twin = next((u.code for u in draft.units.values() if u.name.zh == unit.name.zh), None)
    if twin and draft.units[twin].closed is None:
        work.complain(
            change, "same_name", "name_zh", severity="query", found=unit.name.zh, unit=twin
        )
    return draft.with_unit(unit, parent, after)


def _level(work: _Work, change: Change, model: Unit | None) -> str | None:
    """Return the level of a new unit: as said, by code or name, or that of its model."""
    levels = {level.code: level for level in work.catalog.bureau.levels}
    for code, level in levels.items():
        if change.level.casefold() in {
            clean(w).casefold() for w in (code, level.name.zh, level.name.en)
        }:
            return code
    if not change.level and model is not None:
        return model.level
    words = ", ".join(levels)
    hint = nearest(change.level, levels)
    work.complain(change, "level", "level", found=change.level, hint=hint, allowed=words)
    return None


def _open(work: _Work, group: Sequence[Change]) -> Draft | None:
    [change] = group
    if change.date > work.month:
        found, month = f"{change.date:%Y-%m}", f"{work.month:%Y-%m}"
        work.complain(change, "future", "date", found=found, month=month)
        return None
    if change.unit in work.draft.units:
        work.complain(change, "taken", "unit", found=change.unit)
        return None
    return _new_unit(work, change, change.unit)


def _close(work: _Work, group: Sequence[Change]) -> Draft | None:
    [change] = group
    if not _alive(work, change) or not _nothing_filed_after(work, change):
        return None
    return work.draft.with_closed(change.unit, change.date)


def _nothing_filed_after(work: _Work, change: Change) -> bool:
    """Return whether a unit that ends has filed nothing of the months from then on."""
    after = {m: n for m, n in work.filed.get(change.unit, {}).items() if m >= change.date}
    if after:
        values = {"count": sum(after.values()), "first": f"{min(after):%Y-%m}"}
        work.complain(change, "filed_after", "date", found=f"{change.date:%Y-%m}", **values)
    return not after


def _split(work: _Work, group: Sequence[Change]) -> Draft | None:
    first = group[0]
    if not _alive(work, first):
        return None
    if work.draft.children_at(first.unit, first.date):
        work.complain(first, "inner_split", "unit", found=first.unit)
        return None
    takers = [change.to_unit for change in group]
    for change in group:
        if not change.to_unit:
            work.complain(change, "no_taker", "to_unit", found=change.unit)
        elif takers.count(change.to_unit) > 1:
            work.complain(change, "taker_twice", "to_unit", found=change.to_unit)
        if change.share is None:
            work.complain(change, "no_share", "share", found=change.unit)
    if any(change.share is None or not change.to_unit for change in group):
        return None
    total = sum(change.share or 0.0 for change in group)
    if abs(total - 1) > EXACT:
        values = {"found": f"{total:.6g}", "unit": first.unit, "rows": len(group)}
        work.complain(first, "shares", "share", **values)
        return None
    if len(group) < 2:
        work.complain(first, "one_taker", "to_unit", found=first.to_unit)
        return None
    lives_on = first.unit in takers
    if not lives_on and not _nothing_filed_after(work, first):
        return None
    return _handed_over(work, group, closes=not lives_on)


def _merge(work: _Work, group: Sequence[Change]) -> Draft | None:
    [change] = group
    if not _alive(work, change):
        return None
    if not change.to_unit:
        work.complain(change, "no_taker", "to_unit", found=change.unit)
        return None
    if change.share is not None and abs(change.share - 1) > EXACT:
        work.complain(change, "merge_share", "share", found=f"{change.share:g}")
        return None
    if change.to_unit == change.unit:
        work.complain(change, "itself", "to_unit", found=change.unit)
        return None
    if not _nothing_filed_after(work, change):
        return None
    return _handed_over(work, [replace(change, share=1.0)], closes=True)


def _handed_over(work: _Work, group: Sequence[Change], closes: bool) -> Draft | None:
    """Return the draft after a unit has passed into others, each new one opened first."""
    kept, code, date = work.draft, group[0].unit, group[0].date
    is_inner = bool(kept.children_at(code, date))
    place = code
    for change in group:
        if change.to_unit not in work.draft.units:
            drafted = _new_unit(work, change, change.to_unit, code, place)
            if drafted is None:
                work.draft = kept
                return None
            work.draft, place = drafted, change.to_unit
            continue
        taker = work.draft.units[change.to_unit]
        if not work.draft.is_open(taker.code, date):
            work.complain(
                change, "taker_closed", "to_unit", found=taker.code, month=f"{date:%Y-%m}"
            )
        elif not is_inner and work.draft.is_inner(taker.code):
            work.complain(change, "taker_inner", "to_unit", found=taker.code)
        elif taker.level != kept.units[code].level:
            levels = {"level": taker.level, "was": kept.units[code].level}
            work.complain(
                change, "other_level", "to_unit", severity="query", found=taker.code, **levels
            )
    drafted, work.draft = work.draft, kept
    steps = [Succession(code, change.to_unit, date, change.share or 0.0) for change in group]
    drafted = drafted.with_steps(steps)
    return drafted.with_closed(code, date) if closes else drafted


def _move(work: _Work, group: Sequence[Change]) -> Draft | None:
    [change] = group
    if not _alive(work, change):
        return None
    if not change.parent:
        work.complain(change, "no_parent", "parent", found=change.unit)
        return None
    if not _parent_fits(work, change, change.parent):
        return None
    above = work.draft.ancestors_at(change.parent, change.date)
    if change.unit in (change.parent, *above):
        work.complain(change, "cycle", "parent", found=change.parent, unit=change.unit)
        return None
    if work.draft.parent_at(change.unit, change.date) == change.parent:
        work.complain(change, "same_parent", "parent", found=change.parent)
        return None
    return work.draft.with_move(Parent(change.unit, change.parent, change.date, None))


def _rename(work: _Work, group: Sequence[Change]) -> Draft | None:
    [change] = group
    if not _known(work, change):
        return None
    unit = work.draft.units[change.unit]
    name = replace(unit.name, zh=change.name.zh or unit.name.zh, en=change.name.en or unit.name.en)
    short = replace(
        unit.short,
        zh=change.short.zh or (name.zh if name.zh != unit.name.zh else unit.short.zh),
        en=change.short.en or (name.en if name.en != unit.name.en else unit.short.en),
    )
    if (name, short) == (unit.name, unit.short):
        work.complain(change, "no_new_name", "name_zh", found=unit.name.zh)
        return None
    return work.draft.with_changed(replace(unit, name=name, short=short))


def _check_left_alone(work: _Work, done: Sequence[Change]) -> None:
    """Complain of units that would hang under one that is no longer there, and of its people."""
    ends = {c.unit: c for c in done if work.draft.units[c.unit].closed == c.date}
    for code, change in ends.items():
        left = work.draft.children_at(code, change.date)
        if left:
            names = ", ".join(left[:8]) + (" …" if len(left) > 8 else "")
            work.complain(change, "children", "unit", found=code, count=len(left), names=names)
        people = [p.user for p in work.catalog.bureau.people if p.unit == code]
        if people:
            names = ", ".join(people)
            work.complain(change, "people", "unit", severity="query", found=code, names=names)


Step = Callable[[_Work, Sequence[Change]], Draft | None]
STEPS: dict[str, Step] = {
    "open": _open,
    "close": _close,
    "split": _split,
    "merge": _merge,
    "move": _move,
    "rename": _rename,
}
