"""Which bonus and deduction points does a unit get, and which veto was triggered?

Some follow from figures of the round, others from a person's decision. A figure that is missing,
or that the reader must not see, gives no points either way. Bonuses and deductions are capped,
entry by entry and in total.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from data.definition_types import Scheme
from metrics.cube import Cube
from metrics.round_figures import Hide, round_figures
from metrics.scoring import COMPARE

TERMS = re.compile(r"([+-]?)\s*([a-z][a-z0-9_]*)")
PARTS = ("bonus", "deduction")
SIGN = {"bonus": 1, "deduction": -1}


@dataclass(frozen=True, slots=True)
class Extra:
    """Points beside the items: what was counted, how often, and the points it moves."""

    part: str
    name: str
    count: float
    points: float


def score_extras(
    cube: Cube,
    scheme: Scheme,
    units: list[str],
    period: dt.date,
    decisions: pl.DataFrame | None = None,
    hide: Hide | None = None,
) -> dict[str, list[Extra]]:
    """Return the bonuses and deductions of each unit, within the caps; nought is left out."""
    found: dict[str, list[Extra]] = {unit: [] for unit in units}
    for part in PARTS:
        rule = scheme.raw.get(part, {})
        left = {unit: float(rule.get("cap", float("inf"))) for unit in units}
        for place, entry in enumerate(rule.get("items", [])):
            name = entry_name(entry)
            counts = _counts(cube, scheme, entry, part, place, units, period, decisions, hide)
            for unit, count in counts.items():
                points = min(entry["points"] * count, entry.get("cap", float("inf")), left[unit])
                if count > 0:
                    found[unit].append(Extra(part, name, count, SIGN[part] * points))
                    left[unit] -= points
    return found


def triggered_vetoes(
    cube: Cube,
    scheme: Scheme,
    units: list[str],
    period: dt.date,
    decisions: pl.DataFrame | None = None,
    hide: Hide | None = None,
) -> dict[str, list[str]]:
    """Return the grounds of veto of each unit, by the place of the entry."""
    found: dict[str, list[str]] = {unit: [] for unit in units}
    for place, entry in enumerate(scheme.raw.get("veto", [])):
        counts = _counts(cube, scheme, entry, "veto", place, units, period, decisions, hide)
        compare = COMPARE[entry.get("op", ">")]
        for unit, count in counts.items():
            if compare(count, entry.get("value", 0)):
                found[unit].append(f"veto:{place}")
    return found


def entry_name(entry: dict) -> str:
    """Return what an entry counts: its indicator, its expression, or its English name.

    >>> entry_name({"name": {"zh": "表扬", "en": "Praise"}, "manual": True})
    'Praise'
    """
    return entry.get("indicator") or entry.get("expression") or entry["name"]["en"]


def sum_terms(expression: str) -> list[tuple[int, str]]:
    """Return the signed measures of a sum.

    >>> sum_terms("dq_returns_due - dq_returns_ontime")
    [(1, 'dq_returns_due'), (-1, 'dq_returns_ontime')]
    """
    found = [(-1 if sign == "-" else 1, code) for sign, code in TERMS.findall(expression)]
    rest = TERMS.sub("", expression).strip()
    if not found or rest:
        msg = f"cannot read '{expression}': write a sum of indicator codes, like 'a - b'"
        raise ValueError(msg)
    return found


def _counts(
    cube: Cube,
    scheme: Scheme,
    entry: dict,
    part: str,
    place: int,
    units: list[str],
    period: dt.date,
    decisions: pl.DataFrame | None,
    hide: Hide | None,
) -> dict[str, float]:
    """Return how often an entry applies to each unit; units without a figure are left out."""
    if entry.get("manual"):
        if decisions is None:
            return {}
        mine = decisions.filter(
            (pl.col("part") == part) & (pl.col("entry") == place) & pl.col("unit").is_in(units)
        )
        totals = mine.group_by("unit", maintain_order=True).agg(pl.col("count").sum())
        return dict(zip(totals["unit"], totals["count"].cast(pl.Float64), strict=True))
    terms = sum_terms(entry.get("expression") or entry["indicator"])
    values = [_values(cube, code, units, period, scheme.window, hide) for _, code in terms]
    return {
        unit: sum(sign * value[unit] for (sign, _), value in zip(terms, values, strict=True))
        for unit in units
        if all(unit in value for value in values)
    }


def _values(
    cube: Cube,
    code: str,
    units: Iterable[str],
    period: dt.date,
    window: str,
    hide: Hide | None,
) -> dict[str, float]:
    """Return the value of an indicator for each unit that has one to be seen."""
    figures = round_figures(cube, code, list(units), [period], window, hide).drop_nulls("value")
    return dict(zip(figures["unit"], figures["value"], strict=True))
