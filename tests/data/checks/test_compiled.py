"""Do expressions over lagged columns follow the null rule, the tolerance and the calendar?"""

import datetime as dt

import polars as pl
import pytest

from data.checks.compiled import Compiler, add_medians
from data.checks.context import VALUES, Hierarchy, lagged_frame
from data.checks.grammar import parse_rule
from data.schema import conform

PERIOD = dt.date(2024, 10, 1)


def holds(
    rule: str,
    months: dict[str, dict[str, float | None]],
    period: dt.date = PERIOD,
    **options: object,
) -> bool | None:
    """Return whether a rule holds for a unit given its values by month (`2024-10`)."""
    compiler = Compiler(
        period.month,
        int(options.get("year_start", 1)),
        options.get("steps", {}),
        {"few": ("a", "b", "c")},
    )
    (clause,) = parse_rule(rule)
    condition = compiler.condition(clause.condition)
    now = f"{period:%Y-%m}"
    values = pl.DataFrame(
        [{"unit": "u", "measure": m, "value": v} for m, v in months.get(now, {}).items()],
        schema={"unit": pl.String, "measure": pl.String, "value": pl.Float64},
    ).with_columns(
        pl.lit(None, pl.Float64).alias(name)
        for name in VALUES.names()
        if name not in ("unit", "measure", "value")
    )
    history = pl.DataFrame(
        [
            ("u", m, dt.date(int(p[:4]), int(p[5:]), 1), v)
            for p, cells in months.items()
            if p != now
            for m, v in cells.items()
        ],
        schema={"unit": pl.String, "measure": pl.String, "period": pl.Date, "value": pl.Float64},
        orient="row",
    )
    opened = {"u": options.get("opened")}
    frame = lagged_frame(
        conform(values, VALUES), history, period, ["u"], compiler.needed, Hierarchy({}, {}, opened)
    )
    for level in compiler.medians:
        frame = add_medians(frame, level)
    return frame.select(condition).item()


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        ("a == b + c", {"a": 3, "b": 1, "c": 2}, True),
        ("a == b + c", {"a": 3, "b": 1, "c": None}, None),
        ("a == b", {"a": 0.3, "b": 0.1 + 0.2}, True),
        ("a <= b <= c", {"a": 1, "b": None, "c": 2}, True),
        ("a <= b <= c", {"a": 3, "b": None, "c": 2}, False),
        ("a <= b <= c", {"a": 3, "b": None, "c": None}, None),
        ("5 <= a <= 480", {"a": None}, None),
        ("5 <= a <= 480", {"a": 500}, False),
        ("a > 0 => b > 0", {"a": 1, "b": 0}, False),
        ("a > 0 => b > 0", {"a": 0, "b": 0}, True),
        ("a > 0 => b > 0", {"a": 0, "b": None}, None),
        ("a / b >= 0.5", {"a": 1, "b": 0}, None),
        ("has(a) == has(b)", {"a": 1, "b": None}, False),
        ("coalesce(a, b) == 2", {"a": None, "b": 2}, True),
        ("max(0, a) == 0", {"a": -2}, True),
        ("max(0, a) == 0", {"a": None}, None),
        ("not (a < 1)", {"a": 2}, True),
        ("count(x in few: x >= 5) < 2", {"a": 6, "b": 7, "c": None}, False),
        ("a - -1 == 2", {"a": 1}, True),
        ("month() == 10 or a > 0", {"a": 0}, True),
    ],
)
def test_a_condition_over_one_month(
    rule: str, values: dict[str, float | None], expected: bool | None
) -> None:
    assert holds(rule, {"2024-10": values}) is expected


def test_year_to_date_adds_from_january_and_needs_every_month() -> None:
    months = {f"2024-{m:02}": {"a": 1.0} for m in range(1, 11)}
    assert holds("ytd(a) == 10", months) is True
    del months["2024-04"]
    assert holds("ytd(a) == 10", months) is None


def test_a_unit_that_opened_in_september_owes_two_months() -> None:
    months = {"2024-09": {"a": 3.0}, "2024-10": {"a": 4.0}}
    assert holds("ytd(a) == 7", months, opened=dt.date(2024, 9, 1)) is True


def test_a_financial_year_starts_in_april() -> None:
    months = {f"2024-{m:02}": {"a": 1.0} for m in range(1, 11)}
    assert holds("ytd(a) == 7", months, year_start=4) is True


def test_the_previous_period_of_a_quarterly_measure_is_three_months_back() -> None:
    months = {"2024-06": {"a": 5.0}, "2024-08": {"a": 9.0}, "2024-09": {"a": 6.0}}
    assert holds("a == prev(a) + 1", months, dt.date(2024, 9, 1), steps={"a": 3}) is True


def test_last_year_to_date_stops_at_the_same_month() -> None:
    months = {f"2023-{m:02}": {"a": 1.0} for m in range(1, 13)} | {"2024-10": {"a": 0.0}}
    assert holds("same_period(ytd(a)) == 10", months) is True


def test_a_median_needs_six_periods_and_skips_this_one() -> None:
    past = {"2024-09": 1.0, "2024-08": 2.0, "2024-07": 3.0, "2024-06": 4.0, "2024-05": 5.0}
    months: dict[str, dict[str, float | None]] = {p: {"a": v} for p, v in past.items()}
    months["2024-10"] = {"a": 100.0}
    assert holds("median12(a) == 3", months) is None
    months["2024-04"] = {"a": 60.0}
    assert holds("median12(a) == 3.5", months) is True
    assert holds("mad12(a) == 1.5", months) is True
