"""Which days of the festival fall into which month, 2010 to 2030? Against figures of another hand.

`spring_festival_regressors.csv` was computed independently (dates by lunardate, shares of the
windows −5…−1, 0…6 and 7…20, centred on 2010–2030); this folder keeps it beside the test.
"""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from data.catalog import load_catalog
from data.said import say
from metrics.festival import (
    REGRESSORS,
    UnknownYearError,
    differs,
    disturbed,
    regressors,
    working_days,
)
from tests.metrics.small import catalog, m

CALENDAR = load_catalog().calendar
REFERENCE = pl.read_csv(
    Path(__file__).with_name("spring_festival_regressors.csv"), schema_overrides=REGRESSORS
)


def test_every_row_of_the_reference_is_ours() -> None:
    keys = ["year", "month", "spring_festival_date"]
    assert regressors(CALENDAR).select(keys).equals(REFERENCE.select(keys))
    assert REFERENCE.height == 21 * 3


@pytest.mark.parametrize("column", list(REGRESSORS)[3:])
def test_every_share_of_the_reference_is_ours(column: str) -> None:
    ours, theirs = regressors(CALENDAR, 2010, 2030)[column], REFERENCE[column]
    assert ours.to_list() == pytest.approx(theirs.to_list(), abs=1e-12)


def test_shares_of_a_stretch_add_up_to_one_and_centred_ones_to_nought() -> None:
    frame = regressors(CALENDAR)
    for name in ("before", "during", "after"):
        by_year = frame.group_by("year").agg(pl.col(f"share_{name}").sum())
        assert by_year[f"share_{name}"].to_list() == pytest.approx([1.0] * 21)
        by_month = frame.group_by("month").agg(pl.col(f"centred_{name}").sum())
        assert by_month[f"centred_{name}"].to_list() == pytest.approx([0.0] * 3, abs=1e-12)


@pytest.mark.parametrize(
    ("month", "days"),
    [
        # 10 February 2024: 5–9 before, 10–16 during, 17–29 February and 1 March after
        ("2024-01", (0, 0, 0)),
        ("2024-02", (5, 7, 13)),
        ("2024-03", (0, 0, 1)),
        # 22 January 2023: 17–21 before, 22–28 during, 29 January – 11 February after
        ("2023-01", (5, 7, 3)),
        ("2023-02", (0, 0, 11)),
        ("2023-03", (0, 0, 0)),
        # 1 February 2022: 27–31 January before
        ("2022-01", (5, 0, 0)),
        ("2022-02", (0, 7, 14)),
        ("2024-06", (0, 0, 0)),
    ],
)
def test_the_days_of_a_month_that_the_festival_disturbs(month: str, days: tuple) -> None:
    found = disturbed(CALENDAR, m(month))
    assert found.days == days
    assert found.lengths == (5, 7, 14)
    assert found.shares == tuple(d / n for d, n in zip(days, (5, 7, 14), strict=True))


@pytest.mark.parametrize(
    ("month", "base", "expected"),
    [
        ("2024-03", "2023-03", True),  # one day of 2024's festival spills into March
        ("2023-03", "2022-03", False),
        ("2024-01", "2023-01", True),
        ("2024-04", "2023-04", False),
    ],
)
def test_months_that_the_festival_disturbs_differently_are_marked(month, base, expected) -> None:
    assert differs(CALENDAR, m(month), m(base)) is expected


@pytest.mark.parametrize(("lang", "said"), [("zh", "未知"), ("en", "unknown, never guessed")])
def test_a_year_that_is_not_listed_is_refused_in_words(lang: str, said: str) -> None:
    with pytest.raises(UnknownYearError) as error:
        disturbed(CALENDAR, dt.date(2031, 1, 1))
    assert "2031" in say(error.value, lang)
    assert "2010–2030" in say(error.value, lang)
    assert said in say(error.value, lang)


def test_other_lengths_of_the_festival_are_a_matter_of_the_calendar() -> None:
    short = replace(CALENDAR, festival_before=2, festival_during=3, festival_after=4)
    assert disturbed(short, m("2024-02")).days == (2, 3, 2)  # 8–9, 10–12, 13–14 February


def test_without_a_festival_nothing_is_disturbed() -> None:
    plain = catalog(festival=False).calendar
    assert disturbed(plain, m("2024-02")).total == 0
    assert not differs(plain, m("2024-02"), m("2023-02"))
    assert regressors(plain).is_empty()


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        (["2024-01"], 22),
        (["2024-01", "2024-02"], 40),
        (["2023-01", "2023-02"], 38),
        (["2027-01"], None),  # not announced yet
        (["2026-12", "2027-01"], None),
    ],
)
def test_working_days_are_official_or_unknown(months: list[str], expected: int | None) -> None:
    assert working_days(CALENDAR, [m(month) for month in months]) == expected


def test_a_calendar_with_a_festival_in_the_wrong_year_is_refused(tmp_path: Path) -> None:
    from data.definition_bureau import read_calendar

    (tmp_path / "calendar.toml").write_text(
        'festival = "spring_festival"\n[festival_days]\n2024 = 2023-01-22\n', encoding="utf-8"
    )
    with pytest.raises(ValueError, match="expected a day of 2024, found 2023-01-22"):
        read_calendar(tmp_path)
