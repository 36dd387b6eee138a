"""How does the receipt of a return look as a document: printed, or kept as a file?

One page of HTML that needs nothing from anywhere and prints on A4, a PDF, or a workbook with the
same tables. It says who filed what and when, in time or not, what was asked and answered, how far
it has come, and the code by which it can be checked.
"""

import html
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from data.access import Viewer
from data.definition_types import Catalog
from data.people import person_called
from data.store.database import Store
from data.store.filed import find
from data.store.receipts import receipt_code
from data.store.record import findings_of, steps_of, submissions
from data.texts import text
from data.units import Tree
from reports.receipt_pdf import receipt_pdf
from reports.tables import Field, Sheet, Value, xlsx_bytes

#: What a receipt may be written as.
KINDS = ("pdf", "html", "xlsx")

STYLE = (
    "@page{size:A4;margin:18mm}body{font:14px/1.6 'PingFang SC','Microsoft YaHei','Noto Sans SC',"
    "sans-serif;color:#1B2430;max-width:820px;margin:24px auto}h1{font-size:22px}h2{font-size:16px}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #C8CED6;padding:4px 8px;"
    "text-align:left;vertical-align:top}th{background:#F6F8FB;white-space:nowrap}"
    "code{word-break:break-all}"
)
STEP_WIDTHS = {"at": 24, "by": 26, "place": 22, "decision": 12, "reason": 40}
ASKED_WIDTHS = {"cell": 16, "question": 60, "answer": 60}


def receipt_sheets(
    store: Store, viewer: Viewer, catalog: Catalog, tree: Tree, submission: str, lang: str
) -> tuple[list[Sheet], str]:
    """Return the tables of a receipt, and its code."""
    with store.read() as connection:
        number = find(connection, viewer, submission).id
    listed = submissions(store, viewer)
    row = listed.filter(id=number).row(0, named=True)
    code, zone = receipt_code(store, viewer, number), ZoneInfo(store.timezone)

    def say(key: str) -> str:
        return text(f"returns.document.{key}", lang)

    def moment(at: Any) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"

    def person(user: str) -> str:
        return person_called(catalog, user, lang)

    lines = [*_lines(row, catalog, tree, lang), ("code", code)]
    sent = f"{moment(row['submitted_at'])} {person(row['submitted_by'])}"
    lines[5:5] = [("sent", sent), ("due", _day(row, first_of(listed, row), lang))]
    about = [(say(key), words) for key, words in lines if words]
    asked = findings_of(store, viewer, number).filter(pl.col("severity") == "query")
    questions: list[list[Value]] = [
        [f"{found['sheet'] or ''}!{found['cell'] or ''}", found[f"message_{lang}"], found["answer"]]
        for found in asked.iter_rows(named=True)
    ]
    steps: list[list[Value]] = [
        [moment(row["submitted_at"]), person(row["submitted_by"]), "", say("filed"), row["why"]]
    ]
    for step in steps_of(store, viewer, number).iter_rows(named=True):
        unit = _unit_name(catalog, tree, step["unit"], lang) if step["unit"] else ""
        place = unit or level_name(catalog, step["level"], lang)
        decision = say(step["decision"])
        steps.append([moment(step["at"]), person(step["by"]), place, decision, step["reason"]])
    sheets = [
        Sheet(say("title"), about, [], [], [say("check")]),
        Sheet(say("steps"), [], [Field(say(k), width=w) for k, w in STEP_WIDTHS.items()], steps),
        Sheet(
            say("questions"),
            [],
            [Field(say(k), width=w) for k, w in ASKED_WIDTHS.items()],
            questions,
        ),
    ]
    return sheets, code


def level_name(catalog: Catalog, code: str | None, lang: str) -> str:
    """Return the name of a level; a code that the bureau no longer has stands as it is."""
    names = {level.code: level.name.get(lang) for level in catalog.bureau.levels}
    return names.get(code or "", code or "")


def first_of(listed: pl.DataFrame, row: dict[str, Any]) -> dict[str, Any] | None:
    """Return the return that a correction corrects: the first of its form, unit and month."""
    same = listed.filter(
        pl.col("kind") == "return",
        *(pl.col(name) == row[name] for name in ("form", "unit", "period")),
        pl.col("late").is_not_null(),
    )
    return same.sort("id").row(0, named=True) if same.height else None


def _day(row: dict[str, Any], first: dict[str, Any] | None, lang: str) -> str:
    """Return the day on which a return was due and whether it was kept.

    A correction is never late; its receipt says whether the first return was.
    """
    if row["due"] is None:
        return ""
    said = first if row["late"] is None else row
    day = f"{row['due']:%Y-%m-%d}"
    if said is None:
        return day
    word = text(f"returns.document.{'late' if said['late'] else 'in_time'}", lang)
    key = "due_day" if row["late"] is not None else "due_corrected"
    return text(f"returns.document.{key}", lang, day=day, word=word)


def _unit_name(catalog: Catalog, tree: Tree, unit: str, lang: str) -> str:
    """Return a unit's name; what the whole bureau files stands under the bureau's."""
    if unit in tree.units:
        return tree.unit(unit).name.get(lang)
    return unit or catalog.bureau.name.get(lang)


def _lines(row: dict[str, Any], catalog: Catalog, tree: Tree, lang: str) -> list[tuple[str, str]]:
    """Return what the receipt says of the return, line by line."""
    form = catalog.forms.get(row["form"])
    return [
        ("number", row["receipt"]),
        ("unit", _unit_name(catalog, tree, row["unit"], lang)),
        ("form", f"{row['form']} {form.name.get(lang)}" if form else row["form"]),
        ("period", f"{row['period']:%Y-%m}"),
        ("version", str(row["version"])),
        ("file", row["file"]),
        ("hash", row["sha256"]),
        ("facts", str(row["facts"])),
        ("state", text(f"returns.state.{row['state']}", lang)),
        ("waits_for", level_name(catalog, row["waits_for"], lang)),
        ("why", row["why"] or ""),
        ("reason", row["reason"] or ""),
    ]


def receipt_bytes(sheets: list[Sheet], kind: str, lang: str) -> bytes:
    """Return a receipt as a page to print (html), a PDF, or a workbook (xlsx)."""
    if kind == "pdf":
        return receipt_pdf(sheets, lang)
    if kind == "html":
        return receipt_html(sheets, lang).encode("utf-8")
    head = sheets[0]
    pairs: list[list[Value]] = [[label, words] for label, words in head.about]
    fields = [Field("", width=26), Field("", width=70)]
    return xlsx_bytes([Sheet(head.title, [], fields, pairs, head.notes), *sheets[1:]])


def receipt_html(sheets: list[Sheet], lang: str) -> str:
    """Return a receipt as one page that stands alone."""
    head, *tables = sheets
    pairs = "".join(f"<tr><th>{_safe(a)}</th><td>{_safe(b)}</td></tr>" for a, b in head.about)
    parts = [f"<h1>{_safe(head.title)}</h1><table>{pairs}</table>"]
    for sheet in tables:
        if not sheet.rows:
            continue
        titles = "".join(f"<th>{_safe(field.label)}</th>" for field in sheet.fields)
        rows = "".join(
            "<tr>" + "".join(f"<td>{_safe(value)}</td>" for value in row) + "</tr>"
            for row in sheet.rows
        )
        parts.append(f"<h2>{_safe(sheet.title)}</h2><table><tr>{titles}</tr>{rows}</table>")
    parts += [f"<p>{_safe(note)}</p>" for note in head.notes]
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        f"<title>{_safe(head.title)}</title><style>{STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _safe(value: Any) -> str:
    return html.escape("" if value is None else str(value))
