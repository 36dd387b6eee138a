"""Has every point of a chart of any table its sentence, in both languages?"""

import itertools
import re

import polars as pl
import pytest

from metrics.rare_points import RARE_POINTS, cause_of
from metrics.spc import DIRECTIONS, SPC_POINTS, TYPES, Chart, point_type, spc_series
from metrics.spc_words import chart_words

#: Side, points taken together, and their cases.
FEW = [(1, 1, 9.0), (-1, 1, 0.0), (1, 4, 20.0), (-1, 4, 1.0), (-1, 9, 0.0), (0, 1, 2.0)]


def told(row: dict, way: str, target: float | None, lang: str, schema: pl.Schema) -> str:
    rows = [
        dict.fromkeys(schema) | row | {"series": "a", "x": f"week {n}", "y": 3.0, "rebase_group": 0}
        for n in range(3)
    ]
    points = pl.DataFrame(rows, schema=schema, orient="row")
    reading = spc_series(points, {"a": Chart(way, target)}).row(0, named=True)
    sentence = chart_words(reading, points, lang)
    assert "week 2" in sentence, "it speaks of the last point"
    return sentence


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_cause_direction_target_and_short_series(lang: str) -> None:
    said = set()
    causes = [("Common Cause", 0)] + [
        (words, side) for both in TYPES.values() for words, side in zip(both, (1, -1), strict=True)
    ]
    targets = (None, 1.0, 3.0, 9.0)
    for (cause, side), way, target, short in itertools.product(
        causes, DIRECTIONS, targets, (False, True)
    ):
        row = {
            "mean": 3.0, "lpl": 2.0, "upl": 4.0, "special_cause_type": cause,
            "special_cause_flag": side != 0, "point_type": point_type(side, way),
            "short_group_warning": short,
        }  # fmt: skip
        sentence = told(row, way, target, lang, SPC_POINTS)
        assert not re.search(r"[{}]|None", sentence)
        assert bool(re.search("[\u4e00-\u9fff]", sentence)) == (lang == "zh")
        said.add(sentence)
    # 8 causes that are good, bad (with 3 targets or none) or neither: 8 · (4 + 4 + 1);
    # no cause: none, and a target at 1, 3 or 9 that is met, missed or both: 6; short or not
    assert len(said) == (8 * 9 + 6) * 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_reading_of_few_cases(lang: str) -> None:
    said = set()
    for (side, points, cases), way, kind in itertools.product(FEW, DIRECTIONS, ("c", "p")):
        row = {
            "mean": 2.0, "lpl": 0.0, "upl": 6.0,
            "special_cause_type": cause_of(side, points, cases), "special_cause_flag": side != 0,
            "point_type": point_type(side, way), "chart": kind, "points": points, "cases": cases,
            "expected": 4.44, "chance": 0.001,
        }  # fmt: skip
        sentence = told(row, way, None, lang, RARE_POINTS)
        assert not re.search(r"[{}]|None|[02-9] case\b|\b1 cases", sentence)
        said.add(sentence)
    # four signals that are good, bad or neither, of counts and of shares; quiet points of no unit;
    # and no signal
    assert len(said) == 4 * 3 * 2 + 3 + 2
