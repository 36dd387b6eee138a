"""How do the months of an indicator's history stand as few cases, for its reading and its chart?"""

from dataclasses import dataclass

import numpy as np

from data.definition_types import Calendar
from metrics.change_tests import days_of, is_share
from metrics.history import History
from metrics.plan import Plan
from metrics.rare import read_rare, trailing
from metrics.seasonal_base import festival_months
from metrics.spans import window_spans


@dataclass(frozen=True, slots=True)
class Few:
    """The cases of some series of an indicator and what stands behind them: [series, month].

    Months of a moving festival count on neither side: their cases are NaN. `per_case` is what one
    case is worth in the indicator's own figures.
    """

    cases: np.ndarray
    exposure: np.ndarray
    per_case: np.ndarray
    is_share: bool


@dataclass(frozen=True, slots=True)
class Marks:
    """What is usual for each month of one series in its own figures, and where it is not.

    `side` +1 or −1 is a signal, of as many `months` together (1: the month alone).
    """

    lower: np.ndarray
    mean: np.ndarray
    upper: np.ndarray
    side: np.ndarray
    months: np.ndarray


def few_cases(calendar: Calendar, plan: Plan, place: int, history: History, rows: list[int]) -> Few:
    """Return the cases of some units' series of an indicator.

    Months are held against each other by their days and how busy the season is, shares by what
    they are of. More cleared than recorded is no share: then cases are held against cases as they
    are by days.
    """
    value, of = history.value[place, rows], history.denominator[place, rows]
    scale = plan.indicator.scale
    if is_share(plan):
        cases, exposure = value * of / scale, of
        per_case = np.divide(scale, of, out=np.full(of.shape, np.nan), where=of > 0)
    else:
        days = days_of(window_spans("month", history.months, 1, 1)).astype(float)
        times = 1.0 if history.season is None else history.season.times[place, rows]
        cases, exposure = value / scale, np.broadcast_to(days * times, value.shape)
        per_case = np.full(value.shape, float(scale))
    cases = np.where(festival_months(calendar, history.months), np.nan, cases)
    shared = is_share(plan) and not (cases > exposure).any()
    return Few(cases, exposure, per_case, shared)


def few_marks(calendar: Calendar, plan: Plan, place: int, history: History, row: int) -> Marks:
    """Return how each month stands with the months before it, for a chart."""
    few = few_cases(calendar, plan, place, history, [row])
    found = read_rare(trailing(few.cases[0]), trailing(few.exposure[0]), few.is_share)
    worth = few.per_case[0]
    edges = (found.lower * worth, found.mean * worth, found.upper * worth)
    return Marks(*edges, found.side, found.months)
