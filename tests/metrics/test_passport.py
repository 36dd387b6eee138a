"""Does a passport name exactly the cells that make a figure, each with its past?"""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from data.access import OPERATOR, Viewer
from data.catalog import Catalog, load_catalog
from data.store.database import Store, open_store
from data.store.facts import LOADED
from data.store.lineage import read_lineage
from data.store.record import Source, import_facts
from data.store.snapshot import read_facts
from data.units import tree
from metrics.cube import build_cube
from metrics.figures import compute_figures
from metrics.passport import (
    Passport,
    contributing_cells,
    definition_lines,
    formula,
    passport,
)
from metrics.plan import make_plan

OCTOBER = dt.date(2024, 10, 1)
FACTS = """
crim_recorded    yz0101   2023-10 30   A1
crim_recorded    yz0101   2024-09 11   A2
crim_recorded    yz0101   2024-10 12   A3
crim_recorded    yz0102   2024-10 27   A4
crim_recorded    yz01-own 2024-10 5    A5
crim_recorded    yz0201   2024-10 8    A6
crim_cleared     yz0101   2024-10 6    A7
crim_cleared     yz0102   2024-10 9    A8
crim_open_end    yz0101   2024-09 40   A9
crim_open_end    yz0101   2024-10 41   A10
"""
REVISED = "crim_recorded yz0102 2024-10 25 B4\ncrim_cleared yz0102 2024-10 - -"


def frame(table: str) -> pl.DataFrame:
    rows = []
    for line in table.strip().splitlines():
        measure, unit, month, value, cell = line.split()
        period = dt.date.fromisoformat(f"{month}-01")
        number = None if value == "-" else float(value)
        place = None if cell == "-" else cell
        rows.append((measure, 1, unit, period, number, "M02", place))
    return pl.DataFrame(rows, schema=LOADED, orient="row")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Store:
    folder: Path = tmp_path_factory.mktemp("passport")
    found = open_store(f"sqlite:///{folder / 'record.db'}")
    found.init("Asia/Shanghai")
    form = catalog.forms["M02"]
    for name, table, day in (("first.csv", FACTS, 5), ("second.csv", REVISED, 9)):
        moment = dt.datetime(2024, 11, day, 2, tzinfo=dt.UTC)
        source = Source.of_bytes(name, table.encode())
        import_facts(found, OPERATOR, frame(table), form, source, moment)
    return found


def trail(
    store: Store, catalog: Catalog, code: str, unit: str, window: str = "month", **page: int
) -> Passport:
    units = tree(catalog)
    plan = make_plan(catalog, code)
    cube = build_cube(read_facts(store, OPERATOR, plan.measures), catalog, units)
    figure = compute_figures(cube, [code], [unit], [OCTOBER], window).row(0, named=True)
    lineage = read_lineage(store, OPERATOR, plan.measures)
    return passport(lineage, figure, catalog, units, **page)


def test_a_rate_names_the_cells_of_both_its_parts(store: Store, catalog: Catalog) -> None:
    found = trail(store, catalog, "d_crim_clear_rate", "yz01")
    cells = [(r["role"], r["unit"], r["cell"]) for r in found.cells.iter_rows(named=True)]
    # yz0102's clearances were withdrawn and the own level has none: what they recorded is no part
    # of the rate, 6 of 12.
    assert cells == [("numerator", "yz0101", "A7"), ("denominator", "yz0101", "A3")]
    assert found.inputs.rows() == [
        ("numerator", "crim_cleared", 6, 1),
        ("denominator", "crim_recorded", 12, 1),
    ]
    assert (found.figure["numerator"], found.figure["denominator"]) == (6, 12)


def test_scores_are_listed_but_never_added_up(store: Store, catalog: Catalog) -> None:
    code = "wb_health_score"
    table = "wb_health_score yz0101 2024-09 60 B1\nwb_responded yz0101 2024-09 20 B2"
    rows = pl.concat([frame(table), frame(table.replace("yz0101", "yz0102"))])
    source = Source.of_bytes("survey.csv", b"")
    import_facts(store, OPERATOR, rows, catalog.forms["Q02"], source)
    units = tree(catalog)
    lineage = read_lineage(store, OPERATOR, make_plan(catalog, code).measures)
    figure = {"indicator": code, "unit": "yz01", "period": dt.date(2024, 9, 1), "window": "wave"}
    found = passport(lineage, figure | {"suppressed": False}, catalog, units)
    totals = {
        row["role"]: (row["total"], row["cells"]) for row in found.inputs.iter_rows(named=True)
    }
    assert totals == {"value": (None, 2), "weight": (40, 2)}


def test_the_inputs_make_the_figure(store: Store, catalog: Catalog) -> None:
    found = trail(store, catalog, "crim_recorded", "yz", "ytd")
    assert found.figure["value"] == found.inputs["total"].sum() == 12 + 11 + 25 + 5 + 8


def test_a_revised_cell_tells_its_past_and_its_file(store: Store, catalog: Catalog) -> None:
    found = trail(store, catalog, "crim_recorded", "yz0102")
    (cell,) = found.cells.iter_rows(named=True)
    assert (cell["value"], cell["file"], cell["cell"]) == (25, "second.csv", "B4")
    assert cell["earlier"] == "27 @ 2024-11-05"
    assert (cell["submitted_by"], cell["reviewer"]) == ("operator", "operator")


def test_a_stock_is_the_last_value_of_the_window(store: Store, catalog: Catalog) -> None:
    found = trail(store, catalog, "crim_open_end", "yz0101", "quarter")
    assert found.cells["cell"].to_list() == ["A10"]
    assert found.figure["value"] == 41


def test_a_change_names_the_cells_of_its_base_too(store: Store, catalog: Catalog) -> None:
    code = next(
        code
        for code, item in catalog.indicators.items()
        if item.kind == "yoy" and "crim_recorded" in make_plan(catalog, code).measures
    )
    units = tree(catalog)
    lineage = read_lineage(store, OPERATOR, make_plan(catalog, code).measures)
    cells = contributing_cells(lineage, catalog, units, code, "yz0101", OCTOBER, "month")
    assert cells.filter(role="base")["cell"].to_list() == ["A1"]


def test_cells_come_in_pages(store: Store, catalog: Catalog) -> None:
    whole = trail(store, catalog, "crim_recorded", "yz", "ytd")
    page = trail(store, catalog, "crim_recorded", "yz", "ytd", offset=2, limit=2)
    assert page.total == whole.total == 5
    assert page.cells.rows() == whole.cells.rows()[2:4]


def test_a_hidden_figure_shows_no_cell(store: Store, catalog: Catalog) -> None:
    units = tree(catalog)
    lineage = read_lineage(store, OPERATOR, ["crim_recorded"])
    figure = {
        "indicator": "crim_recorded",
        "unit": "yz0101",
        "period": OCTOBER,
        "window": "month",
        "suppressed": True,
    }
    found = passport(lineage, figure, catalog, units)
    assert found.is_hidden
    assert (found.cells.height, found.inputs.height, found.total) == (0, 0, 0)


def test_a_hidden_cell_takes_its_total_with_it(store: Store, catalog: Catalog) -> None:
    units = tree(catalog)
    lineage = read_lineage(store, OPERATOR, ["crim_recorded"])
    figure = {
        "indicator": "crim_recorded",
        "unit": "yz01",
        "period": OCTOBER,
        "window": "month",
        "suppressed": False,
    }
    hidden = pl.DataFrame(
        [("crim_recorded", "yz0102", OCTOBER)],
        schema={"measure": pl.String, "unit": pl.String, "period": pl.Date},
        orient="row",
    )
    found = passport(lineage, figure, catalog, units, hidden=hidden)
    shown = {row["unit"]: row["value"] for row in found.cells.iter_rows(named=True)}
    assert shown == {"yz0101": 12, "yz0102": None, "yz01-own": 5}
    assert found.cells.filter(unit="yz0102")["earlier"].to_list() == [None]
    assert found.inputs["total"].to_list() == [None]


def test_a_viewer_sees_the_own_cells_only(store: Store, catalog: Catalog) -> None:
    clerk = Viewer("wu", "statistician", "yz0101", frozenset({"yz0101"}))
    assert set(read_lineage(store, clerk, ["crim_recorded"])["unit"]) == {"yz0101"}


def test_a_formula_is_said_in_both_languages(catalog: Catalog) -> None:
    plan = make_plan(catalog, "d_crim_clear_rate")
    recorded, cleared = (catalog.measures[f"crim_{x}"].name for x in ("recorded", "cleared"))
    for lang in ("zh", "en"):
        wanted = f"{cleared.get(lang)} ÷ {recorded.get(lang)} × 100"
        assert formula(plan, catalog, lang) == wanted


def test_an_indicator_says_by_which_definitions_it_is_counted(catalog: Catalog) -> None:
    plain = make_plan(catalog, "crim_recorded")
    assert definition_lines(plain, catalog, "en") == ["v1"]
    changed = definition_lines(make_plan(catalog, "fraud_dissuade_visits"), catalog, "en")
    assert changed[0].startswith("v2 (since 2024-04: visits are counted")
    assert changed[1].startswith("v1: ")
    recorded = catalog.measures["crim_recorded"]
    other = replace(recorded, versions=catalog.measures["fraud_dissuade_visits"].versions)
    changed_part = replace(catalog, measures={**catalog.measures, "crim_recorded": other})
    plan = make_plan(changed_part, "d_crim_clear_rate")
    for lang in ("zh", "en"):
        said = definition_lines(plan, changed_part, lang)
        assert said[0] == "v1"
        assert said[1].startswith(f"{recorded.name.get(lang)} v2")


def test_a_figure_of_back_casts_lists_them_and_not_what_was_first_filed(
    catalog: Catalog, tmp_path: Path
) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'record.db'}")
    store.init("Asia/Shanghai")
    form = catalog.forms["M02"]
    again = frame("crim_recorded yz0101 2024-10 15 B3").with_columns(definition=pl.lit(2, pl.Int64))
    for name, rows, day in (("first.csv", frame(FACTS), 5), ("again.csv", again, 9)):
        moment = dt.datetime(2024, 11, day, tzinfo=dt.UTC)
        import_facts(store, OPERATOR, rows, form, Source.of_bytes(name, b"x"), moment)
    lineage = read_lineage(store, OPERATOR, ["crim_recorded"])

    def cells(unit: str) -> list[tuple]:
        found = contributing_cells(
            lineage, catalog, tree(catalog), "crim_recorded", unit, OCTOBER, "month"
        )
        return found.select("unit", "value", "cell", "definition").rows()

    assert cells("yz0101") == [("yz0101", 15.0, "B3", 2)]
    # the district has one station's back-cast only: it stays on what was first filed
    assert cells("yz01") == [
        ("yz0101", 12.0, "A3", 1), ("yz0102", 27.0, "A4", 1), ("yz01-own", 5.0, "A5", 1),
    ]  # fmt: skip
