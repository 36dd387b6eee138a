"""Does the trial of units beside each other draw what it says, and is its section whole?"""

from functools import cache

import numpy as np
import pytest

from benchmarks.report_units import units_section
from benchmarks.units_part import SPREAD, draw, measure, names
from metrics.funnel_tail import PAIR, RATE, SHARE

CHARTS = 4


@cache
def units_trial() -> dict:
    return measure(CHARTS, seed=7)


def test_alike_units_are_named_on_far_fewer_charts_than_by_95_percent() -> None:
    rows = [row for row in units_trial()["alike"] if row["units"] >= 20]
    assert np.mean([row["ours"] for row in rows]) < 0.15
    assert np.mean([row["plain95"] for row in rows]) > 0.8


def test_a_large_unit_far_off_is_named_and_hardly_another() -> None:
    rows = [
        row
        for row in units_trial()["odd"]
        if (row["size"], row["spread"]) == (1000, 0.0) and row["units"] >= 9
    ]
    assert len(rows) == 9
    assert all(row["named"] == 1 for row in rows)
    assert np.mean([row["others"] for row in rows]) <= 0.2


@pytest.mark.parametrize("kind", [SHARE, RATE, PAIR])
def test_units_have_the_level_and_the_spread_that_is_said(kind: str) -> None:
    rng = np.random.default_rng(3)
    num, den = draw(rng, kind, 0.5, 200_000, 0.0)
    assert den.min() + (9 if kind == PAIR else 0) * den.min() >= 20
    assert num.sum() / den.sum() == pytest.approx(0.5, rel=0.01)
    num, den = draw(rng, kind, 0.5, 200_000, SPREAD)
    large = den > 1500
    # Of a share 0.2 √(0.5 · 0.5) = 0.1 of itself is 20 %, as of a rate; chance adds little.
    chance = {SHARE: 0.25, RATE: 0.5, PAIR: 0.75}[kind] / den[large]
    found = (num[large] / den[large]).var() - chance.mean()
    assert found**0.5 == pytest.approx(0.1, rel=0.03)


def test_whom_each_rule_names() -> None:
    found = names(np.array([200.0] + [320.0] * 8), np.full(9, 400.0), SHARE)
    assert found["ours"].tolist() == [True] + [False] * 8
    assert found["plain95"][0]
    nothing = names(np.zeros(5), np.full(5, 40.0), RATE)
    assert not any(rule.any() for rule in nothing.values())


def test_the_section_has_a_row_for_each_kind_and_size() -> None:
    lines = units_section(units_trial()).splitlines()
    assert sum(line.startswith(("| 3 |", "| 126 |")) for line in lines) == 12
    assert sum(line.startswith(("| nothing |", "| a usual spread |")) for line in lines) == 18
    assert "seed 7" in "".join(lines)
