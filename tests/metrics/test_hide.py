"""Hidden cells of a tree of sums: never to be worked out from what is shown."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from metrics.hide import hide_cells, open_remainder

COUNTY = {"c": ["s1", "s2", "s3", "s4"]}


def test_nothing_is_hidden_when_every_cell_is_large_enough() -> None:
    assert hide_cells({"c": 40, "s1": 10, "s2": 10, "s3": 20}, COUNTY, 10) == {}


def test_one_small_cell_takes_the_next_smallest_with_it() -> None:
    counts = {"c": 61, "s1": 8, "s2": 22, "s3": 11, "s4": 20}
    assert hide_cells(counts, COUNTY, 10) == {"s1": "small", "s3": "protects"}


def test_small_cells_that_together_are_enough_need_no_other() -> None:
    counts = {"c": 47, "s1": 8, "s2": 9, "s3": 30}
    assert hide_cells(counts, COUNTY, 10) == {"s1": "small", "s2": "small"}


def test_small_cells_that_together_are_too_few_take_a_third() -> None:
    counts = {"c": 51, "s1": 4, "s2": 5, "s3": 12, "s4": 30}
    assert hide_cells(counts, COUNTY, 10) == {"s1": "small", "s2": "small", "s3": "protects"}


def test_nought_is_shown_and_protects_nothing() -> None:
    counts = {"c": 3, "s1": 3, "s2": 0, "s3": 0}
    assert hide_cells(counts, COUNTY, 5) == {"c": "small", "s1": "small"}


def test_the_parent_goes_when_no_sibling_can() -> None:
    tree = {"root": ["c", "d"], "c": ["s1", "s2"]}
    counts = {"root": 90, "c": 6, "s1": 3, "s2": 3, "d": 84}
    hidden = hide_cells(counts, tree, 5, known={"s2"})
    assert hidden == {"s1": "small", "c": "protects", "d": "protects"}


def test_a_hidden_parent_hides_a_child_so_that_they_do_not_sum_to_it() -> None:
    tree = {"root": ["c", "d"], "c": ["s1", "s2"], "d": []}
    counts = {"root": 30, "c": 26, "s1": 12, "s2": 14, "d": 4}
    assert hide_cells(counts, tree, 10) == {"d": "small", "c": "protects", "s1": "protects"}


def test_what_the_reader_sees_in_any_case_is_never_hidden() -> None:
    counts = {"c": 40, "s1": 3, "s2": 12, "s3": 25}
    assert hide_cells(counts, COUNTY, 5, known={"s1"}) == {}
    assert hide_cells(counts, COUNTY, 5, known={"s2"}) == {"s1": "small", "s3": "protects"}


@st.composite
def trees(draw: st.DrawFn) -> tuple[dict[str, list[str]], dict[str, float]]:
    """Draw a tree of a root, counties and stations with counts that add up."""
    children: dict[str, list[str]] = {"root": []}
    counts: dict[str, float] = {"root": 0}
    for county in range(draw(st.integers(1, 4))):
        name = f"c{county}"
        sizes = draw(st.lists(st.integers(0, 16), min_size=1, max_size=5))
        children["root"].append(name)
        children[name] = [f"{name}s{i}" for i in range(len(sizes))]
        counts |= dict(zip(children[name], sizes, strict=True))
        counts[name] = sum(sizes)
        counts["root"] += sum(sizes)
    return children, counts


def derivable(children: dict, counts: dict, hidden: dict) -> set[str]:
    """Return the hidden cells that linear algebra finds from all shown ones."""
    cells = sorted(hidden)
    rows = [
        [(c == parent) - (c in below) for c in cells]
        for parent, below in children.items()
        if parent in counts
    ]
    matrix = np.array(rows, dtype=float).reshape(len(rows), len(cells))
    _, size, right = np.linalg.svd(matrix)
    null = right[int((size > 1e-9).sum()) :]
    return {cell for i, cell in enumerate(cells) if not null.size or abs(null[:, i]).max() < 1e-9}


@given(trees(), st.sampled_from([3, 5, 10]))
def test_no_hidden_cell_follows_from_the_shown_ones(tree: tuple, threshold: int) -> None:
    children, counts = tree
    hidden = hide_cells(counts, children, threshold)
    assert all(cell in hidden for cell, count in counts.items() if 0 < count < threshold)
    assert derivable(children, counts, hidden) == set()


@given(trees(), st.sampled_from([3, 5, 10]))
def test_what_is_left_under_a_shown_parent_is_never_small(tree: tuple, threshold: int) -> None:
    children, counts = tree
    hidden = hide_cells(counts, children, threshold)
    for parent in set(children) - set(hidden):
        left = [
            open_remainder(child, counts, children, hidden)
            for child in children[parent]
            if child in hidden
        ]
        assert not left or sum(left) >= threshold


def test_shares_of_one_count_are_hidden_together() -> None:
    """3.6 and 5.4 are 40 % and 60 % of nine: who sees the one knows the other, and their county."""
    counts = {"c": 31, "d": 9, "d3": 5.4, "d4": 3.6, "e": 20, "own": 2}
    children = {"c": ["d", "e", "own"], "d": ["d3", "d4"]}
    alone = hide_cells(counts, children, 5)
    assert set(alone) == {"d", "d4", "own"}, "c less e is own and d, and d would be 5.4 / 0.6"
    tied = hide_cells(counts, children, 5, tied=[("d3", "d4")])
    assert set(tied) == {"d", "d3", "d4", "own"}
    seen = hide_cells(counts, children, 5, known=["d3"], tied=[("d3", "d4")])
    assert "d3" not in seen
