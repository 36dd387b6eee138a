"""Which survey do the definitions hold? Found by its flags, or as `bureau.toml` names it."""

from dataclasses import replace
from typing import Any

import pytest

from data.catalog import load_catalog
from data.definition_types import Catalog
from metrics.survey import Scale, Score, context_codes, find_survey
from metrics.wellbeing_context import chance_correlation, quarterly


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def given(catalog: Catalog, **options: Any) -> Catalog:
    """Return definitions whose bureau sets these options for its survey."""
    raw = catalog.bureau.raw | {"options": {"wellbeing": options}}
    return replace(catalog, bureau=replace(catalog.bureau, raw=raw))


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


def test_a_bureau_without_a_survey_has_none(catalog: Catalog) -> None:
    measures = {c: m for c, m in catalog.measures.items() if "W" not in m.flags}
    assert find_survey(replace(catalog, measures=measures)) is None


def test_a_published_survey_is_the_figures_that_are_named(catalog: Catalog) -> None:
    named = given(
        catalog,
        index="pub_satisfaction_score",
        dimensions=["wb_who5_mean", "wb_burnout_work_mean"],
        response_rate="pub_survey_n",
    )
    survey = find_survey(named)
    assert survey is not None
    assert (survey.responded, survey.rate) == ("", "pub_survey_n")
    assert survey.index == Score("pub_satisfaction_score", "", None)
    assert survey.lead == "pub_satisfaction_score"
    assert survey.signs == ("pub_satisfaction_score", "wb_who5_mean", "wb_burnout_work_mean")


def test_a_questionnaire_has_its_mark(catalog: Catalog) -> None:
    survey = find_survey(given(catalog, scales={"wb_who5_mean": {"mark": 50}}))
    assert survey is not None
    assert survey.scales == (Scale("wb_who5_mean", 50, None),)
    survey = find_survey(catalog)
    assert survey is not None
    assert survey.scales == (Scale("wb_who5_mean", 50, 10),)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"weights": {"wb_helth_score": 20}}, "wellbeing.weights.*wb_health_score"),
        ({"weights": {"wb_health_score": "20"}}, "weights.wb_health_score: expected"),
        ({"weights": {"wb_health_score": 0}}, "weights.wb_health_score: a weight is above 0"),
        ({"scales": {"wb_who5_mean": {"change": 10}}}, "scales.wb_who5_mean.*mark"),
        ({"dimensions": ["w01"]}, "wellbeing.dimensions.*w01"),
        ({"dimension": ["wb_who5_mean"]}, "dimension.*Did you mean 'dimensions'"),
    ],
)
def test_what_the_bureau_sets_wrongly_is_refused_with_its_key(
    catalog: Catalog, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        find_survey(given(catalog, **options))


def test_context_is_what_has_a_quarter(catalog: Catalog) -> None:
    listed = given(catalog, context=["d_leave_rate", "population", "d_calls_valid_yoy"])
    assert quarterly(listed) == ["d_leave_rate"]
    with pytest.raises(ValueError, match="context.*Did you mean 'd_leave_rate'"):
        context_codes(given(catalog, context=["d_leave_rat"]))


def test_few_units_prove_nothing() -> None:
    # t(7; 0.975) = 2.364624: 2.364624/√(7 + 2.364624²) = 0.666384. Pearson's table: 0.666.
    found = chance_correlation(9)
    assert found is not None
    assert found == pytest.approx(0.666384, abs=1e-6)
    assert chance_correlation(3) is None
