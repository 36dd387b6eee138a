"""Does a form stop while typing just what the check refuses, and is what it takes read as typed?"""

import datetime as dt
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from data.checks.run import CheckedReturn, check_return
from data.checks.worker import Worker
from data.definition_measures import _choices
from data.definition_types import Catalog
from data.parse import Place
from data.returns.due import forms_due
from data.returns.form_inputs import limits_of
from data.returns.read import read_workbook
from data.returns.template import write_template
from data.schema import FACTS, empty
from data.units import Tree
from tests.data.returns.conftest import PERIOD, TODAY, edited
from tests.data.returns.test_template import SPLIT

Check = Callable[..., CheckedReturn]
#: Numbers that people type: sound ones, negative, broken, too large, too fine.
TYPED = (-1, 0, 0.5, 1, 7.25, 53, 54, 100, 100.5, 101, 2.12345, 1e6)
_CUSTOM = re.compile(r"AND\(ISNUMBER\((\w+)\),\1>=(-?[\d.]+),\1<=([\d.]+),ROUND\(\1,(\d+)\)=\1\)")
#: What the check says of a number by itself, not of how numbers hang together.
_ALONE = re.compile(r" says -?[\d.,]+(, less than |, more than | with \d+ decimals)")


def takes(rule: DataValidation, value: float) -> bool:
    """Return whether a spreadsheet program takes a number under a validation."""
    match rule.type:
        case "whole":
            least, most = float(rule.formula1), float(rule.formula2)
            return float(value).is_integer() and least <= value <= most
        case "list":
            return value in [float(word) for word in rule.formula1.strip('"').split(",")]
        case _:
            found = _CUSTOM.fullmatch(rule.formula1)
            assert found, rule.formula1
            is_fine = round(value, int(found[4])) == value
            return float(found[2]) <= value <= float(found[3]) and is_fine


def by_cell(sheet: Worksheet) -> dict[str, DataValidation]:
    """Return the validation of each input; no cell may have two of them."""
    found: dict[str, DataValidation] = {}
    for rule in sheet.data_validations.dataValidation:
        for area in rule.sqref.ranges:
            for row, column in area.cells:
                place = sheet.cell(row, column).coordinate
                assert place not in found
                found[place] = rule
    return found


def inputs(sheet: Worksheet) -> Iterator[str]:
    for row in sheet.iter_rows(7):
        for cell in row:
            if not cell.protection.locked and cell.fill.fill_type == "solid":
                yield cell.coordinate


@pytest.mark.parametrize(("unit", "month"), [("yz0101", "2024-09"), ("yz-own", "2024-09")])
def test_what_is_stopped_while_typing_is_what_the_check_refuses(
    unit: str, month: str, catalog: Catalog, units: Tree, check: Check
) -> None:
    period = dt.date(int(month[:4]), int(month[5:]), 1)
    stream = io.BytesIO()
    write_template(catalog, units, list(catalog.forms), unit, period, stream)
    book = openpyxl.load_workbook(stream)
    sheets = [sheet for sheet in book.worksheets if sheet.title != "_hengjing"]
    rules = {(s.title, p): rule for s in sheets for p, rule in by_cell(s).items()}
    places = {(s.title, place) for s in sheets for place in inputs(s)}
    assert places == set(rules)
    for value in TYPED:
        for name, place in places:
            book[name][place] = value
        saved = io.BytesIO()
        book.save(saved)
        checked = check(saved.getvalue())
        refused = {
            (row["sheet"], row["cell"])
            for row in checked.findings.filter(severity="mandatory").iter_rows(named=True)
            if _ALONE.search(row["message_en"])
        }
        stopped = {place for place, rule in rules.items() if not takes(rule, value)}
        assert stopped == refused, value


def test_a_closed_list_becomes_a_drop_down_and_other_numbers_are_refused(
    catalog: Catalog, units: Tree, worker: Worker
) -> None:
    graded = replace(catalog.measures["calls_other"], choices=(0.0, 1.0, 2.0))
    known = replace(catalog, measures=catalog.measures | {"calls_other": graded})
    stream = io.BytesIO()
    write_template(known, units, ["M01"], "yz0101", PERIOD, stream)
    sheet = openpyxl.load_workbook(stream)["接处警"]
    rule = by_cell(sheet)["D15"]
    assert (rule.type, rule.formula1) == ("list", '"0,1,2"')
    assert rule.prompt.startswith("从下拉列表中选：0、1、2。")

    def judged(value: int) -> pl.DataFrame:
        content = edited(stream.getvalue(), lambda book: book["接处警"].__setitem__("D15", value))
        reading = read_workbook(content, known, units, today=TODAY)
        found = check_return(reading, known, units, empty(FACTS), worker).findings
        return found.filter(cell="D15", rule="R47")

    (row,) = judged(3).iter_rows(named=True)
    assert "写的是 3，不在可填的数里 0、1、2" in row["message_zh"]
    assert judged(2).is_empty()


def test_a_wrong_list_of_choices_stops_the_load() -> None:
    place = Place("measures.toml", "x")
    assert _choices({"choices": [2, 0, 1]}, place) == (0.0, 1.0, 2.0)
    for wrong in ([1, "2"], [1, 1], [True]):
        with pytest.raises(ValueError, match=r"measures.toml.*choices"):
            _choices({"choices": wrong}, place)


def test_what_breaks_a_relation_and_what_is_unusual_is_coloured(
    catalog: Catalog, units: Tree
) -> None:
    stream = io.BytesIO()
    write_template(catalog, units, ["M01"], "yz0101", PERIOD, stream)
    sheet = openpyxl.load_workbook(stream)["接处警"]
    formulas = {
        str(area.sqref): [rule.formula[0] for rule in area.rules]
        for area in sheet.conditional_formatting
    }
    assert formulas["D7"] == [
        "AND(ISNUMBER(D7),D7>6000)",
        "AND(COUNT($D$7,$D$8,$D$9)=3,ABS(($D$7)-($D$8+$D$9))>0.000001)",
    ]
    assert formulas["D18"][1] == (
        "AND(COUNT($D$18,$D$19,$D$20,$D$17)=4,OR(($D$18)-($D$19)>0.000001,"
        "($D$19)-($D$20)>0.000001,($D$20)-($D$17)>0.000001))"
    )


def test_a_units_own_level_may_be_twenty_times_larger(catalog: Catalog, units: Tree) -> None:
    stream = io.BytesIO()
    write_template(catalog, units, ["M01"], "yz09", PERIOD, stream)
    sheet = openpyxl.load_workbook(stream)["接处警"]
    formulas = [r.formula[0] for area in sheet.conditional_formatting for r in area.rules]
    assert "AND(ISNUMBER(C8),C8>6000)" in formulas
    assert "AND(ISNUMBER(C15),C15>120000)" in formulas


def test_figures_of_former_units_are_not_asked_about(
    catalog: Catalog, units: Tree, worker: Worker
) -> None:
    month = dt.date(2024, 9, 1)
    stream = io.BytesIO()
    write_template(catalog, units, ["M01"], "yz0218", month, stream, SPLIT)

    def saved(book: openpyxl.Workbook) -> None:
        sheet = book["接处警"]
        sheet["D7"], sheet["E7"] = 60, 540

    def asked(content: bytes) -> set[str]:
        reading = read_workbook(content, catalog, units, today=TODAY)
        (row,) = reading.cells.filter(measure="calls_total").iter_rows(named=True)
        assert (row["reported_ytd"], row["reported_same_period"]) == (540.0, None)
        found = check_return(reading, catalog, units, SPLIT, worker).findings
        return set(found.filter(measure="calls_total")["rule"]) & {"R44", "R45"}

    assert asked(edited(stream.getvalue(), saved)) == set()


LEAVES = ("yz0101", "yz0114", "yz0218", "yz0507", "yz01-own", "yz-own", "yz0905")
PARENTS = ("yz09", "yz07")


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_whatever_a_program_fills_in_is_what_is_read(
    data: st.DataObject, catalog: Catalog, units: Tree
) -> None:
    unit = data.draw(st.sampled_from(LEAVES + PARENTS))
    number = data.draw(st.integers(2023 * 12 + 7, 2024 * 12 + 9))
    period = dt.date(number // 12, number % 12 + 1, 1)
    lang = data.draw(st.sampled_from(("zh", "en")))
    due = {form.code: sheets for form, sheets in forms_due(catalog, units, unit, period)}
    if not due:
        return
    codes = data.draw(st.lists(st.sampled_from(sorted(due)), min_size=1, max_size=3, unique=True))
    held = limits_of(catalog)
    seed = data.draw(st.integers(0, 10**6))
    pairs = sorted({p for code in codes for sheet in due[code] for p in sheet.expected})
    rows = []
    for place, (whose, measure) in enumerate(pairs):
        limit, pick = held[measure], (seed * 7919 + place * 104729) % 10007
        if pick % 5 == 0:
            continue  # left blank
        most = min(limit.most, 10007)
        rows.append((whose, measure, round(pick / 10007 * most, limit.decimals)))
    values = pl.DataFrame(
        rows, schema={"unit": pl.String, "measure": pl.String, "value": pl.Float64}, orient="row"
    )
    stream = io.BytesIO()
    write_template(catalog, units, codes, unit, period, stream, SPLIT, values, lang)
    reading = read_workbook(stream.getvalue(), catalog, units, today=dt.date(2025, 1, 1))
    found = reading.facts.select("unit", "measure", "value").sort("unit", "measure")
    assert found.equals(values.sort("unit", "measure"))
    assert (reading.unit, reading.period) == (unit, period)
    assert set(reading.forms) == set(codes)
    assert reading.parts.select("form_current", "head_agrees", "is_owed").to_numpy().all()
    assert reading.notes.is_empty()
    assert reading.ignored == ()
