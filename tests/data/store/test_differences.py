"""Is every cell that a return changes told, before it is filed and after?"""

import datetime as dt

from data.access import OPERATOR
from data.store.database import Store
from data.store.record import (
    differences_between,
    lock,
    lock_history,
    question_counts,
    submit,
    unlock,
    would_change,
)
from tests.data.store.desk import FIRST, HEAD, JUDGE, SENT, TYPED, TYPIST, bring, typed
from tests.data.store.samples import checked

OCTOBER = dt.date(2024, 10, 1)


def test_two_files_of_a_return_differ_cell_by_cell(store: Store) -> None:
    first = bring(store, "returned")
    again = submit(store, TYPIST, typed(TYPED.replace("12", "15")), SENT)
    found = differences_between(store, JUDGE, first.number, again.number)
    assert found.select("cell", "unit", "measure", "before", "after", "change").rows() == [
        ("C3", "a1", "cases", 12.0, 15.0, 3.0)
    ]
    # The station that reads it sees its own rows only.
    other = typed("cases a1 2024-10 15 C3\ncases a2 2024-10 9 C4")
    last = submit(store, TYPIST, other, SENT)
    assert differences_between(store, JUDGE, again.number, last.number)["unit"].to_list() == ["a2"]
    assert differences_between(store, FIRST, again.number, last.number).is_empty()
    assert differences_between(store, OPERATOR, last.number, last.number).is_empty()


def test_a_cell_that_a_later_file_leaves_out_has_no_value_after(store: Store) -> None:
    first = bring(store, "returned")
    again = submit(store, TYPIST, typed("cases a1 2024-10 12 C3"), SENT)
    found = differences_between(store, OPERATOR, first.number, again.number)
    assert found.select("cell", "before", "after", "change").rows() == [("C4", 4.0, None, None)]


def test_what_a_file_would_change_is_known_before_it_is_filed(store: Store) -> None:
    assert would_change(store, [typed()]).is_empty()
    bring(store, "approved")
    assert would_change(store, [typed()]).is_empty()
    found = would_change(store, [typed(TYPED.replace("12", "10"))])
    assert found.select("form", "unit", "before", "after", "change").rows() == [
        (typed().form.code, "a1", 12.0, 10.0, -2.0)
    ]


def test_questions_are_counted_by_return_within_sight(store: Store) -> None:
    submit(store, TYPIST, typed(queries=("C3", "C4")), SENT)
    submit(store, FIRST, checked("thefts a1 2024-10 1 C9", "a1"), SENT)
    assert list(question_counts(store, JUDGE, OCTOBER).values()) == [2]
    assert question_counts(store, FIRST, OCTOBER) == {}
    assert question_counts(store, JUDGE, dt.date(2024, 9, 1)) == {}


def test_who_locked_and_opened_what_is_told_with_the_reason(store: Store) -> None:
    bring(store, "approved")
    lock(store, HEAD, OCTOBER)
    unlock(store, HEAD, OCTOBER, "a late correction", units=("a", "a1"))
    rows = lock_history(store, OCTOBER).select("act", "form", "units", "by", "reason").rows()
    assert rows == [
        ("open", "", ["a", "a1"], "sun", "a late correction"),
        ("lock", "", [], "sun", None),
    ]
    assert lock_history(store, dt.date(2024, 9, 1)).is_empty()
