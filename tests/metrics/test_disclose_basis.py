"""A hidden figure does not follow from the same one on another basis, or of an earlier day."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.access import Viewer
from data.definition_types import Catalog, Parent, Succession
from data.units import tree
from metrics.compare import compare_figures
from metrics.cube import Cube, build_cube
from metrics.disclose import hidden_units, suppress
from metrics.figures import compute_figures
from tests.metrics import small

SEPTEMBER, OCTOBER = dt.date(2024, 9, 1), dt.date(2024, 10, 1)
CODE = "wb_overall_score"
LEAVES = ("a1", "a2", "a3", "a-own", "b1", "b2", "b-own")
ANSWERS = dict(zip(LEAVES, (30, 25, 8, 20, 40, 33, 30), strict=True))


def moved(unit: str = "a3", to: str = "b", day: dt.date = OCTOBER) -> Catalog:
    """Return the small bureau with a station that changed its county."""
    found = small.catalog()
    links = [
        replace(link, end=day) if link.unit == unit else link for link in found.parents
    ]  # fmt: skip
    return replace(found, parents=(*links, Parent(unit, to, day, None)))


def survey(answers: dict[str, int], definitions: Catalog, month: str = "2024-09") -> Cube:
    table: dict[str, dict] = {"wb_invited": {}, "wb_responded": {}, CODE: {}, "wb_overall_sd": {}}
    for place, (unit, n) in enumerate(answers.items()):
        for measure, value in zip(table, (n + 5, n, 60 + place, 10), strict=True):
            table[measure][unit] = {month: float(value)}
    return build_cube(small.facts(table), definitions)


def released(cube: Cube, basis: str, present: Cube | None = None) -> dict[str, float | None]:
    """Return the mean of every unit as anybody may see it on a basis."""
    from metrics.cube import stand

    standing = stand(cube, basis)
    units = [unit.code for unit in cube.catalog.units]
    figures = compute_figures(standing, [CODE, "wb_responded"], units, [SEPTEMBER], "wave")
    shown = suppress(figures, cube.catalog, tree(cube.catalog), None, standing, present)
    rows = shown.filter(pl.col("indicator") == "wb_responded")
    return dict(zip(rows["unit"], rows["value"], strict=True))


def test_a_station_that_moved_does_not_follow_from_two_counties() -> None:
    cube = survey(ANSWERS, moved())
    now, then = released(cube, "now"), released(cube, "then")
    assert now["a3"] is None
    assert now["a"] == 75, "a1, a2 and the own level: without the station that moved"
    assert then["a"] is None, "83 then, less 75 now, would be the 8 answers of a3"
    assert then["b"] is None
    assert then["c"] == now["c"] == 186
    assert then["a1"] == 30


def test_the_reason_is_told() -> None:
    definitions = moved()
    cube = build_cube(
        small.facts({"wb_responded": {u: {"2024-09": float(n)} for u, n in ANSWERS.items()}}),
        definitions, basis="then",
    )  # fmt: skip
    found = dict(
        hidden_units(definitions, tree(definitions), cube, SEPTEMBER)
        .select("unit", "reason")
        .iter_rows()
    )
    assert found["a"] == found["b"] == "structure"
    assert found["a3"] == "small"


def test_a_unit_that_was_split_is_not_shown_beside_its_heirs() -> None:
    plain = small.catalog()
    units = tuple(
        replace(u, closed=OCTOBER)
        if u.code == "a3"
        else replace(u, opened=OCTOBER)
        if u.code == "b2"
        else u
        for u in plain.units
    )
    steps = (Succession("a3", "a1", OCTOBER, 0.5), Succession("a3", "a2", OCTOBER, 0.5))
    cube = survey(ANSWERS | {"a3": 40}, replace(plain, units=units, successions=steps))
    then = released(cube, "then")
    assert [then[unit] for unit in ("a1", "a2", "a3")] == [None] * 3
    assert then["a"] == released(cube, "now")["a"] == 115


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 40), min_size=7, max_size=7),
    st.sampled_from([("a3", "b"), ("b1", "a"), ("a1", "b")]),
    st.sampled_from(["then", "matched"]),
)
def test_another_basis_shows_nothing_that_now_does_not(
    counts: list[int], move: tuple[str, str], basis: str
) -> None:
    cube = survey(dict(zip(LEAVES, counts, strict=True)), moved(*move))
    now, other = released(cube, "now"), released(cube, basis)
    assert all(value in (None, now[unit]) for unit, value in other.items())


def test_an_earlier_day_is_shown_only_where_the_same_is_hidden_today() -> None:
    definitions = small.catalog()
    before = survey(ANSWERS, definitions)
    today = survey(ANSWERS | {"a3": 18}, definitions)
    assert released(before, "now")["a"] == 83
    assert set(released(before, "now", today).values()) == {None}, "83 less what today shows is 8"
    later = survey(ANSWERS | {"b1": 44}, definitions)
    shown = released(before, "now", later)
    assert shown["b1"] == 40, "the same cells are hidden: the figure of that day is shown"
    assert shown["a3"] is None


@pytest.mark.parametrize("basis", ["then", "matched"])
def test_small_counts_stay_open_to_the_own_chain(basis: str) -> None:
    definitions = moved()
    code = next(c for c, m in definitions.measures.items() if "S" in m.flags and m.frequency == "M")
    levels = tuple((level.code, ("month",)) for level in definitions.bureau.levels)
    monthly = replace(definitions.measures[code], releases=levels)
    definitions = replace(definitions, measures=definitions.measures | {code: monthly})
    cells = {unit: {"2024-09": 3.0, "2023-09": 2.0} for unit in LEAVES}
    cube = build_cube(small.facts({code: cells}), definitions, basis=basis)
    asked = ([code], ["a", "a1", "a3", "b1"], [SEPTEMBER])
    rows = compare_figures(cube, *asked, "month", ("yoy",), basis)
    own = Viewer("leader", "leader", "a", frozenset({"a", "a1", "a2", "a-own"}))
    found = suppress(rows, definitions, tree(definitions), own, cube)
    hidden = dict(zip(found["unit"], found["suppressed"], strict=True))
    assert hidden == {"a": False, "a1": False, "a3": True, "b1": True}


def test_a_share_does_not_tell_what_a_unit_of_another_county_filed() -> None:
    plain = small.catalog()
    units = tuple(replace(u, closed=OCTOBER) if u.code == "a3" else u for u in plain.units)
    steps = (Succession("a3", "a1", OCTOBER, 0.5), Succession("a3", "b1", OCTOBER, 0.5))
    definitions = replace(plain, units=units, successions=steps)
    code = next(c for c, m in definitions.measures.items() if "S" in m.flags and m.frequency == "M")
    levels = tuple((level.code, ("month",)) for level in definitions.bureau.levels)
    monthly = replace(definitions.measures[code], releases=levels)
    definitions = replace(definitions, measures=definitions.measures | {code: monthly})
    cells = {unit: {"2024-09": 0.0} for unit in LEAVES} | {"a3": {"2024-09": 2.0}}
    cube = build_cube(small.facts({code: cells}), definitions)
    figures = compute_figures(cube, [code], ["b", "b1", "b2"], [SEPTEMBER], "month")
    assert figures["value"].to_list() == [1, 1, 0]
    own = Viewer("leader", "leader", "b", frozenset({"b", "b1", "b2", "b-own"}))
    found = suppress(figures, definitions, tree(definitions), own, cube)
    assert found["value"].to_list() == [None, None, 0], "b1 holds half of the two cases of a3"


def test_a_shown_share_does_not_tell_its_co_heir_s() -> None:
    """b2 filed 9, of which a1 holds 60 % and a2 40 %: 3.6 is small, and 5.4 would tell it."""
    plain = small.catalog()
    units = tuple(replace(u, closed=OCTOBER) if u.code == "b2" else u for u in plain.units)
    steps = (Succession("b2", "a1", OCTOBER, 0.6), Succession("b2", "a2", OCTOBER, 0.4))
    definitions = replace(plain, units=units, successions=steps)
    code = next(c for c, m in definitions.measures.items() if "S" in m.flags and m.frequency == "M")
    levels = tuple((level.code, ("month",)) for level in definitions.bureau.levels)
    monthly = replace(definitions.measures[code], releases=levels)
    definitions = replace(definitions, measures=definitions.measures | {code: monthly})
    cells = {unit: {"2024-09": 0.0} for unit in LEAVES} | {"b2": {"2024-09": 9.0}}
    cube = build_cube(small.facts({code: cells}), definitions)
    figures = compute_figures(cube, [code], ["a", "a1", "a2", "a3"], [SEPTEMBER], "month")
    assert figures["value"].to_list() == pytest.approx([9, 5.4, 3.6, 0])
    reader = Viewer("leader", "leader", "b", frozenset({"b", "b1", "b-own"}))
    found = suppress(figures, definitions, tree(definitions), reader, cube)
    # Nor is their county's 9 shown: all of it is the 9 of b2, of which the shares are known.
    assert found["suppressed"].to_list() == [True, True, True, False]
