"""Does every chart say, in both languages, what it shows, how it is read and what to do?"""

import ast
from functools import cache
from pathlib import Path

import pytest

from data.texts import LANGUAGES, all_texts, has_text, text
from ui.explain import EXPLAINED, explained

UI = Path(__file__).resolve().parents[2] / "ui"
MODULES = sorted(UI.glob("*.py"))
# What draws a picture in HTML: by function, or by the class of its element.
DRAWS = {"sparkline"}
CLASSES = {"bar", "meter", "multiples", "heat", "cv by-month", "iv"}


@cache
def called(path: Path) -> dict[str, list[tuple[ast.Call, ast.FunctionDef | None]]]:
    """Return all calls of a module by function or method, with the function they stand in."""
    found: dict[str, list[tuple[ast.Call, ast.FunctionDef | None]]] = {}
    todo: list[tuple[ast.AST, ast.FunctionDef | None]] = [
        (ast.parse(path.read_text(encoding="utf-8")), None)
    ]
    while todo:
        node, home = todo.pop()
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
            found.setdefault(name, []).append((node, home))
        home = node if isinstance(node, ast.FunctionDef) else home
        todo += [(child, home) for child in ast.iter_child_nodes(node)]
    return found


def calls(path: Path, name: str) -> list[tuple[ast.Call, ast.FunctionDef | None]]:
    """Return each call of a function or method of this name."""
    return called(path).get(name, [])


def words(node: ast.expr | None, home: ast.FunctionDef | None) -> list[str]:
    """Return the words that an expression may be: itself, or what its name is set to."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.IfExp):
        return [*words(node.body, home), *words(node.orelse, home)]
    if isinstance(node, ast.Name) and home is not None:
        sets = [n for n in ast.walk(home) if isinstance(n, ast.Assign)]
        return [
            word
            for one in sets
            if any(isinstance(t, ast.Name) and t.id == node.id for t in one.targets)
            for word in words(one.value, home)
        ]
    return []


def named(path: Path) -> list[str]:
    """Return the charts that a module names: keys of cards, and explanations of other pictures."""
    found = []
    for call, home in calls(path, "chart_card"):
        key = next((k.value for k in call.keywords if k.arg == "key"), None)
        given = words(key if key is not None else call.args[4], home)
        assert given, f"{path.name}:{call.lineno}: the key of this card is no plain word"
        found += given
    for door in ("explain", "explained"):
        for call, home in calls(path, door):
            found += words(call.args[0], home)
    return found


ALL = [(path.name, name) for path in MODULES for name in named(path)]


@pytest.mark.parametrize(("module", "name"), ALL)
def test_a_chart_has_its_three_texts(module: str, name: str) -> None:
    for part in EXPLAINED:
        assert has_text(f"explain.{name}.{part}"), f"{module}: explain.{name}.{part} is missing"


def test_every_explanation_belongs_to_a_chart() -> None:
    told = {key.split(".")[1] for key in all_texts() if key.startswith("explain.")}
    assert told - {"summary", *EXPLAINED} == {name for _, name in ALL}


def test_charts_are_drawn_in_cards_only() -> None:
    for path in MODULES:
        for door in ("vega_lite_chart", "altair_chart", "line_chart", "bar_chart", "pyplot"):
            assert not list(calls(path, door)) or path.name == "panel.py", f"{path.name}: {door}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_picture_of_html_is_explained_where_it_is_drawn(path: Path) -> None:
    drawn = [name for name in DRAWS if list(calls(path, name))]
    for call in (*calls(path, "tag"), *calls(path, "table")):
        marks = [k.value for k in call[0].keywords if k.arg == "cls"]
        drawn += [word for mark in marks for word in words(mark, call[1]) if word in CLASSES]
    if drawn and path.name != "spark.py":
        assert named(path), f"{path.name} draws {sorted(set(drawn))} and explains nothing"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_explanation_is_folded_and_says_all_three(lang: str) -> None:
    made = explained("xmr", lang)
    assert made.startswith('<details class="explain"><summary>')
    for part in EXPLAINED:
        assert f"<dt>{text(f'explain.{part}', lang)}</dt>" in made
    assert made.count("<dd>") == 3


def test_the_words_never_blame_and_stay_short() -> None:
    blame = ("造假", "弄虚作假", "追责", "问责", "fraudulent", "cheat")
    for key, entry in all_texts().items():
        if key.startswith("explain."):
            assert not [word for lang in entry.values() for word in blame if word in lang], key
            assert len(entry["zh"]) <= 170, key
            assert len(entry["en"]) <= 520, key
