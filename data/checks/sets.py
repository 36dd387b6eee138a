"""Which clauses of the rules are about one bare cell, and which limits do they set on it?"""

from __future__ import annotations

from dataclasses import dataclass

from data.checks.grammar import (
    Arithmetic,
    Call,
    Chain,
    Clause,
    Code,
    Logic,
    Node,
    Number,
    bind,
    calls_of,
    measures_of,
    parse_rule,
)
from data.definition_types import Catalog, Rule

#: Months between two returns, by frequency.
STEPS = {"M": 1, "Q": 3, "H": 6, "A": 12}
#: Functions about the whole return or its printed form: answered by the form checks, not by rules.
OF_THE_RETURN = frozenset(
    {"unit_known", "parent_matches", "form_current", "period_future", "personal_columns"}
)


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit on one measure's cell and the rule that sets it; kind minimum, maximum, decimals."""

    measure: str
    kind: str
    limit: float
    rule: str


def parsed_rules(catalog: Catalog) -> list[tuple[Rule, int, Clause]]:
    """Return every clause of every rule with its number; unknown names raise with a hint."""
    found = []
    for rule in catalog.rules:
        try:
            clauses = parse_rule(rule.expression, catalog.measures, catalog.sets)
        except ValueError as error:
            message = f"rules.toml: {rule.code}.expression: {error}"
            raise ValueError(message) from None
        found += [(rule, number, clause) for number, clause in enumerate(clauses)]
    return found


def is_form_clause(clause: Clause) -> bool:
    """Return whether the form checks answer a clause: it is about the return, or one bare cell."""
    if calls_of(clause.condition) & OF_THE_RETURN:
        return True
    return bool(_bounds_of(clause.condition))


def field_bounds(catalog: Catalog) -> list[Bound]:
    """Return the limits on single cells that the rules set, the tightest first met winning."""
    tightest: dict[tuple[str, str], Bound] = {}
    for rule, _, clause in parsed_rules(catalog):
        members = catalog.sets[clause.set_name] if clause.set_name else ("",)
        for member in members:
            condition = bind(clause.condition, member) if member else clause.condition
            for kind, limit in _bounds_of(condition):
                bound = Bound(measures_of(condition)[0], kind, limit, rule.code)
                key = (bound.measure, kind)
                if key not in tightest or _is_tighter(bound, tightest[key]):
                    tightest[key] = bound
    return list(tightest.values())


def _is_tighter(new: Bound, old: Bound) -> bool:
    return new.limit > old.limit if new.kind == "minimum" else new.limit < old.limit


def _bounds_of(node: Node) -> list[tuple[str, float]]:
    """Return the limits that a condition sets on one measure; none where it says more than that."""
    if len(measures_of(node)) != 1:
        return []
    if isinstance(node, Logic) and node.operator == "and":
        parts = [_bounds_of(part) for part in node.parts]
        return [bound for part in parts for bound in part] if all(parts) else []
    if not isinstance(node, Chain) or not set(node.operators) <= {"<=", ">=", "=="}:
        return []
    found: list[tuple[str, float]] = []
    for sign, left, right in zip(node.operators, node.operands, node.operands[1:], strict=False):
        bound = _bound(sign, left, right)
        if bound is None:
            return []
        found.append(bound)
    return found


def _bound(sign: str, left: Node, right: Node) -> tuple[str, float] | None:
    """Return the limit that one comparison sets: `0 <= x`, `x >= 0`, `decimals(x) == 0`."""
    if isinstance(left, Number):
        left, right = right, left
        sign = {"<=": ">=", ">=": "<="}.get(sign, sign)
    limit = _constant(right)
    if limit is None:
        return None
    if isinstance(left, Code) and sign in ("<=", ">="):
        return ("minimum" if sign == ">=" else "maximum", limit)
    if isinstance(left, Call) and left.name == "decimals" and sign in ("<=", "=="):
        return ("decimals", limit)
    return None


def _constant(node: Node) -> float | None:
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Arithmetic) and node.operator == "-" and isinstance(node.right, Number):
        left = _constant(node.left)
        return None if left is None else left - node.right.value
    return None
