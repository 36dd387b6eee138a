"""What is left of the grades when weights and items are chosen differently."""

from dataclasses import replace

import polars as pl
import pytest

from data.catalog import load_catalog
from data.definition_types import Scheme, SchemeDimension, SchemeItem, Text
from data.schema import SCORES, conform
from metrics.stability import judge_stability
from metrics.standing import STANDINGS

SCORES_OF = {"u1": (100, 100), "u2": (90, 90), "u3": (100, 40)}


def scheme(first: float = 50) -> Scheme:
    """Return a scheme of two items in two dimensions; good from 80, else pass."""
    known = load_catalog().schemes["station_prevention_first"]
    items = tuple(
        SchemeItem(code, code, weight, "goal_ratio", 1, "quarter", {"target": 100})
        for code, weight in (("one", first), ("two", 100 - first))
    )
    dimensions = tuple(SchemeDimension(i.dimension, Text("", ""), i.weight) for i in items)
    grades = tuple(
        replace(grade, share=None, minimum=minimum)
        for grade, minimum in zip(known.grades[1:3], (80, 0), strict=True)
    )
    return replace(known, items=items, dimensions=dimensions, grades=grades)


def frames(first: float = 50) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows, totals = [], []
    for unit, marks in SCORES_OF.items():
        for code, mark, weight in zip(("one", "two"), marks, (first, 100 - first), strict=True):
            rows.append(
                {
                    "scheme": "s", "round": "r", "unit": unit, "group": "A", "item": code,
                    "value": mark, "score": mark, "weight": weight,
                    "points": mark * weight / 100, "note": "",
                }
            )  # fmt: skip
        total = (marks[0] * first + marks[1] * (100 - first)) / 100
        totals.append(
            dict.fromkeys(STANDINGS)
            | {
                "unit": unit, "score": total, "error": 0.1, "bonus": 0.0, "deduction": 0.0,
                "grade": 0 if total >= 80 else 1, "vetoes": None,
            }
        )  # fmt: skip
    return conform(pl.DataFrame(rows), SCORES), pl.DataFrame(totals, schema=STANDINGS)


def test_leaving_an_item_out_moves_who_lived_on_it() -> None:
    # Equal weights: 100, 90, 70. Without two, the third has 100 and is good; without one it has 40.
    table = judge_stability(scheme(), *frames(), draws=50)
    items = table.filter(what="items").row(0, named=True)
    assert items["tries"] == 2
    assert items["kept"] == pytest.approx(5 / 6)
    assert (items["largest_shift"], items["weakest"]) == (2, "two")


def test_weights_moved_by_a_fifth_keep_a_clear_order() -> None:
    table = judge_stability(scheme(), *frames(), draws=50)
    weights = table.filter(what="weights").row(0, named=True)
    assert (weights["tries"], weights["kept"], weights["largest_shift"]) == (50, 1.0, 0)


def test_weights_moved_by_a_fifth_trouble_who_stands_at_the_line() -> None:
    # 100·0.66 + 40·0.34 = 79.6: under 80, but not by much.
    table = judge_stability(scheme(66), *frames(66), draws=200)
    weights = table.filter(what="weights").row(0, named=True)
    assert 0.7 < weights["kept"] < 1
    assert weights["weakest"] == "u3"


def test_ranks_in_place_of_scores() -> None:
    # Ranks of one: 1.5, 3, 1.5; of two: 1, 2, 3, that is 90, 60, 90 and 100, 80, 60 points.
    ranks = judge_stability(scheme(), *frames(), draws=5).filter(what="ranks").row(0, named=True)
    # Totals 95, 70, 75: the second was good and is not.
    assert (ranks["kept"], ranks["weakest"]) == (pytest.approx(2 / 3), "u2")


def test_a_single_unit_has_nothing_to_be_compared_with() -> None:
    scores, standings = frames()
    assert judge_stability(scheme(), scores, standings.head(1)).is_empty()
