"""Is everything the product says there in both languages, with the same placeholders?"""

import re
from pathlib import Path

import pytest

from data.schema import BASIS, COMPARATOR, POLICY, SEVERITY, STATUS, WINDOW
from data.texts import all_texts, has_text, read_texts, text


def write(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content, encoding="utf-8")


def test_every_text_is_in_its_own_language() -> None:
    for key, entry in all_texts().items():
        assert not re.search(r"[\u4e00-\u9fff]", entry["en"]), f"{key} is Chinese in English"


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("window", WINDOW),
        ("comparator", COMPARATOR),
        ("basis", BASIS),
        ("policy", POLICY),
        ("status", STATUS),
        ("severity", SEVERITY),
    ],
)
def test_every_word_of_the_frames_has_a_text(group: str, words: tuple[str, ...]) -> None:
    assert [word for word in words if not has_text(f"{group}.{word}")] == []


def test_text_fills_placeholders() -> None:
    assert text("common.units_of", "zh", reported=124, due=126) == "124/126 单位"
    with pytest.raises(ValueError, match="text 'common.units_of' needs the value 'due'"):
        text("common.units_of", "zh", reported=124)


def test_an_unknown_key_or_language_says_what_is_known() -> None:
    with pytest.raises(ValueError, match="did you mean 'common.search'"):
        text("common.serch", "zh")
    with pytest.raises(ValueError, match="unknown language 'fr'; allowed: zh, en"):
        text("common.yes", "fr")


def test_a_folder_of_texts_is_checked(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", '[a]\nb = {zh = "共{n}家", en = "{n} units"}\n')
    assert read_texts(tmp_path) == {"a.b": {"zh": "共{n}家", "en": "{n} units"}}
    write(tmp_path, "b.toml", '[a]\nb = {zh = "又", en = "again"}\n')
    with pytest.raises(ValueError, match=r"b.toml: a.b: this key is already used"):
        read_texts(tmp_path)
    write(tmp_path, "b.toml", '[c]\nd = {zh = "共{n}家", en = "{m} units"}\n')
    with pytest.raises(ValueError, match="the placeholders of zh and en differ"):
        read_texts(tmp_path)
    write(tmp_path, "b.toml", '[c]\nd = {zh = "只有中文"}\n')
    with pytest.raises(ValueError, match="expected exactly one text for each of zh and en"):
        read_texts(tmp_path)
    write(tmp_path, "b.toml", 'd = "plain"\n')
    with pytest.raises(ValueError, match="expected {zh"):
        read_texts(tmp_path)
