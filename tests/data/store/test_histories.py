"""Do lists over many months show what happened to returns, and to each person only their part?"""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from data.access import OPERATOR, Viewer
from data.schema import FINDINGS
from data.store.database import Store
from data.store.histories import changes_over, filed_months, findings_over, returns_over
from data.store.record import answer, confirm, import_facts, review, submit
from data.store.source import Checked
from tests.data.store.desk import (
    FIRST,
    HEAD,
    JUDGE,
    LEADER,
    SECOND,
    STRANGER,
    TYPED,
    TYPIST,
    bring,
    typed,
)
from tests.data.store.samples import FORM, day, facts, source

OCTOBER = dt.date(2024, 10, 1)
SPAN = (OCTOBER, OCTOBER)
MENDED = TYPED.replace("12", "15")


def asked(made: Checked, *questions: tuple[str, str | None, str]) -> Checked:
    """Return the return with a question (cell, unit, rule) each."""
    rows = [
        {name: None for name in FINDINGS}
        | {"rule": rule, "severity": "query", "sheet": "M02", "cell": cell, "unit": unit}
        | {"measure": "cases"}
        for cell, unit, rule in questions
    ]
    return replace(made, findings=pl.DataFrame(rows, schema=FINDINGS, orient="row"))


@pytest.fixture
def mended(store: Store) -> Store:
    """Give a record in which a district's return was asked, sent back, mended and corrected."""
    questions = (("C3", "a1", "R49"), ("C4", "a2", "R17"), ("A1", None, "F02"))
    first = submit(store, TYPIST, asked(typed(), *questions), day("2024-11-03")).number
    for cell in ("C3", "C4", "A1"):
        answer(store, TYPIST, first, cell, "checked with the ledger", day("2024-11-04"))
    for clerk in (FIRST, SECOND):
        confirm(store, clerk, first, at=day("2024-11-04"))
    review(store, JUDGE, first, False, "two are missing", day("2024-11-05"))
    second = submit(store, TYPIST, typed(MENDED), day("2024-11-07")).number
    confirm(store, FIRST, second, at=day("2024-11-08"))
    review(store, JUDGE, second, accept=True, at=day("2024-11-09"))
    review(store, HEAD, second, accept=True, at=day("2024-11-10"))
    why = "the ledger was read again"
    submit(store, TYPIST, typed(MENDED.replace("15", "16")), day("2024-11-12"), reason=why)
    return store


def test_each_file_with_its_fate(mended: Store) -> None:
    found = returns_over(mended, HEAD, *SPAN)
    columns = ("version", "state", "late", "sent_back", "corrected", "questions", "answered")
    assert found.select(columns).rows() == [
        (1, "returned", False, True, False, 3, 3),
        (2, "approved", True, False, False, 0, 0),
        (3, "confirming", None, False, True, 0, 0),
    ]
    assert found["approved_at"].to_list() == [None, day("2024-11-10"), None]
    assert filed_months(mended) == [OCTOBER]
    assert returns_over(mended, HEAD, dt.date(2024, 11, 1), dt.date(2024, 12, 1)).height == 0


def test_what_was_asked_of_whom(mended: Store) -> None:
    found = findings_over(mended, TYPIST, *SPAN)
    assert found.select("unit", "filer", "rule", "answered", "state").rows() == [
        ("a1", "a", "R49", True, "returned"),
        ("a2", "a", "R17", True, "returned"),
        ("a", "a", "F02", True, "returned"),
    ]


def test_what_was_changed_and_how_it_came_to_that(mended: Store) -> None:
    found = changes_over(mended, HEAD, *SPAN)
    assert found.select("unit", "measure", "before", "after", "how", "state").rows() == [
        ("a1", "cases", 12, 15, "sent_back", "approved"),
        ("a1", "cases", 15, 16, "corrected", "confirming"),
    ]


@pytest.mark.parametrize(
    ("state", "how"),
    [("checked", "replaced"), ("submitted", "replaced"), ("approved", "corrected")],
)
def test_how_follows_from_what_became_of_the_file_before(
    store: Store, state: str, how: str
) -> None:
    bring(store, state)
    submit(store, TYPIST, typed("cases a1 2024-10 12 C3"), reason="the ledger was read again")
    assert changes_over(store, HEAD, *SPAN).select("unit", "before", "after", "how").rows() == [
        ("a2", 4, None, how)
    ]


def test_a_refusal_names_the_unit_to_those_who_may_see_it(store: Store) -> None:
    number = bring(store, "confirming").number
    confirm(store, SECOND, number, accept=False, reason="that is not our figure")
    submit(store, TYPIST, typed(TYPED.replace("4 C4", "5 C4")))
    assert changes_over(store, SECOND, *SPAN)["how"].to_list() == ["refused"]
    said = {
        viewer.name: returns_over(store, viewer, *SPAN)["refused"].to_list()[:1]
        for viewer in (HEAD, FIRST, SECOND, STRANGER)
    }
    assert said == {"sun": [["a2"]], "wu": [[]], "wang": [["a2"]], "zheng": []}


def test_a_station_sees_its_own_part_of_a_district_s_file(mended: Store) -> None:
    assert findings_over(mended, FIRST, *SPAN)["rule"].to_list() == ["R49"]
    assert findings_over(mended, SECOND, *SPAN)["rule"].to_list() == ["R17"]
    assert returns_over(mended, FIRST, *SPAN)["questions"].to_list() == [1, 0, 0]
    assert changes_over(mended, FIRST, *SPAN)["unit"].to_list() == ["a1", "a1"]
    assert changes_over(mended, SECOND, *SPAN).height == 0


@pytest.mark.parametrize("viewer", [STRANGER, Viewer("x", "leader", "b1")])
def test_others_see_nothing(mended: Store, viewer: Viewer) -> None:
    for frame in (returns_over, findings_over, changes_over):
        assert frame(mended, viewer, *SPAN).height == 0


def test_nobody_is_named(mended: Store) -> None:
    people = {viewer.name for viewer in (FIRST, SECOND, TYPIST, JUDGE, HEAD, LEADER)}
    for frame in (returns_over, findings_over, changes_over):
        found = frame(mended, OPERATOR, *SPAN).select(pl.col(pl.String))
        assert not people & set(found.unpivot()["value"].drop_nulls())


def test_imports_are_no_returns(store: Store) -> None:
    import_facts(store, OPERATOR, facts("cases a1 2024-10 11 C3"), FORM, source())
    assert returns_over(store, HEAD, *SPAN).height == 0
    assert filed_months(store) == []
