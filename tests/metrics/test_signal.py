"""Limits and labels of XmR charts, on series whose results another program published."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.signal import (
    SIGNALS,
    Limits,
    assurance,
    mark_points,
    run_chance,
    signal_chance,
    xmr_limits,
)


def marks(values: list[float]) -> list[str]:
    """Return the signal of each point of a series with its own limits, in short."""
    series = np.array([values])
    points = mark_points(series, xmr_limits(series))
    short = {"none": ".", "outside": "O", "trend": "T", "two_of_three": "2", "shift": "S"}
    return "".join(short[SIGNALS[code]] for code in points.signal[0])


def test_limits_are_the_mean_and_266_mean_moving_ranges():
    # moving ranges 2, 1, 2: mean 5/3, none as large as 3.267 times that
    limits = xmr_limits(np.array([10.0, 12.0, 11.0, 13.0]))
    assert limits.mean == 11.5
    assert limits.upper == pytest.approx(11.5 + 2.66 * 5 / 3)
    assert limits.lower == pytest.approx(11.5 - 2.66 * 5 / 3)
    assert limits.sigma == pytest.approx(5 / 3 / 1.128)


def test_a_wild_moving_range_is_screened_once_and_the_mean_is_not():
    # ten ranges of 1 and two of 30: their mean is 70/12, and 30 is more than 3.267 times it
    values = [10, 11] * 3 + [41] + [11, 10] * 3
    limits = xmr_limits(np.array(values, dtype=float))
    assert limits.upper - limits.mean == pytest.approx(2.66)
    assert limits.mean == pytest.approx(sum(values) / 13)


def test_gaps_are_left_out_and_not_bridged():
    limits = xmr_limits(np.array([10.0, 12.0, np.nan, 30.0, 31.0]))
    assert (limits.points, limits.mean) == (4, 20.75)
    assert limits.sigma == pytest.approx(1.5 / 1.128)


def test_months_without_a_figure_end_no_run_no_trend_and_no_two_of_three():
    flat = Limits(*(np.array(x) for x in (50.0, 40.0, 60.0, 3.76, 12)))
    gap = np.nan
    low = mark_points(np.array([49.0, 48, gap, 49, 47, gap, gap, 49, 48, 49]), flat)
    assert low.shift.tolist() == [True, True, False, True, True, False, False, True, True, True]
    assert low.run[-1] == 7
    rising = mark_points(np.array([44.0, 45, gap, 46, 47, 48, gap, 49, 50]), flat)
    assert rising.trend.sum() == 7
    near = mark_points(np.array([57.0, gap, 52, gap, 58]), flat)
    assert near.two_of_three.tolist() == [True, False, False, False, True]


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 30)), min_size=1, max_size=50),
    st.integers(5, 25),
    st.integers(1, 8),
)
def test_figures_are_read_as_if_the_missing_months_were_not_there(values, mean, half):
    flat = Limits(*(np.array(float(x)) for x in (mean, mean - half, mean + half, half / 3, 12)))
    whole = np.array([np.nan if v is None else float(v) for v in values])
    there = ~np.isnan(whole)
    found, alone = mark_points(whole, flat), mark_points(whole[there], flat)
    for name in ("outside", "near", "trend", "two_of_three", "shift", "signal", "side", "run"):
        assert getattr(found, name)[there].tolist() == getattr(alone, name).tolist(), name
        assert not getattr(found, name)[~there].any(), name


REFERENCE = pl.read_csv(
    Path(__file__).parent / "reference" / "spc_points.csv", infer_schema_length=None
)
STRETCHES = [
    part for _, part in REFERENCE.group_by(["series", "rebase_group"], maintain_order=True)
    if part["series"][0] != "constant_series"
]  # fmt: skip


def test_many_series_at_once_come_out_as_published_one_by_one():
    """All stretches of the published series as the rows of one array, later months missing."""
    width = max(part.height for part in STRETCHES)
    block = np.full((2, len(STRETCHES), width), np.nan)
    for row, part in enumerate(STRETCHES):
        values, fixed = (part[name].cast(pl.Float64).to_numpy() for name in ("y", "fix_y"))
        block[:, row, : part.height] = values, fixed
    is_screened = np.array([(part["mr_screened_out"].any() or _raw(part)) for part in STRETCHES])
    screened, plain = xmr_limits(block[1]), xmr_limits(block[1], screen=False)
    limits = Limits(
        *(np.where(is_screened, getattr(screened, n), getattr(plain, n)) for n in Limits.__slots__)
    )
    points = mark_points(block[0], limits)
    for row, part in enumerate(STRETCHES):
        for mine, theirs in ((limits.mean, "mean"), (limits.lower, "lpl"), (limits.upper, "upl")):
            assert mine[row] == pytest.approx(part[theirs][-1], rel=1e-9)
        n = part.height
        for mine, theirs in (
            (points.outside, "outside_limits"), (points.near, "close_to_limits"),
            (points.signal > 0, "special_cause_flag"),
        ):  # fmt: skip
            assert mine[row, :n].tolist() == part[theirs].to_list(), theirs


def _raw(part: pl.DataFrame) -> bool:
    """Return whether screening a stretch leaves its mean moving range as it is."""
    ranges = np.abs(np.diff(part["fix_y"].drop_nulls().to_numpy()))
    return bool((ranges < 3.267 * ranges.mean()).all())


def test_a_series_that_never_moves_has_no_spread_and_no_signal():
    limits = xmr_limits(np.array([5.0] * 12))
    assert (limits.lower, limits.upper, limits.sigma) == (5, 5, 0)
    assert marks([5.0] * 12) == "." * 12
    # Three tenths added twelve times and divided are not three tenths; the mean of the limits is.
    assert xmr_limits(np.array([0.3] * 12)).mean == 0.3
    assert not mark_points(np.array([0.3] * 12), xmr_limits(np.array([0.3] * 12))).signal.any()


SWAY = [50.0, 53, 48, 51, 49, 52, 47, 52, 49, 51, 48, 52]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (SWAY, "............"),
        ([*SWAY, 75.0], "..SSSSSSSSSSO"),  # it lifts the mean above the ten before it
        ([*SWAY, 30.0], "............O"),
        ([*SWAY, 44.0, 45, 46, 47, 48, 49, 50], "............TTTTTTT"),
        ([*SWAY, 47.0, 45, 46, 47, 48, 49], "......" + "............"),  # five rises only
    ],
)
def test_labels(values, expected):
    assert marks(values) == expected


def test_a_tie_breaks_a_trend_and_a_point_on_the_mean_breaks_a_shift():
    flat = Limits(*(np.array([x]) for x in (50.0, 40.0, 60.0, 3.76, 12)))
    rising = np.array([[44.0, 45, 46, 46, 47, 48, 49, 50]])
    assert not mark_points(rising, flat).trend.any()
    low = np.array([[48.0, 49, 48, 50, 49, 48, 49, 48, 49]])
    assert not mark_points(low, flat).shift.any()
    assert mark_points(low[:, :3], flat).run[0].tolist() == [1, 2, 3]


def test_two_of_three_flags_only_the_near_points_on_one_side():
    flat = Limits(*(np.array([x]) for x in (50.0, 40.0, 60.0, 3.76, 12)))
    points = mark_points(np.array([[57.0, 52.0, 58.0, 49.0, 57.0, 57.0, 49.0]]), flat)
    assert points.two_of_three[0].tolist() == [True, False, True, False, False, False, False]
    assert points.side[0].tolist() == [1, 0, 1, 0, 0, 0, 0]


def test_a_point_beyond_the_limit_is_outside_even_within_a_shift():
    flat = Limits(*(np.array([x]) for x in (50.0, 40.0, 60.0, 3.76, 12)))
    points = mark_points(np.array([[49.0, 48, 49, 47, 39, 48, 49]]), flat)
    assert [SIGNALS[code] for code in points.signal[0]] == ["shift"] * 4 + ["outside"] + [
        "shift"
    ] * 2


def test_the_chance_of_a_point_widens_with_a_short_baseline():
    assert signal_chance(20, 11, 2, 12) > signal_chance(20, 11, 2, 48)
    assert signal_chance(11, 11, 2, 12) == pytest.approx(1)
    assert signal_chance(20, 11, 0, 12) == 1


def test_the_chance_of_a_run_is_by_exchangeability():
    # 6 of 12 baseline points lie below seven new ones: C(12,6)/C(19,6) = 924/27132, both sides
    assert run_chance(7, 12) == pytest.approx(2 * 924 / 27132)
    assert run_chance(13, 12) < run_chance(7, 12)
    assert signal_chance(12, 11, 2, 12, run=13) == pytest.approx(run_chance(13, 12))


@pytest.mark.parametrize(
    ("target", "direction", "expected"),
    [
        (98, 1, "fail"), (90, 1, "pass"), (95, 1, "hit_and_miss"), (97, 1, "hit_and_miss"),
        (98, -1, "pass"), (90, -1, "fail"), (98, 0, ""), (float("nan"), 1, ""),
    ],
)  # fmt: skip
def test_assurance(target, direction, expected):
    assert assurance(91, 97, target, direction) == expected
