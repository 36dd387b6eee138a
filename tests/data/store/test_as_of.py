"""Is what was known on a day what the record held then, whatever came in since?"""

import datetime as dt
import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from data.access import OPERATOR
from data.store.database import Store, open_store
from data.store.days import approval_days, first_locks
from data.store.record import import_facts, lock
from data.store.snapshot import read_facts
from tests.data.store.samples import FORM, day, facts, source, values

CELL = ("cases", "a1", "2024-01")
SAYS = ["measure", "unit", "period", "value", "vintage", "status"]


def load(store: Store, table: str, moment: dt.datetime) -> None:
    import_facts(store, OPERATOR, facts(table), FORM, source(), moment)


def known(store: Store, on: str | dt.date) -> dict:
    asked = dt.date.fromisoformat(on) if isinstance(on, str) else on
    return values(read_facts(store, OPERATOR, as_of=asked))


def test_a_day_ends_at_midnight_of_the_bureau_not_of_the_clock(store: Store) -> None:
    """Shanghai is eight hours ahead: 15:59 UTC is still the 5th there, 16:00 is the 6th."""
    load(store, "cases a1 2024-01 10 C3", dt.datetime(2024, 3, 5, 15, 59, 59, tzinfo=dt.UTC))
    load(store, "cases a1 2024-01 11 C3", dt.datetime(2024, 3, 5, 16, 0, 0, tzinfo=dt.UTC))
    assert known(store, "2024-03-04") == {}
    assert known(store, "2024-03-05") == {CELL: 10}
    assert known(store, "2024-03-06") == {CELL: 11}
    assert approval_days(store) == [dt.date(2024, 3, 6), dt.date(2024, 3, 5)]


def test_a_withdrawn_cell_is_known_until_the_day_it_was_withdrawn(store: Store) -> None:
    load(store, "cases a1 2024-01 10 C3", day("2024-02-05"))
    load(store, "cases a1 2024-01 -", day("2024-02-20"))
    load(store, "cases a1 2024-01 9 C3", day("2024-03-20"))
    assert known(store, "2024-02-19") == {CELL: 10}
    assert known(store, "2024-02-20") == {}
    assert known(store, "2024-03-19") == {}
    assert known(store, "2024-03-20") == {CELL: 9}


def test_final_is_what_was_approved_when_the_month_was_locked(store: Store) -> None:
    load(store, "cases a1 2024-01 10 C3\ncases a2 2024-01 4 C4", day("2024-02-05"))
    lock(store, OPERATOR, dt.date(2024, 1, 1), day("2024-02-25"))
    load(store, "cases a1 2024-01 12 C3", day("2024-03-05"))

    def status(on: str | None) -> dict[str, str]:
        asked = None if on is None else dt.date.fromisoformat(on)
        frame = read_facts(store, OPERATOR, as_of=asked)
        return dict(frame.select("unit", "status").rows())

    assert status("2024-02-24") == {"a1": "provisional", "a2": "provisional"}
    assert status("2024-02-25") == {"a1": "final", "a2": "final"}
    assert status("2024-03-04") == {"a1": "final", "a2": "final"}
    # A correction after the lock is open again until the month is locked once more.
    assert status("2024-03-05") == {"a1": "provisional", "a2": "final"}
    lock(store, OPERATOR, dt.date(2024, 1, 1), day("2024-03-06"))
    assert status(None) == {"a1": "final", "a2": "final"}
    assert status("2024-03-05") == {"a1": "provisional", "a2": "final"}
    assert first_locks(store) == {dt.date(2024, 1, 1): day("2024-02-25")}
    assert first_locks(store, dt.date(2024, 2, 24)) == {}


@contextmanager
def empty_store() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        found = open_store(f"sqlite:///{Path(folder) / 'record.db'}")
        found.init("Asia/Shanghai")
        yield found
        found.engine.dispose()


UNITS, MONTHS = ("a1", "a2", "b1"), ("2024-01", "2024-02")
NUMBERS = st.one_of(st.none(), st.integers(0, 9))
CELLS = st.dictionaries(
    st.tuples(st.sampled_from(UNITS), st.sampled_from(MONTHS)), NUMBERS, min_size=1
)
FILES = st.lists(st.tuples(CELLS, st.integers(0, 3)), min_size=1, max_size=6)


def written(cells: dict) -> str:
    return "\n".join(
        f"cases {unit} {month} {'-' if value is None else value} C3"
        for (unit, month), value in sorted(cells.items())
    )


@settings(max_examples=25, deadline=None)
@given(FILES)
def test_as_of_the_latest_day_is_the_present_and_every_day_replays(files: list) -> None:
    """Whatever is filed, revised or withdrawn: a day shows what had come in by its end."""
    with empty_store() as store:
        truth: dict[tuple[str, str, str], float] = {}
        after: dict[dt.date, dict] = {}
        today = dt.date(2024, 3, 1)
        for cells, wait in files:
            today += dt.timedelta(days=wait)
            load(store, written(cells), day(today.isoformat()))
            for (unit, month), value in cells.items():
                truth.pop(("cases", unit, month), None)
                if value is not None:
                    truth["cases", unit, month] = value
            after[today] = dict(truth)
        present = read_facts(store, OPERATOR).sort(SAYS)
        assert_frame_equal(read_facts(store, OPERATOR, as_of=today).sort(SAYS), present)
        assert values(present) == truth
        for then, held in after.items():
            assert known(store, then) == held


ORDERS = list(itertools.permutations(range(3)))


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=3),
    st.sampled_from(ORDERS),
    st.integers(0, 40),
)
def test_the_order_in_which_months_are_imported_does_not_matter(
    months: list, order: tuple[int, ...], later: int
) -> None:
    """Each month has a first figure and a revision, imported in turn; the months in any order."""
    asked = dt.date(2024, 2, 10) + dt.timedelta(days=later)
    seen = []
    for turn in (ORDERS[0], order):
        with empty_store() as store:
            for number in turn:
                for part, value in enumerate(months[number]):
                    shown = "-" if value is None else value
                    table = f"cases a1 2024-0{number + 1} {shown} C3"
                    came = dt.date(2024, 2, 10) + dt.timedelta(days=10 * number + 15 * part)
                    load(store, table, day(came.isoformat()))
            frames = [read_facts(store, OPERATOR, as_of=then) for then in (None, asked)]
            seen.append([frame.select(SAYS).sort(SAYS) for frame in frames])
    for one, other in zip(*seen, strict=True):
        assert_frame_equal(one, other)
        assert one.schema["value"] == pl.Float64
