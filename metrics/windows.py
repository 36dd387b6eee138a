"""How does a question about indicators, units and months reach the cube?

Indicators of one signature are opened together; the cube is widened to all months that their
windows and carried stocks reach.
"""

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import TypeVar

import numpy as np

from data.definition_types import Catalog
from data.parse import nearest
from data.periods import from_number, month_number
from data.schema import WINDOW
from metrics.cube import Cube, cover
from metrics.leafwise import Batch, Leafwise, load_batch, window_leaves
from metrics.plan import Plan, make_plan
from metrics.spans import Spans, window_spans

BATCH = 16  # indicators computed in one pass: enough to spare Python, few enough for the cache
MANY = 4  # batches from which on threads are worth their start
CARRY = 12  # months before a window that a stock may be carried from


Answer = TypeVar("Answer")


def month_numbers(periods: Sequence[dt.date]) -> np.ndarray:
    """Return periods as month numbers."""
    return np.array([month_number(period) for period in periods], dtype=np.int64)


def check_question(cube: Cube, units: Sequence[str], window: str) -> None:
    """Raise where a question names an unknown unit or window, with the nearest known."""
    if window not in WINDOW:
        msg = f"unknown window '{window}'{nearest(window, WINDOW)}; allowed: {', '.join(WINDOW)}"
        raise ValueError(msg)
    for unit in units:
        cube.tree.unit(unit)


def group_plans(cube: Cube, indicators: Sequence[str]) -> Iterator[list[Plan]]:
    """Yield plans of one signature together, at most a batch at a time."""
    plans = [_plan(cube, code) for code in dict.fromkeys(indicators)]
    ordered = sorted(plans, key=lambda plan: (str(plan.signature), plan.span))
    for _, group in groupby(ordered, key=lambda plan: plan.signature):
        same = list(group)
        for start in range(0, len(same), BATCH):
            yield same[start : start + BATCH]


def _plan(cube: Cube, code: str) -> Plan:
    """Return the plan of an indicator, made once a cube."""
    key = ("plan", code)
    if key not in cube.memo:
        cube.memo[key] = make_plan(cube.catalog, code)
    return cube.memo[key]


def spans_of(cube: Cube, plans: Sequence[Plan], asked: np.ndarray, window: str) -> Spans:
    """Return the windows that end at the asked months, as the flows of the plans need them."""
    return window_spans(window, asked, cube.catalog.bureau.year_start, plans[0].span)


def months_needed(
    catalog: Catalog, indicators: Sequence[str], periods: Sequence[dt.date], window: str
) -> tuple[dt.date, dt.date] | None:
    """Return the first and last month whose facts make the figures; None where all may.

    Twelve rolling months ask when a series began, a relative change asks for its base.
    """
    plans = [make_plan(catalog, code) for code in indicators]
    if not plans or not periods or window == "rolling12" or any(p.comparator for p in plans):
        return None
    asked, start = month_numbers(periods), catalog.bureau.year_start
    spans = [window_spans(window, asked, start, plan.span) for plan in plans]
    first = min(int(span.start.min()) for span in spans) - carry_of(plans)
    return from_number(first), from_number(int(asked.max()))


def carry_of(plans: Iterable[Plan]) -> int:
    """Return how many months before a window may count in it: none for plain monthly flows."""
    inputs = [item for plan in plans for item in plan.inputs]
    return max(
        (max(item.ago, CARRY if not item.is_flow or item.span > 1 else 0) for item in inputs),
        default=0,
    )


def covered(cube: Cube, *spans: Spans, carry: int = CARRY) -> Cube:
    """Return the cube over all months that windows and carried stocks reach."""
    if not len(spans[0].asked):
        return cube
    first = min(int(s.start.min()) for s in spans) - carry
    return cover(cube, first, max(int(s.asked.max()) for s in spans))


def open_window(
    cube: Cube, plans: Sequence[Plan], asked: np.ndarray, window: str, *bases: np.ndarray
) -> tuple[Batch, list[Leafwise], list[Spans]]:
    """Return the plans' inputs and what each leaf brings in each window, then in each base."""
    spans = [spans_of(cube, plans, months, window) for months in (asked, *bases)]
    batch = load_batch(covered(cube, *spans, carry=carry_of(plans)), plans)
    return batch, [window_leaves(batch, each) for each in spans], spans


def in_turn(
    answer: Callable[[list[Plan]], Answer], groups: Iterable[list[Plan]]
) -> Iterator[Answer]:
    """Yield the answer of each group in order; the groups of a large question share the cores.

    The first one is always answered alone: it leaves the widened cube for the others.
    """
    waiting = list(groups)
    if len(waiting) < MANY:
        yield from map(answer, waiting)
        return
    yield answer(waiting[0])
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(answer, waiting[1:])
