"""Is a rule read as the grammar says, and are its mistakes explained?"""

import pytest

from data.checks.grammar import Arithmetic, Chain, Code, Count, Logic, Number, bind, parse_rule


def test_a_chain_keeps_its_signs_and_operands_in_order() -> None:
    (clause,) = parse_rule("a <= b < c")
    assert clause.condition == Chain(("<=", "<"), (Code("a"), Code("b"), Code("c")))


def test_products_bind_tighter_than_sums_and_sums_tighter_than_comparisons() -> None:
    (clause,) = parse_rule("a == b + 2 * c")
    product = Arithmetic("*", Number(2), Code("c"))
    assert clause.condition == Chain(("==",), (Code("a"), Arithmetic("+", Code("b"), product)))


def test_an_implication_is_looser_than_or_which_is_looser_than_and() -> None:
    (clause,) = parse_rule("a > 0 and b > 0 or c > 0 => d > 0")
    assert isinstance(clause.condition, Logic)
    assert clause.condition.operator == "=>"
    assert clause.condition.parts[0].operator == "or"
    assert clause.condition.parts[0].parts[0].operator == "and"


def test_clauses_are_separated_and_loops_bound() -> None:
    first, second = parse_rule("a > 0; for x in money: x >= 0")
    assert first.set_name is None
    assert second.set_name == "money"
    assert bind(second.condition, "loss") == Chain((">=",), (Code("loss"), Number(0)))


def test_a_count_over_a_set_is_a_number() -> None:
    (clause,) = parse_rule("count(x in flows: x == prev(x) and x >= 5) < 8")
    assert isinstance(clause.condition.operands[0], Count)


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("a == ", "expected a measure or a number, found the end"),
        ("a == b)", "')' was not expected here"),
        ("prv(a) > 0", "'prv' in 'prv(a) > 0' is not a function. Did you mean 'prev'?"),
        ("max(a) > 0", "max() takes 2 to 9 arguments, found 1"),
        ("decimals(a + b) == 0", "decimals() takes one measure, not a formula"),
        ("a # b", "'#' is not part of the grammar"),
        ("for x in mony: x > 0", "'mony' in 'for x in mony: x > 0' is not a set"),
        ("for y in money: y > 0", "expected 'x', found 'y'"),
        ("lss > 0", "'lss' in 'lss > 0' is not a measure. Did you mean 'loss'?"),
    ],
)
def test_a_mistake_says_what_was_found(expression: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=".") as caught:
        parse_rule(expression, measures=["a", "b", "loss"], sets=["money"])
    assert complaint in str(caught.value)
