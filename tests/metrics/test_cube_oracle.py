"""The dense cube and the long frames give the same answers; sums, means and shares behave."""

from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from data.periods import month_is_due
from data.schema import FACTS, conform
from data.units import tree
from metrics.compare import compare_figures
from metrics.cube import Cube, build_cube
from metrics.figures import compute_figures
from metrics.plan import measures_of
from tests.metrics.oracle import oracle_figures, oracle_mean, oracle_yoy
from tests.metrics.small import VINTAGE, catalog, months

PERIODS = months("2021-07", "2024-06")
ASKED = months("2022-08", "2024-07")
CODES = [
    "calls_theft",  # monthly flow
    "crim_open_end",  # monthly stock
    "trn_person_times",  # quarterly flow
    "staff_police",  # quarterly stock
    "population",  # yearly stock
    "fraud_loss_amount",  # money
    "d_crim_clear_rate",  # flow over flow, three kinds of filers
    "d_order_to_crim",
    "d_calls_per_officer",  # monthly flow over quarterly stock
    "d_calls_valid_per10k",  # over a yearly stock that own levels do not have
    "d_dispute_resolve_rate",  # flow over flow and stock
    "d_deaths_per10k_veh",  # annualised
    "d_overturn_rate",  # quarterly flows
    "d_village_cover",  # quarterly stocks
    "d_crim_cohort_3m_rate",  # filed by choice, over the cases of an earlier month
]
DATES = (("a2", "2022-11", ""), ("b2", "", "2023-09"))
WINDOWS = ["month", "quarter", "half", "ytd", "rolling12", "jan_feb"]


@cache
def world(seed: int, year_start: int, gaps: float, dated: bool) -> tuple[pl.DataFrame, Cube]:
    """Return random facts with gaps, and their cube."""
    definitions = catalog(year_start, dates=DATES if dated else ())
    units = tree(definitions)
    random = np.random.default_rng(seed)
    rows = []
    for code in measures_of(definitions, [*CODES, "wb_health_score"]):
        measure = definitions.measures[code]
        for leaf in units.leaves():
            if units.level(leaf) not in measure.value_of:
                continue
            for period in PERIODS:
                is_due = month_is_due(measure.frequency, period, year_start)
                if not is_due or not units.is_open(leaf, period) or random.random() < gaps:
                    continue
                value = float(random.poisson(6))
                if measure.value_type == "money":
                    value = round(float(random.gamma(2, 40)), 4)
                rows.append((code, 1, leaf, period, value, "final", VINTAGE, "s", "", ""))
    facts = conform(pl.DataFrame(rows, schema=FACTS, orient="row"), FACTS)
    return facts, build_cube(facts, definitions)


worlds = st.tuples(
    st.integers(0, 10_000), st.sampled_from([1, 4, 11]), st.sampled_from([0.0, 0.15]), st.booleans()
)


@settings(max_examples=12, deadline=None)
@given(
    world_of=worlds,
    window=st.sampled_from(WINDOWS),
    codes=st.sets(st.sampled_from(CODES), min_size=3, max_size=5),
)
def test_figures_agree_with_the_long_form(world_of, window, codes):
    facts, cube = world(*world_of)
    units = cube.tree.codes
    for code in sorted(codes):
        mine = compute_figures(cube, [code], units, ASKED, window)
        wanted = oracle_figures(facts, cube.catalog, code, ASKED, window)
        names = ["unit", "period", "numerator", "denominator", "value", "due", "reported"]
        if window == "rolling12":  # a unit of less than a year has none: its own rule, its own test
            young = mine.filter(pl.col("value").is_null()).select("unit", "period")
            wanted = wanted.join(young, on=["unit", "period"], how="anti")
            mine = mine.join(young, on=["unit", "period"], how="anti")
        if not cube.catalog.indicators[code].denominator:
            wanted = wanted.with_columns(denominator=pl.lit(None, pl.Float64))
        assert_frame_equal(
            mine.select(names).sort("unit", "period"),
            wanted.select(names).sort("unit", "period"),
            check_dtypes=False,
            rel_tol=1e-12,
        )


@settings(max_examples=8, deadline=None)
@given(
    world_of=worlds,
    window=st.sampled_from(["month", "quarter", "ytd"]),
    code=st.sampled_from(CODES),
)
def test_comparisons_agree_with_the_long_form(world_of, window, code):
    facts, cube = world(*world_of)
    mine = compare_figures(cube, [code], cube.tree.codes, ASKED, window, ["yoy"], readings=False)
    wanted = oracle_yoy(facts, cube.catalog, code, ASKED, window)
    names = ["unit", "period", "compared_value", "base_value", "compared_units"]
    assert_frame_equal(
        mine.select(names).sort("unit", "period"),
        wanted.select(names).sort("unit", "period"),
        check_dtypes=False,
        rel_tol=1e-12,
    )


def test_scores_agree_with_the_long_form():
    facts, cube = world(7, 1, 0.15, dated=False)
    waves = [period for period in ASKED if period.month % 3 == 0 and period < ASKED[-1]]
    mine = compute_figures(cube, ["wb_health_score"], cube.tree.codes, waves, "wave")
    wanted = oracle_mean(facts, cube.catalog, "wb_health_score", "wb_responded", waves)
    names = ["unit", "period", "numerator", "denominator", "value"]
    has_any = mine.filter(pl.col("denominator").is_not_null()).select(names).sort("unit", "period")
    assert_frame_equal(has_any, wanted.select(names), check_dtypes=False, rel_tol=1e-12)


@settings(max_examples=6, deadline=None)
@given(world_of=worlds, window=st.sampled_from(WINDOWS))
def test_parents_are_the_sums_of_their_children(world_of, window):
    _, cube = world(*world_of)
    frame = compute_figures(
        cube, ["calls_theft", "fraud_loss_amount", "crim_open_end"], cube.tree.codes, ASKED, window
    )
    if window == "rolling12":
        frame = frame.filter(pl.col("period") >= pl.date(2024, 1, 1))  # all are a year old
    # b2 has closed: it has no twelve months of its own, but its last ones still count above it.
    summed = ("a",) if window == "rolling12" and world_of[3] else ("c", "a", "b")
    for parent in summed:
        below = frame.filter(pl.col("unit").is_in(cube.tree.children(parent)))
        parts = below.group_by("indicator", "period").agg(
            pl.when(pl.col("value").is_not_null().any()).then(pl.col("value").sum().round(6)),
            pl.col("due", "reported").sum(),
        )
        whole = frame.filter(pl.col("unit") == parent).with_columns(pl.col("value").round(6))
        names = ["indicator", "period", "value", "due", "reported"]
        assert_frame_equal(
            whole.select(names), parts.select(names), check_row_order=False, rel_tol=1e-12
        )


@settings(max_examples=6, deadline=None)
@given(world_of=worlds, window=st.sampled_from(["month", "quarter", "ytd"]))
def test_a_pooled_ratio_lies_between_those_of_the_leaves(world_of, window):
    _, cube = world(*world_of)
    frame = compute_figures(
        cube, ["d_padm_resolve_rate", "d_crim_clear_rate"], cube.tree.codes, ASKED, window
    )
    frame = frame.filter(pl.col("denominator") > 0)
    for parent in ("c", "a", "b"):
        # a leaf with cases cleared but none recorded has no ratio of its own: it lifts the pool
        leaves = [leaf for leaf in cube.tree.leaves(parent)]
        edges = (
            frame.filter(pl.col("unit").is_in(leaves))
            .group_by("indicator", "period")
            .agg(
                low=pl.col("value").min(), high=pl.col("value").max(),
                top=pl.col("numerator").sum(), base=pl.col("denominator").sum(),
            )
        )  # fmt: skip
        pooled = frame.filter(pl.col("unit") == parent).join(edges, on=["indicator", "period"])
        whole = pooled.filter(pl.col("numerator") == pl.col("top"))
        assert (whole["value"] >= whole["low"] - 1e-9).all()
        assert (whole["value"] <= whole["high"] + 1e-9).all()


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(seed):
    facts, cube = world(11, 1, 0.15, dated=True)
    again = build_cube(facts.sample(fraction=1.0, shuffle=True, seed=seed), cube.catalog)
    for window in ("month", "ytd"):
        question = (CODES, cube.tree.codes, ASKED[-3:], window)
        assert compute_figures(cube, *question).equals(compute_figures(again, *question))


def test_a_figure_does_not_depend_on_what_else_is_asked():
    facts, cube = world(5, 1, 0.15, dated=False)
    together = compute_figures(cube, CODES, cube.tree.codes, ASKED, "quarter")
    for code in CODES:
        only = facts.filter(pl.col("measure").is_in(measures_of(cube.catalog, [code])))
        alone = compute_figures(
            build_cube(only, cube.catalog), [code], cube.tree.codes, ASKED, "quarter"
        )
        assert alone.equals(together.filter(pl.col("indicator") == code)), code


@pytest.mark.parametrize("window", WINDOWS)
def test_no_infinity_and_no_nan_leaves_the_kernel(window):
    _, cube = world(3, 1, 0.15, dated=True)
    frame = compare_figures(
        cube,
        CODES,
        cube.tree.codes,
        ASKED[-2:],
        window,
        ["yoy", "mom", "two_year", "target", "peers"],
    )
    numbers = pl.concat([frame[name] for name in frame.columns if frame[name].dtype == pl.Float64])
    numbers = numbers.drop_nulls()
    assert numbers.is_finite().all()
    assert len(numbers) > 20
