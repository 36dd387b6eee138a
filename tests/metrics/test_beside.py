"""Does a reviewer see where each figure of a return usually lies, without a judgement?"""

import datetime as dt

import polars as pl

from data.catalog import load_catalog
from data.periods import add_months
from data.schema import FACTS
from data.units import tree
from metrics.beside import most_unusual, read_beside

OCTOBER = dt.date(2024, 10, 1)
STATION = "yz0101"
CELLS = {
    "measure": pl.String,
    "definition": pl.Int64,
    "unit": pl.String,
    "period": pl.Date,
    "value": pl.Float64,
    "sheet": pl.String,
    "cell": pl.String,
}


def cells(*values: tuple[str, float]) -> pl.DataFrame:
    rows = [
        (code, 1, STATION, OCTOBER, value, "S", f"C{at}") for at, (code, value) in enumerate(values)
    ]
    return pl.DataFrame(rows, schema=CELLS, orient="row")


def history(values: dict[str, list[float]]) -> pl.DataFrame:
    """Return facts of the months before October 2024, the last value that of September."""
    rows = [
        (code, 1, STATION, add_months(OCTOBER, -back), value, "S", "C1")
        for code, numbers in values.items()
        for back, value in zip(range(len(numbers), 0, -1), numbers, strict=True)
    ]
    frame = pl.DataFrame(rows, schema=CELLS, orient="row")
    missing = [pl.lit(None, kind).alias(name) for name, kind in FACTS.items() if name not in CELLS]
    return frame.with_columns(missing).select(FACTS.names())


def read(found: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    catalog = load_catalog()
    return read_beside(found, facts, catalog, tree(catalog), OCTOBER)


def test_a_figure_far_from_the_units_own_history_is_above_or_below() -> None:
    steady = [100.0, 104.0] * 17
    found = read(
        cells(("calls_valid", 300.0), ("calls_theft", 101.0)),
        history({"calls_valid": steady, "calls_theft": steady}),
    )
    assert found.select("measure", "side").rows() == [("calls_valid", 1), ("calls_theft", 0)]
    # The year before is 100, 104, …: mean 102, moving range 4, so limits 102 ± 2.66 × 4.
    limits = found.select("lower", "upper").row(0)
    assert [round(limit, 2) for limit in limits] == [91.36, 112.64]
    low = read(cells(("calls_valid", 50.0)), history({"calls_valid": steady}))
    assert low["side"].to_list() == [-1]


def test_what_is_filed_takes_the_place_of_what_is_approved() -> None:
    facts = history({"calls_valid": [100.0, 104.0] * 17})
    approved = facts.tail(1).with_columns(period=pl.lit(OCTOBER), value=pl.lit(102.0))
    found = read(cells(("calls_valid", 300.0)), pl.concat([facts, approved]))
    assert found.select("value", "record", "side").rows() == [(300.0, 102.0, 1)]


def test_a_short_history_gives_no_range() -> None:
    found = read(cells(("calls_valid", 300.0)), history({"calls_valid": [100.0, 104.0]}))
    assert found.select("lower", "upper", "side").rows() == [(None, None, None)]
    assert found.select("before", "since_before").rows() == [(104.0, 196.0)]


def test_a_return_without_figures_has_no_rows() -> None:
    assert read(cells(), history({"calls_valid": [1.0]})).is_empty()


def test_revised_figures_lead_then_unusual_ones_then_those_that_moved() -> None:
    rows = pl.DataFrame(
        {
            "measure": ["still", "moved", "out", "revised"],
            "value": [5.0, 12.0, 30.0, 8.0],
            "before": [5.0, 4.0, 29.0, 8.0],
            "since_before": [0.0, 8.0, 1.0, 0.0],
            "record": [None, None, 30.0, 9.0],
            "side": [0, None, 1, 0],
        }
    )
    assert most_unusual(rows)["measure"].to_list() == ["revised", "out", "moved", "still"]
