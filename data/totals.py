"""Which measures add up to a total, and which are a part of another? As the rules say.

`rules.toml` already states it, and every return is held to it: `total == a + b` names the parts of
a total, `a + b <= total` parts that exclude each other and leave a rest, `a <= total` a part. Only
mandatory rules count; what holds by `ytd` on both sides holds of sums over months.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from data.checks.grammar import Arithmetic, Call, Chain, Code, Node
from data.checks.sets import parsed_rules
from data.definition_types import Catalog

Sums = tuple[frozenset[str], frozenset[str]]
_KNOWN: dict[str, tuple[dict[str, "Total"], tuple[Sums, ...]]] = {}


@dataclass(frozen=True, slots=True)
class Total:
    """Parts of a total that exclude each other; `is_whole` says that there is nothing else."""

    parts: tuple[str, ...]
    is_whole: bool


def total_of(catalog: Catalog, measure: str) -> Total | None:
    """Return the parts of a total; None where no rule names any. All of it before some of it."""
    return _read(catalog)[0].get(measure)


def is_part(catalog: Catalog, some: Collection[str], of: Collection[str]) -> bool:
    """Return whether the sum of some measures can never exceed the sum of others."""
    if not some or not of:
        return False
    wanted, reached, todo = frozenset(of), set(), [frozenset(some)]
    while todo:
        held = todo.pop()
        if held <= wanted:
            return True
        for left, right in _read(catalog)[1]:
            if held <= left and right not in reached:
                reached.add(right)
                todo.append(right)
    return False


def _read(catalog: Catalog) -> tuple[dict[str, Total], tuple[Sums, ...]]:
    """Return every total with its parts, and every sum that another bounds; kept by catalogue."""
    if catalog.digest not in _KNOWN:
        totals: dict[str, Total] = {}
        bounds: list[Sums] = []
        for rule, _, clause in parsed_rules(catalog):
            if rule.severity != "mandatory" or clause.set_name:
                continue
            for sign, less, more in comparisons(clause.condition):
                if isinstance(less, Call) != isinstance(more, Call):
                    continue  # a year to date against a month
                left, right = _summed(less), _summed(more)
                if not left or not right:
                    continue
                bounds.append((frozenset(left), frozenset(right)))
                if sign == "==":
                    bounds.append((frozenset(right), frozenset(left)))
                if isinstance(more, Code) and len(left) > 1 and more.name not in left:
                    found = Total(left, sign == "==")
                    totals[more.name] = _better(totals.get(more.name), found)
        _KNOWN[catalog.digest] = totals, tuple(bounds)
    return _KNOWN[catalog.digest]


def comparisons(node: Node) -> Iterator[tuple[str, Node, Node]]:
    """Yield the comparisons of a chain as (sign, smaller, larger); of == the total is the larger.

    Any other condition holds only at times, and says nothing.
    """
    if not isinstance(node, Chain):
        return
    for sign, left, right in zip(node.operators, node.operands, node.operands[1:], strict=False):
        if sign in ("<=", "<"):
            yield "<=", left, right
        elif sign in (">=", ">"):
            yield "<=", right, left
        elif sign == "==":
            yield ("==", right, left) if isinstance(left, Code) else ("==", left, right)


def _summed(node: Node) -> tuple[str, ...]:
    """Return the measures that a plain sum adds up; nothing where it is anything else.

    >>> from data.checks.grammar import parse_rule
    >>> sides = parse_rule("a == b + c + d")[0].condition.operands
    >>> [_summed(side) for side in sides]
    [('a',), ('b', 'c', 'd')]
    """
    if isinstance(node, Code):
        return (node.name,)
    if isinstance(node, Call) and node.name == "ytd":
        return _summed(node.arguments[0])
    if isinstance(node, Arithmetic) and node.operator == "+":
        left, right = _summed(node.left), _summed(node.right)
        return (*left, *right) if left and right else ()
    return ()


def _better(known: Total | None, found: Total) -> Total:
    """Return the fuller of two ways to part a total."""
    if known is None:
        return found
    return max(known, found, key=lambda total: (total.is_whole, len(total.parts)))
