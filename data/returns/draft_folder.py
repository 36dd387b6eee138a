"""How does a proposal become files: beside the form, or as a whole new definitions folder?"""

import csv
import io
from pathlib import Path

from data.definition_types import Catalog
from data.returns.draft import Draft, unit_rows
from data.returns.draft_toml import comment, line
from data.said import SpokenError
from data.texts import text

UNITS = "code,level,group,name_zh,name_en,short_zh,short_en,opened,closed\n"
ROOT = "all"


class ThereError(SpokenError):
    """A file is there already and would be lost."""


def write_draft(draft: Draft, target: Path, catalog: Catalog | None) -> list[tuple[Path, str]]:
    """Write the form, and beside it what the definitions lack; return each file with its kind.

    Files in a folder `forms` would be read as forms, so what lies beside goes one folder up.
    """
    beside = target.parent.parent if target.parent.name == "forms" else target.parent
    written = [(target, "form", draft.form)]
    written.append((beside / f"{target.stem}.measures.toml", "measures", draft.measures))
    if draft.units:
        taken = {unit.code for unit in catalog.units} if catalog else set()
        rows = UNITS + unit_rows(draft, draft.level, taken)
        written.append((beside / f"{target.stem}.units.csv", "units", rows))
    _refuse([path for path, _, _ in written])
    for path, _, content in written:
        path.write_text(content, encoding="utf-8")
    return [(path, kind) for path, kind, _ in written]


def write_folder(draft: Draft, folder: Path, lang: str) -> None:
    """Write a definitions folder of its own around a proposed form; its units hang below one."""

    def said(key: str) -> dict[str, str]:
        return {each: text(f"draft.folder.{key}", each) for each in ("zh", "en")}

    bureau = [
        comment(text("draft.folder.bureau", lang)),
        line("name", said("all")),
        line("root", ROOT),
        line("timezone", "UTC"),
        line("year_start", draft.year_start),
        line("minimum_base", 0),
        "",
        "[[levels]]",
        line("code", "whole"),
        line("name", said("all")),
        "",
        "[[levels]]",
        line("code", "unit"),
        line("name", said("unit")),
        "",
        "[categories]",
        line("general", said("general")),
    ]
    whole = said("all")
    root = f"{ROOT},whole,,{whole['zh']},{whole['en']},,,,\n"
    lone = said("unit")
    rows = unit_rows(draft, "unit", {ROOT}) or f"u001,unit,,{lone['zh']},{lone['en']},,,,\n"
    units = UNITS + root + rows
    codes = [row[0] for row in csv.reader(io.StringIO(units))][2:]
    parents = "".join(f"{code},{ROOT},,\n" for code in codes)
    files = {
        "bureau.toml": "\n".join(bureau) + "\n",
        "calendar.toml": 'festival = "none"\n',
        "units.csv": units,
        "unit_parents.csv": "unit,parent,from,to\n" + parents,
        "measures.toml": draft.measures,
        f"forms/{draft.code}.toml": draft.form,
    }
    _refuse([folder / name for name in files])
    (folder / "forms").mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")


def _refuse(paths: list[Path]) -> None:
    for path in paths:
        if path.exists():
            raise ThereError(key="draft.error.there", file=str(path))
