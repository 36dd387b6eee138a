"""Is every messy workbook of `messy/` read as a person would read it, cell by cell?"""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import coordinate_to_tuple, get_column_letter

from data.catalog import load_catalog
from data.checks.run import CheckedReturn
from data.returns.read import read_workbook
from data.returns.reading import Reading
from data.units import tree
from tests.data.returns.conftest import SOUND, TODAY, edited

FOLDER = Path(__file__).parent / "messy"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads(
    (FOLDER / "expected.toml").read_text(encoding="utf-8")
)
REFUSED = [name for name, entry in EXPECTED.items() if "refused" in entry]
READ = [name for name in EXPECTED if name not in REFUSED]
#: Where the base workbooks keep each figure: sheet, row, column.
SHEETS = {"M01": "接处警", "M03": "治安行政案件"}
PERSONS = ("张建国", "李红", "欧阳雪", "王小明", "13800138000", "13900139000")


def test_every_file_is_listed_and_there_are_enough() -> None:
    files = {path.name for path in FOLDER.iterdir() if path.suffix != ".toml"}
    assert files == set(EXPECTED)
    assert len(files) >= 40


def expected_facts(entry: dict[str, Any]) -> dict[tuple[str, str], tuple[float, str, str]]:
    """Return value, sheet and cell of each figure by unit and measure."""
    is_district = entry.get("base") == "district"
    found = {}
    for sheet, row, column, unit, measure, value in district() if is_district else station():
        said = entry.get("facts", {}).get(measure, value)
        if said == "none" or unit == entry.get("left_out") or sheet == entry.get("without"):
            continue
        place = entry.get("cells", {}).get(measure) or moved(entry, sheet, row, column)
        name = entry.get("renamed", {}).get(sheet, sheet)
        whose = entry.get("facts_are_for", {}).get(sheet, unit)
        found[(whose, measure)] = (float(said), name, place)
    for unit, row in entry.get("twice", {}).items():
        found |= {
            (f"{unit} again", m): (v, s, f"{get_column_letter(c)}{row}")
            for s, _, c, u, m, v in district()
            if u == unit
        }
    return found


def moved(entry: dict[str, Any], sheet: str, row: int, column: int) -> str:
    after, count = entry.get("opened", (10**6, 0))
    down, right = entry.get("shift", (0, 0)) if sheet == SHEETS["M01"] else (0, 0)
    row += down + (count if row > after and sheet == SHEETS["M01"] else 0)
    return f"{get_column_letter(column + right)}{row}"


def station() -> list[tuple[str, int, int, str, str, float]]:
    """Return the figures of the station's base workbook: by the codes in its third column."""
    book = openpyxl.load_workbook(FOLDER / "base_station.xlsx")
    return [
        (name, row, 4, "yz0101", code, SOUND[code])
        for name in SHEETS.values()
        for row in range(7, 25)
        if (code := book[name].cell(row, 3).value)
    ]


def district() -> list[tuple[str, int, int, str, str, float]]:
    """Return the figures of the district's base workbook: codes in row 7, units from row 8 on."""
    sheet = openpyxl.load_workbook(FOLDER / "base_district.xlsx")[SHEETS["M01"]]
    return [
        (SHEETS["M01"], row, column, sheet.cell(row, 1).value, code, SOUND[code])
        for row in range(8, 16)
        for column in range(3, 21)
        if (code := sheet.cell(7, column).value)
    ]


def places(written: list[str]) -> list[tuple[str, str, str]]:
    """Return rule (or note), sheet and cell of each; a range stands for all its cells."""
    found = []
    for line in written:
        rule, _, where = line.partition(" ")
        sheet, _, cells = where.rpartition("!")
        for cell in cells.split(","):
            first, _, last = cell.partition(":")
            if not last:
                found.append((rule, sheet, cell))
                continue
            (row, left), (_, right) = coordinate_to_tuple(first), coordinate_to_tuple(last)
            found += [(rule, sheet, f"{get_column_letter(c)}{row}") for c in range(left, right + 1)]
    return sorted(found)


@pytest.fixture(scope="module")
def verdict(check: Callable[..., CheckedReturn]) -> Callable[[str], CheckedReturn]:
    """Return the verdict on a file of the folder; each is read and checked once."""
    return cache(lambda name: check((FOLDER / name).read_bytes(), name=name))


@pytest.mark.parametrize("name", READ)
def test_a_messy_workbook_is_read_cell_by_cell(
    name: str, verdict: Callable[[str], CheckedReturn]
) -> None:
    entry = EXPECTED[name]
    checked = verdict(name)
    facts: dict[tuple[str, str], tuple[float, str, str]] = {}
    for row in checked.facts.iter_rows(named=True):
        unit = row["unit"]
        key = (f"{unit} again", row["measure"]) if (unit, row["measure"]) in facts else None
        facts[key or (unit, row["measure"])] = (row["value"], row["sheet"], row["cell"])
    assert facts == expected_facts(entry)
    other = checked.findings.filter(checked.findings["rule"] != "F07")
    assert sorted(other.select("rule", "sheet", "cell").rows()) == places(entry.get("findings", []))
    notes = [f"{n['key']} {n['sheet']}!{cells_of(n)}" for n in checked.reading.notes.to_dicts()]
    assert sorted(notes) == sorted(entry.get("notes", []))


def cells_of(note: dict[str, Any]) -> str:
    return "*" if note["key"] == "moved" else ",".join(note["cells"])


@pytest.mark.parametrize("name", READ)
def test_every_note_and_finding_speaks_both_languages(
    name: str, verdict: Callable[[str], CheckedReturn]
) -> None:
    findings = verdict(name).findings
    for column in ("message_zh", "message_en", "fix_zh", "fix_en"):
        assert findings.filter(findings[column].str.len_chars() < 4).is_empty()
        assert findings.filter(findings[column].str.contains(r"[{}]")).is_empty()


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_return_is_refused(name: str, read: Callable[..., Reading]) -> None:
    refusal = read((FOLDER / name).read_bytes(), name=name).refusal
    assert refusal is not None
    assert refusal[0] == f"returns.refused.{EXPECTED[name]['refused']}"


def test_no_name_and_no_number_of_a_person_is_kept(check: Callable[..., CheckedReturn]) -> None:
    name = "接处警 张建国 13800138000.xlsx"
    checked = check((FOLDER / "signed.xlsx").read_bytes(), name=name)
    kept = [
        checked.reading.source.name,
        checked.facts.write_csv(),
        checked.findings.write_csv(),
        *(getattr(checked.reading, frame).write_json() for frame in FRAMES),
    ]
    assert not [person for person in PERSONS if any(person in words for words in kept)]
    assert checked.reading.source.name == "接处警 *** ***.xlsx"


FRAMES = ("raw", "cells", "lines", "parts", "notes")


def test_a_former_code_is_read_as_the_present_one(station: bytes) -> None:
    catalog = load_catalog()
    theft = replace(catalog.measures["calls_theft"], formerly=("calls_stolen",))
    catalog = replace(catalog, measures={**catalog.measures, "calls_theft": theft})

    def old(book: openpyxl.Workbook) -> None:
        book["接处警"]["C16"], book["接处警"]["A16"] = "calls_stolen", "盗窃"

    reading = read_workbook(edited(station, old), catalog, tree(catalog), today=TODAY)
    assert reading.facts.filter(measure="calls_theft").row(0)[3:] == (9.0, "接处警", "D16")
    (note,) = reading.notes.to_dicts()
    assert (note["key"], note["cells"]) == ("former", ["C16"])


def test_an_earlier_version_is_read_where_the_form_says_so() -> None:
    catalog = load_catalog()
    newer = replace(catalog.forms["M01"], version=10, reads=(1, 9))
    catalog = replace(catalog, forms={**catalog.forms, "M01": newer})
    content = (FOLDER / "old_version.xlsx").read_bytes()
    reading = read_workbook(content, catalog, tree(catalog), today=TODAY)
    assert reading.parts["form_current"].all()
    assert ("old_version", "接处警", "A2") in reading.notes.select("key", "sheet", "cell").rows()
