"""A passport lists what is behind a figure on its basis: predecessors with their shares."""

import polars as pl
import pytest

from data.definition_types import Catalog
from data.units import tree
from metrics.figures import compute_figures
from metrics.passport import contributing_cells, hidden_cells, passport
from tests.metrics.small import m
from tests.metrics.structure import COUNTIES, MONTHS, SPLIT, THEFT, bureau, filed, on, row


def lineage(held: pl.DataFrame) -> pl.DataFrame:
    """Return the facts as stored cells."""
    return held.with_columns(
        id=pl.int_range(pl.len()), file=pl.lit("a.csv"), form=pl.lit("M01"), version=pl.lit(1),
        submitted_by=pl.lit("wu"), submitted_at=pl.lit(""), reviewer=pl.lit("li"),
        sha256=pl.lit(""), kind=pl.lit("return"),
    )  # fmt: skip


def cells(
    held: pl.DataFrame, catalog: Catalog, unit: str, month: str, window: str, basis: str
) -> list[tuple]:
    code = held["measure"][0]
    found = contributing_cells(
        lineage(held), catalog, tree(catalog), code, unit, m(month), window, basis
    )
    return found.select("unit", pl.col("period").dt.strftime("%Y-%m"), "value", "share").rows()


def test_a_successor_lists_its_predecessor_s_cells_with_their_share() -> None:
    now = cells(THEFT, SPLIT, "a2", "2024-04", "ytd", "now")
    assert now == [("a1", "2024-03", 11, 0.3), ("a2", "2024-04", 5, 1.0)]
    assert cells(THEFT, SPLIT, "a2", "2024-04", "ytd", "then") == [("a2", "2024-04", 5, 1.0)]
    assert cells(THEFT, SPLIT, "a1", "2024-04", "ytd", "then") == [("a1", "2024-03", 11, 1.0)]
    assert cells(THEFT, SPLIT, "a1", "2024-04", "ytd", "now") == []


def test_a_unit_that_holds_all_parts_lists_the_cell_once_and_whole() -> None:
    now = cells(THEFT, SPLIT, "a", "2024-03", "month", "now")
    assert now == [("a1", "2024-03", 11, 1.0), ("b1", "2024-03", 6, 1.0)]
    then = cells(THEFT, SPLIT, "a", "2024-03", "month", "then")
    assert then == [("a1", "2024-03", 11, 1.0)]


def test_the_cells_of_a_unit_that_moved_stand_with_the_parent_of_their_month() -> None:
    then = cells(THEFT, SPLIT, "b", "2024-06", "ytd", "then")
    assert [(unit, month) for unit, month, *_ in then if unit == "b1"] == [
        ("b1", "2024-03"), ("b1", "2024-04"), ("b1", "2024-05"),
    ]  # fmt: skip
    then = cells(THEFT, SPLIT, "a", "2024-06", "ytd", "then")
    assert [(unit, month) for unit, month, *_ in then if unit == "b1"] == [("b1", "2024-06")]


STAFF = filed("staff_police", "| 2024-03 | 2024-06\na1 | 60 |\na2 | | 20\na3 | | 43\nb1 | 9 | 9")


@pytest.mark.parametrize("basis", ["now", "then"])
@pytest.mark.parametrize("month", ["2024-03", "2024-04", "2024-05", "2024-06"])
@pytest.mark.parametrize("unit", ["c", "a", "b", "a1", "a2", "b1"])
@pytest.mark.parametrize(
    ("held", "catalog", "window"),
    [(THEFT, SPLIT, "ytd"), (STAFF, SPLIT, "quarter"), (MONTHS, COUNTIES, "month")],
)
def test_the_listed_cells_add_up_to_the_figure(
    held: pl.DataFrame, catalog: Catalog, window: str, unit: str, month: str, basis: str
) -> None:
    code, known = held["measure"][0], {u.code for u in catalog.units}
    if unit not in known:
        unit = "n"
    cube = on(basis, held, catalog)
    figure = compute_figures(cube, [code], [unit], [m(month)], window).row(0, named=True)
    found = passport(lineage(held), figure, catalog, tree(catalog), basis=basis)
    total = found.inputs["total"].sum() if found.inputs.height else None
    assert total == (None if figure["value"] is None else pytest.approx(figure["value"]))


RATE = filed(
    "calls_arrived_5min", "| 2024-03 | 2024-04 | 2024-05\na1 | 40 | |\na2 | | 5 | 6\nb1 | 7 | 8 | 9"
).vstack(filed("calls_dispatch_urgent", "| 2024-03 | 2024-05\na1 | 50 |\na2 | | 8\nb1 | 10 | 10"))


@pytest.mark.parametrize(("basis", "parts"), [("now", [62, 78]), ("then", [46, 58])])
def test_a_part_without_the_other_is_listed_no_more_than_it_counts(
    basis: str, parts: list[int]
) -> None:
    # Nobody sent urgent dispatches in April. Today's a: a1's 40 of 50, a2's 6 of 8, b1's 7 of 10
    # and 9 of 10; until May b1 hung under b.
    figure = row(on(basis, RATE, SPLIT), "d_arrive_5min_rate", "a", "2024-05", "ytd")
    found = passport(lineage(RATE), figure, SPLIT, tree(SPLIT), basis=basis)
    assert [figure["numerator"], figure["denominator"]] == parts
    assert found.inputs["total"].to_list() == parts
    listed = found.cells.select("unit", pl.col("period").dt.month()).unique().rows()
    assert not {("a2", 4), ("b1", 4)} & set(listed)


def test_a_stock_that_is_missing_at_the_end_is_not_listed_from_before() -> None:
    held = filed("crim_open_end", "| 2024-05 | 2024-06\nb1 | 9 | 10\nb2 | 7 |")
    assert cells(held, SPLIT, "c", "2024-06", "quarter", "now") == [("b1", "2024-06", 10, 1.0)]


def test_a_stock_that_was_filed_under_another_parent_is_listed_under_the_new_one() -> None:
    held = filed("com_villages_total", "| 2024-03\nb1 | 50\nb2 | 10")  # b1 moves in June
    assert cells(held, SPLIT, "a", "2024-06", "month", "then") == [("b1", "2024-03", 50, 1.0)]
    assert cells(held, SPLIT, "b", "2024-06", "month", "then") == [("b2", "2024-03", 10, 1.0)]


def test_a_stock_from_before_a_unit_handed_a_part_over_counts_in_part() -> None:
    smaller = bureau("c\na | c\na1 | a\na2 | a", "2024-05: a1 = a1 0.6 + a2 0.4")
    held = filed("com_villages_total", "| 2024-03 | 2024-06\na1 | 50 | 31\na2 | 10 | 29")
    assert row(on("now", held, smaller), "com_villages_total", "a1", "2024-05")["value"] == 30
    may = cells(held, smaller, "a1", "2024-05", "month", "now")
    assert may == [("a1", "2024-03", 50, 0.6)]
    assert cells(held, smaller, "a2", "2024-05", "month", "now") == [
        ("a1", "2024-03", 50, 0.4), ("a2", "2024-03", 10, 1.0),
    ]  # fmt: skip
    june = cells(held, smaller, "a1", "2024-06", "quarter", "now")
    assert june == [("a1", "2024-06", 31, 1.0)]


MERGED = bureau(
    "c\na | c\na1 | a | to 2024-01\na2 | a\nb | c\nb1 | b\nb2 | b | to 2024-01",
    "2024-01: a1 = a2 1\n2024-01: b2 = a2 1",
)


def test_the_answers_of_a_small_unit_do_not_follow_from_the_passport_of_its_heir() -> None:
    held = filed("wb_responded", "| 2023-12\na1 | 8\na2 | 50\nb2 | 30")
    cube = on("now", held, MERGED)
    found = contributing_cells(
        lineage(held), MERGED, tree(MERGED), "wb_responded", "a2", m("2023-12"), "wave"
    )
    assert sorted(found["unit"]) == ["a1", "a2", "b2"]
    hidden = hidden_cells(found, cube, lambda frame: frame, MERGED)
    # The heir is shown with 88 today: what its parts had then is shown to nobody.
    assert sorted(hidden["unit"]) == ["a1", "a2", "b2"]


def test_a_small_count_of_another_county_is_not_listed() -> None:
    code = next(c for c, item in MERGED.measures.items() if "S" in item.flags)
    held = filed(code, "| 2023-12\na1 | 1\na2 | 5\nb2 | 2")
    cube = on("now", held, MERGED, scope="a")
    window = {"M": "month", "Q": "quarter"}[MERGED.measures[code].frequency]
    found = contributing_cells(
        lineage(held), MERGED, tree(MERGED), code, "a2", m("2023-12"), window
    )
    hidden = hidden_cells(found, cube, lambda frame: frame, MERGED)
    assert hidden["unit"].to_list() == ["b2"]
