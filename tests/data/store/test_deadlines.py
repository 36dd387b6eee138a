"""Late or in time, extended, locked, opened again, corrected: is each as it was decided?"""

import datetime as dt
from dataclasses import replace

import pytest

from data.access import OPERATOR, Viewer
from data.said import RefusedError
from data.store import audit
from data.store.database import Store, StoreError
from data.store.days import first_locks
from data.store.receipts import receipt_code, verify_code
from data.store.record import (
    answer,
    confirm,
    differences,
    extend,
    extensions,
    import_facts,
    lock,
    review,
    submissions,
    submit,
    unlock,
)
from data.store.snapshot import read_facts
from data.store.source import Route
from data.store.verify import verify
from tests.data.store.desk import FIRST, HEAD, JUDGE, LEADER, TYPED, TYPIST, bring, typed
from tests.data.store.samples import FORM, checked, day, facts, source

OCTOBER = dt.date(2024, 10, 1)
DUE = dt.date(2024, 11, 5)
MINE = replace(checked("cases a1 2024-10 12 C3", "a1"), route=Route((), DUE))
CORRECTED = TYPED.replace("12", "15")
WHY = "the ledger was read again"


def late(store: Store) -> list[bool | None]:
    return submissions(store, OPERATOR)["late"].to_list()


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (dt.datetime(2024, 11, 5, 15, 59, tzinfo=dt.UTC), False),  # 23:59 in Shanghai
        (dt.datetime(2024, 11, 5, 16, 0, tzinfo=dt.UTC), True),  # midnight there
    ],
)
def test_the_day_ends_where_the_bureau_is(
    store: Store, moment: dt.datetime, expected: bool
) -> None:
    submit(store, FIRST, MINE, moment)
    assert late(store) == [expected]


def test_a_return_is_in_when_its_last_question_is_explained(store: Store) -> None:
    asked = replace(checked("cases a1 2024-10 12 C3", "a1", ("C3",)), route=Route((), DUE))
    number = submit(store, FIRST, asked, day("2024-11-04")).number
    answer(store, FIRST, number, "C3", "a flood of cases", day("2024-11-07"))
    assert late(store) == [True]


def test_a_reason_for_what_corrects_nothing_excuses_no_lateness(store: Store) -> None:
    submit(store, FIRST, MINE, day("2024-11-08"), reason="the line was down")
    listed = submissions(store, OPERATOR).row(0, named=True)
    assert (listed["late"], listed["why"]) == (True, None)


def test_more_time_is_given_from_above_and_counts(store: Store) -> None:
    submit(store, FIRST, MINE, day("2024-11-08"))
    assert late(store) == [True]
    given = ("M02", "a1", OCTOBER, dt.date(2024, 11, 8), "the line was down", DUE)
    for viewer in (FIRST, LEADER, TYPIST):
        with pytest.raises(RefusedError, match="a1"):
            extend(store, viewer, *given)
    with pytest.raises(StoreError, match="reason"):
        extend(store, JUDGE, *given[:4], "  ", DUE)
    extend(store, JUDGE, *given)
    assert late(store) == [False]
    with pytest.raises(StoreError, match="2024-11-08"):
        extend(store, JUDGE, *given)
    (row,) = extensions(store, FIRST).rows(named=True)
    assert (row["until"], row["given_by"]) == (dt.date(2024, 11, 8), "zhao")
    assert extensions(store, Viewer("x", "reviewer", "b")).height == 0
    assert verify(store) == []


def test_nothing_moves_in_a_locked_month_until_it_is_opened(store: Store) -> None:
    waiting = bring(store, "reviewed").number
    import_facts(store, OPERATOR, facts("loss b1 2024-10 3 D3"), FORM, source())
    for viewer in (JUDGE, TYPIST, LEADER):
        with pytest.raises(RefusedError):
            lock(store, viewer, OCTOBER)
    lock(store, HEAD, OCTOBER)
    with pytest.raises(StoreError, match="locked"):
        review(store, HEAD, waiting, accept=True)
    with pytest.raises(StoreError, match="locked"):
        submit(store, TYPIST, typed(CORRECTED))
    with pytest.raises(StoreError, match="reason"):
        unlock(store, HEAD, OCTOBER, " ")
    with pytest.raises(RefusedError):
        unlock(store, JUDGE, OCTOBER, "late cases")
    unlock(store, HEAD, OCTOBER, "late cases")
    assert review(store, HEAD, waiting, accept=True).state == "approved"
    with pytest.raises(StoreError, match="not locked"):
        unlock(store, HEAD, dt.date(2024, 9, 1), "late cases")
    assert verify(store) == []


def test_a_form_or_a_unit_is_locked_alone_and_makes_nothing_final(store: Store) -> None:
    bring(store, "approved")
    lock(store, HEAD, OCTOBER, units=["a1"])
    with pytest.raises(StoreError, match="a1"):
        submit(store, TYPIST, typed(CORRECTED), reason=WHY)
    assert set(read_facts(store, OPERATOR)["status"]) == {"provisional"}
    assert first_locks(store) == {}
    only_second = typed("cases a2 2024-10 9 C4")
    assert submit(store, TYPIST, only_second, reason=WHY).state == "confirming"


def test_a_correction_after_the_lock_is_a_revision_of_what_was_final(store: Store) -> None:
    bring(store, "approved")
    lock(store, HEAD, OCTOBER)
    assert set(read_facts(store, OPERATOR)["status"]) == {"final"}
    unlock(store, HEAD, OCTOBER, "late cases")
    with pytest.raises(StoreError, match="--reason"):
        submit(store, TYPIST, typed(CORRECTED))
    number = submit(store, TYPIST, typed(CORRECTED), reason=WHY).number
    wanted = [("M02", "C3", "a1", "cases", 12.0, 15.0, 3.0)]
    assert differences(store, HEAD, number).rows() == wanted
    confirm(store, FIRST, number)
    review(store, JUDGE, number, accept=True)
    review(store, HEAD, number, accept=True)
    assert differences(store, HEAD, number).rows() == wanted, "also once it is approved"
    listed = submissions(store, HEAD).row(0, named=True)
    assert (listed["version"], listed["why"], listed["late"]) == (2, WHY, None)
    status = dict(read_facts(store, OPERATOR).select("unit", "status").rows())
    assert status == {"a1": "provisional", "a2": "final"}
    before = audit.length(store)
    assert submit(store, TYPIST, typed(CORRECTED)).is_repeat
    assert audit.length(store) == before


def test_figures_that_another_file_brought_are_corrected_with_a_reason_too(store: Store) -> None:
    import_facts(store, OPERATOR, facts("cases a1 2024-10 11 C3"), FORM, source())
    with pytest.raises(StoreError, match="correction"):
        submit(store, FIRST, MINE)
    number = submit(store, FIRST, MINE, reason=WHY).number
    assert differences(store, FIRST, number)["change"].to_list() == [1]


def test_a_receipt_s_code_is_ours_until_the_record_changes(store: Store) -> None:
    number = bring(store, "submitted").number
    code = receipt_code(store, TYPIST, number)
    found = verify_code(store, f" {code.lower()} ")
    assert found is not None
    assert (found["receipt"], found["state"]) == (number, "submitted")
    assert verify_code(store, code[:-1] + ("0" if code[-1] != "0" else "1")) is None
    assert verify_code(store, "HJ-1") is None
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE submissions SET unit = 'b'")
    assert verify_code(store, code) is None
