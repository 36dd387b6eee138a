"""Does everybody below a unit get the own workbook, under a name that every system takes?"""

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from data.access import OPERATOR, viewer_for
from data.catalog import load_catalog
from data.definition_types import Catalog
from data.returns.read import read_workbook
from data.returns.template_set import allowed_name, district_templates, forms_by_hand
from data.said import SpokenError
from data.units import Tree
from tests.data.returns.conftest import PERIOD, SOUND, TODAY, sound_values
from tests.data.returns.test_template import SPLIT


def opened(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_each_filing_unit_of_a_district_gets_its_own_workbook(
    catalog: Catalog, units: Tree
) -> None:
    viewer = viewer_for(catalog, "minghu_reviewer")
    content = district_templates(
        viewer, catalog, units, ["M01", "M03"], "yz01", PERIOD, values=sound_values()
    )
    files = opened(content)
    # What is pooled from small stations is filed by the city's own level, not here.
    expected = [unit for unit in units.leaves("yz01") if not units.is_pooled(unit)]
    assert [name.split("_")[0] for name in files] == expected
    assert list(files)[0] == "yz0101_湖滨路派出所_2024年10月.xlsx"
    for name, book in files.items():
        reading = read_workbook(book, catalog, units, today=TODAY)
        assert (reading.unit, reading.period) == (name.split("_")[0], PERIOD)
        assert reading.forms == ("M01", "M03")
        figures = dict(reading.facts.select("measure", "value").iter_rows())
        assert figures == (SOUND if reading.unit == "yz0101" else {})


def test_a_workbook_of_the_set_is_the_one_that_the_unit_fetches(
    catalog: Catalog, units: Tree
) -> None:
    month = dt.date(2024, 9, 1)
    files = opened(
        district_templates(OPERATOR, catalog, units, ["M01"], "yz02", month, SPLIT, lang="en")
    )
    name = "yz0218_Kejiyuan Police Station_2024-09.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(files[name])).worksheets[0]
    assert sheet["F7"].value == 480
    assert "an estimate: 55% of Gaoxin Police Station." in sheet["F7"].comment.text


def test_closed_units_and_those_that_owe_nothing_are_left_out(
    catalog: Catalog, units: Tree
) -> None:
    early = opened(
        district_templates(OPERATOR, catalog, units, ["M01"], "yz01", dt.date(2024, 2, 1))
    )
    assert not any(name.startswith("yz0114") for name in early)
    # Road traffic is filed by the district's own level alone.
    traffic = opened(district_templates(OPERATOR, catalog, units, ["M06"], "yz01", PERIOD))
    assert [name.split("_")[0] for name in traffic] == ["yz01-own"]
    with pytest.raises(SpokenError, match="owes anything"):
        district_templates(OPERATOR, catalog, units, ["Q01"], "yz01", PERIOD)


def test_nobody_gets_forms_of_units_out_of_sight(catalog: Catalog, units: Tree) -> None:
    for user, unit in (("minghu_reviewer", "yz02"), ("hubinlu_statistician", "yz01")):
        with pytest.raises(SpokenError, match="outside the scope"):
            district_templates(viewer_for(catalog, user), catalog, units, ["M01"], unit, PERIOD)
    mine = viewer_for(catalog, "hubinlu_statistician")
    assert len(opened(district_templates(mine, catalog, units, ["M01"], "yz0101", PERIOD))) == 1


def test_forms_that_are_no_workbooks_are_not_offered(catalog: Catalog) -> None:
    by_choice = "M09"  # owed by nobody, fetched by its own name
    assert forms_by_hand(catalog) == [code for code in catalog.forms if code != by_choice]
    london = load_catalog(Path("data/examples/london/definitions"))
    assert forms_by_hand(london) == []


@pytest.mark.parametrize(
    ("written", "allowed"),
    [
        ("a<b>c:d", "a b c d"),
        ("NUL.2024-10", "_NUL.2024-10"),
        ("name. ", "name"),
        ("???", "_"),
        ("一" * 200, "一" * 120),
    ],
)
def test_names_are_such_as_windows_takes(written: str, allowed: str) -> None:
    assert allowed_name(written) == allowed
