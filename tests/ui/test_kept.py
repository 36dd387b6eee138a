"""Is what many readers ask for at the same time made once, and is nobody left waiting?"""

import datetime as dt
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from data.access import OPERATOR
from data.store import audit
from data.store.database import open_store
from ui.kept import begin_run, cached, keep, made, once, until_act
from ui.scope import Scope

READERS = 8


def ask_together(make) -> list:
    """Return what readers get who all ask for the same at the same moment."""
    kept: dict = {}
    start = threading.Barrier(READERS)

    def ask(_place: int):
        start.wait()
        try:
            return once(kept, (1, "figures"), make)
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(READERS) as pool:
        return list(pool.map(ask, range(READERS)))


def test_of_many_who_ask_at_the_same_time_one_makes_it() -> None:
    made: list[object] = []

    def make() -> object:
        time.sleep(0.05)
        made.append(object())
        return made[-1]

    assert ask_together(make) == [made[0]] * READERS
    assert len(made) == 1


def test_a_result_of_none_is_made_once_too() -> None:
    made: list[int] = []
    kept: dict = {}
    for _ in range(3):
        assert once(kept, (1, "nothing"), lambda: made.append(1)) is None
    assert made == [1]


def test_who_waited_for_one_that_failed_tries_it_and_gets_the_result() -> None:
    tries: list[int] = []

    def make() -> str:
        tries.append(1)
        time.sleep(0.02)
        if len(tries) == 1:
            message = "the file was replaced"
            raise ValueError(message)
        return "made"

    found = ask_together(make)
    assert sorted(found) == ["made"] * (READERS - 1) + ["the file was replaced"]
    assert len(tries) == 2


def test_what_is_made_may_ask_for_other_things_that_are_kept() -> None:
    kept: dict = {}
    outer = once(kept, (1, "outer"), lambda: once(kept, (1, "inner"), lambda: "in") + " out")
    assert outer == "in out"
    assert kept == {(1, "inner"): "in", (1, "outer"): "in out"}


@pytest.mark.parametrize(("most", "left"), [(2, ["b", "c"]), (3, ["a", "b", "c"])])
def test_the_oldest_goes_and_so_does_what_belongs_to_an_earlier_state(most, left) -> None:
    kept: dict = {(1, "old"): 0}
    for name in ("a", "b", "c"):
        keep(kept, (2, name), 1, most)
    assert [name for _, name in kept] == left


def test_what_the_record_says_is_kept_until_anybody_acts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_STORE", f"sqlite:///{tmp_path / 'record.db'}")
    begin_run()
    store = open_store()
    looked: list[str] = []
    due = until_act(lambda unit: looked.append(f"due {unit}"))
    figures = cached(lambda unit: looked.append(f"figures {unit}"))
    for _ in range(2):
        due("yz01")
        figures("yz01")
    assert looked == ["due yz01", "figures yz01"]
    with store.write() as connection:
        audit.append(connection, OPERATOR, "extend", "M01 yz01", dt.datetime.now(dt.UTC))
    due("yz01")
    assert len(looked) == 2, "one run of a page sees one state"
    begin_run()
    due("yz01")
    figures("yz01")
    assert looked == ["due yz01", "figures yz01", "due yz01"]


def test_a_piece_made_for_one_view_is_shown_in_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_STORE", f"sqlite:///{tmp_path / 'record.db'}")
    begin_run()
    mine = Scope("li", "yz", dt.date(2024, 10, 1))
    others = (
        {"person": "wang"},
        {"unit": "yz01"},
        {"period": dt.date(2024, 9, 1)},
        {"window": "ytd"},
        {"basis": "matched"},
        {"lang": "en"},
        {"festival": True},
        {"extras": {"indicator": "calls_theft"}},
        {"as_of": dt.date(2024, 9, 9)},
    )
    views = [mine, *(replace(mine, **other) for other in others)]
    assert [made("head", view, "light", lambda v=view: v) for view in views] == views
    assert made("head", mine, "light", lambda: None) is mine
    assert made("head", mine, "dark", lambda: "dark") == "dark"
    assert made("foot", mine, "light", lambda: "foot") == "foot"
