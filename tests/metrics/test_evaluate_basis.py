"""A round on each basis, worked by hand: a split, mergers and moves inside and after its months."""

import datetime as dt
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.catalog import load_catalog
from data.definition_types import Catalog, SchemeDimension, SchemeItem, Text
from metrics.evaluate import RoundResult, score_round
from metrics.round_units import changed_units, first_month
from tests.metrics import small
from tests.metrics.structure import bureau, filed, on
from tests.metrics.test_basis_properties import worlds

BASES = ("now", "then", "matched")
# s is split in May between two counties; x was merged into b1 in February, g is in August, after
# the round; m moved from b to a in June, k moves from a to b in August.
UNITS = bureau(
    """
    c
    a  | c
    a1 | a
    a2 | a
    s  | a | to 2024-05
    n1 | a | 2024-05 to
    b  | c
    n2 | b | 2024-05 to
    b1 | b
    x  | b | to 2024-02
    g  | b | to 2024-08
    m  | b to 2024-06, a
    k  | a to 2024-08, b
    """,
    """
    2024-05: s = n1 0.6 + n2 0.4
    2024-02: x = b1 1
    2024-08: g = b1 1
    """,
)
THEFT = """
   | 2023-04 | 2023-05 | 2023-06 | 2024-04 | 2024-05 | 2024-06
a1 | 10 | 10 | 10 | 9  | 9  | 9
a2 | 10 | 10 | 10 | 11 | 11 | 11
s  | 20 | 20 | 20 | 18 |    |
n1 |    |    |    |    | 12 | 12
n2 |    |    |    |    | 8  | 8
b1 | 20 | 20 | 20 | 22 | 22 | 22
x  | 5  | 5  | 5  |    |    |
g  | 10 | 10 | 10 | 10 | 10 | 10
m  | 10 | 10 | 10 | 8  | 8  | 8
k  | 10 | 10 | 10 | 10 | 10 | 10
"""
# Of 100 urgent calls a month, how many were reached in five minutes.
REACHED = """
   | 2024-04 | 2024-05 | 2024-06
a1 | 90 | 90 | 90
a2 | 85 | 85 | 85
s  | 85 |    |
n1 |    | 98 | 98
n2 |    | 85 | 85
b1 | 90 | 90 | 90
g  | 98 | 98 | 98
m  | 98 | 98 | 98
k  | 90 | 90 | 90
"""
ITEMS = (
    SchemeItem(
        "d_arrive_5min_rate", "speed", 80, "efficacy", 1, "quarter", {"good": 98, "bad": 85}
    ),
    SchemeItem(
        "d_calls_theft_yoy", "calls", 20, "efficacy", -1, "quarter", {"good": -10, "bad": 10}
    ),
)


def with_scheme(
    definitions: Catalog, items: tuple[SchemeItem, ...] = ITEMS, **more: Any
) -> Catalog:
    """Return definitions with one small scheme of our own beside them."""
    weights: dict[str, float] = {}
    for item in items:
        weights[item.dimension] = weights.get(item.dimension, 0) + item.weight
    known = load_catalog().schemes["station_prevention_first"]
    parts = tuple(SchemeDimension(code, Text(code, code), w) for code, w in weights.items())
    own = replace(known, code="own", items=items, dimensions=parts, **more)
    return replace(definitions, schemes={"own": own})


def held(*more: pl.DataFrame) -> pl.DataFrame:
    reached = filed("calls_arrived_5min", REACHED)
    calls = reached.with_columns(measure=pl.lit("calls_dispatch_urgent"), value=pl.lit(100.0))
    return pl.concat([filed("calls_theft", THEFT), reached, calls.select(reached.columns), *more])


def run(basis: str, *more: pl.DataFrame, **options: Any) -> RoundResult:
    definitions = with_scheme(UNITS)
    cube = on(basis, held(*more), definitions)
    return score_round(cube, definitions, "own", "2024Q2", **options)


def totals(result: RoundResult) -> dict[str, tuple[str, float | None]]:
    rows = result.standings.sort("unit").select("unit", "assessor", "score").rows()
    return {unit: (assessor, score) for unit, assessor, score in rows}


def rate(reached: float) -> float:
    """Return the points of the first item: 60 at 85 %, 100 at 98 %."""
    return min(100, 60 + 40 * (reached - 85) / 13)


def fall(change: float) -> float:
    """Return the points of the second: 60 at +10 %, 100 at −10 %."""
    return min(100, 60 + 40 * (10 - change) / 20)


def expect(found: dict, expected: dict[str, tuple[str, float | None]]) -> None:
    assert set(found) == set(expected)
    for unit, (assessor, score) in expected.items():
        assert found[unit] == (assessor, pytest.approx(score)), unit


def test_now_the_units_of_today_answer_for_what_they_took_over() -> None:
    # n1: (0.6·85 + 98 + 98) of (60 + 200) is 95 %; 0.6·18 + 24 against 0.6·60 is −10/3 %.
    # n2: (0.4·85 + 170) of 240 is 85 %; 7.2 + 16 against 24 is −10/3 % too.
    # b1 with x and g: (270 + 294) of 600 is 94 %; 66 + 30 against 60 + 15 + 30 is −60/7 %.
    expect(
        totals(run("now")),
        {
            "a1": ("a", 0.8 * rate(90) + 0.2 * fall(-10)),
            "a2": ("a", 0.8 * rate(85) + 0.2 * fall(10)),
            "n1": ("a", 0.8 * rate(95) + 0.2 * fall(-10 / 3)),
            "n2": ("b", 0.8 * rate(85) + 0.2 * fall(-10 / 3)),
            "b1": ("b", 0.8 * rate(94) + 0.2 * fall(-60 / 7)),
            "m": ("a", 0.8 * rate(98) + 0.2 * fall(-20)),
            "k": ("b", 0.8 * rate(90) + 0.2 * fall(0)),
        },
    )


def test_then_each_unit_of_the_round_s_end_answers_for_itself_under_its_assessor() -> None:
    result = run("then")
    # n1 and n2 have no last year, b1 took x over since: the first item takes all the weight.
    expect(
        totals(result),
        {
            "a1": ("a", 0.8 * rate(90) + 0.2 * fall(-10)),
            "a2": ("a", 0.8 * rate(85) + 0.2 * fall(10)),
            "n1": ("a", rate(98)),
            "n2": ("b", rate(85)),
            "b1": ("b", rate(90)),
            "g": ("b", 0.8 * rate(98) + 0.2 * fall(0)),
            "m": ("a", 0.8 * rate(98) + 0.2 * fall(-20)),
            "k": ("a", 0.8 * rate(90) + 0.2 * fall(0)),
        },
    )
    assert not result.left_out
    theft = result.scores.filter(item="d_calls_theft_yoy")
    notes = dict(theft.select("unit", "note").rows())
    # m moved and stays itself; b1 shows 66 against 60, which is not counted.
    assert notes == {
        "a1": None, "a2": None, "n1": "missing", "n2": "missing", "b1": "structure", "g": None,
        "m": None, "k": None,
    }  # fmt: skip
    row = theft.filter(unit="b1").row(0, named=True)
    assert (row["value"], row["score"], row["points"]) == (pytest.approx(10), None, 0)


def test_matched_scores_only_what_did_not_change_and_says_why_not_the_others() -> None:
    result = run("matched")
    assert result.since == dt.date(2023, 4, 1)
    expect(
        totals(result),
        {
            "a1": ("a", 0.8 * rate(90) + 0.2 * fall(-10)),
            "a2": ("a", 0.8 * rate(85) + 0.2 * fall(10)),
            "k": ("a", 0.8 * rate(90) + 0.2 * fall(0)),
            "g": ("b", 0.8 * rate(98) + 0.2 * fall(0)),
            **{unit: (assessor, None) for unit, assessor in zip(("n1", "m"), "aa", strict=True)},
            **{unit: ("b", None) for unit in ("n2", "b1")},
        },
    )
    said = {unit: (why.words.zh, why.words.en) for unit, why in result.left_out.items()}
    split = ("2024-05 s拆分为n1 0.6、n2 0.4", "2024-05 s: split into n1 0.6, n2 0.4")
    assert said == {
        "n1": split,
        "n2": split,
        "b1": ("2024-02 x并入b1", "2024-02 x: merged into b1"),
        "m": ("2024-06 m由b改隶a", "2024-06 m: moved from b to a"),
    }
    rows = result.standings.filter(pl.col("left_out_en").is_not_null())
    assert dict(rows.select("unit", "left_out_zh").rows()) == {u: w[0] for u, w in said.items()}
    assert rows["reason"].to_list() == ["changed"] * 4
    for name in ("score", "lower", "upper", "band", "rank_best", "grade", "cap", "vetoes"):
        assert rows[name].null_count() == 4, name
    # They come last in their group, and every item of theirs is there, without a number.
    assert result.standings["unit"].to_list() == ["a1", "a2", "k", "n1", "m", "g", "n2", "b1"]
    items = result.scores.filter(pl.col("unit").is_in(list(said)))
    assert items.height == 4 * len(ITEMS)
    assert set(items["note"]) == {"changed"}
    for name in ("value", "score", "weight", "points"):
        assert items[name].null_count() == items.height


def test_what_is_left_out_takes_no_place_and_fills_no_quota() -> None:
    raw = {**with_scheme(UNITS).schemes["own"].raw, "quota_rule": {"min_group": 3}}
    definitions = with_scheme(UNITS, min_group=3, raw=raw)
    found = {}
    for basis in ("then", "matched"):
        result = score_round(on(basis, held(), definitions), definitions, "own", "2024Q2")
        rows = result.standings.filter(assessor="a").to_dicts()
        found[basis] = {row["unit"]: row for row in rows}
    # Five of a on then: n1 and m are band 1, the others cannot be told apart; seven in ten of five
    # are three places for Good, which the band of a1 (80.3 points) straddles.
    a1 = found["then"]["a1"]
    assert (a1["band"], a1["rank_best"], a1["rank_worst"]) == (2, 3, 5)
    assert (a1["grade_en"], a1["reason"], a1["cap"]) == ("Pass", "quota", 3)
    # On matched three are left: one band, ranks 1 to 3, two places.
    a1 = found["matched"]["a1"]
    assert (a1["band"], a1["rank_best"], a1["rank_worst"]) == (1, 1, 3)
    assert (a1["grade_en"], a1["reason"], a1["cap"]) == ("Pass", "quota", 2)


def test_extras_and_vetoes_stand_on_the_same_units() -> None:
    more = (
        filed("svc_complaints_upheld", "  | 2024-04\ns | 1"),
        filed("qa_unfiled_found", "  | 2024-05\ng | 1"),
    )
    held_of = {}
    for basis in BASES:
        rows = run(basis, *more).standings.to_dicts()
        held_of[basis] = {row["unit"]: (row["deduction"], row["vetoes"]) for row in rows}
    assert held_of["now"]["n1"] == (pytest.approx(-0.6), None)
    assert held_of["now"]["n2"] == (pytest.approx(-0.4), None)
    assert held_of["now"]["b1"] == (0, "veto:0")
    assert held_of["then"]["n1"] == held_of["then"]["n2"] == held_of["then"]["b1"] == (0, None)
    assert held_of["then"]["g"] == held_of["matched"]["g"] == (0, "veto:0")
    assert held_of["matched"]["b1"] == (None, None)


def test_the_first_month_is_that_of_the_earliest_base() -> None:
    june = dt.date(2024, 6, 1)
    scheme = with_scheme(UNITS).schemes["own"]
    assert first_month(UNITS, scheme, june) == dt.date(2023, 4, 1)
    plain = replace(scheme, items=ITEMS[:1])
    assert first_month(UNITS, plain, june) == dt.date(2024, 4, 1)
    rolling = replace(scheme, items=(*ITEMS[:1], replace(ITEMS[1], window="rolling12")))
    assert first_month(UNITS, rolling, june) == dt.date(2022, 7, 1)
    last_year = replace(
        ITEMS[0], method="goal_ratio", window="ytd", params={"target": "own_last_year"}
    )
    assert first_month(UNITS, replace(scheme, items=(last_year,)), june) == dt.date(2023, 1, 1)


def test_a_change_on_the_first_month_is_over_and_one_after_the_last_is_to_come() -> None:
    june, july = dt.date(2024, 6, 1), dt.date(2024, 7, 1)
    assert set(changed_units(UNITS, ["m", "a", "b"], june, june)) == set()
    assert set(changed_units(UNITS, ["m", "k", "a", "b"], june, july)) == set()
    august = changed_units(UNITS, ["m", "k", "g", "b1", "a", "b", "c"], july, dt.date(2024, 8, 1))
    assert set(august) == {"k", "g", "b1", "a", "b", "c"}
    assert [event.kind for event in august["a"]] == ["moved"]


def test_a_county_is_left_out_for_what_changed_below_it() -> None:
    definitions = with_scheme(UNITS, level="county", assessor="city")
    found = score_round(on("matched", held(), definitions), definitions, "own", "2024Q2")
    assert found.standings["unit"].to_list() == ["a", "b"]
    assert found.standings["score"].null_count() == 2
    assert found.left_out["a"].words.en == (
        "2024-05 s: split into n1 0.6, n2 0.4; 2024-06 m: moved from b to a"
    )
    then = score_round(on("then", held(), definitions), definitions, "own", "2024Q2")
    # a: 27 + 33 + 18 + 24 + 30 and m's 8 of June, against 30 + 30 + 60 + 30: m was b's before.
    change = 100 * (140 - 150) / 150
    item = then.scores.filter(unit="a", item="d_calls_theft_yoy")
    assert item["value"].item() == pytest.approx(change)
    assert (item["score"].item(), item["note"].item()) == (None, "structure")


def test_a_target_of_months_that_a_unit_did_not_have_is_none() -> None:
    last_year = SchemeItem(
        "calls_theft", "calls", 20, "goal_ratio", 1, "quarter", {"target": "own_last_year"}
    )
    new = bureau("c\na | c\na1 | a\na2 | a | 2023-05 to")
    definitions = with_scheme(new, (ITEMS[0], last_year))
    facts = pl.concat([held().filter(pl.col("unit").is_in(["a1", "a2"]))])
    is_early = (pl.col("unit") == "a2") & (pl.col("period") == dt.date(2023, 4, 1))
    for basis in BASES:
        cube = on(basis, facts.filter(~is_early), definitions)
        found = score_round(cube, definitions, "own", "2024Q2", units=["a1", "a2"])
        rows = found.scores.filter(item="calls_theft").select("unit", "score", "note").rows()
        # a1: 27 of last year's 30. a2 opened in May 2023: 33 against two months' 20 is no rise.
        a2 = "changed" if basis == "matched" else "no_target"
        assert rows == [("a1", pytest.approx(90), None), ("a2", None, a2)]


def test_an_asked_unit_that_was_not_there_is_not_in_the_round() -> None:
    asked = ["a1", "s", "g"]
    assert run("now", units=asked).standings["unit"].to_list() == ["a1"]
    assert run("then", units=asked).standings["unit"].to_list() == ["a1", "g"]
    assert run("then", units=["s"]).standings.is_empty()
    assert run("matched", units=["m"]).standings["reason"].to_list() == ["changed"]


def test_people_are_shown_the_units_of_theirs_on_each_basis() -> None:
    definitions = with_scheme(UNITS)
    found = {}
    for basis in BASES:
        cube = on(basis, held(), definitions, scope="b")
        result = score_round(cube, definitions, "own", "2024Q2")
        found[basis] = dict(result.standings.select("unit", "assessor").rows())
    assert found["now"] == dict.fromkeys(("n2", "b1", "k"), "b")
    # k is theirs today with all its past; m went to a, and only what it filed before is theirs.
    assert found["then"] == {"n2": "b", "b1": "b", "g": "b", "k": "a"}
    assert found["matched"] == found["then"]
    # In the quarter before, m was b's; all of it is seen by a alone, and that is said.
    cube = on("then", held(), definitions, scope="b")
    before = score_round(cube, definitions, "own", "2024Q1")
    assert (
        before.left_out["m"].words.en == "now under a: not all of its figures are within your sight"
    )
    row = before.standings.filter(unit="m").row(0, named=True)
    assert (row["assessor"], row["reason"], row["score"]) == ("b", "unseen", None)


STILL = with_scheme(bureau("c\na | c\na1 | a\na2 | a\na3 | a\nb | c\nb1 | b\nb2 | b"))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 100)), min_size=30, max_size=30))
def test_where_nothing_changed_the_three_bases_are_one(numbers: list[tuple[int, int]]) -> None:
    months = ("2023-04", "2023-05", "2023-06", "2024-04", "2024-05", "2024-06")
    cells = [(unit, month) for unit in ("a1", "a2", "a3", "b1", "b2") for month in months]
    table: dict[str, dict] = {"calls_theft": {}, "calls_arrived_5min": {}}
    table["calls_dispatch_urgent"] = {}
    for (unit, month), (theft, reached) in zip(cells, numbers, strict=True):
        for measure, value in zip(table, (theft, reached, 100), strict=True):
            table[measure].setdefault(unit, {})[month] = float(value)
    results = [
        score_round(on(basis, small.facts(table), STILL), STILL, "own", "2024Q2") for basis in BASES
    ]
    for other in results[1:]:
        assert other.scores.equals(results[0].scores)
        assert other.standings.equals(results[0].standings)
        assert not other.left_out


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds())
def test_what_matched_keeps_is_scored_as_on_then(world: tuple) -> None:
    written, facts = world
    theft = replace(ITEMS[1], weight=100.0)
    definitions = with_scheme(bureau(*written), (theft,))
    found = {
        basis: score_round(on(basis, facts, definitions), definitions, "own", "2024Q2")
        for basis in ("then", "matched")
    }
    gone = list(found["matched"].left_out)
    there = found["then"].standings["unit"]
    assert sorted(there) == sorted(found["matched"].standings["unit"])
    kept = ~pl.col("unit").is_in(gone)
    assert found["then"].scores.filter(kept).equals(found["matched"].scores.filter(kept))
    numbers = [
        found[basis]
        .standings.filter(kept)
        .sort("unit")
        .select("unit", "assessor", "score", "error")
        for basis in ("then", "matched")
    ]
    assert numbers[0].equals(numbers[1])
