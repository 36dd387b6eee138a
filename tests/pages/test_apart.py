"""Districts and Indicator: are units told apart honestly, and changes taken apart in words?"""

import pytest

from tests.pages.test_pages import Open, open_page, words

__all__ = ["open_page"]
OCTOBER = {"period": "2024-10", "unit": "yz"}


@pytest.mark.parametrize(
    ("indicator", "lang", "expected"),
    [
        ("d_calls_valid_per10k", "zh", ["各单位高低本有差别，但没有单位格外突出",
                                        "分母是规模，不随机", "正常范围已按此放宽：只论偶然，"]),
        ("d_crim_clear_rate", "zh", ["分子、分母各自计数，可超过 100%"]),
        ("d_arrive_5min_rate", "en", ["the numerator is taken as part of the denominator",
                                      "times as far apart as chance alone would put them",
                                      # Beyond what is customary for one unit, but not named.
                                      "Units differ from each other, but none of them stands",
                                      "Below 95%, within usual range"]),
        ("calls_theft", "en", ["Each unit on its own normal range"]),
    ],
)  # fmt: skip
def test_a_funnel_says_how_far_units_differ(
    open_page: Open, indicator: str, lang: str, expected: list[str]
) -> None:
    said = words(open_page("districts", indicator=indicator, lang=lang, **OCTOBER))
    for text in expected:
        assert text in said


def test_without_ranges_nothing_is_said_to_be_inside_them(open_page: Open) -> None:
    query = {"unit": "yz", "period": "2024-09", "window": "quarter"}
    said = words(open_page("districts", indicator="pub_safety_score", **query))
    assert "没有自身正常范围可依，高低不作判读" in said
    assert "没有单位超出自身正常范围" not in said
    assert "没有单位的变化可辨" not in said


def test_who_is_not_judged_is_not_said_to_be_alike(open_page: Open) -> None:
    """Of 126 stations three have twenty cases in a month; of the others nothing is known."""
    query = OCTOBER | {"indicator": "d_crim_clear_rate", "level": "station"}
    said = words(open_page("districts", lang="en", **query))
    assert "Only 3 of 126 units can be read. No unit can be told" in said
    said = words(open_page("districts", window="ytd", **query))
    assert "个单位中只有" not in said
    assert "，另有 1 个单位新设、撤销或辖区有变，不判读" in said


def test_a_rate_is_taken_apart_by_own_rate_and_share(open_page: Open) -> None:
    query = OCTOBER | {"window": "ytd"}
    said = words(open_page("indicator", indicator="d_crim_clear_rate", lang="en", **query))
    assert "Who made the change" in said
    assert "its own rate" in said
    assert "In all: own rates" in said
    assert "Which categories made the change" in said
    assert "Backlog clearances explains" in said


def test_a_count_of_a_station_has_categories_but_no_units(open_page: Open) -> None:
    query = OCTOBER | {"unit": "yz0101"}
    said = words(open_page("indicator", indicator="calls_valid", **query))
    assert "各类别对变化的贡献" in said
    assert "各单位对增减的贡献" not in said
    assert "合计变化不显著，各行只供了解，不必追问。" in said  # of its categories


def test_usual_variation_needs_no_cause(open_page: Open) -> None:
    said = words(open_page("indicator", indicator="d_crim_clear_rate", **OCTOBER))
    assert "合计变化不显著，各行只供了解，不必追问。" in said
