"""Is the list of findings ready to be worked off: message first, wide, a link to the cell?"""

import datetime as dt
import io

import openpyxl
import pytest

from data.catalog import load_catalog
from data.units import tree
from reports.findings_book import HEAD_ROW, Checkup, findings_bytes

CATALOG = load_catalog()
ROW = {
    "rule": "R02",
    "severity": "mandatory",
    "unit": "yz0101",
    "period": dt.date(2024, 10, 1),
    "measure": "calls_valid",
    "sheet": "接处警",
    "cell": "D8",
    "value": "138",
    "message_zh": "有效警情数 138，各类之和 129，差 9。",
    "message_en": "Valid calls 138, parts 129, difference 9.",
    "fix_zh": "=核对各类",
    "fix_en": "=check the parts",
    "answer": "",
}
COUNTS = {"errors": 1, "questions": 1, "notes": 0}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_item_month_and_message_come_first(lang: str) -> None:
    query = ROW | {"severity": "query", "cell": "", "answer": "属实，已核对台账"}
    checkup = Checkup("湖滨路所 2024-10.xlsx", [ROW, query], COUNTS)
    made = findings_bytes(checkup, CATALOG, tree(CATALOG), lang)
    sheet = openpyxl.load_workbook(io.BytesIO(made)).active
    first, second = list(sheet.iter_rows(min_row=HEAD_ROW + 1))
    measure = CATALOG.measures["calls_valid"].name.get(lang)
    assert [cell.value for cell in first[:3]] == [measure, "2024-10", ROW[f"message_{lang}"]]
    assert first[3].value == f"'{ROW[f'fix_{lang}']}", "no text becomes a formula"
    assert first[7].value == "D8"
    assert first[7].hyperlink.location == "'接处警'!D8"
    assert "%20" in first[7].hyperlink.target
    assert second[7].hyperlink is None
    assert second[10].value == "属实，已核对台账"
    assert sheet.column_dimensions["C"].width >= 40
    assert first[2].alignment.wrap_text
    assert sheet.auto_filter.ref == f"A{HEAD_ROW}:L{HEAD_ROW + 2}"
    assert sheet.freeze_panes == f"B{HEAD_ROW + 1}"
