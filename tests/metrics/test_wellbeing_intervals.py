"""Within what bounds does a survey's mean lie? Pooled means, deviations, corrections, by hand."""

import math
from dataclasses import replace

import pytest

from metrics.compare import compare_figures
from metrics.figures import compute_figures
from metrics.sample import Sample, can_tell_apart, pool_samples, rest_of
from metrics.wellbeing_wave import read_wave
from tests.metrics.waves import CATALOG, NOW, SURVEY, UNITS, YEAR_AGO, cube_of, told, wave, without


def test_a_county_pools_means_and_deviations_of_its_units() -> None:
    cube = cube_of(wave(NOW, {"yz0101": (10, 20, 60, 5), "yz01-own": (30, 40, 80, 10)}))
    sample = read_wave(cube, UNITS, SURVEY, ["yz01"], NOW)["yz01", "wb_health_score"].sample
    assert sample is not None
    # M = (10·60 + 30·80)/40 = 75. SD² = (9·25 + 29·100 + 10·15² + 30·5²)/39 = 6125/39.
    assert (sample.n, sample.invited, sample.mean) == (40, 60, 75)
    assert sample.sd == pytest.approx(math.sqrt(6125 / 39), abs=1e-9)
    # t(39) = 2.0227; error = 12.532/√40 · √(20/59).
    assert sample.error == pytest.approx(1.15365, abs=1e-4)
    assert sample.margin == pytest.approx(2.33348, abs=1e-4)


def test_pooling_over_counties_is_pooling_over_units() -> None:
    groups = [Sample(12, 20, 61, 7), Sample(33, 60, 70, 11), Sample(25, 25, 55, 9)]
    step = pool_samples([pool_samples(groups[:2]), groups[2]])
    once = pool_samples(groups)
    assert (step.mean, step.sd) == pytest.approx((once.mean, once.sd))
    rest = rest_of(once, groups[1])
    assert (rest.n, rest.mean) == (37, pytest.approx(pool_samples([groups[0], groups[2]]).mean))
    assert rest.sd == pytest.approx(pool_samples([groups[0], groups[2]]).sd)


def test_everybody_answering_leaves_no_sampling_error_and_says_so() -> None:
    assert Sample(25, 25, 60, 10).error == 0
    row = told(cube_of(wave(NOW, {"yz0101": (30, 30, 60, 10)})), "yz0101")
    assert (row["lower"], row["upper"]) == (60, 60)
    assert "census" in row["note"].split()


def test_one_answer_has_no_interval_and_needs_no_deviation() -> None:
    assert math.isnan(Sample(1, 4, 60, 10).margin)
    # Of 21 answers one stands alone: M = (20·60 + 81)/21 = 61; SD² = (19·100 + 20·1² + 1·20²)/20.
    cube = cube_of(wave(NOW, {"yz0101": (20, 30, 60, 10), "yz01-own": (1, 1, 81, None)}))
    sample = read_wave(cube, UNITS, SURVEY, ["yz01"], NOW)["yz01", "wb_health_score"]
    assert sample.sample is not None
    assert (sample.sample.n, sample.sample.mean) == (21, 61)
    assert sample.sample.sd == pytest.approx(math.sqrt(2320 / 20), abs=1e-12)
    assert sample.marks == ()
    figure = compute_figures(cube, ["wb_health_sd"], ["yz01"], [NOW], "wave").row(0, named=True)
    assert figure["value"] == pytest.approx(math.sqrt(2320 / 20), abs=1e-12)


def test_two_waves_are_told_apart_beyond_two_errors_of_the_difference() -> None:
    # Errors: 10/√100·√(100/199) = 0.70888 each; 1.96·√2·0.70888 = 1.96491.
    first, second = Sample(100, 200, 70, 10), Sample(100, 200, 68.0350, 10)
    assert can_tell_apart(first, second)
    assert not can_tell_apart(first, Sample(100, 200, 68.0352, 10))


def test_without_the_number_invited_the_interval_is_uncorrected() -> None:
    rows = {"yz0101": (25, None, 60, 10), "yz0102": (25, 101, 60, 10)}
    cube = cube_of(wave(NOW, rows))
    found = {unit: told(cube, unit) for unit in (*rows, "yz01")}
    # t(24) = 2.063898562; 10/√25 = 2, so ±4.127797; with the correction √(76/100): ±3.598530.
    assert found["yz0101"]["upper"] - 60 == pytest.approx(4.127797123, abs=1e-8)
    assert found["yz0102"]["upper"] - 60 == pytest.approx(3.598530104, abs=1e-8)
    assert (found["yz0101"]["band"], found["yz0101"]["note"]) == (
        "unknown",
        "uncounted base_missing",
    )
    # One of two units without N: the whole has none that would be true.
    assert found["yz01"]["invited"] is None
    assert found["yz01"]["band"] == "unknown"


def test_more_answers_than_invited_is_an_error_and_has_no_interval() -> None:
    now, then = {"yz0101": (30, 29, 60, 10)}, {"yz0101": (20, 30, 60, 10)}
    row = told(cube_of(wave(NOW, now), wave(YEAR_AGO, then)), "yz0101")
    assert (row["band"], row["lower"], row["upper"]) == ("over_invited", None, None)
    assert (row["change"], row["reading"], row["note"]) == (None, "none", "over_invited")


def test_a_total_over_such_an_error_says_so_and_is_no_census() -> None:
    """31 of 30 and 29 of 30 answered: 60 of 60 is not everybody."""
    cube = cube_of(wave(NOW, {"yz0101": (31, 30, 60, 10), "yz0102": (29, 30, 60, 10)}))
    row = told(cube, "yz01")
    assert (row["n"], row["invited"], row["band"]) == (60, 60, "query")
    assert set(row["note"].split()) == {"over_invited_below", "base_missing"}
    assert told(cube, "yz0101")["note"].split()[0] == "over_invited"


def test_where_no_deviation_was_filed_the_greatest_there_can_be_stands_for_it() -> None:
    rows = {"yz0101": (30, 40, 60, 10), "yz0102": (30, 40, 70, None)}
    cube = cube_of(wave(NOW, rows))
    row = told(cube, "yz01")
    assert (row["mean"], row["n"], row["sd"]) == (65, 60, None)
    # Σ: 29·100 + 30·(100 − 70)·(70 − 0) + 30·5² + 30·5² = 67400; SD² = 67400/59.
    # √(67400/59)/√60·√(20/79) = 2.195481; t(59) = 2.000995: ±4.393148.
    assert row["upper"] - 65 == pytest.approx(4.393148, abs=1e-5)
    assert "widest" in row["note"].split()
    assert "no_spread" not in row["note"].split()
    # Of that station alone: SD² = 30·30·70/29; √(63000/29)/√30·√(10/39) = 4.309; t(29) = 2.04523.
    alone = told(cube, "yz0102")
    assert alone["sd"] is None
    assert alone["upper"] - 70 == pytest.approx(8.812932, abs=1e-5)
    # What was filed is shown as it was filed: a deviation of one of two stations, marked so.
    figure = compute_figures(cube, ["wb_health_sd"], ["yz01"], [NOW], "wave").row(0, named=True)
    assert (figure["value"], figure["reported"]) == (10, 1)


def test_no_interval_reaches_beyond_the_scale() -> None:
    rows, then = {"yz0101": (12, 40, 97, 12)}, {"yz0101": (12, 40, 3, 12)}
    cube = cube_of(wave(NOW, rows), wave(YEAR_AGO, then))
    row = told(cube, "yz0101")
    # t(11) = 2.200985 · 12/√12 · √(28/39) = 6.460: 90.5 to 103.5, and −3.5 to 9.5 a year ago.
    half = 2.200985 * 12 / math.sqrt(12) * math.sqrt(28 / 39)
    assert (row["lower"], row["upper"]) == (pytest.approx(97 - half, abs=1e-5), 100)
    assert (row["base_lower"], row["base_upper"]) == (0, pytest.approx(3 + half, abs=1e-5))
    assert "scale_end" in row["note"].split()
    inside = told(cube_of(wave(NOW, {"yz0101": (12, 40, 60, 12)})), "yz0101")
    assert "scale_end" not in inside["note"].split()
    compared = compare_figures(cube, ["wb_health_score"], ["yz0101"], [NOW], "wave", ("yoy",))
    assert compared["lower"].item() == 0  # of what is not told from 3


def test_on_a_scale_without_ends_a_missing_deviation_takes_the_interval_of_the_whole_away() -> None:
    endless = replace(CATALOG.measures["wb_health_score"], maximum=None)
    catalog = replace(CATALOG, measures=CATALOG.measures | {"wb_health_score": endless})
    rows = {"yz0101": (30, 40, 60, 10), "yz0102": (30, 40, 70, None)}
    then = {"yz0101": (30, 40, 40, 10), "yz0102": (30, 40, 40, 10)}
    cube = cube_of(wave(NOW, rows), wave(YEAR_AGO, then), catalog=catalog)
    row = told(cube, "yz01", "wb_health_score")
    assert (row["sd"], row["lower"], row["reading"]) == (None, None, "none")
    assert row["note"] == "no_spread no_interval"
    figure = compare_figures(cube, ["wb_health_score"], ["yz01"], [NOW], "wave", ("yoy",))
    assert figure.select("change", "reading").row(0) == (25, "none")


def test_figures_take_no_deviation_of_part_of_the_units_for_that_of_all() -> None:
    """As if all were like the station that filed one, a change of 4 would be told."""
    now = {"yz0101": (60, 100, 64, 5), "yz0102": (60, 100, 64, None)}
    then = {"yz0101": (60, 100, 60, 5), "yz0102": (60, 100, 60, 5)}
    cube = cube_of(wave(NOW, now), wave(YEAR_AGO, then))
    page = told(cube, "yz01", "wb_health_score")
    figure = compare_figures(cube, ["wb_health_score"], ["yz01"], [NOW], "wave", ("yoy",))
    # √((59·25 + 60·36·64)/119) = 34.26479; errors 34.26479/√120·√(80/199) = 1.983243, 0.288181.
    # 1.96·√(1.983243² + 0.288181²) = 3.927979: 4 is told, 3.9 is not.
    assert (page["change"], page["reading"]) == (4, "better")
    assert figure.select("change", "reading").row(0) == (4, "better")
    assert figure["upper"].item() - 60 == pytest.approx(3.927979, abs=1e-5)
    less = wave(NOW, {"yz0101": (60, 100, 63.9, 5), "yz0102": (60, 100, 63.9, None)})
    cube = cube_of(less, wave(YEAR_AGO, then))
    assert told(cube, "yz01", "wb_health_score")["reading"] == "not_significant"
    figure = compare_figures(cube, ["wb_health_score"], ["yz01"], [NOW], "wave", ("yoy",))
    assert figure["reading"].item() == "not_significant"


def test_answers_without_a_score_are_left_out_of_its_n() -> None:
    rows = {"yz0101": (30, 40, 60, 10), "yz0102": (50, 60, None, None)}
    row = told(cube_of(wave(NOW, rows)), "yz01")
    assert (row["mean"], row["n"], row["rate"]) == (60, 30, 0.8)
    assert "partial" in row["note"].split()


def test_who_answered_without_a_score_is_as_silent_as_who_did_not_answer() -> None:
    """The correction of a score is for its own n, on the page and in the figures."""
    rows = {"yz0101": (60, 100, 60, 10), "yz0102": (40, 50, 60, 10)}
    now = without(wave(NOW, rows), "yz0102", "wb_health_score", "wb_health_sd")
    cube = cube_of(now, without(wave(YEAR_AGO, rows), "yz0102", "wb_health_score", "wb_health_sd"))
    page = told(cube, "yz01", "wb_health_score")
    # 10/√60·√(90/149) = 1.003350; t(59) = 2.000995; 1.96·√2·1.003350 = 2.781145.
    assert page["upper"] - 60 == pytest.approx(2.007699, abs=1e-5)
    figure = compare_figures(cube, ["wb_health_score"], ["yz01"], [NOW], "wave", ("yoy",))
    assert figure["upper"].item() - 60 == pytest.approx(2.781145, abs=1e-5)
