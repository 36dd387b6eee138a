"""Does every act do in every state what the table of states says, and nothing else?"""

import pytest

from data.access import OPERATOR, Viewer
from data.said import RefusedError, SpokenError
from data.store import audit
from data.store.database import Store, StoreError
from data.store.record import (
    answer,
    cells_of,
    confirm,
    review,
    steps_of,
    submissions,
    submit,
)
from data.store.stages import ACTIONS, LIFE, STATES, WAITING, step_of
from data.store.verify import verify
from tests.data.store.desk import (
    FIRST,
    HEAD,
    JUDGE,
    LEADER,
    OTHER_HEAD,
    SECOND,
    STRANGER,
    TYPED,
    TYPIST,
    bring,
    typed,
)
from tests.data.store.samples import checked

CORRECTED = TYPED.replace("12", "15")


def act(store: Store, action: str, number: str, viewer: Viewer | None = None) -> None:
    """Do something to a return, as the person whose turn it would be unless one is named."""
    state = state_of(store, number)
    if action == "submit":
        submit(store, viewer or TYPIST, typed(CORRECTED), reason="the ledger was read again")
    elif action == "answer":
        answer(store, viewer or TYPIST, number, "C3", "checked with the ledger")
    elif action in ("confirm", "refuse"):
        confirm(store, viewer or FIRST, number, action == "confirm", "that is not our figure")
    else:
        judge = viewer or (HEAD if state == "reviewed" else JUDGE)
        review(store, judge, number, action == "accept", "two cases are missing")


def state_of(store: Store, number: str) -> str:
    return str(submissions(store, OPERATOR).filter(receipt=number)["state"].item())


def test_the_table_names_known_states_and_acts_once() -> None:
    assert {step.state for step in LIFE} == {"", *STATES}
    assert {state for step in LIFE for state in step.becomes} == set(STATES)
    assert {step.action for step in LIFE} == set(ACTIONS)
    assert len({(step.state, step.action) for step in LIFE}) == len(LIFE)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", STATES)
def test_every_cell_of_the_table(store: Store, state: str, action: str) -> None:
    number = bring(store, state).number
    assert state_of(store, number) == state
    step, before = step_of(state, action), audit.length(store)
    if step is None:
        with pytest.raises(SpokenError):
            act(store, action, number)
        assert (state_of(store, number), audit.length(store)) == (state, before)
        return
    if action == "answer" and state != "checked":
        with pytest.raises(StoreError, match="no query"):
            act(store, action, number)
        return
    act(store, action, number)
    assert state_of(store, number) in step.becomes
    assert audit.length(store) == before + 1
    assert verify(store) == []


@pytest.mark.parametrize(
    ("state", "action", "viewer"),
    [
        *(("checked", "answer", viewer) for viewer in (LEADER, JUDGE, HEAD)),
        *(("confirming", "confirm", viewer) for viewer in (LEADER, JUDGE, HEAD, TYPIST)),
        *(("confirming", "refuse", viewer) for viewer in (LEADER, JUDGE, HEAD, TYPIST)),
        *(("submitted", "accept", viewer) for viewer in (LEADER, TYPIST, FIRST, STRANGER)),
        *(("submitted", "return", viewer) for viewer in (LEADER, TYPIST, FIRST, STRANGER)),
        *(("reviewed", "accept", viewer) for viewer in (LEADER, JUDGE, TYPIST, FIRST, STRANGER)),
        *(("reviewed", "return", viewer) for viewer in (LEADER, JUDGE, TYPIST, FIRST, STRANGER)),
    ],
)
def test_nobody_else_may(store: Store, state: str, action: str, viewer: Viewer) -> None:
    number = bring(store, state).number
    with pytest.raises(SpokenError) as caught:
        act(store, action, number, viewer)
    for lang in ("zh", "en"):
        assert "\n" not in caught.value.say(lang)
    assert state_of(store, number) == state


def test_each_step_says_where_the_return_stands(store: Store) -> None:
    receipt = submit(store, TYPIST, typed(queries=("C3",)))
    assert (receipt.state, receipt.unanswered, receipt.waits_for) == ("checked", 1, None)
    receipt = answer(store, TYPIST, receipt.number, "C3", "checked with the ledger")
    assert (receipt.state, receipt.unconfirmed) == ("confirming", 2)
    assert confirm(store, FIRST, receipt.number).unconfirmed == 1
    receipt = confirm(store, SECOND, receipt.number)
    assert (receipt.state, receipt.waits_for) == ("submitted", "county")
    receipt = review(store, JUDGE, receipt.number, accept=True)
    assert (receipt.state, receipt.waits_for) == ("reviewed", "city")
    listed = submissions(store, HEAD).row(0, named=True)
    assert (listed["steps"], listed["may_review"]) == (["county"], True)
    receipt = review(store, HEAD, receipt.number, accept=True)
    assert (receipt.state, receipt.waits_for) == ("approved", None)


def test_one_person_does_not_take_two_steps(store: Store) -> None:
    number = bring(store, "submitted").number
    assert review(store, HEAD, number, accept=True).waits_for == "city"
    assert not submissions(store, HEAD)["may_review"].item()
    for accept in (True, False):
        with pytest.raises(RefusedError, match="two steps"):
            review(store, HEAD, number, accept, "once more")
    assert review(store, OTHER_HEAD, number, accept=True).state == "approved"


def test_who_explained_or_confirmed_does_not_judge(store: Store) -> None:
    made = typed(queries=("C3",))
    number = submit(store, TYPIST, made).number
    answer(store, OPERATOR, number, "C3", "checked with the ledger")
    confirm(store, FIRST, number)
    confirm(store, SECOND, number)
    with pytest.raises(RefusedError, match="explained"):
        review(store, OPERATOR, number, accept=True)
    other = submit(store, TYPIST, typed(CORRECTED)).number
    confirm(store, OPERATOR, other, unit="a1")
    assert state_of(store, other) == "submitted", "a2 confirmed the same row before"
    with pytest.raises(RefusedError, match="confirmed"):
        review(store, OPERATOR, other, accept=True)


def test_the_operator_who_typed_does_not_confirm(store: Store) -> None:
    number = submit(store, OPERATOR, typed()).number
    with pytest.raises(RefusedError, match="typed"):
        confirm(store, OPERATOR, number, unit="a1")


def test_a_station_sees_its_rows_of_a_district_s_return_and_no_others(store: Store) -> None:
    number = bring(store, "confirming").number
    assert cells_of(store, FIRST, number)["unit"].to_list() == ["a1"]
    assert submissions(store, FIRST)["may_confirm"].to_list() == [["a1"]]
    confirm(store, SECOND, number)
    assert steps_of(store, FIRST, number).height == 0, "nor what others said of theirs"
    assert steps_of(store, TYPIST, number)["by"].to_list() == ["wang"]
    assert submissions(store, STRANGER).height == 0
    with pytest.raises(StoreError, match="no submission"):
        confirm(store, STRANGER, number)


def test_a_unit_that_has_confirmed_its_rows_is_not_asked_again(store: Store) -> None:
    number = bring(store, "returned").number
    again = submit(store, TYPIST, typed(CORRECTED))
    assert (again.state, again.unconfirmed, again.version) == ("confirming", 1, 2)
    assert submissions(store, HEAD)["unconfirmed"].to_list() == [["a1"], []]
    confirm(store, FIRST, again.number)
    for judge in (JUDGE, HEAD):
        review(store, judge, again.number, accept=True)
    assert state_of(store, number) == "returned"
    alone = submit(store, TYPIST, typed(CORRECTED + "\nloss a1 2024-10 1 D3"), reason="loss added")
    assert alone.unconfirmed == 1


def test_a_return_without_levels_takes_one_acceptance(store: Store) -> None:
    receipt = submit(store, FIRST, checked("cases a1 2024-10 12 C3", "a1"))
    assert (receipt.state, receipt.waits_for) == ("submitted", None)
    assert review(store, HEAD, receipt.number, accept=True).state == "approved"


def test_waiting_states_are_those_that_somebody_else_ends() -> None:
    who = {step.state: {s.who for s in LIFE if s.state == step.state} for step in LIFE}
    assert {state for state in STATES if who[state] - {"filer"}} == set(WAITING)
