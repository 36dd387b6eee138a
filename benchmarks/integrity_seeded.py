"""In which ways are figures changed, of how many units and how far, to see whether it is asked?

Each way changes the honest figures of some stations, drawn by lot, in the months that the question
looks at. `strength` is the share of the figures that are changed (or, of a shift and a surge, how
much of them moves). A wide way changes all stations of a district at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from data.definition_types import Catalog
from metrics.cube import Cube
from metrics.integrity_block import totals_of

Values = np.ndarray


@dataclass(frozen=True, slots=True)
class Way:
    """A way of changing figures: which question it is for, and at which strengths it is tried."""

    question: str
    what: str
    strengths: tuple[float, ...]
    change: Callable[["Ground", int, float, np.random.Generator], None]
    is_wide: bool = False


@dataclass(slots=True)
class Ground:
    """The figures that are changed: measure × leaf × month in the measures' own numbers."""

    catalog: Catalog
    index: dict[str, int]
    values: Values

    def plane(self, code: str) -> Values:
        """Return the figures of one measure [leaf, month]."""
        return self.values[self.index[code]]

    def counts(self) -> list[str]:
        """Return the monthly counts that units file of themselves."""
        found = self.catalog.measures
        flows = (code for code in self.index if found[code].kind == "count")
        return [
            code
            for code in flows
            if found[code].value_type in ("count", "person")
            and found[code].frequency == "M"
            and found[code].filers
        ]


def ground_of(cube: Cube) -> Ground:
    """Return a copy of the figures of a cube that may be changed."""
    return Ground(cube.catalog, cube.index, cube.values / cube.divisor[:, None, None])


def put_back(cube: Cube, ground: Ground) -> None:
    """Put changed figures into a cube of their own."""
    cube.values[:] = ground.values * cube.divisor[:, None, None]


def _pick(draw: np.random.Generator, values: Values, strength: float) -> Values:
    return ~np.isnan(values) & (draw.random(values.shape) < strength)


def _round(ground: Ground, leaf: int, strength: float, draw: np.random.Generator) -> None:
    for code in ground.counts():
        part = ground.plane(code)[leaf, -12:]
        part[...] = np.where(_pick(draw, part, strength), np.round(part / 5) * 5, part)


def _copy_month(ground: Ground, leaf: int, strength: float, draw: np.random.Generator) -> None:
    for code in ground.counts():
        if code not in totals_of(ground.catalog) and draw.random() < strength:
            part = ground.plane(code)[leaf]
            part[-2] = part[-3]


def _copy_series(ground: Ground, leaf: int, strength: float, draw: np.random.Generator) -> None:
    part = ground.plane("calls_help")[leaf, -24:]
    for place in range(1, 24):
        if draw.random() < strength:
            part[place] = part[place - 1]


def _reach(ground: Ground, leaf: int, strength: float, draw: np.random.Generator) -> None:
    """Lift what falls just short of the target of fast handling (70 %) over it."""
    upper, lower = (
        ground.plane(code)[leaf, -24:] for code in ("adm_fast_handled", "adm_fast_eligible")
    )
    edge = np.ceil(0.7 * lower - 1e-9)
    short = (upper < edge) & (upper >= edge - 2) & (draw.random(24) < strength)
    upper[short] = edge[short]


def _shift(ground: Ground, leaf: int, strength: float, draw: np.random.Generator) -> None:
    falls, rises = (
        ground.plane(code)[leaf, -3:] for code in ("calls_criminal", "calls_public_order")
    )
    moved = draw.binomial(np.nan_to_num(falls).astype(np.int64), strength)
    falls -= moved
    rises += moved


def _unfiled(ground: Ground, leaf: int, strength: float, draw: np.random.Generator) -> None:
    part = ground.plane("crim_recorded")[leaf, -3:]
    part -= draw.binomial(np.nan_to_num(part).astype(np.int64), strength)


def _surge(ground: Ground, leaf: int, strength: float, draw: np.random.Generator) -> None:
    """Move a share of the first two months of each quarter to its last."""
    part = ground.plane("crim_cleared")[leaf]
    last = part.shape[0] - 1  # the last month is an October: the quarter before ends a month back
    for end in range(last - 1, last - 24, -3):
        for month in (end - 1, end - 2):
            if month >= 0 and not np.isnan(part[month]):
                moved = draw.binomial(int(part[month]), strength)
                part[month] -= moved
                part[end] += moved


def _steady(ground: Ground, leaf: int, strength: float, draw: np.random.Generator) -> None:
    """Draw each month towards the mean of the series."""
    part = ground.plane("svc_handled")[leaf, -36:]
    mean = np.nanmean(part) if not np.isnan(part).all() else 0.0
    part[...] = np.round(part + strength * (mean - part))


WAYS = (
    Way("heaping", "figures of a station's year rounded to fives", (0.1, 0.2, 0.3, 0.5), _round),
    Way("copied_month", "items of a month taken from the last", (0.3, 0.5, 0.8), _copy_month),
    Way("copied_series", "months of one measure equal to the last", (0.3, 0.5, 0.7), _copy_series),
    Way("bunching", "months just short of a target lifted to it", (0.5, 1.0), _reach),
    Way("bunching", "the same in a whole district", (0.3, 0.6, 1.0), _reach, True),
    Way("shift_criminal", "criminal calls of a station called public order", (0.3, 0.6), _shift),
    Way("shift_criminal", "the same in a whole district", (0.1, 0.2, 0.3), _shift, True),
    Way("record_to_call", "cases of a station not recorded", (0.3, 0.6), _unfiled),
    Way("record_to_call", "the same in a whole district", (0.2, 0.35, 0.5), _unfiled, True),
    Way("quarter_end", "a station's clearances moved to the quarter's end", (0.3, 0.6), _surge),
    Way("quarter_end", "the same in a whole district", (0.1, 0.2, 0.3), _surge, True),
    Way("smooth", "a station's months drawn towards their mean", (0.5, 0.7, 0.9), _steady),
)  # fmt: skip
