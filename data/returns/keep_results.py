"""How do the saved results of formulas stay in a copy, which the writer of workbooks drops?

A copy that goes straight back, without a spreadsheet program between, would else hold formulas
without results, and be asked for them. Programs that open the copy compute them anew all the same.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence

import polars as pl

#: A formula as the writer leaves it: with an empty value.
_FORMULA = re.compile(
    rb'(<c r="([A-Z]{1,3}[0-9]{1,7})"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>))<v\s*/>|'
    rb'(<c r="([A-Z]{1,3}[0-9]{1,7})"[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>))<v></v>'
)


def saved_results(raw: pl.DataFrame) -> dict[str, dict[str, float]]:
    """Return the numbers that were saved with formulas: sheet → cell → number.

    Needs: RAW (sheet, cell, kind, value).
    """
    found: dict[str, dict[str, float]] = {}
    rows = raw.filter(pl.col("kind") == "formula", pl.col("value").is_not_null())
    for sheet, cell, value in rows.select("sheet", "cell", "value").iter_rows():
        found.setdefault(sheet, {})[cell] = value
    return found


def with_results(
    content: bytes, sheets: Sequence[str], results: Mapping[str, Mapping[str, float]]
) -> bytes:
    """Return a workbook just written with the results of its formulas put back.

    Args:
        content: The workbook.
        sheets: The names of its sheets, in order.
        results: The numbers, by sheet and cell.
    """
    parts = {
        f"xl/worksheets/sheet{number}.xml": results[name]
        for number, name in enumerate(sheets, start=1)
        if results.get(name)
    }
    if not parts:
        return content
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            part = source.read(entry)
            known = parts.get(entry.filename)
            target.writestr(entry.filename, _filled(part, known) if known else part)
    return out.getvalue()


def _filled(part: bytes, known: Mapping[str, float]) -> bytes:
    """Return a sheet with the values of its formulas.

    >>> _filled(b'<c r="A1" s="2"><f>SUM(B1:B2)</f><v /></c>', {"A1": 3.0})
    b'<c r="A1" s="2"><f>SUM(B1:B2)</f><v>3</v></c>'
    """

    def put(found: re.Match[bytes]) -> bytes:
        head, cell = (found[1], found[2]) if found[1] else (found[3], found[4])
        value = known.get(cell.decode())
        return found[0] if value is None else head + f"<v>{value:.15g}</v>".encode()

    return _FORMULA.sub(put, part)
