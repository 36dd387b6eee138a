"""Do the worked examples hold, and does each of them notice a definition changed on purpose?"""

from dataclasses import replace

import pytest

from data.catalog import Catalog, Indicator, Measure, load_catalog
from metrics.examples import all_examples, check_examples, example_catalog, run_examples

CATALOG = load_catalog()
DERIVED = [item.code for item in CATALOG.derived()]
OTHER_ROLL = {"sum": "none", "none": "sum", "wmean": "sum", "pooled_sd": "wmean"}
OTHER_TIME = {"sum": "last", "last": "sum", "none": "sum"}
# Months of one window only: nothing is taken over time, so nothing can be taken wrongly.
ONE_MONTH = {"month", "wave"}


def with_indicator(code: str, **changes: object) -> Catalog:
    changed = replace(CATALOG.indicators[code], **changes)
    return replace(CATALOG, indicators={**CATALOG.indicators, code: changed})


def with_measure(code: str, **changes: object) -> Catalog:
    changed = replace(CATALOG.measures[code], **changes)
    return replace(CATALOG, measures={**CATALOG.measures, code: changed})


def taken_wrongly(code: str) -> Catalog:
    """Return a catalogue in which a measure is taken over time in another way."""
    over_time = OTHER_TIME[CATALOG.measures[code].over_time]
    kind = "count" if CATALOG.measures[code].kind == "stock" else CATALOG.measures[code].kind
    return with_measure(code, over_time=over_time, kind=kind)


def examples_of(code: str) -> list:
    return [example for example in all_examples(CATALOG) if example.indicator == code]


def notices(changed: Catalog, code: str) -> bool:
    """Return whether an example of an indicator fails under a changed catalogue."""
    return not all(outcome.holds for outcome in run_examples(changed, examples_of(code)))


def inputs(item: Indicator) -> list[Measure]:
    """Return the measures that a derived indicator is computed from, through another one too."""
    codes = dict.fromkeys((*item.numerator, *item.denominator))
    if any(code not in CATALOG.measures for code in codes):
        return inputs(CATALOG.indicators[item.numerator[0]])
    return [CATALOG.measures[code] for code in codes]


def test_every_indicator_has_an_example_and_every_example_holds() -> None:
    covered = {example.indicator for example in all_examples(CATALOG)}
    assert covered == set(CATALOG.indicators)
    assert check_examples(CATALOG) == []


@pytest.mark.parametrize("code", DERIVED)
def test_a_changed_formula_fails_an_example(code: str) -> None:
    item = CATALOG.indicators[code]
    assert notices(with_indicator(code, scale=item.scale * 10), code)
    if item.kind == "yoy":
        other = {"same_period": "prev", "prev": "same_period"}[item.base]
        assert notices(with_indicator(code, base=other), code)
    else:
        swapped = {"numerator": item.denominator, "denominator": item.numerator}
        assert notices(with_indicator(code, **swapped), code)
    for side in ("numerator",) if item.kind == "yoy" else ("numerator", "denominator"):
        terms = getattr(item, side)
        if len(terms) > 1:
            assert notices(with_indicator(code, **{side: terms[1:]}), code)
            assert notices(with_indicator(code, **{side: terms[:-1]}), code)


@pytest.mark.parametrize("code", DERIVED)
def test_an_input_added_up_wrongly_fails_an_example(code: str) -> None:
    item = CATALOG.indicators[code]
    for measure in inputs(item):
        # the terms of one side are rolled up alike (another mixture is refused at load)
        side = item.numerator if measure.code in item.numerator else item.denominator
        terms = side if measure.code in side else (measure.code,)
        rolled = {
            term: replace(CATALOG.measures[term], roll=OTHER_ROLL[measure.roll]) for term in terms
        }
        changed = replace(CATALOG, measures={**CATALOG.measures, **rolled})
        assert notices(changed, code), f"{terms} {OTHER_ROLL[measure.roll]}"
        carried = measure.frequency == "A" or set(item.windows) == {"quarter"}
        if not (set(item.windows) <= ONE_MONTH or carried):
            assert notices(taken_wrongly(measure.code), code), measure.code


@pytest.mark.parametrize("code", list(CATALOG.measures))
def test_a_measure_added_up_wrongly_fails_an_example(code: str) -> None:
    measure = CATALOG.measures[code]
    assert notices(with_measure(code, roll=OTHER_ROLL[measure.roll]), code)
    whole = {"M": "month", "Q": "quarter", "H": "half", "A": "year"}[measure.frequency]
    if any(example.window not in (whole, "wave") for example in examples_of(code)):
        assert notices(taken_wrongly(code), code)


def test_an_example_says_what_it_found() -> None:
    changed = with_indicator("d_valid_call_share", scale=1.0)
    outcome = run_examples(changed, examples_of("d_valid_call_share"))[0]
    assert outcome.words == "d_valid_call_share (a 2024-05 quarter): expected 20.0, found 0.2"


def test_a_catalogue_without_a_tree_says_so() -> None:
    with pytest.raises(ValueError, match="gives no tree of units"):
        example_catalog(replace(CATALOG, example_units=()))
