"""A round of a scheme, scored by hand: values, redistribution, extras, vetoes, groups, rounds."""

import datetime as dt
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from data.catalog import load_catalog
from data.definition_types import Catalog, Scheme, SchemeDimension, SchemeItem, Text
from data.periods import months_between
from data.schema import FACTS, SCORES, conform
from metrics.cube import Cube, build_cube
from metrics.evaluate import RoundResult, score_round
from metrics.rounds import round_end, round_name

JULY, SEPTEMBER = dt.date(2024, 7, 1), dt.date(2024, 9, 1)
QUARTER = months_between(JULY, SEPTEMBER)
STATIONS = [f"yz01{number:02}" for number in range(1, 10)]


def item(code: str, weight: float, dimension: str, method: str, **params: Any) -> SchemeItem:
    direction = params.pop("direction", 1)
    window = params.get("window", "quarter")
    return SchemeItem(code, dimension, weight, method, direction, window, params)


ITEMS = (
    item("d_arrive_5min_rate", 40, "calls", "efficacy", good=98, bad=85),
    item(
        "d_repeat_dispute_rate", 20, "calls", "efficacy", good=5, bad=20, direction=-1, min_base=20
    ),
    item("d_service_sat_rate", 15, "public", "goal_ratio", target=100),
    item("pub_safety_score", 10, "public", "pass_line", line=90, op=">=", line_score=60, min_n=30),
    item("d_qa_pass_rate", 15, "audit", "efficacy", good=100, bad=90),
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """Return the built-in definitions with one small scheme of our own."""
    known = load_catalog()
    scheme = known.schemes["station_prevention_first"]
    dimensions = tuple(
        SchemeDimension(code, Text(code, code), weight)
        for code, weight in (("calls", 60), ("public", 25), ("audit", 15))
    )
    own = replace(scheme, code="own", items=ITEMS, dimensions=dimensions)
    return replace(known, schemes={**known.schemes, "own": own})


def monthly(unit: str, months: list[dt.date] = QUARTER, **values: float) -> list[dict]:
    """Return the same values of a unit in each month."""
    return [
        {
            "measure": measure, "definition": 1, "unit": unit, "period": month, "value": value,
            "status": "final", "vintage": dt.datetime(2024, 10, 9, tzinfo=dt.UTC),
            "submission": "s", "sheet": "", "cell": "",
        }
        for month in months
        for measure, value in values.items()
    ]  # fmt: skip


def station(unit: str, **changes: float | None) -> list[dict]:
    """Return a sound quarter of a station; None leaves a measure out."""
    values: dict[str, float | None] = {
        "calls_dispatch_urgent": 100, "calls_arrived_5min": 90,
        "calls_dispute": 40, "dis_repeat_calls": 4,
        "svc_survey_n": 50, "svc_survey_satisfied": 45,
        "qa_cases_checked": 20, "qa_cases_passed": 19,
        "dq_returns_due": 4, "dq_returns_ontime": 4,
        "svc_complaints_upheld": 0, "hon_commendations": 0, "qa_unfiled_found": 0,
    }  # fmt: skip
    quarterly: dict[str, float | None] = {"pub_safety_score": 92, "pub_survey_n": 60}
    for name, value in changes.items():
        (quarterly if name in quarterly else values)[name] = value
    rows = monthly(unit, **{k: v for k, v in values.items() if v is not None})
    rows += monthly(unit, [SEPTEMBER], **{k: v for k, v in quarterly.items() if v is not None})
    return rows


def run(catalog: Catalog, rows: list[dict], **options: Any) -> RoundResult:
    facts = conform(pl.DataFrame(rows, infer_schema_length=None), FACTS)
    cube: Cube = build_cube(facts, catalog)
    units = options.pop("units", sorted({row["unit"] for row in rows}))
    return score_round(cube, catalog, "own", "2024Q3", units=units, **options)


def scored(result: RoundResult, unit: str = "yz0101") -> dict[str, tuple]:
    rows = result.scores.filter(unit=unit)
    keys = zip(rows["score"], rows["weight"], rows["points"], rows["note"], strict=True)
    return dict(zip(rows["item"], keys, strict=True))


def standing(result: RoundResult, unit: str = "yz0101") -> dict[str, Any]:
    return result.standings.filter(unit=unit).row(0, named=True)


def test_a_round_worked_by_hand(catalog: Catalog) -> None:
    result = run(catalog, station("yz0101"))
    # 270/300 = 90 %: 60 + 40·5/13. 12/120 = 10 %: 60 + 40·10/15. 135/150 = 90 % of 100.
    # 92 passes. 57/60 = 95 %: 60 + 40·5/10.
    expected = {
        "d_arrive_5min_rate": (60 + 200 / 13, 40, 40 * (60 + 200 / 13) / 100),
        "d_repeat_dispute_rate": (60 + 400 / 15, 20, 20 * (60 + 400 / 15) / 100),
        "d_service_sat_rate": (90, 15, 13.5),
        "pub_safety_score": (100, 10, 10),
        "d_qa_pass_rate": (80, 15, 12),
    }
    got = scored(result)
    assert set(got) == set(expected)
    for code, numbers in expected.items():
        assert got[code][:3] == pytest.approx(numbers)
        assert got[code][3] is None
    total = sum(numbers[2] for numbers in expected.values())
    assert standing(result)["score"] == pytest.approx(total)
    assert result.scores["value"].to_list() == pytest.approx([90, 10, 90, 92, 95])
    assert result.scores.schema == SCORES
    assert (result.round, result.period) == ("2024Q3", SEPTEMBER)


def test_points_sum_to_the_score_with_every_extra(catalog: Catalog) -> None:
    rows = [
        *station("yz0101", hon_commendations=1, svc_complaints_upheld=1, dq_returns_ontime=3),
        *station("yz0102", qa_cases_checked=None, qa_cases_passed=None),
    ]
    result = run(catalog, rows)
    for unit in ("yz0101", "yz0102"):
        points = result.scores.filter(unit=unit)["points"]
        assert points.sum() == pytest.approx(standing(result, unit)["score"], abs=1e-12)
    # Three commendations at 0.5 are capped at 1; three complaints cost 3, three late returns 1.5.
    got = scored(result)
    assert got["hon_commendations"] == (None, None, 1, "bonus")
    assert got["svc_complaints_upheld"] == (None, None, -3, "deduction")
    assert got["dq_returns_due - dq_returns_ontime"] == (None, None, -1.5, "deduction")
    assert (standing(result)["bonus"], standing(result)["deduction"]) == (1, -4.5)


def test_deductions_stop_at_their_cap(catalog: Catalog) -> None:
    result = run(catalog, station("yz0101", svc_complaints_upheld=3, dq_returns_ontime=0))
    # Nine complaints cost 9; twelve late returns would cost 6, but 10 is the most.
    got = scored(result)
    assert got["svc_complaints_upheld"][2] == -9
    assert got["dq_returns_due - dq_returns_ontime"][2] == -1


def test_a_missing_item_gives_its_weight_to_its_dimension(catalog: Catalog) -> None:
    result = run(catalog, station("yz0101", pub_safety_score=None, pub_survey_n=None))
    got = scored(result)
    assert got["pub_safety_score"] == (None, 0, 0, "missing")
    assert got["d_service_sat_rate"][1:3] == pytest.approx((25, 22.5))
    assert got["d_qa_pass_rate"][1] == pytest.approx(15)


def test_a_wholly_missing_dimension_goes_over_all_others(catalog: Catalog) -> None:
    result = run(catalog, station("yz0101", qa_cases_checked=None, qa_cases_passed=None))
    got = scored(result)
    weights = [got[code][1] for code in ("d_arrive_5min_rate", "d_repeat_dispute_rate")]
    weights += [got[code][1] for code in ("d_service_sat_rate", "pub_safety_score")]
    assert weights == pytest.approx([w * 100 / 85 for w in (40, 20, 15, 10)])
    assert standing(result)["missing_weight"] == 15


@pytest.mark.parametrize(
    ("changes", "code", "note"),
    [
        ({"calls_dispute": 6, "dis_repeat_calls": 1}, "d_repeat_dispute_rate", "small_base"),
        ({"pub_survey_n": 29}, "pub_safety_score", "small_n"),
        ({"qa_cases_checked": 0, "qa_cases_passed": 0}, "d_qa_pass_rate", "missing"),
    ],
)
def test_a_base_too_small_counts_as_missing(
    catalog: Catalog, changes: dict, code: str, note: str
) -> None:
    score, weight, points, got = scored(run(catalog, station("yz0101", **changes)))[code]
    assert (score, weight, points, got) == (None, 0, 0, note)


def test_a_month_not_filed_makes_the_item_missing(catalog: Catalog) -> None:
    rows = [
        row
        for row in station("yz0101")
        if not (row["measure"] == "qa_cases_passed" and row["period"] == JULY)
    ]
    assert scored(run(catalog, rows))["d_qa_pass_rate"][3] == "partial"


def test_more_than_a_fifth_missing_is_not_rated(catalog: Catalog) -> None:
    rows = station(
        "yz0101", pub_safety_score=None, pub_survey_n=None, svc_survey_n=None,
        svc_survey_satisfied=None,
    )  # fmt: skip
    result = run(catalog, rows)
    row = standing(result)
    assert (row["score"], row["grade"], row["reason"]) == (None, None, "not_rated")
    assert row["missing_weight"] == 25
    assert result.scores["points"].null_count() == result.scores.height
    exactly = run(catalog, station("yz0101", calls_dispute=None, dis_repeat_calls=None))
    assert standing(exactly)["missing_weight"] == 20
    assert standing(exactly)["score"] is not None


def test_thresholds_may_differ_by_group(catalog: Catalog) -> None:
    arrive = replace(
        ITEMS[0], params={**ITEMS[0].params, "by_group": {"B": {"good": 90, "bad": 60}}}
    )
    own = replace(catalog.schemes["own"], items=(arrive, *ITEMS[1:]))
    edited = replace(catalog, schemes={"own": own})
    result = run(edited, [*station("yz0101"), *station("yz0115")])
    assert scored(result)["d_arrive_5min_rate"][0] == pytest.approx(60 + 200 / 13)
    assert scored(result, "yz0115")["d_arrive_5min_rate"][0] == 100


def test_a_veto_fails_the_unit_keeps_the_score_and_names_the_ground(catalog: Catalog) -> None:
    decisions = pl.DataFrame({"unit": ["yz0102"], "part": ["veto"], "entry": [1], "count": [1]})
    rows = [*station("yz0101", qa_unfiled_found=1), *station("yz0102"), *station("yz0103")]
    result = run(catalog, rows, decisions=decisions)
    grades = {
        row["unit"]: (row["grade_en"], row["reason"], row["vetoes"])
        for row in result.standings.iter_rows(named=True)
    }
    assert grades == {
        "yz0101": ("Fail", "veto", "veto:0"),
        "yz0102": ("Fail", "veto", "veto:1"),
        "yz0103": ("Good", None, None),
    }
    assert result.standings["score"].null_count() == 0


def test_a_decided_bonus_is_counted(catalog: Catalog) -> None:
    decisions = pl.DataFrame({"unit": ["yz0101"], "part": ["bonus"], "entry": [0], "count": [2]})
    plain, better = (run(catalog, station("yz0101"), decisions=d) for d in (None, decisions))
    gain = standing(better)["score"] - standing(plain)["score"]
    assert gain == pytest.approx(2)


def test_units_stand_in_the_group_of_their_assessor(catalog: Catalog) -> None:
    rows = [row for unit in (*STATIONS, "yz0115", "yz0201") for row in station(unit)]
    result = run(catalog, rows)
    keys = result.standings.select("assessor", "group", "unit").rows()
    assert keys == [
        *(("yz01", "A", unit) for unit in STATIONS),
        ("yz01", "B", "yz0115"),
        ("yz02", "A", "yz0201"),
    ]
    # Nine alike: one band over all ranks, and a quota of two that it straddles.
    first = standing(result)
    assert (first["band"], first["rank_best"], first["rank_worst"]) == (1, 1, 9)
    # Alone in its group: no band, no rank, no quota.
    alone = standing(result, "yz0115")
    assert (alone["band"], alone["rank_best"], alone["reason"]) == (None, None, None)


def test_a_scheme_with_an_item_that_may_not_be_ranked_has_no_ranks(catalog: Catalog) -> None:
    late = item("d_ontime_rate", 15, "audit", "goal_ratio", target=100)
    own = replace(catalog.schemes["own"], items=(*ITEMS[:4], late))
    rows = [row for unit in STATIONS for row in station(unit)]
    result = run(replace(catalog, schemes={"own": own}), rows)
    assert result.standings["band"].null_count() == 9
    assert result.standings["rank_best"].null_count() == 9
    assert result.standings["unit"].to_list() == STATIONS


def test_points_by_rank_only_within_a_group_that_is_large_enough(catalog: Catalog) -> None:
    ranked = item("d_arrive_5min_rate", 85, "calls", "rank")
    own = replace(catalog.schemes["own"], items=(ranked, ITEMS[4]))
    edited = replace(catalog, schemes={"own": own})
    # Eight stations of Minghu's group A, 60 to 95 in a hundred; one of Qingwu's stands alone.
    arrived = dict(zip(STATIONS[:8], range(60, 100, 5), strict=True))
    rows = [
        row
        for unit, count in {**arrived, "yz0201": 99}.items()
        for row in station(unit, calls_arrived_5min=count)
    ]
    result = run(edited, rows)
    scores = [scored(result, unit)["d_arrive_5min_rate"][0] for unit in STATIONS[:8]]
    assert scores == pytest.approx([60 + 40 * place / 7 for place in range(8)])
    assert scored(result, "yz0201")["d_arrive_5min_rate"] == (None, 0, None, "not_ranked")


def test_intervals_are_the_same_every_time_and_for_every_company(catalog: Catalog) -> None:
    alone = standing(run(catalog, station("yz0101")))
    company = standing(run(catalog, [*station("yz0101"), *station("yz0102", calls_dispute=90)]))
    assert alone["error"] == company["error"] > 0
    assert (alone["lower"], alone["upper"]) == (company["lower"], company["upper"])


def test_the_error_of_a_share_is_that_of_counting(catalog: Catalog) -> None:
    own = replace(catalog.schemes["own"], items=(replace(ITEMS[0], weight=100.0),))
    result = run(replace(catalog, schemes={"own": own}), station("yz0101"))
    # 90 % of 300: √(0.9·0.1/300) = 1.732 points of the rate, times 40/13.
    assert standing(result)["error"] == pytest.approx(1.732 * 40 / 13, rel=0.08)


def test_last_years_own_value_and_another_indicator_as_targets(catalog: Catalog) -> None:
    items = (
        item("d_service_sat_rate", 60, "public", "goal_ratio", target="own_last_year"),
        item(
            "d_arrive_5min_rate", 40, "public", "goal_ratio",
            target={"indicator": "d_service_sat_rate"},
        ),
    )  # fmt: skip
    own = replace(catalog.schemes["own"], items=items)
    edited = replace(catalog, schemes={"own": own})
    year_ago = months_between(dt.date(2023, 7, 1), dt.date(2023, 9, 1))
    before = monthly("yz0101", year_ago, svc_survey_n=50, svc_survey_satisfied=48)
    got = scored(run(edited, [*station("yz0101"), *before]))
    assert got["d_service_sat_rate"][0] == pytest.approx(100 * 90 / 96)
    assert got["d_arrive_5min_rate"][0] == pytest.approx(100)
    # Without last year the item has no target and counts as missing.
    got = scored(run(edited, station("yz0101")))
    assert got["d_service_sat_rate"] == (None, 0, None, "no_target")


def test_year_on_year_needs_both_years(catalog: Catalog) -> None:
    items = (
        item("d_service_sat_rate", 80, "public", "goal_ratio", target=100),
        item("d_calls_theft_yoy", 20, "calls", "efficacy", good=-10, bad=10, direction=-1),
    )
    own = replace(catalog.schemes["own"], items=items)
    edited = replace(catalog, schemes={"own": own})
    rows = [*station("yz0101"), *monthly("yz0101", calls_theft=19)]
    assert scored(run(edited, rows))["d_calls_theft_yoy"][3] == "missing"
    year_ago = months_between(dt.date(2023, 7, 1), dt.date(2023, 9, 1))
    rows += monthly("yz0101", year_ago, calls_theft=20)
    assert scored(run(edited, rows))["d_calls_theft_yoy"][0] == pytest.approx(90)


def test_january_and_february_of_a_monthly_scheme() -> None:
    catalog = load_catalog()
    values = {"fraud_loss_amount": 300.0, "rec_loss_amount": 100.0, "rec_seized_amount": 50.0}
    rows: list[dict] = []
    for year, factor in ((2023, 1.0), (2024, 0.8)):
        for month in (1, 2):
            scaled = {code: value * factor * month for code, value in values.items()}
            rows += monthly("yz01-own", [dt.date(year, month, 1)], **scaled)
    cube = build_cube(conform(pl.DataFrame(rows), FACTS), catalog)
    january, february = (
        score_round(cube, catalog, "county_monthly_operation", f"2024-0{month}", units=["yz01"])
        for month in (1, 2)
    )
    notes = dict(january.scores.select("item", "note").rows())
    assert notes["d_fraud_loss_yoy"] == "festival"
    assert notes["d_recovery_rate"] == "festival"
    assert notes["d_arrive_5min_rate"] == "missing"
    # Items left out for the festival do not count towards the fifth: 100 less 6, 5 and 4.
    assert january.standings["missing_weight"].item() == 85
    # February takes both months: 240 + 480 against 300 + 600 is −20 %, the good value.
    loss = february.scores.filter(item="d_fraud_loss_yoy")
    assert (loss["value"].item(), loss["score"].item()) == pytest.approx((-20, 100))


def test_rounds_are_named_by_quarter_month_or_year(catalog: Catalog) -> None:
    scheme = catalog.schemes["own"]
    for text in ("2024Q3", "2024-Q3", "2024q3", "2024-09", SEPTEMBER):
        assert round_end(scheme, catalog, text) == SEPTEMBER
    assert round_name(scheme, catalog, SEPTEMBER) == "2024Q3"
    with pytest.raises(ValueError, match=r"2024-09 \(2024Q3\) or 2024-12 \(2024Q4\)"):
        round_end(scheme, catalog, "2024-10")
    with pytest.raises(ValueError, match="is quarterly"):
        round_end(scheme, catalog, "2024")
    yearly = replace(scheme, round="yearly")
    assert round_end(yearly, catalog, "2024") == dt.date(2024, 12, 1)
    april = replace(catalog, bureau=replace(catalog.bureau, year_start=4))
    assert round_end(scheme, april, "2023Q4") == dt.date(2024, 3, 1)
    assert round_name(scheme, april, dt.date(2024, 3, 1)) == "2023Q4"


def test_wrong_questions_say_what_is_right(catalog: Catalog) -> None:
    rows = station("yz0101")
    cube = build_cube(conform(pl.DataFrame(rows, infer_schema_length=None), FACTS), catalog)
    with pytest.raises(ValueError, match="did you mean 'own'"):
        score_round(cube, catalog, "owm", "2024Q3")
    with pytest.raises(ValueError, match="assesses level 'station', not 'county'"):
        score_round(cube, catalog, "own", "2024Q3", level="county")
    with pytest.raises(ValueError, match="'yz01' is a county"):
        score_round(cube, catalog, "own", "2024Q3", units=["yz01"])


def of_scheme(scheme: Scheme) -> float:
    return sum(item.weight for item in scheme.items)


def test_the_schemes_of_the_bureau_weigh_a_hundred() -> None:
    assert [of_scheme(s) for s in load_catalog().schemes.values()] == [100, 100]
