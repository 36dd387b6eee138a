"""Tables with totals: as few cells hidden as the reference finds, and none of them pinned."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import table_hide
from metrics.table_cells import Table, intervals, pinned, small_cells, totalled
from metrics.table_hide import hide_table
from metrics.table_sums import find_sums
from tests.metrics.attacker import Attacker

REFERENCE = json.loads(
    (Path(__file__).parent / "reference" / "suppression_examples.json").read_text(encoding="utf-8")
)
PLAIN = [name for name in REFERENCE if "table" in REFERENCE[name]]
PEER = [name for name in REFERENCE if "result" in REFERENCE[name]]


def table_of(example: dict) -> Table:
    return totalled(np.array(example["table"]), threshold=5)


def primary_of(example: dict) -> np.ndarray:
    found = np.zeros(np.shape(example["table"]), dtype=bool)
    for row, column in example["primary"]:
        found[row, column] = True
    return found


@pytest.mark.parametrize("name", PLAIN)
def test_the_reference_s_optimum_is_found_with_its_bounds(name: str) -> None:
    example = REFERENCE[name]
    table, primary = table_of(example), primary_of(example)
    hidden = hide_table(table, primary)
    best = example["optimal"][0]
    more = hidden & ~primary
    assert np.argwhere(more).tolist() == best["secondary"]
    assert table.values[more].sum() == best["cost"]
    expected = {tuple(map(int, at.split(","))): ends for at, ends in best["intervals"].items()}
    found = intervals(table, hidden)
    assert found.keys() == expected.keys()
    for cell, ends in expected.items():
        assert found[cell] == pytest.approx(ends, abs=1e-9)


def test_the_small_cells_and_what_they_tell_alone_are_the_reference_s() -> None:
    example = REFERENCE["stations_5x4_threshold5"]
    table = table_of(example)
    assert np.argwhere(small_cells(table)).tolist() == example["primary"]
    alone = intervals(table, small_cells(table))
    expected = example["naive_primary_only_intervals"]
    assert {f"{row},{column}": list(ends) for (row, column), ends in alone.items()} == expected


@pytest.mark.parametrize("name", PEER)
def test_the_peer_hides_as_many_and_leaves_the_same_bounds(name: str) -> None:
    example = REFERENCE[name]
    table = table_of(REFERENCE["stations_5x4_threshold5"])
    hidden = hide_table(table, small_cells(table))
    assert int(hidden.sum()) == example["n_suppressed"]
    found = intervals(table, hidden)
    for at, ends in example["own_lp_audit"].items():
        assert found[tuple(map(int, at.split(",")))] == pytest.approx(ends, abs=1e-9)


@pytest.mark.parametrize("name", PLAIN)
def test_in_turn_is_as_cheap_on_the_reference(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large tables are not solved at once; on the small ones both ways come to the same."""
    monkeypatch.setattr(table_hide, "EXACT_UP_TO", 0)
    example = REFERENCE[name]
    table, primary = table_of(example), primary_of(example)
    more = hide_table(table, primary) & ~primary
    assert table.values[more].sum() == example["optimal"][0]["cost"]


def test_quarters_half_years_and_years_are_one_system() -> None:
    """A hidden quarter does not follow from its half year; the half of the hidden pair may show."""
    quarters = np.array([[3.0, 10, 13, 8, 9, 17, 30], [20, 7, 27, 4, 11, 15, 42]])
    values = np.vstack([quarters, quarters.sum(axis=0)])
    table = Table(values, find_sums(values), find_sums(values.T), threshold=5)
    assert table.down == ((2, (0, 1)),)
    assert table.across == ((2, (0, 1)), (5, (3, 4)), (6, (2, 5)))
    hidden = hide_table(table, small_cells(table))
    assert hidden.astype(int).tolist() == [
        [1, 1, 0, 1, 1, 0, 0], [1, 1, 0, 1, 1, 0, 0], [0, 0, 0, 0, 0, 0, 0],
    ]  # fmt: skip
    assert pinned(table, hidden) == []


def test_a_table_without_totals_hides_its_small_cells_only() -> None:
    table = Table(np.array([[3.0, 9.0], [7.0, 0.0]]), (), (), threshold=5)
    assert hide_table(table, small_cells(table)).tolist() == [[True, False], [False, False]]


def test_a_table_without_room_says_what_it_cannot_protect() -> None:
    """One cell besides its noughts: row, column and table are that cell."""
    table = totalled(np.array([[0.0, 0, 0], [0, 3, 3], [0, 3, 3]]), 5)
    hidden = hide_table(table, small_cells(table))
    assert hidden.tolist() == [[False] * 3, [False, True, True], [False, True, True]]
    assert pinned(table, hidden) == []
    narrow = totalled(table.values, 5, marked=True)
    assert pinned(narrow, hide_table(narrow, small_cells(narrow))) == [], "1 to 4 is no point"


def test_who_knows_what_is_small_is_held_off_too() -> None:
    """Two cells of 4 in a shown line of 8: who knows that both are small knows both."""
    values = np.array([[4.0, 4, 30, 38], [9, 9, 30, 48], [13, 13, 60, 86]])
    for marked, least in ((False, 2), (True, 3)):
        table = totalled(values, 5, marked)
        hidden = hide_table(table, small_cells(table))
        assert int(hidden[0, :3].sum()) >= least
        assert pinned(table, hidden) == []


def below(row: int, column: int, rows: int, columns: int) -> dict[tuple[int, int], float]:
    """Return the inner cells that a cell is the sum of: itself, or of a total all it totals."""
    across = range(rows) if row == rows else [row]
    down = range(columns) if column == columns else [column]
    return {(r, c): 1.0 for r in across for c in down}


COUNTS = st.sampled_from([0.0, 1, 3, 7, 12, 30])


@settings(max_examples=25, deadline=None)
@given(
    st.integers(2, 5).flatmap(
        lambda n: st.lists(st.lists(COUNTS, min_size=n, max_size=n), min_size=2, max_size=5)
    ),
    st.booleans(),
    st.sampled_from([0, 10**9]),
)
def test_no_small_cell_is_pinned(inner: list[list[float]], marked: bool, at_once: int) -> None:
    rows, columns = len(inner), len(inner[0])
    whole = np.vstack([inner, np.sum(inner, axis=0)])
    table = totalled(np.hstack([whole, whole.sum(axis=1, keepdims=True)]), 5, marked)
    kept, table_hide.EXACT_UP_TO = table_hide.EXACT_UP_TO, at_once
    try:
        hidden = hide_table(table, small_cells(table))
    finally:
        table_hide.EXACT_UP_TO = kept
    reader = Attacker(whole=False)
    for (row, column), value in np.ndenumerate(table.values):
        parts = below(row, column, rows, columns)
        if not hidden[row, column]:
            reader.learn(parts, value, value)
        elif marked:
            reader.learn(parts, *((1, 4) if value < 5 else (5,)))
    named = set(pinned(table, hidden))
    for row, column in np.argwhere(small_cells(table)).tolist():
        low, high = reader.bounds(below(row, column, rows, columns))
        assert low < high or (row, column) in named
