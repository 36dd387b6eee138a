"""Is 1,234 a thousand or little more than one, and who decides?"""

from dataclasses import replace
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from data.definition_types import Catalog
from data.returns.flat import FlatFile, read_flat
from tests.data.returns.small_bureau import bureau

ROW = "Aba (N);2014;murder;"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return bureau(tmp_path_factory.mktemp("d"), "", layout="flat")


def read(folder: Path, catalog: Catalog, first: str, second: str, **options: str) -> FlatFile:
    path = folder / "table.csv"
    lines = ["unit;period;measure;value", ROW + first, f"Taipei City;2014;theft;{second}"]
    path.write_text("\n".join(lines) + "\n")
    return read_flat(path, replace(catalog.forms["f"], layout_options=options), catalog)


def said(found: FlatFile) -> list[tuple[str, str]]:
    return list(found.findings.select("severity", "rule").iter_rows())


@pytest.mark.parametrize("proof", ["12,5", "0,512", "1.234,50", "1234,567", "3,1416"])
def test_another_number_with_a_decimal_comma_stops_the_reading_as_thousands(
    tmp_path: Path, catalog: Catalog, proof: str
) -> None:
    found = read(tmp_path, catalog, "1,234", proof)
    assert said(found) == [("mandatory", "flat_either"), ("mandatory", "flat_comma")]
    assert f"as it does in '{proof}' (D3)" in found.findings["message_en"][0]


@pytest.mark.parametrize("proof", ["12.5", "1,234,567", "1,234.5", "12,34,567"])
def test_another_number_proves_that_commas_part_thousands(
    tmp_path: Path, catalog: Catalog, proof: str
) -> None:
    found = read(tmp_path, catalog, "1,234", proof)
    assert said(found) == []
    assert found.facts["value"][0] == 1234


def test_the_reading_is_named_where_nothing_tells(tmp_path: Path, catalog: Catalog) -> None:
    found = read(tmp_path, catalog, "1,234", "512")
    assert said(found) == [("query", "flat_thousands")]
    assert "'1,234' is read as 1234" in found.findings["message_en"][0]
    assert said(read(tmp_path, catalog, "1,234", "512", decimal="point")) == []
    # Of cases there are no thousandths.
    measures = {code: replace(item, decimals=0) for code, item in catalog.measures.items()}
    whole = replace(catalog, measures=measures)
    assert said(read(tmp_path, whole, "1,234", "512")) == []


def test_the_form_decides(tmp_path: Path, catalog: Catalog) -> None:
    found = read(tmp_path, catalog, "1,234", "1.234,5", decimal="comma")
    assert [row for row in said(found) if row[0] == "mandatory"] == []
    assert found.facts["value"].to_list() == [1.234, 1234.5]
    assert said(read(tmp_path, catalog, "12.5", "3", decimal="comma")) == [
        ("mandatory", "flat_text")
    ]
    with pytest.raises(ValueError, match="unknown word 'coma'"):
        read(tmp_path, catalog, "1", "2", decimal="coma")


def test_a_count_with_a_decimal_comma_is_refused(tmp_path: Path, catalog: Catalog) -> None:
    measures = {code: replace(item, decimals=0) for code, item in catalog.measures.items()}
    whole = replace(catalog, measures=measures)
    found = read(tmp_path, whole, "1,234", "5", decimal="comma")
    assert said(found) == [("mandatory", "flat_points")]


def test_numbers_of_a_workbook_are_stored_without_signs(tmp_path: Path, catalog: Catalog) -> None:
    book = openpyxl.Workbook()
    book.active.append(["unit", "period", "measure", "value"])
    book.active.append(["Aba (N)", "2014", "murder", 1.25])
    book.save(tmp_path / "t.xlsx")
    form = replace(catalog.forms["f"], layout_options={"decimal": "comma"})
    found = read_flat(tmp_path / "t.xlsx", form, catalog)
    assert found.findings.filter(pl.col("severity") != "info").height == 0
    assert found.facts["value"].to_list() == [1.25]


def test_decimal_commas_of_a_measure_are_said_once(tmp_path: Path, catalog: Catalog) -> None:
    path = tmp_path / "table.csv"
    lines = [f"Aba (N);{year};murder;{year - 2000},5" for year in range(2010, 2020)]
    path.write_text("\n".join(["unit;period;measure;value", *lines]) + "\n")
    found = read_flat(path, catalog.forms["f"], catalog)
    assert said(found) == [("mandatory", "flat_comma")]
    assert found.findings["message_en"][0].endswith("Cells like it: 10.")
