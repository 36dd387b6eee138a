"""Are integrity questions taken as a bureau defines them, and wrong ones named?"""

import re
import shutil
from pathlib import Path

import pytest

from data.catalog import BUILT_IN, load_catalog
from data.definition_types import Integrity

EXAMPLES = BUILT_IN.parent / "examples"
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "questions.md"


def changed(folder: Path, text: str, name: str = "rio") -> Integrity:
    """Return the questions of an example bureau with an integrity.toml of its own."""
    copy = folder / "definitions"
    shutil.copytree(EXAMPLES / name / "definitions", copy)
    (copy / "integrity.toml").write_text(text, "utf-8")
    return load_catalog(copy).integrity


def test_nothing_that_is_hidden_made_or_found_by_others_is_asked_about() -> None:
    found = load_catalog()
    asked = {code for item in found.integrity.questions for code in item.measures}
    flags = {flag for code in asked for flag in found.measures[code].flags}
    assert not flags & {"W", "S", "D", "M"}
    assert not [code for code in asked if found.measures[code].frequency != "M"]
    assert not [c for c in asked if set(found.measures[c].value_of) - set(found.measures[c].filers)]
    assert len(found.integrity.questions) == 13


def test_another_bureau_is_asked_what_its_measures_allow() -> None:
    found = load_catalog(EXAMPLES / "london" / "definitions").integrity
    assert "shift_criminal" not in [item.code for item in found.questions]
    assert {"heaping", "copied_month", "smooth"} <= {item.code for item in found.questions}


def test_rio_and_london_ask_their_own_beside() -> None:
    asked = {
        name: [q.code for q in load_catalog(EXAMPLES / name / "definitions").integrity.questions]
        for name in ("rio", "london")
    }
    assert asked["rio"][-1] == "bodies"
    assert asked["london"][-1] == "outcomes"


def test_a_bureau_switches_off_changes_and_adds(tmp_path: Path) -> None:
    found = changed(
        tmp_path,
        """
[run]
level = 0.1
method = "bh"
[questions.smooth]
on = false
[questions.heaping]
effect = 0.3
measures = ["roubo_rua"]
[questions.found]
kind = "shift"
name = {zh = "命案转无名尸", en = "From homicides to bodies found"}
asks = {zh = "请核查死因认定。", en = "Please look into the cause of death."}
innocent = [{zh = "死因待查", en = "the cause is not known yet"}]
falls = ["hom_doloso"]
rises = ["encontro_cadaver"]
""",
    )
    by_code = {item.code: item for item in found.questions}
    assert (found.level, found.method, found.renew) == (0.1, "bh", 3)
    assert "smooth" not in by_code
    assert (by_code["heaping"].effect, by_code["heaping"].measures) == (0.3, ("roubo_rua",))
    assert by_code["found"].measures == ("hom_doloso", "encontro_cadaver")


def test_the_page_on_questions_does_what_it_says(tmp_path: Path) -> None:
    [text] = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    copy = tmp_path / "definitions"
    shutil.copytree(BUILT_IN, copy)
    (copy / "integrity.toml").write_text(text, "utf-8")
    found = load_catalog(copy).integrity
    by_code = {item.code: item for item in found.questions}
    assert found.level == 0.1
    assert "smooth" not in by_code
    assert "calls_invalid" not in by_code["heaping"].measures
    assert by_code["shift_theft"].measures == ("calls_theft", "calls_other")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[questions.heaping]\nefect = 1", "unknown key 'efect'"),
        ("[questions.heaping]\nkind = 'heeping'", "Did you mean 'heaping'"),
        ("[questions.heaping]\nmeasures = ['roubo_ruas']", "Did you mean 'roubo_rua'"),
        ("[questions.heaping]\ninnocent = []", "innocent explanation"),
        ("[questions.heaping]\nfalls = ['roubo_rua']\nrises = ['roubo_carga']", "kind shift"),
        ("[questions.heaping]\nmonths = 0", "expected 1 or more"),
        ("[questions.heaping]\nmonths = 3", "leave nothing"),
        ("[questions.extra]\nkind = 'smooth'", "missing key 'name'"),
        ("[run]\nlevel = 5", "between 0 and 1"),
        ("[run]\nmethod = 'none'", "unknown word 'none'"),
        ("[walk]\nlevel = 5", "unknown key 'walk'"),
    ],
)
def test_a_wrong_question_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"integrity\.toml") as caught:
        changed(tmp_path, text)
    assert said in str(caught.value)
