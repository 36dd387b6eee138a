"""Does every file make the whole way, and does the passport name the very cell at its end?

Read, checked, annotated, explained in the annotated copy, submitted, confirmed by the stations
whose rows a district typed, judged by both levels, counted: for workbooks that a program fills in,
that LibreOffice saves, and that people send (`messy/`).
"""

import datetime as dt
import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from data.access import OPERATOR, Viewer, homes_of, levels_judged, viewer_for
from data.checks.run import CheckedReturn
from data.definition_types import Catalog
from data.returns.annotate import annotate
from data.returns.answers import ANSWER_HEAD, FINDINGS_SHEET
from data.returns.findings_sheet import HEAD_ROW
from data.returns.template import write_template
from data.store.database import Store, open_store
from data.store.facts import LOADED
from data.store.lineage import read_lineage
from data.store.record import Receipt, confirm, confirmations, import_facts, review, submit_all
from data.store.snapshot import read_facts
from data.store.source import Source
from data.store.trail import read_trail, told
from data.store.verify import verify
from data.units import Tree
from metrics.cube import build_cube
from metrics.figures import compute_figures
from metrics.passport import passport
from metrics.plan import make_plan
from tests.data.returns.conftest import FORMS, PERIOD, SOUND
from tests.data.returns.test_messy import EXPECTED, FOLDER, SHEETS, expected_facts, station

Check = Callable[..., CheckedReturn]
Figures = dict[tuple[str, str], tuple[float, str, str]]
WHY = "集中打击后盗窃警情回落，已与接警台账核对"
#: The theft calls of the months before: what is filed for October is far from them.
BEFORE, USUAL = 20, 60.0
ASKED = ("yz0101", "yz0901")
#: What the record keeps of a cell in which more stands than the number.
WRITTEN: dict[str, dict[str, str]] = {
    "full_width.xlsx": {"calls_total": "１６８", "calls_valid": "１３８"},
    "thousands.xlsx": {"adm_fast_minutes_sum": "1,420"},
    "units_of_measure.xlsx": {"calls_valid": "138 起", "calls_theft": "9件"},
    "ten_thousand_yuan.xlsx": {"adm_fine_amount": "1.25万元"},
    "yuan.xlsx": {"adm_fine_amount": "12500元"},
    "yuan_with_sign.xlsx": {"adm_fine_amount": "￥12,500.00"},
    "hours.xlsx": {"adm_fast_minutes_sum": "7小时"},
    "district_messy.xlsx": {},
}
PLAIN = (
    *("sound.xlsx", "spaces.xlsx", "text_column.xlsx", "apostrophe.xlsx", "moved.xlsx"),
    *("columns_swapped.xlsx", "codes_deleted.xlsx", "month_as_a_date.xlsx", "signed.xlsx"),
    *("lines_in_another_order.xlsx", "rows_merged_by_group.xlsx", "hidden_rows.xlsx"),
    *("value_merged_with_its_neighbours.xlsx", "hidden_sheet.xlsx", "other_sheets.xlsx"),
    "remarks.xlsx",
    *("sound.xls", "sound.ods", "utf8.csv", "gb18030.csv", "tabs.txt", "district.ods"),
    *("units_by_name_only.xlsx", "headings_in_two_levels.xlsx", "subtotals_and_blank_rows.xlsx"),
)
MESSY = (*WRITTEN, *PLAIN)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Path:
    """Return a record with the months before, of which each test takes a copy."""
    path = tmp_path_factory.mktemp("history") / "record.db"
    store = open_store(f"sqlite:///{path}")
    store.init("Asia/Shanghai")
    months = [dt.date(2024 - n // 12, 12 - n % 12, 1) for n in range(3, 3 + BEFORE)]
    rows = [
        ("calls_theft", 1, unit, month, USUAL + number % 3, None, f"D{number}")
        for unit in ASKED
        for number, month in enumerate(sorted(months), start=2)
    ]
    facts = pl.DataFrame(rows, schema=LOADED, orient="row")
    source = Source.of_bytes("history.csv", b"months")
    import_facts(store, OPERATOR, facts, catalog.forms["M01"], source)
    store.engine.dispose()
    return path


@pytest.fixture
def store(history: Path, tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{shutil.copy(history, tmp_path / 'record.db')}")


def explained(content: bytes, checked: CheckedReturn, catalog: Catalog) -> bytes:
    """Return the annotated copy as a clerk sends it back, every question explained in it."""
    copy, saved = io.BytesIO(), io.BytesIO()
    annotate(content, checked, catalog, copy)
    book = openpyxl.load_workbook(copy)
    sheet = book[FINDINGS_SHEET]
    heads = {cell.value: cell.column for cell in sheet[HEAD_ROW]}
    severities = checked.findings["severity"].to_list()
    for row, severity in enumerate(severities, start=HEAD_ROW + 1):
        if severity == "query":
            sheet.cell(row, heads[ANSWER_HEAD]).value = WHY
    book.save(saved)
    return saved.getvalue()


def clerk_of(catalog: Catalog, units: Tree, unit: str, role: str = "statistician") -> Viewer:
    """Return somebody in a role at a unit; small stations have nobody by name here."""
    below = frozenset(units.subtree(unit))
    homes, judges = homes_of(units, unit), levels_judged(catalog, units, unit)
    return Viewer(f"{unit}_{role}", role, unit, below, below, (), homes, judges)


def brought(
    content: bytes,
    name: str,
    store: Store,
    catalog: Catalog,
    units: Tree,
    check: Check,
    opened: Callable[[bytes], bytes] = bytes,
) -> CheckedReturn:
    """Bring a file the whole way: explained in its copy, filed, confirmed, accepted twice.

    `opened` is what the program does to the copy in which the clerk types the explanations.
    """
    past = read_facts(store, OPERATOR)
    first = check(content, past, name=name)
    assert first.counts["errors"] == 0, first.findings["message_en"].to_list()
    assert first.counts["questions"] > first.counts["answered"] == 0
    assert not first.may_submit
    copy = opened(explained(content, first, catalog))
    again = check(copy, past, name=f"{Path(name).stem}.xlsx")
    assert again.may_submit, again.findings.select("rule", "cell", "answer").rows()
    keys = ("unit", "measure", "value", "sheet", "cell")
    assert again.facts.select(keys).sort(keys).equals(first.facts.select(keys).sort(keys))
    unit = str(again.reading.unit)
    clerk = clerk_of(catalog, units, unit)
    for receipt in submit_all(store, clerk, again.by_form(catalog)):
        confirmed(store, receipt, catalog, units)
        county = unit if units.level(unit) == "county" else str(units.parent(unit))
        judges = (
            clerk_of(catalog, units, county, "reviewer"),
            viewer_for(catalog, "city_reviewer"),
        )
        for judge in judges:
            last = review(store, judge, receipt.number, accept=True)
        assert last.state == "approved"
    return again


def confirmed(store: Store, receipt: Receipt, catalog: Catalog, units: Tree) -> None:
    """Have every station confirm the row that its district typed."""
    if receipt.state == "confirming":
        for unit in confirmations(store, OPERATOR, receipt.number)["unit"]:
            confirm(store, clerk_of(catalog, units, unit), receipt.number)


def hold_to(figures: Figures, written: dict[str, str], store: Store, catalog: Catalog, units: Tree):
    """Hold the record, its figures and their passports to what stands in the file, cell by cell."""
    lineage = read_lineage(store, OPERATOR, {measure for _, measure in figures})
    filed = lineage.filter(pl.col("period") == PERIOD)
    found = {
        (row["unit"], row["measure"]): (row["value"], row["sheet"], row["cell"])
        for row in filed.iter_rows(named=True)
    }
    assert found == figures
    facts = read_facts(store, OPERATOR)
    cube = build_cube(facts, catalog, units)
    unit = next(unit for unit in ASKED if (unit, "calls_theft") in figures)
    for code in ("calls_theft", "d_valid_call_share", "adm_fine_amount", *written):
        plan = make_plan(catalog, code)
        if not {(unit, measure) for measure in plan.measures} <= figures.keys():
            continue
        figure = compute_figures(cube, [code], [unit], [PERIOD], "month").row(0, named=True)
        trail = passport(lineage, figure, catalog, units)
        cells = {row["measure"]: row for row in trail.cells.iter_rows(named=True)}
        wanted = {measure: figures[unit, measure] for measure in plan.measures}
        assert {m: (c["value"], c["sheet"], c["cell"]) for m, c in cells.items()} == wanted
        events = read_trail(store, lineage, trail.cells, catalog.measures)
        for cell in told(trail.cells, events).iter_rows(named=True):
            if cell["measure"] in written:
                assert cell["written"] == written[cell["measure"]]
            steps = [step.split()[0] for step in cell["steps"].split("; ")]
            assert steps == ["county", "city"]
        if code in SOUND:
            assert figure["value"] == wanted[code][0]
        if code == "calls_theft":
            answers = events.filter(event="answered")["words"].to_list()
            assert set(answers) == {WHY}
    assert verify(store) == []


@pytest.mark.parametrize("name", MESSY)
def test_what_people_send_makes_the_whole_way(
    name: str, store: Store, catalog: Catalog, units: Tree, check: Check
) -> None:
    brought((FOLDER / name).read_bytes(), name, store, catalog, units, check)
    figures = expected_facts(EXPECTED[name])
    hold_to(figures, WRITTEN.get(name, {}), store, catalog, units)


def test_enough_files_make_the_whole_way() -> None:
    assert len(set(MESSY)) >= 30
    assert {Path(name).suffix for name in MESSY} == {".xlsx", ".xls", ".ods", ".csv", ".txt"}


@pytest.fixture(scope="module")
def filled(catalog: Catalog, units: Tree) -> bytes:
    """An empty template into which a program has written October, by the codes in its lines."""
    made, saved = io.BytesIO(), io.BytesIO()
    write_template(catalog, units, FORMS, "yz0101", PERIOD, made)
    book = openpyxl.load_workbook(made)
    for sheet in SHEETS.values():
        for row in book[sheet].iter_rows(min_row=7):
            codes = [cell.value for cell in row if cell.value in SOUND]
            if codes:
                book[sheet].cell(row[0].row, 4).value = SOUND[str(codes[0])]
    book.save(saved)
    return saved.getvalue()


def in_the_template() -> Figures:
    return {
        (unit, code): (value, sheet, f"D{row}") for sheet, row, _, unit, code, value in station()
    }


def test_a_template_that_a_program_fills_in_makes_the_whole_way(
    filled: bytes, store: Store, catalog: Catalog, units: Tree, check: Check
) -> None:
    brought(filled, "filled.xlsx", store, catalog, units, check)
    hold_to(in_the_template(), {}, store, catalog, units)


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes, str, str], bytes]:
    """Give what LibreOffice makes of a file when it opens one kind, recalculates and saves."""
    folder = tmp_path_factory.mktemp("office")

    def convert(content: bytes, kind: str, to: str) -> bytes:
        source = folder / f"{kind}_{to}" / f"book.{kind}"
        source.parent.mkdir(exist_ok=True)
        source.write_bytes(content)
        out = source.parent / "out"
        command: list[Any] = ["soffice", "--headless", f"-env:UserInstallation=file://{folder}/p"]
        command += ["--convert-to", to, "--outdir", out, source]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        return (out / f"book.{to}").read_bytes()

    return convert


@pytest.mark.slow
@pytest.mark.parametrize("way", [("xlsx",), ("xls",), ("ods",), ("ods", "xlsx")])
def test_what_libreoffice_saves_makes_the_whole_way(
    way: tuple[str, ...],
    filled: bytes,
    converted: Callable[[bytes, str, str], bytes],
    store: Store,
    catalog: Catalog,
    units: Tree,
    check: Check,
) -> None:
    content, kind = filled, "xlsx"
    for to in way:
        content, kind = converted(content, kind, to), to
    brought(content, f"filled.{kind}", store, catalog, units, check)
    hold_to(in_the_template(), {}, store, catalog, units)


@pytest.mark.slow
def test_formulas_keep_their_results_when_the_copy_is_opened_to_be_explained(
    converted: Callable[[bytes, str, str], bytes],
    store: Store,
    catalog: Catalog,
    units: Tree,
    check: Check,
) -> None:
    """An annotated copy holds formulas without results until a program opens and saves it."""
    name = "formula_results.xlsx"

    def recalculated(copy: bytes) -> bytes:
        return converted(copy, "xlsx", "xlsx")

    content = (FOLDER / name).read_bytes()
    brought(content, name, store, catalog, units, check, recalculated)
    hold_to(expected_facts(EXPECTED[name]), {}, store, catalog, units)
