"""What part of an item's value may be chance, by the kind of thing that was counted."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from data.catalog import load_catalog
from data.periods import months_between
from data.schema import FACTS, conform
from metrics.cube import build_cube
from metrics.score_error import Parts, draw_values, noise_of, window_spread

CATALOG = load_catalog()
SEPTEMBER = dt.date(2024, 9, 1)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("d_calls_theft_yoy", "count"),
        ("d_arrive_5min_rate", "share"),
        ("pub_safety_score", "survey"),
        ("d_fraud_loss_yoy", "months"),
        ("d_community_hours_share", "months"),
        ("d_response_avg", "months"),
        ("d_community_share", "none"),
        ("gov_dispatch_held", "count"),
    ],
)
def test_the_kind_of_chance_follows_from_what_is_counted(code: str, kind: str) -> None:
    assert noise_of(CATALOG.indicators[code], CATALOG) == kind


def drawn(
    code: str, numerator: float, denominator: float, value: float, spread: float = 0
) -> tuple:
    """Return mean and standard deviation of many draws of one unit's value."""
    parts = Parts(*(np.array([x], dtype=float) for x in (numerator, denominator, value, spread)))
    values = draw_values(parts, CATALOG.indicators[code], CATALOG, ["seed"], draws=20_000)
    return float(values.mean()), float(values.std())


def test_a_share_varies_as_counting_does() -> None:
    mean, deviation = drawn("d_arrive_5min_rate", 270, 300, 90)
    assert mean == pytest.approx(90, abs=0.05)
    assert deviation == pytest.approx(100 * np.sqrt(0.9 * 0.1 / 300), rel=0.02)
    assert drawn("d_arrive_5min_rate", 300, 300, 100) == (100, 0)


def test_a_change_of_counts_varies_on_both_sides() -> None:
    # 400 against 500: relative variance 1/400 + 1/500, times 0.8 squared.
    _, deviation = drawn("d_calls_valid_yoy", 400, 500, -20)
    assert deviation == pytest.approx(80 * np.sqrt(1 / 400 + 1 / 500), rel=0.03)


def test_a_survey_mean_varies_at_most_as_its_range_allows() -> None:
    _, deviation = drawn("pub_safety_score", 5400, 60, 90)
    assert deviation == pytest.approx(np.sqrt(90 * 10 / 60), rel=0.05)


def test_a_staffing_share_is_no_matter_of_chance() -> None:
    assert drawn("d_community_share", 11, 25, 44) == (44, 0)


def test_a_missing_value_stays_missing() -> None:
    parts = Parts(*(np.array([np.nan]) for _ in range(4)))
    values = draw_values(parts, CATALOG.indicators["d_qa_pass_rate"], CATALOG, ["seed"])
    assert np.isnan(values).all()


def test_amounts_vary_as_the_units_own_months_do() -> None:
    months = months_between(dt.date(2023, 10, 1), SEPTEMBER)
    losses = [10.0, 30.0] * 6
    rows = [
        {
            "measure": "fraud_loss_amount", "definition": 1, "unit": "yz0101", "period": month,
            "value": loss, "status": "final", "submission": "s", "sheet": "", "cell": "",
            "vintage": dt.datetime(2024, 10, 9, tzinfo=dt.UTC),
        }
        for month, loss in zip(months, losses, strict=True)
    ]  # fmt: skip
    cube = build_cube(conform(pl.DataFrame(rows), FACTS), CATALOG)
    indicator = CATALOG.indicators["fraud_loss_amount"]
    # Twelve months at 20 ± 10: variance 1200/11 a month, three months in the quarter.
    spread = window_spread(cube, CATALOG, indicator, ["yz0101"], SEPTEMBER, "quarter")
    assert spread == pytest.approx([3 * 1200 / 11])
    _, deviation = drawn("fraud_loss_amount", 70, np.nan, 70, float(spread[0]))
    assert deviation == pytest.approx(np.sqrt(3 * 1200 / 11), rel=0.03)
