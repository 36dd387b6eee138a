"""Is it known what a unit was asked before, and how far its months are, and nothing of others?"""

import datetime as dt

from data.access import OPERATOR
from data.store.asked import asked_before, filed_by
from data.store.database import Store
from data.store.record import answer
from tests.data.store.desk import FIRST, STRANGER, TYPIST, bring

OCTOBER, SEPTEMBER = dt.date(2024, 10, 1), dt.date(2024, 9, 1)


def test_the_answer_given_then_comes_with_the_question(store: Store) -> None:
    receipt = bring(store, "checked")
    found = asked_before(store, TYPIST, "a", SEPTEMBER, OCTOBER)
    assert found["period"].to_list() == [OCTOBER]
    assert not found["answer"][0]
    answer(store, TYPIST, receipt.number, "C3", "seen in the ledger")
    again = asked_before(store, TYPIST, "a", SEPTEMBER, OCTOBER)
    assert again["answer"].to_list() == ["seen in the ledger"]
    assert asked_before(store, TYPIST, "a", SEPTEMBER, SEPTEMBER).is_empty()


def test_what_others_were_asked_is_not_told(store: Store) -> None:
    bring(store, "checked")
    assert asked_before(store, STRANGER, "a", SEPTEMBER, OCTOBER).is_empty()
    assert filed_by(store, STRANGER, "a", SEPTEMBER, OCTOBER).is_empty()


def test_a_month_tells_how_far_its_returns_are(store: Store) -> None:
    bring(store, "approved")
    found = filed_by(store, TYPIST, "a", SEPTEMBER, OCTOBER)
    assert found.select("form", "period", "state").rows() == [("M02", OCTOBER, "approved")]
    assert filed_by(store, FIRST, "a1", SEPTEMBER, OCTOBER).is_empty()


def test_rows_that_others_typed_wait_for_the_unit(store: Store) -> None:
    bring(store, "confirming")
    found = filed_by(store, FIRST, "a1", SEPTEMBER, OCTOBER)
    assert found.select("state", "unconfirmed").rows() == [("confirming", ["a1"])]


def test_a_replaced_return_is_not_listed(store: Store) -> None:
    bring(store, "replaced")
    assert filed_by(store, OPERATOR, "a", SEPTEMBER, OCTOBER).height == 1
