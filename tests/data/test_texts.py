"""Is everything the product says there in both languages, with the same placeholders?"""

import ast
import re
from pathlib import Path

import pytest

from data.schema import BASIS, POLICY, SEVERITY, STATUS, WINDOW
from data.texts import all_texts, has_text, read_texts, text

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("charts", "data", "metrics", "pages", "reports", "ui", "verbs")


def write(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content, encoding="utf-8")


def test_every_text_is_in_its_own_language() -> None:
    for key, entry in all_texts().items():
        assert not re.search(r"[\u4e00-\u9fff]", entry["en"]), f"{key} is Chinese in English"


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("window", WINDOW),
        ("basis", BASIS),
        ("policy", POLICY),
        ("status", STATUS),
        ("severity", SEVERITY),
    ],
)
def test_every_word_of_the_frames_has_a_text(group: str, words: tuple[str, ...]) -> None:
    assert [word for word in words if not has_text(f"{group}.{word}")] == []


def test_text_fills_placeholders() -> None:
    assert text("xmr.partial", "zh", reported=124, due=126) == "部分 124/126"
    with pytest.raises(ValueError, match="text 'xmr.partial' needs the value 'due'"):
        text("xmr.partial", "zh", reported=124)


def test_an_unknown_key_or_language_says_what_is_known() -> None:
    with pytest.raises(ValueError, match="did you mean 'common.period'"):
        text("common.perid", "zh")
    with pytest.raises(ValueError, match="unknown language 'fr'; allowed: zh, en"):
        text("common.unit", "fr")


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


def keys_asked(source: str) -> tuple[set[str], set[str]]:
    """Return the whole texts in a program, and the patterns of those with places to fill."""
    whole, patterns = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            whole.add(node.value)
        if isinstance(node, ast.JoinedStr):
            parts = [
                re.escape(part.value) if isinstance(part, ast.Constant) else ".*"
                for part in node.values
            ]
            # What is nothing but places to fill would ask for everything.
            if sum(len(part) for part in parts if part != ".*") > 2:
                patterns.add("".join(parts))
    return whole, patterns


def test_no_text_is_kept_that_nobody_asks_for() -> None:
    programs = [ROOT / "kpi.py", ROOT / "dashboard.py"]
    programs += [p for folder in PROGRAMS for p in (ROOT / folder).rglob("*.py")]
    whole: set[str] = set()
    patterns: set[str] = set()
    for path in programs:
        found = keys_asked(path.read_text(encoding="utf-8"))
        whole |= found[0]
        patterns |= found[1]
    asked = re.compile("|".join(sorted(patterns)))
    unasked = [key for key in all_texts() if key not in whole and not asked.fullmatch(key)]
    # The key of a festival's row is that of its sentence with another group.
    assert [key for key in unasked if not key.startswith("festival.row.")] == []
