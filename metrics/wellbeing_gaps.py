"""What is missing behind a survey's figures of a unit, leaf by leaf?

A total of several units hides that one of them did not say how many were invited, or gave a mean
without its standard deviation. Intervals rest on both, so what is missing goes with the figure.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from data.units import Tree
from metrics.cube import Cube
from metrics.figures import compute_figures
from metrics.survey import Survey


@dataclass(frozen=True, slots=True)
class Gaps:
    """Units, or units and scores, of which part is missing or cannot be."""

    uncounted: set[str] = field(default_factory=set)
    over_invited: set[str] = field(default_factory=set)
    no_spread: set[tuple[str, str]] = field(default_factory=set)
    partial: set[tuple[str, str]] = field(default_factory=set)

    def marks(self, unit: str, score: str) -> tuple[str, ...]:
        """Return what is to be said of one score of a unit."""
        found = [name for name in ("uncounted", "over_invited") if unit in getattr(self, name)]
        pair = (unit, score)
        found += [name for name in ("no_spread", "partial") if pair in getattr(self, name)]
        return tuple(found)


def find_gaps(
    cube: Cube, tree: Tree, survey: Survey, units: Sequence[str], period: dt.date
) -> Gaps:
    """Return what the leaves of some units lack in a wave; nothing of a published survey.

    `uncounted`: answers without the number invited; `over_invited`: more answers than invited;
    `no_spread`: a mean without its standard deviation (one answer has none); `partial`: answers
    without the mean.
    """
    gaps = Gaps()
    if not survey.responded:
        return gaps
    leaves = list(dict.fromkeys(leaf for unit in units for leaf in tree.leaves(unit)))
    codes = [survey.responded, survey.invited]
    codes += [code for score in survey.scores for code in (score.mean, score.sd)]
    figures = compute_figures(cube, codes, leaves, [period], "wave").drop_nulls("value")
    keys = zip(figures["unit"], figures["indicator"], strict=True)
    value = dict(zip(keys, figures["value"], strict=True))
    for unit in units:
        for leaf in tree.leaves(unit):
            n, invited = value.get((leaf, survey.responded)), value.get((leaf, survey.invited))
            if not n:
                continue
            if invited is None:
                gaps.uncounted.add(unit)
            elif n > invited:
                gaps.over_invited.add(unit)
            for score in survey.scores:
                if (leaf, score.mean) not in value:
                    gaps.partial.add((unit, score.mean))
                elif (leaf, score.sd) not in value and n != 1:
                    gaps.no_spread.add((unit, score.mean))
    return gaps
