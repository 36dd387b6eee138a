"""Does the trial of the reading hold what must hold whatever the seed, and is its page whole?"""

import datetime as dt
from functools import cache

import numpy as np
import pytest

from benchmarks.reading_part import measure
from benchmarks.reading_series import counts, festival_share, kinds, losses, make_cube
from benchmarks.reading_wall import WINDOWS
from benchmarks.report_reading import reading_page
from data.catalog import load_catalog
from metrics.figures import compute_figures
from tests.benchmarks.test_units_part import units_trial

SERIES = 12


@cache
def trial() -> dict:
    return measure(SERIES, seed=7)


def still(shape: str, size: str, cause: str, rule: str) -> dict:
    rows = [
        r for r in trial()["still"] if (r["shape"], r["size"], r["cause"]) == (shape, size, cause)
    ]
    return rows[0][rule]


@pytest.mark.parametrize("size", ["station", "district", "city"])
def test_stable_counts_are_called_red_far_less_often_than_by_ten_per_cent(size: str) -> None:
    ours, naive = still("count", size, "stable", "ours"), still("count", size, "stable", "naive")
    assert ours["red"] < naive["red"] / 2
    assert ours["red"] < 0.08


@pytest.mark.parametrize("size", ["station", "district"])
def test_shares_of_few_are_called_red_far_less_often_too(size: str) -> None:
    ours, naive = still("share", size, "stable", "ours"), still("share", size, "stable", "naive")
    assert ours["red"] < naive["red"] / 2


def test_money_of_a_few_cases_is_called_red_or_better_in_few_months() -> None:
    ours, naive = (still("money", "station", "stable", rule) for rule in ("ours", "naive"))
    assert ours["either"] < 0.1 < naive["either"] / 5


def test_large_steps_of_large_series_are_seen_soon_and_never_the_wrong_way() -> None:
    for row in trial()["steps"]:
        if row["shape"] == "money":
            continue  # a few cases make most of it, a doubled district is like another year
        if row["size"] != "station" and row["step"] in (1.5, 2.0, -0.2):
            assert row["ours"]["within_3"] >= 0.8, row
            assert row["ours"]["wrong_way"] <= 0.01, row


def test_the_page_has_a_row_for_each_kind() -> None:
    page = reading_page(trial(), units_trial())
    rows = [
        line for line in page.splitlines() if line.startswith(("| count", "| share", "| money"))
    ]
    assert len(rows) == 2 * len(list(kinds()))  # a month, and longer windows
    assert "seed 7" in page


def test_longer_windows_are_called_about_as_often_as_meant() -> None:
    rows = [row for row in trial()["longer"] if not row["step"]]
    called = [sum(row[window]) for row in rows for window in WINDOWS]
    assert 0.02 < np.mean(called) < 0.06


def test_a_wall_without_a_change_stays_all_but_without_colour() -> None:
    for row in trial()["walls"]:
        if not row["changed"]:
            assert row["coloured"] < row["called"] / 2, row
        elif (row["size"], row["factor"], row["window"]) == ("district", 1.5, "rolling12"):
            assert row["coloured_true"] > 0.8, row
        assert row["coloured_true"] <= row["called_true"]


def test_the_same_seed_gives_the_same_series_and_they_are_what_they_are_said_to_be() -> None:
    cube, units = make_cube(3, seed=5)
    again, _ = make_cube(3, seed=5)
    kind = next(k for k in kinds() if (k.size, k.cause) == ("city", "stable"))
    asked = (["calls_theft"], units[kind], [dt.date(2024, month, 1) for month in range(1, 13)])
    one, two = (compute_figures(c, *asked, "month")["value"] for c in (cube, again))
    assert one.to_list() == two.to_list()
    assert 500 < one.mean() < 700


def test_counts_vary_by_as_much_as_is_said() -> None:
    drawn = counts(np.random.default_rng(2), np.full(200_000, 60.0))
    assert drawn.mean() == pytest.approx(60, rel=0.01)
    assert drawn.var() == pytest.approx(1.3 * 60 + 3.6**2, rel=0.03)


def test_a_loss_belongs_to_the_cases_of_its_month() -> None:
    cases = np.array([[0, 3, 0], [40_000, 1, 0]])
    lost = losses(np.random.default_rng(2), cases)
    assert (lost > 0).tolist() == (cases > 0).tolist()
    assert lost[1, 0] / 40_000 == pytest.approx(np.exp(1.5**2 / 2), rel=0.1)


def test_the_festival_of_2023_lies_in_january_and_february() -> None:
    calendar = load_catalog().calendar  # 22 January 2023: from the 17th to 11 February
    assert festival_share(dt.date(2023, 1, 1), calendar) == pytest.approx(15 / 31)
    assert festival_share(dt.date(2023, 2, 1), calendar) == pytest.approx(11 / 28)
    assert festival_share(dt.date(2023, 3, 1), calendar) == 0
