"""Each rule of the scheme lint finds its fault, and the two schemes of the bureau pass."""

from dataclasses import replace
from typing import Any

import pytest

from data.catalog import load_catalog
from data.definition_types import Catalog, Scheme, SchemeItem
from metrics.lint import RULES, check_schemes, lint_scheme, may_activate


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def scheme(catalog: Catalog) -> Scheme:
    return catalog.schemes["station_prevention_first"]


def item(code: str, weight: float = 5, **changes: Any) -> SchemeItem:
    """Return an item of the calls dimension, scored by how far its target is reached."""
    made = SchemeItem(code, "calls", weight, "goal_ratio", 1, "quarter", {"target": 80})
    return replace(made, **changes)


def with_items(scheme: Scheme, *items: SchemeItem) -> Scheme:
    return replace(scheme, items=(*scheme.items, *items))


def with_raw(scheme: Scheme, **parts: Any) -> Scheme:
    return replace(scheme, raw={**scheme.raw, **parts})


def changed(scheme: Scheme, code: str, **changes: Any) -> Scheme:
    """Return the scheme with one item changed."""
    items = (replace(i, **changes) if i.indicator == code else i for i in scheme.items)
    return replace(scheme, items=tuple(items))


def where(scheme: Scheme, catalog: Catalog, code: str, **facts: Any) -> list[str]:
    return [f.where for f in lint_scheme(scheme, catalog, **facts) if f.code == code]


def test_the_station_scheme_has_nothing_against_it(catalog: Catalog, scheme: Scheme) -> None:
    assert lint_scheme(scheme, catalog) == []


def test_the_county_scheme_has_only_its_countersigned_item(catalog: Catalog) -> None:
    findings = lint_scheme(catalog.schemes["county_monthly_operation"], catalog)
    assert [(f.code, f.where, f.is_settled) for f in findings] == [("W-CASE", "d_fast_share", True)]
    assert may_activate(findings)


def test_every_rule_has_its_words_and_every_word_its_rule(catalog: Catalog) -> None:
    assert [entry["code"] for entry in catalog.evaluation["lint"]] == list(RULES)


def test_w_ban_in_an_item_a_bonus_and_a_deduction(catalog: Catalog, scheme: Scheme) -> None:
    assert where(with_items(scheme, item("crim_recorded")), catalog, "W-BAN") == ["crim_recorded"]
    assert where(with_items(scheme, item("crim_recorded", 0)), catalog, "W-BAN") == []
    bonus = {"cap": 3, "items": [{"points": 1, "indicator": "d_crim_clear_rate"}]}
    assert where(with_raw(scheme, bonus=bonus), catalog, "W-BAN") == ["d_crim_clear_rate"]
    late = {"cap": 3, "items": [{"points": 1, "expression": "tra_deaths - crim_recorded"}]}
    found = where(with_raw(scheme, deduction=late), catalog, "W-BAN")
    assert found == ["tra_deaths", "crim_recorded"]


def test_w_case_needs_a_countersignature(catalog: Catalog, scheme: Scheme) -> None:
    edited = with_items(scheme, item("d_fast_share"))
    (finding,) = [f for f in lint_scheme(edited, catalog) if f.code == "W-CASE"]
    assert (finding.severity, finding.is_settled) == ("countersign", False)
    signed = replace(edited, countersigned=("d_fast_share",))
    assert [f.is_settled for f in lint_scheme(signed, catalog) if f.code == "W-CASE"] == [True]


def test_w_rank_by_policy_by_direction_and_by_group(catalog: Catalog) -> None:
    county = catalog.schemes["county_monthly_operation"]
    ranked = changed(county, "d_ontime_rate", method="rank")
    assert where(ranked, catalog, "W-RANK") == ["d_ontime_rate"]
    ranked = changed(county, "d_hazard_fix_rate", method="rank")
    assert where(ranked, catalog, "W-RANK") == []
    assert where(replace(ranked, min_group=10), catalog, "W-RANK") == ["d_hazard_fix_rate"]


def test_w_station_hit(catalog: Catalog, scheme: Scheme) -> None:
    assert where(with_items(scheme, item("d_clear_days_avg", 10)), catalog, "W-STATION-HIT") == []
    assert where(with_items(scheme, item("d_clear_days_avg", 11)), catalog, "W-STATION-HIT") == [
        "11"
    ]


def test_w_yoy_is_settled_by_the_recording_audit_alone(catalog: Catalog, scheme: Scheme) -> None:
    manual = [entry for entry in scheme.raw["veto"] if entry.get("manual")]
    edited = replace(with_raw(scheme, veto=manual), countersigned=("d_calls_valid_yoy",))
    assert where(edited, catalog, "W-YOY") == [
        "d_calls_valid_yoy",
        "d_order_calls_yoy",
        "d_calls_theft_yoy",
        "d_fraud_loss_yoy",
    ]
    assert not may_activate(lint_scheme(edited, catalog))


def test_w_wb(catalog: Catalog, scheme: Scheme) -> None:
    edited = with_items(scheme, item("wb_overall_score"))
    assert where(edited, catalog, "W-WB") == ["wb_overall_score"]


def test_w_conc_of_an_item_and_of_a_dimension(catalog: Catalog, scheme: Scheme) -> None:
    heavy = tuple(replace(d, weight=41) if d.code == "calls" else d for d in scheme.dimensions)
    edited = replace(changed(scheme, "d_calls_valid_yoy", weight=26), dimensions=heavy)
    assert where(edited, catalog, "W-CONC") == ["d_calls_valid_yoy", "calls"]


def test_w_small(catalog: Catalog, scheme: Scheme) -> None:
    shares = {"d_qa_pass_rate": 0.21, "d_dissuade_rate": 0.20}
    assert where(scheme, catalog, "W-SMALL", small_shares=shares) == ["d_qa_pass_rate"]


def test_w_pair(catalog: Catalog, scheme: Scheme) -> None:
    left = tuple(i for i in scheme.items if i.indicator != "d_qa_pass_rate")
    assert where(replace(scheme, items=left), catalog, "W-PAIR") == ["d_arrive_5min_rate"]


def test_w_n_and_e_n(catalog: Catalog, scheme: Scheme) -> None:
    for count, code in ((26, "W-N"), (30, "W-N"), (31, "E-N")):
        edited = replace(scheme, items=tuple((scheme.items * 2)[:count]))
        assert where(edited, catalog, code) == [str(count)]
    assert where(replace(scheme, items=(scheme.items * 2)[:25]), catalog, "W-N") == []


def test_e_100_and_e_dim(catalog: Catalog, scheme: Scheme) -> None:
    edited = changed(scheme, "d_calls_valid_yoy", weight=9)
    assert where(edited, catalog, "E-100") == ["101"]
    assert where(edited, catalog, "E-DIM") == ["calls"]
    edited = changed(scheme, "d_calls_valid_yoy", dimension="call")
    assert where(edited, catalog, "E-DIM") == ["call", "calls"]


@pytest.mark.parametrize(
    "bands",
    [
        [["x<=0", 100], ["1<x", 60]],
        [["x<=0", 100], ["x>=0", 60]],
        [["x<0", 100], ["x>0", 60]],
        [["x<=0", 100], ["0<x<=9", 60]],
        [["x below 0", 100], ["x>0", 60]],
        [],
    ],
    ids=["gap", "overlap", "point left out", "open end", "unreadable", "none"],
)
def test_e_gap_of_bands(catalog: Catalog, scheme: Scheme, bands: list) -> None:
    bands = [[condition.replace("1<x", "x>1"), points] for condition, points in bands]
    edited = changed(scheme, "d_calls_theft_yoy", params={"bands": bands})
    assert where(edited, catalog, "E-GAP") == ["d_calls_theft_yoy"]


@pytest.mark.parametrize(
    "params",
    [
        {"good": 85, "bad": 98},
        {"good": 90, "bad": 90},
        {"good": 98, "bad": 85, "by_group": {"C": {"good": 60, "bad": 90}}},
        {"good": 98},
    ],
    ids=["against the direction", "equal", "in one group", "half missing"],
)
def test_e_gap_of_thresholds(catalog: Catalog, scheme: Scheme, params: dict) -> None:
    edited = changed(scheme, "d_arrive_5min_rate", params=params)
    assert where(edited, catalog, "E-GAP") == ["d_arrive_5min_rate"]


def test_e_code_wherever_a_code_stands(catalog: Catalog, scheme: Scheme) -> None:
    edited = with_items(scheme, item("no_item"), item("d_topic_done_rate"))
    edited = changed(edited, "d_topic_done_rate", params={"target": {"indicator": "no_plan"}})
    edited = replace(edited, monitor_only=("no_watch",), countersigned=("no_sign",))
    veto = [{"indicator": "no_veto", "op": ">", "value": 0}]
    bonus = {"items": [{"indicator": "no_bonus", "points": 1}]}
    edited = with_raw(edited, veto=veto, bonus=bonus)
    found = where(edited, catalog, "E-CODE")
    expected = ["no_item", "no_plan", "no_bonus", "no_veto", "no_watch", "no_sign"]
    assert found == expected


def test_e_dir_against_the_catalogue_and_neutral(catalog: Catalog, scheme: Scheme) -> None:
    edited = changed(scheme, "d_calls_valid_yoy", direction=1)
    edited = with_items(edited, item("d_crim_recorded_yoy"))
    assert where(edited, catalog, "E-DIR") == ["d_calls_valid_yoy", "d_crim_recorded_yoy"]


def test_e_window(catalog: Catalog, scheme: Scheme) -> None:
    edited = changed(scheme, "pub_safety_score", window="month")
    assert where(edited, catalog, "E-WINDOW") == ["pub_safety_score"]


@pytest.mark.parametrize("year", [{"months": 11}, {"start_month": 0}, {"whole_months_only": False}])
def test_e_year(catalog: Catalog, scheme: Scheme, year: dict) -> None:
    assert where(with_raw(scheme, evaluation_year=year), catalog, "E-YEAR") == ["evaluation_year"]


def test_e_assessor(catalog: Catalog, scheme: Scheme) -> None:
    assert where(replace(scheme, assessor="city"), catalog, "E-ASSESSOR") == ["city"]
    county = catalog.schemes["county_monthly_operation"]
    assert where(replace(county, assessor="county"), catalog, "E-ASSESSOR") == ["county"]


def test_e_midyear(catalog: Catalog, scheme: Scheme) -> None:
    edited = changed(scheme, "d_qa_pass_rate", weight=10)
    edited = with_raw(edited, bonus={"cap": 5})
    found = where(edited, catalog, "E-MIDYEAR", locked=scheme)
    assert found == ["d_qa_pass_rate", "bonus"]
    assert where(scheme, catalog, "E-MIDYEAR", locked=scheme) == []


def test_schemes_are_checked_in_words(catalog: Catalog, scheme: Scheme) -> None:
    assert check_schemes(catalog, "en") == ([], [])
    alone = replace(scheme, items=tuple(i for i in scheme.items if i.indicator != "d_qa_pass_rate"))
    _, hints = check_schemes(replace(catalog, schemes={"s": alone}), "en")
    code = "schemes/station_prevention_first: W-PAIR d_arrive_5min_rate"
    assert hints == [f"{code}: Pair speed with quality"]
    barred = replace(catalog, schemes={"s": with_items(scheme, item("crim_recorded", 0.5))})
    problems, _ = check_schemes(barred, "zh")
    assert [line.split(": ")[1] for line in problems] == [
        "W-BAN crim_recorded",
        "E-100 100.5",
        "E-DIM calls",
        "E-DIR crim_recorded",
    ]
