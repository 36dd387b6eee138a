"""Small counts that rules tie to each other, or that others bound: no table tells of another."""

import random
from dataclasses import replace

import numpy as np
import pytest

from data.definition_types import Catalog
from metrics.board import Grid, Pattern
from metrics.moves import Ties, completed, moved
from metrics.protect import protect
from metrics.settled import Part, Settled
from metrics.ties import Relation, given_away, relations, settled_with, ties_of, told_by
from tests.metrics import small
from tests.metrics.attacker import FAR, Attacker
from tests.metrics.test_protect import grid, people_of

TREE = {"c": ["x", "y"], "x": ["x1", "x2", "x3"], "y": ["y1", "y2"]}
LEAVES = ("x1", "x2", "x3", "y1", "y2")
SPANS = {
    "c": ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2)), "x": ((0, 0), (0, 2)), "y": ((0, 0), (0, 2)),
} | dict.fromkeys(LEAVES, ((0, 2),))  # fmt: skip
WHOLE = Relation({"all": 1.0, "one": -1.0, "two": -1.0}, True)
WITHIN = Relation({"two": 1.0, "one": -1.0}, False)
Filed = dict[str, np.ndarray]


def drawn(seed: int, known: Relation) -> Filed:
    """Return three measures of a small bureau over three months that keep a relation."""
    draw = random.Random(seed)
    most = [draw.choice([2, 4, 9, 20]) for _ in LEAVES]
    one, two = (
        np.array([[float(draw.randint(0, top)) for _ in range(3)] for top in most])
        for _ in range(2)
    )
    if known is WITHIN:
        two += one
    return {"all": one + two, "one": one, "two": two}


def settle(filed: Filed, known: list[Relation], small_ones: list[str]) -> Settled:
    """Return the tables of some measures; all others may be seen by anybody."""
    parts = {}
    for code in small_ones:
        leaves = dict(zip(LEAVES, filed[code].tolist(), strict=True))
        parts[code] = Part((0, 1, 2), grid(leaves, TREE, 5, SPANS, people=True))
    others = {code: values for code, values in filed.items() if code not in parts}
    return Settled(parts, known, others, 0)


def followed(filed: Filed, tables: Settled, patterns: dict[str, Pattern]) -> list:
    """Return the hidden cells of which somebody who knows all tables and the rules is sure."""
    sure = []
    grids = {code: part.grid for code, part in tables.parts.items()}
    truth = {(code, *at): n for code, values in filed.items() for at, n in np.ndenumerate(values)}

    def is_vague(code: str, sums: dict) -> bool:
        """Return whether other measures tell that it is small, or it is nought and hidden."""
        others = [r.form for r in tables.known if r.form.get(code, 0) < 0]
        tops = [
            sum(
                by * truth[other, *at[1:]]
                for at in sums
                for other, by in form.items()
                if other not in grids
            )
            for form in others
            if all(by < 0 for other, by in form.items() if other in grids)
        ]
        return any(0 < top < 5 for top in tops) or not sum(truth[at] for at in sums)

    for mine in people_of(next(iter(grids.values()))):
        reader, targets = Attacker(), {}
        for (code, row, time), value in truth.items():
            is_open = code not in grids or row in mine
            if is_open:
                reader.learn({(code, row, time): 1.0}, value, value)
        for relation in tables.known:
            for row, time in np.ndindex(filed["all"].shape):
                sums = {(code, row, time): by for code, by in relation.form.items()}
                reader.learn(sums, 0, 0 if relation.is_equal else FAR)
        for code, pattern in patterns.items():
            for (unit, (first, last)), value in pattern.values.items():
                sums = {
                    (code, row, time): share
                    for row, share in grids[code].parts[unit].items()
                    for time in range(first, last + 1)
                }
                if (unit, (first, last)) not in pattern.hidden:
                    reader.learn(sums, value, value)
                    continue
                reader.learn(sums, 0 if is_vague(code, sums) else 1)
                if any(truth[at] and at[1] not in mine for at in sums):
                    targets[code, unit, first, last] = sums
        sure += [(sorted(mine), name) for name in reader.sure_of(targets, truth)]
    return sure


CASES = {
    "all small": (WHOLE, ["all", "one", "two"]),
    "parts small": (WHOLE, ["one", "two"]),
    "one part small": (WHOLE, ["all", "one"]),
    "one within the other": (WITHIN, ["one", "two"]),
    "within what all see": (WITHIN, ["one"]),
}


def test_the_attack_finds_what_tables_settled_apart_tell() -> None:
    """Each by itself holds; total less part is the other part."""
    found = []
    for seed in range(3):
        filed = drawn(seed, WHOLE)
        tables = settle(filed, [WHOLE], ["all", "one", "two"])
        apart = {code: protect(part.grid) for code, part in tables.parts.items()}
        found += followed(filed, tables, apart)
    assert found


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", range(3))
def test_nothing_follows_from_tables_settled_together(case: str, seed: int) -> None:
    known, small_ones = CASES[case]
    filed = drawn(seed, known)
    tables = settle(filed, [known], small_ones)
    patterns = {code: tables.pattern(code) for code in small_ones}
    assert any(pattern.hidden for pattern in patterns.values())
    assert followed(filed, tables, patterns) == []


def test_a_bounded_nought_of_a_unit_that_never_filed_any_does_not_follow() -> None:
    """Everybody knows that `a` is 2 at most, not that it is none: it may have one of `d`."""
    units = {"c": {0: 1.0, 1: 1.0, 2: 1.0}, "a": {0: 1.0}, "b": {1: 1.0}, "d": {2: 1.0}}
    filed = np.array([[0.0], [3.0], [20.0]])
    ties = Ties(most=np.array([[2.0], [np.inf], [np.inf]]))
    spans = dict.fromkeys(units, [(0, 0)])
    pattern = protect(Grid(filed, units, {"c": ["a", "b", "d"]}, spans, limit=5, ties=ties))
    assert pattern.unmarked == [], "each number has a witness, whoever knows what is small"
    assert {unit: why for (unit, _), why in pattern.hidden.items()} == {
        "a": "protects", "b": "small", "d": "protects",
    }  # fmt: skip


@pytest.mark.parametrize(
    "known",
    [
        [{"a": 1, "b": -1}, {"b": 1, "a": -1}],
        [{"a": 1, "b": -1}, {"b": 1, "c": -1}, {"c": 1, "a": -1}],
        [{"a": 1, "b": -1, "d": -1}, {"b": 1, "a": -1, "e": -1}],
    ],
)
def test_counts_that_are_equal_in_a_circle_change_together(known: list[dict]) -> None:
    """Rules of several forms may say the same both ways round; a move has an end all the same."""
    filed = {code: np.full((1, 1), 3.0) for code in "abc"}
    filed |= {code: np.zeros((1, 1)) for code in "de"}
    ties = ties_of([Relation(form, True) for form in known], filed, list(filed))
    rows = {code: row for row, code in enumerate(filed)}
    for code in {code for form in known for code in form}:
        for move in completed(((rows[code], 0, 1),), ties):
            assert all(abs(step) == 1 for _, _, step in move)
        assert moved([rows[code]], 0, ties)


def bureau(rules: dict[str, str], flagged: tuple[str, ...]) -> Catalog:
    """Return the definitions with some measures flagged as small counts, and rules of its own."""
    found = small.catalog()
    measures = {
        code: replace(measure, flags=measure.flags - {"S"} | ({"S"} if code in flagged else set()))
        for code, measure in found.measures.items()
    }
    known = tuple(
        replace(
            found.rules[0], code=code, expression=clause, clauses=(clause,), severity="mandatory"
        )
        for code, clause in rules.items()
    )
    return replace(found, measures=measures, rules=known)


def test_totals_and_parts_are_settled_together() -> None:
    rules = {
        "R1": "tra_accidents == tra_deaths + tra_injured",
        "R2": "ytd(tra_injured) <= ytd(calls_traffic)",
        "R3": "crim_minor_recorded - crim_cleared <= crim_recorded",
        "R4": "tra_deaths > 0 => tra_accidents > 0",
        "R5": "prev(tra_deaths) == ytd(crim_minor_recorded)",
    }
    definitions = bureau(rules, ("tra_accidents", "tra_deaths", "crim_minor_recorded"))
    group, known = settled_with(definitions, "tra_deaths")
    assert group == ("tra_accidents", "tra_deaths")
    assert known == [Relation({"tra_deaths": -1, "tra_injured": -1, "tra_accidents": 1}, True)]
    assert set(told_by(definitions, ["tra_deaths"])) == {*group, "tra_injured"}
    form = {"crim_minor_recorded": -1.0, "crim_cleared": 1.0, "crim_recorded": 1.0}
    assert settled_with(definitions, "crim_minor_recorded")[1] == [Relation(form, False)]
    assert given_away(definitions) == []


def test_a_small_count_that_follows_from_open_ones_is_named() -> None:
    rules = {"R1": "tra_accidents == tra_deaths + tra_injured"}
    definitions = bureau(rules, ("tra_deaths",))
    assert given_away(definitions) == [("tra_deaths", ["tra_accidents", "tra_injured"])]
    assert given_away(small.catalog()) == []
    assert len(relations(small.catalog())) == 1, "minor crime is no more than all crime"
