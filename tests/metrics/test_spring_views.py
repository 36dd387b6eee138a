"""Rule 8: four views of festival months, each worked out by hand."""

import math
from dataclasses import replace

import polars as pl
import pytest

from data.said import say
from data.schema import CHANGES, FIGURES
from metrics.cube import Cube, build_cube
from metrics.festival import disturbed
from metrics.spring_effect import fit_effect, student_quantile
from metrics.spring_views import View, ViewError, festival_view
from tests.metrics.small import catalog, cube, facts, m, months

CALENDAR = catalog().calendar
COUNTS = {
    "calls_theft": {
        "a1": {
            "2022-01": 100, "2022-02": 90,
            "2023-01": 88, "2023-02": 110, "2023-03": 120,
            "2024-01": 132, "2024-02": 108, "2024-03": 126,
        }
    }
}  # fmt: skip


def view(
    source: Cube | dict,
    name: str,
    periods: str,
    comparators: tuple[str, ...] = (),
    indicator: str = "calls_theft",
    window: str = "month",
) -> View:
    """Return a view of one indicator of a1."""
    held = source if isinstance(source, Cube) else cube(source)
    asked = [m(period) for period in periods.split()]
    return festival_view(held, [indicator], ["a1"], asked, window, name, comparators)


def test_january_and_february_stand_together() -> None:
    found = view(COUNTS, "joined", "2024-01 2024-02 2024-03", ("yoy",)).frame
    assert found.select("period", "window", "value", "base_value").rows() == [
        (m("2024-02"), "jan_feb", 132 + 108, 88 + 110),
        (m("2024-03"), "month", 126, 120),
    ]
    assert found["change"].to_list() == pytest.approx([42 / 198 * 100, 5.0])
    assert found.schema == CHANGES


def test_without_a_comparison_a_view_has_the_columns_of_figures() -> None:
    found = view(COUNTS, "joined", "2024-01 2024-04").frame
    assert found.schema == FIGURES
    assert found.select("period", "window", "value").rows() == [
        (m("2024-02"), "jan_feb", 240.0), (m("2024-04"), "month", None),
    ]  # fmt: skip


def test_the_mean_of_two_years_of_the_two_months_together() -> None:
    found = view(COUNTS, "two_year", "2024-02").frame.row(0, named=True)
    assert (found["comparator"], found["value"], found["base_value"]) == ("two_year", 240, 190)
    assert found["change"] == pytest.approx((math.sqrt(240 / 190) - 1) * 100)


def test_a_march_that_holds_other_days_of_the_festival_is_marked() -> None:
    said = view(COUNTS, "joined", "2024-03", ("yoy",)).said
    assert said == (("festival.said.differs", {"month": "2024-03", "base": "2023-03"}),)
    assert view(COUNTS, "joined", "2023-03", ("yoy",)).said == ()


def test_counts_are_divided_by_official_working_days() -> None:
    # January 2024 has 22 working days, January 2023 18; February 18 and 20
    found = view(COUNTS, "working_days", "2024-01 2024-02", ("yoy",)).frame
    first, second = found.iter_rows(named=True)
    assert (first["numerator"], first["denominator"], first["value"]) == (132, 22, 6.0)
    assert first["base_value"] == pytest.approx(88 / 18)
    assert first["change"] == pytest.approx((132 / 22) / (88 / 18) * 100 - 100)
    assert (second["value"], second["base_value"]) == (108 / 18, 110 / 20)
    assert second["change"] == pytest.approx(6.0 / 5.5 * 100 - 100)
    assert (first["note"], first["reading"]) == ("none", "none")


def test_working_days_of_longer_windows_are_added() -> None:
    found = view(COUNTS, "working_days", "2024-03", ("yoy",), window="quarter").frame
    row = found.row(0, named=True)
    assert row["value"] == pytest.approx((132 + 108 + 126) / (22 + 18 + 21))


def test_a_year_whose_working_days_are_not_announced_stays_unknown() -> None:
    later = {"calls_theft": {"a1": {"2026-01": 84, "2027-01": 90}}}
    found = view(later, "working_days", "2027-01", ("yoy",))
    row = found.frame.row(0, named=True)
    assert (row["value"], row["change"], row["status"]) == (None, None, "missing")
    assert row["base_value"] == 84 / 21
    assert found.said == (("festival.said.unknown", {"months": "2027-01"}),)


@pytest.mark.parametrize(
    ("name", "indicator", "comparators", "window", "said"),
    [
        ("working_days", "d_online_share", (), "month", "not divided by working days"),
        ("working_days", "crim_open_end", (), "month", "not divided by working days"),
        ("working_days", "calls_theft", ("mom",), "month", "not by mom"),
        ("aligned", "calls_theft", ("target",), "month", "not by target"),
        ("aligned", "calls_theft", (), "quarter", "of --window month, not of quarter"),
        ("joined", "calls_theft", (), "ytd", "of --window month, not of ytd"),
        ("aligned", "population", (), "month", "not aligned"),
    ],
)
def test_what_a_view_cannot_say_it_refuses(name, indicator, comparators, window, said) -> None:
    with pytest.raises(ViewError) as error:
        view(COUNTS, name, "2024-01", comparators, indicator, window)
    assert said in say(error.value, "en")
    assert indicator in say(error.value, "zh") or "只" in say(error.value, "zh")


def test_a_bureau_without_the_festival_has_no_such_views() -> None:
    london = cube(COUNTS, catalog(festival=False))
    with pytest.raises(ViewError, match="no moving festival"):
        view(london, "joined", "2024-02")


SLOPES = (0.10, -0.40, -0.20)  # more before the festival, less during and after


def pushed(first: int, last: int, growth: float = 1.05, level: float = 1000.0) -> dict:
    """Return a series that only the festival and a yearly growth move, January to March."""
    series = {}
    for month in months(f"{first}-01", f"{last}-12"):
        shares = disturbed(CALENDAR, month).shares
        push = sum(slope * share for slope, share in zip(SLOPES, shares, strict=True))
        season = {1: 1.1, 2: 0.9, 3: 1.0}.get(month.month, 1.2)
        series[f"{month:%Y-%m}"] = level * season * growth ** (month.year - first) * math.exp(push)
    return {"calls_theft": {"a1": series}}


def paired(series: dict[str, float]) -> dict:
    """Return each month's figure with that of a year before."""
    before = {key: f"{int(key[:4]) - 1}{key[4:]}" for key in series}
    return {m(k): (v, series[before[k]]) for k, v in series.items() if before[k] in series}


def test_a_month_that_some_did_not_file_is_judged_by_the_others() -> None:
    table = pushed(2018, 2024)
    table["calls_theft"]["a2"] = dict(table["calls_theft"]["a1"])
    for month in ("2019-02", "2021-01", "2022-03"):
        del table["calls_theft"]["a2"][month]
    found = festival_view(
        cube(table), ["calls_theft"], ["a"], [m("2024-02")], "month", "aligned", ("yoy",)
    )
    assert found.frame["change"].to_list() == pytest.approx([5.0])


def test_the_effect_of_the_festival_is_found_where_there_is_nothing_else() -> None:
    series = pushed(2018, 2024)["calls_theft"]["a1"]
    effect = fit_effect(paired(series), CALENDAR, is_log=True)
    assert effect is not None
    assert effect.slopes.tolist() == pytest.approx(list(SLOPES))
    assert (effect.pairs, effect.freedom) == (6, 3 * 6 - 6 - 3)


def test_an_aligned_comparison_shows_the_growth_and_not_the_festival() -> None:
    table = pushed(2018, 2024)
    found = view(table, "aligned", "2023-01 2024-01 2024-02 2024-03", ("yoy",))
    assert found.frame["change"].to_list() == pytest.approx([5.0] * 4, abs=1e-6)
    assert found.frame["status"].unique().to_list() == ["estimated"]
    assert found.frame["note"].unique().to_list() == ["none"]
    assert all(width == pytest.approx(0, abs=1e-6) for width in found.half.values())
    # as reported, the festival alone moves January by far more than that
    series = table["calls_theft"]["a1"]
    assert series["2024-01"] / series["2023-01"] > 1.2


def test_an_aligned_share_is_moved_in_percentage_points() -> None:
    # the share of services online is 60 % but for a push of −6 points by all of the holiday
    online, handled = {}, {}
    for month in months("2018-01", "2024-03"):
        during = disturbed(CALENDAR, month).shares[1]
        online[f"{month:%Y-%m}"] = 10_000 * (0.60 - 0.06 * during + 0.01 * (month.year - 2018))
        handled[f"{month:%Y-%m}"] = 10_000
    table = {"svc_online": {"a1": online}, "svc_handled": {"a1": handled}}
    row = view(table, "aligned", "2024-02", ("yoy",), "d_online_share").frame.row(0, named=True)
    assert (row["change_kind"], row["change"]) == ("pp", pytest.approx(1.0))
    assert row["compared_value"] - row["base_value"] == pytest.approx(1.0)


def test_too_few_years_are_not_aligned_and_it_is_said() -> None:
    found = view(pushed(2023, 2024), "aligned", "2024-02 2024-04", ("yoy",))
    february, april = found.frame.iter_rows(named=True)
    assert (february["value"], february["change"], february["note"]) == (None, None, "festival")
    assert april["change"] == pytest.approx(5.0)  # beyond the festival's reach
    assert found.said == (("festival.said.short", {"months": "2024-02"}),)


def test_with_few_years_the_stretches_are_taken_as_one() -> None:
    series = pushed(2022, 2024)["calls_theft"]["a1"]
    effect = fit_effect(paired(series), CALENDAR, is_log=True)
    assert effect is not None
    assert (effect.pairs, effect.freedom) == (2, 6 - 2 - 1)
    assert effect.slopes.tolist() == pytest.approx(
        (effect.slopes.sum() * pl.Series([5, 7, 14]) / 26).to_list()
    )


def test_a_year_that_the_calendar_does_not_list_is_refused() -> None:
    definitions = catalog()
    days = {year: day for year, day in CALENDAR.festival_days.items() if year < 2024}
    short = replace(definitions, calendar=replace(CALENDAR, festival_days=days))
    held = build_cube(facts(pushed(2018, 2024)), short)
    with pytest.raises(ValueError, match="2024"):
        view(held, "aligned", "2024-02", ("yoy",))


def test_a_break_stays_a_break_in_every_view() -> None:
    old = facts(pushed(2018, 2023))
    new = facts({"calls_theft": {"a1": {"2024-01": 500, "2024-02": 500}}}, definition=2)
    held = build_cube(pl.concat([old, new]), catalog())
    for name in ("joined", "working_days", "aligned"):
        row = view(held, name, "2024-02", ("yoy",)).frame.row(0, named=True)
        assert row["change"] is None, name
        assert row["note"] in ("break", "festival"), name


def test_the_interval_widens_with_what_is_left_unexplained() -> None:
    table = pushed(2018, 2024)
    series = table["calls_theft"]["a1"]
    for n, key in enumerate(sorted(series)):
        series[key] *= 1 + 0.03 * (-1) ** n
    found = view(table, "aligned", "2024-02", ("yoy",))
    width = found.half["calls_theft", "a1", m("2024-02"), "yoy"]
    assert width > 0
    assert student_quantile(9) == pytest.approx(2.262, abs=1e-3)


@pytest.mark.parametrize("name", ["joined", "two_year", "working_days", "aligned"])
def test_a_year_that_the_calendar_does_not_list_is_named_by_every_view(name: str) -> None:
    counts = {"calls_theft": {"a1": {"2031-02": 10, "2032-02": 12, "2032-03": 5, "2032-05": 7}}}
    found = view(counts, name, "2032-02", ("yoy",))
    values = {"years": "2031, 2032", "listed": "2010–2030"}
    assert (f"festival.unlisted.{name}", values) in found.said
    # May holds no festival, and a listed year is not spoken of.
    assert not [key for key, _ in view(counts, name, "2032-05").said if "unlisted" in key]
    assert not [key for key, _ in view(COUNTS, name, "2024-02", ("yoy",)).said if "unlisted" in key]


def test_a_march_of_an_unlisted_year_is_shown_all_the_same() -> None:
    found = view(
        {"calls_theft": {"a1": {"2031-03": 10, "2032-03": 12}}}, "joined", "2032-03", ("yoy",)
    )
    assert found.frame["change"].to_list() == pytest.approx([20.0])
