"""What is said of units that were not there all the time, in both languages."""

import pytest

from metrics.structure_told import alike, tell, told_words
from metrics.words import change_short, change_words
from tests.metrics.small import catalog, m
from tests.metrics.structure import bureau, changes, on
from tests.metrics.test_rules_7_structure import CHANGED, FILED, MATCHED, NOW, THEN

THEFT = catalog().indicators["calls_theft"]


def said(cube, unit: str, month: str, window: str = "ytd", name: str | None = "yoy") -> list[tuple]:
    """Return the Chinese and English sentences of one unit."""
    found = tell(cube, "calls_theft", [unit], m(month), window, name)
    return [
        tuple(told_words(told, lambda code: code, lang) for lang in ("zh", "en")) for told in found
    ]


@pytest.mark.parametrize(
    ("cube", "unit", "month", "window", "zh", "en"),
    [
        (
            THEN,
            "a2",
            "2024-06",
            "ytd",
            "a2 2024-03 起设立，本期 6 个月中只含 4 个月",
            "a2 opened in 2024-03: this period holds 4 of its 6 months",
        ),
        (
            THEN,
            "a2",
            "2025-06",
            "ytd",
            "a2 2024-03 起设立，上年同期 6 个月中只含 4 个月",
            "a2 opened in 2024-03: the same period last year holds 4 of its 6 months",
        ),
        (
            THEN,
            "a2",
            "2024-06",
            "month",
            "a2 2024-03 起设立，上年同期尚无此单位",
            "a2 opened in 2024-03: it was not there yet in the same period last year",
        ),
        (
            THEN,
            "a3",
            "2024-06",
            "ytd",
            "a3 2024-04 起撤销，本期 6 个月中只含 3 个月",
            "a3 closed in 2024-04: this period holds 3 of its 6 months",
        ),
        (
            THEN,
            "a3",
            "2024-06",
            "month",
            "a3 2024-04 起撤销，本期已无此单位",
            "a3 closed in 2024-04: it is no longer there in this period",
        ),
        (
            THEN,
            "a2",
            "2024-06",
            "rolling12",
            "a2 2024-03 起设立，本期只有 4 个月，不满 12 个月，不列近12个月数",
            "a2 opened in 2024-03: this period holds 4 months of it, rolling years need twelve",
        ),
        (
            THEN,
            "a",
            "2024-06",
            "ytd",
            "a 2024-04 起划入b1，前后辖区不同，变化不作判读",
            "a gained b1 in 2024-04: not the same area before and after, so changes are not read",
        ),
        (
            THEN,
            "b",
            "2024-06",
            "ytd",
            "b 2024-04 起划出b1，前后辖区不同，变化不作判读",
            "b lost b1 in 2024-04: not the same area before and after, so changes are not read",
        ),
        (
            NOW,
            "b2",
            "2024-06",
            "ytd",
            "b2 2024-07 起撤销，按现行区划其数归承接单位",
            "b2 closed in 2024-07: on today's units its figures count for its successors",
        ),
    ],
)
def test_the_sentence(cube, unit, month, window, zh, en):
    assert said(cube, unit, month, window) == [(zh, en)]


def test_a_unit_that_lived_for_a_part_of_the_window_only():
    short = bureau("c\na | c\na1 | a\na2 | a | 2024-02 to 2024-05")
    cube = on("then", FILED.filter(FILED["unit"] == "a1"), short)
    assert [zh for zh, _ in said(cube, "a2", "2024-06")] == [
        "a2 2024-05 起撤销，本期 6 个月中只含 3 个月",
        "a2 2024-02 起设立，本期 6 个月中只含 3 个月",
    ]


def test_who_handed_over_to_whom():
    handed = bureau("c\na | c\na1 | a\nb | c\nb1 | b", "2024-04: a1 = a1 0.8 + b1 0.2")
    cube = on("then", FILED, handed)
    assert said(cube, "a", "2024-06")[0][0].startswith("a 2024-04 起有辖区划给b1，")
    assert said(cube, "b1", "2024-06")[0][1].startswith(
        "b1 took over all or part of a1 in 2024-04:"
    )
    assert said(cube, "a", "2024-03") == said(cube, "c", "2024-06") == []
    assert said(on("now", FILED, handed), "a", "2024-06") == []


def test_without_a_comparison_only_the_window_is_looked_at():
    assert said(THEN, "a2", "2025-06", name=None) == []
    assert said(THEN, "a2", "2024-06", "month", None) == []
    assert [zh for zh, _ in said(THEN, "a2", "2024-06", name=None)] == [
        "a2 2024-03 起设立，本期 6 个月中只含 4 个月"
    ]
    assert said(THEN, "c", "2024-06") == said(MATCHED, "a", "2024-06") == []


def test_many_units_are_counted():
    units = "\n".join(f"b{i} | b to 2024-04, a" for i in range(1, 6))
    cube = on("then", FILED.head(0), bureau(f"c\na | c\nb | c\na1 | a\nb9 | b\n{units}"))
    ((zh, en),) = said(cube, "a", "2024-06")
    assert zh.startswith("a 2024-04 起划入b1、b2、b3等 5 个单位，")
    assert en.startswith("a gained b1, b2, b3 and others (5 units) in 2024-04:")


def words_of(unit: str, month: str, window: str = "ytd", name: str = "yoy") -> tuple[str, str, str]:
    """Return a change as a phrase in both languages, and short."""
    row = changes(THEN, "calls_theft", unit, month, window, name)
    return (
        change_words(row, THEFT, "zh"),
        change_words(row, THEFT, "en"),
        change_short(row, THEFT, "zh"),
    )


def test_a_change_that_cannot_be_given_is_not_a_fall():
    assert words_of("a3", "2024-06") == (
        "期内撤销，两期月数不同，不作比较",
        "closed: the two periods do not hold the same months, no change is given",
        "已撤销",
    )
    assert words_of("a2", "2025-06")[2] == "新设"


def test_a_change_across_other_borders_is_given_and_called_nothing():
    zh, en, short = words_of("a", "2024-05", "month")
    assert zh == "同比上升 50.0%（上年同月 200 起）；其间辖区有变，不判读"
    assert (
        en == "up 50.0% on May 2023 (200 calls); its borders changed in between, so it is not read"
    )
    assert short == "+50.0%"
    few = on("then", FILED.with_columns(value=FILED["value"] / 100), CHANGED)
    row = changes(few, "calls_theft", "a", "2024-05")
    # Two against three: no percentage of so few, whatever else there is to say.
    assert change_short(row, THEFT, "zh") == "由2起升至3起"
    none = on(
        "then", FILED.with_columns(value=FILED["value"] * (FILED["period"] > m("2024-01"))), CHANGED
    )
    row = changes(none, "calls_theft", "a", "2024-05")
    assert (row["note"], change_short(row, THEFT, "en")) == ("structure", "No base")


def test_of_several_periods_it_is_said_once_since_when():
    words = {
        told_words(told, lambda code: code, lang, of_several=True)
        for month in ("2024-04", "2024-05", "2024-06")
        for told in tell(THEN, "calls_theft", ["a2", "a3"], m(month), "ytd", "yoy")
        for lang in ("zh", "en")
    }
    assert words == {
        "a2 2024-03 起设立",
        "a2 opened in 2024-03",
        "a3 2024-04 起撤销",
        "a3 closed in 2024-04",
    }


def test_one_indicator_speaks_for_all_that_ask_for_the_same_months():
    codes = ["calls_theft", "calls_valid", "staff_police", "calls_dispute"]
    assert alike(catalog(), codes) == ["calls_theft", "staff_police"]
