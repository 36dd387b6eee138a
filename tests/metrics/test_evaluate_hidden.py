"""Does a round keep what the reader must not see, on every basis?"""

from dataclasses import replace

import polars as pl
import pytest

from data.access import Viewer
from data.definition_types import Catalog
from data.units import tree
from metrics.cube import Cube, build_cube
from metrics.disclose import suppress
from metrics.evaluate import RoundResult, score_round
from tests.metrics import small
from tests.metrics.test_disclose_basis import ANSWERS, moved
from tests.metrics.test_evaluate_basis import ITEMS, with_scheme

SEPTEMBER = "2024-09"
WELLBEING = replace(ITEMS[0], indicator="wb_overall_score", weight=20, window="wave",
                    params={"good": 90, "bad": 50})  # fmt: skip


def surveyed(mean: float) -> tuple[Catalog, pl.DataFrame]:
    """Return a bureau where a3, of 8 answers, moved after a survey, with a wellbeing item."""
    items = (replace(ITEMS[0], weight=80), WELLBEING)
    definitions = with_scheme(moved(), items, level="county", assessor="city")
    table: dict[str, dict] = {
        "wb_overall_score": {}, "wb_responded": {}, "wb_invited": {}, "wb_overall_sd": {},
        "calls_dispatch_urgent": {}, "calls_arrived_5min": {},
    }  # fmt: skip
    for unit, n in ANSWERS.items():
        value = mean if unit == "a3" else 60.0
        for measure, number in zip(table, (value, n, n + 5, 10, 100, 90), strict=True):
            table[measure][unit] = {SEPTEMBER: float(number)}
    return definitions, small.facts(table)


@pytest.mark.parametrize("basis", ["then", "matched"])
def test_a_hidden_item_counts_as_missing_and_the_total_does_not_tell_it(basis: str) -> None:
    def of(mean: float, shown: bool) -> RoundResult:
        definitions, facts = surveyed(mean)
        cube: Cube = build_cube(facts, definitions, basis=basis)
        public = Viewer("reader", "leader", "c", None)

        def hide(figures: pl.DataFrame) -> pl.DataFrame:
            return suppress(figures, definitions, tree(definitions), public, cube)

        return score_round(cube, definitions, "own", "2024Q3", hide=None if shown else hide)

    low, high = of(20, shown=False), of(95, shown=False)
    assert low.scores.equals(high.scores)
    assert low.standings.equals(high.standings)
    row = low.scores.filter(unit="a", item="wb_overall_score").row(0, named=True)
    assert (row["value"], row["score"], row["weight"], row["note"]) == (None, None, 0, "hidden")
    assert low.standings.filter(unit="a")["missing_weight"].item() == 20
    assert not of(20, shown=True).scores.equals(of(95, shown=True).scores)


def test_on_now_the_item_is_hidden_where_figures_hide_it() -> None:
    definitions, facts = surveyed(20)
    definitions = with_scheme(definitions, (ITEMS[0], WELLBEING))
    cube = build_cube(facts, definitions)

    def hide(figures: pl.DataFrame) -> pl.DataFrame:
        return suppress(figures, definitions, tree(definitions), None, cube)

    found = score_round(cube, definitions, "own", "2024Q3", hide=hide)
    notes = dict(found.scores.filter(item="wb_overall_score").select("unit", "note").rows())
    assert notes["a3"] == "hidden"
    assert notes["a1"] is None
