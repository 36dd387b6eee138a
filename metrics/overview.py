"""What does a leader see first: headline figures, what really changed, units beside indicators."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from metrics.compare import compare_figures
from metrics.cube import Cube
from metrics.integrity_chance import false_discovery
from metrics.series import as_shown, read_series, special_causes
from metrics.signal import assurance
from metrics.structure import UNEQUAL
from metrics.tracks import Track, read_tracks

Key = tuple[str, str]
Row = dict[str, Any]
Hide = Callable[[pl.DataFrame], pl.DataFrame]
#: Of the changes that an overview colours so many are by chance at most, all series looked at.
FALSE = 0.1
#: What is beyond its own usual variation, yet no more than chance alone gives among so many series.
WATCH = "watch"
REAL = ("better", "worse", "up", "down")


@dataclass(frozen=True, slots=True)
class View:
    """The figures of one overview by (indicator, unit): changes on last year, targets, tracks.

    `standing` says how each series stands in the window (rows of SERIES); `special` are those
    that really moved, least likely by chance first. `firm` are those of them that also stand out
    among all series of the view, or among the headline figures of its first unit.
    """

    changes: dict[Key, Row]
    targets: dict[Key, Row]
    standing: dict[Key, Row]
    special: tuple[Row, ...]
    firm: frozenset[Key]
    tracks: dict[Key, Track]

    def told(self, key: Key) -> str:
        """Return the reading of a change as one of many: that of its series, or `watch`."""
        reading: str = self.changes[key]["reading"]
        return WATCH if reading in REAL and key not in self.firm else reading


def read_view(
    cube: Cube,
    indicators: Sequence[str],
    units: Sequence[str],
    period: dt.date,
    window: str,
    basis: str,
    headline: Sequence[str] = (),
    months: int = 24,
    hide: Hide = lambda rows: rows,
) -> View:
    """Return changes of the window, targets, standings, and monthly tracks of each series.

    `headline` are those of the indicators that are shown of the first unit alone, too.
    """
    raw = compare_figures(
        cube, indicators, units, [period], window, ("yoy", "target"), basis, readings=False
    )
    rows = hide(raw)
    series = as_shown(read_series(cube, indicators, units, period, window), raw, rows)
    standing = {(row["indicator"], row["unit"]): row for row in series.iter_rows(named=True)}
    changes: dict[Key, Row] = {}
    targets: dict[Key, Row] = {}
    for row in rows.iter_rows(named=True):
        key = (row["indicator"], row["unit"])
        if row["comparator"] == "yoy":
            changes[key] = row | {"reading": standing[key]["reading"]}
        else:
            targets[key] = row
    tracks = read_tracks(cube, indicators, units, period, months)
    firm = stand_out(standing.values()) | stand_out(
        standing[code, units[0]] for code in headline if (code, units[0]) in standing
    )
    special = tuple(special_causes(series).to_dicts())
    return View(changes, targets, standing, special, firm, tracks)


def stand_out(family: Iterable[Row]) -> frozenset[Key]:
    """Return which of several series moved so far that of those returned few did so by chance.

    Of all that are looked at together (rows of SERIES), by Benjamini and Hochberg 1995: however
    many series there are, of those returned at most one in ten on average is there by chance.

    >>> def row(unit, chance, signal="outside"):
    ...     told = {"value": 1.0, "signal": signal, "chance": chance}
    ...     return {"indicator": "i", "unit": unit, **told}
    >>> quiet = [row(f"quiet {n}", 0.3, "none") for n in range(8)]
    >>> sorted(stand_out([row("a", 0.001), row("b", 0.04), *quiet]))
    [('i', 'a')]
    """
    rows = [row for row in family if row["value"] is not None]
    moved = [row["signal"] != "none" and row["chance"] is not None for row in rows]
    chances = [
        row["chance"] if is_moved else 1.0 for row, is_moved in zip(rows, moved, strict=True)
    ]
    q = false_discovery(np.array(chances), "bh").tolist()
    return frozenset(
        (row["indicator"], row["unit"])
        for row, is_moved, share in zip(rows, moved, q, strict=True)
        if is_moved and share <= FALSE
    )


def by_chance(special: Sequence[Row], series: int) -> int:
    """Return how many of the listed series chance alone would put there, of so many looked at.

    >>> rows = [{"chance": chance} for chance in (0.0016, 0.0463, 0.0497)]
    >>> by_chance(rows, 100), by_chance(rows[:1], 100), by_chance([], 100)
    (3, 0, 0)
    """
    largest = max((row["chance"] or 0.0 for row in special), default=0.0)
    return min(len(special), round(largest * series))


def is_against(change: Row, series: Row) -> bool:
    """Return whether a figure left its usual range the other way than its change points.

    Eleven months above the mean, and yet no more than in the same month of a high year.

    >>> rows = [({"change": -1.0}, {"side": 1}), ({"change": 2.0}, {"side": 1})]
    >>> [is_against(*pair) for pair in (*rows, ({"change": None}, {"side": 1}))]
    [True, False, False]
    """
    return change["change"] is not None and series["side"] * change["change"] <= 0 != series["side"]


def target_met(track: Track | None, target: Row | None, direction: int) -> str:
    """Return whether the process can be relied on to meet its target: pass, hit_and_miss, fail."""
    if track is None or target is None or target["base_value"] is None:
        return ""
    if track.limits is None or track.is_small:
        return ""
    lower, _, upper = track.limits
    return assurance(lower, upper, target["base_value"], direction)


def main_part(
    cube: Cube,
    change: Row,
    children: Sequence[str],
    basis: str,
    hide: Hide = lambda rows: rows,
) -> Row | None:
    """Return the child unit that moved most in the direction of a count's change, None if mixed.

    Only where one child makes at least a third of the whole difference; `part` and `total` are
    the two differences.
    """
    now, base = change["compared_value"], change["base_value"]
    if now is None or base is None or now == base or not children or change["note"] in UNEQUAL:
        return None
    asked = ([change["indicator"]], children, [change["period"]], change["window"])
    rows = hide(compare_figures(cube, *asked, ("yoy",), basis, readings=False))
    total = now - base
    parts = [
        row | {"part": row["compared_value"] - row["base_value"], "total": total}
        for row in rows.iter_rows(named=True)
        if None not in (row["compared_value"], row["base_value"]) and row["note"] not in UNEQUAL
    ]
    best = max(parts, key=lambda row: row["part"] / total, default=None)
    return best if best is not None and best["part"] / total >= 1 / 3 else None
