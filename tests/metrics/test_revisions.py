"""Are revisions found, told apart and measured as one would by hand?"""

import datetime as dt

import polars as pl
import pytest

from metrics.revisions import (
    only_revised,
    revision_by_period,
    revision_summary,
    revision_triangle,
)
from tests.metrics.moved import reorganised
from tests.metrics.small import catalog, m

LOCK = dt.datetime(2024, 2, 25, 8, tzinfo=dt.UTC)
LOCKS = {m("2024-01"): LOCK}
STATION = "calls_theft a1"


def history(table: str) -> pl.DataFrame:
    """Return every vintage from lines `measure unit 2024-01 value 2024-02-06T01`; `-` withdraws."""
    rows = []
    for line in table.strip().splitlines():
        measure, unit, month, value, moment = line.split()
        rows.append(
            {
                "measure": measure,
                "definition": 1,
                "unit": unit,
                "period": m(month),
                "value": None if value == "-" else float(value),
                "vintage": dt.datetime.fromisoformat(f"{moment}:00:00+00:00"),
                "submission": "s1",
            }
        )
    moment = pl.Datetime("us", "UTC")
    return pl.DataFrame(rows, schema_overrides={"vintage": moment, "value": pl.Float64})


def triangle(table: str, unit: str, *months: str, locks: dict | None = None) -> pl.DataFrame:
    return revision_triangle(
        history(table), catalog(), ["calls_theft"], [unit], [m(month) for month in months],
        locks=LOCKS if locks is None else locks, timezone="Asia/Shanghai",
    )  # fmt: skip


def steps(frame: pl.DataFrame) -> list[tuple]:
    return [
        (f"{row['day']:%m-%d}", row["value"], row["revision"], row["stage"], row["after_lock"])
        for row in frame.iter_rows(named=True)
    ]


def test_a_correction_before_and_one_after_the_lock() -> None:
    found = triangle(
        """
        calls_theft a1 2024-01 10 2024-02-06T01
        calls_theft a1 2024-01 12 2024-02-10T01
        calls_theft a1 2024-01 11 2024-03-10T01
        """,
        "a1",
        "2024-01",
    )
    assert steps(found) == [
        ("02-06", 10.0, None, "first", False),
        ("02-10", 12.0, 2.0, "revision", False),
        ("03-10", 11.0, -1.0, "revision", True),
    ]
    assert found["revision_pct"].to_list() == [None, 20.0, pytest.approx(-100 / 12)]
    assert only_revised(found).height == 2


def test_a_late_filing_completes_a_county_and_is_no_revision() -> None:
    found = triangle(
        """
        calls_theft a1    2024-01 10 2024-02-06T01
        calls_theft a2    2024-01 5  2024-02-06T01
        calls_theft a-own 2024-01 0  2024-02-06T01
        calls_theft a3    2024-01 7  2024-02-08T01
        calls_theft a2    2024-01 6  2024-02-12T01
        """,
        "a",
        "2024-01",
    )
    assert steps(found) == [
        ("02-06", 15.0, None, "first", False),
        ("02-08", 22.0, 7.0, "filing", False),
        ("02-12", 23.0, 1.0, "revision", False),
    ]
    assert found.select("due", "reported").rows() == [(4, 3), (4, 4), (4, 4)]


def test_what_comes_late_after_the_lock_changes_what_was_called_final() -> None:
    found = triangle(
        """
        calls_theft a1    2024-01 10 2024-02-06T01
        calls_theft a2    2024-01 5  2024-02-06T01
        calls_theft a-own 2024-01 0  2024-02-06T01
        calls_theft a3    2024-01 7  2024-03-08T01
        """,
        "a",
        "2024-01",
    )
    assert steps(found)[-1] == ("03-08", 22.0, 7.0, "revision", True)


def test_a_cell_that_is_withdrawn_and_filed_again() -> None:
    found = triangle(
        """
        calls_theft a1 2024-01 10 2024-02-06T01
        calls_theft a1 2024-01 -  2024-02-10T01
        calls_theft a1 2024-01 8  2024-02-12T01
        """,
        "a1",
        "2024-01",
    )
    assert steps(found) == [
        ("02-06", 10.0, None, "first", False),
        ("02-10", None, None, "withdrawn", False),
        ("02-12", 8.0, -2.0, "revision", False),
    ]


def test_a_day_ends_at_midnight_of_the_bureau() -> None:
    # 15:00 UTC on the 6th is 23:00 in Shanghai; 16:00 UTC is midnight, the 7th.
    found = triangle(
        """
        calls_theft a1 2024-01 10 2024-02-06T01
        calls_theft a1 2024-01 11 2024-02-06T15
        calls_theft a1 2024-01 12 2024-02-06T16
        """,
        "a1",
        "2024-01",
    )
    assert steps(found) == [
        ("02-06", 11.0, None, "first", False),
        ("02-07", 12.0, 1.0, "revision", False),
    ]


FOUR_MONTHS = """
calls_theft a1 2024-01 10 2024-02-06T01
calls_theft a1 2024-02 10 2024-03-06T01
calls_theft a1 2024-03 10 2024-04-06T01
calls_theft a1 2024-04 10 2024-05-06T01
calls_theft a1 2024-01 11 2024-02-08T01
calls_theft a1 2024-03 13 2024-04-08T01
calls_theft a1 2024-03 12 2024-05-08T01
calls_theft a1 2024-04 11 2024-05-09T01
calls_theft a1 2024-05 10 2024-06-06T01
"""
MONTHS = ("2024-01", "2024-02", "2024-03", "2024-04", "2024-05")


def test_size_and_direction_by_hand() -> None:
    found = triangle(FOUR_MONTHS, "a1", *MONTHS, locks={})
    moved = revision_by_period(found)
    # May came in on the last day of all: nothing could have revised it.
    assert moved["total"].to_list() == [1.0, 0.0, 2.0, 1.0]
    assert moved["steps"].to_list() == [1, 0, 2, 1]
    (row,) = revision_summary(found).rows(named=True)
    assert (row["periods"], row["revised"], row["steps"]) == (4, 3, 4)
    assert (row["mean"], row["mean_abs"], row["largest"]) == (1.0, 1.0, 2.0)
    assert row["mean_pct"] == pytest.approx(100 * 4 / 44)
    assert row["share_up"] == 1.0
    # Centred 0 -1 1 0: variance 2, lag one -1 at weight 1/2, so the error is sqrt(1) / 4.
    assert row["t"] == pytest.approx(4.0)
    assert row["sign_p"] == pytest.approx(0.25)
    assert row["bias"] == "too_few"
    assert (row["late_figures"], row["late_mean"]) == (0, None)


def test_revisions_after_the_lock_are_counted_apart() -> None:
    locks = {m("2024-03"): dt.datetime(2024, 4, 25, tzinfo=dt.UTC)}
    (row,) = revision_summary(triangle(FOUR_MONTHS, "a1", *MONTHS, locks=locks)).rows(named=True)
    assert (row["late_figures"], row["late_steps"]) == (1, 1)
    assert (row["late_mean"], row["late_mean_abs"]) == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("moves", "bias"),
    [
        ((2, 1, 2, 3, 1, 2, 2, 1), "up"),
        ((-2, -1, -2, -3, -1, -2, -2, -1), "down"),
        ((2, -1, 2, -3, 1, -2, 2, -1), "none_shown"),
        ((2, 1, 2, 3, 1, 0, 0, 0), "too_few"),
    ],
)
def test_a_bias_is_named_only_where_both_tests_say_so(moves: tuple[int, ...], bias: str) -> None:
    lines = []
    for month, move in enumerate(moves, start=1):
        lines.append(f"calls_theft a1 2023-{month:02} 50 2023-{month + 1:02}-06T01")
        lines.append(f"calls_theft a1 2023-{month:02} {50 + move} 2023-{month + 1:02}-09T01")
    lines.append("calls_theft a1 2023-09 50 2023-12-01T01")
    months = [f"2023-{month:02}" for month in range(1, 10)]
    (row,) = revision_summary(triangle("\n".join(lines), "a1", *months, locks={})).rows(named=True)
    assert row["bias"] == bias


def test_a_year_to_date_moves_with_any_of_its_months() -> None:
    found = revision_triangle(
        history(FOUR_MONTHS), catalog(), ["calls_theft"], ["a1"], [m("2024-04")], "ytd", {},
        "Asia/Shanghai",
    )  # fmt: skip
    # By 6 May all four months are in (11 + 10 + 13 + 10); then March and April are corrected.
    assert found.filter(stage="revision").select("day", "value").rows() == [
        (dt.date(2024, 5, 8), 43.0),
        (dt.date(2024, 5, 9), 44.0),
    ]


def test_without_any_vintage_there_is_no_triangle() -> None:
    assert triangle(FOUR_MONTHS, "b1", "2024-01").height == 0


MOVED = """
calls_theft a1    2024-01 10 2024-02-06T01
calls_theft a2    2024-01 5  2024-02-06T01
calls_theft a-own 2024-01 0  2024-02-06T01
calls_theft a3    2024-01 7  2024-02-06T01
calls_theft b1    2024-01 4  2024-02-06T01
calls_theft b-own 2024-01 0  2024-02-06T01
calls_theft b2    2024-01 20 2024-02-06T01
calls_theft a3    2024-01 9  2024-02-12T01
calls_theft b2    2024-01 24 2024-03-10T01
"""


def on_basis(basis: str, unit: str, scope: str | None = None) -> list[tuple]:
    """Return the steps of January on a basis: since May a3 is b's, and b2 was shared out."""
    found = revision_triangle(
        history(MOVED), reorganised(), ["calls_theft"], [unit], [m("2024-01")], locks=LOCKS,
        timezone="Asia/Shanghai", scope=scope, basis=basis,
    )  # fmt: skip
    return steps(found)


def test_every_vintage_stands_on_one_basis() -> None:
    # Then a has a1, a2, a3; b has b1 and b2.
    assert on_basis("then", "a") == [
        ("02-06", 22.0, None, "first", False),
        ("02-12", 24.0, 2.0, "revision", False),
    ]
    assert on_basis("then", "b") == [
        ("02-06", 24.0, None, "first", False),
        ("03-10", 28.0, 4.0, "revision", True),
    ]
    # Today a has a1, a2 and half of b2; b has a3, b1 and the other half.
    assert on_basis("now", "a") == [
        ("02-06", 25.0, None, "first", False),
        ("03-10", 27.0, 2.0, "revision", True),
    ]
    assert on_basis("now", "b") == [
        ("02-06", 21.0, None, "first", False),
        ("02-12", 23.0, 2.0, "revision", False),
        ("03-10", 25.0, 2.0, "revision", True),
    ]
    assert on_basis("now", "c") == on_basis("then", "c"), "the city has the same on both"


def test_a_unit_that_is_gone_has_its_own_triangle_as_it_was() -> None:
    assert on_basis("then", "b2") == [
        ("02-06", 20.0, None, "first", False),
        ("03-10", 24.0, 4.0, "revision", True),
    ]
    assert on_basis("now", "b2") == []


def test_a_triangle_keeps_to_what_its_reader_may_see() -> None:
    assert on_basis("then", "a", scope="a") == on_basis("then", "a")
    assert on_basis("now", "a", scope="a") == on_basis("now", "a"), "half of b2 is theirs now"
    assert on_basis("then", "b", scope="a") == []


def test_what_was_hidden_on_a_day_is_neither_withdrawn_nor_a_step() -> None:
    def hide(figures: pl.DataFrame, moment: dt.datetime) -> pl.DataFrame:
        is_hidden = pl.lit(moment.day == 10)
        value = pl.when(~is_hidden).then("value").alias("value")
        return figures.with_columns(value, suppressed=is_hidden)

    found = revision_triangle(
        history(
            """
            calls_theft a1 2024-01 10 2024-02-06T01
            calls_theft a1 2024-01 3  2024-02-10T01
            calls_theft a1 2024-01 12 2024-02-12T01
            """
        ),
        catalog(), ["calls_theft"], ["a1"], [m("2024-01")], hide=hide,
    )  # fmt: skip
    assert steps(found) == [
        ("02-06", 10.0, None, "first", False),
        ("02-12", 12.0, 2.0, "revision", False),
    ]
