"""What is taken along of the units: the template of their changes, the tree, the timeline?"""

from data.catalog import Catalog
from data.definition_types import Text
from data.texts import text
from data.unit_changes import FIELDS
from data.units import Tree
from reports.tables import Field, Sheet, Value, csv_bytes, xlsx_bytes

WIDTHS = {"name_zh": 20, "name_en": 26, "reason": 28}
NOTES = ("note_facts", "note_inner", "note_past")
# Made-up rows; the codes are nobody's.
EXAMPLES: tuple[dict[str, str], ...] = (
    {"date": "2024-07", "kind": "split", "unit": "x0101", "to_unit": "x0121", "share": "0.6",
     "name_zh": "新城派出所", "name_en": "Xincheng Police Station", "reason": "!"},
    {"date": "2024-07", "kind": "split", "unit": "x0101", "to_unit": "x0122", "share": "0.4",
     "name_zh": "湖滨派出所", "name_en": "Hubin Police Station"},
    {"date": "2024-09", "kind": "merge", "unit": "x0203", "to_unit": "x0202"},
    {"date": "2024-09", "kind": "merge", "unit": "x0204", "to_unit": "x0202"},
    {"date": "2024-10", "kind": "move", "unit": "x0305", "parent": "x04"},
    {"date": "2024-10", "kind": "open", "unit": "x0406", "parent": "x04", "level": "station",
     "group": "B", "name_zh": "开发区派出所", "name_en": "Kaifaqu Police Station"},
    {"date": "2024-10", "kind": "close", "unit": "x0407"},
    {"date": "2024-10", "kind": "rename", "unit": "x0408", "name_zh": "高新区派出所",
     "name_en": "Gaoxinqu Police Station"},
)  # fmt: skip


def template_sheets(catalog: Catalog, lang: str) -> list[Sheet]:
    """Return the sheets of the template: to fill in, examples, how each column is filled."""
    bureau = [(text("units.sheet.bureau", lang), catalog.bureau.name.get(lang))]
    about = [*bureau, ("", text("units.sheet.about_changes", lang))]
    fields = [Field(heading(name, lang), width=WIDTHS.get(name, 12)) for name in FIELDS]
    examples = [[_example(row, name, lang) for name in FIELDS] for row in EXAMPLES]
    levels = ", ".join(f"{v.code} {v.name.get(lang)}" for v in catalog.bureau.levels)
    said_of = [(name, text(f"units.about.{name}", lang)) for name in FIELDS]
    notes = [[heading(name, lang), words] for name, words in (*said_of, ("level", levels))]
    columns = [
        Field(text("units.sheet.column", lang), width=18),
        Field(text("units.sheet.meaning", lang), width=90),
    ]
    said = [text(f"units.sheet.{name}", lang) for name in NOTES]
    warned = [("", text("units.sheet.about_examples", lang))]
    return [
        Sheet(text("units.sheet.changes", lang), about, fields, []),
        Sheet(text("units.sheet.examples", lang), warned, fields, examples),
        Sheet(text("units.sheet.notes", lang), [], columns, notes, said),
    ]


def heading(name: str, lang: str) -> str:
    """Return how a column of the table of changes is headed.

    >>> heading("to_unit", "zh"), heading("to_unit", "en")
    ('承接单位', 'to_unit')
    """
    return text(f"units.field.{name}", lang)


def template_bytes(catalog: Catalog, lang: str, kind: str) -> bytes:
    """Return the template as a workbook, or as text with its headings only."""
    sheets = template_sheets(catalog, lang)
    if kind == "csv":
        line = ",".join(field.label for field in sheets[0].fields)
        return f"{line}\r\n".encode("utf-8-sig")
    return xlsx_bytes(sheets)


def _example(row: dict[str, str], name: str, lang: str) -> Value:
    written = row.get(name, "")
    if name == "kind":
        return text(f"units.kind.{written}", lang)
    return text("units.sheet.example_split", lang) if written == "!" else written


def tree_sheet(tree: Tree, levels: dict[str, Text], title: str, lang: str) -> Sheet:
    """Return the units of a tree as a sheet: code, names, level, the unit above, dates."""
    columns = ("code", "name_zh", "name_en", "level", "group", "parent", "opened", "closed")
    fields = [Field(text(f"units.list.{name}", lang)) for name in columns]
    rows: list[list[Value]] = []
    for code in tree.codes:
        unit = tree.unit(code)
        level = levels[unit.level].get(lang) if unit.level in levels else unit.level
        days = [day.isoformat() if day else "" for day in (unit.opened, unit.closed)]
        names = (unit.name.zh, unit.name.en)
        rows.append([code, *names, level, unit.group, tree.parent(code) or "", *days])
    return Sheet(title, [], fields, rows)


__all__ = ["csv_bytes", "heading", "template_bytes", "template_sheets", "tree_sheet"]
