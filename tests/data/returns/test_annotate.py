"""Does the annotated copy show each finding at its cell, and bring explanations back?"""

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from data.checks.run import CheckedReturn
from data.returns.annotate import HEAD_ROW, annotate
from data.returns.answers import FINDINGS_SHEET
from tests.data.returns.conftest import edited


def test_an_explanation_written_into_the_copy_counts(
    station: bytes, check: Callable[..., CheckedReturn]
) -> None:
    def spoil(book: openpyxl.Workbook) -> None:
        book["治安行政案件"]["D16"] = 5000
        book["接处警"]["D14"] = "=1+1"

    content = edited(station, spoil)
    checked = check(content)
    copy = io.BytesIO()
    annotate(content, checked, copy, "zh")
    book = openpyxl.load_workbook(copy)
    assert book.sheetnames[0] == FINDINGS_SHEET
    assert book["治安行政案件"]["D16"].comment.text.startswith(
        "F01 行政拘留人数 5000，超过常见上限"
    )
    rows = [[c.value for c in row] for row in book[FINDINGS_SHEET].iter_rows(min_row=HEAD_ROW + 1)]
    assert [row[1] for row in rows] == ["须改正", "须说明"]
    book[FINDINGS_SHEET].cell(HEAD_ROW + 2, 7).value = "集中整治行动期间拘留较多"
    book["接处警"]["D14"] = 22
    saved = io.BytesIO()
    book.save(saved)
    again = check(saved.getvalue())
    assert again.findings["answer"].to_list() == ["集中整治行动期间拘留较多"]
    assert again.may_submit


@pytest.mark.parametrize("name", ["messy.xls", "messy.ods", "messy_gb18030.csv"])
def test_a_return_of_another_kind_comes_back_as_xlsx(
    name: str, check: Callable[..., CheckedReturn]
) -> None:
    content = (Path(__file__).parent / "messy" / name).read_bytes()
    first = check(content, name=name)
    stream = io.BytesIO()
    annotate(content, first, stream)
    again = check(stream.getvalue())
    columns = ("measure", "unit", "value", "sheet", "cell")
    assert again.facts.select(columns).equals(first.facts.select(columns))
    hard = [c.findings.filter(c.findings["severity"] == "mandatory") for c in (first, again)]
    assert hard[0].select("rule", "cell").equals(hard[1].select("rule", "cell"))
