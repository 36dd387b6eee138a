"""Is a figure held against its own season and recent level, and not against other months?"""

import math

import numpy as np
import pytest

from data.catalog import load_catalog
from data.checks.findings import unyielding
from data.checks.grammar import Code
from data.checks.rules import Failure, bound_checks
from data.checks.season_words import broken_words
from data.checks.seasonal import REACH, judge_seasons
from data.checks.words import season_quantities

CATALOG = load_catalog()
COUNT, AMOUNT = np.array([True]), np.array([False])
OCTOBER = 10


def judged(
    past: list[float], is_count: np.ndarray = COUNT, month: int = OCTOBER, festival: bool = False
) -> tuple[float, float, float]:
    """Return figure, expected and surprise of one unit and measure; the latest month first."""
    assert len(past) == REACH + 1
    found = judge_seasons(np.array([[past]]), is_count, month, festival)
    value, expected, surprise = (block.item() for block in found)
    return value, expected, surprise


def months(usual: float = 100.0, **others: float) -> list[float]:
    """Return 49 months of one level; `back12=300` sets a month by how far back it lies."""
    found = [usual] * (REACH + 1)
    for name, value in others.items():
        found[int(name.removeprefix("back"))] = value
    return found


def test_the_distance_is_counted_in_scatter_of_square_roots() -> None:
    # 2√140.375 − 2√100.375 = 23.6960 − 20.0375 = 3.6585; nothing else moved, so ÷ 1.2.
    value, expected, surprise = judged(months(back0=140.0))
    assert (value, expected) == (140.0, pytest.approx(100.0))
    assert surprise == pytest.approx(3.6585 / 1.2, abs=1e-4)


def test_a_season_that_comes_every_year_is_no_surprise_and_its_absence_is() -> None:
    years = {"back12": 300.0, "back24": 310.0, "back36": 290.0}
    value, expected, surprise = judged(months(back0=305.0, **years))
    assert expected == pytest.approx(300.0)
    assert abs(surprise) < 0.3
    # 2√100.375 − 2√300.375 = 20.0375 − 34.6627: twelve times the scatter too low.
    assert judged(months(**years))[2] == pytest.approx(-14.6252 / 1.2, abs=1e-3)


def test_the_level_of_the_last_twelve_months_moves_what_is_expected() -> None:
    lately = {f"back{n}": 121.0 for n in range(1, 13)}
    # On the scale the last months stand 2√121.375 − 2√100.375 above theirs; October as well.
    value, expected, surprise = judged(months(back0=121.0, **{**lately, "back12": 100.0}))
    assert expected == pytest.approx(121.0)
    assert surprise == pytest.approx(0.0, abs=1e-9)


def test_one_bad_october_does_not_move_the_season() -> None:
    assert judged(months(back0=100.0, back12=1000.0))[1] == pytest.approx(100.0)


def test_amounts_are_judged_by_their_ratio() -> None:
    # ln 10 = 2.3026, and what never varied is taken to vary by a tenth.
    value, expected, surprise = judged(months(back0=1000.0), AMOUNT)
    assert expected == pytest.approx(100.0)
    assert surprise == pytest.approx(math.log(10) / 0.1)
    assert math.isnan(judged(months(back0=0.0), AMOUNT)[2])


def test_february_is_judged_with_january_and_january_not_by_itself() -> None:
    # The festival fell into January the years before: 60 then 140, now 140 then 60.
    years = {f"back{12 * k + step}": v for k in (1, 2, 3) for step, v in ((0, 140.0), (1, 60.0))}
    past = months(back0=60.0, back1=140.0, **years)
    value, expected, surprise = judged(past, month=2, festival=True)
    assert (value, expected) == (100.0, pytest.approx(100.0))
    assert abs(surprise) < 1e-9
    assert math.isnan(judged(past, month=1, festival=True)[2])
    # Without a festival each month stands by itself, and the same figures are a great surprise.
    assert judged(past, month=2)[2] < -5


def test_too_short_a_past_says_nothing() -> None:
    nothing = {f"back{n}": math.nan for n in range(24, REACH + 1)}
    assert math.isnan(judged(months(back0=500.0, **nothing))[2])
    gaps = {f"back{n}": math.nan for n in range(1, 6)}
    assert math.isnan(judged(months(back0=500.0, **gaps))[2])


def test_the_sentence_can_be_verified_by_hand() -> None:
    check = next(
        c for c in bound_checks(CATALOG, with_form_clauses=False)
        if c.rule.code == "R60" and c.member == "calls_valid"
    )  # fmt: skip
    measure = Code("calls_valid")
    known = [140.0, 101.0, 99.0, 100.0, 100.0, 3.0488]
    seen = {measure: 140.0, **dict(zip(season_quantities(measure), known, strict=True))}
    words = broken_words(check.condition, seen, CATALOG.measures, {}, "en")
    # Five times the scatter around 100: 2√100.375 ± 6.0 gives 49 and 169.
    assert words == (
        "Valid calls 140; the same month of the years before (latest first) had 101, 99, 100, and "
        "the last 12 months stood where the same months of those years did, so about 100 was to be "
        "expected (usually 49 to 169): 3 times this unit's usual scatter"
    )


def test_a_figure_is_not_asked_about_twice() -> None:
    checks = bound_checks(CATALOG, with_form_clauses=False)
    both = [
        Failure(c, "yz0101", {})
        for c in checks
        if c.rule.code in ("R49", "R60") and c.member in ("calls_valid", "calls_theft")
    ]
    kept = unyielding(
        [f for f in both if (f.check.rule.code, f.check.member) != ("R49", "calls_theft")]
    )
    assert {(f.check.rule.code, f.check.member) for f in kept} == {
        ("R49", "calls_valid"),
        ("R60", "calls_theft"),
    }
