"""What does a unit's own history let one expect of a month, and how far off is the figure?

A figure is held against the same calendar month of up to three earlier years, moved by how far the
unit has lately stood above its own season, so that neither a season nor a trend raises a question:

    g(x)      2·√(x + 3/8) for counts, ln x for amounts: scales on which numbers scatter alike
    b(t)      median of g in the same month of the three years before t
    r(t)      g(t) − b(t): how far a month stands above its season
    shift     median of r over the twelve months before
    expected  g⁻¹(b + shift)
    spread    1.4826 · MAD of those r, and not less than what chance alone makes
    surprise  (r − shift) ÷ spread

Where a festival moves between January and February, February is judged with January, by the mean of
the two; January by itself is not judged, and neither month counts among the twelve. Two earlier
years and eight of the twelve months must be known, or nothing is said. Monthly figures only.

Source: F. J. Anscombe, The transformation of Poisson, binomial and negative-binomial data,
Biometrika 35 (1948) 246–254; B. Iglewicz and D. Hoaglin, How to detect and handle outliers (ASQC,
1993) for the median and MAD; R. P. Hafen and others, BMC Medical Informatics and Decision Making 9
(2009) 21, for seasons of counts on the scale of square roots.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.definition_types import Catalog
from data.periods import has_festival

#: The functions of the grammar that this file answers.
PARTS = ("season", "expected", "surprise")
YEARS, MONTHS = 3, 12
#: Months back from the one judged that are looked at.
REACH = MONTHS * (YEARS + 1)
LEAST_YEARS, LEAST_MONTHS = 2, 8
#: 1.4826 times the MAD of normal numbers is their standard deviation.
MAD_TO_SD = 1.4826
#: Of counts that only chance moves r has the variance 1 + 0.45, one month and a median of three.
LEAST_SPREAD_COUNTS = 1.2
#: What is steadier than 10 % from year to year is taken to scatter by 10 %.
LEAST_SPREAD_AMOUNTS = 0.1


@dataclass(frozen=True, slots=True)
class Seasons:
    """Which measures are counts, and whether January and February are disturbed by a festival."""

    counts: frozenset[str] = frozenset()
    is_festival: bool = False


def seasons_of(catalog: Catalog) -> Seasons:
    """Return what the definitions say of seasons."""
    counts = (c for c, m in catalog.measures.items() if m.value_type in ("count", "person"))
    return Seasons(frozenset(counts), has_festival(catalog.calendar))


def judge_seasons(
    cells: np.ndarray, is_count: np.ndarray, month: int, is_festival: bool
) -> tuple[np.ndarray, ...]:
    """Return the figures judged, and where all months are given what is expected, the surprise.

    Needs: cells of measures × units × months back, from the month judged on; which are counts.

    >>> past = [[[20.0] * 49]]
    >>> past[0][0][0] = 60.0
    >>> value, expected, surprise = judge_seasons(np.array(past), np.array([True]), 10, True)
    >>> value.item(), expected.item().__round__(3), surprise.item().__round__(3)
    (60.0, 20.0, 5.427)
    """
    figures, months = _as_judged(cells, month, is_festival)
    value = figures[..., 0]
    if cells.shape[-1] <= REACH:
        return (value,)
    scaled = to_scale(figures, is_count[:, None, None])
    near = np.arange(MONTHS + 1)
    earlier = np.stack([scaled[..., near + MONTHS * year] for year in range(1, YEARS + 1)], axis=-1)
    gaps = scaled[..., near] - medians(earlier)
    before = gaps[..., 1:]
    if is_festival:
        before = np.where(np.isin(months[1 : MONTHS + 1], (1, 2)), np.nan, before)
    shift = medians(before)
    spread = MAD_TO_SD * medians(np.abs(before - shift[..., None]))
    least = np.where(is_count, LEAST_SPREAD_COUNTS, LEAST_SPREAD_AMOUNTS)[:, None]
    is_known = (np.isfinite(earlier[..., 0, :]).sum(axis=-1) >= LEAST_YEARS) & (
        np.isfinite(before).sum(axis=-1) >= LEAST_MONTHS
    )
    middle = np.where(is_known, scaled[..., 0] - gaps[..., 0] + shift, np.nan)
    surprise = (scaled[..., 0] - middle) / np.maximum(spread, least)
    return value, from_scale(middle, is_count[:, None]), surprise


def _as_judged(cells: np.ndarray, month: int, is_festival: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the figures as they are judged, and the calendar month of each."""
    months = (month - np.arange(cells.shape[-1]) - 1) % 12 + 1
    if not is_festival:
        return cells, months
    figures = np.where(months == 1, np.nan, cells)
    joined = (cells[..., :-1] + cells[..., 1:]) / 2
    figures[..., :-1] = np.where(months[:-1] == 2, joined, figures[..., :-1])
    if months[-1] == 2:
        figures[..., -1] = np.nan
    return figures, months


def to_scale(values: np.ndarray, is_count: np.ndarray | bool) -> np.ndarray:
    """Return numbers on the scale on which they scatter alike; amounts of 0 have no place on it.

    >>> to_scale(np.array([0.625, 100.0]), True).round(3).tolist()
    [2.0, 20.037]
    """
    counts = 2 * np.sqrt(np.where(values >= 0, values, np.nan) + 0.375)
    return np.where(is_count, counts, np.log(np.where(values > 0, values, np.nan)))


def from_scale(values: np.ndarray, is_count: np.ndarray | bool) -> np.ndarray:
    """Return numbers of that scale as they are written; counts never below 0.

    >>> from_scale(np.array([2.0, 0.0]), True).tolist()
    [0.625, 0.0]
    """
    counts = np.maximum((np.maximum(values, 0) / 2) ** 2 - 0.375, 0)
    return np.where(is_count, counts, np.exp(np.where(is_count, 0.0, values)))


def medians(block: np.ndarray) -> np.ndarray:
    """Return the medians along the last axis, of the numbers that are known; NaN without any.

    >>> medians(np.array([[3.0, np.nan, 1.0], [np.nan] * 3])).tolist()
    [2.0, nan]
    """
    ordered = np.sort(block, axis=-1)
    known = np.isfinite(ordered).sum(axis=-1)[..., None]
    low = np.take_along_axis(ordered, np.maximum(known - 1, 0) // 2, axis=-1)
    high = np.take_along_axis(ordered, np.minimum(known // 2, block.shape[-1] - 1), axis=-1)
    return ((low + high) / 2)[..., 0]
