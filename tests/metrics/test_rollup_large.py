"""Are the sums of many units those of few, though no matrix holds all their leaves?"""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from metrics import rolls
from metrics.compare import compare_figures
from metrics.cube import Cube, build_cube
from tests.metrics.small import cube, months, steady
from tests.metrics.structure import bureau, filed
from tests.metrics.test_cube_oracle import ASKED, CODES, world

UNITS = ["c", "a", "b", "a1", "a-own", "b2", "c-own"]


def answer(held: Cube, codes: list[str], units: list[str], asked: list) -> pl.DataFrame:
    return compare_figures(held, codes, units, asked, "quarter", ["yoy"])


def test_a_unit_is_summed_without_a_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolls, "MOST_CELLS", 0)
    held = cube({"calls_theft": steady(("a1", "a2", "b1"), "2024-01", "2024-03", 2.0)})
    found = answer(held, ["calls_theft"], ["c", "a", "b", "a2", "b2"], months("2024-03", "2024-03"))
    assert found["value"].to_list() == [18, 12, 6, 6, None]
    assert found["reported"].to_list() == [3, 2, 1, 1, 0]


def test_every_kind_of_figure_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    facts, held = world(7, 4, 0.15, True)
    expected = answer(held, CODES, UNITS, ASKED)
    monkeypatch.setattr(rolls, "MOST_CELLS", 0)
    assert_frame_equal(answer(build_cube(facts, held.catalog), CODES, UNITS, ASKED), expected)


@pytest.mark.parametrize("basis", ["now", "then", "matched"])
def test_a_changing_structure_gives_the_same(monkeypatch: pytest.MonkeyPatch, basis: str) -> None:
    units = """
        c
        a  | c
        b  | c
        a1 | a
        a2 | a to 2024-02, b
        a3 | a | to 2024-03
        b1 | b
        b2 | b | 2024-03 to
    """
    definitions = bureau(units, "2024-03: a3 = a1 0.4 + b2 0.6")
    facts = filed(
        "calls_theft",
        """
              | 2023-03 | 2024-01 | 2024-02 | 2024-03
        a1    | 3       | 5       | 4       | 6
        a2    | 2       |         | 7       | 1
        a3    | 10      | 9       | 11      |
        b1    | 1       | 1       |         | 2
        b2    |         |         |         | 8
        """,
    )
    asked = ["c", "a", "b", "a1", "a2", "b2"]
    span = months("2024-01", "2024-03")
    first = answer(build_cube(facts, definitions, basis=basis), ["calls_theft"], asked, span)
    monkeypatch.setattr(rolls, "MOST_CELLS", 0)
    second = answer(build_cube(facts, definitions, basis=basis), ["calls_theft"], asked, span)
    assert_frame_equal(first, second)
    assert first["value"].drop_nulls().sum() > 0
