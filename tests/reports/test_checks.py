"""Does docs/checks.md hold every rule with the rate that was measured for it?"""

import math
from dataclasses import replace

import pytest

from data.catalog import load_catalog
from data.checks.false_rates import Rate, clauses_digest, read_rates, wilson
from reports.checks import PAGE, page_with_table, rules_table

CATALOG = load_catalog()


def test_the_page_is_current_and_has_every_rule() -> None:
    page = PAGE.read_text("utf-8")
    assert page == page_with_table(page, CATALOG)
    for rule in CATALOG.rules:
        assert f"\n| {rule.code} |" in page


def test_every_rule_has_been_measured_with_its_present_clauses() -> None:
    assert {rule.code for rule in CATALOG.rules} <= set(read_rates(CATALOG))
    assert "not measured" not in rules_table(CATALOG)


def test_a_rate_belongs_to_the_clauses_that_it_was_measured_with() -> None:
    first, *rest = CATALOG.rules
    changed = replace(CATALOG, rules=(replace(first, expression=f"{first.expression} + 0"), *rest))
    assert first.code in read_rates(CATALOG)
    assert first.code not in read_rates(changed)
    assert clauses_digest(CATALOG, "no such rule") == ""


def test_the_interval_of_a_share() -> None:
    # Wilson 1927 for 44 of 3,415: (p + z²/2n ± z√(p(1−p)/n + z²/4n²)) ÷ (1 + z²/n).
    low, high = wilson(44, 3415)
    assert (low, high) == (pytest.approx(0.00961, abs=1e-5), pytest.approx(0.01725, abs=1e-5))
    assert all(math.isnan(end) for end in wilson(0, 0))  # nothing was asked: no interval


def test_a_share_is_of_the_returns_that_a_rule_speaks_of() -> None:
    day = next(iter(read_rates(CATALOG).values())).measured
    assert Rate("R60", 200, 3, 9000, 4, day).share == 0.015
