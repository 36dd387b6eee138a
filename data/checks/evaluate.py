"""Does a condition of a rule hold for the units of a return, for all its measures at once?

Every quantity is a block of measures × units, NaN where nothing is known. A clause that loops over
a set is evaluated once for the whole set, and `prev`, `same_period`, `ytd` and `median12` are
nothing but blocks of other months.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from data.checks.grammar import (
    Arithmetic,
    Call,
    Chain,
    Code,
    Count,
    Logic,
    Node,
    Number,
    calls_of,
    measures_of,
)
from data.checks.seasonal import PARTS, REACH, Seasons, judge_seasons

#: Tolerance of ==, <= and >=; where many numbers were added it grows with their size.
TOLERANCE = 1e-9
_GROWTH = 1e-12
_SUMS = frozenset({"ytd", "same_period", "children"})
#: At least this many of the twelve preceding periods make a median.
LEAST_HISTORY = 6
_OF_ONE_CELL = frozenset({"children", "own", "decimals", "reported_ytd", "reported_same_period"})
Block = np.ndarray
#: Gives the block of some measures some months back, or of what is printed beside them.
Look = Callable[[tuple[str, ...], int, str], Block]


@dataclass(frozen=True, slots=True)
class Loop:
    """The measures that x stands for, and the months between two returns of each of them."""

    members: tuple[str, ...] = ()
    step: int = 1


@dataclass(slots=True)
class Evaluator:
    """Evaluates the nodes of the grammar for one month over the units that `look` knows.

    `steps` has the months between two returns of each measure, `sets` the measures of each set,
    `months_open` how long each unit has been open and `of_return` what is said of its whole return;
    `seasons` what the definitions say of seasons.
    """

    month: int
    year_start: int
    steps: Mapping[str, int]
    sets: Mapping[str, tuple[str, ...]]
    look: Look
    months_open: np.ndarray
    of_return: Callable[[str], np.ndarray]
    seasons: Seasons = Seasons()
    memo: dict[tuple[Node, int, Loop], Block] = field(default_factory=dict)

    def condition(self, node: Node, loop: Loop = Loop(), lag: int = 0) -> Block:
        """Return 1 where a condition holds, 0 where it is a finding, NaN where it is not asked."""
        match node:
            case Logic(word, parts):
                return _logic(word, [self.condition(p, loop, lag) for p in parts])
            case Chain(operators, operands):
                return self._chain(operators, operands, loop, lag)
            case _:
                value = self.number(node, loop, lag)
                return _known(value, value != 0)

    def number(self, node: Node, loop: Loop = Loop(), lag: int = 0) -> Block:
        """Return the value of a formula; NaN where an operand is missing."""
        match node:
            case Number(value):
                return np.full((1, 1), value)
            case Code(name):
                return self._cell(name, loop, lag)
            case Arithmetic(sign, left, right):
                sides = (self.number(left, loop, lag), self.number(right, loop, lag))
                return _arithmetic(sign, *sides)
            case Count() | Call():
                key = (node, lag, loop)
                if key not in self.memo:
                    self.memo[key] = (
                        self._call(node, loop, lag)
                        if isinstance(node, Call)
                        else self._count(node, lag)
                    )
                return self.memo[key]
            case _:
                return self.condition(node, loop, lag)

    def elapsed(self, lag: int) -> int:
        """Return how many months of its year are over at a lag, this month included."""
        return (self.month - lag - self.year_start) % 12 + 1

    def step(self, node: Node, loop: Loop) -> int:
        """Return the months between two returns of what a node reads: 1, 3, 6 or 12."""
        named = measures_of(node)
        return max((loop.step if m == "x" else self.steps.get(m, 1) for m in named), default=1)

    def loops(self, members: Sequence[str]) -> list[Loop]:
        """Return the loops over some measures: one for those that are due equally often."""
        found: dict[int, list[str]] = {}
        for member in members:
            found.setdefault(self.steps.get(member, 1), []).append(member)
        return [Loop(tuple(some), step) for step, some in found.items()]

    def _cell(self, name: str, loop: Loop, lag: int, part: str = "") -> Block:
        return self.look(loop.members if name == "x" else (name,), lag, part)

    def _chain(
        self, operators: tuple[str, ...], operands: tuple[Node, ...], loop: Loop, lag: int
    ) -> Block:
        """Compare neighbours; one that is missing is passed over: a <= null <= c compares a, c."""
        values = [self.number(o, loop, lag) for o in operands]
        is_long = any(calls_of(o) & _SUMS for o in operands)
        if len(values) == 2:
            return _compare(operators[0], values[0], values[1], is_long)
        is_plain = [not measures_of(o) for o in operands]
        holds, is_asked = np.ones((1, 1), dtype=bool), np.zeros((1, 1), dtype=bool)
        for first in range(len(values)):
            for last in range(first + 1, len(values)):
                sign = _merged(operators[first:last])
                between = [np.isnan(v) for v in values[first + 1 : last]]
                pair = _compare(sign, values[first], values[last], is_long)
                are_next = functools.reduce(operator.and_, between, ~np.isnan(pair))
                holds = holds & (~are_next | (pair == 1))
                if not (is_plain[first] and is_plain[last]):
                    is_asked = is_asked | are_next
        return np.where(is_asked, holds, np.nan)

    def _count(self, node: Count, lag: int) -> Block:
        """Return how many measures of a set satisfy a condition; one not asked does not."""
        found: Block = np.zeros((1, 1))
        for loop in self.loops(self.sets.get(node.set_name, ())):
            holds = self.condition(node.condition, loop, lag) == 1
            each = np.broadcast_to(holds, (len(loop.members), holds.shape[1]))
            found = found + each.sum(axis=0, keepdims=True)
        return found

    def _call(self, node: Call, loop: Loop, lag: int) -> Block:
        name, arguments = node.name, node.arguments
        if not arguments:
            if name == "month":
                return np.full((1, 1), float((self.month - lag - 1) % 12 + 1))
            return self.of_return(name)[None, :]
        first = arguments[0]
        match name:
            case "prev":
                return self.number(first, loop, lag + self.step(first, loop))
            case "same_period":
                return self.number(first, loop, lag + 12)
            case "ytd":
                return self._year_to_date(first, loop, lag)
            case "median12" | "mad12":
                return self._median(name, first, loop, lag)
            case "has":
                return (~np.isnan(self.number(first, loop, lag))).astype(float)
            case "season" | "expected" | "surprise":
                return self._season(name, first, loop, lag)
            case _ if name in _OF_ONE_CELL:
                return self._cell(measures_of(first)[0], loop, lag, name)
            case _:
                return _function(name, [self.number(a, loop, lag) for a in arguments])

    def _year_to_date(self, node: Node, loop: Loop, lag: int) -> Block:
        """Return the sum from the start of the year; a unit not yet open owes nothing."""
        youngest = self.months_open.min(initial=np.inf)
        terms = []
        for back in range(0, self.elapsed(lag), self.step(node, loop)):
            term = self.number(node, loop, lag + back)
            if youngest <= lag + back:
                term = np.where(self.months_open <= lag + back, 0.0, term)
            terms.append(term)
        return functools.reduce(operator.add, terms)

    def _season(self, name: str, node: Node, loop: Loop, lag: int) -> Block:
        """Return what a unit's own seasons say of a monthly figure; all answers come at once."""
        (measure,) = measures_of(node)
        members = loop.members if measure == "x" else (measure,)
        reach = REACH if name in PARTS[1:] else 1
        if self.step(node, loop) != 1:
            return np.full_like(self._cell(measure, loop, lag), np.nan)
        past = [self._cell(measure, loop, lag + back) for back in range(reach + 1)]
        is_count = np.array([member in self.seasons.counts for member in members])
        month = (self.month - lag - 1) % 12 + 1
        block = np.stack(past, axis=-1)
        answers = judge_seasons(block, is_count, month, self.seasons.is_festival)
        for part, answer in zip(PARTS, answers, strict=False):
            self.memo[Call(part, (node,)), lag, loop] = answer
        return answers[PARTS.index(name)]

    def _median(self, name: str, node: Node, loop: Loop, lag: int) -> Block:
        """Return a median of the 12 preceding periods, or how far they usually are from it."""
        step = self.step(node, loop)
        past = [self.number(node, loop, lag + step * back) for back in range(1, 13)]
        block = np.stack(np.broadcast_arrays(*past), axis=-1)
        middle = _middle(block)
        return middle if name == "median12" else _middle(np.abs(block - middle[..., None]))


def _middle(block: Block) -> Block:
    """Return the median along the last axis of what is known, NaN where too little is.

    >>> _middle(np.array([[[5.0, 1.0, 2.0, np.nan, 3.0, 4.0, 60.0]]])).item()
    3.5
    """
    ordered = np.sort(block, axis=-1)  # what is not known comes last
    count = (~np.isnan(block)).sum(axis=-1, keepdims=True)
    low, high = (np.maximum((count - odd) // 2, 0) for odd in (1, 0))
    high = np.minimum(high, block.shape[-1] - 1)
    middle = (np.take_along_axis(ordered, low, -1) + np.take_along_axis(ordered, high, -1)) / 2
    return np.where(count >= LEAST_HISTORY, middle, np.nan)[..., 0]


def _known(block: Block, holds: np.ndarray) -> Block:
    return np.where(np.isnan(block), np.nan, holds)


def _logic(word: str, parts: list[Block]) -> Block:
    """Join conditions; one that is not asked leaves the whole unasked."""
    unasked = functools.reduce(operator.or_, [np.isnan(p) for p in parts])
    held = [p == 1 for p in parts]
    match word:
        case "not":
            joined = ~held[0]
        case "and":
            joined = functools.reduce(operator.and_, held)
        case "or":
            joined = functools.reduce(operator.or_, held)
        case _:
            joined = ~held[0] | held[1]
    return np.where(unasked, np.nan, joined)


def _compare(sign: str, left: Block, right: Block, is_long: bool) -> Block:
    """Compare with the tolerance; over long sums it grows with the numbers."""
    slack: Block | float = TOLERANCE
    if is_long:
        slack = np.maximum(TOLERANCE, np.maximum(np.abs(left), np.abs(right)) * _GROWTH)
    match sign:
        case "==":
            holds = np.abs(left - right) <= slack
        case "!=":
            holds = np.abs(left - right) > slack
        case "<=":
            holds = left <= right + slack
        case ">=":
            holds = left + slack >= right
        case "<":
            holds = left < right
        case _:
            holds = left > right
    return np.where(np.isnan(left) | np.isnan(right), np.nan, holds)


def _merged(signs: tuple[str, ...]) -> str:
    """Return the comparison that holds between the ends of a chain: a <= b < c gives a < c."""
    kinds = set(signs)
    for strict, loose in (("<", "<="), (">", ">=")):
        if kinds <= {strict, loose, "=="}:
            return strict if strict in kinds else loose if loose in kinds else "=="
    return signs[-1]


def _arithmetic(sign: str, left: Block, right: Block) -> Block:
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return left / np.where(right == 0, np.nan, right)


def _function(name: str, values: list[Block]) -> Block:
    match name:
        case "coalesce":
            return functools.reduce(lambda a, b: np.where(np.isnan(a), b, a), values)
        case "max":
            return functools.reduce(np.maximum, values)
        case "min":
            return functools.reduce(np.minimum, values)
        case "abs":
            return np.abs(values[0])
        case _:
            return np.sqrt(np.where(values[0] >= 0, values[0], np.nan))
