"""What is wrong with a flat table, said once for each fault and in both languages?"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from data.definition_types import Catalog
from data.periods import SPAN, add_months, format_period, month_is_due, span_end
from data.returns.flat_table import column_letters
from data.schema import FINDINGS
from data.texts import text

# What people write where there is nothing to report; blank, never zero.
BLANKS = (
    *("", "-", "－", "—", "–", "--", "…", "……", "..", "...", "n/a", "n.a.", "na", "nan", "null"),
    *("nil", "无", "無"),
)
# What publishers write where they withhold a small number: n<10, [c].
WITHHELD = r"(?i)^\s*(?:n\s*<\s*\d+|\[c\])\s*$"
# Where points part the thousands, a count of 1.303 is a thousand three hundred and three.
POINTED = r"^\s*-?[1-9]\d{0,2}[.,]\d{3}\s*$"
# Only decimals stand so behind a comma; 1,234 may be either.
DECIMAL_COMMA = re.compile(
    r"[+-]?(?:\d+,\d{1,2}|\d+,\d{4,}|0\d*,\d+|\d{4,},\d+|\d{1,3}(?:[. ]\d{3})+,\d+) ?%?$"
)


@dataclass(frozen=True, slots=True)
class Found:
    """One fault: its text keys under `flat.found` and `flat.fix`, and where it was met first."""

    severity: str
    key: str
    values: Mapping[str, Any]
    fix: str
    place: Mapping[str, Any] = field(default_factory=dict)
    # Values that are words themselves, in both languages.
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def at(
        cls, row: Mapping[str, Any], severity: str, key: str, values: Mapping[str, Any], fix: str
    ) -> "Found":
        """Return a fault at the cell that a row stands for."""
        cell = row.get("cell")
        if cell is None and row.get("place") is not None:
            cell = f"{column_letters(row['place'])}{row['row']}"
        period = row.get("period")
        place = {
            "unit": row.get("unit_code"),
            "period": None if isinstance(period, str) else period,
            "measure": row.get("measure_code"),
            "sheet": row.get("sheet"),
            "cell": cell,
        }
        return cls(severity, key, values, fix, place)

    def row(self) -> dict[str, Any]:
        """Return the fault as a row of FINDINGS."""
        spoken = {
            lang: {name: said[lang] for name, said in self.words.items()} for lang in ("zh", "en")
        }
        said = {
            f"message_{lang}": text(f"flat.found.{self.key}", lang, **self.values, **spoken[lang])
            for lang in ("zh", "en")
        }
        mend = {f"fix_{lang}": text(f"flat.fix.{self.fix}", lang) for lang in ("zh", "en")}
        value = self.values.get("value")
        return {
            **dict.fromkeys(FINDINGS),
            **self.place,
            "rule": f"flat_{self.key}",
            "severity": self.severity,
            "value": None if value is None else str(value),
            **said,
            **mend,
        }


def found_once(rows: pl.DataFrame, column: str) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield the first row of each distinct word of a column, and how many rows have it."""
    if not rows.height:
        return
    grouped = rows.group_by(column, maintain_order=True).agg(
        pl.all().exclude(column).first(), pl.len().alias("rows_alike")
    )
    for row in grouped.iter_rows(named=True):
        yield row, row["rows_alike"]


def check_values(
    cells: pl.DataFrame, catalog: Catalog, found: list[Found], year_month: int | None = None
) -> pl.DataFrame:
    """Return the cells, having listed those that hold no number or an impossible one.

    Needs: measure_code, text (as written), number (null where it is none). `year_month` is the
    month in which the form puts a year, where that is not the last of the bureau's year.
    """
    words = cells.filter(pl.col("number").is_null() & pl.col("text").is_not_null())
    words = words.filter(~pl.col("text").str.strip_chars().str.to_lowercase().is_in(BLANKS))
    words = words.filter(~pl.col("text").str.contains(WITHHELD))
    commas: dict[str, list[dict[str, Any]]] = {}
    for row in words.iter_rows(named=True):
        if DECIMAL_COMMA.match(row["text"].strip()):
            commas.setdefault(row["measure_code"], []).append(row)
        else:
            found.append(Found.at(row, "mandatory", "text", {"value": row["text"]}, fix="text"))
    for alike in commas.values():
        values = {"value": alike[0]["text"], "count": len(alike)}
        found.append(Found.at(alike[0], "mandatory", "comma", values, fix="comma"))
    _check_spans(cells, catalog, found, year_month)
    doubtful = _doubtful(cells, catalog)
    for code in doubtful["measure_code"].unique().sort():
        measure = catalog.measures[code]
        rows = doubtful.filter(measure_code=code)
        tests = [
            ("minimum", "mandatory", measure.minimum, pl.col("number") < pl.lit(measure.minimum)),
            ("maximum", "mandatory", measure.maximum, pl.col("number") > pl.lit(measure.maximum)),
        ]
        step = 10**measure.decimals
        scaled = pl.col("number") * step
        is_fine = (scaled - scaled.round()).abs() > 1e-6 * scaled.abs().clip(lower_bound=1)
        is_pointed = pl.col("text").str.contains(POINTED) & (pl.lit(measure.decimals) == 0)
        tests.append(("points", "mandatory", measure.decimals, is_fine & is_pointed))
        tests.append(("decimals", "query", measure.decimals, is_fine & ~is_pointed))
        for key, severity, limit, is_wrong in tests:
            if limit is None:
                continue
            for row in rows.filter(is_wrong).iter_rows(named=True):
                values = {"value": row["text"], "limit": f"{limit:g}"}
                found.append(Found.at(row, severity, key, values, fix="range"))
    return cells


def check_months(cells: pl.DataFrame, this_month: dt.date, found: list[Found]) -> None:
    """List the months that have figures before they have begun; ask about the one that runs.

    Many bureaus close a month before its last day, so that figures of this month may be whole.
    """
    rows = cells.filter(pl.col("number").is_not_null(), pl.col("period") >= this_month)
    for first, count in found_once(rows.sort("period", maintain_order=True), "period"):
        is_running = first["period"] == this_month
        key, severity = ("running", "query") if is_running else ("future", "mandatory")
        values = {"value": format_period(first["period"]), "count": count}
        values["month"] = format_period(this_month)
        found.append(Found.at(first, severity, key, values, key))


def _check_spans(
    cells: pl.DataFrame, catalog: Catalog, found: list[Found], year_month: int | None
) -> None:
    """List figures of a quarter or a year that stand in a month within it: two would add up."""
    rows = cells.filter(pl.col("number").is_not_null(), pl.col("period").is_not_null())
    of_year = year_month % 12 + 1 if year_month else catalog.bureau.year_start
    known = {code: catalog.measures[code].frequency for code in rows["measure_code"].unique()}
    each = pl.col("measure_code").replace_strict(known, return_dtype=pl.String)
    rows = rows.with_columns(frequency=each)
    for (frequency, period), alike in rows.group_by("frequency", "period", maintain_order=True):
        start = of_year if frequency == "A" else catalog.bureau.year_start
        if not month_is_due(frequency, period, start):
            last = add_months(span_end(frequency, period, start), SPAN[frequency])
            count = alike["measure_code"].n_unique()
            said = {"value": format_period(period), "last": format_period(last), "count": count}
            first = alike.row(0, named=True)
            found.append(Found.at(first, "mandatory", "span", said, fix="span"))


def _doubtful(cells: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """Return the cells that may lie outside their measure's range or decimals, of all in one go."""
    if not cells.height:
        return cells
    codes = cells["measure_code"].unique().to_list()
    measures = [catalog.measures[code] for code in codes]

    def limits(values: list) -> pl.Expr:
        known = dict(zip(codes, values, strict=True))
        return pl.col("measure_code").replace_strict(known, return_dtype=pl.Float64)

    scaled = pl.col("number") * limits([10.0**measure.decimals for measure in measures])
    return cells.filter(
        (pl.col("number") < limits([measure.minimum for measure in measures]))
        | (pl.col("number") > limits([measure.maximum for measure in measures]))
        | (scaled != scaled.round())
    )
