"""Which form definition would read an unknown workbook?

A proposal for a statistician to finish: it names what was found, and says at its place what could
not be told. The measures and units that the definitions lack are proposed beside it.
"""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.definition_types import Catalog
from data.returns.draft_form import SPANS, Context, Note, Table, draft_table
from data.returns.draft_grid import Sheet, read_sheets, said
from data.returns.draft_measures import Proposal, code_for, entry, slug
from data.returns.draft_roles import PERIOD, UNIT, Known, judge_axis, known_of
from data.returns.draft_tables import Block, find_blocks
from data.returns.draft_toml import comment, line, word
from data.returns.flat_book import open_book
from data.returns.flat_table import WORKBOOKS, FileError, guarded
from data.returns.flat_words import plain
from data.texts import text

MOST_IN_ALL, LEAST_A_TABLE, MOST_A_TABLE = 1500, 12, 240


@dataclass(frozen=True)
class Draft:
    """A proposed form: its TOML, entries for measures.toml, rows for units.csv, and notes in words.

    `units` are the published names that no unit of the definitions bears.
    """

    code: str
    form: str
    measures: str
    units: tuple[str, ...]
    level: str
    notes: tuple[str, ...]
    year_start: int
    counts: dict[str, int]


def draft_form(path: Path, catalog: Catalog | None, code: str = "", lang: str = "en") -> Draft:
    """Return a proposal for the form that a file holds.

    Raises:
        FileError: the file cannot be read, or no table is found in it.
    """
    sheets = read_sheets(path)
    title = None
    if path.suffix.lower() in WORKBOOKS:
        title = guarded(path, lambda: open_book(path)).title
    known = known_of(catalog)
    code = code or slug(path.stem)[:30].strip("_") or "form_1"
    found = _found_tables(sheets, known)
    if not found:
        raise FileError(key="draft.error.no_table", file=path.name)
    taken = set(catalog.indicators) if catalog else set()
    spoken = {item.name.zh for item in catalog.indicators.values()} if catalog else set()
    spoken |= {item.name.en for item in catalog.indicators.values()} if catalog else set()
    names = Counter(names[0] for names, _, _ in found)
    budget = max(LEAST_A_TABLE, min(MOST_A_TABLE, MOST_IN_ALL // len(found)))
    tables: list[Table] = []
    for number, (where, role, block) in enumerate(found):
        prefix = "" if len(found) == 1 else (where[0] or f"t{number + 1}")
        alone = names[where[0]] == 1
        context = Context(known, path.name, title, taken, spoken, prefix, alone, budget)
        table = draft_table(block, context)
        if not table.measures and not table.columns and "value" not in table.rows:
            # A list of words: nothing is counted, and nothing says when.
            continue
        _on_sheets(table, where, role, sheets)
        tables.append(table)
    if not tables:
        raise FileError(key="draft.error.no_table", file=path.name)
    return _written(tables, sheets, catalog, known, code, path.name, lang)


def _found_tables(sheets: list[Sheet], known: Known) -> list[tuple[list[str], str, Block]]:
    """Return each kind of table with its sheets; one that every sheet repeats is one kind.

    The role says what the sheets' names stand for then: units, months, or nothing.
    """
    found: list[tuple[list[str], str, Block]] = []
    for sheet in sheets:
        for block in find_blocks(sheet):
            kin = [entry for entry in found if entry[2].signature == block.signature]
            if kin and block.sheet is not kin[0][2].sheet:
                role = judge_axis([*kin[0][0], sheet.name or ""], "", known).role
                if role in (UNIT, PERIOD):
                    kin[0][0].append(sheet.name or "")
                    continue
            found.append(([sheet.name or ""], "", block))
    roles = [judge_axis(names, "", known).role if len(names) > 1 else "" for names, _, _ in found]
    return [(names, role, block) for (names, _, block), role in zip(found, roles, strict=True)]


def _on_sheets(table: Table, names: list[str], role: str, sheets: list[Sheet]) -> None:
    """Say on which sheets the table stands, and what their names say."""
    if role in (UNIT, PERIOD):
        table.given[role] = {"sheet": "/(.+)/"}
        table.needs.discard(role)
    if len(sheets) > 1 and names[0]:
        table.keys = {"sheets": [word(name) for name in names], **table.keys}


def _written(
    tables: list[Table],
    sheets: list[Sheet],
    catalog: Catalog | None,
    known: Known,
    code: str,
    file: str,
    lang: str,
) -> Draft:
    """Return the proposal in words."""
    spans = [table.span for table in tables if table.span]
    frequency = SPANS.get(min(spans, default=1), "M")
    level = _level(tables, catalog, known)
    category = next(iter(catalog.bureau.categories), "general") if catalog else "general"
    measures = [measure for table in tables for measure in table.measures]
    notes: list[Note] = [("measures", {"count": len(measures), "tables": len(tables)})]
    if not spans:
        notes.append(("frequency", {}))
    if any(sheet.is_sample for sheet in sheets):
        notes.append(("sample", {}))
    for role in ("unit", "period"):
        if any(role in table.needs for table in tables):
            notes.append((f"no_{role}", {}))
    # Two spellings that the reader takes for one name are one unit.
    spelt: dict[str, str] = {}
    for name in (name for table in tables for name in table.units):
        spelt.setdefault(plain(name), name)
    units = tuple(spelt.values())
    if units:
        notes.append(("units", {"count": len(units), "names": ", ".join(units[:5])}))
    head = [
        comment(text("draft.head", lang, file=file)),
        *[comment(text(f"draft.note.{key}", lang, **values)) for key, values in notes],
        line("code", code),
        line("name", {"zh": said(file), "en": said(file)}),
        line("layouts", ["matrix"]),
        line("frequency", frequency),
        line("filers", [level]),
        line("measures", [measure.code for measure in measures]),
        "",
        "[options]",
    ]
    if any(table.is_roc for table in tables):
        head.append(line("calendar_years", "roc"))
    head += _dashes(sheets, lang)
    skips = {
        role: list(dict.fromkeys(name for table in tables for name in table.skip.get(role, [])))
        for role in ("unit",)
    }
    if any(skips.values()):
        head.append(line("skip", {role: names for role, names in skips.items() if names}))
    parts = ["\n".join(head)] + [_table(table, lang) for table in tables]
    entries = [entry(measure, code, frequency, category, [level]) for measure in measures]
    said_notes = [*notes, *[note for table in tables for note in table.notes]]
    return Draft(
        code=code,
        form="\n\n".join(parts) + "\n",
        measures="\n\n".join(entries) + "\n",
        units=units,
        level=level,
        notes=tuple(
            dict.fromkeys(text(f"draft.note.{key}", lang, **values) for key, values in said_notes)
        ),
        year_start=max((table.last_month for table in tables), default=0) % 12 + 1,
        counts={"tables": len(tables), "measures": len(measures), "units": len(units)},
    )


def _table(table: Table, lang: str) -> str:
    """Return a kind of table as TOML, with what could not be told at its place."""
    rows = [comment(text(f"draft.note.{key}", lang, **values)) for key, values in table.notes]
    rows.append("[[options.tables]]")
    rows += [line(key, value) for key, value in table.keys.items()]
    for name in ("columns", "rows", "given"):
        part: dict[str, Any] = getattr(table, name)
        missing = sorted(table.needs) if name == "given" else []
        if not part and not missing:
            continue
        rows += ["", f"[options.tables.{name}]"] if part else [""]
        rows += [line(role, place) for role, place in part.items()]
        rows += [comment(text(f"draft.missing.{role}", lang)) for role in missing]
    for code, words in table.select:
        rows += ["", "[[options.tables.select]]", line("measure", code)]
        rows += [line(role, label) for role, label in words.items()]
    return "\n".join(rows)


def _dashes(sheets: list[Sheet], lang: str) -> list[str]:
    """Return the choice that a statistician has to make about dashes, where there are any."""
    signs = {
        cell.strip()
        for sheet in sheets
        for row in sheet.rows[:2000]
        for cell in row
        if cell and cell.strip() in ("-", "－", "–", "—")
    }
    if not signs:
        return []
    told = comment(text("draft.note.dash", lang, signs=" ".join(sorted(signs))))
    return [told, line("dash", "missing")]


def _level(tables: list[Table], catalog: Catalog | None, known: Known) -> str:
    """Return the level that files: that of the units that were matched, else the lowest."""
    if catalog is None:
        return "unit"
    matched = Counter(level for code, level in known.levels.items() if code in _matched(tables))
    if matched:
        return matched.most_common(1)[0][0]
    plain = [level.code for level in catalog.bureau.levels if not level.own_of]
    return plain[-1]


def _matched(tables: list[Table]) -> set[str]:
    return {code for table in tables for code in table.matched}


def unit_rows(draft: Draft, level: str, taken: set[str]) -> str:
    """Return rows for units.csv, one a published name that no unit bears."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    codes = set(taken)
    for number, name in enumerate(draft.units, start=1):
        code = code_for(name, f"u{number:03}", codes)
        writer.writerow([code, level, "", name, name, name, name, "", ""])
    return out.getvalue()


__all__ = ["Draft", "FileError", "Proposal", "draft_form", "unit_rows"]
