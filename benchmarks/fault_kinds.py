"""Which faults do clerks make, and how is each put into a sound workbook?

Each kind takes a page (a sound workbook as read, with the month before) and a source of chance, and
gives what to write where, which figures are then wrong, and which rules are the right ones to say
so; None where the workbook has no place for it. No rule named means any rule about the figure.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Place = tuple[str, str]
Written = Mapping[Place, Any]
FORMAT = ("R47",)
#: What bounds a score: the scores of the survey, and their scatter, have a rule of their own.
BOUNDS = ("R47", "R42")


@dataclass(frozen=True, slots=True)
class Spot:
    """A figure of a sound workbook: whose, where, what, and what it was the month before."""

    unit: str
    measure: str
    sheet: str
    cell: str
    value: float
    value_type: str
    before: float | None
    is_required: bool

    @property
    def place(self) -> Place:
        """Sheet and cell."""
        return self.sheet, self.cell


@dataclass(frozen=True, slots=True)
class Page:
    """A sound workbook: its figures, sheet by sheet and line by line, and what stands beside them.

    `totals` are the cells of a district's sums, `printed` the cells of the year to date by figure,
    `codes` the cells of a unit's line that say whose it is, with their words; `heads` the cell of a
    sheet's month with the words of the month before; `others` units of other districts.
    """

    spots: tuple[Spot, ...]
    totals: tuple[Spot, ...]
    printed: Mapping[Place, Place]
    codes: Mapping[tuple[str, str], tuple[tuple[str, str], ...]]
    heads: Mapping[str, tuple[str, str]]
    month: int
    others: tuple[str, ...]

    def lines(self) -> dict[tuple[str, str], list[Spot]]:
        """Return the figures by sheet and unit, in the order of the form."""
        found: dict[tuple[str, str], list[Spot]] = {}
        for spot in self.spots:
            found.setdefault((spot.sheet, spot.unit), []).append(spot)
        return found

    def get(self, unit: str, measure: str) -> Spot | None:
        """Return a unit's figure."""
        return next((s for s in self.spots if (s.unit, s.measure) == (unit, measure)), None)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is written where, the figures that are wrong by it, and the right rules.

    `becomes` are the wrong figures as numbers; `beside` cells that say the same and so disagree.
    """

    written: Written
    wrong: tuple[Spot, ...]
    rules: frozenset[str] = frozenset()
    words: str = ""
    becomes: Mapping[Place, float] = field(default_factory=dict)
    beside: frozenset[Place] = frozenset()


Kind = Callable[[Page, random.Random], Fault | None]
KINDS: dict[str, Kind] = {}


def kind(name: str) -> Callable[[Kind], Kind]:
    """Enter a kind of fault under its name."""

    def enter(make: Kind) -> Kind:
        KINDS[name] = make
        return make

    return enter


def _one(
    page: Page,
    draw: random.Random,
    becomes: Callable[[Spot], Any],
    among: Callable[[Spot], bool],
    rules: Sequence[str] = (),
) -> Fault | None:
    """Return a fault of one cell, or None where no figure is fit for it."""
    fit = [spot for spot in page.spots if among(spot)]
    if not fit:
        return None
    spot = draw.choice(fit)
    value = becomes(spot)
    if value is None or value == spot.value:
        return None
    number = {spot.place: float(value)} if isinstance(value, int | float) else {}
    words = f"{spot.unit} {spot.measure} {spot.value:g} → {value}"
    return Fault({spot.place: value}, (spot,), frozenset(rules), words, number)


def _is_count(spot: Spot) -> bool:
    return spot.value_type in ("count", "person")


def plain(value: float) -> float | int:
    """Return a number as it is typed: whole ones without a point."""
    return int(value) if float(value).is_integer() else round(value, 4)


@kind("two digits swapped")
def swapped_digits(page: Page, draw: random.Random) -> Fault | None:
    """Return 132 typed as 312 or 123."""

    def swap(spot: Spot) -> int | None:
        digits = list(str(int(spot.value)))
        pairs = [n for n in range(len(digits) - 1) if digits[n] != digits[n + 1]]
        pairs = [n for n in pairs if not (n == 0 and digits[1] == "0")]
        if not pairs:
            return None
        at = draw.choice(pairs)
        digits[at], digits[at + 1] = digits[at + 1], digits[at]
        return int("".join(digits))

    return _one(page, draw, swap, lambda s: _is_count(s) and s.value >= 10)


@kind("one digit too many")
def extra_digit(page: Page, draw: random.Random) -> Fault | None:
    """Return 24 typed as 244 or 240."""
    return _one(
        page,
        draw,
        lambda s: int(f"{int(s.value)}{draw.randrange(10)}"),
        lambda s: _is_count(s) and s.value >= 5,
    )


@kind("yuan for ten thousand yuan")
def yuan(page: Page, draw: random.Random) -> Fault | None:
    """Return 42.7 typed as 427000."""
    return _one(
        page,
        draw,
        lambda s: plain(s.value * 10_000),
        lambda s: s.value_type == "money" and s.value > 0.5,
    )


@kind("negative")
def negative(page: Page, draw: random.Random) -> Fault | None:
    """Return 12 typed as -12."""
    fault = _one(page, draw, lambda s: plain(-s.value), lambda s: s.value > 0, FORMAT)
    if fault is None or fault.wrong[0].value_type != "score":
        return fault
    return replace(fault, rules=frozenset(BOUNDS))


@kind("decimals in a count")
def decimals(page: Page, draw: random.Random) -> Fault | None:
    """Return 12 typed as 12.5."""
    part = draw.choice((0.1, 0.25, 0.5, 0.7))
    return _one(page, draw, lambda s: s.value + part, _is_count, FORMAT)


@kind("words in a number")
def words(page: Page, draw: random.Random) -> Fault | None:
    """Return 30 typed as about 30, or as a range."""
    shape = draw.choice(("约{}", "{}余", "{}多起", "{}至{}", "见附表", "未统计"))
    return _one(
        page, draw, lambda s: shape.format(int(s.value), int(s.value) + 5), _is_count, FORMAT
    )


@kind("left blank")
def left_blank(page: Page, draw: random.Random) -> Fault | None:
    """Return a cell that was forgotten."""
    fit = [spot for spot in page.spots if spot.is_required]
    if not fit:
        return None
    spot = draw.choice(fit)
    said = f"{spot.unit} {spot.measure} {spot.value:g} → blank"
    return Fault({spot.place: None}, (spot,), frozenset(FORMAT), said)


@kind("zero for a figure")
def zero(page: Page, draw: random.Random) -> Fault | None:
    """Return 0 typed where there is something."""
    return _one(page, draw, lambda s: 0, lambda s: s.value > 0 and s.value_type != "score")


def _moved(pairs: Sequence[tuple[Spot, float]], rules: Sequence[str] = ()) -> Fault | None:
    """Return a fault of several cells; those that stay as they were are not wrong."""
    changed = [(spot, value) for spot, value in pairs if value != spot.value]
    if len(changed) < 2:
        return None
    first, value = changed[0]
    said = f"{first.unit} {first.sheet} {len(changed)} cells, {first.measure} → {value:g}"
    return Fault(
        {spot.place: plain(value) for spot, value in changed},
        tuple(spot for spot, _ in changed),
        frozenset(rules),
        said,
        {spot.place: value for spot, value in changed},
    )


@kind("figures one row or column off")
def moved(page: Page, draw: random.Random) -> Fault | None:
    """Return some figures of a line pasted one cell too far along the form."""
    lines = [line for line in page.lines().values() if len(line) >= 5]
    if not lines:
        return None
    line = draw.choice(lines)
    length = draw.randint(4, min(9, len(line) - 1))
    start = draw.randrange(len(line) - length)
    run = line[start : start + length + 1]
    return _moved([(run[n], run[n - 1].value) for n in range(1, len(run))])


@kind("two lines swapped")
def lines_swapped(page: Page, draw: random.Random) -> Fault | None:
    """Return the figures of two units in each other's lines."""
    by_sheet: dict[str, list[list[Spot]]] = {}
    for (sheet, _), line in page.lines().items():
        if len(line) >= 4:
            by_sheet.setdefault(sheet, []).append(line)
    sheets = [lines for lines in by_sheet.values() if len(lines) >= 2]
    if not sheets:
        return None
    one, other = draw.sample(draw.choice(sheets), 2)
    theirs = {spot.measure: spot for spot in other}
    pairs = [(spot, theirs[spot.measure]) for spot in one if spot.measure in theirs]
    both = [(a, b.value) for a, b in pairs] + [(b, a.value) for a, b in pairs]
    return _moved(both)


@kind("last month's line again")
def line_again(page: Page, draw: random.Random) -> Fault | None:
    """Return a unit's line of a form filled with its figures of the month before."""
    lines = [
        line for line in page.lines().values() if sum(spot.before is not None for spot in line) >= 8
    ]
    if not lines:
        return None
    line = draw.choice(lines)
    return _moved([(spot, spot.before) for spot in line if spot.before is not None])


@kind("last month's sheet again")
def sheet_again(page: Page, draw: random.Random) -> Fault | None:
    """Return a whole sheet filled with the figures of the month before."""
    sheets = sorted({spot.sheet for spot in page.spots if spot.before is not None})
    if not sheets:
        return None
    sheet = draw.choice(sheets)
    of = [s for s in page.spots if s.sheet == sheet and s.before is not None]
    return _moved([(spot, spot.before) for spot in of if spot.before is not None])
