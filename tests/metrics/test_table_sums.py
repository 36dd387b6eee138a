"""Are the totals and subtotals of a table found, and none that chance alone makes?"""

import numpy as np
import pytest

from metrics.table_sums import Sums, find_sums


def found(*lines: int, named: tuple[int, ...] = ()) -> Sums:
    return find_sums(np.array(lines, dtype=float)[:, None], named)


def test_sums_are_found_before_and_after_their_parts_and_by_name() -> None:
    assert found(100, 60, 4, 56, 40, 38, 2) == ((0, (1, 4)), (1, (2, 3)), (4, (5, 6)))
    assert found(7, 0, 7) == (), "the same once more is no sum"
    assert found(7, 0, 7, named=(2,)) == ((2, (0, 1)),)
    assert found(4, 56, 60, 40, 100, 9) == ((2, (0, 1)), (4, (2, 3)))
    assert found(4, 109, 56, 49, named=(1,)) == ((1, (0, 2, 3)),)


@pytest.mark.parametrize(
    ("lines", "named", "sums"),
    [
        ((1, 2, 3, 6), (3,), ((3, (0, 1, 2)),)),  # 1 + 2 = 3 is chance
        ((1, 2, 3, 6), (), ((3, (0, 1, 2)),)),
        ((6, 3, 2, 1), (0,), ((0, (1, 2, 3)),)),
        ((1, 2, 3, 6, 4, 5, 9, 15), (7,), ((3, (0, 1, 2)), (6, (4, 5)), (7, (3, 6)))),
        ((1, 2, 3, 4, 7, 17), (), ((5, (0, 1, 2, 3, 4)),)),  # so is 3 + 4 = 7
        ((1, 2, 9, 3, 3), (2,), ((2, (0, 1, 3, 4)),)),
        ((5, 7, 20), (), ()),
        ((0, 0, 0), (), ()),
        ((0, 0, 0), (2,), ((2, (0, 1)),)),
        ((4, 4), (1,), ((1, (0,)),)),
        ((4,), (), ()),
    ],
)
def test_the_sums_that_leave_the_fewest_lines_outside_are_taken(
    lines: tuple[int, ...], named: tuple[int, ...], sums: Sums
) -> None:
    assert found(*lines, named=named) == sums


def test_one_case_of_millions_is_no_rounding_and_a_sum_of_decimals_is() -> None:
    assert found(1_000_000, 2_000_000, 3_000_001) == ()
    assert found(1_000_000, 2_000_000, 3_000_001, named=(2,)) == ()
    for scale in (1.0, 1e8, 1e12):  # 0.1 + 0.2 is more than 0.3, 0.7 + 0.1 less than 0.8
        for parts in ((0.1, 0.2, 0.3), (0.7, 0.1, 0.8)):
            lines = np.array(parts)[:, None] * scale
            assert find_sums(lines) == ((2, (0, 1)),)


def test_a_sum_holds_in_every_column() -> None:
    lines = np.array([[1.0, 10], [2, 20], [3, 31], [6, 61]])
    assert find_sums(lines) == ((3, (0, 1, 2)),)
    lines[3, 1] = 60
    assert find_sums(lines) == ()


@pytest.mark.parametrize("seed", range(5))
def test_counties_and_the_city_are_found_among_small_counts_of_stations(seed: int) -> None:
    draw, lines, counties = np.random.default_rng(seed), list[np.ndarray](), dict[int, tuple]()
    for _ in range(4):
        stations = tuple(range(len(lines), len(lines) + 8))
        lines += list(draw.integers(1, 12, (8, 1)).astype(float))
        counties[len(lines)] = stations
        lines.append(np.sum([lines[at] for at in stations], axis=0))
    lines.append(np.sum([lines[at] for at in counties], axis=0))
    wanted = {**counties, len(lines) - 1: tuple(counties)}
    assert dict(find_sums(np.array(lines))) == wanted
