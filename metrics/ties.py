"""What do the rules tell of small counts: which are tied to each other, or bounded by others?

Every reader knows the rules, and that accepted returns keep the mandatory ones. Where a total and
its parts are all small counts, their tables are therefore settled together; where a measure that
anybody may see bounds one, no other number than the bound allows can have been filed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeGuard

import numpy as np

from data.checks.grammar import Arithmetic, Call, Code, Node, Number
from data.checks.sets import parsed_rules
from data.definition_releases import SMALL_COUNTS
from data.definition_types import Catalog
from data.totals import comparisons
from metrics.moves import EXACT, Bound, Ties

Form = dict[str, float]
ONE = ""  # the place of the constant in a linear form


class Relation(NamedTuple):
    """A sum of measures that is nought in every return, or never below it."""

    form: Form
    is_equal: bool


def relations(catalog: Catalog) -> list[Relation]:
    """Return what the mandatory rules say of single returns in which small counts occur."""
    found = []
    for rule, _, clause in parsed_rules(catalog):
        if rule.severity != "mandatory" or clause.set_name:
            continue
        for sign, less, more in comparisons(clause.condition):
            is_equal = sign == "=="
            sums = [side.arguments[0] for side in (less, more) if _is_to_date(side)]
            if is_equal and len(sums) == 2:
                less, more = sums  # equal in every year to date, hence in each month
            left, right = linear(less), linear(more)
            if left is None or right is None:
                continue
            form = _less(right, left)
            if any(_is_small(catalog, code) for code in form):
                found.append(Relation(form, is_equal))
    return found


def settled_with(catalog: Catalog, code: str) -> tuple[tuple[str, ...], list[Relation]]:
    """Return the small counts whose tables are settled together with one, and what ties them."""
    known, group, found = relations(catalog), [code], []
    for member in group:
        for relation in known:
            if member in relation.form and relation not in found:
                found.append(relation)
                some = [c for c in relation.form if _is_small(catalog, c) and c not in group]
                group.extend(some)
    ordered = tuple(c for c in catalog.measures if c in group)
    return ordered, [relation for relation in known if relation in found]


def told_by(catalog: Catalog, codes: Sequence[str]) -> list[str]:
    """Return all measures whose facts are needed to release the tables of some."""
    found: dict[str, None] = {}
    for code in codes:
        group, known = settled_with(catalog, code)
        found |= dict.fromkeys(group)
        found |= dict.fromkeys(c for relation in known for c in relation.form if c != ONE)
    return list(found)


def given_away(catalog: Catalog) -> list[tuple[str, list[str]]]:
    """Return the small counts that follow from measures without the flag, with those."""
    found = []
    for relation in relations(catalog):
        small = [code for code in relation.form if _is_small(catalog, code)]
        if relation.is_equal and len(small) == 1:
            found.append((small[0], [c for c in relation.form if c not in (ONE, small[0])]))
    return found


def ties_of(
    known: Sequence[Relation], filed: Mapping[str, np.ndarray], group: Sequence[str]
) -> Ties:
    """Return what relations tell of the rows of a group of measures, one below the other.

    Args:
        known: The relations.
        filed: What each measure filed, row by time; NaN for nothing.
        group: The measures whose rows are to be changed, in the order of the rows.
    """
    height = len(next(iter(filed.values())))
    first = {code: height * at for at, code in enumerate(group)}
    bounds: dict[tuple[int, int], list[Bound]] = {}
    echoes: dict[tuple[int, int], tuple[int, ...]] = {}
    partners: dict[int, dict[int, None]] = {}
    taken: set[tuple[int, int]] = set()
    most = np.full((height * len(group), next(iter(filed.values())).shape[1]), np.inf)
    most[np.isnan(np.vstack([filed[code] for code in group]))] = 0.0
    for form, is_equal in known:
        small = {code: by for code, by in form.items() if code in first}
        total = _total(small) if is_equal else None
        for row, time, room in _rooms(form, filed):
            if room < -EXACT or (is_equal and room > EXACT):
                continue  # a return that does not keep the rule
            mine = {first[code] + row: by for code, by in small.items()}
            if all(by < 0 for by in small.values()):
                top = room - sum(by * filed[code][row, time] for code, by in small.items())
                for at, by in mine.items():
                    most[at, time] = min(most[at, time], top / -by)
            for sign in (1, -1) if is_equal else (1,):
                bound = Bound({at: sign * by for at, by in mine.items()}, room)
                for at in mine:
                    bounds.setdefault((at, time), []).append(bound)
            if total is None or (first[total] + row, time) in taken:
                continue
            whole = first[total] + row
            parts = [at for at in mine if at != whole]
            if any(part in _followers(echoes, whole, time) for part in parts):
                continue  # two rules each make one the total of the other
            taken.add((whole, time))
            for at in parts:
                echoes[at, time] = (*echoes.get((at, time), ()), whole)
        if is_equal:
            for one, other in _alike(small):
                for row in range(height):
                    partners.setdefault(first[one] + row, {})[first[other] + row] = None
    beside = {row: tuple(others) for row, others in partners.items()}
    return Ties(bounds, echoes, beside, most)


def _followers(
    echoes: Mapping[tuple[int, int], Sequence[int]], row: int, time: int
) -> frozenset[int]:
    """Return the rows that change with a row, its totals and theirs."""
    found: list[int] = [*echoes.get((row, time), ())]
    for total in found:
        found.extend(at for at in echoes.get((total, time), ()) if at not in found)
    return frozenset(found)


def _is_to_date(node: Node) -> TypeGuard[Call]:
    return isinstance(node, Call) and node.name == "ytd"


def linear(node: Node) -> Form | None:
    """Return a plain sum or difference as what each measure counts in it, else None.

    >>> from data.checks.grammar import parse_rule
    >>> sides = parse_rule("a == b + c - 2")[0].condition.operands
    >>> [linear(side) for side in sides]
    [{'a': 1.0}, {'b': 1.0, 'c': 1.0, '': -2.0}]
    """
    if isinstance(node, Code):
        return {node.name: 1.0}
    if isinstance(node, Number):
        return {ONE: node.value}
    if isinstance(node, Arithmetic) and node.operator in ("+", "-"):
        left, right = linear(node.left), linear(node.right)
        if left is not None and right is not None:
            minus = {code: -by for code, by in right.items()}
            return _less(left, right if node.operator == "-" else minus)
    return None


def _less(form: Form, other: Form) -> Form:
    codes = dict.fromkeys([*form, *other])
    found = {code: form.get(code, 0.0) - other.get(code, 0.0) for code in codes}
    return {code: by for code, by in found.items() if by}


def _is_small(catalog: Catalog, code: str) -> bool:
    return code in catalog.measures and SMALL_COUNTS in catalog.measures[code].flags


def _total(small: Form) -> str | None:
    """Return the small count on a side of its own, which follows when the others change.

    Of two that are equal the first by its code, on whichever side a rule has it.

    >>> _total({"a": 1.0, "b": -1.0}), _total({"b": 1.0, "a": -1.0})
    ('a', 'a')
    """
    for code, by in sorted(small.items()) if {abs(by) for by in small.values()} == {1.0} else ():
        if len(small) > 1 and all(by * other < 0 for c, other in small.items() if c != code):
            return code
    return None


def _alike(small: Form) -> Iterator[tuple[str, str]]:
    """Yield the pairs that stand on one side: what one has more the other may have less."""
    for one, by in small.items():
        for other, with_it in small.items():
            if one != other and by == with_it:
                yield one, other


def _rooms(form: Form, filed: Mapping[str, np.ndarray]) -> Iterator[tuple[int, int, float]]:
    """Yield row, time and value of a relation in each return that says all it speaks of."""
    if any(code not in filed for code in form if code != ONE):
        return
    values = np.full(next(iter(filed.values())).shape, form.get(ONE, 0.0))
    for code, by in form.items():
        values += by * filed[code] if code != ONE else 0.0
    for row, time in np.argwhere(~np.isnan(values)):
        yield int(row), int(time), float(values[row, time])
