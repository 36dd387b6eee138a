"""May only the right people move a return, and do its figures count only once accepted?"""

import datetime as dt

import pytest

from data.access import OPERATOR, Viewer
from data.said import RefusedError
from data.store.database import Store, StoreError
from data.store.filed import cells_of, findings_of, submissions
from data.store.record import answer, review, submit
from data.store.snapshot import read_facts
from tests.data.store.samples import checked, day, values

CLERK = Viewer("wu", "statistician", "a1", frozenset({"a1"}))
COUNTY = Viewer("zhao", "reviewer", "a", frozenset({"a", "a1", "a2"}))
LEADER = Viewer("li", "leader", "a", frozenset({"a", "a1", "a2"}))
STRANGER = Viewer("sun", "reviewer", "b", frozenset({"b", "b1"}))
RETURN = "cases a1 2024-10 12 C3\ncleared a1 2024-10 5 C4"


def test_figures_count_once_the_return_is_accepted(store: Store) -> None:
    receipt = submit(store, CLERK, checked(RETURN, "a1"), at=day("2024-11-03"))
    assert (receipt.number, receipt.state, receipt.version) == (
        "HJ-20241103-000001",
        "submitted",
        1,
    )
    assert read_facts(store, OPERATOR).height == 0
    assert values(cells_of(store, CLERK, receipt.number))["cases", "a1", "2024-10"] == 12
    done = review(store, COUNTY, receipt.number, accept=True, at=day("2024-11-04"))
    assert done.state == "approved"
    found = read_facts(store, OPERATOR)
    assert values(found) == {("cases", "a1", "2024-10"): 12, ("cleared", "a1", "2024-10"): 5}
    assert found["vintage"].unique().to_list() == [day("2024-11-04")]
    assert found["cell"].to_list() == ["C3", "C4"]


def test_a_query_waits_for_its_explanation(store: Store) -> None:
    receipt = submit(store, CLERK, checked(RETURN, "a1", queries=("C3",)))
    assert (receipt.state, receipt.unanswered) == ("checked", 1)
    with pytest.raises(StoreError, match="checked"):
        review(store, COUNTY, receipt.number, accept=True)
    with pytest.raises(StoreError, match="C3"):
        answer(store, CLERK, receipt.number, "C33", "a flood")
    with pytest.raises(RefusedError):
        answer(store, LEADER, receipt.number, "C3", "a flood")
    explained = answer(store, CLERK, receipt.number, "m02!c3".replace("m02", "M02"), "a flood")
    assert (explained.state, explained.unanswered) == ("submitted", 0)
    assert findings_of(store, COUNTY, receipt.number)["answer"].to_list() == ["a flood"]
    assert submissions(store, COUNTY)["state"].to_list() == ["submitted"]


def test_a_mandatory_finding_blocks(store: Store) -> None:
    with pytest.raises(RefusedError, match="mandatory"):
        submit(store, CLERK, checked(RETURN, "a1", queries=("C3",), severity="mandatory"))
    assert submissions(store, OPERATOR).height == 0


def test_the_same_content_is_received_once(store: Store) -> None:
    first = submit(store, CLERK, checked(RETURN, "a1"))
    again = submit(store, CLERK, checked(RETURN, "a1"))
    assert again.is_repeat
    assert again.number == first.number
    review(store, COUNTY, first.number, accept=True)
    assert submit(store, CLERK, checked(RETURN, "a1")).is_repeat
    assert submissions(store, OPERATOR).height == 1


def test_a_new_file_takes_the_place_of_one_not_yet_reviewed(store: Store) -> None:
    first = submit(store, CLERK, checked(RETURN, "a1"))
    second = submit(store, CLERK, checked(RETURN.replace("12", "13"), "a1"))
    assert (second.version, second.is_repeat) == (1, False)
    assert submissions(store, OPERATOR)["state"].to_list() == ["submitted", "replaced"]
    with pytest.raises(StoreError, match="replaced"):
        review(store, COUNTY, first.number, accept=True)


def test_a_returned_return_comes_back_as_a_new_version(store: Store) -> None:
    first = submit(store, CLERK, checked(RETURN, "a1"))
    with pytest.raises(StoreError, match="reason"):
        review(store, COUNTY, first.number, accept=False)
    review(store, COUNTY, first.number, accept=False, reason="October is missing two cases")
    second = submit(store, CLERK, checked(RETURN, "a1"))
    assert (second.version, second.is_repeat) == (2, False)


def test_a_correction_writes_only_what_changed(store: Store) -> None:
    first = submit(store, CLERK, checked(RETURN, "a1"), at=day("2024-11-03"))
    review(store, COUNTY, first.number, accept=True, at=day("2024-11-04"))
    corrected = checked(RETURN.replace("12", "13"), "a1")
    with pytest.raises(StoreError, match="--reason"):
        submit(store, CLERK, corrected, at=day("2024-11-05"))
    fixed = submit(store, CLERK, corrected, at=day("2024-11-05"), reason="one case came late")
    assert fixed.version == 2
    assert submissions(store, CLERK)["why"].to_list() == ["one case came late", None]
    review(store, COUNTY, fixed.number, accept=True, at=day("2024-11-06"))
    found = read_facts(store, OPERATOR).sort("measure")
    assert found["value"].to_list() == [13, 5]
    assert found["submission"].to_list() == [fixed.number, first.number]
    assert submissions(store, OPERATOR)["changed"].to_list() == [1, 2]
    before = read_facts(store, OPERATOR, as_of=dt.date(2024, 11, 5))
    assert values(before)["cases", "a1", "2024-10"] == 12


@pytest.mark.parametrize("viewer", [LEADER, COUNTY, STRANGER])
def test_only_the_unit_itself_files(store: Store, viewer: Viewer) -> None:
    with pytest.raises(RefusedError):
        submit(store, viewer, checked(RETURN, "a1"))


def test_a_clerk_files_no_row_of_another_unit(store: Store) -> None:
    both = RETURN + "\ncases a2 2024-10 4 C5"
    with pytest.raises(RefusedError, match="a2"):
        submit(store, CLERK, checked(both, "a1"))


def test_nobody_reviews_their_own_return(store: Store) -> None:
    receipt = submit(store, OPERATOR, checked(RETURN, "a1"))
    with pytest.raises(RefusedError, match="submitted"):
        review(store, OPERATOR, receipt.number, accept=True)
    for viewer in (CLERK, LEADER):
        with pytest.raises(RefusedError):
            review(store, viewer, receipt.number, accept=True)


def test_what_is_out_of_scope_does_not_exist(store: Store) -> None:
    receipt = submit(store, CLERK, checked(RETURN, "a1"))
    with pytest.raises(StoreError, match="no submission"):
        review(store, STRANGER, receipt.number, accept=True)
    with pytest.raises(StoreError, match="no submission"):
        findings_of(store, STRANGER, receipt.number)
    assert submissions(store, STRANGER).height == 0
    assert submissions(store, COUNTY, dt.date(2024, 10, 1)).height == 1
    assert submissions(store, COUNTY, dt.date(2024, 9, 1)).height == 0
