"""Are forms folded to months of units by the rules that the page states?"""

import datetime as dt

import polars as pl
import pytest

from ui.coverage_data import (
    STANDINGS,
    by_group,
    by_unit,
    standing_counts,
    standing_lock,
    totals,
    with_standing,
)
from ui.monthly import months_shown
from ui.numbers import share

OCTOBER = dt.date(2024, 10, 1)
DUE = dt.date(2024, 11, 5)
COLUMNS = (
    *("unit", "form", "period", "due", "owed", "approved", "waiting", "filled", "state"),
    *("receipt", "on_time", "late_days"),
)


def row(unit: str, form: str, state: str, cells: tuple[int, int, int], **more: object) -> dict:
    owed, approved, waiting = cells
    said = {
        "unit": unit,
        "form": form,
        "period": OCTOBER,
        "due": DUE,
        "owed": owed,
        "approved": approved,
        "waiting": waiting,
        "filled": approved + waiting,
        "state": state,
        "receipt": "R1",
        "on_time": True,
        "late_days": 0,
    }
    return said | more


def frame(*rows: dict) -> pl.DataFrame:
    made = pl.DataFrame(list(rows), schema_overrides={"receipt": pl.String, "on_time": pl.Boolean})
    return with_standing(made.select(COLUMNS))


ROWS = frame(
    row("a", "M01", "approved", (10, 10, 0)),
    row("a", "M02", "approved", (20, 20, 0), on_time=False, late_days=2),
    row("b", "M01", "overdue", (10, 0, 0), receipt=None, on_time=False, late_days=6),
    row("b", "M02", "reviewed", (20, 0, 18)),
    row("c", "M01", "approved", (10, 9, 0)),
    row("c", "M02", "approved", (20, 20, 0), receipt=None, on_time=None),
)


@pytest.mark.parametrize(
    ("state", "cells", "more", "standing"),
    [
        ("approved", (10, 10, 0), {}, "ontime"),
        ("approved", (10, 10, 0), {"late_days": 1}, "late"),
        ("approved", (10, 10, 0), {"receipt": None}, "imported"),
        ("approved", (10, 9, 0), {}, "partial"),
        ("partial", (10, 9, 0), {"receipt": None}, "partial"),
        ("overdue", (10, 0, 0), {"receipt": None}, "missing"),
        ("due", (10, 0, 0), {"receipt": None}, "due"),
        ("checked", (10, 0, 0), {}, "asked"),
        ("confirming", (10, 0, 10), {}, "asked"),
        ("submitted", (10, 0, 10), {}, "pending"),
        ("reviewed", (10, 0, 10), {"late_days": 3}, "pending"),
        ("returned", (10, 0, 0), {}, "returned"),
    ],
)
def test_each_state_has_one_standing(
    state: str, cells: tuple[int, int, int], more: dict, standing: str
) -> None:
    assert frame(row("a", "M01", state, cells, **more))["standing"].item() == standing


def test_a_units_month_stands_as_its_worst_form() -> None:
    found = {r["unit"]: r for r in by_unit(ROWS, "period").iter_rows(named=True)}
    assert [STANDINGS[found[unit]["rank"]] for unit in "abc"] == ["late", "missing", "partial"]
    assert (found["a"]["forms"], found["a"]["done_forms"], found["a"]["late_forms"]) == (2, 2, 1)
    assert (found["b"]["owed"], found["b"]["approved"], found["b"]["waiting"]) == (30, 0, 18)
    assert found["b"]["late_days"] == 6
    assert standing_counts(ROWS) == {"missing": 1, "partial": 1, "late": 1}


def test_a_bureau_counts_its_units_and_its_cells() -> None:
    leaves = by_unit(ROWS, "period")
    (one, two) = by_group(leaves, {"a": "x", "b": "x", "c": "y"}, "period").rows(named=True)
    assert (one["group"], one["units"], one["done"], one["worst"]) == ("x", 2, 1, 1)
    assert STANDINGS[one["rank"]] == "missing"
    assert (one["owed"], one["approved"], one["waiting"]) == (60, 30, 18)
    assert (two["group"], two["units"], two["done"]) == ("y", 1, 0)


def test_the_month_in_figures() -> None:
    sums = totals(ROWS)
    assert (sums["units"], sums["done"], sums["forms"], sums["done_forms"]) == (3, 1, 6, 4)
    assert (sums["owed"], sums["approved"], sums["waiting"]) == (90, 59, 18)
    # of the six forms one was imported: nobody knows whether it came in time
    assert (sums["judged"], sums["in_time"]) == (5, 3)


def test_a_share_is_a_hundred_only_where_nothing_is_missing() -> None:
    assert share(9999, 10000) == "99.9"
    assert share(10000, 10000) == "100"
    assert share(59, 90) == "65.6"


def test_a_year_begins_where_the_bureaus_does() -> None:
    months = months_shown(dt.date(2024, 2, 1), "ytd", year_start=4)
    assert (months[0], len(months)) == (dt.date(2023, 4, 1), 11)


def test_a_month_locked_again_stands_locked_with_what_was_opened_since() -> None:
    acts = [
        {"act": "lock", "form": "", "units": []},
        {"act": "open", "form": "", "units": []},
        {"act": "open", "form": "M01", "units": []},
        {"act": "lock", "form": "", "units": []},
        {"act": "open", "form": "", "units": ["a", "b"]},
        {"act": "lock", "form": "", "units": ["b"]},
    ]
    found = standing_lock(acts)
    assert found.is_whole
    assert found.act is acts[3]
    assert found.parts == (("", "a"),)
    assert not standing_lock(acts[:2]).is_whole
