"""Does every rule of the default bureau hold where it should and fail where it should?"""

import datetime as dt
import re

import polars as pl
import pytest

from data.catalog import load_catalog
from data.checks.context import VALUES, Hierarchy
from data.checks.rules import Failure, bound_checks, cross_checks, failing
from data.checks.sets import field_bounds
from data.checks.words import condition_words
from data.definition_types import Rule, RuleExample
from data.parse import Place, parse_month
from data.schema import conform

CATALOG = load_catalog()
CHECKS = bound_checks(CATALOG, with_form_clauses=True)
EXAMPLES = [
    pytest.param(rule, example, is_sound, id=f"{rule.code}-{kind}-{number}")
    for rule in CATALOG.rules
    for kind, examples, is_sound in (
        ("passing", rule.passing, True),
        ("failing", rule.failing, False),
    )
    for number, example in enumerate(examples)
]
CALL = re.compile(r"(\w+)\((\w*)\)")


def evaluate(rule: Rule, example: RuleExample) -> list[Failure]:
    """Return what fails of one rule on the small table of an example."""
    header, *rows = [
        [cell.strip() for cell in line.split("|")] for line in example.facts.strip().splitlines()
    ]
    here: dict[str, dict[str, float | None]] = {}
    past: list[tuple[str, str, dt.date, float]] = []
    flags: dict[str, float] = {}
    sums: dict[str, dict[str, float]] = {"children": {}, "own": {}}
    for unit, month, *values in rows:
        period = parse_month(month, Place("example"))
        for name, written in zip(header[2:], values, strict=True):
            call = CALL.fullmatch(name)
            value = float(written) if written else None
            if call and not call[2]:
                flags[call[1]] = value or 0.0
            elif call and call[1] in sums:
                sums[call[1]][call[2]] = value or 0.0
            elif call:
                here.setdefault(call[2], {})[call[1]] = value
            elif unit == example.unit and period == example.period:
                places = len(written.partition(".")[2])
                here.setdefault(name, {}).update(value=value, decimals=float(places))
            elif value is not None:
                past.append((unit, name, period, value))
    unit = example.unit
    parts = {"children": {unit: (f"{unit}1",)} if sums["children"] or sums["own"] else {}}
    own = {unit: f"{unit}1"} if sums["own"] else {}
    extra = [
        {"unit": f"{unit}1", "measure": measure, "value": value}
        for kind in sums.values()
        for measure, value in kind.items()
    ]
    values_frame = pl.DataFrame(
        [{"unit": unit, "measure": measure, **cells} for measure, cells in here.items()] + extra,
        schema={name: kind for name, kind in VALUES.items()},
    )
    history = pl.DataFrame(
        past,
        schema={"unit": pl.String, "measure": pl.String, "period": pl.Date, "value": pl.Float64},
        orient="row",
    )
    checks = tuple(check for check in CHECKS if check.rule is rule)
    hierarchy = Hierarchy(parts["children"], own, {})
    values_frame = conform(values_frame, VALUES)
    return failing(
        checks, values_frame, history, example.period, [unit], CATALOG, hierarchy, {unit: flags}
    )


@pytest.mark.parametrize(("rule", "example", "is_sound"), EXAMPLES)
def test_the_examples_of_a_rule_come_out_as_written(
    rule: Rule, example: RuleExample, is_sound: bool
) -> None:
    found = evaluate(rule, example)
    assert (found == []) is is_sound, [f.check.condition for f in found]
    for failure in found:
        for lang in ("zh", "en"):
            words = condition_words(
                failure.check.condition, failure.quantities, CATALOG.measures, {}, lang
            )
            assert words or not failure.quantities


def test_every_rule_has_an_engine() -> None:
    ruled = {check.rule.code for check in cross_checks(CATALOG)}
    bounded = {bound.rule for bound in field_bounds(CATALOG)}
    identity = {rule.code for rule in CATALOG.rules if rule.scope in ("identity", "privacy")}
    assert {rule.code for rule in CATALOG.rules} == ruled | bounded | identity


def test_the_sentence_names_both_sides_and_the_gap() -> None:
    rule = next(rule for rule in CATALOG.rules if rule.code == "R02")
    (failure,) = evaluate(rule, rule.failing[0])
    cells = {m: f"D{8 + n}" for n, m in enumerate(failure.check.measures)}
    words = condition_words(
        failure.check.condition, failure.quantities, CATALOG.measures, cells, "zh"
    )
    assert words == "有效警情数 138，刑事类警情数等 6 项之和（D9:D14） 129，差 9"


def test_a_formula_is_said_with_the_brackets_that_it_needs() -> None:
    rule = next(rule for rule in CATALOG.rules if rule.code == "R61")
    (failure,) = evaluate(rule, rule.failing[0])
    words = condition_words(failure.check.condition, failure.quantities, CATALOG.measures, {}, "en")
    # 30.99² = 960.3801; (90 × 10 + 1) × 20 ÷ 19 = 948.4211.
    spread, mean = "Health score standard deviation", "Health score"
    assert words == (
        f"({spread} − 0.01) × ({spread} − 0.01) = 960.3801 ({spread} 31), more than "
        f"({mean} × (100 − {mean}) + 1) × Valid responses ÷ (Valid responses − 1) = 948.4211 "
        f"({mean} 90, Valid responses 20), by 11.959"
    )
