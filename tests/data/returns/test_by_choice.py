"""Is a form that nobody owes filed by who wishes to, and missed by nobody?"""

from pathlib import Path

import polars as pl
import pytest

from data.access import OPERATOR
from data.catalog import Catalog
from data.checks.run import check_return
from data.checks.worker import Worker
from data.returns.due import cells_owed, forms_due, is_by_choice, owed_cells, sheets_of
from data.returns.gain import owed_pairs
from data.returns.read import read_workbook
from data.returns.template import write_template
from data.returns.template_set import forms_by_hand
from data.schema import FACTS
from data.units import Tree
from tests.data.returns.conftest import PERIOD, sound_values

FORM, STATION = "M09", "yz0101"
HISTORY = pl.DataFrame(schema=FACTS)


def values(**cells: float) -> pl.DataFrame:
    return pl.DataFrame(
        {"unit": [STATION] * len(cells), "measure": list(cells), "value": list(cells.values())},
        schema={"unit": pl.String, "measure": pl.String, "value": pl.Float64},
    )


def test_nobody_owes_it(catalog: Catalog, units: Tree) -> None:
    assert [code for code, form in catalog.forms.items() if is_by_choice(catalog, form)] == [FORM]
    assert FORM not in [form.code for form, _ in forms_due(catalog, units, STATION, PERIOD)]
    assert FORM not in owed_cells(catalog, units, OPERATOR, PERIOD, PERIOD)["form"].unique()
    assert owed_pairs(catalog, units, [FORM], "yz01", PERIOD) == frozenset()
    assert FORM not in forms_by_hand(catalog)


def test_it_may_be_filed_by_every_station(catalog: Catalog, units: Tree) -> None:
    (sheet,) = sheets_of(catalog, units, catalog.forms[FORM], STATION, PERIOD)
    assert sheet.expected == {(STATION, "crim_cohort_3m"), (STATION, "crim_cohort_12m")}
    assert sheet.required == frozenset()
    assert cells_owed([sheet]) == frozenset()


@pytest.mark.parametrize(
    "given", [{}, {"crim_cohort_3m": 4}, {"crim_cohort_3m": 4, "crim_cohort_12m": 9}]
)
def test_blank_or_half_filled_it_is_no_fault(
    catalog: Catalog, units: Tree, worker: Worker, tmp_path: Path, given: dict[str, float]
) -> None:
    path = tmp_path / "m09.xlsx"
    assert write_template(catalog, units, [FORM], STATION, PERIOD, path, None, values(**given)) == [
        FORM
    ]
    checked = check_return(read_workbook(path, catalog, units), catalog, units, HISTORY, worker)
    assert checked.findings.filter(pl.col("severity") == "mandatory").is_empty()
    filed = dict(checked.facts.drop_nulls("value").select("measure", "value").iter_rows())
    assert filed == given


def test_the_form_of_criminal_cases_is_what_it_was(
    catalog: Catalog, units: Tree, tmp_path: Path
) -> None:
    form = catalog.forms["M02"]
    assert (form.version, form.reads, len(form.measures)) == (1, (), 27)
    path = tmp_path / "m02.xlsx"
    write_template(catalog, units, ["M02"], STATION, PERIOD, path, None, sound_values())
    reading = read_workbook(path, catalog, units)
    assert list(reading.forms) == ["M02"]
    assert set(reading.cells["measure"]) == set(form.measures) - {
        code for code in form.measures if "station" not in catalog.measures[code].filers
    }
