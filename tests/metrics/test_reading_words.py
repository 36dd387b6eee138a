"""Is there a plain sentence in both languages for every reading that a figure can have?"""

import datetime as dt
import itertools
import re
from collections.abc import Iterator

import polars as pl
import pytest

from data.catalog import load_catalog
from data.schema import NOTE, READING
from data.texts import text
from metrics.reading import KINDS
from metrics.reading_words import Behind, behind_points, is_quiet, reading_sentence
from metrics.words import signal_words

ITEMS = {way: next(i for i in load_catalog().indicators.values()
                   if i.direction == way and i.kind == kind)
         for way, kind in ((1, "ratio"), (-1, "count"), (0, "count"))}  # fmt: skip
OCTOBER = dt.date(2024, 10, 1)
BEHIND = [
    Behind(*parts)
    for parts in itertools.product(
        (False, True),
        (False, True),
        (False, True),
        (None, dt.date(2024, 3, 1)),
        (0, 2),
        (False, True),
    )
]


def row(signal: str = "none", side: int = 0, reading: str = "not_significant", **other) -> dict:
    known = {"period": OCTOBER, "value": 41.0, "mean": 50.0, "lower": 42.0, "upper": 58.0}
    counted = {"reading": reading, "signal": signal, "side": side, "run": 8, "chance": 0.001}
    return known | counted | other


def word(side: int, way: int) -> str:
    return {1: "better", -1: "worse", 0: "up" if side > 0 else "down"}[side * way]


def cases() -> list[tuple[int, dict, str]]:
    """Return every signal, side and direction, and every reading without a signal by its note."""
    found = []
    for way, signal, side in itertools.product(ITEMS, KINDS, (1, -1)):
        if signal != "none":
            found.append((way, row(signal, side, word(side, way)), "none"))
    for way, reading, note in itertools.product(ITEMS, READING, NOTE):
        if reading in ("none", "short_history", "not_significant"):
            found.append((way, row(reading=reading), note))
            found.append((way, row(reading=reading, value=None), note))
            found.append((way, row(reading=reading, lower=None, upper=None, mean=None), note))
    return found


def combinations() -> Iterator[tuple[int, dict, str, Behind]]:
    """Yield them with all that may stand behind a signal, with some of it where there is none."""
    for way, figure, note in cases():
        for behind in BEHIND if figure["signal"] != "none" else BEHIND[::21]:
            yield way, figure, note, behind


def test_every_reading_has_a_sentence_in_both_languages() -> None:
    told = 0
    for way, figure, note, behind in combinations():
        said = {
            lang: reading_sentence(figure, ITEMS[way], lang, behind, note) for lang in ("zh", "en")
        }
        for lang, sentence in said.items():
            assert sentence.endswith(text("readings.stop", lang)), sentence
            assert not re.search(r"[{}]|None|nan|readings\\.", sentence), sentence
            assert sentence.count("。" if lang == "zh" else ". ") <= 1
        assert re.search(r"[\u4e00-\u9fff]", said["zh"])
        assert not re.search(r"[\u4e00-\u9fff]", said["en"].replace(ITEMS[way].unit.en, ""))
        told += 1
    assert told > 1500


def test_every_signal_says_its_own_sentence_and_every_reading_its_own_meaning() -> None:
    for way, lang in itertools.product(ITEMS, ("zh", "en")):
        said = {
            (signal, side): reading_sentence(row(signal, side, word(side, way)), ITEMS[way], lang)
            for signal, side in itertools.product(KINDS[1:], (1, -1))
        }
        assert len(set(said.values())) == len(said)
        for (_, side), sentence in said.items():
            assert text(f"readings.meaning.{word(side, way)}", lang) in sentence


def test_every_signal_has_a_short_word_too() -> None:
    for signal, side, lang in itertools.product(KINDS[1:], (1, -1), ("zh", "en")):
        assert signal_words(row(signal, side), lang)


SINCE = Behind(since=dt.date(2024, 3, 1), gaps=1)


@pytest.mark.parametrize(
    ("figure", "behind", "note", "said"),
    [
        (row("outside", -1, "better"), Behind(), "none",
         "2024年10月 41起，低于正常范围下限 42起，属明显改善。"),
        (row("shift", -1, "better"), Behind(seasonal=True), "none",
         "连续 8 个月低于均值 50起，2024年10月 为 41起，属明显改善，"
         "正常范围已按各月的季节常态调整。"),
        (row("together", -1, "better", value=0.0), Behind(few=True, quiet=True), "none",
         "到 2024年10月 已连续 8 个月为零，按以往水平难以用偶然解释，属明显改善。"),
        (row(value=3.0, lower=0.0, upper=9.0, mean=3.1), Behind(few=True), "none",
         "2024年10月 3起；数少，0 – 9 都可能出于偶然，变化不显著。"),
        (row(value=None, reading="none"), Behind(), "missing_base",
         "2024年10月 没有数，不作判读。"),
        (row(reading="none"), Behind(), "structure",
         "2024年10月 41起；其间辖区有变，不作判读。"),
        (row("outside", 1, "worse", value=70.0), SINCE, "none",
         "2024年10月 70起，高于正常范围上限 58起，属明显恶化，"
         "正常范围自 2024年3月 起重新计算，其间 1 个月没有数，不影响判读。"),
    ],
)  # fmt: skip
def test_sentences_read_as_they_should(figure: dict, behind: Behind, note: str, said: str) -> None:
    assert reading_sentence(figure, ITEMS[-1], "zh", behind, note) == said


def test_a_figure_that_is_no_count_has_its_unit_in_english() -> None:
    money = load_catalog().indicators["rec_loss_amount"]
    said = reading_sentence(row("outside", 1, "worse", value=70.0), money, "en")
    assert said.startswith("October 2024: 70.0 CNY 10k, above the upper limit")


def test_a_figure_that_a_break_took_away_is_no_dash_with_a_unit() -> None:
    said = reading_sentence(row(value=None, reading="none"), ITEMS[-1], "zh", note="break")
    assert said == "2024年10月 内口径有变，前后不能合成一个数，不作判读。"


@pytest.mark.parametrize(
    ("signal", "run", "until", "festive"),
    [
        ("shift", 7, 7, True),  # March to July, and November and December before
        ("shift", 7, 9, False),  # March to September
        ("two_of_three", 1, 4, True),  # December, March, April
        ("two_of_three", 1, 5, False),
        ("trend", 0, 8, True),
        ("trend", 0, 9, False),  # seven of them from March on
        ("outside", 9, 3, False),  # one month is told of
        ("together", 2, 4, False),
        ("together", 3, 4, True),
    ],
)
def test_months_of_the_festival_are_told_where_a_signal_passes_over_them(
    signal: str, run: int, until: int, festive: bool
) -> None:
    months = [dt.date(2023, month, 1) for month in range(1, 13)]
    months += [dt.date(2024, month, 1) for month in range(1, until + 1)]
    same = [1.0] * len(months)
    points = pl.DataFrame({
        "period": months, "value": same, "centre": same, "phase": ["v1"] * len(months),
        "partial": [False] * len(months),
    })  # fmt: skip
    figure = row(signal, 1, "worse", run=run)
    assert behind_points(points, figure, few=False, is_festive=True).festive == festive
    for last, told in ((1, festive), (2, False)):  # one month of both is enough, none is not
        is_blank = pl.col("period").dt.month() <= last
        blank = points.with_columns(value=pl.when(is_blank).then(None).otherwise("value"))
        assert behind_points(blank, figure, few=False, is_festive=True).festive == told
    assert not behind_points(points, figure, few=False).festive


def test_the_chart_tells_what_stands_behind_its_last_figure() -> None:
    months = [dt.date(2024, month, 1) for month in range(1, 7)]
    points = pl.DataFrame({
        "period": months, "value": [5.0, None, 3.0, 0.0, 0.0, 0.0],
        "centre": [2.0, 3.0, 4.0, 3.0, 2.0, 1.0], "phase": ["v1"] * 6,
        "partial": [False] * 5 + [True],
    })  # fmt: skip
    behind = behind_points(points, row("together", -1, run=3), few=False, since=months[0])
    assert behind == Behind(False, True, True, months[0], 1, True)
    assert not is_quiet([0.0, 0.0], 3)
