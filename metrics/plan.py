"""From which measures, and how, is an indicator computed?

A plan lists the inputs of one indicator with the rule by which each is taken over months and over
units. Indicators whose plans have the same signature are computed together in one pass.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from data.definition_types import Catalog, Indicator
from data.parse import nearest
from data.periods import SPAN

COMPARATOR_OF_BASE = {"same_period": "yoy", "prev": "mom"}


@dataclass(frozen=True, slots=True)
class Input:
    """One measure in one place of a formula.

    `role` is num, den, or for scores value, weight and mean; `own` means that a parent shows what
    its own level filed instead of a sum. `ago` is how many months earlier the measure is taken, and
    `by_choice` that nobody owes it: either counts only where every part of the formula is there.
    """

    role: str
    measure: str
    over_time: str
    span: int
    is_flow: bool
    own: bool
    ago: int = 0
    by_choice: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How one indicator is computed.

    `shape` is sum, ratio, difference, annualised, mean, spread or widest (a spread that takes the
    greatest there can be where none was filed). For kind yoy, `comparator` says what the plan's
    figure is compared with.
    """

    indicator: Indicator
    shape: str
    inputs: tuple[Input, ...]
    comparator: str = ""

    @property
    def span(self) -> int:
        """The longest span among flows: windows must be whole spans of it."""
        return max((i.span for i in self.inputs if i.is_flow and i.over_time != "none"), default=1)

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that the plan reads."""
        return tuple(dict.fromkeys(item.measure for item in self.inputs))

    @property
    def signature(self) -> tuple:
        """What two plans must share to be computed together."""
        inputs = tuple(
            (i.role, i.over_time, i.span, i.is_flow, i.own, i.ago, i.by_choice) for i in self.inputs
        )
        return (self.shape, inputs, self.comparator)


def find_indicator(catalog: Catalog, code: str) -> Indicator:
    """Return an indicator; an unknown code raises with the nearest known one."""
    if code not in catalog.indicators:
        msg = f"unknown indicator '{code}'{nearest(code, catalog.indicators)}"
        raise ValueError(msg)
    return catalog.indicators[code]


def make_plan(catalog: Catalog, code: str) -> Plan:
    """Return the plan of an indicator of the catalogue."""
    item = find_indicator(catalog, code)
    if item.kind == "yoy":
        comparator = COMPARATOR_OF_BASE[item.base]
        first = find_indicator(catalog, item.numerator[0])
        if len(item.numerator) == 1 and not first.is_measure:
            inner = make_plan(catalog, first.code)
            return Plan(item, inner.shape, inner.inputs, comparator)
        return Plan(item, "sum", _inputs(catalog, "num", item.numerator), comparator)
    if item.is_measure:
        return _measure_plan(catalog, item)
    if item.weighted_by:
        return Plan(item, "mean", _weighted(catalog, item.numerator[0], item.weighted_by))
    inputs = _inputs(catalog, "num", item.numerator)
    if not item.denominator:
        return Plan(item, "sum", inputs)
    shape = item.kind if item.kind in ("annualised", "difference") else "ratio"
    below = (replace(i, ago=item.ago) for i in _inputs(catalog, "den", item.denominator))
    return Plan(item, shape, (*inputs, *below))


def widest_plan(catalog: Catalog, code: str) -> Plan:
    """Return the plan of a pooled standard deviation as it can be at most."""
    return replace(make_plan(catalog, code), shape="widest")


def _measure_plan(catalog: Catalog, item: Indicator) -> Plan:
    """Return the plan of a measure shown under its own code."""
    measure = catalog.measures[item.code]
    if measure.roll == "wmean":
        return Plan(item, "mean", _weighted(catalog, item.code, measure.roll_by[0]))
    if measure.roll == "pooled_sd":
        weight, mean = measure.roll_by
        inputs = (
            _input(catalog, "value", item.code),
            _input(catalog, "weight", weight),
            _input(catalog, "mean", mean),
        )
        return Plan(item, "spread", inputs)
    return Plan(item, "sum", _inputs(catalog, "num", (item.code,)))


def _weighted(catalog: Catalog, score: str, weight: str) -> tuple[Input, ...]:
    """Return the inputs of a mean: the score and its n, both taken as the score is over time."""
    value = _input(catalog, "value", score)
    count = _input(catalog, "weight", weight)
    return (value, Input("weight", weight, value.over_time, count.span, count.is_flow, value.own))


def _inputs(catalog: Catalog, role: str, codes: Iterable[str]) -> tuple[Input, ...]:
    """Return the inputs of one side of a formula."""
    return tuple(_input(catalog, role, code) for code in codes)


def _input(catalog: Catalog, role: str, code: str) -> Input:
    """Return one measure as an input."""
    if code not in catalog.measures:
        msg = f"'{code}' is not a measure{nearest(code, catalog.measures)}"
        raise ValueError(msg)
    measure = catalog.measures[code]
    is_flow = measure.kind != "stock"
    own = measure.roll == "none"
    by_choice = measure.absent == "optional"
    span = SPAN[measure.frequency]
    return Input(role, code, measure.over_time, span, is_flow, own, by_choice=by_choice)


def measures_of(catalog: Catalog, indicators: Iterable[str]) -> list[str]:
    """Return every measure that a question about these indicators reads, targets included."""
    found: dict[str, None] = {}
    waiting = list(indicators)
    seen: set[str] = set()
    while waiting:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        item = find_indicator(catalog, code)
        found |= dict.fromkeys(make_plan(catalog, code).measures)
        waiting += [target.indicator for target in item.targets if target.indicator]
    return sorted(found)
