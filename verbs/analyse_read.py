"""Which series and groups does a table hold that somebody wants to have analysed?"""

import math
import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from data.said import SpokenError
from metrics.spc import DIRECTIONS, LEAST_FIXED, Chart, is_number

DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?")
BLANK = frozenset({"", "NA", "NaN", "nan", "null"})
YES_NO = {"TRUE": True, "FALSE": False, "1": True, "0": False, "": True}


def read_table(path: str, needed: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows of a csv as written, cells without outer spaces; columns may stand anyhow."""
    file = Path(path)
    if not file.is_file():
        raise SpokenError(key="cli.error.no_file", file=path)
    try:
        written = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        written = file.read_bytes().decode("gb18030", errors="replace")
    try:
        frame = pl.read_csv(written.encode(), infer_schema=False)
    except (pl.exceptions.PolarsError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise SpokenError(key="analyse.error.table", file=file.name, reason=reason) from None
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise SpokenError(
            key="analyse.error.columns",
            file=file.name,
            missing=", ".join(missing),
            found=", ".join(frame.columns),
        )
    return [
        {name: str(value or "").strip() for name, value in row.items()}
        for row in frame.iter_rows(named=True)
    ]


def number(written: str, file: str, line: int, column: str) -> float | None:
    """Return a number, None where nothing stands; else say where and what was found.

    >>> number("1.5", "a.csv", 2, "y"), number("NA", "a.csv", 3, "y")
    (1.5, None)
    """
    if written in BLANK:
        return None
    try:
        value = float(written)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise SpokenError(
            key="analyse.error.number", file=file, line=line, column=column, found=written
        )
    return value


def read_points(path: str) -> pl.DataFrame:
    """Return `series, x, y` with the points of each series in order of their days or numbers."""
    rows = read_table(path, ["series", "x", "y"])
    name = Path(path).name
    found = [
        (row["series"], row["x"], number(row["y"], name, line, "y"))
        for line, row in enumerate(rows, start=2)
    ]
    if not found:
        raise SpokenError(key="analyse.error.empty", file=name)
    seen: set[tuple[str, str]] = set()
    for line, (series, x, _) in enumerate(found, start=2):
        if (series, x) in seen:
            raise SpokenError(key="analyse.error.twice", file=name, line=line, series=series, x=x)
        seen.add((series, x))
    key = _order([x for _, x, _ in found], name)
    order = {series: place for place, series in enumerate(dict.fromkeys(s for s, _, _ in found))}
    found.sort(key=lambda row: (order[row[0]], key(row[1])))
    schema = {"series": pl.String, "x": pl.String, "y": pl.Float64}
    return pl.DataFrame(found, schema=schema, orient="row")


def _order(written: Sequence[str], file: str):
    """Return what sorts the points: days and months as they stand, else numbers."""
    if all(DAY.fullmatch(x) for x in written):
        return str
    for line, x in enumerate(written, start=2):
        if x in BLANK or number(x, file, line, "x") is None:
            raise SpokenError(key="analyse.error.number", file=file, line=line, column="x", found=x)
    return float


def read_charts(path: str, names: Sequence[str]) -> dict[str, Chart]:
    """Return how each series is charted; a series that the points lack is left out."""
    rows, name = read_table(path, ["series"]), Path(path).name
    found = {}
    for line, row in enumerate(rows, start=2):
        if row["series"] in names:
            found[row["series"]] = _chart(row, name, line)
    return found


def _chart(row: dict[str, str], file: str, line: int) -> Chart:
    direction = row.get("improvement_direction", "") or "neutral"
    screen = row.get("screen_outliers", "").upper()
    fixed = number(row.get("fix_after_n_points", ""), file, line, "fix_after_n_points")
    marks = re.split(r"[;,|\s]+", row.get("rebase_dates", ""))
    rebase = tuple(part for part in marks if part not in BLANK)
    sound = {
        "improvement_direction": direction in DIRECTIONS,
        "screen_outliers": screen in YES_NO,
        "fix_after_n_points": fixed is None or (fixed >= LEAST_FIXED and fixed == int(fixed)),
        "rebase_dates": all(DAY.fullmatch(part) or is_number(part) for part in rebase),
    }
    for column, is_sound in sound.items():
        if not is_sound:
            values = {"file": file, "line": line, "column": column, "found": row[column]}
            raise SpokenError(key="analyse.error.value", **values)
    return Chart(
        direction,
        number(row.get("target", ""), file, line, "target"),
        rebase,
        None if fixed is None else int(fixed),
        YES_NO[screen],
    )


def read_groups(path: str, kind: str) -> tuple[pl.DataFrame, list[str]]:
    """Return `group, numerator, denominator`, rows of one group pooled, and groups left out.

    Left out are groups that have no denominator: they have no ratio.
    """
    rows, name = read_table(path, ["group", "numerator", "denominator"]), Path(path).name
    pooled: dict[str, list[float]] = {}
    for line, row in enumerate(rows, start=2):
        parts = [number(row[c], name, line, c) for c in ("numerator", "denominator")]
        if parts[0] is None or parts[1] is None:
            parts = [0.0, 0.0]
        for column, value in zip(("numerator", "denominator"), parts, strict=True):
            if value is None or value < 0:
                raise SpokenError(
                    key="analyse.error.negative", file=name, line=line, column=column, found=value
                )
        sums = pooled.setdefault(row["group"], [0.0, 0.0])
        sums[0] += parts[0] or 0.0
        sums[1] += parts[1] or 0.0
    kept = [(group, sums[0], sums[1]) for group, sums in pooled.items() if sums[1] > 0]
    if len(kept) < 2:
        raise SpokenError(key="analyse.error.groups", file=name, count=len(kept))
    over = [group for group, part, whole in kept if kind == "PR" and part > whole]
    if over:
        raise SpokenError(key="analyse.error.proportion", file=name, group=over[0])
    if sum(part for _, part, _ in kept) == 0:
        raise SpokenError(key="analyse.error.nothing", file=name)
    frame = pl.DataFrame(kept, schema=["group", "numerator", "denominator"], orient="row")
    return frame, [group for group, sums in pooled.items() if sums[1] <= 0]
