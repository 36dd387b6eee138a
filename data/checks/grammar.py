"""How is a rule of rules.toml read: text to tokens to a small tree?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

#: Functions and the number of arguments each takes: (least, most).
FUNCTIONS: dict[str, tuple[int, int]] = {
    "ytd": (1, 1),
    "prev": (1, 1),
    "same_period": (1, 1),
    "median12": (1, 1),
    "mad12": (1, 1),
    "season": (1, 1),
    "expected": (1, 1),
    "surprise": (1, 1),
    "abs": (1, 1),
    "sqrt": (1, 1),
    "max": (2, 9),
    "min": (2, 9),
    "coalesce": (2, 9),
    "has": (1, 1),
    "decimals": (1, 1),
    "month": (0, 0),
    "children": (1, 1),
    "own": (1, 1),
    "reported_ytd": (1, 1),
    "reported_same_period": (1, 1),
    "unit_known": (0, 0),
    "parent_matches": (0, 0),
    "form_current": (0, 0),
    "period_future": (0, 0),
    "personal_columns": (0, 0),
}

#: Functions that read the record or the workbook and so take one measure, not a formula.
OF_ONE_MEASURE = frozenset(
    ("decimals", "children", "own", "reported_ytd", "reported_same_period")
    + ("season", "expected", "surprise")
)

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(=>|==|!=|<=|>=|[<>+\-*/(),;:]))")
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
_WORDS = frozenset({"for", "in", "or", "and", "not", "count"})


@dataclass(frozen=True, slots=True)
class Number:
    """A plain number."""

    value: float


@dataclass(frozen=True, slots=True)
class Code:
    """A measure, or the loop variable ``x`` before it is bound."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the grammar and its arguments."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two sides joined by + - * or /."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Chain:
    """A comparison, or a chain of them: a <= b <= c."""

    operators: tuple[str, ...]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Logic:
    """Conditions joined by and, or, not or =>."""

    operator: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many measures of a set satisfy a condition."""

    set_name: str
    condition: Node


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition, checked by itself, for one row or for every measure of a set."""

    set_name: str | None
    condition: Node


Node = Number | Code | Call | Arithmetic | Chain | Logic | Count


def parse_rule(
    expression: str, measures: Collection[str] = (), sets: Collection[str] = ()
) -> tuple[Clause, ...]:
    """Return the clauses of a rule; names are checked where measures and sets are given.

    >>> clause, = parse_rule("a == b + c")
    >>> clause.condition.operators
    ('==',)
    >>> parse_rule("calls_totl > 0", measures=["calls_total"])
    Traceback (most recent call last):
    ValueError: 'calls_totl' in 'calls_totl > 0' is not a measure. Did you mean 'calls_total'?
    """
    reader = _Reader(expression)
    clauses = reader.clauses()
    for clause in clauses:
        _check_names(clause, frozenset(measures), frozenset(sets), expression)
    return clauses


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything under it, from left to right."""
    yield node
    for child in children_of(node):
        yield from walk(child)


def children_of(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly under a node."""
    match node:
        case Call():
            return node.arguments
        case Arithmetic():
            return (node.left, node.right)
        case Chain():
            return node.operands
        case Logic():
            return node.parts
        case Count():
            return (node.condition,)
        case _:
            return ()


def bind(node: Node, measure: str) -> Node:
    """Return the node with the loop variable x replaced by one measure."""
    match node:
        case Code("x"):
            return Code(measure)
        case Call(name, arguments):
            return Call(name, tuple(bind(a, measure) for a in arguments))
        case Arithmetic(operator, left, right):
            return Arithmetic(operator, bind(left, measure), bind(right, measure))
        case Chain(operators, operands):
            return Chain(operators, tuple(bind(o, measure) for o in operands))
        case Logic(operator, parts):
            return Logic(operator, tuple(bind(p, measure) for p in parts))
        case _:
            return node


def measures_of(node: Node) -> list[str]:
    """Return the measures that a node names, in the order written, each once.

    >>> measures_of(parse_rule("a == prev(b) + a")[0].condition)
    ['a', 'b']
    """
    return list(dict.fromkeys(n.name for n in walk(node) if isinstance(n, Code)))


def calls_of(node: Node) -> set[str]:
    """Return the names of the functions that a node uses."""
    return {n.name for n in walk(node) if isinstance(n, Call)}


class _Reader:
    """A cursor over the tokens of one rule, with a method for each line of the grammar."""

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self.tokens = _tokens(expression)
        self.place = 0

    def peek(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, wanted: str | None = None) -> str:
        token = self.peek()
        if wanted is not None and token != wanted:
            found = f"'{token}'" if token else "the end"
            message = f"'{self.expression}': expected '{wanted}', found {found}."
            raise ValueError(message)
        self.place += 1
        return token

    def clauses(self) -> tuple[Clause, ...]:
        found = [self.clause()]
        while self.peek() == ";":
            self.take()
            found.append(self.clause())
        if self.peek():
            message = f"'{self.expression}': '{self.peek()}' was not expected here."
            raise ValueError(message)
        return tuple(found)

    def clause(self) -> Clause:
        if self.peek() != "for":
            return Clause(None, self.condition())
        self.take("for")
        self.take("x")
        self.take("in")
        name = self.take()
        self.take(":")
        return Clause(name, self.condition())

    def condition(self) -> Node:
        left = self.joined("or")
        if self.peek() != "=>":
            return left
        self.take()
        return Logic("=>", (left, self.joined("or")))

    def joined(self, word: str) -> Node:
        deeper = self.negation if word == "and" else lambda: self.joined("and")
        parts = [deeper()]
        while self.peek() == word:
            self.take()
            parts.append(deeper())
        return parts[0] if len(parts) == 1 else Logic(word, tuple(parts))

    def negation(self) -> Node:
        if self.peek() == "not":
            self.take()
            return Logic("not", (self.comparison(),))
        return self.comparison()

    def comparison(self) -> Node:
        operands, operators = [self.arithmetic("+-")], []
        while self.peek() in _COMPARISONS:
            operators.append(self.take())
            operands.append(self.arithmetic("+-"))
        return Chain(tuple(operators), tuple(operands)) if operators else operands[0]

    def arithmetic(self, signs: str) -> Node:
        def deeper() -> Node:
            return self.arithmetic("*/") if signs == "+-" else self.atom()

        left = deeper()
        while self.peek() and self.peek() in signs:
            left = Arithmetic(self.take(), left, deeper())
        return left

    def atom(self) -> Node:
        token = self.take()
        if token == "(":
            inner = self.condition()
            self.take(")")
            return inner
        if token == "-":
            return Arithmetic("-", Number(0.0), self.atom())
        if re.fullmatch(r"\d+(\.\d+)?", token):
            return Number(float(token))
        if token == "count":
            return self.count()
        if not re.fullmatch(r"[A-Za-z_]\w*", token) or token in _WORDS:
            found = f"'{token}'" if token else "the end"
            message = f"'{self.expression}': expected a measure or a number, found {found}."
            raise ValueError(message)
        return self.call(token) if self.peek() == "(" else Code(token)

    def count(self) -> Node:
        for word in ("(", "x", "in"):
            self.take(word)
        name = self.take()
        self.take(":")
        condition = self.condition()
        self.take(")")
        return Count(name, condition)

    def call(self, name: str) -> Node:
        self.take("(")
        arguments: list[Node] = []
        while self.peek() and self.peek() != ")":
            arguments.append(self.condition())
            if self.peek() != ")":
                self.take(",")
        self.take(")")
        if name not in FUNCTIONS:
            raise ValueError(_unknown(name, FUNCTIONS, "a function", self.expression))
        least, most = FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            message = (
                f"'{self.expression}': {name}() takes {least} to {most} arguments, "
                f"found {len(arguments)}."
            )
            raise ValueError(message)
        if name in OF_ONE_MEASURE and not isinstance(arguments[0], Code):
            message = f"'{self.expression}': {name}() takes one measure, not a formula."
            raise ValueError(message)
        return Call(name, tuple(arguments))


def _tokens(expression: str) -> list[str]:
    tokens, place = [], 0
    text = expression.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            message = f"'{expression}': '{text[place:].strip()[:1]}' is not part of the grammar."
            raise ValueError(message)
        tokens.append(match.group().strip())
        place = match.end()
    return tokens


def _check_names(
    clause: Clause, measures: frozenset[str], sets: frozenset[str], expression: str
) -> None:
    named = [clause.set_name] if clause.set_name else []
    named += [n.set_name for n in walk(clause.condition) if isinstance(n, Count)]
    for name in named if sets else []:
        if name not in sets:
            raise ValueError(_unknown(name, sets, "a set", expression))
    has_x = bool(named)
    for name in measures_of(clause.condition) if measures else []:
        if name not in measures and not (name == "x" and has_x):
            raise ValueError(_unknown(name, measures, "a measure", expression))


def _unknown(name: str, allowed: Collection[str], what: str, expression: str) -> str:
    near = difflib.get_close_matches(name, sorted(allowed), n=1, cutoff=0.5)
    hint = f" Did you mean '{near[0]}'?" if near else f" Allowed: {', '.join(sorted(allowed))}."
    return f"'{name}' in '{expression}' is not {what}.{hint}"
