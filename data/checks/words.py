"""How is a broken rule said, with the numbers that were found, in both languages?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from data.checks.grammar import (
    Arithmetic,
    Call,
    Chain,
    Code,
    Count,
    Logic,
    Node,
    Number,
    children_of,
    measures_of,
)
from data.checks.seasonal import YEARS
from data.definition_types import Measure
from data.texts import text

#: A node that is said as one thing with one value: a measure, or a function of the record.
Quantity: TypeAlias = Node

_OF_THE_RECORD = frozenset(
    {"ytd", "prev", "same_period", "median12", "children", "own", "decimals"}
    | {"reported_ytd", "reported_same_period", "season", "expected", "surprise"}
)
_SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}
_TURNED = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}
_VIOLATED = {
    "==": "differs",
    "<=": "above",
    ">=": "below",
    "<": "not_below",
    ">": "not_above",
    "!=": "equals",
}


def quantities_of(node: Node) -> tuple[Quantity, ...]:
    """Return the quantities that a condition names, in the order written, each once."""
    found: dict[Node, None] = {}

    def visit(part: Node) -> None:
        if isinstance(part, Call) and part.name == "surprise":
            # What is said of a season names the years that it rests on.
            measure = part.arguments[0]
            found.update(dict.fromkeys((measure, *season_quantities(measure))))
        if isinstance(part, Code) or (isinstance(part, Call) and part.name in _OF_THE_RECORD):
            found.setdefault(part)
            return
        if isinstance(part, Count):
            found.setdefault(part)
            return
        for child in children_of(part):
            visit(child)

    visit(node)
    return tuple(found)


def season_quantities(measure: Node) -> tuple[Quantity, ...]:
    """Return what the sentence about a season needs: this year, the years before, the verdict."""
    years: list[Node] = [Call("season", (measure,))]
    for _ in range(YEARS):
        years.append(Call("same_period", (years[-1],)))
    return (*years, Call("expected", (measure,)), Call("surprise", (measure,)))


def number_words(value: float | None, lang: str) -> str:
    """Return a number as a clerk writes it, without needless decimals.

    >>> number_words(1405.0, "zh"), number_words(186.40, "zh"), number_words(None, "en")
    ('1,405', '186.4', 'blank')
    """
    if value is None:
        return text("checks.blank", lang)
    rounded = round(value, 4)
    words = f"{rounded:,.4f}".rstrip("0").rstrip(".")
    return "0" if words in ("-0", "") else words.replace("-", "−")


def name_words(node: Node, measures: Mapping[str, Measure], lang: str) -> str:
    """Return what a quantity or a formula is called."""
    match node:
        case Number(value):
            return number_words(value, lang)
        case Code(code):
            name = measures[code].name.get(lang) if code in measures else code
            return name.removeprefix("其中:").removeprefix("其中：").removeprefix("of which ")
        case Call("same_period", (Call("ytd", (inner,)),)):
            return text("checks.of.same_ytd", lang, name=name_words(inner, measures, lang))
        case Call(function, (inner, *_)) if function in _OF_THE_RECORD:
            return text(f"checks.of.{function}", lang, name=name_words(inner, measures, lang))
        case Count():
            return text("checks.of.count", lang)
        case Arithmetic(sign, left, right):
            sides = [name_words(part, measures, lang) for part in (left, right)]
            if _is_looser(left, sign):
                sides[0] = f"({sides[0]})"
            if _is_looser(right, sign) or (sign in "-/" and isinstance(right, Arithmetic)):
                sides[1] = f"({sides[1]})"
            return f" {_SIGNS[sign]} ".join(sides)
        case Call(function, arguments):
            inside = ", ".join(name_words(a, measures, lang) for a in arguments)
            return f"{function}({inside})"
        case _:
            return ""


def _is_looser(part: Node, sign: str) -> bool:
    """Return whether a part must stand in brackets beside a sign: a sum beside × or ÷."""
    return sign in "*/" and isinstance(part, Arithmetic) and part.operator in "+-"


def condition_words(
    condition: Node,
    seen: Mapping[Node, float | None],
    measures: Mapping[str, Measure],
    cells: Mapping[str, str],
    lang: str,
) -> str:
    """Return one sentence with every number that made the condition false.

    `seen` has the value of each quantity, `cells` the cell of each measure of this return.
    """
    broken = _broken_pair(condition, seen)
    if broken is None:
        return _listed(condition, seen, measures, cells, lang)
    sign, left, right = broken
    sides = [_side(part, seen, measures, cells, lang) for part in (left, right)]
    values = [value_of(part, seen) for part in (left, right)]
    gap = number_words(abs((values[0] or 0.0) - (values[1] or 0.0)), lang)
    key = f"checks.broken.{_VIOLATED[sign]}"
    return text(key, lang, left=sides[0], right=sides[1], gap=gap)


def measures_in_question(condition: Node, seen: Mapping[Node, float | None]) -> tuple[str, ...]:
    """Return the measures of the comparison that fails, in its order; of a chain only that pair."""
    broken = _broken_pair(condition, seen)
    sides = broken[1:] if broken else (condition,)
    return tuple(dict.fromkeys(m for side in sides for m in measures_of(side)))


def value_of(node: Node, seen: Mapping[Node, float | None]) -> float | None:
    """Return the value of a formula from the values of its quantities."""
    if node in seen:
        return seen[node]
    match node:
        case Number(value):
            return value
        case Arithmetic(sign, left, right):
            a, b = value_of(left, seen), value_of(right, seen)
            if a is None or b is None or (sign == "/" and b == 0):
                return None
            return {"+": a + b, "-": a - b, "*": a * b}[sign] if sign != "/" else a / b
        case Call(name, arguments) if name in ("max", "min", "abs", "coalesce"):
            values = [value_of(a, seen) for a in arguments]
            known = [v for v in values if v is not None]
            if name == "coalesce":
                return known[0] if known else None
            if len(known) < len(values):
                return None
            return abs(known[0]) if name == "abs" else (max if name == "max" else min)(known)
        case _:
            return None


def _broken_pair(
    condition: Node, seen: Mapping[Node, float | None]
) -> tuple[str, Node, Node] | None:
    """Return the comparison that fails; None where the sentence is not that simple."""
    if isinstance(condition, Logic) and condition.operator == "=>":
        condition = condition.parts[1]
    if not isinstance(condition, Chain):
        return None
    known = [(n, o, value_of(o, seen)) for n, o in enumerate(condition.operands)]
    left_over = [(n, o, v) for n, o, v in known if v is not None]
    if len(condition.operands) == 2 and len(left_over) < 2:
        return None
    for (first, left, a), (last, right, b) in zip(left_over, left_over[1:], strict=False):
        signs = condition.operators[first:last]
        if any(not _holds(sign, a, b) for sign in signs):
            if isinstance(left, Number):
                return _TURNED.get(signs[-1], signs[-1]), right, left
            return signs[-1], left, right
    return None


def _holds(sign: str, a: float, b: float) -> bool:
    slack = max(1e-9, 1e-12 * max(abs(a), abs(b)))
    return {
        "==": abs(a - b) <= slack,
        "!=": abs(a - b) > slack,
        "<=": a <= b + slack,
        ">=": a + slack >= b,
        "<": a < b,
        ">": a > b,
    }[sign]


def _side(
    node: Node,
    seen: Mapping[Node, float | None],
    measures: Mapping[str, Measure],
    cells: Mapping[str, str],
    lang: str,
) -> str:
    """Return one side of a comparison: what it is called, where it stands, its value."""
    value = number_words(value_of(node, seen), lang)
    if isinstance(node, Number):
        return value
    terms = _terms(node)
    where = ""
    if len(terms) > 2:
        places = cell_ranges([cells[t] for t in terms if t in cells], lang)
        where = text("checks.where", lang, cells=places) if places else ""
        first = name_words(Code(terms[0]), measures, lang)
        name = text("checks.of.sum", lang, name=first, count=len(terms))
    else:
        name = name_words(node, measures, lang)
    if isinstance(node, Arithmetic) and not terms:
        inside = "，" if lang == "zh" else ", "
        each = inside.join(_named(q, seen[q], measures, lang) for q in quantities_of(node))
        return text("checks.formula", lang, name=name, value=value, parts=each)
    return text("checks.named", lang, name=name + where, value=value)


def _named(node: Node, value: float | None, measures: Mapping[str, Measure], lang: str) -> str:
    name = name_words(node, measures, lang)
    return text("checks.named", lang, name=name, value=number_words(value, lang))


def _terms(node: Node) -> list[str]:
    """Return the measures of a plain sum a + b + c; empty where it is anything else."""
    if isinstance(node, Code):
        return [node.name]
    if isinstance(node, Arithmetic) and node.operator == "+":
        left, right = _terms(node.left), _terms(node.right)
        return left + right if left and right else []
    return []


def _listed(
    condition: Node,
    seen: Mapping[Node, float | None],
    measures: Mapping[str, Measure],
    cells: Mapping[str, str],
    lang: str,
) -> str:
    """Return every quantity with its value, and how far it is from its usual level."""
    parts = [_named(quantity, value, measures, lang) for quantity, value in seen.items()]
    for quantity, value in seen.items():
        usual = seen.get(Call("median12", (quantity,)))
        if value and usual and usual > 0 and isinstance(quantity, Code):
            times = number_words(round(value / usual, 1), lang)
            parts.append(text("checks.times", lang, times=times))
    return text("checks.joint", lang).join(parts)


def cell_ranges(cells: list[str], lang: str = "zh") -> str:
    """Return cells briefly, neighbours of one column or row as a range.

    >>> cell_ranges(["D10", "D11", "D12", "D15"], "en")
    'D10:D12, D15'
    """
    runs: list[list[str]] = []
    for cell in cells:
        if runs and _are_neighbours(runs[-1][-1], cell, runs[-1]):
            runs[-1].append(cell)
        else:
            runs.append([cell])
    return ("、" if lang == "zh" else ", ").join(
        run[0] if len(run) == 1 else f"{run[0]}:{run[-1]}" for run in runs
    )


def _are_neighbours(left: str, right: str, run: list[str]) -> bool:
    a, b, first = _address(left), _address(right), _address(run[0])
    below = a[0] == b[0] == first[0] and b[1] == a[1] + 1
    beside = a[1] == b[1] == first[1] and b[0] == a[0] + 1
    return below or beside


def _address(cell: str) -> tuple[int, int]:
    """Return column and row as numbers.

    >>> _address("AB12")
    (28, 12)
    """
    letters = cell.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column, int(cell[len(letters) :] or 0)
