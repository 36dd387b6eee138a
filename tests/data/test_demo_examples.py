"""Are the example workbooks what they say: one faulty in the usual ways, one mended?"""

from pathlib import Path

import polars as pl
import pytest

from data.catalog import Catalog, load_catalog
from data.checks.run import check_return
from data.demo.examples import UNIT, write_examples
from data.demo.generate import generate_facts
from data.returns.read import read_workbook
from data.returns.reading import Reading
from data.units import tree

COMMITTED = Path(__file__).resolve().parents[2] / "data" / "examples" / "demo"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def findings(reading: Reading, catalog: Catalog) -> pl.DataFrame:
    """Return what the rules between cells find, the station's history known."""
    history = generate_facts(catalog).filter(pl.col("unit") == UNIT)
    history = history.with_columns(definition=pl.lit(1, pl.Int64))
    return check_return(reading, catalog, tree(catalog), history, None).findings


def test_the_committed_workbooks_are_the_ones_that_the_command_writes(
    catalog: Catalog, tmp_path: Path
) -> None:
    for path in write_examples(tmp_path, catalog):
        fresh, kept = (
            read_workbook(place, catalog, tree(catalog)).cells
            for place in (path, COMMITTED / path.name)
        )
        assert kept.equals(fresh), f"{path.name} is out of date: python -m data.demo.examples"


def test_the_faulty_one_breaks_sums_and_order_and_holds_a_guess_and_a_blank(
    catalog: Catalog,
) -> None:
    reading = read_workbook(COMMITTED / f"{UNIT}_2024-10_faulty.xlsx", catalog, tree(catalog))
    found = findings(reading, catalog).filter(pl.col("severity") == "mandatory")
    assert found["rule"].to_list() == ["R01", "R02", "R04"]
    cells = reading.cells
    assert cells.filter(pl.col("fault") != "")["measure"].to_list() == ["crim_recorded"]
    blank = cells.filter(pl.col("is_required"), pl.col("kind") == "empty")
    assert blank["measure"].to_list() == ["com_hours_total"]


def test_the_mended_one_has_nothing_to_correct(catalog: Catalog) -> None:
    reading = read_workbook(COMMITTED / f"{UNIT}_2024-10_mended.xlsx", catalog, tree(catalog))
    assert reading.cells.filter(pl.col("fault") != "").is_empty()
    assert findings(reading, catalog).is_empty()
