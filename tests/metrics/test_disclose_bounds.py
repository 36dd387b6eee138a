"""Small counts below bounds that everybody sees, in bureaus of a few units: hidden noughts too.

A cell that is hidden where it holds something and shown where it is nought would tell one below a
bound of 1; to the people of a unit, one below a bound of 1 on all the others.
"""

import random

import numpy as np
import pytest

from metrics.board import Cell, Grid, Pattern
from metrics.moves import Ties
from metrics.protect import protect
from metrics.ties import Relation, ties_of
from tests.metrics.attacker import Attacker
from tests.metrics.test_protect import grid, numbers, people_of

LIMIT, TIMES = 5, 4
WITHIN = Relation({"open": 1.0, "few": -1.0}, False)
FLAT = {"c": ["s0", "s1", "own"]}
DEEP = {"c": ["a", "b"], "a": ["a1"], "b": ["b1", "b2", "b-own"]}
EACH = tuple((at, at) for at in range(TIMES))
LONG = ((0, 1), (2, 3), (0, 3))


def drawn(seed: int, tree: dict[str, list[str]]) -> tuple[Grid, np.ndarray]:
    """Return a bureau of few cases, and the open counts that bound them."""
    draw = random.Random(seed)
    leaves = [unit for below in tree.values() for unit in below if unit not in tree]
    most = [draw.choice([0, 1, 1, 3]) for _ in leaves]
    few = np.array([[float(draw.randint(0, top)) for _ in range(TIMES)] for top in most])
    open_ones = few + np.array([[draw.choice([0, 0, 1, 2, 8]) for _ in EACH] for _ in leaves])
    spans = dict.fromkeys([*tree, *leaves], LONG) | {"c": EACH + LONG}
    filed = dict(zip(leaves, few.tolist(), strict=True))
    plain = grid(filed, tree, LIMIT, spans, people=True)
    ties = ties_of([WITHIN], {"open": open_ones, "few": few}, ["few"])
    return Grid(few, plain.parts, tree, spans, LIMIT, plain.knowers, ties), open_ones


def followed(asked: Grid, most: np.ndarray, found: Pattern) -> list:
    """Return the hidden numbers of which somebody is sure, who could not be without the table."""
    readers, sure = list(people_of(asked)), []
    truth = dict(np.ndenumerate(asked.values))
    shown = [cell for cell in found.values if cell not in found.hidden]
    noughts = {at for cell in shown if not found.values[cell] for at in numbers(asked, cell)}

    def is_bounded(cell: Cell) -> bool:
        """Return whether somebody knows that what others filed of it is few, if not nought."""
        rests = [sum(most[at] for at in numbers(asked, cell) if at[0] not in m) for m in readers]
        return any(0 < rest < LIMIT for rest in rests)

    assert not any(is_bounded(cell) for cell in shown if not found.values[cell])
    for mine in readers:
        reader = Attacker()
        for at, value in truth.items():
            reader.learn({at: 1.0}, *((value, value) if at[0] in mine else (0, most[at])))
        for cell in shown:
            reader.learn(numbers(asked, cell), found.values[cell], found.values[cell])
        for cell in found.hidden:
            is_open = is_bounded(cell) or not found.values[cell]
            reader.learn(numbers(asked, cell), 0 if is_open else 1)
        open_ones = {at for at in truth if at[0] not in mine and at not in noughts and most[at]}
        targets = {
            cell: parts for cell in found.hidden if open_ones & set(parts := numbers(asked, cell))
        }
        targets |= {at: {at: 1.0} for at in open_ones if 0 < truth[at] < LIMIT}
        sure += [(sorted(mine), name) for name in reader.sure_of(targets, truth)]
    return sure


@pytest.mark.parametrize("seed", [2, 36, 38, 74])
@pytest.mark.parametrize("tree", [FLAT, DEEP], ids=["flat", "deep"])
def test_no_number_of_a_bureau_of_few_cases_follows(tree: dict[str, list[str]], seed: int) -> None:
    """These gave a number away: to who knew a unit beside, or saw that all others had none."""
    asked, most = drawn(seed, tree)
    assert followed(asked, most, protect(asked)) == []


UNITS = {"c": {0: 1.0, 1: 1.0, 2: 1.0}, "a": {0: 1.0}, "b": {1: 1.0}, "d": {2: 1.0}}


@pytest.mark.parametrize("has", [1, 0])
def test_a_unit_s_people_are_told_nothing_by_what_bounds_the_rest(has: int) -> None:
    """`a` knows its nought and d can have none: all that is hidden of c is the one b may have."""
    ties, spans = Ties(most=np.array([[np.inf], [1.0], [0.0]])), dict.fromkeys(UNITS, [(0, 0)])
    filed, knowers = np.array([[0.0], [has], [0.0]]), [frozenset({unit, "c"}) for unit in "abd"]
    pattern = protect(Grid(filed, UNITS, {"c": ["a", "b", "d"]}, spans, LIMIT, knowers, ties))
    assert set(pattern.hidden) == {("b", (0, 0)), ("c", (0, 0))}
