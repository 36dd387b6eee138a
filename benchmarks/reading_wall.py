"""How often are longer windows called, and how quiet is a wall of cells in which nothing changed?

The series of `benchmarks.reading_part`, read by `read_series` as the overview does. A wall is 180
of them drawn at random, some of which stepped; beside what each is read by itself stands what the
overview colours: what stands out among all 180 (`metrics.overview.stand_out`).
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from benchmarks.reading_series import INDICATORS, Kind
from metrics.cube import Cube
from metrics.overview import stand_out
from metrics.series import read_series

#: Windows with the months of 2024 that they are read for; steps begin in April.
WINDOWS = {"quarter": (6, 9), "half": (6, 12), "ytd": (9,), "rolling12": (6, 12)}
#: Windows of a wall, each of one month.
WALLS = {"month": 9, "quarter": 6, "ytd": 9, "rolling12": 12}
CELLS, WALLS_DRAWN = 180, 300
CHANGED = (0, 5, 20)
#: Steps on a wall: those of counts.
FACTORS = (1.25, 1.5)

Rows = list[dict[str, Any]]


def read_longer(cube: Cube, units: dict[Kind, list[str]]) -> Rows:
    """Return by kind which share of its longer windows is called worse, and better."""
    found = []
    for kind, codes in units.items():
        row = {"shape": kind.shape, "size": kind.size, "cause": kind.cause, "step": kind.step}
        for window, months in WINDOWS.items():
            parts = [_read(cube, kind, codes, window, month) for month in months]
            readings = pl.concat(parts)["reading"].to_numpy()
            row[window] = [float(np.mean(readings == word)) for word in ("worse", "better")]
        found.append(row)
    return found


def read_walls(cube: Cube, units: dict[Kind, list[str]], seed: int) -> Rows:
    """Return how many cells of a wall are called and coloured, of those that changed and others."""
    found = []
    walls = min(WALLS_DRAWN, 10 * max(map(len, units.values())))  # a quick trial draws fewer
    random = np.random.default_rng(seed)
    for size in ("district", "station"):
        for window, month in WALLS.items():
            still: Rows = []
            stepped: dict[float, Rows] = {}
            for kind, codes in units.items():
                if kind.size == size and not kind.step:
                    still += _read(cube, kind, codes, window, month).to_dicts()
                elif kind.size == size and kind.shape == "count" and kind.step in FACTORS:
                    stepped[kind.step] = _read(cube, kind, codes, window, month).to_dicts()
            for factor, many in _walls():
                other = stepped.get(factor, [])
                drawn = [_draw(random, still, other, many) for _ in range(walls)]
                names = ("called", "coloured", "called_true", "coloured_true")
                means = np.mean(drawn, axis=0).tolist()
                row = {"size": size, "window": window, "factor": factor, "changed": many}
                found.append(row | dict(zip(names, means, strict=True)))
    return found


def _walls() -> Iterator[tuple[float, int]]:
    """Yield which step how many cells of a wall have taken."""
    yield 0.0, 0
    yield from ((factor, many) for factor in FACTORS for many in CHANGED if many)


def _read(cube: Cube, kind: Kind, codes: list[str], window: str, month: int) -> pl.DataFrame:
    """Return how the series of a kind stand in a window that ends with a month of 2024."""
    period = dt.date(2024, month, 1)
    return read_series(cube, [INDICATORS[kind.shape]], codes, period, window)


def _draw(random: np.random.Generator, still: Rows, stepped: Rows, many: int) -> list[float]:
    """Return what one wall shows: called and coloured, of the still cells and of the stepped."""
    picked = [still[at] for at in random.integers(0, len(still), CELLS - many)]
    picked += [stepped[at] for at in random.integers(0, max(1, len(stepped)), many)]
    wall = [row | {"unit": str(at)} for at, row in enumerate(picked)]
    firm = {int(unit) for _, unit in stand_out(wall)}
    called = {at for at, row in enumerate(wall) if row["signal"] != "none"}
    first = CELLS - many
    counts = [float(sum(at < first for at in part)) for part in (called, firm)]
    return counts + [sum(at >= first for at in part) / max(1, many) for part in (called, firm)]
