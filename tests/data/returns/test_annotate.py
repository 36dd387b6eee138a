"""Does the annotated copy show each finding at its cell, and bring explanations back?"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from data.checks.run import CheckedReturn
from data.definition_types import Catalog
from data.returns.annotate import annotate
from data.returns.answers import ANSWER_HEAD, FINDINGS_SHEET
from data.returns.findings_sheet import HEAD_ROW
from tests.data.returns.conftest import edited


def answer_cell(book: openpyxl.Workbook, row: int) -> Any:
    """Return the cell for the explanation in a row of the findings."""
    listed = book[FINDINGS_SHEET]
    heads = {cell.value: cell.column for cell in listed[HEAD_ROW]}
    return listed.cell(row, heads[ANSWER_HEAD])


def test_an_explanation_written_into_the_copy_counts(
    station: bytes, check: Callable[..., CheckedReturn], catalog: Catalog
) -> None:
    def spoil(book: openpyxl.Workbook) -> None:
        book["治安行政案件"]["D16"] = 5000
        book["接处警"]["D14"] = "=1+1"

    content = edited(station, spoil)
    checked = check(content)
    copy = io.BytesIO()
    annotate(content, checked, catalog, copy, "zh")
    book = openpyxl.load_workbook(copy)
    assert book.sheetnames[0] == FINDINGS_SHEET
    assert book["治安行政案件"]["D16"].comment.text.startswith(
        "F01 行政拘留人数 5000，超过常见上限"
    )
    listed = book[FINDINGS_SHEET]
    assert [row[0].value for row in listed.iter_rows(min_row=HEAD_ROW + 1)] == ["须改正", "须说明"]
    answer_cell(book, HEAD_ROW + 2).value = "集中整治行动期间拘留较多"
    book["接处警"]["D14"] = 22
    saved = io.BytesIO()
    book.save(saved)
    again = check(saved.getvalue())
    assert again.findings["answer"].to_list() == ["集中整治行动期间拘留较多"]
    assert again.may_submit


def test_every_sheet_of_the_copy_has_room_for_its_page_number_on_paper(
    station: bytes, check: Callable[..., CheckedReturn], catalog: Catalog
) -> None:
    copy = io.BytesIO()
    annotate(station, check(station), catalog, copy, "zh")
    sheets = [s for s in openpyxl.load_workbook(copy).worksheets if s.sheet_state == "visible"]
    assert sheets[0].title == FINDINGS_SHEET
    for sheet in sheets:
        foot, margins = sheet.oddFooter.right, sheet.page_margins
        assert foot.text == "第 &P 页　共 &N 页"
        assert (margins.bottom - margins.footer) * 72 > 2 * foot.size, sheet.title


@pytest.mark.parametrize("name", ["messy.xls", "messy.ods", "messy_gb18030.csv"])
def test_a_return_of_another_kind_comes_back_as_xlsx(
    name: str, check: Callable[..., CheckedReturn], catalog: Catalog
) -> None:
    content = (Path(__file__).parent / "messy" / name).read_bytes()
    first = check(content, name=name)
    stream = io.BytesIO()
    annotate(content, first, catalog, stream)
    again = check(stream.getvalue())
    columns = ("measure", "unit", "value", "sheet", "cell")
    assert again.facts.select(columns).equals(first.facts.select(columns))
    hard = [c.findings.filter(c.findings["severity"] == "mandatory") for c in (first, again)]
    assert hard[0].select("rule", "cell").equals(hard[1].select("rule", "cell"))
