"""Are returns counted from what was filed, by whoever asks, and recorded with the lock?"""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from data.access import OPERATOR, viewer_for
from data.catalog import Catalog, load_catalog
from data.returns.quality import counted, outcomes
from data.returns.recording import as_facts, lock_month, record_month
from data.returns.route import route_of
from data.store.acts import Receipt
from data.store.database import Store
from data.store.record import extend, import_facts, lock, review, submissions, submit, unlock
from data.store.snapshot import read_facts
from data.store.verify import verify
from data.units import Tree, tree
from metrics.cube import build_cube
from metrics.figures import compute_figures
from tests.data.store.samples import checked, day, facts, source

SEPTEMBER, OCTOBER = dt.date(2024, 9, 1), dt.date(2024, 10, 1)
STATION = "yz0101"
CALLS = f"calls_total {STATION} 2024-10 168 C8\ncalls_valid {STATION} 2024-10 138 D8"
LOCKED = day("2024-11-25")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def units(catalog: Catalog) -> Tree:
    return tree(catalog)


def send(
    store: Store, catalog: Catalog, table: str = CALLS, at: str = "2024-11-04", why: str = ""
) -> Receipt:
    """File the station's calls of October as its own statistician."""
    made, form = checked(table, STATION), catalog.forms["M01"]
    route = route_of(catalog, tree(catalog), form, STATION, OCTOBER)
    clerk = viewer_for(catalog, "hubinlu_statistician")
    return submit(store, clerk, replace(made, form=form, route=route), day(at), "", why)


def approve(store: Store, catalog: Catalog, receipt: Receipt, at: str) -> None:
    for judge in ("minghu_reviewer", "city_reviewer"):
        review(store, viewer_for(catalog, judge), receipt.number, accept=True, at=day(at))


def of(frame: pl.DataFrame, unit: str = STATION) -> tuple:
    """Return the counts of a unit."""
    return frame.filter(unit=unit).drop("unit", "period").row(0)


def test_the_desk_s_own_months_are_counted(store: Store, catalog: Catalog, units: Tree) -> None:
    number = send(store, catalog)
    now = counted(store, OPERATOR, catalog, units, OCTOBER, today=dt.date(2024, 11, 5))
    assert of(now) == (1, 1, 0, 0), "the others are not due yet"
    assert of(now, "yz0102") == (None,) * 4
    approve(store, catalog, number, "2024-11-06")
    later = counted(store, OPERATOR, catalog, units, OCTOBER, today=dt.date(2024, 11, 11))
    assert of(later) == (7, 1, 1, 0)
    assert of(later, "yz0102") == (7, 0, 0, 0)


def test_a_quarterly_form_counts_in_the_last_month_of_its_quarter(
    store: Store, catalog: Catalog, units: Tree
) -> None:
    send(store, catalog, CALLS.replace("2024-10", "2024-09"), "2024-10-04")
    send(store, catalog)
    today = dt.date(2024, 12, 31)
    for month, forms in ((SEPTEMBER, {"Q01", "Q02"}), (OCTOBER, set())):
        found = outcomes(store, OPERATOR, catalog, units, month, today=today)
        due = set(found.filter(unit=STATION)["form"])
        assert due & {"Q01", "Q02", "A01"} == forms & due
        assert bool(due & {"Q01", "Q02"}) is bool(forms)


def test_imported_history_is_not_counted(store: Store, catalog: Catalog, units: Tree) -> None:
    table = CALLS.replace("2024-10", "2024-05")
    import_facts(store, OPERATOR, facts(table), catalog.forms["M01"], source(), day("2024-06-06"))
    may = dt.date(2024, 5, 1)
    found = counted(store, OPERATOR, catalog, units, may)
    assert found.height > 100
    assert found.select(pl.col("^dq_.*$").is_null().all()).row(0) == (True,) * 4
    assert lock_month(store, OPERATOR, catalog, units, may, LOCKED) == 1
    assert read_facts(store, OPERATOR, ["dq_returns_due"]).is_empty()


def test_a_station_that_was_closed_since_is_counted_for_its_months(
    store: Store, catalog: Catalog, units: Tree
) -> None:
    gone = sorted(units.gone)[0]
    closed = units.unit(gone).closed
    assert closed is not None
    before = dt.date(closed.year, closed.month - 1, 1) if closed.month > 1 else None
    assert before is not None
    for month, is_there in ((before, True), (closed, False)):
        found = outcomes(store, OPERATOR, catalog, units, month)
        assert (gone in set(found["unit"])) is is_there


def test_more_time_for_a_district_is_more_time_for_its_stations(
    store: Store, catalog: Catalog, units: Tree
) -> None:
    send(store, catalog, at="2024-11-07")
    today = dt.date(2024, 11, 11)
    assert of(counted(store, OPERATOR, catalog, units, OCTOBER, today=today))[1] == 0
    given = ("M01", "yz01", OCTOBER, dt.date(2024, 11, 8), "the line was down")
    extend(store, viewer_for(catalog, "city_reviewer"), *given, dt.date(2024, 11, 5))
    clerk = viewer_for(catalog, "hubinlu_statistician")
    for viewer in (OPERATOR, clerk):
        assert of(counted(store, viewer, catalog, units, OCTOBER, today=today))[1] == 1


@pytest.mark.parametrize(
    "user", ["hubinlu_statistician", "minghu_reviewer", "minghu_leader", "city_statistician"]
)
def test_each_person_sees_the_same_counts_of_the_own_units_and_no_others(
    store: Store, catalog: Catalog, units: Tree, user: str
) -> None:
    approve(store, catalog, send(store, catalog), "2024-11-06")
    viewer, today = viewer_for(catalog, user), dt.date(2024, 11, 11)
    whole = counted(store, OPERATOR, catalog, units, OCTOBER, today=today)
    seen = viewer.sees() or set(whole["unit"])
    mine = whole.filter(pl.col("unit").is_in(list(seen)))
    assert mine.height > 0
    found = counted(store, viewer, catalog, units, OCTOBER, today=today)
    assert found.sort("unit").equals(mine.sort("unit"))


def test_the_lock_records_what_is_counted_and_the_figure_names_its_forms(
    store: Store, catalog: Catalog, units: Tree
) -> None:
    approve(store, catalog, send(store, catalog), "2024-11-06")
    judge = viewer_for(catalog, "city_reviewer")
    lock_month(store, judge, catalog, units, OCTOBER, LOCKED)
    rows = read_facts(store, OPERATOR, ["dq_returns_ontime"]).filter(unit=STATION)
    assert rows.select("value", "cell", "status").row(0) == (1, "M01", "final")
    known = read_facts(store, OPERATOR)
    cube = build_cube(known, catalog, units)
    figure = compute_figures(cube, ["d_ontime_rate"], [STATION], [OCTOBER], "month")
    assert figure["value"].item() == pytest.approx(100 / 7)
    assert verify(store) == []


def test_opened_corrected_and_locked_again_only_the_correction_is_new(
    store: Store, catalog: Catalog, units: Tree
) -> None:
    approve(store, catalog, send(store, catalog), "2024-11-06")
    judge = viewer_for(catalog, "city_reviewer")
    lock_month(store, judge, catalog, units, OCTOBER, LOCKED)
    unlock(store, judge, OCTOBER, "a call was counted twice", day("2024-12-01"))
    mended = send(store, catalog, CALLS.replace("138", "137"), "2024-12-02", "counted twice")
    approve(store, catalog, mended, "2024-12-03")
    lock_month(store, judge, catalog, units, OCTOBER, day("2024-12-04"))
    codes = ["dq_returns_due", "dq_returns_ontime", "dq_first_pass", "dq_revised"]

    def known(as_of: dt.date | None) -> list[float]:
        rows = read_facts(store, OPERATOR, codes, as_of=as_of).filter(unit=STATION)
        by_code = dict(rows.select("measure", "value").rows())
        return [by_code[code] for code in codes]

    assert known(dt.date(2024, 11, 30)) == [7, 1, 1, 0]
    assert known(None) == [7, 1, 1, 1]
    again = submissions(store, OPERATOR).filter(kind="system").sort("id")
    assert again["version"].to_list() == [1, 2]
    assert again["changed"].to_list()[1] == 1


def test_counted_without_a_lock_the_lock_adds_nothing(
    store: Store, catalog: Catalog, units: Tree
) -> None:
    approve(store, catalog, send(store, catalog), "2024-11-06")
    changed = record_month(store, OPERATOR, catalog, units, OCTOBER, day("2024-11-24"))
    assert changed > 400
    assert record_month(store, OPERATOR, catalog, units, OCTOBER, day("2024-11-24")) == 0
    assert set(read_facts(store, OPERATOR)["status"]) == {"provisional"}
    lock_month(store, OPERATOR, catalog, units, OCTOBER, LOCKED)
    assert submissions(store, OPERATOR).filter(kind="system").height == 1
    assert set(read_facts(store, OPERATOR)["status"]) == {"final"}


def test_a_bureau_that_does_not_define_the_counts_records_none(
    store: Store, catalog: Catalog, units: Tree
) -> None:
    approve(store, catalog, send(store, catalog), "2024-11-06")
    without = {code: m for code, m in catalog.measures.items() if not code.startswith("dq_")}
    found = outcomes(store, OPERATOR, catalog, units, OCTOBER, today=dt.date(2024, 11, 11))
    assert as_facts(found, replace(catalog, measures=without), units).is_empty()
    assert as_facts(found, catalog, units).height > 400
    lock(store, OPERATOR, OCTOBER, LOCKED)
    assert read_facts(store, OPERATOR, ["dq_returns_due"]).is_empty()
