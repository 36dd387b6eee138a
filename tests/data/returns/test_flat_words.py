"""Do published tables come in whose words, dashes, years and encodings are their own?"""

from pathlib import Path

import pytest

from data.parse import Place
from data.returns.flat import read_flat
from data.returns.flat_words import pattern_of, picked, plain, words_of
from data.returns.spans import Years, read_period, read_span
from tests.data.returns.small_bureau import ALIASES, bureau

HERE = Place("forms/f.toml", "options")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("台北市", "臺北市"),
        ("發 生 數 (件)", "發生數（件）"),
        ("機　關　別", "機關別"),
        ("Attorney General’s Office", "attorney general's  office"),
        ("North–West", "NORTH-WEST"),
        ("Murder¹", "murder"),
        ("Theft†", "theft"),
        ("Law & order", "law and order"),
        ("１２", "12"),
    ],
)
def test_spellings_of_one_word_are_equal(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(("one", "other"), [("murder", "murders"), ("甲所", "乙所"), ("a b", "ab")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert plain(one) != plain(other)


def test_patterns_search_the_tidied_text() -> None:
    words = words_of(["Murder", "/^theft of .*cars?$/", "/№ 1/"], HERE)
    assert words.match("MURDER ")
    assert words.match("Theft  of two cars*")
    assert words.match("Form № 1")
    assert not words.match("carjacking")
    assert not words.match(None)
    assert picked(pattern_of("/（(.+)）/", HERE), "發生數(件)") == "件"


@pytest.mark.parametrize(
    ("text", "frequency", "years", "month"),
    [
        ("2023", "A", Years(), "2023-12"),
        ("2023", "A", Years(start=4), "2024-03"),
        ("2023", "A", Years(month=10), "2023-10"),
        ("2023/24", "A", Years(start=4), "2024-03"),
        ("2023-24", "A", Years(start=4), "2024-03"),
        ("1999/2000", "A", Years(start=4), "2000-03"),
        ("1999-00", "A", Years(start=4), "2000-03"),
        ("FY 2023", "A", Years(start=4), "2024-03"),
        ("April 2003 to March 2004 ", "A", Years(start=4), "2004-03"),
        ("2023年4月至2024年3月", "A", Years(), "2024-03"),
        ("民國104年 2015", "A", Years(), "2015-12"),
        ("中華民國112年", "A", Years(), "2023-12"),
        ("民國 92年", "A", Years(), "2003-12"),
        ("111Y", "A", Years(roc=True), "2022-12"),
        ("104", "A", Years(roc=True), "2015-12"),
        ("2023-12", "A", Years(), "2023-12"),
        ("2024Q3", "Q", Years(), "2024-09"),
        ("3rd quarter of 2024", "Q", Years(), "2024-09"),
        ("2024年下半年", "H", Years(), "2024-12"),
        ("民國112年10月", "M", Years(), "2023-10"),
        ("112/10", "M", Years(roc=True), "2023-10"),
        ("março de 2024", "M", Years(), "2024-03"),
        ("декабрь 2023 г.", "M", Years(), "2023-12"),
        ("2023m01", "M", Years(), "2023-01"),
        ("2003-04", "M", Years(start=4), "2003-04"),
    ],
)
def test_a_figure_sits_in_the_last_month_of_its_span(
    text: str, frequency: str, years: Years, month: str
) -> None:
    found = read_period(text, frequency, years)
    assert found is not None
    assert f"{found:%Y-%m}" == month


@pytest.mark.parametrize(
    ("text", "frequency", "years"),
    [
        ("2023", "M", Years()),
        ("2024Q3", "M", Years()),
        ("2024Q3", "A", Years()),
        ("2024-13", "M", Years()),
        ("2003/05", "A", Years(start=4)),
        ("104", "A", Years()),
        ("March 2004 to April 2003", "A", Years()),
        ("May 2003 to March 2004", "A", Years()),
        ("total", "A", Years(roc=True)),
        ("", "M", Years()),
    ],
)
def test_what_is_no_period_of_the_form_is_none(text: str, frequency: str, years: Years) -> None:
    assert read_period(text, frequency, years) is None


def test_a_span_tells_how_long_it_is() -> None:
    found = read_span("January to March 2024", Years())
    assert found is not None
    assert found[1] == 3


FLAT = """
columns = {unit = ["station"], period = ["year"], measure = ["crime"], value = ["n"]}
skip = {measure = "/^total/"}
dash = "zero"
scale = 100
calendar_years = "roc"
"""


def test_a_flat_table_has_the_same_words(tmp_path: Path) -> None:
    catalog = bureau(tmp_path / "d", FLAT, layout="flat")
    rows = "station,year,crime,n\n台北市,104,Murder,－\nAba police station,民國105年,Theft,0.58\n"
    rows += "nowhere,104,Total crime,9\n台北市,105,Murder,…\n"
    (tmp_path / "x.csv").write_text(rows, encoding="big5")
    found = read_flat(tmp_path / "x.csv", catalog.forms["f"], catalog)
    assert found.findings.height == 0
    facts = found.facts.select("measure", "unit", "value", "cell").rows()
    assert facts == [("murder", "taipei", 0.0, "D2"), ("theft", "aba", 58.0, "D3")]


def test_a_wide_table_of_years(tmp_path: Path) -> None:
    options = 'columns = {unit = ["station"], measure = ["crime"]}'
    catalog = bureau(tmp_path / "d", options, layout="flat", year_start=4)
    rows = "station,crime,2003/04,2004-05\nAba,Murder,1,2\n"
    (tmp_path / "x.csv").write_text(rows, encoding="utf-8")
    facts = read_flat(tmp_path / "x.csv", catalog.forms["f"], catalog).facts
    assert [f"{month:%Y-%m}" for month in facts["period"]] == ["2004-03", "2005-03"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("abba,Abba", "line 3.unit: unknown unit 'abba'. Did you mean 'aba'"),
        ("aba,", "line 3.alias: expected a name"),
    ],
)
def test_a_wrong_alias_stops_at_load(tmp_path: Path, line: str, says: str) -> None:
    bureau(tmp_path / "d", FLAT, layout="flat")
    (tmp_path / "d" / "unit_aliases.csv").write_text(f"{ALIASES}{line}\n", encoding="utf-8")
    from data.catalog import load_catalog

    with pytest.raises(ValueError, match=says):
        load_catalog(tmp_path / "d")
