"""Which months of the parts of a formula belong together?

A numerator needs its denominator of the same month, a cohort's later fate the month in which the
cohort was recorded, and what is filed by choice counts only where it was filed.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from metrics.cube import Cube
from metrics.due import may_file
from metrics.plan import Plan


def matched_months(cube: Cube, plans: Sequence[Plan], sources: list[Any]) -> list[Any]:
    """Return flows that enter one formula with only the months that all of them report.

    A numerator without its denominator would bend the pooled ratio.
    """
    flows = {at: s for at, s in enumerate(sources) if s.item.is_flow and s.item.over_time == "sum"}
    if len(flows) < 2 or len({s.item.span for s in flows.values()}) > 1:
        return sources
    sound = np.logical_and.reduce(
        [s.has | ~wanted_months(cube, plans, at, s) for at, s in flows.items()]
    )
    sound = sound & there_throughout(cube, max(s.item.ago for s in flows.values()))
    if all((sound | ~s.has).all() for s in flows.values()):
        return sources
    return [_keep(s, sound) if at in flows else s for at, s in enumerate(sources)]


def _keep(source: Any, mask: np.ndarray) -> Any:
    """Return the input with the values outside the mask taken away."""
    total = np.where(mask, source.total, 0.0)
    return replace(source, total=total, has=source.has & mask, running={})


def stand_later(source: Any, months: int) -> Any:
    """Return an input of a formula with what was filed so many months before in each month."""
    if not months:
        return source
    parts = {name: getattr(source, name) for name in ("total", "has", "due", "status", "version")}
    moved = {name: None if x is None else shift_months(x, months) for name, x in parts.items()}
    return replace(source, **moved, since=source.since + months, running={})


def shift_months(values: np.ndarray, months: int) -> np.ndarray:
    """Return values moved to later months along the last axis; nothing stands in the first ones.

    >>> shift_months(np.array([3, 4, 5]), 2).tolist()
    [0, 0, 3]
    """
    moved = np.zeros_like(values)
    if months < values.shape[-1]:
        moved[..., months:] = values[..., : values.shape[-1] - months]
    return moved


def wanted_months(cube: Cube, plans: Sequence[Plan], place: int, source: Any) -> np.ndarray:
    """Return in which months a formula cannot do without an input [plan, row, month].

    Those in which it is due; of what is filed by choice all in which it might have been filed, so
    that a unit which does not file it stays out with the other parts as well.
    """
    if not source.item.by_choice:
        return source.due
    return np.stack([may_file(cube, plan.inputs[place].measure) for plan in plans])


def there_throughout(cube: Cube, months: int) -> np.ndarray | bool:
    """Return which rows stood at a month and so many months before, both in the same place.

    As units were, a cohort of the old place has its fate told in the new one: neither is counted
    until the months since are over. On today's units both are added up by leaf.
    """
    if not months or cube.ground is None or cube.basis == "now":
        return True
    return (cube.is_open & shift_months(cube.is_open, months))[None]
