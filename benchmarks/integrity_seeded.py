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
    """A way of changing figures: which question it is for, and at which strengths it is tried.

    ANY stands where no question is about the way: then whatever is asked of the unit counts.
    """

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
    beside: dict[int, int]

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
    values = cube.values / cube.divisor[:, None, None]
    return Ground(cube.catalog, cube.index, values, _beside(cube))


def _beside(cube: Cube) -> dict[int, int]:
    """Return for each leaf the first other one of its level under its parent."""
    tree, place = cube.tree, cube.leaf_index
    found = {}
    for leaf, at in place.items():
        level = tree.unit(leaf).level
        others = [one for one in tree.children(tree.parent(leaf) or "") if one in place]
        same = [place[one] for one in others if one != leaf and tree.unit(one).level == level]
        if same:
            found[at] = same[0]
    return found


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


def _copy_beside(ground: Ground, leaf: int, strength: float, draw: np.random.Generator) -> None:
    other = ground.beside.get(leaf, leaf)  # a bureau's own level stands alone
    for code in ground.counts():
        if draw.random() < strength:
            part = ground.plane(code)
            part[leaf, -2] = part[other, -2]


def _late(ground: Ground, leaf: int, strength: float, draw: np.random.Generator) -> None:
    """File a share of the cases of each month in the next one."""
    part = ground.plane("crim_recorded")[leaf, -24:]
    moved = draw.binomial(np.nan_to_num(part).astype(np.int64), strength)
    part[:-1] -= moved[:-1]
    part[1:] += moved[:-1]


def _held(ground: Ground, leaf: int, strength: float, draw: np.random.Generator) -> None:
    """Hold cases of December back and file them in January; the last month is an October."""
    part = ground.plane("crim_recorded")[leaf]
    for december in range(part.shape[0] - 11, 0, -12):
        moved = draw.binomial(int(np.nan_to_num(part[december])), strength)
        part[december] -= moved
        part[december + 1] += moved


def _line(ground: Ground, leaf: int, strength: float, draw: np.random.Generator) -> None:
    """Fill a share of the last three years with straight lines between its ends."""
    del draw
    for code in ground.counts():
        part = ground.plane(code)[leaf, -36:]
        first = round(36 * (1 - strength))
        part[first:] = np.round(np.linspace(part[first], part[-1], 36 - first))


def _other_class(ground: Ground, leaf: int, strength: float, draw: np.random.Generator) -> None:
    """Count robberies, thefts and frauds of a quarter as other property crime."""
    part = ground.plane("crim_rtf_recorded")[leaf, -3:]
    part -= draw.binomial(np.nan_to_num(part).astype(np.int64), strength)


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


ANY = "any"
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
#: Ways that other people think of, most of them without a question of their own.
MORE = (
    Way("copied_unit", "items of a month taken from another station",
        (0.3, 0.5, 0.8), _copy_beside),
    Way("copied_unit", "a month of a whole district from one station",
        (0.5, 0.8), _copy_beside, True),
    Way(ANY, "a station's items in straight lines (of three years)", (0.1, 0.35, 0.7), _line),
    Way(ANY, "recorded cases of a station filed a month late", (0.05, 0.2, 0.5), _late),
    Way(ANY, "those of a whole district a month late", (0.05, 0.2, 0.5), _late, True),
    Way("year_turn", "December's cases of a station filed in January", (0.3, 0.6), _held),
    Way("year_turn", "December's of a whole district in January", (0.3, 0.6), _held, True),
    Way(ANY, "thefts of a station put in another class", (0.3, 0.6), _other_class),
    Way(ANY, "thefts of a whole district in another class", (0.3, 0.6), _other_class, True),
)  # fmt: skip
