"""Do conditions follow the null rule, the tolerance and the calendar, and agree with Polars?"""

import datetime as dt

import numpy as np
import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from data.catalog import load_catalog
from data.checks.context import VALUES, Hierarchy, see
from data.checks.evaluate import Evaluator
from data.checks.grammar import parse_rule
from data.checks.past import recall_facts
from data.checks.rules import bound_checks, failing
from data.periods import add_months
from data.schema import conform
from tests.data.checks.by_polars import Compiler, failing_by_polars
from tests.data.checks.by_polars_frame import add_medians, lagged_frame

PERIOD = dt.date(2024, 10, 1)
CATALOG = load_catalog()
PAST = {"unit": pl.String, "measure": pl.String, "period": pl.Date, "value": pl.Float64}
Months = dict[str, dict[str, float | None]]


def frames(months: Months, period: dt.date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the values of a month and those before it."""
    now = f"{period:%Y-%m}"
    blank = dict.fromkeys(VALUES.names())
    here = [blank | {"unit": "u", "measure": m, "value": v} for m, v in months.get(now, {}).items()]
    before = [
        ("u", m, dt.date(int(p[:4]), int(p[5:]), 1), v)
        for p, cells in months.items()
        if p != now
        for m, v in cells.items()
    ]
    values = conform(pl.DataFrame(here, schema=VALUES), VALUES)
    return values, pl.DataFrame(before, schema=PAST, orient="row")


def holds(rule: str, months: Months, period: dt.date = PERIOD, **options: object) -> bool | None:
    """Return whether a rule holds for a unit given its values by month; both ways must agree."""
    (clause,) = parse_rule(rule)
    values, history = frames(months, period)
    hierarchy = Hierarchy({}, {}, {"u": options.get("opened")})
    start, steps = int(options.get("year_start", 1)), options.get("steps", {})
    few = {"few": ("a", "b", "c")}
    compiler = Compiler(period.month, start, steps, few)
    condition = compiler.condition(clause.condition)
    frame = lagged_frame(values, history, period, ["u"], compiler.needed, hierarchy)
    for level in compiler.medians:
        frame = add_medians(frame, level)
    expected = frame.select(condition).item()
    pairs = {(measure, lag) for measure, lag, part in compiler.needed if measure}
    recall = recall_facts(history, CATALOG)
    seen = see(values, recall, period, ["u"], pairs, hierarchy)
    evaluator = Evaluator(
        period.month, start, steps, few, seen.look, seen.months_open(), seen.said
    )  # fmt: skip
    with np.errstate(all="ignore"):
        value = evaluator.condition(clause.condition).item()
    found = None if np.isnan(value) else bool(value)
    assert found is expected
    return found


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        ("a == b + c", {"a": 3, "b": 1, "c": 2}, True),
        ("a == b + c", {"a": 3, "b": 1, "c": None}, None),
        ("a == b", {"a": 0.3, "b": 0.1 + 0.2}, True),
        ("a <= b <= c", {"a": 1, "b": None, "c": 2}, True),
        ("a <= b <= c", {"a": 3, "b": None, "c": 2}, False),
        ("a <= b <= c", {"a": 3, "b": None, "c": None}, None),
        ("5 <= a <= 480", {"a": None}, None),
        ("5 <= a <= 480", {"a": 500}, False),
        ("a > 0 => b > 0", {"a": 1, "b": 0}, False),
        ("a > 0 => b > 0", {"a": 0, "b": 0}, True),
        ("a > 0 => b > 0", {"a": 0, "b": None}, None),
        ("a / b >= 0.5", {"a": 1, "b": 0}, None),
        ("has(a) == has(b)", {"a": 1, "b": None}, False),
        ("coalesce(a, b) == 2", {"a": None, "b": 2}, True),
        ("max(0, a) == 0", {"a": -2}, True),
        ("max(0, a) == 0", {"a": None}, None),
        ("not (a < 1)", {"a": 2}, True),
        ("count(x in few: x >= 5) < 2", {"a": 6, "b": 7, "c": None}, False),
        ("a - -1 == 2", {"a": 1}, True),
        ("month() == 10 or a > 0", {"a": 0}, True),
    ],
)
def test_a_condition_over_one_month(
    rule: str, values: dict[str, float | None], expected: bool | None
) -> None:
    assert holds(rule, {"2024-10": values}) is expected


def test_year_to_date_adds_from_january_and_needs_every_month() -> None:
    months = {f"2024-{m:02}": {"a": 1.0} for m in range(1, 11)}
    assert holds("ytd(a) == 10", months) is True
    del months["2024-04"]
    assert holds("ytd(a) == 10", months) is None


def test_a_unit_that_opened_in_september_owes_two_months() -> None:
    months = {"2024-09": {"a": 3.0}, "2024-10": {"a": 4.0}}
    assert holds("ytd(a) == 7", months, opened=dt.date(2024, 9, 1)) is True


def test_a_financial_year_starts_in_april() -> None:
    months = {f"2024-{m:02}": {"a": 1.0} for m in range(1, 11)}
    assert holds("ytd(a) == 7", months, year_start=4) is True


def test_the_previous_period_of_a_quarterly_measure_is_three_months_back() -> None:
    months = {"2024-06": {"a": 5.0}, "2024-08": {"a": 9.0}, "2024-09": {"a": 6.0}}
    assert holds("a == prev(a) + 1", months, dt.date(2024, 9, 1), steps={"a": 3}) is True


def test_last_year_to_date_stops_at_the_same_month() -> None:
    months = {f"2023-{m:02}": {"a": 1.0} for m in range(1, 13)} | {"2024-10": {"a": 0.0}}
    assert holds("same_period(ytd(a)) == 10", months) is True


def test_a_median_needs_six_periods_and_skips_this_one() -> None:
    past = {"2024-09": 1.0, "2024-08": 2.0, "2024-07": 3.0, "2024-06": 4.0, "2024-05": 5.0}
    months: dict[str, dict[str, float | None]] = {p: {"a": v} for p, v in past.items()}
    months["2024-10"] = {"a": 100.0}
    assert holds("median12(a) == 3", months) is None
    months["2024-04"] = {"a": 60.0}
    assert holds("median12(a) == 3.5", months) is True
    assert holds("mad12(a) == 1.5", months) is True


SEASONAL = {"season", "expected", "surprise"}
CHECKS = [
    c for c in bound_checks(CATALOG, with_form_clauses=False) if not c.calls & SEASONAL
]  # fmt: skip
FAMILY = Hierarchy(
    {"p": ("p-own", "a", "q"), "q": ("b",)},
    {"p": "p-own"},
    {"a": None, "b": dt.date(2024, 9, 1), "p-own": dt.date(2022, 5, 1), "p": None, "q": None},
)
FAMILY_UNITS = ["p", "p-own", "a", "q", "b"]


def random_return(seed: int, period: dt.date) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return values of a month and up to four years before it: with gaps, noughts and repeats."""
    random = np.random.default_rng(seed)
    codes = sorted(CATALOG.measures)
    codes = [code for code in codes if random.random() < random.choice([0.3, 0.9, 1.0])]
    level = dict(zip(codes, random.choice([0.0, 1.0, 6.0, 80.0], len(codes)), strict=True))

    def number(code: str) -> float | None:
        if random.random() < 0.1:
            return None
        drawn = random.poisson(level[code]) * random.choice([1.0, 1.0, 1.0, 5.0])
        return float(drawn) if random.random() < 0.9 else float(drawn) / 7

    blank = dict.fromkeys(VALUES.names())
    here, before = [], []
    for unit in FAMILY_UNITS:
        for code in codes:
            value = number(code)
            if random.random() < 0.9:
                printed = number(code) if random.random() < 0.3 else None
                cell = {"unit": unit, "measure": code, "value": value}
                here.append(blank | cell | {"reported_ytd": printed})
            is_steady = random.random() < 0.2
            for back in range(49):
                past = value if is_steady else number(code)
                if past is not None and random.random() < 0.95:
                    before.append((unit, code, add_months(period, -back), past))
    values = conform(pl.DataFrame(here, schema=VALUES), VALUES)
    return values, pl.DataFrame(before, schema=PAST, orient="row")


@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    seed=st.integers(0, 10**6),
    period=st.sampled_from([dt.date(2024, m, 1) for m in (1, 2, 3, 9, 10, 12)]),
)
def test_random_returns_fail_as_polars_finds(seed: int, period: dt.date) -> None:
    values, history = random_return(seed, period)
    asked = (CHECKS, values, history, period, FAMILY_UNITS, CATALOG, FAMILY)
    expected = failing_by_polars(*asked)
    place = {id(check): number for number, check in enumerate(CHECKS)}
    found = [(place[id(f.check)], f.unit, dict(f.quantities)) for f in failing(*asked)]
    assert [f[:2] for f in found] == [e[:2] for e in expected]
    assert len(expected) > 10
    for (_, _, seen), (_, _, wanted) in zip(found, expected, strict=True):
        assert list(seen) == list(wanted)
        assert list(seen.values()) == pytest.approx(list(wanted.values()), nan_ok=True)
