"""Units, their history, and the changes of the hierarchy on the command line."""

import argparse
import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from data.access import OPERATOR
from data.definition_types import Unit
from data.schema import FACTS
from data.store.snapshot import read_facts
from data.texts import text
from data.unit_changes_desk import Verdict, judge_changes
from data.unit_changes_write import apply_changes
from data.unit_history import Event, spells_of, timeline
from data.units import tree_at
from metrics.unit_effect import UnitEffect, read_effect
from reports.units import template_bytes
from verbs.session import Session, UsageError, month
from verbs.show import show, words

LISTED = ("unit", "level", "group", "parent", "name_zh", "name_en", "opened", "closed")
TOLD = ("date", "kind", "unit", "to_unit", "share", "was", "now")


def units_list(session: Session, args: argparse.Namespace) -> int:
    """List the units of today, or as they were in a month."""
    tree = tree_at(session.catalog, month(args.period)) if args.period else session.tree
    seen = session.viewer.sees()
    rows = [
        _listed(tree.unit(code), tree.parent(code))
        for code in tree.codes
        if seen is None or code in seen
    ]
    show(pl.DataFrame(rows, schema=dict.fromkeys(LISTED, pl.String)), args.format)
    return 0


def _listed(unit: Unit, parent: str | None) -> dict[str, str | None]:
    days = {"opened": unit.opened, "closed": unit.closed}
    return {
        "unit": unit.code, "level": unit.level, "group": unit.group, "parent": parent,
        "name_zh": unit.name.zh, "name_en": unit.name.en,
        **{name: f"{day:%Y-%m}" if day else None for name, day in days.items()},
    }  # fmt: skip


def units_history(session: Session, args: argparse.Namespace) -> int:
    """List what happened to the units, oldest first; with a unit, what it was part of."""
    events = timeline(session.catalog)
    seen = session.viewer.reads()
    if args.unit:
        asked = session.unit(args.unit)
        events = tuple(event for event in events if asked in concerned(event))
    rows = [
        row for event in events if seen is None or concerned(event) & seen for row in _told(event)
    ]
    kinds = dict.fromkeys(TOLD, pl.String) | {"share": pl.Float64}
    show(pl.DataFrame(rows, schema=kinds), args.format)
    if args.unit:
        _say_parents(session, asked)
    return 0


def concerned(event: Event) -> set[str]:
    """Return the units that an event is about."""
    return {event.unit, *(unit for unit, _ in event.shares)}


def _told(event: Event) -> list[dict[str, str | float | None]]:
    """Return an event as rows: one for each unit that took over."""
    row: dict[str, str | float | None] = {
        "date": f"{event.date:%Y-%m}", "kind": event.kind, "unit": event.unit, "to_unit": None,
        "share": None, "was": event.was, "now": event.now,
    }  # fmt: skip
    if not event.shares:
        return [row]
    return [row | {"to_unit": unit, "share": share} for unit, share in event.shares]


def _say_parents(session: Session, unit: str) -> None:
    """Say under which units one hung, and when."""
    spells = spells_of(session.catalog.units, session.catalog.parents)
    for spell in spells[unit]:
        if spell.parent is not None:
            values = {"parent": spell.parent, "start": _edge(spell.start), "end": _edge(spell.end)}
            words(text("units.cli.parent", session.lang, **values))


def _edge(number: int) -> str:
    """Return a month number as a month, dots for one beyond the calendar."""
    year, place = divmod(number, 12)
    return f"{year}-{place + 1:02d}" if 0 < year < dt.MAXYEAR else "…"


def units_template(session: Session, args: argparse.Namespace) -> int:
    """Write the table of changes to fill in, with examples and notes."""
    target = Path(args.output)
    kind = target.suffix.lower().removeprefix(".")
    if kind not in ("xlsx", "csv"):
        raise UsageError(key="units.refused.format", file=str(target))
    if not target.parent.is_dir():
        raise UsageError(key="cli.error.no_folder", folder=str(target.parent))
    target.write_bytes(template_bytes(session.catalog, session.lang, kind))
    words(text("units.cli.template", session.lang, file=str(target)))
    return 0


def units_check(session: Session, args: argparse.Namespace) -> int:
    """Say what is wrong with a file of changes, and what it would do; nothing is written."""
    verdict, facts = _judged(session, Path(args.file))
    blocked = tell(session, verdict)
    if not blocked:
        effect = read_effect(session.catalog, verdict.checked, facts, verdict.filed)
        show(effect_frame(effect), args.format)
        return 1 if tell_effect(session, effect) else 0
    return 1


def units_apply(session: Session, args: argparse.Namespace) -> int:
    """Carry the changes out on the definitions, or write changed definitions to a folder."""
    path = Path(args.file)
    verdict, facts = _judged(session, path)
    if tell(session, verdict):
        words(text("units.refused.findings", session.lang, count=verdict.errors))
        return 1
    effect = read_effect(session.catalog, verdict.checked, facts, verdict.filed)
    if tell_effect(session, effect):
        return 1
    target = Path(args.output) if args.output else None
    folder = apply_changes(
        session.catalog, verdict.checked, session.created_store(), session.viewer,
        dt.datetime.now(dt.UTC), path.name, target,
    )  # fmt: skip
    show(effect_frame(effect), args.format)
    count = len(verdict.checked.changes)
    words(text("units.cli.applied", session.lang, count=count, folder=str(folder)))
    return 0


def _judged(session: Session, path: Path) -> tuple[Verdict, pl.DataFrame]:
    """Return the verdict on a file, and the facts it was judged by."""
    if not path.is_file():
        raise UsageError(key="cli.error.no_file", file=str(path))
    facts = FACTS.to_frame()
    if session.store.exists():
        facts = read_facts(session.store, OPERATOR)
    bureau = session.catalog.bureau
    today = bureau.today or dt.datetime.now(ZoneInfo(bureau.timezone)).date()
    return judge_changes(session.catalog, path.read_bytes(), path.name, facts, today), facts


def tell(session: Session, verdict: Verdict) -> int:
    """Say each finding in words and return how many stand in the way."""
    lang = session.lang
    for row in verdict.findings:
        place = "!".join(part for part in (row["sheet"], row["cell"]) if part)
        key = f"units.cli.{row['severity']}"
        line = f"{place}: {row[f'message_{lang}']} {row[f'fix_{lang}']}".removeprefix(": ")
        words(text(key, lang, line=line))
    return verdict.errors


def tell_effect(session: Session, effect: UnitEffect) -> int:
    """Say how many totals were compared, and return how many are no longer the same."""
    lang = session.lang
    key = "units.cli.differ" if effect.unequal else "units.cli.conserved"
    words(text(key, lang, totals=effect.totals, unequal=effect.unequal))
    if effect.affected:
        names = ", ".join(effect.affected[:12]) + (" …" if len(effect.affected) > 12 else "")
        words(text("units.cli.affected", lang, count=len(effect.affected), names=names))
    return effect.unequal


def effect_frame(effect: UnitEffect) -> pl.DataFrame:
    """Return one row a change with the facts filed before it."""
    rows = [
        {
            "date": f"{moved.change.date:%Y-%m}",
            "kind": moved.change.kind,
            "unit": moved.change.unit,
            "to_unit": moved.change.to_unit or None,
            "share": moved.change.share,
            "parent": moved.change.parent or None,
            "facts": moved.facts,
            "first": f"{moved.first:%Y-%m}" if moved.first else None,
            "last": f"{moved.last:%Y-%m}" if moved.last else None,
        }
        for moved in effect.moved
    ]
    kinds = dict.fromkeys(
        ("date", "kind", "unit", "to_unit", "share", "parent", "facts", "first", "last"), pl.String
    )
    return pl.DataFrame(rows, schema=kinds | {"share": pl.Float64, "facts": pl.Int64})
