"""Hidden cells of sums over units and time: never to be pinned by whoever sees the shown ones."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.board import LEAST_MARKED, Cell, Grid, Pattern
from metrics.protect import protect
from tests.metrics.attacker import Attacker

COUNTY = {"c": ["s1", "s2", "s3", "s4"]}
ONCE = ((0, 0),)


def grid(
    filed: dict[str, list[float]],
    children: dict[str, list[str]],
    limit: float,
    spans: dict[str, tuple] | None = None,
    people: bool = False,
) -> Grid:
    """Return the grid of what leaves filed; unless told, each unit shows every time."""
    rows = {leaf: row for row, leaf in enumerate(filed)}
    parts: dict[str, dict[int, float]] = {}

    def below(unit: str) -> list[str]:
        if unit in rows:
            return [unit]
        return [leaf for child in children[unit] for leaf in below(child)]

    for unit in {*children, *rows}:
        parts[unit] = {rows[leaf]: 1.0 for leaf in below(unit)}
    times = len(next(iter(filed.values())))
    shown = spans or dict.fromkeys(parts, tuple((at, at) for at in range(times)))
    knowers = [frozenset(u for u, mine in parts.items() if row in mine) for row in rows.values()]
    present = {unit: [c for c in below if c in parts] for unit, below in children.items()}
    values = np.array(list(filed.values()), dtype=float)
    return Grid(values, parts, present, shown, limit, knowers if people else ())


def hide(counts: dict[str, float], children: dict[str, list[str]], limit: float, **kw) -> dict:
    """Return the hidden units of one time."""
    leaves = {unit: [n] for unit, n in counts.items() if unit not in children}
    found = protect(grid(leaves, children, limit, **kw)).hidden
    return {unit: why for (unit, _), why in found.items()}


def test_nothing_is_hidden_when_every_cell_is_large_enough() -> None:
    assert hide({"s1": 10, "s2": 10, "s3": 20}, {"c": ["s1", "s2", "s3"]}, 10) == {}


def test_one_small_cell_takes_the_next_smallest_with_it() -> None:
    counts = {"s1": 8, "s2": 22, "s3": 11, "s4": 20}
    assert hide(counts, COUNTY, 10) == {"s1": "small", "s3": "protects"}


def test_small_cells_that_together_are_enough_need_no_other() -> None:
    assert hide({"s1": 8, "s2": 8, "s3": 30}, {"c": ["s1", "s2", "s3"]}, 10) == {
        "s1": "small", "s2": "small",
    }  # fmt: skip


def test_two_that_can_only_be_the_most_a_small_one_is_take_a_third() -> None:
    """Eighteen of two small ones, each below 10, are nine and nine."""
    hidden = hide({"s1": 9, "s2": 9, "s3": 30}, {"c": ["s1", "s2", "s3"]}, 10)
    assert hidden == {"s1": "small", "s2": "small", "s3": "protects"}


def test_one_that_is_not_small_takes_no_less_than_the_limit() -> None:
    """Eleven of a small one and one that is not are one and ten. So the larger one goes."""
    hidden = hide({"s1": 1, "s2": 10, "s3": 30}, {"c": ["s1", "s2", "s3"]}, 10)
    assert hidden == {"s1": "small", "s3": "protects"}


def test_small_cells_that_together_are_too_few_take_a_third() -> None:
    counts = {"s1": 4, "s2": 5, "s3": 12, "s4": 30}
    assert hide(counts, COUNTY, 10) == {"s1": "small", "s2": "small", "s3": "protects"}


def test_nought_is_shown_and_protects_nothing() -> None:
    children = {"r": ["c", "d"], "c": ["s1", "s2"], "d": ["t1"]}
    counts = {"s1": 3, "s2": 0, "t1": 40}
    hidden = hide(counts, children, 5)
    assert hidden["c"] == hidden["s1"] == "small"
    assert "s2" not in hidden


def test_who_knows_the_protector_does_not_know_the_small_one() -> None:
    counts = {"s1": 3, "s2": 12, "s3": 25, "s4": 30}
    assert set(hide(counts, COUNTY, 5)) == {"s1", "s2"}
    assert set(hide(counts, COUNTY, 5, people=True)) == {"s1", "s2", "s3"}


def test_shares_of_one_count_are_hidden_together() -> None:
    """3.6 and 5.4 are 40 % and 60 % of nine: who sees the one knows the other, and the nine."""
    parts = {
        "r": {0: 1, 1: 1, 2: 1}, "d": {0: 1}, "d3": {0: 0.6}, "d4": {0: 0.4}, "e": {1: 1},
        "f": {2: 1},
    }  # fmt: skip
    children = {"r": ["d", "e", "f"], "d": ["d3", "d4"]}
    filed = np.array([[9.0], [20.0], [30.0]])
    hidden = protect(Grid(filed, parts, children, dict.fromkeys(parts, ONCE), 5)).hidden
    assert {unit for unit, _ in hidden} == {"d", "d3", "d4", "e"}


def test_a_half_year_tells_its_second_quarter() -> None:
    """Shown by quarter and half: a small quarter hides its half, or the other quarter."""
    filed = {"s1": [2.0, 30.0, 25.0, 20.0], "s2": [9.0, 30.0, 30.0, 30.0]}
    spans = dict.fromkeys(("c", "s1", "s2"), ((0, 0), (1, 1), (2, 2), (3, 3), (0, 1), (0, 3)))
    asked = grid(filed, {"c": ["s1", "s2"]}, 5, spans)
    found = protect(asked)
    assert ("s1", (0, 0)) in found.hidden
    assert ("s2", (0, 0)) in found.hidden
    assert_safe(asked, found)


def until(asked: Grid, end: int) -> Grid:
    """Return what was to be shown when only some times were over."""
    spans = {u: tuple(s for s in mine if s[1] < end) for u, mine in asked.spans.items()}
    return replace(asked, values=asked.values[:, :end], spans=spans)


def test_who_keeps_the_table_of_each_time_sees_nothing_that_is_hidden_later() -> None:
    """Second quarter small: the first was shown, so the half must go, not the first."""
    filed = {"s1": [20.0, 2.0], "s2": [30.0, 9.0]}
    spans = dict.fromkeys(("c", "s1", "s2"), ((0, 0), (1, 1), (0, 1)))
    asked = grid(filed, {"c": ["s1", "s2"]}, 5, spans)
    assert protect(until(asked, 1)).hidden == {}
    hidden = protect(asked).hidden
    assert set(hidden) == {(unit, span) for unit in ("s1", "s2") for span in ((1, 1), (0, 1))}


def attacker_of(asked: Grid, found: Pattern, known: set[int]) -> Attacker:
    """Return who sees the table, and which hidden cells are small, and knows some rows."""
    reader = Attacker()
    for cell, value in found.values.items():
        why = found.hidden.get(cell)
        if why is None:
            reader.learn(numbers(asked, cell), value, value)
        elif found.unmarked or asked.limit < LEAST_MARKED:
            reader.learn(numbers(asked, cell), 1)
        elif why == "small":
            reader.learn(numbers(asked, cell), 1, asked.limit - 1)
        else:
            reader.learn(numbers(asked, cell), asked.limit)
    for row in known:
        for time, value in enumerate(asked.values[row]):
            reader.learn({(row, time): 1}, value, value)
    return reader


def numbers(asked: Grid, cell: Cell) -> dict[tuple[int, int], float]:
    """Return the filed numbers that a cell is the sum of."""
    unit, (first, last) = cell
    times = range(first, last + 1)
    return {(row, at): share for row, share in asked.parts[unit].items() for at in times}


def people_of(asked: Grid) -> Iterator[set[int]]:
    """Yield what a stranger knows, then the people of each unit."""
    yield set()
    for who in sorted(set().union(*asked.knowers) if asked.knowers else ()):
        yield {row for row, people in enumerate(asked.knowers) if who in people}


def assert_safe(asked: Grid, found: Pattern) -> None:
    """Fail where somebody can pin a hidden cell, or a small number that is shown nowhere."""
    small = [cell for cell, value in found.values.items() if 0 < value < asked.limit]
    assert set(small) <= set(found.hidden)
    filed = [
        (unit, (at, at))
        for unit, parts in asked.parts.items()
        for at in range(asked.values.shape[1])
        if len(parts) == 1 and 0 < asked.values[next(iter(parts))][at] < asked.limit
    ]
    for known in people_of(asked):
        reader = attacker_of(asked, found, known)
        for cell in dict.fromkeys([*found.hidden, *filed]):
            parts = numbers(asked, cell)
            nonzero = {row for (row, at) in parts if asked.values[row][at]}
            if not nonzero <= known:
                low, high = reader.bounds(parts)
                assert low < high, (cell, low, known, found.hidden)


def test_the_attack_finds_what_a_naive_table_tells() -> None:
    """The small one alone hidden, anybody has it; with one more, the people of that one do."""
    filed = {"s1": [2.0], "s2": [9.0], "s3": [30.0]}
    asked = grid(filed, {"c": list(filed)}, 5, people=True)
    small, beside = ("s1", (0, 0)), ("s2", (0, 0))
    naive = Pattern(protect(asked).values, {small: "small"})
    assert attacker_of(asked, naive, set()).bounds(numbers(asked, small)) == (2, 2)
    one_more = Pattern(naive.values, {small: "small", beside: "protects"})
    assert attacker_of(asked, one_more, set()).bounds(numbers(asked, small)) == (1, 4)
    assert attacker_of(asked, one_more, {1}).bounds(numbers(asked, small)) == (2, 2)


@st.composite
def bureaus(draw: st.DrawFn) -> Grid:
    """Draw a bureau of counties and stations over some times, and what is released of it."""
    children: dict[str, list[str]] = {"root": []}
    filed: dict[str, list[float]] = {}
    times = draw(st.sampled_from([1, 2, 4]))
    most = draw(st.sampled_from([3, 9, 25]))
    for county in range(draw(st.integers(1, 3))):
        name = f"c{county}"
        children["root"].append(name)
        children[name] = [f"{name}s{place}" for place in range(draw(st.integers(1, 4)))]
        for leaf in children[name]:
            counts = st.lists(st.integers(0, most), min_size=times, max_size=times)
            filed[leaf] = [float(n) for n in draw(counts)]
    every = [(a, b) for a in range(times) for b in range(a, times)]
    kinds = [tuple(draw(st.sets(st.sampled_from(every)))) for _ in range(3)]
    depth = {"root": 0} | dict.fromkeys(children["root"], 1) | dict.fromkeys(filed, 2)
    spans = {unit: tuple(sorted(kinds[at])) for unit, at in depth.items()}
    limit = draw(st.sampled_from([2, 3, 5, 10]))
    return grid(filed, children, limit, spans, people=draw(st.booleans()))


@settings(max_examples=40, deadline=None)
@given(bureaus())
def test_the_table_of_today_holds_those_of_before(asked: Grid) -> None:
    """So what was proved of the shown cells of one holds of all that were ever shown."""
    now = protect(asked)
    for end in range(1, asked.values.shape[1]):
        then = protect(until(asked, end))
        assert then.values == {c: n for c, n in now.values.items() if c[1][1] < end}
        assert then.hidden == {c: why for c, why in now.hidden.items() if c[1][1] < end}


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(bureaus())
def test_nobody_can_pin_a_hidden_number(asked: Grid) -> None:
    assert_safe(asked, protect(asked))
