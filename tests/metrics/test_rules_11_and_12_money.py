"""Rules 11 and 12: stages of money are never added, clearance over 100 %, units of money."""

import pytest

from data.catalog import load_catalog
from metrics.plan import make_plan
from metrics.rounding import format_value
from metrics.words import shows_parts, value_with_parts
from tests.metrics.small import figure, value

CATALOG = load_catalog()
MONEY = [code for code, item in CATALOG.measures.items() if item.value_type == "money"]


def test_no_indicator_adds_stages_of_money():
    for item in CATALOG.indicators.values():
        plan = make_plan(CATALOG, item.code)
        for role in ("num", "den"):
            side = [i.measure for i in plan.inputs if i.role == role]
            stages = [code for code in side if code in MONEY]
            assert len(stages) <= 1, f"{item.code} adds {stages}"


def test_recovered_funds_and_telecom_fraud_are_not_mixed():
    for item in CATALOG.indicators.values():
        codes = {part for i in make_plan(CATALOG, item.code).inputs for part in [i.measure]}
        families = {code.split("_")[0] for code in codes if code in MONEY}
        assert not {"rec", "fraud"} <= families, item.code


def test_a_clearance_rate_over_a_hundred_is_shown_with_its_parts():
    table = {"crim_cleared": {"a1": {"2024-10": 45}}, "crim_recorded": {"a1": {"2024-10": 40}}}
    row = figure(table, "d_crim_clear_rate", "a1", "2024-10")
    item = CATALOG.indicators["d_crim_clear_rate"]
    assert row["value"] == 112.5
    assert shows_parts(row, item)
    assert value_with_parts(row, item, "zh") == "112.5%（45/40）"
    assert value_with_parts(row, item, "en") == "112.5% (45/40)"


def test_so_is_a_share_on_a_small_base_and_no_other():
    item = CATALOG.indicators["d_crim_clear_rate"]
    table = {"crim_cleared": {"a1": {"2024-10": 4}}, "crim_recorded": {"a1": {"2024-10": 9}}}
    assert shows_parts(figure(table, "d_crim_clear_rate", "a1", "2024-10"), item)
    table = {"crim_cleared": {"a1": {"2024-10": 40}}, "crim_recorded": {"a1": {"2024-10": 90}}}
    assert not shows_parts(figure(table, "d_crim_clear_rate", "a1", "2024-10"), item)


def test_money_is_kept_to_the_yuan_and_printed_as_defined():
    table = {"fraud_loss_amount": {"a1": {"2024-09": 1234.5678, "2024-10": 0.0001}}}
    total = value(table, "fraud_loss_amount", "a", "2024-10", "ytd")
    assert total == 1234.5679
    assert format_value(total, CATALOG.indicators["fraud_loss_amount"], "zh") == "1,234.6 万元"


@pytest.mark.parametrize("code", MONEY)
def test_money_takes_four_decimals_in_ten_thousand_yuan(code):
    assert CATALOG.measures[code].decimals == 4
    assert CATALOG.measures[code].unit.zh == "万元"
