"""Is a question answered by its unit, closed by other eyes above it, and every word vouched for?"""

import datetime as dt
from collections.abc import Callable

import pytest

from data.access import OPERATOR, Viewer
from data.said import RefusedError, say
from data.store.database import Store, StoreError
from data.store.questions import (
    OUTCOMES,
    Subject,
    answer_question,
    close_question,
    question_acts,
    subject_of,
)
from data.store.verify import verify
from tests.data.store.desk import FIRST, HEAD, JUDGE, LEADER, OTHER_HEAD, SECOND, STRANGER, TYPIST
from tests.data.store.samples import day

STATION = Subject("heaping", "a1", "all", dt.date(2024, 10, 1), "a1")
BUREAU = Subject("revisions", "root", "all", dt.date(2024, 10, 1), "root-own")
WORDS = "registered in batches of five"


def acts(store: Store, viewer: Viewer = OPERATOR) -> list[tuple]:
    rows = question_acts(store, viewer)
    return rows.select("unit", "act", "outcome", "words", "said_by").rows()


def test_a_question_is_answered_by_its_unit_and_closed_above_it(store: Store) -> None:
    answer_question(store, FIRST, STATION, f"  {WORDS} ", day("2024-11-12"))
    close_question(store, JUDGE, STATION, "explained", "the ledger agrees", day("2024-11-13"))
    assert acts(store) == [
        ("a1", "answer", "", WORDS, "wu"),
        ("a1", "close", "explained", "the ledger agrees", "zhao"),
    ]
    assert question_acts(store, OPERATOR)["evidence"].to_list() == [dt.date(2024, 10, 1)] * 2
    assert verify(store) == []


@pytest.mark.parametrize("viewer", [SECOND, LEADER, JUDGE, STRANGER, HEAD])
def test_nobody_else_answers(store: Store, viewer: Viewer) -> None:
    with pytest.raises(RefusedError, match="a1"):
        answer_question(store, viewer, STATION, WORDS)
    assert acts(store) == []


@pytest.mark.parametrize("viewer", [FIRST, SECOND, LEADER, STRANGER])
def test_nobody_closes_but_a_reviewer_above(store: Store, viewer: Viewer) -> None:
    answer_question(store, FIRST, STATION, WORDS)
    with pytest.raises(RefusedError, match="a1"):
        close_question(store, viewer, STATION, "explained")


def test_nobody_closes_what_they_answered(store: Store) -> None:
    answer_question(store, TYPIST, STATION, WORDS)
    with pytest.raises(RefusedError) as caught:
        close_question(store, TYPIST, STATION, "explained")
    assert "qian" in say(caught.value, "zh")
    answer_question(store, OPERATOR, STATION, "and once more from the operator")
    with pytest.raises(RefusedError):
        close_question(store, OPERATOR, STATION, "explained")
    close_question(store, JUDGE, STATION, "follow_up")
    assert acts(store)[-1][1:3] == ("close", "follow_up")


def test_a_question_is_closed_once_for_each_answer(store: Store) -> None:
    for _ in range(2):
        with pytest.raises(StoreError, match="no answer"):
            close_question(store, JUDGE, STATION, "explained")
        answer_question(store, FIRST, STATION, WORDS)
        close_question(store, JUDGE, STATION, "explained")
    assert len(acts(store)) == 4


def test_the_bureau_itself_is_answered_by_its_own_level_and_closed_by_the_whole(
    store: Store,
) -> None:
    homes = frozenset({"root-own"})
    own = Viewer("ma", "statistician", "root-own", homes, frozenset({"root"}), (), homes)
    answer_question(store, own, BUREAU, WORDS)
    assert question_acts(store, own).is_empty()
    assert question_acts(store, own, frozenset({"root", "a"}))["words"].to_list() == [WORDS]
    with pytest.raises(RefusedError):
        close_question(store, JUDGE, BUREAU, "explained")
    close_question(store, OTHER_HEAD, BUREAU, "corrected")
    assert [row[1] for row in acts(store)] == ["answer", "close"]


def test_words_about_a_person_too_few_words_and_unknown_ends_are_refused(store: Store) -> None:
    with pytest.raises(RefusedError, match="telephone"):
        answer_question(store, FIRST, STATION, "问13812345678就知道了")
    with pytest.raises(StoreError, match="characters"):
        answer_question(store, FIRST, STATION, "  ok ")
    answer_question(store, FIRST, STATION, WORDS)
    with pytest.raises(StoreError, match="explained, corrected, follow_up"):
        close_question(store, JUDGE, STATION, "guilty")
    with pytest.raises(RefusedError, match="telephone"):
        close_question(store, JUDGE, STATION, OUTCOMES[0], "call 13812345678")
    assert len(acts(store)) == 1


def test_words_are_read_within_sight_only(store: Store) -> None:
    answer_question(store, FIRST, STATION, WORDS)
    seen = {viewer.name: len(acts(store, viewer)) for viewer in (FIRST, SECOND, JUDGE, STRANGER)}
    assert seen == {"wu": 1, "wang": 0, "zhao": 1, "zheng": 0}
    with pytest.raises(RefusedError, match="no evaluation"):
        acts(store, Viewer("he", "evaluator", "root", None))


def test_what_was_said_cannot_be_changed_or_taken_out_unseen(
    store: Store, run_sql: Callable[..., None]
) -> None:
    answer_question(store, FIRST, STATION, WORDS, day("2024-11-12"))
    for statement in ("UPDATE question_acts SET words = 'x'", "DELETE FROM question_acts"):
        with pytest.raises(Exception, match="only grows"):
            run_sql(statement)
    added = (
        "INSERT INTO question_acts (question, unit, measure, evidence, act, outcome, words, "
        "said_by, said_at) VALUES ('heaping', 'a1', 'all', 202410, 'close', 'explained', '', "
        "'zhao', '2024-11-13T00:00:00.000000Z')"
    )
    run_sql(added)
    found = verify(store)
    assert [fault["key"] for fault in found] == ["store.audit.row"]
    assert found[0]["table"] == "question_acts"


@pytest.mark.parametrize(
    "key", ["", "heaping", "heaping:a1:all", "heaping:a1:all:2024-13", "a:b:c:2024-10:x"]
)
def test_a_key_that_is_none_is_told(key: str) -> None:
    assert subject_of(key) is None
