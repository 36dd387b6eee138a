"""What does the page say of January, February and March?"""

import polars as pl
import pytest

from charts.base import to_spec
from charts.festival import chart_festival
from metrics.contributed import by_units
from metrics.contributions import year_months
from metrics.spring_panel import festival_days, looks
from tests.metrics.small import catalog, cube, m
from tests.metrics.test_breaks import PARTLY, filed
from tests.metrics.test_spring_views import pushed

CALENDAR = catalog().calendar


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        ("2024-01", ["reported month", "working_days month", "aligned month"]),
        (
            "2024-02",
            ["reported jan_feb", "two_year month", "working_days jan_feb", "aligned month"],
        ),
        (
            "2024-03",
            ["reported month", "reported quarter", "working_days month", "aligned month"],
        ),
        ("2024-04", []),
    ],
)
def test_the_looks_of_each_month(month: str, expected: list[str]) -> None:
    found = looks(cube(pushed(2018, 2024)), "calls_theft", "a1", m(month), "now", lambda x: x)
    assert [f"{look.view} {look.window}" for look in found] == expected
    assert all(look.half is not None for look in found if look.view == "aligned")


@pytest.mark.parametrize(("month", "marked"), [("2024-03", True), ("2023-03", False)])
def test_a_march_with_other_days_of_the_festival_is_marked(month: str, marked: bool) -> None:
    found = looks(cube(pushed(2018, 2024)), "calls_theft", "a1", m(month), "now", lambda x: x)
    assert (found[0].said == ("festival.said.differs",)) is marked


def test_a_share_has_no_look_by_working_days() -> None:
    table = {
        "svc_online": {"a1": {"2023-02": 50, "2024-02": 60}},
        "svc_handled": {"a1": {"2023-02": 100, "2024-02": 100}},
    }
    found = looks(cube(table), "d_online_share", "a1", m("2024-02"), "now", lambda x: x)
    assert [look.view for look in found] == ["reported", "two_year", "aligned"]


def test_a_hidden_figure_has_no_interval() -> None:
    def hide(rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(value=pl.lit(None, pl.Float64), suppressed=pl.lit(value=True))

    held = cube(pushed(2018, 2024))
    for look in looks(held, "calls_theft", "a1", m("2024-01"), "now", hide):
        assert (look.row["value"], look.half) == (None, None)


def test_a_bureau_without_the_festival_shows_nothing_of_it() -> None:
    london = cube(pushed(2018, 2024), catalog(festival=False))
    assert looks(london, "calls_theft", "a1", m("2024-02"), "now", lambda x: x) == ()


def test_the_days_of_five_years_on_one_calendar() -> None:
    frame = festival_days(CALENDAR, 2024)
    assert frame["year"].unique(maintain_order=True).to_list() == [2024, 2023, 2022, 2021, 2020]
    first = frame.filter(year=2024)
    assert first["said"].to_list() == ["02-05 – 02-09", "02-10 – 02-16", "02-17 – 03-01"]
    assert first["start"][1] == pytest.approx(2 + 9 / 29)
    assert first["end"].to_list()[:2] == first["start"].to_list()[1:]
    assert festival_days(CALENDAR, 2012)["year"].unique().sort().to_list() == [2010, 2011, 2012]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_chart_of_the_days(lang: str) -> None:
    names = {"before": "5 before", "during": "7 during", "after": "14 after"}
    spec = to_spec(chart_festival(festival_days(CALENDAR, 2024), names, "dark", lang))
    (bars,) = spec["layer"]
    assert bars["mark"]["type"] == "bar"
    assert bars["encoding"]["y"]["sort"] == ["2024", "2023", "2022", "2021", "2020"]
    assert ("1月" if lang == "zh" else "Jan") in bars["encoding"]["x"]["axis"]["labelExpr"]


def test_across_a_break_last_year_has_no_tick_and_no_part_a_difference() -> None:
    held = filed(PARTLY)
    (may,) = [
        x for x in year_months(held, "calls_theft", "a2", m("2024-05"), "now") if x.month == 5
    ]
    assert (may.value, may.base) == (9, None)
    found = by_units(held, "calls_theft", "a", m("2024-05"), "month")
    assert (found.change, {line.code: line.own for line in found.lines}) == (6, {"a1": 6})
