"""Into which categories is an indicator parted, as rules and formulas say?"""

from collections.abc import Sequence

from data.definition_types import Catalog
from data.totals import is_part, total_of
from metrics.plan import Plan, make_plan


def categories_of(catalog: Catalog, indicator: str) -> list[str]:
    """Return the indicators of an indicator's categories.

    A count of several measures has those; a single total what the rules say adds up to it. A rate
    has the rates of the categories of its denominator, where such indicators are defined, else
    the categories of its numerator, each over all cases.
    """
    plan = make_plan(catalog, indicator)
    if plan.comparator or plan.shape not in ("sum", "ratio", "annualised"):
        return []
    sides = {r: [i.measure for i in plan.inputs if i.role == r] for r in ("num", "den")}
    some = list(_parts_of(catalog, sides["num"]))
    if plan.shape == "sum":
        return some
    return _rates_of(catalog, plan, sides["num"], _parts_of(catalog, sides["den"])) or some


def _parts_of(catalog: Catalog, codes: Sequence[str]) -> tuple[str, ...]:
    """Return what some measures together are parted into."""
    if len(codes) > 1:
        return tuple(dict.fromkeys(codes))
    total = total_of(catalog, codes[0]) if codes else None
    return total.parts if total else ()


def _rates_of(
    catalog: Catalog, plan: Plan, whole: Sequence[str], categories: Sequence[str]
) -> list[str]:
    """Return the rates of single categories of the denominator whose cases are of the numerator."""
    found: dict[str, str] = {}
    for item in catalog.derived():
        is_alike = item.kind == plan.indicator.kind and item.scale == plan.indicator.scale
        if is_alike and not item.weighted_by and len(item.denominator) == 1:
            code = item.denominator[0]
            if code in categories and is_part(catalog, item.numerator, whole):
                found.setdefault(code, item.code)
    return [found[code] for code in categories if code in found]
