"""Do explanations come back from an annotated copy, whatever a person or a program did to it?"""

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.workbook import Workbook

from data.checks.run import CheckedReturn
from data.definition_types import Catalog
from data.returns.annotate import annotate
from data.returns.answers import ANSWER_HEAD, BACK_MARK, FINDINGS_SHEET, ID_HEAD
from data.returns.findings_sheet import HEAD_ROW
from tests.data.returns.conftest import edited

Check = Callable[..., CheckedReturn]
FIRST, SECOND = "集中整治行动期间拘留较多", "专项行动中罚款集中入账"


@pytest.fixture(scope="module")
def asked(station: bytes, check: Check) -> tuple[bytes, CheckedReturn]:
    """A station's workbook with two questions, and the verdict on it."""

    def spoil(book: Workbook) -> None:
        sheet = book["治安行政案件"]
        for row in sheet.iter_rows(min_col=3, max_col=4):
            said = {"padm_accepted": None, "adm_detained": 5000, "adm_fine_amount": 90_000}
            code = codes.get(row[1].coordinate)
            if said.get(code or ""):
                row[1].value = said[code or ""]

    codes = {r["cell"]: r["measure"] for r in check(station).facts.iter_rows(named=True)
             if r["sheet"] == "治安行政案件"}  # fmt: skip
    content = edited(station, spoil)
    checked = check(content)
    assert checked.counts["errors"] == 0
    assert checked.counts["questions"] >= 2
    return content, checked


@pytest.fixture
def copy(asked: tuple[bytes, CheckedReturn], catalog: Catalog) -> Workbook:
    """The annotated copy, opened."""
    stream = io.BytesIO()
    annotate(*asked, catalog, stream)
    return openpyxl.load_workbook(stream)


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def columns(book: Workbook) -> dict[str, int]:
    return {cell.value: cell.column for cell in book[FINDINGS_SHEET][HEAD_ROW]}


def fill_in(book: Workbook) -> int:
    """Write an explanation beside every question and return how many there are."""
    listed, answer = book[FINDINGS_SHEET], columns(book)[ANSWER_HEAD]
    count = listed.max_row - HEAD_ROW
    for number in range(count):
        words = FIRST if number == 0 else SECOND
        listed.cell(HEAD_ROW + 1 + number, answer).value = words
    return count


def test_all_explanations_come_back(copy: Workbook, check: Check) -> None:
    count = fill_in(copy)
    again = check(saved(copy))
    assert again.counts["answered"] == count == again.counts["questions"]
    assert again.findings["answer"][0] == FIRST
    assert again.may_submit


def test_lines_may_be_sorted_and_moved(copy: Workbook, check: Check) -> None:
    fill_in(copy)
    listed = copy[FINDINGS_SHEET]
    rows = [[c.value for c in row] for row in listed.iter_rows(min_row=HEAD_ROW + 1)]
    for number, values in enumerate(reversed(rows), start=HEAD_ROW + 1):
        for column, value in enumerate(values, start=1):
            listed.cell(number, column).value = value
    listed.insert_rows(1, 3)
    again = check(saved(copy))
    assert again.findings["answer"][0] == FIRST
    assert again.may_submit


def test_a_line_that_was_deleted_is_asked_again(copy: Workbook, check: Check) -> None:
    count = fill_in(copy)
    copy[FINDINGS_SHEET].delete_rows(HEAD_ROW + 1)
    again = check(saved(copy))
    assert again.counts["answered"] == count - 1
    assert not again.may_submit


def test_the_sheet_may_be_renamed(copy: Workbook, check: Check) -> None:
    fill_in(copy)
    copy[FINDINGS_SHEET].title = "问题"
    again = check(saved(copy))
    assert again.may_submit
    assert "问题" not in again.reading.ignored


def test_one_explanation_merged_over_lines_counts_for_each(copy: Workbook, check: Check) -> None:
    listed, answer = copy[FINDINGS_SHEET], columns(copy)[ANSWER_HEAD]
    last = listed.max_row
    listed.cell(HEAD_ROW + 1, answer).value = FIRST
    listed.merge_cells(start_row=HEAD_ROW + 1, end_row=last, start_column=answer, end_column=answer)
    again = check(saved(copy))
    assert set(again.findings["answer"]) == {FIRST}
    assert again.may_submit


def test_rich_text_is_read_as_its_words(copy: Workbook, check: Check) -> None:
    fill_in(copy)
    bold = TextBlock(InlineFont(b=True), FIRST[:4])
    cell = copy[FINDINGS_SHEET].cell(HEAD_ROW + 1, columns(copy)[ANSWER_HEAD])
    cell.value = CellRichText(bold, FIRST[4:])
    assert check(saved(copy)).findings["answer"][0] == FIRST


def test_a_question_answered_twice_keeps_both(copy: Workbook, check: Check) -> None:
    fill_in(copy)
    listed = copy[FINDINGS_SHEET]
    heads = columns(copy)
    row = listed.max_row + 1
    listed.cell(row, heads[ID_HEAD]).value = listed.cell(HEAD_ROW + 1, heads[ID_HEAD]).value
    listed.cell(row, heads[ANSWER_HEAD]).value = SECOND
    assert check(saved(copy)).findings["answer"][0] == f"{FIRST}；{SECOND}"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_libreoffice_may_save_the_copy(
    kind: str, copy: Workbook, check: Check, asked: tuple[bytes, CheckedReturn], tmp_path: Path
) -> None:
    fill_in(copy)
    (tmp_path / "copy.xlsx").write_bytes(saved(copy))
    out = tmp_path / "out"
    subprocess.run(
        [
            *("soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile"),
            *("--convert-to", kind, "--outdir", str(out), str(tmp_path / "copy.xlsx")),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    content = (out / f"copy.{kind}").read_bytes()
    again = check(content, name=f"copy.{kind}")
    assert again.may_submit
    given = again.findings.filter(severity="query")["answer"].to_list()
    assert given == [FIRST, *[SECOND] * (again.counts["questions"] - 1)]
    want = asked[1].facts.select("measure", "unit", "value", "sheet", "cell")
    assert again.facts.select(want.columns).equals(want)


def test_links_lead_to_the_cells_and_back(copy: Workbook) -> None:
    listed = copy[FINDINGS_SHEET]
    for row in listed.iter_rows(min_row=HEAD_ROW + 1):
        sheet, place = row[1].hyperlink.location.rsplit("!", 1)
        assert row[1].value == f"{sheet.strip(chr(39))}!{place}"
        marked = copy[sheet.strip("'")]
        assert marked[place].comment is not None
        back = [c for c in marked[1] if str(c.value or "").startswith(BACK_MARK)]
        assert [c.hyperlink.location for c in back] == [f"'{FINDINGS_SHEET}'!A{HEAD_ROW}"]


def test_only_the_explanations_can_be_typed_over(copy: Workbook, station: bytes) -> None:
    listed, answer = copy[FINDINGS_SHEET], columns(copy)[ANSWER_HEAD]
    assert listed.protection.sheet
    assert not listed.protection.sort
    assert not listed.protection.autoFilter
    assert listed.protection.password is None
    for row in listed.iter_rows(min_row=HEAD_ROW + 1):
        assert [c.column for c in row if not c.protection.locked] == [answer]
        assert row[answer - 1].alignment.wrap_text
    before = openpyxl.load_workbook(io.BytesIO(station))
    for name in before.sheetnames:
        assert copy[name].protection.sheet == before[name].protection.sheet


def test_the_rest_of_the_workbook_stays_as_it_was(
    copy: Workbook, asked: tuple[bytes, CheckedReturn]
) -> None:
    before = openpyxl.load_workbook(io.BytesIO(asked[0]))
    marked = {(r["sheet"], r["cell"]) for r in asked[1].findings.iter_rows(named=True)}
    assert copy.sheetnames == [FINDINGS_SHEET, *before.sheetnames]
    for sheet in before.worksheets:
        same = copy[sheet.title]
        assert [str(a) for a in same.merged_cells.ranges] == [
            str(a) for a in sheet.merged_cells.ranges
        ]
        assert len(same.data_validations.dataValidation) == len(
            sheet.data_validations.dataValidation
        )
        for row in sheet.iter_rows():
            for cell in row:
                other = same[cell.coordinate]
                assert other.value == cell.value
                assert other.number_format == cell.number_format
                if (sheet.title, cell.coordinate) not in marked:
                    assert other.fill.fgColor.rgb == cell.fill.fgColor.rgb


def test_a_copy_of_a_copy_takes_the_old_marks_off(
    copy: Workbook, check: Check, catalog: Catalog, asked: tuple[bytes, CheckedReturn]
) -> None:
    place = [r["cell"] for r in asked[1].findings.iter_rows(named=True) if r["measure"]][0]
    sheet = copy["治安行政案件"]
    colour = openpyxl.load_workbook(io.BytesIO(asked[0]))["治安行政案件"][place].fill.fgColor.rgb
    assert sheet[place].fill.fgColor.rgb != colour
    sheet[place] = 3
    content = saved(copy)
    stream = io.BytesIO()
    annotate(content, check(content), catalog, stream)
    again = openpyxl.load_workbook(stream)
    assert again["治安行政案件"][place].fill.fgColor.rgb == colour
    assert again["治安行政案件"][place].comment is None
    backs = [c for c in again["治安行政案件"][1] if str(c.value or "").startswith(BACK_MARK)]
    assert len(backs) == 1


def test_saved_results_of_formulas_stay_in_the_copy(check: Check, catalog: Catalog) -> None:
    """The copy goes straight back: no formula may have lost its result on the way."""
    content = (Path(__file__).parent / "messy" / "formula_results.xlsx").read_bytes()
    first = check(content)
    assert first.reading.raw.filter(kind="formula").height
    stream = io.BytesIO()
    annotate(content, first, catalog, stream)
    again = check(stream.getvalue())
    want = ["measure", "unit", "value", "sheet", "cell"]
    assert again.facts.select(want).equals(first.facts.select(want))
    same = ("cells", "passed", "errors", "questions")
    assert [again.counts[name] for name in same] == [first.counts[name] for name in same]
