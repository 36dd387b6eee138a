"""Of which month is a figure that is filed less often than it is shown?

A stock of a quarter or a year is carried forward, a flow's year to date ends with its last
completed span: the figure then belongs to an earlier month than the one asked, and says so.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np

from data.periods import from_number
from metrics.basis import gather
from metrics.cube import Cube
from metrics.plan import Input, make_plan
from metrics.rolls import make_roll, roll_up
from metrics.spans import Spans
from metrics.windows import covered, month_numbers, spans_of


def carried_months(
    cube: Cube, code: str, unit: str, periods: Sequence[dt.date], window: str = "month"
) -> list[dict[str, dt.date]]:
    """Return, for each period, the measures whose value is of an earlier month, and which month."""
    plan = make_plan(cube.catalog, code)
    late = [item for item in plan.inputs if item.span > 1 and item.over_time != "none"]
    found: list[dict[str, dt.date]] = [{} for _ in periods]
    if not late or not len(periods):
        return found
    spans = spans_of(cube, [plan], month_numbers(periods), window)
    wide = covered(cube, spans)
    for item in late:
        months = _months_of(wide, item, unit, spans)
        for place, (month, asked) in enumerate(zip(months, spans.asked.tolist(), strict=True)):
            if month is not None and month < asked:
                found[place][item.measure] = from_number(month)
    return found


def _months_of(cube: Cube, item: Input, unit: str, spans: Spans) -> list[int | None]:
    """Return the last month with a value that each window takes from a unit's leaves."""
    plane = cube.values[cube.index.get(item.measure, len(cube.index))]
    there = gather(cube.ground, ~np.isnan(plane)[None])
    some = roll_up(make_roll(cube, [unit], item.own), there)[0, 0] > 0
    filed = np.flatnonzero(some) + cube.first
    reach = item.span if not item.is_flow else None
    found: list[int | None] = []
    for start, end, valid in zip(spans.start, spans.end, spans.valid, strict=True):
        earliest = end - reach if reach else start
        mine = filed[(filed >= earliest) & (filed <= end)] if valid else filed[:0]
        found.append(int(mine[-1]) if len(mine) else None)
    return found
