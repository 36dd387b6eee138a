"""Which series have seasons of their own, and how does each month usually stand to its year?

A series decides for itself. Of its last three to five whole years each in turn is foretold by the
others: a month stands to the mean of its year as it stood, in the median, in the other years. Where
that foretells the months better than "every month is like the year" by a twentieth at least, the
series has seasons, and its months are held against what is usual for them. Judged so, a pattern
must come back in years that did not make it, and what is left over is the spread of a real
forecast, not that of a fit. With a moving festival January and February, which it moves and which
are never read alone, take no part in that decision; where they stand apart from the other months,
or move with the days of the festival that fall into them, they have a place of their own, and March
with them. Source of the idea: the test for stable seasonality of the X-11 family, here without its
assumptions on the distribution.
"""

import math
from dataclasses import dataclass

import numpy as np

from data.definition_types import Calendar
from data.periods import from_number, has_festival
from metrics.chance import student_quantile
from metrics.festival import disturbed
from metrics.signal import mean_of, median_of

YEAR = 12
MOST_YEARS = 5
LEAST_YEARS = 3
#: What seasons must leave of the error with which months are foretold without them.
MUST_LEAVE = 0.95
#: So many standard errors must January and February stand off the other months.
APART = 3.0
#: Factors below this are those of a month in which next to nothing is filed: nothing to divide by.
LEAST_FACTOR = 0.05
#: At this chance the days of the festival move a month.
SURE = 0.01


@dataclass(frozen=True, slots=True)
class Season:
    """How the months of series stand to their years: [indicator, unit, month].

    A usual month is `level · times + plus`. `is_on` marks the series that have seasons,
    `is_festive` those of which only the months of the festival stand apart. `told_times` and
    `told_plus` are, for the months of the years that set the seasons, what the other years say of
    them: a base is adjusted by these, so that its spread is that of a forecast.
    """

    times: np.ndarray
    plus: np.ndarray
    told_times: np.ndarray
    told_plus: np.ndarray
    is_on: np.ndarray
    is_festive: np.ndarray

    def adjusted(self, value: np.ndarray, is_base: bool = False) -> np.ndarray:
        """Return values as they would be in a month like the year."""
        if is_base:
            return (value - self.told_plus) / self.told_times
        return (value - self.plus) / self.times


def festival_months(calendar: Calendar, months: np.ndarray) -> np.ndarray:
    """Return which months (numbers) a moving festival disturbs, so that none is read by itself."""
    return (months % YEAR <= 1) & has_festival(calendar)


def festival_shares(calendar: Calendar, months: np.ndarray) -> np.ndarray:
    """Return what part of all days that the festival disturbs falls into each month (number).

    NaN for January to March of a year whose festival is not listed.
    """
    found = np.zeros(len(months))
    if not has_festival(calendar):
        return found
    for place in np.flatnonzero(months % YEAR <= 2).tolist():
        day = from_number(int(months[place]))
        if day.year in calendar.festival_days:
            there = disturbed(calendar, day)
            found[place] = there.total / sum(there.lengths)
        else:
            found[place] = np.nan
    return found


def find_season(
    value: np.ndarray,
    months: np.ndarray,
    new_year: int,
    is_moved: np.ndarray,
    shares: np.ndarray,
    by_factor: bool,
) -> Season | None:
    """Return the seasons of series by their whole years before `new_year`; None where none has any.

    Needs: `value` [indicator, unit, month] with NaN for what does not count, `months` their
    numbers, `is_moved` and `shares` the same of the festival. `by_factor`: a month is so many times
    its year (counts, money), else so much more (shares and other rates).
    """
    count = min(MOST_YEARS, (new_year - int(months[0])) // YEAR)
    if count < LEAST_YEARS or not value.size:
        return None
    start = new_year - count * YEAR - int(months[0])
    base = slice(start, start + count * YEAR)
    place = (months - new_year) % YEAR
    read = ~is_moved[base][:YEAR]
    years = value[..., base].reshape(*value.shape[:-1], count, YEAR)
    stands = _stands_to_year(years, read, by_factor)
    slope, centre = _festival_slope(stands, shares[base].reshape(count, YEAR))
    push = slope[..., None] * np.nan_to_num(shares - centre[place])
    plain = stands - push[..., base].reshape(stands.shape)
    others = np.stack([_pattern(np.delete(plain, y, -2), read) for y in range(count)], axis=-2)
    pattern = _pattern(plain, read)
    is_sound = _is_sound(pattern, by_factor) & _is_sound(np.fmin.reduce(others, -2), by_factor)
    seasonal = _foretells(plain, others, read) & is_sound
    festive = (_stands_apart(plain, read) | (slope != 0)) & is_sound & ~seasonal
    if not (seasonal | festive).any():
        return None
    # Of a series that the festival alone disturbs, only January and February have a place.
    kept = seasonal[..., None] | (festive[..., None] & ~read)
    push = np.where((seasonal | festive)[..., None], push, 0.0)
    usual = np.where(kept, pattern, 0.0)[..., place] + push
    told = usual.copy()
    by_others = np.where(kept[..., None, :], others, 0.0)
    told[..., base] = by_others.reshape(*value.shape[:-1], count * YEAR) + push[..., base]
    ones, zeros = np.ones(value.shape), np.zeros(value.shape)
    if by_factor:
        return Season(1 + usual, zeros, 1 + told, zeros, seasonal, festive)
    return Season(ones, usual, ones, told, seasonal, festive)


def _stands_to_year(years: np.ndarray, read: np.ndarray, by_factor: bool) -> np.ndarray:
    """Return how far each month stands from its year's mean, as a part of it or as it is.

    A year of which more than one month that is read has no figure says nothing.
    """
    there = ~np.isnan(years[..., read])
    level = mean_of(years[..., read])
    level = np.where(there.sum(axis=-1) >= read.sum() - 1, level, np.nan)[..., None]
    if not by_factor:
        return years - level
    return years / np.where(level > 0, level, np.nan) - 1


def _pattern(stands: np.ndarray, read: np.ndarray) -> np.ndarray:
    """Return the median of each month over the years, so that the months read have a mean of 0."""
    middle = median_of(stands, axis=-2)
    return middle - mean_of(middle[..., read])[..., None]


def _foretells(plain: np.ndarray, others: np.ndarray, read: np.ndarray) -> np.ndarray:
    """Return which series' months the other years foretell better than their own year alone."""
    actual, told = plain[..., read], others[..., read]
    known = ~np.isnan(actual + told)
    whole = known.sum(axis=(-1, -2)) >= LEAST_YEARS * read.sum() - 1
    left = np.where(known, np.abs(actual - told), 0.0).sum(axis=(-1, -2))
    without = np.where(known, np.abs(actual), 0.0).sum(axis=(-1, -2))
    return whole & (left < MUST_LEAVE * without)


def _stands_apart(plain: np.ndarray, read: np.ndarray) -> np.ndarray:
    """Return of which series January and February together stand off the other months."""
    if read.all():
        return np.zeros(plain.shape[:-2], dtype=bool)
    off, rest = plain[..., ~read], plain[..., read]
    flat = [part.reshape(*part.shape[:-2], -1) for part in (off, rest)]
    counts = [(~np.isnan(part)).sum(axis=-1) for part in flat]
    spread = mean_of(np.abs(flat[1])) * math.sqrt(math.pi / 2)
    least = np.maximum(1, np.minimum(*counts))
    error = spread * np.sqrt(1 / least + 1 / np.maximum(1, counts[1]))
    enough = (counts[0] >= LEAST_YEARS * 2) & (counts[1] >= LEAST_YEARS * read.sum() - 1)
    return enough & (np.abs(mean_of(flat[0])) > APART * error)


def _festival_slope(stands: np.ndarray, shares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how the festival's days move a month, 0 where that is not sure; and usual shares.

    One slope for January to March with a place of its own for each month, by least squares over
    the years; it counts where it differs from nought at 1 %.
    """
    listed = ~np.isnan(shares).any(axis=-1)
    centre = shares[listed].mean(axis=0) if listed.any() else np.zeros(YEAR)
    moved = np.where(listed[:, None], shares - centre, 0.0)
    spring = np.abs(moved).max(axis=0) > 0
    there = ~np.isnan(stands) & listed[:, None] & spring
    months = np.where(there, stands, 0.0).sum(axis=-2) / np.maximum(1, there.sum(axis=-2))
    rest = np.where(there, stands - months[..., None, :], 0.0)
    x = np.where(there, moved, 0.0)
    square = (x * x).sum(axis=(-1, -2))
    safe = np.where(square > 0, square, 1.0)
    slope = (x * rest).sum(axis=(-1, -2)) / safe
    left = ((rest - slope[..., None, None] * x) ** 2).sum(axis=(-1, -2))
    freedom = there.sum(axis=(-1, -2)) - spring.sum() - 1
    enough = (freedom >= LEAST_YEARS) & (square > 0)
    needed = np.array([student_quantile(max(1, n), SURE) for n in range(MOST_YEARS * 3 + 1)])
    error = np.sqrt(left / np.maximum(1, freedom) / safe)
    is_sure = enough & (np.abs(slope) > needed[np.clip(freedom, 0, MOST_YEARS * 3)] * error)
    return np.where(is_sure, slope, 0.0), centre


def _is_sound(pattern: np.ndarray, by_factor: bool) -> np.ndarray:
    """Return which series have a place for every month, none of them next to nothing."""
    known = ~np.isnan(pattern).any(axis=-1)
    return known & (np.nan_to_num(pattern).min(axis=-1) > LEAST_FACTOR - 1) if by_factor else known
