"""Does a form outlive LibreOffice, by which many offices open and save it?"""

import io
import subprocess
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from data.definition_types import Catalog
from data.returns.read import read_workbook
from data.returns.reading import Reading
from data.returns.template import write_template
from data.units import Tree
from tests.data.returns.conftest import PERIOD, TODAY, sound_values
from tests.data.returns.test_template import facts

LAST_YEAR = facts(
    *[("yz0101", "calls_total", f"2023-{m:02d}", 90 + m) for m in range(1, 11)],
    *[("yz0901", "calls_total", f"{y}-{m:02d}", 11) for y, m in ((2023, 10), (2024, 9))],
)
UNITS = {"unit": ("yz0101", ["M01", "M03"]), "collection": ("yz09", ["M01", "M03"])}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog, units: Tree) -> Path:
    """Return a folder with a unit form and a collection form, and as LibreOffice saves them."""
    base = tmp_path_factory.mktemp("round")
    for name, (unit, forms) in UNITS.items():
        values = sound_values(units.leaves(unit))
        path = base / f"{name}.xlsx"
        write_template(catalog, units, forms, unit, PERIOD, path, LAST_YEAR, values)
    for kind in ("xlsx", "ods"):
        subprocess.run(
            [
                *("soffice", "--headless", f"-env:UserInstallation=file://{base}/profile"),
                *("--convert-to", kind, "--outdir", str(base / kind)),
                *(str(base / f"{name}.xlsx") for name in UNITS),
            ],
            check=True,
            capture_output=True,
            timeout=240,
        )
    return base


def read(path: Path, catalog: Catalog, units: Tree) -> Reading:
    return read_workbook(path, catalog, units, today=TODAY)


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_identity_and_figures_come_through(
    name: str, kind: str, folder: Path, catalog: Catalog, units: Tree
) -> None:
    before = read(folder / f"{name}.xlsx", catalog, units)
    after = read(folder / kind / f"{name}.{kind}", catalog, units)
    assert after.refusal is None
    assert (after.unit, after.period, after.forms) == (before.unit, before.period, before.forms)
    assert after.facts.equals(before.facts)
    # Seven stations and the own level of a district, or one station, with 28 figures each.
    assert after.facts.height == {"unit": 28, "collection": 224}[name]
    assert after.parts.select("form_current", "head_agrees", "is_owed").to_numpy().all()
    assert after.ignored == ()
    assert set(after.notes["key"]) == ({"ods"} if kind == "ods" else set())


def inputs(sheet: Worksheet) -> set[str]:
    return {c.coordinate for row in sheet.iter_rows() for c in row if not c.protection.locked}


@pytest.mark.parametrize("name", UNITS)
def test_locks_checks_notes_and_pages_come_through(name: str, folder: Path) -> None:
    before = openpyxl.load_workbook(folder / f"{name}.xlsx")
    after = openpyxl.load_workbook(folder / "xlsx" / f"{name}.xlsx")
    assert after.sheetnames == before.sheetnames
    assert after["_hengjing"].sheet_state == "hidden"
    assert set(after.defined_names) == set(before.defined_names)
    for old, new in zip(before.worksheets[:-1], after.worksheets[:-1], strict=True):
        assert new.protection.sheet
        assert inputs(new) == inputs(old)
        assert (new.print_title_rows, new.print_title_cols) == (
            old.print_title_rows,
            old.print_title_cols,
        )
        assert [b.id for b in new.col_breaks.brk] == [b.id for b in old.col_breaks.brk]
        assert new.page_setup.orientation == old.page_setup.orientation
        assert stops(new) == stops(old)
        assert notes(new) == notes(old)
        assert {str(a.sqref) for a in new.conditional_formatting} == {
            str(a.sqref) for a in old.conditional_formatting
        }


def stops(sheet: Worksheet) -> dict[str, tuple]:
    """Return by cell what may be typed and what is said; areas may be joined or cut."""
    return {
        sheet.cell(row, column).coordinate: (
            *(rule.type, rule.errorStyle, rule.formula1.replace(" ", "")),
            rule.formula2 if rule.type != "custom" else None,
            *(rule.promptTitle, rule.prompt, rule.errorTitle, rule.error, rule.allow_blank),
        )
        for rule in sheet.data_validations.dataValidation
        for area in rule.sqref.ranges
        for row, column in area.cells
        if rule.type != "custom" or (row, column) == (area.min_row, area.min_col)
    }


def notes(sheet: Worksheet) -> dict[str, str]:
    return {c.coordinate: c.comment.text for row in sheet.iter_rows() for c in row if c.comment}


def test_the_formulas_of_a_form_come_out_right(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "xlsx" / "collection.xlsx", data_only=True)
    # Seven stations and the own level with 168 calls each.
    assert book["接处警"]["C16"].value == 168 * 8
    assert book["接处警对照"]["C16"].value == 11
    assert book["接处警对照"]["D16"].value in (None, "")
    unit = io.BytesIO((folder / "xlsx" / "unit.xlsx").read_bytes())
    sheet = openpyxl.load_workbook(unit, data_only=True)["接处警"]
    assert sheet["F7"].value == sum(90 + m for m in range(1, 11))
