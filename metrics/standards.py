"""What is a figure held against when it is not its own past: targets and the group's median?"""

from collections.abc import Sequence

import numpy as np

from data.definition_types import Indicator, Target
from data.periods import from_number
from metrics.breaks import one_definition
from metrics.cube import Cube
from metrics.plan import Plan, make_plan
from metrics.rollup import Rolled, roll_figures
from metrics.structure import was_there
from metrics.windows import open_window

SPAN_WINDOWS = {"M": ("month",), "Q": ("quarter", "wave"), "H": ("half",), "A": ("year",)}


def target_in_force(item: Indicator, month: int, window: str) -> Target | None:
    """Return the target that holds for a period: the latest dated one that covers its month.

    A target on a count holds for the span in which it is filed (one meeting a month), not for
    longer windows.
    """
    if item.kind == "count" and window not in SPAN_WINDOWS[item.frequency]:
        return None
    day = from_number(month)
    in_force = [target for target in item.targets if target.valid_from <= day]
    latest = max((target.valid_from for target in in_force), default=None)
    for target in in_force:
        if target.valid_from == latest and (not target.months or day.month in target.months):
            return target
    return None


def target_values(
    cube: Cube,
    plans: Sequence[Plan],
    units: Sequence[str],
    asked: np.ndarray,
    window: str,
    rolled: Rolled,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the targets by indicator, unit and period, and how many leaves are held to them."""
    base = np.full(rolled.value.shape, np.nan)
    for place, plan in enumerate(plans):
        others: dict[str, np.ndarray] = {}
        for period, month in enumerate(asked.tolist()):
            target = target_in_force(plan.indicator, month, window)
            if target is None:
                continue
            if target.indicator is None:
                base[place, :, period] = np.nan if target.value is None else target.value
                continue
            if target.indicator not in others:
                others[target.indicator] = _values(cube, target.indicator, units, asked, window)
            base[place, :, period] = others[target.indicator][:, period]
    return base, np.where(np.isnan(base), 0, rolled.reported)


def _values(
    cube: Cube, code: str, units: Sequence[str], asked: np.ndarray, window: str
) -> np.ndarray:
    """Return the values of another indicator by unit and period."""
    plan = make_plan(cube.catalog, code)
    batch, (leafwise,), (spans,) = open_window(cube, [plan], asked, window)
    return roll_figures(batch, leafwise, spans, units).value[0]


def peers_of(cube: Cube, unit: str) -> tuple[str, ...]:
    """Return the units of the same level and group, the unit itself among them.

    As it was, those that have been taken over since are among them too.
    """
    tree = cube.tree
    group = tree.unit(unit).group
    known = tree.at_level(tree.level(unit), gone=cube.basis != "now")
    return tuple(u for u in known if tree.unit(u).group == group) or (unit,)


def peer_medians(
    cube: Cube,
    plans: Sequence[Plan],
    units: Sequence[str],
    asked: np.ndarray,
    window: str,
    rolled: Rolled,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the median of each unit's group, and how many units it is of.

    Only peers with a figure on at least the indicator's minimum base count that were there for the
    whole window; a group of one, or one that is not wholly in view, has no median.
    """
    groups = {unit: peers_of(cube, unit) for unit in units}
    everyone = list(dict.fromkeys(peer for group in groups.values() for peer in group))
    batch, (leafwise,), (spans,) = open_window(cube, plans, asked, window)
    figures = roll_figures(batch, leafwise, spans, everyone)
    least = np.array([plan.indicator.minimum_base for plan in plans])[:, None, None]
    sound = ~np.isnan(figures.value)
    if plans[0].shape != "sum":
        sound &= np.nan_to_num(figures.denominator) >= least
    whole_time = was_there(cube, plans[0], everyone, spans)
    if whole_time is not None:
        sound &= whole_time
    base, counted = np.full(rolled.value.shape, np.nan), np.zeros(rolled.value.shape, np.int64)
    place = {unit: row for row, unit in enumerate(everyone)}
    # Nobody is held against figures of another definition.
    found = [one_definition(cube, plan, everyone, asked, window) for plan in plans]
    alike = {at: same for at, same in enumerate(found) if same is not None}
    for at, same in alike.items():
        sound[at] &= same
    for group in set(groups.values()):
        if not all(cube.sees(peer) for peer in group):
            continue
        rows = [place[peer] for peer in group]
        middle, number = _median(figures.value[:, rows], sound[:, rows])
        mine = [row for row, unit in enumerate(units) if groups[unit] == group]
        base[:, mine], counted[:, mine] = middle[:, None], number[:, None]
    for at, same in alike.items():
        other = ~same[[place[unit] for unit in units]]
        base[at][other], counted[at][other] = np.nan, 0
    return base, counted


def _median(values: np.ndarray, sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return medians over the units axis of what is sound, and how many there were."""
    number = sound.sum(axis=1)
    ordered = np.sort(np.where(sound, values, np.inf), axis=1)
    low = np.maximum(number - 1, 0) // 2
    high = np.minimum(number // 2, values.shape[1] - 1)
    middle = [np.take_along_axis(ordered, at[:, None], axis=1)[:, 0] for at in (low, high)]
    enough = number > 1
    return np.where(enough, (middle[0] + middle[1]) / 2, np.nan), np.where(enough, number, 0)
