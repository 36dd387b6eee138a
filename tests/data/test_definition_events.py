"""Is events.toml read as written, and is what is wrong in it said with a remedy?"""

import shutil
from pathlib import Path

import pytest

from data.catalog import BUILT_IN, check_definitions, load_catalog

GOOD = """
[[event]]
from = "2024-03"
effect = "break"
indicators = ["calls_theft"]
units = ["yz01"]
reason = {zh = "警情系统更换", en = "A new call system"}

[[event]]
from = "2023-01"
effect = "note"
reason = {zh = "夏季行动", en = "Summer campaign"}
"""


def folder(tmp_path: Path, events: str) -> Path:
    """Return the built-in definitions with an events file."""
    copy = tmp_path / "definitions"
    shutil.copytree(BUILT_IN, copy)
    (copy / "events.toml").write_text(events, encoding="utf-8")
    return copy


def test_events_are_read_by_month(tmp_path):
    note, system = load_catalog(folder(tmp_path, GOOD)).events
    assert (note.effect, f"{note.start:%Y-%m}", note.indicators, note.units) == (
        "note", "2023-01", (), (),
    )  # fmt: skip
    assert (system.effect, system.indicators, system.units) == (
        "break",
        ("calls_theft",),
        ("yz01",),
    )
    assert system.reason.get("zh") == "警情系统更换"


def test_a_folder_without_the_file_has_no_events():
    assert load_catalog(BUILT_IN.parent / "examples" / "rio" / "definitions").events == ()


def test_the_demonstration_shows_what_an_event_looks_like_and_bends_no_reading_by_it():
    events = load_catalog(BUILT_IN).events
    assert events
    assert {event.effect for event in events} == {"note"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '"calls_theft"',
            '"calls_thef"',
            "unknown indicator 'calls_thef' (did you mean 'calls_theft'?)",
        ),
        ('"yz01"', '"yz0l"', "unknown unit 'yz0l'"),
        ('effect = "break"', 'effect = "brake"', "effect: unknown word 'brake'. Did you mean"),
        ('"2024-03"', '"March"', "expected a month like 2024-10, found 'March'"),
        ('"2024-03"', "2024-03-05", "expected a month like 2024-10"),
        ("from = ", "form = ", "unknown key 'form'"),
        ('zh = "警情系统更换"', 'zh = " "', "say in both languages"),
        ('units = ["yz01"]', "units = []", "names none"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(tmp_path, old, new, said):
    problems = check_definitions(folder(tmp_path, GOOD.replace(old, new, 1)))
    assert len(problems) == 1
    assert problems[0].startswith("events.toml")
    assert said in problems[0]
