"""Does a proposed form read, unchanged, the numbers of the workbook that it was drafted from?"""

import csv
import datetime as dt
import tomllib
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from data.catalog import load_catalog
from data.returns.draft import draft_form
from data.returns.draft_folder import write_draft, write_folder
from data.returns.draft_toml import comment, line, literal, quoted, word
from data.returns.flat import FlatFile, read_flat
from data.returns.template import write_template
from data.units import tree

HERE = Path(__file__).resolve().parent.parent.parent.parent
REAL = HERE.parent / "shared" / "real"


def book(path: Path, **sheets: list[list]) -> Path:
    """Write a workbook of sheets given as rows."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


def drafted(file: Path, tmp_path: Path, unit: str | None = None, period: str = "") -> FlatFile:
    """Draft a definitions folder from a file, load it, and read the file by it."""
    folder = tmp_path / "definitions"
    draft = draft_form(file, None)
    write_folder(draft, folder, "en")
    catalog = load_catalog(folder)
    month = dt.date.fromisoformat(f"{period}-01") if period else None
    found = read_flat(file, catalog.forms[draft.code], catalog, unit, month)
    bad = found.findings.filter(pl.col("severity") == "mandatory")
    assert bad.height == 0, bad["message_en"].to_list()[:5]
    return found


def sums(found: FlatFile) -> list[float]:
    return sorted(found.facts["value"].to_list())


COLLECTION = [
    ["Monthly return of the stations", None, None],
    ["Unit: cases", None, None],
    [],
    ["Station", "Reported", "Cleared"],
    ["North", 12, 5],
    ["South", 30, 11],
    ["Total", 42, 16],
    ["Note: figures are provisional.", None, None],
]


def test_rows_of_units_and_columns_of_measures(tmp_path: Path) -> None:
    found = drafted(book(tmp_path / "cases 2024-10.xlsx", Return=COLLECTION), tmp_path)
    assert sums(found) == [5, 11, 12, 30]
    assert set(found.facts["period"]) == {dt.date(2024, 10, 1)}
    assert set(found.facts["measure"]) == {"reported", "cleared"}


def test_a_list_of_named_places_is_one_of_units(tmp_path: Path) -> None:
    places = [[f"P{n}", f"Place {chr(65 + n)}", f"D{n // 3}", 100 + n, 1.5 * n] for n in range(12)]
    heads = ["code", "name", "district_code", "people", "area"]
    found = drafted(book(tmp_path / "places 2022-03.xlsx", List=[heads, *places]), tmp_path)
    assert set(found.facts["measure"]) == {"people", "area"}
    assert found.facts["unit"].n_unique() == 12
    assert sums(found) == sorted([100.0 + n for n in range(12)] + [1.5 * n for n in range(12)])


def test_two_spellings_of_a_name_are_one_unit(tmp_path: Path) -> None:
    rows = [
        ["Station", "Month", "Cases"],
        *(["North & East", f"2024-{n:02d}", n] for n in range(1, 5)),
        *(["North and East", f"2024-{n:02d}", n] for n in range(5, 9)),
        *(["South", f"2024-{n:02d}", n] for n in range(1, 9)),
    ]
    found = drafted(book(tmp_path / "a.xlsx", List=rows), tmp_path)
    assert found.facts["unit"].n_unique() == 2
    assert sums(found) == sorted([*range(1, 9), *range(1, 9)])


def test_a_matrix_of_row_codes_and_column_codes_under_merged_headings(tmp_path: Path) -> None:
    rows = [
        ["Форма № 7", None, None, None, None],
        ["Показатели", None, "Код", "Зарегистрировано", None],
        [None, None, None, "всего", "раскрыто"],
        ["А", None, "Б", 1, 2],
        ["Всего", None, 1, 90, 40],
        ["из них", "кражи", 2, 60, 25],
        [None, "грабежи", 3, 30, 15],
    ]
    found = drafted(book(tmp_path / "form7.xlsx", R1=rows), tmp_path, "u001", "2023-12")
    assert sums(found) == [15, 25, 30, 40, 60, 90]
    names = tomllib.loads((tmp_path / "definitions" / "measures.toml").read_text("utf-8"))
    assert "из них / грабежи · Зарегистрировано / раскрыто" in [
        entry["name"]["en"] for entry in names.values()
    ]


def test_rows_of_measures_and_columns_of_months(tmp_path: Path) -> None:
    rows = [["指标", "2024年1月", "2024年2月"], ["盗窃", "1,204", "－"], ["诈骗", 31, 28]]
    found = drafted(book(tmp_path / "wide.xlsx", 表=rows), tmp_path, "u001")
    # A dash is no number until somebody says what it means.
    assert sums(found) == [28, 31, 1204]
    assert set(found.facts["period"]) == {dt.date(2024, 1, 1), dt.date(2024, 2, 1)}


def test_a_long_table_drops_what_follows_from_other_columns(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    lines = ["district,region,year,kind,kind_no,count"]
    places = [("Ash", "W"), ("Elm", "W"), ("Oak", "E")]
    value = 0
    for name, region in places:
        for year in (2020, 2021):
            for number, kind in enumerate(("theft", "fraud")):
                value += 1
                lines.append(f"{name},{region},{year},{kind},{number},{value}")
    path.write_text("\n".join(lines), encoding="utf-8")
    found = drafted(path, tmp_path)
    assert sums(found) == [float(number) for number in range(1, 13)]
    assert found.facts["measure"].n_unique() == 2
    assert found.facts["unit"].n_unique() == 3


def test_blocks_that_repeat_down_the_sheet(tmp_path: Path) -> None:
    lines = []
    for place, base in (("Ash", 10), ("Elm (W)", 20), ("Oak [7]", 30)):
        lines += [["Bureau of figures"], [f"Offences in {place} for 2019 to 2020"], []]
        lines += [["Offence", "2019", "2020"], ["Theft", base, base + 1], ["Fraud", base + 2, 0]]
        lines += [[]]
    path = tmp_path / "blocks.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(lines)
    found = drafted(path, tmp_path)
    assert sums(found) == [0, 0, 0, 10, 11, 12, 20, 21, 22, 30, 31, 32]
    assert found.facts["unit"].n_unique() == 3


def test_events_are_counted_and_never_stored(tmp_path: Path) -> None:
    lines = ["kind,date,district"]
    lines += ["theft,2024-01-05,Ash"] * 15 + ["fraud,2024-02-07,Elm"] * 10
    path = tmp_path / "events.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    found = drafted(path, tmp_path)
    assert sums(found) == [10, 15]


def test_several_tables_and_sheets_of_units(tmp_path: Path) -> None:
    table = [["Offence", "2024-01", "2024-02"], ["Theft", 3, 4], ["Fraud", 5, 6]]
    other = [["Persons", "2024-01", "2024-02"], ["Held", 7, 8], ["Freed", 1, 2]]
    path = book(tmp_path / "two.xlsx", First=table, Second=other)
    found = drafted(path, tmp_path, "u001")
    assert sums(found) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_the_demonstration_bureaus_own_forms(tmp_path: Path) -> None:
    catalog = load_catalog()
    units = tree(catalog)
    station = units.at_level("station")[0]
    county = units.parent(station)
    assert county is not None
    month = dt.date(2024, 10, 1)
    for unit, name in ((station, "unit form.xlsx"), (county, "collection form.xlsx")):
        path = tmp_path / name
        write_template(catalog, units, ["M01"], unit, month, path, values=_numbers(catalog, units))
        draft = draft_form(path, catalog, "m01_again")
        assert draft.counts["measures"] > 5
        tomllib.loads(draft.form)
        # What the folder knows is not proposed again.
        assert not [name for name in draft.units if name in {u.name.zh for u in catalog.units}]


def _numbers(catalog: object, units: object) -> pl.DataFrame:
    rows = [
        {"unit": unit, "measure": code, "value": float(number)}
        for unit in units.at_level("station")[:12]
        for number, code in enumerate(catalog.forms["M01"].measures, start=1)
    ]
    return pl.DataFrame(rows)


def test_text_of_a_workbook_cannot_break_out_of_the_proposal(tmp_path: Path) -> None:
    evil = 'a"]\n[[options.tables]]\nsheets = ["x'
    rows = [["Station", evil, "/.*/"], ["No\\rth", 1, 2], ["So'uth\x7f", 3, 4]]
    path = tmp_path / "evil 2024-10.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
    found = drafted(path, tmp_path)
    assert sums(found) == [1, 2, 3, 4]
    form = tomllib.loads(next((tmp_path / "definitions" / "forms").iterdir()).read_text("utf-8"))
    assert len(form["options"]["tables"]) == 1


@pytest.mark.parametrize(
    "text", ['"', "\\", "\n", "\x00\x1f", "\x7f", "'''", "#", "\u2028", "a\\u0041"]
)
def test_quoted_text_comes_back_as_it_was(text: str) -> None:
    assert tomllib.loads(line("key", {"x": [text]})) == {"key": {"x": [text]}}
    assert tomllib.loads(f"{comment(text + 'b = 1')}\na = {quoted(text)}") == {"a": text}


def test_a_pattern_of_a_label_finds_just_that_label() -> None:
    assert literal("Total (2016) * [a|b]?") == r"Total \(2016\) \* \[a\|b\]\?"
    assert word("/^x/") == r"/^/\^x/$/"


def test_nothing_is_overwritten_and_what_lies_beside_is_no_form(tmp_path: Path) -> None:
    path = book(tmp_path / "cases 2024-10.xlsx", Return=COLLECTION)
    catalog = load_catalog()
    (tmp_path / "forms").mkdir()
    target = tmp_path / "forms" / "cases.toml"
    written = write_draft(draft_form(path, catalog, "cases"), target, catalog)
    assert [file.name for file in (tmp_path / "forms").iterdir()] == ["cases.toml"]
    assert {file.name for file, _ in written} == {
        "cases.toml", "cases.measures.toml", "cases.units.csv"
    }  # fmt: skip
    with pytest.raises(ValueError, match="exists already"):
        write_draft(draft_form(path, catalog, "cases"), target, catalog)


def test_a_file_without_a_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "words.csv"
    path.write_text("only,words\nand,more\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no table of numbers"):
        draft_form(path, None)
    # A list of names is no list of events.
    path.write_text("name,town\n" + "".join(f"n{n},t{n}\n" for n in range(30)), encoding="utf-8")
    with pytest.raises(ValueError, match="no table of numbers"):
        draft_form(path, None)


def test_what_could_not_be_told_is_said_at_its_place(tmp_path: Path) -> None:
    rows = [["Offence", "Cases", "Cleared"], ["Theft", 3, 1], ["Fraud", 5, 2]]
    draft = draft_form(book(tmp_path / "plain.xlsx", Return=rows), None)
    assert any("unit was not found" in note for note in draft.notes)
    given = draft.form.split("[options.tables.rows]")[1]
    assert "# unit = ..." in given
    assert "# period = ..." in given


EXTRACTS = HERE / "data" / "examples"
RIO = "BaseMunicipioMensal_2023-01_2024-11.csv"
CASES = [
    (EXTRACTS / "south_africa" / "nc_blocks.csv", None, "", 2030),
    (EXTRACTS / "south_africa" / "stations_murder_sexual_crimes.parquet", None, "", 22640),
]
if REAL.is_dir():
    CASES += [
        (REAL / "kz_regional_returns" / "form_SNG1" / "Astana city.XLSX", "u001", "2023-12", 200),
        (REAL / "taiwan_npa" / "tables" / "現有正式員額統計V.csv", None, "", 395),
        (REAL / "isp_rj_municipality" / RIO, None, "", 114264),
        (REAL / "csps_wellbeing" / "raw" / "2014_csps2014_allorganisations_20141120.xlsx", None, "",
         8364),
    ]  # fmt: skip


@pytest.mark.parametrize(("file", "unit", "period", "cells"), CASES, ids=lambda x: str(x)[-12:])
def test_published_files_are_read_by_their_own_drafts(
    tmp_path: Path, file: Path, unit: str | None, period: str, cells: int
) -> None:
    assert drafted(file, tmp_path, unit, period).facts.height == cells


def test_headings_of_money_and_people_are_known_as_such(tmp_path: Path) -> None:
    rows = [
        ["月份", "单位", "损失金额", "死亡人数", "破案率", "立案"],
        ["2023-01", "甲", 12.25, 2, 0.51, 40],
        ["2023-01", "乙", 3.5, 0, 0.62, 31],
        ["2023-02", "甲", 8.75, 1, 0.48, 44],
        ["2023-02", "乙", 6.1, 3, 0.55, 29],
    ]
    write_folder(draft_form(book(tmp_path / "returns.xlsx", S=rows), None), tmp_path / "d", "en")
    text = (tmp_path / "d" / "measures.toml").read_text(encoding="utf-8")
    found = {entry["name"]["zh"]: entry for entry in tomllib.loads(text).values()}
    kinds = {
        name: (one["value_type"], one["kind"], one["unit"]["zh"]) for name, one in found.items()
    }
    assert kinds == {
        "损失金额": ("money", "count", "元"),
        "死亡人数": ("person", "count", "人"),
        "破案率": ("score", "index", "%"),
        "立案": ("count", "count", "件"),
    }
    assert "in what money" in text
