"""Do own rates and weights add up to a change exactly, whatever the figures are?"""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.mix import Pair, effects, together

# Cases, thirds of cases that a successor took over, nought, and nothing filed.
NUMBERS = st.none() | st.integers(0, 10**5).map(lambda thirds: Fraction(thirds, 3))
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=8)


def made(rows: list) -> tuple[Pair, list[Pair]]:
    parts = [Pair(f"p{n}", *row) for n, row in enumerate(rows)]
    return together(parts, "all"), parts


def rate(now: Fraction | None, size: Fraction | None) -> Fraction:
    return (now or Fraction(0)) / size


def is_known(whole: Pair) -> bool:
    return bool(whole.size and whole.base_size and None not in (whole.now, whole.base))


@settings(max_examples=80, deadline=None)
@given(PAIRS)
def test_the_effects_of_a_rate_add_up_exactly(rows: list) -> None:
    whole, parts = made(rows)
    found = effects(whole, parts)
    if whole.size is None and whole.base_size is None:
        assert sum(e.total for e in found) == (whole.now or 0) - (whole.base or 0)
    elif is_known(whole):
        change = rate(whole.now, whole.size) - rate(whole.base, whole.base_size)
        assert sum(e.total for e in found) == change
        assert sum(e.own for e in found) + sum(e.weight for e in found) == change
    else:
        assert found is None


@settings(max_examples=50, deadline=None)
@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_the_parts_is_no_matter(rows: list, random) -> None:
    whole, parts = made(rows)
    turned = parts.copy()
    random.shuffle(turned)
    found, again = effects(whole, parts), effects(whole, turned)
    assert (found is None) == (again is None)
    if found is not None and again is not None:
        assert {e.code: e for e in found} == {e.code: e for e in again}


@settings(max_examples=50, deadline=None)
@given(PAIRS)
def test_turned_round_every_sign_turns(rows: list) -> None:
    whole, parts = made(rows)
    back_whole, back = made([(base, now, before, size) for now, base, size, before in rows])
    found, again = effects(whole, parts), effects(back_whole, back)
    assert (found is None) == (again is None)
    for one, other in zip(found or (), again or (), strict=True):
        assert (one.own, one.weight) == (-other.own, -other.weight)


@settings(max_examples=50, deadline=None)
@given(PAIRS, st.fractions(min_value=Fraction(1, 100), max_value=100, max_denominator=100))
def test_only_rates_and_shares_count_not_the_size_of_a_side(rows: list, times: Fraction) -> None:
    whole, parts = made(rows)
    larger = [
        (None if now is None else now * times, base, None if size is None else size * times, before)
        for now, base, size, before in rows
    ]
    more, more_parts = made(larger)
    if is_known(whole):
        assert effects(more, more_parts) == effects(whole, parts)


def test_a_rate_that_moves_only_by_weight_and_one_only_by_itself() -> None:
    """Two counties that keep 80 % and 40 %: the good one grows from half of the cases to 80 %."""
    f = Fraction
    whole, parts = made([(f(64), f(40), f(80), f(50)), (f(8), f(20), f(20), f(50))])
    found = effects(whole, parts)
    weights = [f(3, 10) * (f(4, 5) - f(66, 100)), f(-3, 10) * (f(2, 5) - f(66, 100))]
    assert [(e.own, e.weight) for e in found] == [(0, weights[0]), (0, weights[1])]
    assert sum(e.total for e in found) == f(72, 100) - f(60, 100)
    whole, parts = made([(f(45), f(40), f(50), f(50)), (f(20), f(20), f(50), f(50))])
    assert [(e.own, e.weight) for e in effects(whole, parts)] == [(f(1, 20), 0), (0, 0)]


def test_opened_closed_and_nothing_to_divide_by() -> None:
    f = Fraction
    # b opened: it has no rate before, so all it brings is its weight. c has a case and no base.
    whole, parts = made([(f(50), f(50), f(100), f(100)), (f(40), None, f(50), None),
                         (f(3), None, None, None)])  # fmt: skip
    found = {e.code: e for e in effects(whole, parts)}
    middle = (f(93, 150) + f(1, 2)) / 2
    assert (found["p1"].own, found["p1"].weight) == (0, f(1, 3) * (f(4, 5) - middle))
    assert (found["p2"].own, found["p2"].weight) == (f(3, 150), 0)
    assert found["p0"].own == 0
    assert sum(e.total for e in found.values()) == f(93, 150) - f(1, 2)
