"""Does a receipt say who filed what and when, in time or not, in each kind of document?"""

import io

import openpyxl
import pytest

from data.access import OPERATOR
from data.catalog import load_catalog
from data.store.database import Store
from data.store.record import confirm, review, submit
from data.units import tree
from reports.receipt import KINDS, receipt_bytes, receipt_sheets
from tests.data.store.desk import FIRST, HEAD, JUDGE, SECOND, TYPED, TYPIST, bring, typed
from tests.data.store.samples import day

CATALOG = load_catalog()


def about(store: Store, number: str, lang: str = "zh") -> dict[str, str]:
    sheets, _ = receipt_sheets(store, OPERATOR, CATALOG, tree(CATALOG), number, lang)
    return dict(sheets[0].about)


def test_a_receipt_says_whether_it_was_in_time(store: Store) -> None:
    receipt = bring(store, "approved")
    assert about(store, receipt.number)["截止日"] in ("2024-11-05（按时）", "2024-11-05（逾期）")


def test_a_corrections_receipt_says_whether_the_first_return_was(store: Store) -> None:
    first = submit(store, TYPIST, typed(own=("a1", "a2")), day("2024-11-03"))
    review(store, JUDGE, first.number, accept=True)
    review(store, HEAD, first.number, accept=True)
    more = typed(TYPED.replace("12", "13"), own=("a1", "a2"))
    second = submit(store, TYPIST, more, day("2024-11-20"), reason="one case was counted twice")
    assert about(store, first.number)["截止日"] == "2024-11-05（按时）"
    said = about(store, second.number)
    assert said["截止日"] == "2024-11-05（首次报送按时；订正不计逾期）"
    assert said["订正理由"] == "one case was counted twice"
    english = about(store, second.number, "en")
    assert english["Due"] == "2024-11-05 (first filed in time; a correction is never late)"


def test_the_steps_so_far_stand_on_it(store: Store) -> None:
    receipt = submit(store, TYPIST, typed(), day("2024-11-03"))
    for clerk in (FIRST, SECOND):
        confirm(store, clerk, receipt.number)
    review(store, JUDGE, receipt.number, accept=True)
    sheets, _ = receipt_sheets(store, OPERATOR, CATALOG, tree(CATALOG), receipt.number, "zh")
    assert [row[3] for row in sheets[1].rows] == ["提交", "确认", "确认", "通过"]
    assert about(store, receipt.number)["待审核层级"] == "市局"


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_document_opens(store: Store, kind: str) -> None:
    receipt = bring(store, "approved")
    sheets, code = receipt_sheets(store, OPERATOR, CATALOG, tree(CATALOG), receipt.number, "zh")
    made = receipt_bytes(sheets, kind, "zh")
    if kind == "pdf":
        assert made.startswith(b"%PDF-")
        assert b"/FontFile3" in made or b"/FontFile2" in made, "its font is embedded"
    elif kind == "html":
        words = made.decode()
        assert code in words
        assert "http" not in words
    else:
        values = [c.value for c in openpyxl.load_workbook(io.BytesIO(made)).worksheets[0]["B"]]
        assert code in values
