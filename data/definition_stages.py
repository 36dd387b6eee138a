"""Which amounts are stages of one flow of money, and which rates hold between them?"""

from collections.abc import Mapping
from pathlib import Path

from data.definition_bureau import parse_text
from data.definition_text import EMPTY
from data.definition_types import Chain, Indicator, Measure, StageShare
from data.parse import (
    Place,
    check_keys,
    complain,
    gathered,
    read_toml,
    take,
    take_word,
    take_words,
    wrong,
)
from data.periods import SPAN

FILE = "stages.toml"
LONGEST = 36


def read_stages(
    folder: Path, measures: Mapping[str, Measure], indicators: Mapping[str, Indicator]
) -> dict[str, Chain]:
    """Return the chains of stages.toml by code; a bureau may have none."""
    path = folder / FILE
    if not path.exists():
        return {}
    found: dict[str, Chain] = {}
    problems: list[str] = []
    for code, table in read_toml(path, FILE).items():
        place = Place(FILE, code)
        with gathered(problems):
            if not isinstance(table, dict):
                wrong(place, f"expected a table [{code}], found {table!r}")
            found[code] = _chain(code, table, place, measures, indicators)
    complain(problems)
    return found


def chain_of(chains: Mapping[str, Chain], code: str) -> Chain | None:
    """Return the chain in which an indicator stands, as a stage or as a rate; None for none."""
    for chain in chains.values():
        if code in chain.measures or code in (rate.indicator for rate in chain.rates):
            return chain
    return None


def _chain(
    code: str,
    table: dict,
    place: Place,
    measures: Mapping[str, Measure],
    indicators: Mapping[str, Indicator],
) -> Chain:
    """Return one chain."""
    check_keys(table, place, ("name", "stages", "rates"), ("beside", "longest_lag", "caveats"))
    stages = take_words(table, "stages", place, measures)
    beside = take_words(table, "beside", place, measures, ())
    if len(stages) < 2 or len({*stages, *beside}) < len(stages) + len(beside):
        wrong(place.at("stages"), "expected two or more different measures, each once")
    for one in (*stages, *beside):
        item, first = measures[one], measures[stages[0]]
        if item.kind != "count" or item.roll != "sum":
            wrong(place, f"'{one}' is no amount that is added up over months and units")
        if (item.unit, item.frequency) != (first.unit, first.frequency):
            wrong(place, f"'{one}' has another unit or frequency than '{first.code}'")
    lag = take(table, "longest_lag", int, place, 12)
    step = SPAN[measures[stages[0]].frequency]
    if not 0 <= lag <= LONGEST or lag % step:
        here = place.at("longest_lag")
        wrong(here, f"expected 0 to {LONGEST} months in steps of {step}, found {lag}")
    return Chain(
        code=code,
        name=parse_text(table, "name", place),
        stages=stages,
        beside=beside,
        rates=tuple(
            _rate(entry, place.at("rates").at(number), stages, indicators)
            for number, entry in enumerate(take(table, "rates", list, place))
        ),
        longest_lag=lag,
        caveats=parse_text(table, "caveats", place, EMPTY),
    )


def _rate(
    entry: dict, place: Place, stages: tuple[str, ...], indicators: Mapping[str, Indicator]
) -> StageShare:
    """Return one rate: a later stage as a share of an earlier one."""
    check_keys(entry, place, ("part", "of"), ("indicator", "name"))
    part = take_word(entry, "part", stages, place)
    of = take_word(entry, "of", stages, place)
    if stages.index(part) <= stages.index(of):
        wrong(place, f"'{part}' does not come after '{of}' in the stages")
    code = take_word(entry, "indicator", indicators, place, "")
    if not code:
        return StageShare(part, of, parse_text(entry, "name", place))
    item = indicators[code]
    if (item.kind, item.numerator, item.denominator) != ("ratio", (part,), (of,)):
        wrong(place.at("indicator"), f"'{code}' is not {part} ÷ {of}")
    return StageShare(part, of, parse_text(entry, "name", place, item.name), code)
