"""Which series does a table hold that somebody wants to have charted?"""

import re
from pathlib import Path

import polars as pl

from data.said import SpokenError
from metrics.spc import DIRECTIONS, LEAST_FIXED, Chart, Place, place_of
from verbs.csv_table import BLANK, Line, number, read_table, short

YES_NO = {"TRUE": True, "T": True, "1": True, "": True, "FALSE": False, "F": False, "0": False}
#: Columns of a table of series that say how each is charted.
ASKED = ("improvement_direction", "target", "rebase_dates", "fix_after_n_points", "screen_outliers")
POINTS = pl.Schema({"series": pl.String, "x": pl.String, "y": pl.Float64, "n": pl.Float64})


def read_points(path: str) -> pl.DataFrame:
    """Return `series, x, y, n` with the points of each series in order of their days or numbers.

    `n` is what the y are of, or the days they took: null where the table has no such column.
    """
    rows, name = read_table(path, ["series", "x", "y"]), Path(path).name
    if not rows:
        raise SpokenError(key="analyse.error.empty", file=name)
    found: dict[str, dict[Place, tuple]] = {}
    for line, row in rows:
        series, x = row["series"], row["x"]
        if series == "":
            values = {"file": name, "line": line, "column": "series"}
            raise SpokenError(key="analyse.error.blank", **values)
        points, place = found.setdefault(series, {}), _place(row, name, line)
        known = next(iter(points), place)
        if known[0] != place[0]:
            values = {"file": name, "line": line, "series": short(series), "found": short(x)}
            raise SpokenError(key="analyse.error.mixed", **values)
        if place in points:
            values = {"file": name, "line": line, "series": short(series), "x": short(x)}
            raise SpokenError(key="analyse.error.twice", **values)
        y = number(row["y"], name, line, "y")
        points[place] = (series, x, y, _of(row, name, line))
    ordered = [points[place] for points in found.values() for place in sorted(points)]
    return pl.DataFrame(ordered, schema=POINTS, orient="row")


def _place(row: dict[str, str], file: str, line: int) -> Place:
    """Return where a point stands."""
    place = place_of(row["x"])
    if place is None:
        values = {"file": file, "line": line, "column": "x", "found": short(row["x"])}
        raise SpokenError(key="analyse.error.place", **values)
    return place


def _of(row: dict[str, str], file: str, line: int) -> float | None:
    """Return what a figure is of, which is never less than nothing."""
    found = number(row.get("n", ""), file, line, "n")
    if found is not None and found < 0:
        values = {"file": file, "line": line, "column": "n", "found": row["n"]}
        raise SpokenError(key="analyse.error.negative", **values)
    return found


def read_charts(path: str, points: pl.DataFrame) -> tuple[dict[str, Chart], list[str]]:
    """Return how each series is charted, and the series named that have no points."""
    rows, name = read_table(path, ["series"]), Path(path).name
    firsts = points.unique("series", keep="first", maintain_order=True)
    kinds = {s: place_of(x) for s, x in firsts.select("series", "x").iter_rows()}
    found: dict[str, Chart] = {}
    unused = []
    for line in rows:
        series = line.cells["series"]
        place = kinds.get(series)
        if place is None:
            unused.append(series)
            continue
        if series in found:
            values = {"file": name, "line": line.number, "series": short(series)}
            raise SpokenError(key="analyse.error.series_twice", **values)
        found[series] = _chart(line, name, place[0])
    return found, unused


def _chart(row: Line, file: str, kind: str) -> Chart:
    """Return how one series is charted; its stretches begin at days where its points are days."""
    line, cells = row.number, {column: row.cells.get(column, "") for column in ASKED}
    direction = cells["improvement_direction"].lower()
    screen = cells["screen_outliers"].upper()
    fixed = number(cells["fix_after_n_points"], file, line, "fix_after_n_points")
    marks = re.split(r"[;,|\s]+", cells["rebase_dates"])
    rebase = tuple(part for part in marks if part not in BLANK)
    places = [place_of(part) for part in rebase]
    sound = {
        "improvement_direction": direction in DIRECTIONS or direction.upper() in _NONE,
        "screen_outliers": screen in YES_NO or screen in _NONE,
        "fix_after_n_points": fixed is None or (fixed >= LEAST_FIXED and fixed == int(fixed)),
        "rebase_dates": all(place is not None and place[0] == kind for place in places),
    }
    for column, is_sound in sound.items():
        if not is_sound:
            found = short(cells[column])
            values = {"file": file, "line": line, "column": column, "found": found}
            raise SpokenError(key="analyse.error.value", **values)
    return Chart(
        "neutral" if direction.upper() in _NONE else direction,
        number(cells["target"], file, line, "target"),
        rebase,
        None if fixed is None else int(fixed),
        YES_NO.get(screen, True),
    )


_NONE = frozenset(word.upper() for word in BLANK)
