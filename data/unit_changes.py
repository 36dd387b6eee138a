"""What does a file of unit changes say: who opened, closed, split, merged, moved, was renamed?

One readable table, a change a row (a split has a row for each unit that takes over), with Chinese
or English headings, as a workbook or as text. What is wrong with a row becomes a finding that
names its cell; whether the changes fit the units that there are is the matter of
`data.unit_changes_check`.
"""

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from data.definition_types import EMPTY, Text
from data.parse import nearest
from data.returns.book import read_pages
from data.returns.cells import clean
from data.returns.flat_text import decoded
from data.returns.guard import LARGEST_FILE, UnreadableError
from data.schema import FINDINGS
from data.texts import text

KINDS = ("open", "close", "split", "merge", "move", "rename")
NAMES = ("name_zh", "name_en", "short_zh", "short_en")
FIELDS = ("date", "kind", "unit", "to_unit", "share", "parent", "level", "group", *NAMES, "reason")
NEEDED = ("date", "kind", "unit")
# A header stands within the first rows; a table of changes is never longer than this.
HEADER_ROWS = 40
MOST_ROWS = 5000
LONGEST = 80
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
MONTH = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2}))?\s*[月日]?(?:[ T]00:00(?::00)?)?"
)
FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the table, understood: `at` is the cell of each field that is filled."""

    date: dt.date
    kind: str
    unit: str
    to_unit: str = ""
    share: float | None = None
    parent: str = ""
    level: str = ""
    group: str = ""
    name: Text = EMPTY
    short: Text = EMPTY
    reason: str = ""
    sheet: str = ""
    at: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table as written: the text of each field and the cell it stands in."""

    sheet: str
    said: Mapping[str, str]
    at: Mapping[str, str]


Finding = dict[str, Any]


def finding(
    rule: str, sheet: str, cell: str, unit: str = "", severity: str = "mandatory", /, **values: Any
) -> Finding:
    """Return a finding: what stands where, and the way out, in both languages."""
    said = {
        f"{part}_{lang}": text(f"units.{part}.{rule}", lang, **values)
        for part in ("message", "fix")
        for lang in ("zh", "en")
    }
    return {
        "rule": f"unit_changes_{rule}",
        "severity": severity,
        "unit": unit,
        "period": None,
        "measure": "",
        "sheet": sheet,
        "cell": cell,
        "value": str(values.get("found", "")),
        "answer": "",
        **said,
    }


def findings_frame(found: Sequence[Finding]) -> pl.DataFrame:
    """Return the findings as FINDINGS."""
    return pl.DataFrame(found, schema=FINDINGS, orient="row") if found else FINDINGS.to_frame()


def read_changes(content: bytes, name: str) -> tuple[list[Change], list[Finding]]:
    """Return the changes of a file and what is wrong with its rows.

    Raises:
        UnreadableError: the file must not, or cannot, be read as a table of changes.
    """
    lines = _lines(content, name)
    found: list[Finding] = []
    changes = []
    for line in lines:
        before = len(found)
        change = _change(line, found)
        if change is not None and len(found) == before:
            changes.append(change)
    if not lines:
        found.append(finding("nothing", "", "A1"))
    return changes, found


def _lines(content: bytes, name: str) -> list[Line]:
    """Return the filled rows below the headings, of the first sheet that has them."""
    if len(content) > LARGEST_FILE:
        size = f"{len(content) / 1024 / 1024:.1f}"
        raise UnreadableError(key="returns.refused.large", size=size, most=10)
    if name.lower().endswith((".csv", ".txt")):
        sheets = [("", _text_rows(decoded(content, name)))]
    else:
        sheets = [
            (page.name, _rows(page.cells)) for page in read_pages(content) if not page.is_hidden
        ]
    for sheet, rows in sheets:
        head = _header(rows)
        if head is not None:
            return list(_filled(sheet, rows, *head))
    raise UnreadableError(key="units.refused.header", headings=_heading_words())


def _text_rows(written: str) -> dict[int, dict[int, str]]:
    """Return the texts of a CSV by row and column."""
    rows: dict[int, dict[int, str]] = {}
    try:
        for number, row in enumerate(csv.reader(io.StringIO(written, newline="")), 1):
            rows[number] = dict(enumerate(row, 1))
    except csv.Error:  # a cell beyond all measure, most often a quotation that never ends
        raise UnreadableError(key="units.refused.cell", row=len(rows) + 1) from None
    return rows


def _rows(cells: Mapping[tuple[int, int], Any]) -> dict[int, dict[int, str]]:
    """Return a sheet's texts by row and column; a formula is its own text, never its result."""
    rows: dict[int, dict[int, str]] = {}
    for (row, column), cell in sorted(cells.items()):
        rows.setdefault(row, {})[column] = cell.text
    return rows


def headings() -> dict[str, tuple[str, ...]]:
    """Return what each field may be called at the head of its column."""
    return {
        name: (name, text(f"units.field.{name}", "zh"), text(f"units.field.{name}", "en"))
        for name in FIELDS
    }


def _heading_words() -> str:
    return ", ".join(text(f"units.field.{name}", "zh") + " " + name for name in NEEDED)


def _header(rows: Mapping[int, Mapping[int, str]]) -> tuple[int, dict[str, int]] | None:
    """Return the row of the headings and the column of each field, None where there is none."""
    known = {_plain(word): name for name, words in headings().items() for word in words}
    for row in sorted(rows)[:HEADER_ROWS]:
        columns: dict[str, int] = {}
        for column, written in rows[row].items():
            # A heading may say more on a second line or in brackets: `share 份额（0—1）`.
            for part in (written, *re.split(r"[\s（(/]+", clean(written))):
                if _plain(part) in known:
                    columns.setdefault(known[_plain(part)], column)
                    break
        if all(name in columns for name in NEEDED):
            return row, columns
    return None


def _plain(word: str) -> str:
    return re.sub(r"[\s_*:：]+", "", clean(word)).casefold()


def _filled(
    sheet: str, rows: Mapping[int, Mapping[int, str]], head: int, columns: Mapping[str, int]
) -> Iterator[Line]:
    below = [row for row in sorted(rows) if row > head]
    if len(below) > MOST_ROWS:
        raise UnreadableError(key="units.refused.rows", count=len(below), most=MOST_ROWS)
    for row in below:
        # A comma too many in a text file puts every later word under the wrong heading.
        beyond = [word for at, word in rows[row].items() if at > max(rows[head]) and word.strip()]
        if beyond and not sheet:
            raise UnreadableError(key="units.refused.longer", row=row, word=beyond[0][:LONGEST])
        said = {name: _said(name, rows[row].get(column, "")) for name, column in columns.items()}
        at = {name: f"{_letter(column)}{row}" for name, column in columns.items()}
        if any(said.get(name) for name in FIELDS[:5]):
            yield Line(sheet, said, at)


def _said(name: str, written: str) -> str:
    """Return a cell's text: names and reasons as they are written, all else in plain width.

    >>> _said("name_zh", " 本级（一） "), _said("share", "６０％")
    ('本级（一）', '60%')
    """
    if name not in (*NAMES, "reason"):
        return clean(written)
    kept = "".join(c for c in written if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace())
    return " ".join(kept.split())


def _letter(column: int) -> str:
    """Return the letters of a column from 1.

    >>> _letter(1), _letter(27)
    ('A', 'AA')
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _change(line: Line, found: list[Finding]) -> Change | None:
    """Return what a row says; what cannot be understood is added to the findings."""
    said = {name: line.said.get(name, "") for name in FIELDS}

    def complain(rule: str, name: str, **values: object) -> None:
        cell = line.at.get(name, line.at["unit"])
        given: dict[str, Any] = {"found": said[name], **values}
        found.append(finding(rule, line.sheet, cell, said["unit"], **given))

    for name, written in said.items():
        if written.startswith(FORMULA) and name != "share":
            complain("formula", name)
            return None
    kind = _kind(said["kind"])
    if not kind:
        words = {word: code for code in KINDS for word in _kind_words(code)}
        complain("kind", "kind", hint=nearest(said["kind"], words))
    date = parse_date(said["date"])
    if date is None:
        complain("date", "date")
    elif date.day != 1:
        complain("month_start", "date", month=f"{date:%Y-%m}")
    for name in ("unit", "to_unit", "parent"):
        if said[name] and not CODE.fullmatch(said[name]):
            complain("code", name)
    if not said["unit"]:
        complain("no_unit", "unit")
    for name in (*NAMES, "reason"):
        if len(said[name]) > (LONGEST if name != "reason" else 4 * LONGEST):
            complain("long", name, most=LONGEST)
    share = parse_share(said["share"])
    if said["share"] and (share is None or not 0 < share <= 1):
        complain("share", "share")
    if not kind or date is None:
        return None
    return Change(
        date, kind, said["unit"], said["to_unit"], share, said["parent"], said["level"],
        said["group"], Text(said["name_zh"], said["name_en"]),
        Text(said["short_zh"], said["short_en"]), said["reason"], line.sheet, line.at,
    )  # fmt: skip


def _kind(written: str) -> str:
    """Return the kind that a word names, in either language; nothing for no such word.

    >>> _kind("Split"), _kind("撤销"), _kind("split 拆分"), _kind("burn")
    ('split', 'close', 'split', '')
    """
    words = [_plain(written), *(_plain(part) for part in re.split(r"[\s/（(]+", written))]
    for code in KINDS:
        if {_plain(word) for word in _kind_words(code)} & set(words):
            return code
    return ""


def _kind_words(code: str) -> tuple[str, ...]:
    return (code, text(f"units.kind.{code}", "zh"), text(f"units.kind.{code}", "en"))


def parse_date(written: str) -> dt.date | None:
    """Return the day that a cell names; a month is its first day.

    >>> parse_date("2024-07"), parse_date("2024年7月"), parse_date("2024-07-01 00:00:00")
    (datetime.date(2024, 7, 1), datetime.date(2024, 7, 1), datetime.date(2024, 7, 1))
    >>> parse_date("July"), parse_date("2024-13")
    (None, None)
    """
    match = MONTH.fullmatch(written)
    if match is None:
        return None
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3] or 1))
    except ValueError:
        return None


def parse_share(written: str) -> float | None:
    """Return the part of one that a cell names.

    >>> parse_share("0.6"), parse_share("60%"), parse_share("2/3 "), parse_share("most")
    (0.6, 0.6, 0.6666666666666666, None)
    """
    compact = written.replace(" ", "")
    if match := re.fullmatch(r"(\d{1,6})/(\d{1,6})", compact):
        return int(match[1]) / int(match[2]) if int(match[2]) else None
    match = re.fullmatch(r"(\d{0,6}(?:\.\d{0,15})?)(%?)", compact)
    if match is None or not match[1].strip("."):
        return None
    return float(match[1]) / 100 if match[2] else float(match[1])
