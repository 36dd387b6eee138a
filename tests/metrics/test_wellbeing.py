"""The survey's figures, worked by hand: pooled means and SDs, intervals, what may be compared."""

import datetime as dt
import math
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.catalog import load_catalog
from data.definition_types import EMPTY, Catalog, Event, Version
from data.schema import FACTS, conform
from data.units import Tree, tree
from metrics.compare import compare_figures
from metrics.cube import Cube, build_cube
from metrics.sample import Sample, can_tell_apart, pool_samples, rest_of
from metrics.survey import find_survey, find_waves
from metrics.wellbeing import compare_units, compare_waves, read_wave
from metrics.wellbeing_silent import list_suppressed

NOW, YEAR_AGO = dt.date(2024, 9, 1), dt.date(2023, 9, 1)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def units(catalog: Catalog) -> Tree:
    return tree(catalog)


Row = tuple[float, float | None, float | None, float | None]


def wave(period: dt.date, rows: dict[str, Row], **more: float) -> pl.DataFrame:
    """Return FACTS of a wave: unit → answers, invited, mean and SD of index and health."""
    facts: list[dict[str, Any]] = []
    for unit, (n, invited, mean, sd) in rows.items():
        values: dict[str, float | None] = {"wb_responded": n, "wb_invited": invited}
        for name in ("overall", "health"):
            values |= {f"wb_{name}_score": mean, f"wb_{name}_sd": sd}
        values = {code: value for code, value in (values | more).items() if value is not None}
        facts += [
            {
                "measure": measure, "definition": 1, "unit": unit, "period": period,
                "value": value, "status": "final", "submission": "s", "sheet": "", "cell": "",
                "vintage": dt.datetime(2024, 11, 6, tzinfo=dt.UTC),
            }
            for measure, value in values.items()
        ]  # fmt: skip
    return conform(pl.DataFrame(facts, infer_schema_length=None), FACTS)


def cube_of(catalog: Catalog, *waves: pl.DataFrame) -> Cube:
    return build_cube(pl.concat(waves), catalog)


def test_the_survey_is_found_in_the_definitions(catalog: Catalog) -> None:
    survey = find_survey(catalog)
    assert survey is not None
    assert (survey.responded, survey.invited) == ("wb_responded", "wb_invited")
    assert survey.index is not None
    assert survey.index.mean == "wb_overall_score"
    assert [(score.mean, score.sd, score.weight) for score in survey.dimensions] == [
        ("wb_health_score", "wb_health_sd", 20),
        ("wb_education_score", "wb_education_sd", 15),
        ("wb_reward_score", "wb_reward_sd", 20),
        ("wb_rights_score", "wb_rights_sd", 15),
        ("wb_life_score", "wb_life_sd", 15),
        ("wb_support_score", "wb_support_sd", 15),
    ]


def test_a_county_pools_means_and_deviations_of_its_units(catalog: Catalog, units: Tree) -> None:
    survey = find_survey(catalog)
    cube = cube_of(catalog, wave(NOW, {"yz0101": (10, 20, 60, 5), "yz01-own": (30, 40, 80, 10)}))
    sample = read_wave(cube, units, survey, ["yz01"], NOW)["yz01", "wb_health_score"].sample
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


def test_everybody_answering_leaves_no_sampling_error() -> None:
    assert Sample(25, 25, 60, 10).error == 0
    assert math.isnan(Sample(1, 4, 60, 10).margin)


def test_two_waves_are_told_apart_beyond_two_errors_of_the_difference() -> None:
    # Errors: 10/√100·√(100/199) = 0.70888 each; 1.96·√2·0.70888 = 1.96491.
    first, second = Sample(100, 200, 70, 10), Sample(100, 200, 68.0350, 10)
    assert can_tell_apart(first, second)
    assert not can_tell_apart(first, Sample(100, 200, 68.0352, 10))


def test_waves_are_compared_only_where_both_may_be(catalog: Catalog, units: Tree) -> None:
    survey = find_survey(catalog)
    now = {
        "yz0101": (60, 100, 70, 10), "yz0102": (39, 100, 70, 10), "yz0103": (60, 100, 70, 10),
        "yz0104": (60, 100, 70, 10), "yz0105": (99, 100, 70, 10),
    }  # fmt: skip
    then = {
        "yz0101": (60, 100, 60, 10), "yz0102": (60, 100, 60, 10), "yz0103": (60, 100, 69.5, 10),
        "yz0104": (60, 100, 80, 10), "yz0105": (60, 100, 60, 10),
    }  # fmt: skip
    cube = cube_of(catalog, wave(NOW, now), wave(YEAR_AGO, then))
    readings = {}
    for unit in now:
        table = compare_waves(cube, units, survey, unit, NOW)
        health = table.filter(indicator="wb_health_score").row(0, named=True)
        readings[unit] = (health["change"], health["reading"])
    assert readings == {
        "yz0101": (10, "better"),
        "yz0102": (None, "none"),
        "yz0103": (0.5, "not_significant"),
        "yz0104": (-10, "worse"),
        "yz0105": (None, "none"),
    }
    assert find_waves(cube, survey, dt.date(2024, 10, 1)) == [YEAR_AGO, NOW]
    assert find_waves(cube, survey, dt.date(2024, 8, 1)) == [YEAR_AGO]


def test_units_stand_against_the_rest_in_official_order(catalog: Catalog, units: Tree) -> None:
    survey = find_survey(catalog)
    rows = {
        "yz0101": (400, 500, 75, 10),  # above the rest
        "yz0201": (400, 500, 70, 10),  # the same
        "yz0301": (400, 500, 65, 10),  # below
        "yz0401": (30, 100, 70, 10),  # too few answered to compare
        "yz0501": (99, 100, 70, 10),  # nearly everybody answered
        "yz0601": (45, 100, 70, 10),  # with caution
    }
    cube = cube_of(catalog, wave(NOW, rows))
    table = compare_units(cube, units, survey, "yz", NOW)
    assert table.select("unit", "use", "position").rows()[:7] == [
        ("yz", "publish", "none"),
        ("yz01", "publish", "above"),
        ("yz02", "publish", "same"),
        ("yz03", "publish", "below"),
        ("yz04", "level_only", "none"),
        ("yz05", "query", "query"),
        ("yz06", "caution", "same"),
    ]
    assert table["rate"][1] == 0.8


def test_suppressed_units_say_why_and_where_their_answers_went(
    catalog: Catalog, units: Tree
) -> None:
    survey = find_survey(catalog)
    rows = {
        # Minghu: all stations but two are unlisted, their pool holds 17.
        "yz0101": (30, 40, 70, 10), "yz0102": (25, 40, 70, 10),
        "yz01-own": (50, 60, 70, 10), "yz01-small": (17, 30, 70, 10),
        # Qingwu: no pool, the own level took it in.
        "yz0201": (30, 40, 70, 10), "yz02-own": (50, 60, 70, 10),
        # Jinxi: a provider that lists 8 answers all the same.
        "yz0301": (8, 20, 70, 10), "yz0302": (11, 20, 70, 10), "yz03-own": (50, 60, 70, 10),
    }  # fmt: skip
    cube = cube_of(catalog, wave(NOW, rows))
    table = list_suppressed(cube, units, survey, "yz", NOW)
    found = {row[0]: row[1:] for row in table.iter_rows()}
    assert found["yz0103"] == ("unlisted", "yz01-small", 17)
    assert found["yz0202"] == ("unlisted", "yz02-own", 50)
    # How many answered is not said of a unit that is not shown: it would tell the next one's.
    assert found["yz0301"] == ("small", None, None)
    assert found["yz0302"] == ("protects", None, None)
    assert "yz0101" not in found
    assert "yz01-small" not in found
    assert not any(unit.startswith("yz04") for unit in found)


def test_no_number_of_a_silent_unit_is_told_anywhere(catalog: Catalog, units: Tree) -> None:
    survey = find_survey(catalog)
    small = {"yz0301": (8, 20, 70, 10), "yz0302": (11, 23, 70, 10), "yz03-own": (50, 61, 70, 10)}
    cube = cube_of(catalog, wave(NOW, small))
    table = compare_units(cube, units, survey, "yz03", NOW)
    told = {row["unit"]: row for row in table.iter_rows(named=True)}
    for unit in ("yz0301", "yz0302"):
        assert {told[unit][name] for name in ("n", "invited", "rate", "margin")} == {None}
        assert told[unit]["use"] == "hidden"
        row = compare_waves(cube, units, survey, unit, NOW).row(0, named=True)
        kept = {name for name, value in row.items() if value is not None}
        assert kept == {"indicator", "is_index", "band", "base_band", "reading", "note"}
        assert (row["band"], row["note"]) == ("hidden", "hidden")
    # 19 of 43 together is all that follows from what is shown.
    assert (told["yz03"]["n"], told["yz03-own"]["n"]) == (69, 50)


def test_a_unit_hidden_in_one_of_two_waves_has_no_change(catalog: Catalog, units: Tree) -> None:
    survey = find_survey(catalog)
    rest = {"yz0102": (30, 40, 60, 10), "yz01-own": (50, 60, 60, 10)}
    shown = {**rest, "yz0101": (30, 40, 75, 10)}
    hidden = {**rest, "yz0101": (8, 40, 60, 10)}
    cube = cube_of(catalog, wave(NOW, shown), wave(YEAR_AGO, hidden))
    row = compare_waves(cube, units, survey, "yz0101", NOW).row(0, named=True)
    assert (row["mean"], row["base_mean"], row["change"]) == (75, None, None)
    assert (row["reading"], row["note"]) == ("none", "base_hidden")
    # The district holds all answers of both waves.
    whole = compare_waves(cube, units, survey, "yz01", NOW).row(0, named=True)
    assert (whole["n"], whole["base_n"]) == (110, 88)
    assert whole["change"] == pytest.approx((30 * 75 + 80 * 60) / 110 - 60)


def test_without_the_number_invited_the_interval_is_uncorrected(
    catalog: Catalog, units: Tree
) -> None:
    survey = find_survey(catalog)
    rows = {"yz0101": (25, None, 60, 10), "yz0102": (25, 101, 60, 10)}
    cube = cube_of(catalog, wave(NOW, rows))
    found = {
        unit: compare_waves(cube, units, survey, unit, NOW).row(0, named=True)
        for unit in (*rows, "yz01")
    }
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


def test_more_answers_than_invited_is_an_error_and_has_no_interval(
    catalog: Catalog, units: Tree
) -> None:
    survey = find_survey(catalog)
    now, then = {"yz0101": (30, 29, 60, 10)}, {"yz0101": (20, 30, 60, 10)}
    cube = cube_of(catalog, wave(NOW, now), wave(YEAR_AGO, then))
    row = compare_waves(cube, units, survey, "yz0101", NOW).row(0, named=True)
    assert (row["band"], row["lower"], row["upper"]) == ("over_invited", None, None)
    assert (row["change"], row["reading"], row["note"]) == (None, "none", "over_invited")


def test_a_mean_without_its_deviation_takes_the_interval_of_the_whole_away(
    catalog: Catalog, units: Tree
) -> None:
    survey = find_survey(catalog)
    rows = {"yz0101": (30, 40, 60, 10), "yz0102": (30, 40, 70, None)}
    cube = cube_of(catalog, wave(NOW, rows))
    row = compare_waves(cube, units, survey, "yz01", NOW).row(0, named=True)
    assert (row["mean"], row["n"], row["sd"], row["lower"]) == (65, 60, None, None)
    assert "no_spread" in row["note"].split()


def test_answers_without_a_score_are_left_out_of_its_n(catalog: Catalog, units: Tree) -> None:
    survey = find_survey(catalog)
    rows = {"yz0101": (30, 40, 60, 10), "yz0102": (50, 60, None, None)}
    cube = cube_of(catalog, wave(NOW, rows))
    row = compare_waves(cube, units, survey, "yz01", NOW).row(0, named=True)
    assert (row["mean"], row["n"], row["rate"]) == (60, 30, 0.8)
    assert "partial" in row["note"].split()


def test_everybody_answering_is_said_beside_an_interval_of_no_width(
    catalog: Catalog, units: Tree
) -> None:
    survey = find_survey(catalog)
    cube = cube_of(catalog, wave(NOW, {"yz0101": (30, 30, 60, 10)}))
    row = compare_waves(cube, units, survey, "yz0101", NOW).row(0, named=True)
    assert (row["lower"], row["upper"]) == (60, 60)
    assert "census" in row["note"].split()


def test_an_index_far_from_its_dimensions_is_questioned(catalog: Catalog, units: Tree) -> None:
    survey = find_survey(catalog)
    others = {
        f"wb_{name}_score": 70.0 for name in ("education", "reward", "rights", "life", "support")
    }
    # 0.2·60 + 0.8·70 = 68, and the index says 60, 68.1 or 68.11.
    for overall, note in ((60.0, True), (68.1, False), (68.11, True)):
        facts = wave(NOW, {"yz0101": (30, 40, 60, 10)}, **others, wb_overall_score=overall)
        row = compare_waves(cube_of(catalog, facts), units, survey, "yz0101", NOW).row(
            0, named=True
        )
        assert ("overall_off" in row["note"].split()) is note


def test_all_units_of_a_table_are_told_together(catalog: Catalog, units: Tree) -> None:
    survey = find_survey(catalog)
    # Alone, 69 against 70 of the others would be told: z = 2.2; among nine it is not.
    rows = {f"yz0{number}01": (400, 500, 70.0, 10.0) for number in range(1, 10)}
    alone = {"yz0101": (400, 500, 69.45, 10.0), "yz0201": (3200, 4000, 70.0, 10.0)}
    assert position_of(catalog, units, survey, alone, "yz01") == "below"
    assert position_of(catalog, units, survey, rows | {"yz0101": alone["yz0101"]}, "yz01") == "same"


def position_of(catalog: Catalog, units: Tree, survey: Any, rows: dict[str, Row], unit: str) -> str:
    """Return where a unit stands against the rest of the city."""
    table = compare_units(cube_of(catalog, wave(NOW, rows)), units, survey, "yz", NOW)
    found: str = table.filter(unit=unit)["position"].item()
    return found


def test_figures_tell_the_same_as_the_survey_page(catalog: Catalog, units: Tree) -> None:
    survey = find_survey(catalog)
    # Yz0103 is listed in one wave and pooled in the other: the district holds it in both.
    now = {
        "yz0101": (60, 100, 70, 10), "yz0103": (20, 30, 62, 9), "yz01-small": (12, 20, 64, 8),
        "yz0201": (99, 100, 70, 10), "yz0301": (30, 100, 70, 10), "yz0401": (60, 100, 60.5, 10),
    }  # fmt: skip
    then = {
        "yz0101": (60, 100, 66, 10), "yz01-small": (30, 52, 61, 8), "yz0201": (60, 100, 60, 10),
        "yz0301": (60, 100, 60, 10), "yz0401": (60, 100, 60, 10),
    }  # fmt: skip
    cube = cube_of(catalog, wave(NOW, now), wave(YEAR_AGO, then))
    asked = ["yz01", "yz02", "yz03", "yz04", "yz0101"]
    found = compare_figures(cube, ["wb_health_score"], asked, [NOW], "wave", ("yoy",))
    for row in found.iter_rows(named=True):
        table = compare_waves(cube, units, survey, row["unit"], NOW)
        page = table.filter(indicator="wb_health_score").row(0, named=True)
        assert row["reading"] == page["reading"], row["unit"]
        assert row["change"] == pytest.approx(page["change"]), row["unit"]
        assert (row["note"] == "response") == (row["unit"] in ("yz02", "yz03")), row["unit"]
    # Both waves of yz0101: 10/√60·√(40/99) = 0.820610; 1.96·√2·that = 2.2746147.
    station = found.filter(unit="yz0101").row(0, named=True)
    assert station["upper"] - 66 == pytest.approx(2.2746147, abs=1e-6)
    assert station["reading"] == "better"


def test_a_score_that_was_turned_round_is_read_by_its_own_definition(
    catalog: Catalog, units: Tree
) -> None:
    """Until 2025 a high score was bad: a rise was no gain, and is never compared across."""
    old = Version(1, None, EMPTY, EMPTY, direction=-1)
    new = Version(2, dt.date(2025, 1, 1), EMPTY, EMPTY)
    health = replace(catalog.measures["wb_health_score"], version=2, versions=(old, new))
    turned = replace(catalog, measures=catalog.measures | {"wb_health_score": health})
    survey = find_survey(turned)
    later = wave(dt.date(2025, 9, 1), {"yz0101": (60, 100, 60, 10)}).with_columns(
        definition=pl.when(measure="wb_health_score").then(2).otherwise(1).cast(pl.Int64)
    )
    now, then = {"yz0101": (60, 100, 70, 10)}, {"yz0101": (60, 100, 60, 10)}
    cube = cube_of(turned, wave(NOW, now), wave(YEAR_AGO, then), later)
    found = compare_figures(cube, ["wb_health_score"], ["yz0101"], [NOW], "wave", ("yoy",))
    page = compare_waves(cube, units, survey, "yz0101", NOW).filter(indicator="wb_health_score")
    assert found.select("change", "reading").row(0) == (10, "worse")
    assert page.select("change", "reading").row(0) == (10, "worse")
    page = compare_waves(cube, units, survey, "yz0101", dt.date(2025, 9, 1))
    across = page.filter(indicator="wb_health_score").row(0, named=True)
    assert (across["mean"], across["base_mean"]) == (60, 70)
    assert (across["change"], across["reading"], across["note"]) == (None, "none", "break")


def test_a_break_that_the_bureau_set_parts_two_waves(catalog: Catalog, units: Tree) -> None:
    """A new provider from January 2024 on, in one district."""
    event = Event(dt.date(2024, 1, 1), "break", EMPTY, ("wb_health_score",), ("yz01",))
    parted = replace(catalog, events=(event,))
    now = {unit: (60, 100, 70, 10) for unit in ("yz0101", "yz0201")}
    then = {unit: (60, 100, 60, 10) for unit in ("yz0101", "yz0201")}
    cube = cube_of(parted, wave(NOW, now), wave(YEAR_AGO, then))
    survey = find_survey(parted)
    told = {}
    for unit in ("yz0101", "yz01", "yz0201"):
        table = compare_waves(cube, units, survey, unit, NOW)
        row = table.filter(indicator="wb_health_score").row(0, named=True)
        told[unit] = (row["change"], row["note"])
    assert told == {"yz0101": (None, "break"), "yz01": (None, "break"), "yz0201": (10, "")}
    figures = compare_figures(cube, ["wb_health_score"], list(told), [NOW], "wave", ("yoy",))
    assert figures["note"].to_list() == ["break", "break", "none"]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.integers(0, 30), min_size=2, max_size=7),
    st.lists(st.integers(0, 30), min_size=0, max_size=3),
)
def test_what_is_told_of_a_wave_leaves_no_small_group_to_be_worked_out(
    first: list[int], second: list[int]
) -> None:
    """Numbers of answers, invited, rates and means: shown together, or hidden together."""
    definitions, here = load_catalog(), tree(load_catalog())
    counts = {f"yz01{at:02}": n for at, n in enumerate(first, start=1) if n}
    counts |= {f"yz02{at:02}": n for at, n in enumerate(second, start=1) if n}
    if not counts:
        return
    cube = cube_of(definitions, wave(NOW, {unit: (n, n + 5, 60, 8) for unit, n in counts.items()}))
    survey = find_survey(definitions)
    for parent in ("yz", "yz01", "yz02"):
        table = compare_units(cube, here, survey, parent, NOW)
        told = {}
        for row in table.iter_rows(named=True):
            known = {name: row[name] for name in ("n", "invited", "rate", "wb_overall_score")}
            assert len({value is None for value in known.values()}) == 1, row
            assert row["n"] is None or row["n"] >= 10
            told[row["unit"]] = row["n"]
        whole = told.pop(parent)
        if whole is not None:
            left = whole - sum(n for n in told.values() if n is not None)
            assert left == 0 or left >= 10
            hidden = [unit for unit in here.children(parent) if told.get(unit, 1) is None]
            filed = [unit for unit in hidden if any(counts.get(x) for x in here.leaves(unit))]
            assert left == 0 or len(filed) > 1


def test_a_bureau_without_a_survey_has_none() -> None:
    catalog = load_catalog()
    measures = {c: m for c, m in catalog.measures.items() if "W" not in m.flags}
    assert find_survey(replace(catalog, measures=measures)) is None
