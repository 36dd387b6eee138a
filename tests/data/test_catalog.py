"""Is the default catalogue whole, and does a wrong definition stop with a helpful word?"""

import datetime as dt
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from data.catalog import BUILT_IN, check_definitions, load_catalog
from data.definition_types import Target
from data.schema import POLICY

CATALOG = load_catalog()


@pytest.fixture
def wrong(tmp_path: Path) -> Callable[..., str]:
    """Return what the loader says of the built-in definitions with one thing changed."""
    folder = tmp_path / "definitions"
    shutil.copytree(BUILT_IN, folder)

    def change(file: str, old: str, new: str) -> str:
        path = folder / file
        content = path.read_text(encoding="utf-8")
        assert old in content, f"{old!r} is not in {file}"
        path.write_text(content.replace(old, new, 1), encoding="utf-8")
        return "\n".join(check_definitions(folder))

    return change


def test_the_default_catalogue_is_whole() -> None:
    assert len(CATALOG.measures) == 184
    assert len(CATALOG.derived()) == 75
    assert len(CATALOG.indicators) == 259
    assert list(CATALOG.forms) == [
        *(f"{x}" for x in ("A01", *[f"M0{n}" for n in range(1, 10)])),
        "Q01",
        "Q02",
    ]
    assert len(CATALOG.rules) == 63
    assert list(CATALOG.schemes) == ["county_monthly_operation", "station_prevention_first"]
    assert check_definitions() == []


def test_core_and_extended_are_as_published() -> None:
    tiers = [item.tier for item in CATALOG.measures.values()]
    assert (tiers.count("core"), tiers.count("extended")) == (120, 64)
    tiers = [item.tier for item in CATALOG.derived()]
    assert (tiers.count("core"), tiers.count("extended")) == (55, 20)


def test_every_measure_is_an_indicator_too() -> None:
    for code, measure in CATALOG.measures.items():
        item = CATALOG.indicators[code]
        assert item.is_measure
        assert (item.numerator, item.denominator) == ((code,), ())
        assert (item.kind, item.windows, item.flags) == (
            measure.kind,
            measure.windows,
            measure.flags,
        )


def test_flags_are_inherited_and_the_strictest_holds() -> None:
    for item in CATALOG.derived():
        for part in (*item.numerator, *item.denominator):
            assert CATALOG.indicators[part].flags <= item.flags
    for item in CATALOG.indicators.values():
        allowed = [CATALOG.flags[flag].policy for flag in item.flags] or ["rank"]
        assert item.policy == min(allowed, key=POLICY.index)


@pytest.mark.parametrize(
    ("code", "flags", "policy"),
    [
        ("crim_recorded", "X", "compare"),
        ("crim_cleared", "P", "score"),
        ("d_crim_clear_rate", "XP", "compare"),
        ("d_record_to_call", "XQ", "compare"),
        ("qa_unfiled_found", "V", "monitor"),
        ("wb_overall_score", "W", "compare"),
        ("crim_minor_recorded", "XS", "compare"),
        ("pub_safety_score", "M", "rank"),
        ("d_ontime_rate", "D", "score"),
        ("calls_theft", "", "rank"),
    ],
)
def test_known_policies(code: str, flags: str, policy: str) -> None:
    item = CATALOG.indicators[code]
    assert (item.flags, item.policy) == (frozenset(flags), policy)
    assert item.may_rank == (policy == "rank" and item.direction != 0)


def test_case_numbers_are_neutral() -> None:
    barred = [item for item in CATALOG.indicators.values() if "X" in item.flags]
    assert len(barred) > 20
    assert {item.direction for item in barred} == {0}


def test_targets_keep_their_month_and_their_indicator() -> None:
    january_2021 = dt.date(2021, 1, 1)
    assert CATALOG.indicators["d_online_share"].targets == (Target(january_2021, (), 60.0),)
    assert CATALOG.indicators["d_zero_ytd_share"].targets == (
        Target(dt.date(2021, 12, 1), (12,), 82.8),
    )
    plan = CATALOG.indicators["d_task_done_rate"].targets
    assert plan == (Target(dt.date.min, (), None, "d_task_plan_rate"),)


def test_the_sets_of_the_rules() -> None:
    sets = CATALOG.sets
    assert set(sets["count_flows"]) < set(sets["flows"])
    assert sets["pub_scores"] == ("pub_safety_score", "pub_satisfaction_score")
    assert len(sets["wb_sds"]) == 7
    assert set(sets["summed"]).isdisjoint(sets["listed"])
    assert "task_done" in sets["listed"]


def test_forms_carry_every_filed_measure_once() -> None:
    carried = [code for form in CATALOG.forms.values() for code in form.measures]
    filed = [code for code, item in CATALOG.measures.items() if item.form != "system"]
    assert sorted(carried) == sorted(filed)
    assert CATALOG.forms["M08"].due_day == 10
    assert CATALOG.forms["M01"].due_day == 5
    assert CATALOG.forms["M01"].sheet.zh == "接处警"


def test_the_calendar_knows_what_is_announced_and_no_more() -> None:
    calendar = CATALOG.calendar
    assert calendar.festival_days[2024] == dt.date(2024, 2, 10)
    assert calendar.festival_days[2025] == dt.date(2025, 1, 29)
    assert sorted(calendar.festival_days) == list(range(2010, 2031))
    assert calendar.working_days[dt.date(2024, 2, 1)] == 18
    assert calendar.working_days[dt.date(2024, 10, 1)] == 19
    assert dt.date(2027, 1, 1) not in calendar.working_days


def test_no_definition_is_without_english_or_chinese() -> None:
    for item in CATALOG.indicators.values():
        assert re.search(r"[\u4e00-\u9fff]", item.definition.zh + item.name.zh), item.code
        assert re.search(r"[A-Za-z]{3}", item.definition.en), item.code
        assert not re.search(r"[\u4e00-\u9fff]", item.definition.en + item.caveats.en), item.code
        assert bool(item.caveats.zh) == bool(item.caveats.en), item.code


def test_loading_again_is_free_and_a_change_is_seen(tmp_path: Path) -> None:
    folder = tmp_path / "definitions"
    shutil.copytree(BUILT_IN, folder)
    first = load_catalog(folder)
    assert load_catalog(folder) is first
    assert first.digest == CATALOG.digest
    path = folder / "calendar.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert load_catalog(folder).digest != first.digest


def test_another_folder_by_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KPI_DEFINITIONS", str(tmp_path))
    with pytest.raises(ValueError, match=r"no definitions here \(bureau.toml is missing\)"):
        load_catalog()


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("indicators/calls.toml", "numerator", "numerater",
         "indicators/calls.toml: d_valid_call_share: unknown key 'numerater'. "
         "Did you mean 'numerator'?"),
        ("indicators/calls.toml", '["calls_valid"]', '["call_valid"]',
         "indicators/calls.toml: d_valid_call_share.numerator: unknown word 'call_valid'. "
         "Did you mean 'calls_valid'?"),
        ("indicators/calls.toml", "scale = 100", 'scale = "100"',
         "indicators/calls.toml: d_valid_call_share.scale: expected a number, found '100'"),
        ("indicators/calls.toml", '"quarter"', '"quater"', "Did you mean 'quarter'?"),
        ("measures.toml", 'roll_by = ["wb_responded"]', 'roll_by = ["wb_respond"]',
         "wb_health_score.roll_by: unknown measure 'wb_respond' (did you mean 'wb_responded'?)"),
        ("bureau.toml", 'review_levels = ["county", "city"]', 'review_levels = ["conty"]',
         "bureau.toml: review_levels: unknown level 'conty'"),
        ("bureau.toml", 'review_levels = ["county", "city"]', 'review_levels = ["city", "county"]',
         "from the bottom up (county, city)"),
        ("measures.toml", 'flags = ["X"]', 'flags = ["Y"]',
         "measures.toml: crim_recorded.flags: unknown word 'Y'. Allowed: X, P, W, Q, S, V, D, M"),
        ("measures.toml", 'policy = "compare"', 'policy = "rank"',
         "crim_recorded.policy: 'rank' is stated, but the flags (X) say 'compare'"),
        ("indicators/criminal.toml", 'policy = "compare"', 'policy = "score"',
         "d_crim_recorded_yoy.policy: 'score' is stated, but the flags (X) say 'compare'"),
        ("measures.toml", '"station", "county_own"', '"stations", "county_own"',
         "calls_total.filers: unknown word 'stations'. Did you mean 'station'?"),
        ("measures.toml", "[calls_valid]", "[calls_Valid]", "a code is lower_snake"),
        ("measures.toml", 'en = "Valid calls"', 'en = "Calls received"',
         "calls_valid.name.en: 'Calls received' is already the name of 'calls_total'"),
        ("measures.toml", 'category = "calls"', 'category = "call"', "Did you mean 'calls'?"),
        ("forms/m01.toml", '"calls_valid",', '"calls_vaild",',
         "forms/M01.measures: unknown measure 'calls_vaild' (did you mean 'calls_valid'?)"),
        ("forms/m01.toml", '    "calls_valid",\n', "",
         "forms/M01.measures: the measure 'calls_valid' of this form is not listed"),
        ("schemes/station_prevention_first.toml", "d_calls_valid_yoy", "d_call_valid_yoy",
         "unknown indicator 'd_call_valid_yoy' (did you mean 'd_calls_valid_yoy'?)"),
        ("schemes/station_prevention_first.toml", 'method = "efficacy"', 'method = "efficiency"',
         "unknown method 'efficiency' (did you mean 'efficacy'?)"),
        ("rules.toml", "calls_total == calls_valid", "calls_total == calls_vald",
         "rules.toml: rules.R01.clauses: unknown word 'calls_vald'. Did you mean 'calls_valid'?"),
        ("rules.toml", 'severity = "mandatory"', 'severity = "mandatary"',
         "Did you mean 'mandatory'?"),
        ("bureau.toml", '"calls_theft"', '"call_theft"',
         "bureau.toml: headline: unknown indicator 'call_theft' (did you mean 'calls_theft'?)"),
        ("bureau.toml", "Asia/Shanghai", "Asia/Shangai", "unknown time zone 'Asia/Shangai'"),
        ("bureau.toml", "year_start = 1", "year_start = 13", "expected a month from 1 to 12"),
        ("calendar.toml", "2024 = 2024-02-10", '2024 = "10.2.2024"', "expected a day like"),
        ("units.csv", "yz01,county", "yz01,countey",
         "units.csv: line 3: yz01.level: unknown level 'countey' (did you mean 'county'?)"),
        ("unit_parents.csv", "yz0101,yz01", "yz0101,yz99", "unknown unit 'yz99'"),
        ("indicators/tasks.toml", 'indicator = "d_task_plan_rate"', 'indicator = "d_task_plan"',
         "d_task_done_rate.targets: unknown indicator 'd_task_plan'"),
        ("examples.toml", '    "calls_valid",\n', "",
         "no group of worked examples lists the measure 'calls_valid'"),
        ("indicators/calls.toml", "a1   | 2024-04 | 9 ", "a9   | 2024-04 | 9 ",
         "d_valid_call_share.examples: unknown unit 'a9'"),
        ("indicators/calls.toml", "a1   | 2024-04 | 9 ", "a1   | 2024-4  | 9 ",
         "d_valid_call_share.examples: expected a month like 2024-10, found '2024-4'"),
        ("indicators/calls.toml", "a1   | 2024-04 | 9 ", "a1   | 2024-04 | 9x",
         "d_valid_call_share.examples: expected a number, found '9x'"),
        ("indicators/calls.toml", 'base = "same_period"\n', "",
         "kind yoy needs base = 'same_period' or 'prev' and no denominator"),
        ("measures.toml", 'kind = "stock"', 'kind = "stock"\nover_time = "sum"',
         "a stock takes the last value of a window, not 'sum'"),
    ],
)  # fmt: skip
def test_a_wrong_definition_says_where_and_what(
    wrong: Callable[..., str], file: str, old: str, new: str, said: str
) -> None:
    assert said in wrong(file, old, new)


def test_several_problems_are_listed_at_once(wrong: Callable[..., str]) -> None:
    wrong("forms/m01.toml", '"calls_valid",', '"calls_vaild",')
    problems = wrong("bureau.toml", '"calls_theft"', '"call_theft"').split("\n")
    assert len(problems) == 3


def test_every_wrong_entry_of_a_file_is_named(wrong: Callable[..., str]) -> None:
    wrong("measures.toml", 'category = "calls"', 'category = "call"')
    problems = wrong("measures.toml", 'kind = "stock"', 'kind = "stok"').split("\n")
    assert [problem.split(":")[1].strip() for problem in problems] == [
        "calls_total.category",
        "crim_open_end.kind",
    ]


def test_a_derived_indicator_without_an_example_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "definitions"
    shutil.copytree(BUILT_IN, folder)
    (folder / "indicators" / "services.toml").write_text(
        '[d_new]\nname = {zh = "新", en = "New"}\ndefinition = {zh = "新", en = "new"}\n'
        'kind = "ratio"\nnumerator = ["svc_online"]\ndenominator = ["svc_handled"]\n'
        'unit = {zh = "%", en = "%"}\nvalue_type = "percent"\nwindows = ["month"]\nexamples = []\n',
        encoding="utf-8",
    )
    problems = check_definitions(folder)
    assert "d_new.examples: a derived indicator needs at least one worked example" in problems


def test_a_bureau_may_set_its_own_targets(tmp_path: Path) -> None:
    folder = tmp_path / "definitions"
    shutil.copytree(BUILT_IN, folder)
    path = folder / "targets.csv"
    path.write_text(
        "indicator,from,months,value\nd_online_share,2025-01,,70\nd_online_share,2024-01,6|12,65\n",
        encoding="utf-8",
    )
    targets = load_catalog(folder).indicators["d_online_share"].targets
    assert targets == (
        Target(dt.date(2024, 1, 1), (6, 12), 65.0),
        Target(dt.date(2025, 1, 1), (), 70.0),
    )
    path.write_text("indicator,from,value\nd_online_shar,2025-01,70\n", encoding="utf-8")
    [problem] = check_definitions(folder)
    assert problem.startswith("targets.csv: line 2: unknown indicator 'd_online_shar'")
    assert "Did you mean 'd_online_share'?" in problem
    path.write_text("indicator,from,months,value\nd_online_share,2025-01,13,70\n", encoding="utf-8")
    assert check_definitions(folder) == [
        "targets.csv: line 2.months: expected months like 3|6, found '13'"
    ]


def test_a_folder_without_an_example_tree_uses_its_own_units(tmp_path: Path) -> None:
    london = BUILT_IN.parent / "examples" / "london" / "definitions"
    folder = tmp_path / "definitions"
    shutil.copytree(london, folder)
    (folder / "examples.toml").unlink()
    catalog = load_catalog(folder)
    assert catalog.example_units == catalog.units
    assert (catalog.bureau.year_start, catalog.bureau.minimum_base) == (4, 0)
    assert (catalog.calendar.festival, catalog.flags, catalog.rules) == ("none", {}, ())
