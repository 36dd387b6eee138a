"""Do the rules say which measures add up, and which are a part of another?"""

from dataclasses import replace

from data.catalog import load_catalog
from data.totals import Total, is_part, total_of

CATALOG = load_catalog()


def stated(*expressions: str, severity: str = "mandatory"):
    """Return the default definitions with other rules."""
    rule = CATALOG.rules[0]
    rules = tuple(
        replace(rule, code=f"T{n}", expression=text, severity=severity)
        for n, text in enumerate(expressions)
    )
    return replace(CATALOG, rules=rules, digest=f"{expressions}{severity}")


def test_an_equation_names_all_parts_and_a_bound_some() -> None:
    assert total_of(CATALOG, "calls_total") == Total(("calls_valid", "calls_invalid"), True)
    parts = ("crim_economic_recorded", "fraud_recorded")
    assert total_of(CATALOG, "crim_recorded") == Total(parts, False)
    assert total_of(CATALOG, "calls_theft") is None
    turned = stated("calls_valid + calls_invalid == calls_total")
    assert total_of(turned, "calls_total") == Total(("calls_valid", "calls_invalid"), True)


def test_all_parts_are_better_than_some_and_more_than_fewer() -> None:
    found = stated(
        "calls_help + calls_other <= calls_valid",
        "calls_valid == calls_help + calls_traffic",
        "calls_valid == calls_help + calls_traffic + calls_other",
    )
    wanted = ("calls_help", "calls_traffic", "calls_other")
    assert total_of(found, "calls_valid") == Total(wanted, True)


def test_balances_over_time_and_conditions_part_nothing() -> None:
    balance = "crim_open_end == prev(crim_open_end) + crim_recorded - crim_cleared"
    assert total_of(stated(balance), "crim_open_end") is None
    assert total_of(stated("has(calls_help) => calls_valid == calls_help + calls_other"),
                    "calls_valid") is None  # fmt: skip
    question = stated("calls_valid == calls_help + calls_other", severity="query")
    assert total_of(question, "calls_valid") is None


def test_a_part_of_a_part_is_a_part() -> None:
    assert is_part(CATALOG, ["calls_arrived_1min"], ["calls_dispatch_urgent"])
    assert is_part(CATALOG, ["calls_theft"], ["calls_public_order", "calls_criminal"])
    assert is_part(CATALOG, ["calls_help"], ["calls_total"])
    assert not is_part(CATALOG, ["calls_total"], ["calls_help"])
    assert not is_part(CATALOG, ["crim_cleared"], ["crim_recorded"])
    assert not is_part(CATALOG, [], ["crim_recorded"])


def test_what_holds_of_a_year_to_date_is_not_held_against_a_month() -> None:
    assert is_part(stated("ytd(calls_help) <= ytd(calls_valid)"), ["calls_help"], ["calls_valid"])
    assert not is_part(stated("calls_help <= ytd(calls_valid)"), ["calls_help"], ["calls_valid"])
    assert is_part(stated("calls_valid >= calls_help"), ["calls_help"], ["calls_valid"])
