"""Do the readers of definition files say where, what, and the nearest valid word?"""

import datetime as dt
from pathlib import Path

import pytest

from data.parse import (
    Place,
    check_keys,
    nearest,
    parse_day,
    parse_month,
    read_rows,
    read_toml,
    take,
    take_word,
    take_words,
)

HERE = Place("measures.toml", "calls_total")


def test_unknown_and_missing_keys() -> None:
    with pytest.raises(ValueError, match=r"calls_total: unknown key 'nmae'. Did you mean 'name'\?"):
        check_keys({"nmae": 1}, HERE, ["name"])
    with pytest.raises(ValueError, match="measures.toml: calls_total: missing key 'name'"):
        check_keys({}, HERE, ["name"])


def test_take_checks_the_type() -> None:
    assert take({"scale": 100}, "scale", float, HERE) == 100.0
    assert take({}, "scale", float, HERE, 1.0) == 1.0
    with pytest.raises(ValueError, match="calls_total.scale: expected a number, found 'x'"):
        take({"scale": "x"}, "scale", float, HERE)
    with pytest.raises(ValueError, match="expected a whole number, found True"):
        take({"version": True}, "version", int, HERE)
    with pytest.raises(ValueError, match="missing key 'scale'"):
        take({}, "scale", float, HERE)


def test_words_must_be_known_and_stand_once() -> None:
    with pytest.raises(ValueError, match=r"unknown word 'quater'. Did you mean 'quarter'\?"):
        take_word({"window": "quater"}, "window", ["month", "quarter"], HERE)
    with pytest.raises(ValueError, match="listed twice: month"):
        take_words({"windows": ["month", "month"]}, "windows", HERE)
    with pytest.raises(ValueError, match="expected text in the list, found 3"):
        take_words({"windows": [3]}, "windows", HERE)
    assert take_words({}, "windows", HERE, default=()) == ()


def test_months_and_days() -> None:
    assert parse_month("2024-10", HERE) == dt.date(2024, 10, 1)
    assert parse_day("2024-02-10", HERE) == dt.date(2024, 2, 10)
    for wrong in ("2024-13", "24-10", "2024-1", "", 5):
        with pytest.raises(ValueError, match="expected a month like 2024-10"):
            parse_month(wrong, HERE)
    with pytest.raises(ValueError, match="expected a day like 2024-02-10"):
        parse_day("10.2.2024", HERE)


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("[a]\nb = 1 2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="x.toml: not readable as TOML.*line 2"):
        read_toml(tmp_path / "x.toml", "x.toml")


def test_rows_of_a_csv(tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text("code,level\nyz,city\n", encoding="utf-8-sig")
    assert read_rows(path, ["code", "level"]) == [{"code": "yz", "level": "city", "line": 2}]
    with pytest.raises(ValueError, match="units.csv: unknown column 'level'"):
        read_rows(path, ["code"])
    with pytest.raises(ValueError, match="units.csv: missing column 'group'"):
        read_rows(path, ["code", "level", "group"])
    path.write_text("code,level\nyz\n", encoding="utf-8")
    with pytest.raises(ValueError, match="units.csv: line 2: expected 2 fields"):
        read_rows(path, ["code", "level"])


def test_nearest_stays_silent_when_nothing_is_near() -> None:
    assert nearest("zzz", ["name", "unit"]) == ""
