"""Contributions, years, tracks, funnels and the overview's view, on a bureau worked by hand."""

import polars as pl
import pytest

from metrics.contributions import read_parts, year_months
from metrics.districts import Funnel, read_sides
from metrics.overview import main_part, read_view, target_met
from metrics.tracks import read_tracks
from tests.metrics.small import COUNTED, STATIONS, catalog, cube, m, months

OCTOBER = m("2024-10")


def counts(unit: str, now: float, before: float) -> dict[str, float]:
    """Return two years of months: all of last year's value but October 2024."""
    return {f"{p:%Y-%m}": before for p in months("2022-01", "2024-09")} | {"2024-10": now}


NOW = {"a1": 50.0, "a2": 90.0, "a3": 110.0, "b1": 100.0, "b2": 100.0, "a-own": 0.0, "b-own": 0.0}
BEFORE = dict.fromkeys(NOW, 100.0) | {"a-own": 0.0, "b-own": 0.0}
THEFT = {"calls_theft": {u: counts(u, NOW[u], BEFORE[u]) for u in COUNTED}}


def test_units_that_owe_nothing_are_no_part() -> None:
    children = ["a1", "a2", "a3", "a-own", "a-small"]
    found = read_parts(cube(THEFT), "calls_theft", "a", children, OCTOBER, "month", "now")
    assert [row["unit"] for row in found.parts] == ["a1", "a2", "a3", "a-own"]


def test_january_and_february_stand_together_as_a_monthly_mean() -> None:
    found = year_months(cube(THEFT), "calls_theft", "a1", m("2024-04"), "now")
    assert [(e.month, e.joined, e.value, e.base) for e in found] == [
        (2, 2, 100.0, 100.0),
        (3, 1, 100.0, 100.0),
        (4, 1, 100.0, 100.0),
    ]


def test_without_a_festival_each_month_stands_alone() -> None:
    held = cube(THEFT, catalog(festival=False))
    found = year_months(held, "calls_theft", "a1", m("2024-03"), "now")
    assert [(e.month, e.joined) for e in found] == [(1, 1), (2, 1), (3, 1)]


def test_a_year_may_start_in_april() -> None:
    held = cube(THEFT, catalog(year_start=4, festival=False))
    found = year_months(held, "calls_theft", "a1", m("2024-02"), "now")
    assert [e.month for e in found] == [4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2]


def wavy() -> dict[str, dict[str, dict[str, float]]]:
    """Return a series that swings by two every month and falls far in October 2024."""
    values = {f"{p:%Y-%m}": 100.0 + 2 * (n % 2) for n, p in enumerate(months("2022-01", "2024-09"))}
    return {"calls_theft": {"a1": values | {"2024-10": 60.0}}}


def test_a_track_ends_in_its_special_cause_and_spares_festival_months() -> None:
    track = read_tracks(cube(wavy()), ["calls_theft"], ["a1"], OCTOBER)["calls_theft", "a1"]
    assert len(track.values) == 24
    assert track.readings[-1] == "better"
    assert track.limits == pytest.approx((101 - 2.66 * 2, 101.0, 101 + 2.66 * 2))
    # January and February are never read alone.
    assert [track.readings[i] for i, p in enumerate(track.periods) if p.month <= 2] == ["none"] * 4


def test_the_view_names_what_moved_and_who_moved_it() -> None:
    held = cube(THEFT | {"calls_theft": THEFT["calls_theft"]})
    view = read_view(held, ["calls_theft"], ["c", "a", "b"], OCTOBER, "month", "now")
    assert view.changes["calls_theft", "a"]["change"] == pytest.approx(-50 / 300 * 100)
    part = main_part(held, view.changes["calls_theft", "c"], ["a", "b"], "now")
    assert part is not None
    assert (part["unit"], part["part"], part["total"]) == ("a", -50.0, -50.0)
    assert main_part(held, view.changes["calls_theft", "b"], ["b1", "b2"], "now") is None
    assert target_met(None, None, 1) == ""


SHARES = {
    "calls_dispatch_urgent": {u: {"2024-10": 400.0} for u in STATIONS},
    "calls_arrived_5min": {
        u: {"2024-10": v}
        for u, v in zip(STATIONS, (320.0, 322.0, 318.0, 321.0, 200.0), strict=True)
    },
}


def test_a_unit_far_from_the_whole_is_told_apart_and_suppressed_ones_say_nothing() -> None:
    sides = read_sides(
        cube(SHARES), "d_arrive_5min_rate", "c", STATIONS, OCTOBER, "month", "now", lambda f: f
    )
    assert sides.funnel is not None
    # By hand: z = 2.83, 3.09, 2.59, 2.96, −10.04; drawn in to 3.04 and −4.99 their squares are
    # 57.6, ÷ 4 ÷ 0.6787 = 21.2. Of five 2.569 errors decide; τ² = 20.2 · 0.64 / 1600 = 0.0081:
    # 2.569 · √(1/1600 + 0.0081) = 0.240, and the last unit is 0.251 off.
    assert sides.funnel.verdicts == dict.fromkeys(STATIONS[:4], "inside") | {"b2": "low"}
    assert sides.funnel.phi == pytest.approx(21.2, abs=0.05)
    assert (sides.funnel.kind, sides.funnel.is_widened) == ("share", True)
    assert sides.funnel.plain == dict.fromkeys(STATIONS[:4], "high") | {
        "a3": "high95", "b2": "low",
    }  # fmt: skip
    assert (sides.funnel.outside(plain=True), sides.funnel.outside()) == (4, 1)
    assert [side.is_apart for side in sides.units] == [False] * 4 + [True]
    first = sides.units[0]
    assert first.interval is not None
    assert first.interval[0] < 80.0 < first.interval[1]

    def hide(rows: pl.DataFrame) -> pl.DataFrame:
        blank = pl.when(pl.col("unit") == "b2").then(None)
        return rows.with_columns(
            suppressed=pl.col("unit") == "b2",
            **{
                c: blank.otherwise(pl.col(c)).alias(c)
                for c in ("value", "numerator", "denominator")
            },
        )

    hidden = read_sides(
        cube(SHARES), "d_arrive_5min_rate", "c", STATIONS, OCTOBER, "month", "now", hide
    ).units[-1]
    assert (hidden.figure["value"], hidden.standing, hidden.interval) == (None, None, None)


def test_a_unit_beyond_its_own_95_percent_only_is_not_apart() -> None:
    verdicts = {f"u{n}": "inside" for n in range(19)} | {"x": "high95", "y": "low", "s": "small"}
    plain = {unit: verdict for unit, verdict in verdicts.items() if verdict != "small"}
    funnel = Funnel("share", 100.0, 50.0, 1.0, pl.DataFrame(), verdicts, plain)
    assert funnel.outside() == 1
    assert [funnel.is_apart(v) for v in ("high95", "low", "high", "inside", "small", "")] == [
        False, True, True, False, False, False,
    ]  # fmt: skip


def test_where_most_are_outside_none_is_singled_out() -> None:
    """Four small units at 44 % beside two large ones at 75 and 88 %: the pooled level is theirs."""
    plain = dict.fromkeys("abcd", "low") | {"e": "inside", "f": "inside"}
    verdicts = plain | {"g": "small"}
    funnel = Funnel("share", 100.0, 81.0, 8.0, pl.DataFrame(), verdicts, plain)
    assert funnel.is_mixed
    assert not any(funnel.is_apart(verdict) for verdict in verdicts.values())
    assert funnel.outside() == 4  # the note still says how many are beyond
    alone = dict.fromkeys("bcd", "inside") | {"a": "low"}
    assert not Funnel("share", 100.0, 81.0, 8.0, pl.DataFrame(), alone, alone).is_mixed


def test_counts_have_no_funnel() -> None:
    sides = read_sides(
        cube(THEFT), "calls_theft", "c", ["a", "b"], OCTOBER, "month", "now", lambda f: f
    )
    assert sides.funnel is None
    assert [side.unit for side in sides.units] == ["a", "b"]
