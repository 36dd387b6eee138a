"""What does a grid that is being hidden hold, and what does it cost to hide more of it?"""

import math

import numpy as np

from metrics.board import Board, Grid

HALF = ((0, 0), (1, 1), (0, 1))


def board(values: list[list[float]], spans: dict[str, tuple]) -> Board:
    """Return the board of a county of two stations, all times over."""
    parts = {"c": {0: 1.0, 1: 1.0}, "s1": {0: 1.0}, "s2": {1: 1.0}}
    found = Board(Grid(np.array(values), parts, {"c": ["s1", "s2"]}, spans, limit=5))
    for _ in values[0]:
        found.advance()
    return found


def test_a_cell_is_what_was_filed_in_any_of_its_times() -> None:
    spans = dict.fromkeys(("c", "s1", "s2"), HALF)
    found = board([[3.0, math.nan], [math.nan, math.nan]], spans)
    assert found.values == {(u, s): 3.0 for u in ("c", "s1") for s in ((0, 0), (0, 1))}
    assert set(found.fresh) == {("c", (0, 1)), ("s1", (0, 1))}


def test_hiding_costs_what_is_shown_and_nothing_twice() -> None:
    found = board([[3.0, 8.0], [9.0, 1.0]], dict.fromkeys(("c", "s1", "s2"), HALF))
    assert found.weight(("s1", (1, 1))) == 4 * 5 + 8
    found.hide(("s1", (1, 1)), "protects")
    assert found.weight(("s1", (1, 1))) == 0
    assert found.weight(("s1", (0, 0))) == math.inf, "it was given in the first month"
    # A second month that may have one more: the month itself is hidden, the half is not.
    assert found.price(("s1",), 1) == 4 * 5 + 11
    assert found.price(("s1", "s2"), 1, 1) == 0


def test_as_a_last_resort_what_was_given_can_be_hidden_at_its_price() -> None:
    found = board([[3.0, 8.0], [9.0, 1.0]], dict.fromkeys(("c", "s1", "s2"), HALF))
    assert found.price(("s1",), 0) == math.inf
    found.is_late = True
    assert found.price(("s1",), 0) == 4 * 5 + 3 + 4 * 5 + 11
    found.is_late = False
    assert found.price(("s1",), 0) == math.inf
