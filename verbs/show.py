"""How does a frame reach standard output: csv, json, or a table to read?"""

import csv
import json
import sys
import unicodedata
from collections.abc import Iterable
from typing import Any

import polars as pl

FORMATS = ("csv", "json", "table")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def show(frame: pl.DataFrame, form: str | None) -> None:
    """Write a frame to standard output; without a format, a table to a person and csv to a pipe.

    Months print as 2024-10, missing values as nothing, reals with every digit.
    """
    form = form or ("table" if sys.stdout.isatty() else "csv")
    frame = as_printed(frame)
    if form == "json":
        write_json(frame)
    elif form == "table":
        sys.stdout.writelines(f"{line}\n" for line in table_lines(frame))
    else:
        write_csv(frame)
    sys.stdout.flush()


def as_printed(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with months and moments as text.

    >>> from datetime import date
    >>> as_printed(pl.DataFrame({"period": [date(2024, 10, 1)]})).item()
    '2024-10'
    """
    months = [name for name, kind in frame.schema.items() if kind == pl.Date]
    moments = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Datetime)]
    return frame.with_columns(
        pl.col(months).dt.strftime("%Y-%m"), pl.col(moments).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    )


def write_csv(frame: pl.DataFrame) -> None:
    """Write csv with a header; text that a spreadsheet would run as a formula is quoted off."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    if texts:
        frame = frame.with_columns(_harmless(name) for name in texts)
    sys.stdout.write(frame.write_csv())


def _harmless(name: str) -> pl.Expr:
    column = pl.col(name)
    is_risky = (
        column.str.contains(r"^[=+\-@\t\r]") & column.cast(pl.Float64, strict=False).is_null()
    )
    return pl.when(is_risky).then(pl.lit("'") + column).otherwise(column).alias(name)


def write_json(frame: pl.DataFrame) -> None:
    """Write a list of objects, one a line."""
    sys.stdout.write("[")
    for place, row in enumerate(frame.iter_rows(named=True)):
        sys.stdout.write(",\n " if place else "\n ")
        sys.stdout.write(json.dumps(row, ensure_ascii=False, default=str))
    sys.stdout.write("\n]\n")


def table_lines(frame: pl.DataFrame) -> Iterable[str]:
    """Yield the lines of a table, figures to the right, wide characters counted as two.

    >>> frame = pl.DataFrame({"unit": ["明湖", "a"], "value": [1.5, None]})
    >>> [line.rstrip() for line in table_lines(frame)]
    ['unit  value', '明湖    1.5', 'a']
    """
    is_figure = [kind.is_numeric() for kind in frame.dtypes]
    lines = [frame.columns, *([_cell(value) for value in row] for row in frame.iter_rows())]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = zip(line, widths, is_figure, strict=True)
        yield "  ".join(_padded(*cell) for cell in cells).rstrip()


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes.

    >>> width("明湖"), width("Minghu")
    (4, 6)
    """
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, size: int, is_figure: bool) -> str:
    space = " " * (size - width(text))
    return space + text if is_figure else text + space


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).replace("\n", " ")


def words(line: str) -> None:
    """Write a sentence to standard error, where it does not mix with data."""
    sys.stderr.write(f"{line}\n")


def csv_line(values: Iterable[Any]) -> None:
    """Write one line of csv."""
    csv.writer(sys.stdout, lineterminator="\n").writerow(values)
