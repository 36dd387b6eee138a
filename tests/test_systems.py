"""Does docs/systems.md say truly where each of the 26 systems is seen?"""

import re
from pathlib import Path

import pytest

from data.catalog import Catalog, load_catalog

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "systems.md"
# How many systems each of the five source documents describes.
SYSTEMS = {"000": 5, "001": 7, "002": 5, "003": 4, "004": 5}


def table_rows() -> list[list[str]]:
    lines = [line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def codes_of(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def test_all_26_systems_are_listed_in_order() -> None:
    rows = table_rows()
    assert [int(row[0]) for row in rows] == list(range(1, 27))
    sources = [row[1] for row in rows]
    assert {source: sources.count(source) for source in SYSTEMS} == SYSTEMS
    assert len({row[2] for row in rows}) == 26


def test_every_code_exists(catalog: Catalog) -> None:
    checks = (ROOT / "data" / "definitions" / "evaluation.toml").read_text("utf-8")
    for row in table_rows():
        filed = codes_of(row[3])
        assert filed, row[2]
        for code in filed + codes_of(row[4]):
            if code.startswith("W-"):
                assert code in checks, f"{row[2]}: no evaluation check {code}"
            else:
                known = code in catalog.indicators or code in catalog.schemes
                assert known, f"{row[2]}: {code} is in no catalogue"


def test_what_is_computed_comes_from_measures_that_are_filed(catalog: Catalog) -> None:
    for row in table_rows():
        for code in codes_of(row[3]):
            if code in catalog.indicators:
                assert code in catalog.measures, f"{row[2]}: {code} is computed, not filed"


def test_every_page_named_exists() -> None:
    text = DOCUMENT.read_text("utf-8")
    pages = dict(re.findall(r"\[([^\]]+)\]\(\.\./(pages/[a-z_]+\.py)\)", text))
    assert len(pages) >= 7
    for name, path in pages.items():
        assert (ROOT / path).is_file(), f"{name}: {path}"
    for row in table_rows():
        assert set(row[5].split(", ")) <= set(pages), row[2]


def test_a_system_said_to_be_on_the_overview_has_an_indicator_there(catalog: Catalog) -> None:
    shown = {*catalog.bureau.headline, *catalog.bureau.matrix}
    parts = {
        part
        for code in shown
        for part in (
            code,
            *catalog.indicators[code].numerator,
            *catalog.indicators[code].denominator,
        )
    }
    for row in table_rows():
        if "Overview" in row[5]:
            assert parts & {*codes_of(row[3]), *codes_of(row[4])}, row[2]


def test_each_row_says_what_is_left_out() -> None:
    assert all(len(row) == 7 and row[6] for row in table_rows())
