"""Do the pages' funnels judge by the corrected limits, and honestly where figures are few?"""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.districts import Funnel as Shown
from metrics.funnel import CURVE, funnel_curve, interval, judge_funnel, kind_of
from metrics.funnel_limits import Funnel, funnel_points
from metrics.plan import make_plan
from tests.metrics.small import STATIONS, cube


def points(*rows: tuple[str, float | None, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema={"unit": pl.String, "numerator": pl.Float64, "denominator": pl.Float64},
        orient="row",
    )  # fmt: skip


def test_small_units_and_missing_ones_are_not_judged() -> None:
    found = judge_funnel(
        points(("u", 50, 100), ("v", 52, 100), ("w", 49, 100), ("x", 1, 4), ("y", None, 100)),
        "share", minimum=10,
    )  # fmt: skip
    assert found is not None
    assert found.verdicts == {"u": "inside", "v": "inside", "w": "inside", "x": "small"}
    assert found.centre == pytest.approx(152 / 304)  # the small one is a part of the whole
    assert not found.is_widened


@pytest.mark.parametrize(
    "rows",
    [
        (),
        (("u", 5, 10),),
        (("u", 5, 10), ("v", 6, 10)),
        (("u", 0, 10), ("v", 0, 10), ("w", 0, 10)),
        (("u", 10, 10), ("v", 20, 20), ("w", 5, 5)),
        (("u", 5, 0), ("v", 5, 0), ("w", None, None), ("x", 5, 9), ("y", 4, 9)),
    ],
)
def test_there_is_no_funnel_of_nothing(rows: tuple) -> None:
    assert judge_funnel(points(*rows), "share") is None


def test_units_that_are_all_equal_lie_inside_limits_of_chance() -> None:
    for kind in ("share", "rate", "pair"):
        found = judge_funnel(points(*((str(n), 30, 100) for n in range(9))), kind)
        assert found is not None
        assert set(found.verdicts.values()) == {"inside"}
        assert not found.is_widened
        # The pair's z starts from half a case more on each side: 30.5 of 100.5 is not 30 of 100.
        assert found.spread.phi == pytest.approx(0, abs=0.01)


def test_one_unit_by_chance_alone_is_outside_as_the_command_says() -> None:
    """Where every unit is large, the 95 % limits are those of `kpi analyse funnel --corrected`."""
    rng = np.random.default_rng(11)
    size = rng.integers(3_000, 40_000, 30)
    share = rng.normal(0.4, 0.02, 30)
    rows = [
        (f"u{n:02}", float(round(d * p)), float(d))
        for n, (d, p) in enumerate(zip(size, share, strict=True))
    ]
    for kind, funnel in (
        ("share", Funnel("PR", corrected=True, limit="95")),
        ("rate", Funnel("RC", corrected=True, limit="95")),
        ("pair", Funnel("RC", corrected=True, limit="95", counted=True)),
    ):
        found = judge_funnel(points(*rows), kind)
        assert found is not None
        command, _ = funnel_points(points(*rows).rename({"unit": "group"}), funnel)
        outside = {unit for unit, verdict in found.plain.items() if verdict != "inside"}
        assert outside == set(command.filter(outlier=1)["group"])
        assert len(outside) > 15
        # All were drawn from one bell: among units that differ none is an exception.
        assert set(found.verdicts.values()) == {"inside"}


def test_beyond_95_percent_of_one_unit_is_not_beyond_the_limits_of_nine() -> None:
    """By hand: 54.3 % beside eight of 50 % is 0.038 off their level of 50.5 %, 2.42 errors."""
    rows = [(f"u{n}", 500.0, 1000.0) for n in range(8)]
    for part, verdict in ((525.0, "inside"), (543.0, "high95"), (552.0, "high"), (448.0, "low")):
        found = judge_funnel(points(*rows, ("x", part, 1000.0)), "share")
        assert found is not None
        assert found.plain["x"] == verdict
    assert found.limit == pytest.approx(2.766, abs=1e-3)


def test_no_case_where_hardly_one_is_expected_is_not_low() -> None:
    """A limit on a logarithmic scale is never nought: chance, worked out exactly, must agree."""
    rows = [(f"s{n}", 2.0, 10_000.0) for n in range(20)] + [("none", 0.0, 10_000.0)]
    found = judge_funnel(points(*rows), "rate")
    assert found is not None
    limits, _ = funnel_points(
        points(*rows).rename({"unit": "group"}), Funnel("RC", corrected=True, limit="95")
    )
    assert limits.filter(pl.col("group") == "none")["outlier"].item() == 1
    assert found.verdicts["none"] == "inside"  # e^-1.9 = 0.15: one such month in seven
    rows[-1] = ("none", 0.0, 60_000.0)
    found = judge_funnel(points(*rows), "rate")
    assert found is not None
    assert found.verdicts["none"] == "low"  # e^-9.2


def test_over_one_hundred_percent_both_sides_vary() -> None:
    """Clearances with old cases: 30 of 20 recorded cases is no share, and no sensation either."""
    rows = points(("a", 30, 20), ("b", 380, 400), ("c", 410, 400), ("d", 395, 410))
    found = judge_funnel(rows, "share")
    assert found is not None
    assert found.kind == "pair"
    assert found.verdicts["a"] == "inside"
    # By hand: ln(1.5 / 0.988) = 0.418 against √(1/19.8 + 1/20) · 1.96 = 0.621.
    as_rate = judge_funnel(rows, "rate")
    assert as_rate is not None
    assert as_rate.centre == found.centre == pytest.approx(1215 / 1230)


def test_the_limits_are_both_widened_and_of_chance_alone() -> None:
    rows = [(f"u{n}", float(200 + 300 * (n % 2)), 1000.0) for n in range(10)]
    found = judge_funnel(points(*rows), "share")
    assert found is not None
    assert found.spread.phi > 100
    assert set(found.verdicts.values()) == {"inside"}
    assert set(found.plain.values()) == {"high", "low"}
    curve = funnel_curve(found, 1000.0)
    assert curve.columns == ["size", *CURVE]
    # Of ten units 2.80 errors decide: between 95 % and 99.8 %.
    order = ["lower998", "lower", "lower95", "upper95", "upper", "upper998"]
    for narrow, wide in zip(order, order[1:], strict=False):
        assert (curve[narrow] <= curve[wide]).all()
    assert (curve["lower"] <= curve["lower_plain"]).all()
    last = curve.row(-1, named=True)
    middle = math.asin(math.sqrt(0.35))
    for name, tau2 in (("upper", found.spread.tau2), ("upper_plain", 0.0)):
        half = found.limit * math.sqrt(1 / 4000 + tau2)
        assert last[name] == pytest.approx(math.sin(middle + half) ** 2, rel=1e-12)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 5000), st.floats(0.02, 0.98)), min_size=3, max_size=40),
    st.sampled_from(["share", "rate", "pair"]),
)
def test_however_far_units_differ_never_all_are_set_apart(rows, kind) -> None:
    table = points(*((str(n), round(d * p), d) for n, (d, p) in enumerate(rows)))
    found = judge_funnel(table, kind)
    if found is None:
        return
    assert math.isfinite(found.spread.phi)
    funnel = Shown(found.kind, 1.0, found.centre, found.spread.phi, table, found.verdicts,
                   found.plain)  # fmt: skip
    assert funnel.outside() <= funnel.outside(plain=True)
    apart = [v for v in found.verdicts.values() if funnel.is_apart(v)]
    assert len(apart) <= len(rows) / 3 or not funnel.is_widened


def test_the_kind_follows_rules_then_sizes_then_figures() -> None:
    held = cube({"crim_recorded": {"a1": {"2024-10": 9}}, "crim_cleared": {"a1": {"2024-10": 5}}})
    catalog = held.catalog

    def kind(code: str, source=held) -> str | None:
        return kind_of(source, make_plan(catalog, code))

    assert kind("d_arrive_5min_rate") == "share"  # R03 bounds it
    assert kind("d_calls_valid_per10k") == "rate"  # people do not vary by chance
    assert kind("d_deaths_per10k_veh") == "rate"
    assert kind("d_crim_clear_rate") == "share"  # so far no unit cleared more than it recorded
    more = cube(
        {
            "crim_recorded": {u: {"2024-09": 9} for u in STATIONS},
            "crim_cleared": {"a1": {"2024-09": 5}, "b1": {"2024-09": 10}},
        }
    )
    assert kind("d_crim_clear_rate", more) == "pair"
    assert kind("d_transfer_per_case") == "pair"
    assert kind("d_recovery_rate") is None  # money is not counted one by one
    assert kind("d_community_hours_share") is None
    assert (
        kind("d_followup_score" if "d_followup_score" in catalog.indicators else "calls_total")
        is None
    )


def test_intervals_by_hand() -> None:
    """Poisson limits of 10 cases are 4.80 to 18.39 (exact); Byar's lie within 0.02 of them."""
    low, high = interval(10, 1, "rate")
    assert (low, high) == (pytest.approx(4.795, abs=0.02), pytest.approx(18.39, abs=0.02))
    assert interval(0, 1, "rate")[0] == 0
    low, high = interval(30, 20, "pair")
    half = 1.96 * math.sqrt(1 / 30.5 + 1 / 20.5)
    assert high / low == pytest.approx(math.exp(2 * half), rel=1e-4)
    assert interval(61, 108, "share") == pytest.approx((0.471, 0.654), abs=5e-4)
