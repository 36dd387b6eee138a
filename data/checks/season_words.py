"""How is a broken rule said where it speaks of a season: what was to be expected, and why?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from data.checks.grammar import Call, Chain, Code, Node, Number, walk
from data.checks.seasonal import from_scale, medians, to_scale
from data.checks.words import condition_words, name_words, number_words, season_quantities
from data.definition_types import Measure
from data.texts import text

#: Where a rule sets no limit of its own to the surprise.
_USUAL_LIMIT = 5.0


def broken_words(
    condition: Node,
    seen: Mapping[Node, float | None],
    measures: Mapping[str, Measure],
    cells: Mapping[str, str],
    lang: str,
) -> str:
    """Return one sentence with every number that made a condition false, seasons explained."""
    judged = next(
        (n.arguments[0] for n in walk(condition) if isinstance(n, Call) and n.name == "surprise"),
        None,
    )
    if not isinstance(judged, Code):
        return condition_words(condition, seen, measures, cells, lang)
    return season_words(judged, seen, measures, _limit(condition), lang)


def season_words(
    measure: Code,
    seen: Mapping[Node, float | None],
    measures: Mapping[str, Measure],
    limit: float,
    lang: str,
) -> str:
    """Return what the unit's own history let one expect of a figure, with what it rests on."""
    *years, expected_node, surprise_node = season_quantities(measure)
    value, *past = (seen.get(year) for year in years)
    expected, surprise = seen.get(expected_node), seen.get(surprise_node)
    if value is None or expected is None or not surprise:
        return condition_words(measure, seen, measures, {}, lang)
    is_count = measures[measure.name].value_type in ("count", "person")
    spread = abs(float(to_scale(np.array(value), is_count) - _on_scale(expected, is_count)))
    spread /= abs(surprise)
    low, high = (
        float(from_scale(np.array(_on_scale(expected, is_count) + side * limit * spread), is_count))
        for side in (-1, 1)
    )
    known = [p for p in past if p is not None]
    base = medians(to_scale(np.array(known), is_count))
    usual = float(from_scale(base, is_count))
    is_joined = seen.get(measure) != value
    figure = number_words(seen.get(measure), lang)
    if is_joined:
        figure = text("checks.season.joined", lang, value=figure, mean=number_words(value, lang))
    return text(
        "checks.season.broken",
        lang,
        name=name_words(measure, measures, lang),
        value=figure,
        years=text("checks.season.between", lang).join(number_words(p, lang) for p in known),
        moved=_moved(expected, usual, lang),
        expected=_rounded(expected, is_count, lang),
        low=_rounded(low, is_count, lang),
        high=_rounded(high, is_count, lang),
        times=number_words(round(abs(surprise), 1), lang),
    )


def _on_scale(value: float, is_count: bool) -> float:
    return float(to_scale(np.array(value), is_count))


def _rounded(value: float, is_count: bool, lang: str) -> str:
    """Return what was expected, no more exactly than it can be known."""
    digits = 0 if is_count and value >= 20 else 1
    return number_words(round(value, digits), lang)


def _moved(expected: float, usual: float, lang: str) -> str:
    """Return how the unit's level of the last twelve months compares with its seasons."""
    if usual <= 0:
        return text("checks.season.level", lang)
    share = round((expected / usual - 1) * 100)
    key = "above" if share > 0 else "below" if share < 0 else "level"
    return text(f"checks.season.{key}", lang, share=abs(share))


def _limit(condition: Node) -> float:
    """Return how great a surprise a condition allows: the number that it is compared with."""
    for node in walk(condition):
        if isinstance(node, Chain) and len(node.operands) == 2:
            for one, other in (node.operands, node.operands[::-1]):
                names = {n.name for n in walk(one) if isinstance(n, Call)}
                if isinstance(other, Number) and names <= {"abs", "surprise"} and names:
                    return other.value
    return _USUAL_LIMIT
