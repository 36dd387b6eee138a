"""Does an import write exactly what is new, in order, or nothing at all?"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from data.access import OPERATOR, Viewer
from data.said import RefusedError
from data.store.database import Store, StoreError, store_version
from data.store.record import Load, import_facts, import_files, lock
from data.store.snapshot import read_facts
from data.store.tables import FACTS_TABLE, SUBMISSIONS
from tests.data.store.samples import FORM, day, facts, source, values

FIRST = """
cases   a1 2024-09 12     C3
cases   a1 2024-10 14     C4
cleared a1 2024-10 5      D4
loss    a1 2024-10 0.1234 E4
cases   a2 2024-10 7      C5
"""
SCOPED = replace(FORM, file_replaces="scope")


def count(store: Store, table: sa.Table) -> int:
    with store.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_an_import_is_approved_and_read_back_as_typed(store: Store) -> None:
    report = import_facts(store, OPERATOR, facts(FIRST), FORM, source(), day("2024-11-05"))
    assert (report.facts, report.new, report.revised, report.withdrawn) == (5, 5, 0, 0)
    found = read_facts(store, OPERATOR)
    assert values(found)["loss", "a1", "2024-10"] == 0.1234
    assert found["status"].unique().to_list() == ["provisional"]
    assert found["vintage"].unique().to_list() == [day("2024-11-05")]
    assert found["submission"].unique().to_list() == [report.receipt]
    cell = found.filter(measure="loss").row(0, named=True)
    assert (cell["sheet"], cell["cell"]) == ("M02", "E4")


def test_the_same_facts_again_write_nothing(store: Store) -> None:
    import_facts(store, OPERATOR, facts(FIRST), FORM, source())
    before = store_version(store)
    again = import_facts(store, OPERATOR, facts(FIRST), FORM, source("renamed.csv"))
    assert (again.receipt, again.new, again.revised, again.unchanged) == ("", 0, 0, 5)
    assert count(store, FACTS_TABLE) == 5
    assert count(store, SUBMISSIONS) == 1
    assert store_version(store) == before


def test_a_partly_changed_file_writes_the_changed_cells_as_a_new_vintage(store: Store) -> None:
    import_facts(store, OPERATOR, facts(FIRST), FORM, source(), day("2024-11-05"))
    changed = FIRST.replace("14     C4", "15     C4")
    report = import_facts(store, OPERATOR, facts(changed), FORM, source(), day("2024-12-05"))
    assert (report.new, report.revised, report.unchanged) == (0, 1, 4)
    assert count(store, FACTS_TABLE) == 6
    assert values(read_facts(store, OPERATOR))["cases", "a1", "2024-10"] == 15
    earlier = read_facts(store, OPERATOR, as_of=dt.date(2024, 11, 30))
    assert values(earlier)["cases", "a1", "2024-10"] == 14


def test_cells_that_a_whole_file_no_longer_holds_are_withdrawn(store: Store) -> None:
    import_facts(store, OPERATOR, facts(FIRST), SCOPED, source(), day("2024-11-05"))
    without = "\n".join(line for line in FIRST.splitlines() if "D4" not in line)
    report = import_facts(store, OPERATOR, facts(without), SCOPED, source(), day("2024-12-05"))
    assert (report.new, report.revised, report.withdrawn) == (0, 0, 1)
    assert ("cleared", "a1", "2024-10") not in values(read_facts(store, OPERATOR))
    assert ("cleared", "a1", "2024-10") in values(
        read_facts(store, OPERATOR, as_of=dt.date(2024, 12, 4))
    )
    # Withdrawn once, it is not withdrawn again; filed again, it is back.
    assert import_facts(store, OPERATOR, facts(without), SCOPED, source()).receipt == ""
    assert import_facts(store, OPERATOR, facts(FIRST), SCOPED, source()).new == 1


def test_a_file_of_cells_leaves_other_cells_alone(store: Store) -> None:
    import_facts(store, OPERATOR, facts(FIRST), FORM, source())
    import_facts(store, OPERATOR, facts("cases a2 2024-10 8 C5"), FORM, source())
    found = values(read_facts(store, OPERATOR))
    assert found["cases", "a2", "2024-10"] == 8
    assert len(found) == 5


def test_a_later_file_of_one_import_corrects_an_earlier_one(store: Store) -> None:
    loads = [
        Load(source("one.csv"), facts("cases a1 2024-10 1\ncases a1 2024-09 4")),
        Load(source("two.csv"), facts("cases a1 2024-10 2\ncases a1 2024-09 4")),
    ]
    first, second = import_files(store, OPERATOR, loads, FORM, day("2024-11-05"))
    assert (first.new, second.new, second.revised, second.unchanged) == (2, 0, 1, 1)
    assert values(read_facts(store, OPERATOR))["cases", "a1", "2024-10"] == 2


def test_all_files_are_stored_or_none(store: Store) -> None:
    broken = facts("cases a1 2024-10 2").with_columns(definition=None)
    loads = [Load(source(), facts(FIRST)), Load(source(), broken)]
    with pytest.raises(sa.exc.IntegrityError):
        import_files(store, OPERATOR, loads, FORM)
    assert count(store, FACTS_TABLE) == 0
    assert count(store, SUBMISSIONS) == 0
    assert read_facts(store, OPERATOR).height == 0


def test_an_older_publication_cannot_be_put_before_a_newer_one(store: Store) -> None:
    import_facts(store, OPERATOR, facts(FIRST), FORM, source(), day("2024-12-05"))
    with pytest.raises(StoreError, match="2024-12-05"):
        import_facts(store, OPERATOR, facts(FIRST), FORM, source(), day("2024-11-05"))
    # Other months are free.
    old = facts("cases a1 2020-01 3")
    assert import_facts(store, OPERATOR, old, FORM, source(), day("2020-02-05")).new == 1


def test_as_of_ends_at_midnight_of_the_bureau(store: Store) -> None:
    before = dt.datetime(2024, 11, 5, 15, 59, 59, tzinfo=dt.UTC)  # 23:59:59 in Shanghai
    after = dt.datetime(2024, 11, 5, 16, 0, tzinfo=dt.UTC)  # 00:00 on the 6th
    import_facts(store, OPERATOR, facts("cases a1 2024-10 1"), FORM, source(), before)
    import_facts(store, OPERATOR, facts("cases a1 2024-10 2"), FORM, source(), after)
    known = {
        date: values(read_facts(store, OPERATOR, as_of=dt.date(2024, 11, date)))
        for date in (4, 5, 6)
    }
    assert [list(known[date].values()) for date in (4, 5, 6)] == [[], [1.0], [2.0]]


@pytest.mark.parametrize("act", ["UPDATE facts SET value = 0", "DELETE FROM facts"])
def test_facts_can_neither_be_changed_nor_deleted(
    store: Store, run_sql: Callable[..., None], act: str
) -> None:
    import_facts(store, OPERATOR, facts(FIRST), FORM, source())
    for statement in (act, act.replace("facts", "audit").replace("value = 0", "actor = 'li'")):
        with pytest.raises(sa.exc.IntegrityError, match="only grows"):
            run_sql(statement)
    assert count(store, FACTS_TABLE) == 5


@pytest.mark.parametrize("role", ["leader", "statistician", "reviewer", "administrator"])
def test_only_the_operator_imports(store: Store, role: str) -> None:
    with pytest.raises(RefusedError, match="operator"):
        import_facts(store, Viewer("li", role, "a", None), facts(FIRST), FORM, source())


def test_a_locked_month_is_final_until_it_is_corrected(store: Store) -> None:
    import_facts(store, OPERATOR, facts(FIRST), FORM, source(), day("2024-11-05"))
    assert lock(store, OPERATOR, dt.date(2024, 10, 1), at=day("2024-11-20")) == 1
    import_facts(store, OPERATOR, facts("cases a1 2024-10 15"), FORM, source(), day("2024-12-05"))
    found = read_facts(store, OPERATOR)
    status = {(row[0], row[2], f"{row[3]:%m}"): row[5] for row in found.iter_rows()}
    assert status["cases", "a1", "10"] == "provisional"  # corrected after the lock
    assert status["cases", "a2", "10"] == "final"
    assert status["cases", "a1", "09"] == "provisional"
    # As known before the lock nothing was final.
    earlier = read_facts(store, OPERATOR, as_of=dt.date(2024, 11, 19))
    assert earlier["status"].unique().to_list() == ["provisional"]


def test_a_month_without_approved_figures_cannot_be_locked(store: Store) -> None:
    with pytest.raises(StoreError, match="2024-10"):
        lock(store, OPERATOR, dt.date(2024, 10, 1))


def test_nobody_below_the_whole_bureau_locks(store: Store) -> None:
    county = Viewer("zhao", "reviewer", "yz01", frozenset({"yz01"}))
    with pytest.raises(RefusedError):
        lock(store, county, dt.date(2024, 10, 1))


def test_an_empty_file_changes_nothing(store: Store) -> None:
    report = import_facts(store, OPERATOR, facts(""), FORM, source())
    assert (report.receipt, report.facts) == ("", 0)
