"""What does a file say once for a whole table: its unit, its month, where its blocks begin?"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.returns.draft_grid import Sheet, said
from data.returns.draft_roles import Known
from data.returns.draft_tables import Block
from data.returns.draft_toml import literal
from data.returns.flat_table import column_letters
from data.returns.flat_words import plain, tidy
from data.returns.spans import Years, read_span

#: How a month or year may stand in a title, a sheet's name or a file's name; the fullest first.
PERIODS = (
    r"([A-Z][a-z]+ (?:19|20)\d\d to [A-Z][a-z]+ (?:19|20)\d\d)",
    r"(民[國国] ?\d{2,3} ?年 ?\d{1,2} ?月)",
    r"((?:19|20)\d\d ?年 ?\d{1,2} ?月)",
    r"((?:19|20)\d\d[-.](?:0[1-9]|1[0-2]))(?!\d)",
    r"((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* (?:19|20)\d\d)",
    r"((?:19|20)\d\d年第[一二三四]季度)",
    r"(民[國国] ?\d{2,3} ?年)",
    r"((?:19|20)\d\d ?/ ?\d{2,4})(?!\d)",
    r"(?<!\d)((?:19|20)\d\d)(?!\d)",
)
LONGEST_AROUND = 24


@dataclass(frozen=True)
class Heading:
    """A text that stands over a whole table, and how the grammar points at it."""

    source: str
    text: str
    cell: str = ""

    def given(self, pattern: str) -> dict[str, Any]:
        """Return the source of a fact with the pattern that takes it out of the text."""
        if self.source == "cell":
            return {"cell": self.cell, "pattern": pattern}
        return {self.source: pattern}


def headings_of(sheet: Sheet, block: Block, file: str, title: str | None) -> list[Heading]:
    """Return the texts that may name the unit or month of a table, the nearest first."""
    found = [
        Heading("cell", said(sheet.cell(row, column)), f"{column_letters(column)}{row + 1}")
        for row in block.titles
        for column in sheet.words(row)[:3]
    ]
    if title:
        found.append(Heading("title", tidy(title)))
    if sheet.name:
        found.append(Heading("sheet", tidy(sheet.name)))
    return [*found, Heading("file", tidy(file))]


def given_period(headings: Sequence[Heading], known: Known) -> tuple[dict[str, Any], int] | None:
    """Return the source that names the period of a table, and the months that it spans."""
    years = Years(start=known.year_start)
    for pattern in PERIODS:
        for heading in headings:
            match = re.search(pattern, heading.text)
            span = read_span(match[1], years) if match else None
            if span is not None:
                return heading.given(f"/{pattern}/"), span[1]
    return None


def given_unit(headings: Sequence[Heading], known: Known) -> dict[str, Any] | None:
    r"""Return the source that names a unit which the definitions know, and how to take it out.

    >>> known = Known({"akmola": "a"}, {}, 1)
    >>> given_unit([Heading("title", "1-M Akmola (2023)")], known)
    {'title': '/^\\d+-M *(.+?) *\\(/'}
    """
    names = sorted(known.units, key=len, reverse=True)
    for heading in headings:
        text = heading.text
        lower = plain(Path(text).stem if heading.source == "file" else text)
        for name in names:
            if len(name) < 3 or name not in lower:
                continue
            place = text.casefold().find(name)
            if place < 0:
                continue
            return heading.given(_around(text, place, place + len(name)))
    return None


def _around(text: str, start: int, end: int) -> str:
    """Return the pattern that takes a part out of a text by what stands beside it."""
    before = re.sub(r"\d+", r"\\d+", literal(text[:start][:LONGEST_AROUND]))
    gap = ".*" if start > LONGEST_AROUND else ""
    after = text[end:]
    sign = literal(re.match(r"\s*\S", after)[0]) if after.strip() else "$"  # type: ignore[index]
    return f"/^{before}{gap} *(.+?) *{sign}/"


def opening(block: Block) -> tuple[int, str, list[str]] | None:
    """Return the row that opens a repeated block, its pattern, and what it names block by block.

    It is the title that begins alike in every block and goes on differently.
    """
    blocks = [block, *block.same]
    sheet = block.sheet
    titles = [
        [(row, said(sheet.cell(row, sheet.words(row)[0]))) for row in part.titles
         if sheet.words(row)]
        for part in blocks
    ]  # fmt: skip
    for number in range(min((len(found) for found in titles), default=0)):
        texts = [found[number][1] for found in titles]
        prefix = os.path.commonprefix(texts)
        if len(set(texts)) * 2 <= len(texts) or not prefix.strip():
            continue
        prefix = prefix[: prefix.rfind(" ") + 1] or prefix
        suffix = os.path.commonprefix([text[::-1] for text in texts])[::-1]
        suffix = suffix[suffix.find(" ") :] if " " in suffix else suffix
        # The years of this edition must not bind the next one.
        suffix = re.split(r"\d", suffix)[0].rstrip()
        marks = r"(?: *\[[^\]]*\])*"
        pattern = f"/^{literal(prefix)} *(?P<NAME>.+?){marks} *{literal(suffix) or '$'}/"
        compiled = re.compile(pattern[1:-1], re.IGNORECASE)
        found = [compiled.search(text) for text in texts]
        if all(found):
            return titles[0][number][0], pattern, [match["NAME"] for match in found if match]
    return None
