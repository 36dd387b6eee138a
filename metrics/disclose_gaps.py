"""Which totals of a survey would tell a hidden unit's number because a score was not filed?

A total holds only the units that filed the score. Where some units that are not shown did and
others did not, the answers behind the total of one score and of the next differ by just those
units, and what is left of a total without the units beside it is the number, and the mean, of one.
"""

import datetime as dt
from collections.abc import Collection, Mapping

from data.units import Tree
from metrics.cube import Cube
from metrics.figures import compute_figures

Key = tuple[str, str, dt.date]


def told_by_gaps(
    cube: Cube,
    tree: Tree,
    asked: Key,
    hidden: Collection[str],
    counts: Mapping[str, float],
) -> set[str]:
    """Return the units whose figure is to be hidden as well: those above such hidden units.

    Hidden units are taken together as far as the nearest unit above them that is shown; where
    all of them filed the score, or none did, its total tells nothing that others do not.

    Args:
        cube: Everybody's facts on the basis now.
        tree: The units.
        asked: Indicator, window and period of the figure.
        hidden: The units that are not shown whatever is asked.
        counts: How many answered in each unit.
    """
    leaves = [unit for unit in hidden if tree.is_leaf(unit) and counts.get(unit)]
    if len(leaves) < 2:
        return set()
    code, window, period = asked
    figures = compute_figures(cube, [code], leaves, [period], window)
    filed = set(figures.drop_nulls("value")["unit"])
    groups: dict[str, set[bool]] = {}
    for leaf in leaves:
        above = next((unit for unit in tree.ancestors(leaf) if unit not in hidden), "")
        groups.setdefault(above, set()).add(leaf in filed)
    mixed = [unit for unit, kinds in groups.items() if unit and len(kinds) > 1]
    return {unit for place in mixed for unit in (place, *tree.ancestors(place))}
