"""Is the share of false questions kept, where does a question stand, and who sees it?"""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.access import Viewer
from data.definition_types import Catalog
from data.store.database import open_store
from data.store.questions import ACTS
from metrics.integrity import Run, ask
from metrics.integrity_chance import false_discovery
from metrics.integrity_run import known, sees, subject_in
from metrics.integrity_state import with_states
from metrics.integrity_words import about, base_rate, effect, reasons, run_words, seen
from tests.metrics.question_block import STATIONS, counts, cube_of
from tests.metrics.small import catalog

CODES = ("calls_help", "calls_traffic", "calls_dispute", "calls_public_order", "calls_other")
BLAME = (
    "造假",
    "虚报",
    "作弊",
    "瞒报",
    "fraudulent",
    "cheat",
    "manipulat",
    "falsif",
    "fake",
    "gaming",
)


def series(seed: int, mean: float = 40.0) -> dict[tuple[str, str], list[float | None]]:
    """Return honest counts of five measures of five stations."""
    draw = np.random.default_rng(seed).integers(0, 2**31, (len(CODES), len(STATIONS)))
    return {
        (code, unit): list(counts(int(draw[at, place]), mean))
        for at, code in enumerate(CODES)
        for place, unit in enumerate(STATIONS)
    }


def copied(seed: int = 1, months: tuple[int, ...] = (-1,)) -> dict:
    """Return honest counts but for months that a2 took over from the one before."""
    found = series(seed)
    for code in CODES:
        for month in months:
            found[code, "a2"][month] = found[code, "a2"][month - 1]
    return found


def defined(method: str = "by", level: float = 0.05) -> Catalog:
    """Return the small bureau with its own level of false questions."""
    full = catalog()
    return replace(full, integrity=replace(full.integrity, method=method, level=level))


@pytest.mark.parametrize("method", ["by", "bh"])
def test_honest_counts_raise_no_question(method: str) -> None:
    runs = [ask(cube_of(series(seed), defined(method))) for seed in range(8)]
    assert [run.asked.height for run in runs] == [0] * 8
    assert all(run.family > 100 for run in runs)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_small_chances_are_not_too_frequent_among_honest_counts(seed: int) -> None:
    from metrics.integrity import KINDS
    from metrics.integrity_block import open_block

    block = open_block(cube_of(series(seed), catalog()))
    p = [KINDS[q.kind](block, q)["p"] for q in catalog().integrity.questions if q.kind in KINDS]
    every = pl.concat(p).to_numpy()
    # Discrete tests are on the safe side; nested ones move together, hence the room.
    assert (every <= 0.01).mean() <= 0.03
    assert every.min() > 1e-6


@given(st.lists(st.floats(1e-12, 1.0), min_size=1, max_size=60))
def test_the_careful_method_asks_no_more_than_the_other(chances: list[float]) -> None:
    p = np.array(chances)
    plain, careful = false_discovery(p, "bh"), false_discovery(p, "by")
    assert (careful >= plain - 1e-15).all()
    assert (plain >= p - 1e-15).all()
    assert (np.diff(plain[np.argsort(p)]) >= -1e-15).all()


def test_a_copied_month_is_asked_with_its_key_and_its_share() -> None:
    run = ask(cube_of(copied(), defined()))
    row = run.asked.row(0, named=True)
    assert (run.asked.height, row["key"]) == (1, "copied_month:a2:M01:2024-12")
    assert row["p"] < row["q"] <= run.level
    assert run.last == dt.date(2024, 12, 1)
    assert sum(run.tests.values()) == run.family


def test_an_effect_too_small_to_matter_is_not_asked() -> None:
    full = defined()
    strict = tuple(replace(q, effect=0.99) for q in full.integrity.questions)
    strict_catalog = replace(full, integrity=replace(full.integrity, questions=strict))
    assert ask(cube_of(copied(), strict_catalog)).asked.is_empty()


def test_only_the_unit_where_it_arose_is_asked() -> None:
    found = series(4, 60.0)
    for code in CODES:
        found[code, "a1"] = [5.0 * round((value or 0) / 5) for value in found[code, "a1"]]
    asked = ask(cube_of(found, defined())).asked.filter(question="heaping", measure="all")
    assert asked["unit"].to_list() == ["a1"]


def said(*acts: tuple[str, str, str]) -> pl.DataFrame:
    """Return acts on the copied month: what was done, how it ended, up to which month."""
    moment = dt.datetime(2025, 1, 10, tzinfo=dt.UTC)
    base = {"question": "smooth", "unit": "a2", "measure": "x", "words": "w", "said_by": "wu"}
    rows = [
        {**base, "act": act, "outcome": end, "said_at": moment, "evidence": day(month)}
        for act, end, month in acts
    ]
    return pl.DataFrame(rows, schema=ACTS)


def day(month: str) -> dt.date:
    return dt.date.fromisoformat(f"{month}-01")


@pytest.mark.parametrize(
    ("acts", "state"),
    [
        ((), "open"),
        ((("answer", "", "2024-12"),), "answered"),
        ((("answer", "", "2024-12"), ("close", "explained", "2024-12")), "closed"),
        ((("answer", "", "2024-10"), ("close", "explained", "2024-10")), "closed"),
        ((("answer", "", "2024-09"), ("close", "explained", "2024-09")), "again"),
        ((("answer", "", "2024-09"), ("close", "corrected", "2024-09"), ("answer", "", "2024-12")),
         "answered"),
    ],
)  # fmt: skip
def test_a_question_is_asked_again_only_when_new_months_speak_for_it(
    acts: tuple, state: str
) -> None:
    asked = ask(cube_of(copied(), defined())).asked
    months = [day(f"2024-{month:02}") for month in (8, 9, 10, 11, 12)]
    row = asked.with_columns(
        question=pl.lit("smooth"), measure=pl.lit("x"), months=pl.lit(months, pl.List(pl.Date))
    )
    assert with_states(row, said(*acts), defined())["state"].to_list() == [state]


def test_units_see_their_own_questions_and_those_below() -> None:
    tree = cube_of(series(1)).tree
    station = Viewer("wu", "statistician", "a1", frozenset({"a1"}))
    district = Viewer("li", "leader", "a", frozenset(tree.subtree("a")))
    own = Viewer("ma", "statistician", "c-own", frozenset({"c-own"}), frozenset({"c"}))
    seen_by = {
        viewer.name: [unit for unit in ("c", "a", "a1", "a2", "b1") if sees(viewer, unit, tree)]
        for viewer in (station, district, own)
    }
    assert seen_by == {"wu": ["a1"], "li": ["a", "a1", "a2"], "ma": ["c"]}


def test_an_earlier_key_still_names_its_question() -> None:
    run = ask(cube_of(copied(), defined()))
    tree = cube_of(series(1)).tree
    later = run.asked.with_columns(question=pl.lit("smooth"), measure=pl.lit("x"))
    found = subject_in(later, "smooth:a2:x:2024-10", tree)
    assert found is not None
    assert found.key == "smooth:a2:x:2024-12"
    assert subject_in(later, "smooth:a2:x:2025-01", tree) is None
    assert subject_in(later, "smooth:a1:x:2024-12", tree) is None


def test_who_may_not_see_the_other_unit_is_not_told_which_it_is(tmp_path: Path) -> None:
    found = series(3)
    for code in CODES:
        found[code, "a1"][-1] = found[code, "a2"][-1]
    run, store = ask(cube_of(found, defined())), open_store(f"sqlite:///{tmp_path}/r.sqlite")
    store.init()
    tree = cube_of(found).tree
    station = Viewer("wu", "statistician", "a1", frozenset({"a1"}))
    district = Viewer("li", "leader", "a", frozenset(tree.subtree("a")))
    told = []
    for viewer in (station, district):
        row = known(store, defined(), tree, viewer, run).filter(unit="a1").row(0, named=True)
        told.append((row["question"], seen(defined(), row, "en")))
    store.engine.dispose()
    assert [question for question, _ in told] == ["copied_unit", "copied_unit"]
    assert "5 of 5 items that can be compared equal those of another unit" in told[0][1]
    assert "equal those of a2 exactly" in told[1][1]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_question_is_said_without_blame(lang: str) -> None:
    known = defined()
    for item in known.integrity.questions:
        words = [item.name, item.asks, *item.innocent]
        told = " ".join(word.get(lang) for word in words).lower()
        assert not [word for word in BLAME if word in told]
        assert item.innocent
    run: Run = ask(cube_of(copied(), known))
    row = run.asked.row(0, named=True)
    told = " ".join(
        (seen(known, row, lang), effect(known, row, lang), base_rate(known, row, lang),
         reasons(known, row, lang), about(known, row, lang), run_words(run, lang))
    )  # fmt: skip
    assert not [word for word in BLAME if word in told]
    assert "2024-12" in told
    assert "5%" in told  # of the questions put, at most that share
