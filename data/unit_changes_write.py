"""How do checked changes of units get into the definitions: three files, all of them or none?

Rows that do not change keep their place and every character; new ones stand beside their kind. The
act and its reasons go into the audit log in the same transaction, and a folder that ships with the
product is never changed.
"""

import contextlib
import csv
import datetime as dt
import io
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from data.access import Viewer
from data.catalog import BUILT_IN, check_definitions, digest_of
from data.definition_types import Catalog, Parent, Succession, Unit
from data.said import RefusedError, SpokenError
from data.store import audit
from data.store.database import Store
from data.unit_changes import Change, Finding, finding
from data.unit_changes_check import Checked
from data.unit_changes_draft import Draft, draft_of

UNITS, PARENTS, STEPS = "units.csv", "unit_parents.csv", "unit_successions.csv"
HEADS = {
    UNITS: "code,level,group,name_zh,name_en,short_zh,short_en,opened,closed",
    PARENTS: "unit,parent,from,to",
    STEPS: "from_unit,to_unit,date,share",
}
MAY_APPLY = frozenset({"administrator", "operator"})
ACTION = "units"


def changed_tables(folder: Path, before: Draft, after: Draft) -> dict[str, str]:
    """Return the text of each of the three files with the changes in it."""
    units = [(unit, _unit_row(unit)) for unit in after.units.values()]
    parents = [(link, _parent_row(link)) for link in after.parents]
    steps = [(step, _step_row(step)) for step in after.successions]
    return {
        UNITS: _merged(folder / UNITS, list(before.units.values()), units),
        PARENTS: _merged(folder / PARENTS, before.parents, parents),
        STEPS: _merged(folder / STEPS, before.successions, steps),
    }


def _merged(path: Path, before: Sequence[Any], after: Iterable[tuple[Any, dict[str, str]]]) -> str:
    """Return a file's text: the lines of entries that stay as they are, others written anew."""
    text = path.read_bytes().decode("utf-8") if path.exists() else f"{HEADS[path.name]}\n"
    records = _records(text)
    head, lines = records[0], records[1:]
    # A file that ends without a line break gets one, or the next row would join its last.
    ending = "\r\n" if "\r\n" in text else "\n"
    kept = dict(zip(before, lines, strict=True))
    columns = next(csv.reader([head.removeprefix("\ufeff")]))
    parts = [head]
    for entry, row in after:
        parts.append(kept[entry] if entry in kept else _written(row, columns, ending))
    return "".join(part if part.endswith("\n") else part + ending for part in parts)


def _records(text: str) -> list[str]:
    r"""Return the raw text of each record of a CSV file, its header first.

    >>> _records('a,b\n"x\ny",2\n')
    ['a,b\n', '"x\ny",2\n']
    """
    # Not splitlines: a name out of a text program may hold separators that end no row of a CSV.
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines)
    found, start = [], 0
    for record in reader:
        if record:
            found.append("".join(lines[start : reader.line_num]))
        start = reader.line_num
    return found


def _written(row: Mapping[str, str], columns: Sequence[str], ending: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator=ending).writerow([row.get(name, "") for name in columns])
    return out.getvalue()


def _unit_row(unit: Unit) -> dict[str, str]:
    return {
        "code": unit.code,
        "level": unit.level,
        "group": unit.group,
        "name_zh": unit.name.zh,
        "name_en": unit.name.en,
        "short_zh": unit.short.zh,
        "short_en": unit.short.en,
        "opened": _day(unit.opened),
        "closed": _day(unit.closed),
    }


def _parent_row(link: Parent) -> dict[str, str]:
    return {
        "unit": link.unit, "parent": link.parent, "from": _day(link.start), "to": _day(link.end),
    }  # fmt: skip


def _step_row(step: Succession) -> dict[str, str]:
    return {
        "from_unit": step.from_unit, "to_unit": step.to_unit, "date": _day(step.date),
        "share": f"{step.share:.15g}",
    }  # fmt: skip


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def trial(catalog: Catalog, checked: Checked, workshop: Path) -> list[Finding]:
    """Return what a copy of the definitions with the changes in it has wrong; empty is sound.

    `workshop` is an empty folder that the copy may be made in.
    """
    folder = workshop / "definitions"
    shutil.copytree(catalog.folder, folder)
    for name, text in changed_tables(catalog.folder, draft_of(catalog), checked.draft).items():
        (folder / name).write_bytes(text.encode("utf-8"))
    return [finding("unsound", "", "", found=problem) for problem in check_definitions(folder)]


def is_built_in(folder: Path) -> bool:
    """Return whether a definitions folder came with the product."""
    examples = BUILT_IN.resolve().parent / "examples"
    found = folder.resolve()
    return found == BUILT_IN.resolve() or found.is_relative_to(examples)


def may_apply(viewer: Viewer) -> bool:
    """Return whether a person may change the units."""
    return viewer.role in MAY_APPLY


def apply_changes(
    catalog: Catalog,
    checked: Checked,
    store: Store,
    viewer: Viewer,
    at: dt.datetime,
    file: str,
    target: Path | None = None,
) -> Path:
    """Write the changed tables and the entry of the audit log; return the folder written.

    Without a target the folder in force is changed. A target is a new or empty folder, which gets
    a whole copy of the definitions with the changes.

    Raises:
        RefusedError: the viewer may not, or the folder is that of the product.
        SpokenError: the target is in use, or the definitions were changed since the check.
    """
    if not may_apply(viewer):
        raise RefusedError(key="units.refused.role")
    if target is None and is_built_in(catalog.folder):
        raise RefusedError(key="units.refused.built_in")
    if target is not None and target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise SpokenError(key="units.refused.target", folder=str(target))
    if digest_of(catalog.folder) != catalog.digest:
        raise SpokenError(key="units.refused.changed")
    texts = changed_tables(catalog.folder, draft_of(catalog), checked.draft)
    folder = target or catalog.folder
    with store.write() as connection:
        told = [_told(change) for change in checked.changes]
        audit.append(connection, viewer, ACTION, folder.name, at, file=file, changes=told)
        try:
            if target is not None:
                shutil.copytree(catalog.folder, target, dirs_exist_ok=True)
            _replace_all(folder, texts)
        except OSError as error:
            if target is not None:
                shutil.rmtree(target, ignore_errors=True)
            raise SpokenError(
                key="units.refused.write", folder=str(folder), reason=error.strerror or str(error)
            ) from None
    return folder


def _told(change: Change) -> dict[str, Any]:
    """Return a change as the audit log keeps it."""
    entry = {
        "date": f"{change.date:%Y-%m}", "kind": change.kind, "unit": change.unit,
        "to_unit": change.to_unit, "share": change.share, "parent": change.parent,
        "name_zh": change.name.zh, "name_en": change.name.en, "reason": change.reason,
    }  # fmt: skip
    return {key: value for key, value in entry.items() if value not in ("", None)}


def _replace_all(folder: Path, texts: Mapping[str, str]) -> None:
    """Put all files in their place, or leave all as they were."""
    before = {name: _content(folder / name) for name in texts}
    parts = {name: folder / f".{name}.{os.getpid()}.part" for name in texts}
    done: list[str] = []
    try:
        for name, text in texts.items():
            parts[name].write_bytes(text.encode("utf-8"))
        for name in texts:
            parts[name].replace(folder / name)
            done.append(name)
    except BaseException:
        for name in done:
            old = before[name]
            if old is None:
                (folder / name).unlink(missing_ok=True)
            else:
                (folder / name).write_bytes(old)
        raise
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink()


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None
