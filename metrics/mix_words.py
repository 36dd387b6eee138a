"""How is it said who made a change?"""

from collections.abc import Callable

from data.definition_types import Indicator
from data.texts import text
from metrics.compare import change_kind
from metrics.contributed import PART, Contributions, Line
from metrics.rounding import format_number, round_half_up

Name = Callable[[str], str]


def moved(value: float, item: Indicator, lang: str) -> str:
    """Return a signed difference with what it is counted in."""
    number = format_number(round_half_up(value, decimals=shown_decimals(item)), signed=True)
    kind = change_kind(item)
    return text(f"words.size.{kind}", lang, number=number) if kind in ("pp", "points") else number


def shown_decimals(item: Indicator) -> int:
    """Return the decimals of a contribution: one at least for anything that is no count."""
    is_count = item.kind in ("count", "stock")
    return item.decimals if is_count else max(1, item.decimals)


def line_name(line: Line, lang: str, name: Name) -> str:
    """Return what a line is called."""
    return name(line.code) if line.role == PART else text(f"contributions.{line.role}", lang)


def said(
    found: Contributions, item: Indicator, lang: str, name: Name, part_name: Name | None = None
) -> str:
    """Return in a sentence what made most of a change; why not, where nothing is told.

    Where the whole change is usual variation, that follows: then no cause need be sought.

    `name` names a unit, `part_name` a line where lines are not units.
    """
    if found.withheld or found.change is None:
        return text(f"contributions.why.{found.withheld or 'no_change'}", lang)
    change, part_name = found.change, part_name or name
    whole = name(found.whole["unit"])
    named = [line for line in found.lines if line.role == PART]
    if not round_half_up(change, decimals=shown_decimals(item)) or not named:
        return text("contributions.sentence.level", lang, whole=whole)
    same = sorted((line for line in named if line.contribution * change > 0), key=_size)
    other = sorted((line for line in named if line.contribution * change < 0), key=_size)
    if not same:
        return text("contributions.why.rest", lang, whole=whole, change=moved(change, item, lang))
    first, second = same[0], same[1] if len(same) > 1 else None
    words = {"whole": whole, "change": moved(change, item, lang), "name": part_name(first.code)}
    words["part"] = moved(first.contribution, item, lang)
    end = text("contributions.sentence.end", lang)
    if found.weight or any(line.weight for line in found.lines):
        words |= {n: moved(getattr(first, n), item, lang) for n in ("own", "weight")}
        start = text("contributions.sentence.rate", lang, **words)
        sums = {n: moved(getattr(found, n), item, lang) for n in ("own", "weight")}
        end = text("contributions.sentence.sums", lang, **sums)
    elif second is None:
        start = text("contributions.sentence.one", lang, **words)
    else:
        more = {"second": part_name(second.code), "more": moved(second.contribution, item, lang)}
        start = text("contributions.sentence.two", lang, **words, **more)
    if other and _size(other[0]) <= _size(first) / 2:
        against = {"name": part_name(other[0].code)}
        against["part"] = moved(other[0].contribution, item, lang)
        start += text("contributions.sentence.against", lang, **against)
    usual = text("contributions.usual", lang) if found.is_usual else ""
    return start + end + usual


def _size(line: Line) -> float:
    """Return what sorts the largest contribution first."""
    return -abs(line.contribution)
