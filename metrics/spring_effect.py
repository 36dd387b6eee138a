"""How strongly does the moving festival push a month's figure up or down, judged by past years?

Daily figures do not exist, so no window of days can be cut out of a month. What monthly figures do
show is how January to March moved from year to year while the festival moved through them: the
changes are regressed on the changes of the shares of its three stretches of days, with a level of
its own for every pair of years.
"""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from data.definition_types import Calendar
from metrics.chance import student_quantile
from metrics.festival import FESTIVAL_MONTHS, disturbed, regressors

LEAST_FREEDOM = 3  # residual degrees of freedom below which nothing is said


@dataclass(frozen=True, slots=True)
class Effect:
    """What the festival does to a series, on the log scale for counts.

    `slopes` belong to the stretches before, during and after; where the years are too few to tell
    them apart, all three are one. `pairs` counts the pairs of years, `freedom` is left over.
    """

    slopes: np.ndarray
    covariance: np.ndarray
    freedom: int
    pairs: int
    is_log: bool

    def push(self, shares: np.ndarray) -> float:
        """Return how far such (centred) shares push a figure."""
        return float(self.slopes @ shares)

    def half_width(self, shares: np.ndarray) -> float:
        """Return half the 95 % interval of the push of a difference in shares."""
        spread = math.sqrt(max(float(shares @ self.covariance @ shares), 0.0))
        return student_quantile(self.freedom) * spread


def fit_effect(
    pairs: Mapping[dt.date, tuple[float, float]], calendar: Calendar, is_log: bool
) -> Effect | None:
    """Return the festival's effect on a monthly series; None where the years cannot tell.

    `pairs` holds months with their figure and that of a year before, on the same units. Three
    stretches are told apart where the years allow it, else one for all disturbed days. On the log
    scale a month without a single case cannot be used.
    """
    rows = []
    for day, (now, before) in sorted(pairs.items()):
        known = {day.year, day.year - 1} <= set(calendar.festival_days)
        if day.month not in FESTIVAL_MONTHS or not known or (is_log and min(now, before) <= 0):
            continue
        change = math.log(now / before) if is_log else now - before
        shift = _shares(calendar, day) - _shares(calendar, _year_before(day))
        rows.append((day.year, change, shift))
    if not rows:
        return None
    years = sorted({year for year, *_ in rows})
    levels = np.array([[year == other for other in years] for year, *_ in rows], dtype=float)
    moved = np.array([change for _, change, _ in rows])
    shares = np.array([share for *_, share in rows])
    weights = _weights(calendar)
    for spread in (np.eye(3), weights[:, None]):
        found = _least_squares(np.hstack([levels, shares @ spread]), moved, len(years))
        if found is not None:
            slopes, covariance, freedom = found
            return Effect(
                spread @ slopes, spread @ covariance @ spread.T, freedom, len(years), is_log
            )
    return None


def _least_squares(
    design: np.ndarray, moved: np.ndarray, levels: int
) -> tuple[np.ndarray, np.ndarray, int] | None:
    """Return slopes, their covariance and what freedom is left; None where they are not told."""
    freedom = len(moved) - design.shape[1]
    if freedom < LEAST_FREEDOM or np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    inverse = np.linalg.inv(design.T @ design)
    found = inverse @ design.T @ moved
    rest = moved - design @ found
    covariance = inverse * float(rest @ rest) / freedom
    return found[levels:], covariance[levels:, levels:], freedom


def _year_before(day: dt.date) -> dt.date:
    return day.replace(year=day.year - 1)


def _shares(calendar: Calendar, day: dt.date) -> np.ndarray:
    return np.array(disturbed(calendar, day).shares)


def _weights(calendar: Calendar) -> np.ndarray:
    """Return what part of all disturbed days each stretch is."""
    lengths = np.array(disturbed(calendar, min(calendar.festival_days.values())).lengths)
    return lengths / lengths.sum()


def centred_shares(calendar: Calendar, period: dt.date) -> np.ndarray:
    """Return a month's shares less their mean over the listed years; nought outside Jan–March.

    Refuses a year whose festival is not listed.
    """
    if period.month not in FESTIVAL_MONTHS:
        return np.zeros(3)
    disturbed(calendar, period)
    frame = regressors(calendar).filter(year=period.year, month=period.month)
    return frame.select("centred_before", "centred_during", "centred_after").to_numpy()[0]
