"""The survey's figures, worked by hand: pooled means and SDs, intervals, what may be compared."""

import datetime as dt
import math
from typing import Any

import polars as pl
import pytest

from data.catalog import load_catalog
from data.definition_types import Catalog
from data.schema import FACTS, conform
from data.units import Tree, tree
from metrics.cube import Cube, build_cube
from metrics.sample import Sample, can_tell_apart, pool_samples, rest_of
from metrics.wellbeing import (
    compare_units,
    compare_waves,
    find_survey,
    find_waves,
    list_suppressed,
    read_samples,
)

NOW, YEAR_AGO = dt.date(2024, 9, 1), dt.date(2023, 9, 1)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def units(catalog: Catalog) -> Tree:
    return tree(catalog)


def wave(period: dt.date, rows: dict[str, tuple[float, float, float, float]]) -> pl.DataFrame:
    """Return FACTS of a wave: unit → answers, invited, mean and SD of index and health."""
    facts: list[dict[str, Any]] = []
    for unit, (n, invited, mean, sd) in rows.items():
        values = {"wb_responded": n, "wb_invited": invited}
        for name in ("overall", "health"):
            values |= {f"wb_{name}_score": mean, f"wb_{name}_sd": sd}
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
    sample = read_samples(cube, units, survey, ["yz01"], NOW)["yz01", "wb_health_score"]
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
    assert found["yz0103"] == (None, "unlisted", "yz01-small", 17)
    assert found["yz0202"] == (None, "unlisted", "yz02-own", 50)
    assert found["yz0301"] == (8, "small", None, None)
    assert found["yz0302"] == (11, "protects", None, None)
    assert "yz0101" not in found
    assert "yz01-small" not in found
    assert not any(unit.startswith("yz04") for unit in found)


def test_a_bureau_without_a_survey_has_none() -> None:
    from dataclasses import replace

    catalog = load_catalog()
    measures = {c: m for c, m in catalog.measures.items() if "W" not in m.flags}
    assert find_survey(replace(catalog, measures=measures)) is None
