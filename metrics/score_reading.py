"""Has a survey score really changed between two waves?

Two independent samples: a difference is called real when it exceeds 1.96 standard errors of both
pooled means. A score that was carried over with a part of its n has no interval. Source: domain
notes 8; the pooled standard deviation is filed beside each score.
"""

from collections.abc import Sequence

import numpy as np

from data.definition_types import Catalog
from metrics.chance import Z95, normal_tail
from metrics.cube import Cube
from metrics.matched import Matched
from metrics.plan import Plan, make_plan
from metrics.reading import UNSURE, Read, word_of
from metrics.rollup import divide, roll_figures, shared_in
from metrics.windows import open_window


def spread_of(catalog: Catalog, code: str) -> str | None:
    """Return the measure that holds the standard deviation of a score, None without one."""
    for measure in catalog.measures.values():
        if measure.roll == "pooled_sd" and measure.roll_by[1] == code:
            return measure.code
    return None


def read_scores(
    cube: Cube,
    plans: Sequence[Plan],
    units: Sequence[str],
    asked: np.ndarray,
    base: np.ndarray,
    window: str,
    matched: Matched,
    read: Read,
) -> None:
    """Write the readings of scores that have a standard deviation into `read`."""
    for place, plan in enumerate(plans):
        code = spread_of(cube.catalog, plan.indicator.code)
        if code is None:
            continue
        spread = make_plan(cube.catalog, code)
        batch, leafwise, spans = open_window(cube, [spread], asked, window, base)
        is_shared = np.logical_or(*(shared_in(batch, part, units)[0] for part in leafwise))
        sides = [
            roll_figures(batch, part, span, units).value[0]
            for part, span in zip(leafwise, spans, strict=True)
        ]
        n, m = matched.current.denominator[place], matched.base.denominator[place]
        error = np.sqrt(divide(sides[0] ** 2, n) + divide(sides[1] ** 2, m))
        now, then = matched.current.value[place], matched.base.value[place]
        for row, period in np.argwhere(~np.isnan(now - then) & (error > 0) & ~is_shared):
            cell = (place, row, period)
            half = Z95 * error[row, period]
            difference = now[row, period] - then[row, period]
            is_real = abs(difference) > half
            side = float(np.sign(difference))
            read.lower[cell] = then[row, period] - half
            read.upper[cell] = then[row, period] + half
            read.chance[cell] = normal_tail(abs(difference) / error[row, period])
            read.reading[cell] = word_of(side, plan.indicator.direction) if is_real else UNSURE
