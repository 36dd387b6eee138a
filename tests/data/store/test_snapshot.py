"""Does the snapshot say what the record says, whoever reads or writes at the same time?"""

import multiprocessing
import random
from collections.abc import Callable

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from data.access import OPERATOR, Viewer
from data.store import snapshot
from data.store.database import Store, open_store
from data.store.facts import LOADED, read_rows_after
from data.store.loading import import_facts
from data.store.snapshot import read_facts, read_history, read_values
from tests.data.store.samples import FORM, day, facts, source, values


def everything(store: Store) -> pl.DataFrame:
    """Return the latest rows straight from the record, the slow way."""
    with store.read() as connection:
        rows = read_rows_after(connection, 0)
    latest = rows.sort("vintage", "id").group_by("measure", "definition", "unit", "period").last()
    return latest.filter(pl.col("value").is_not_null()).sort("measure", "unit", "period")


def test_many_small_approvals_fold_into_what_the_record_says(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "FOLD_ROWS", 40)
    monkeypatch.setattr(snapshot, "MOST_DELTAS", 3)
    draw = random.Random(1)
    for step in range(30):
        lines = {
            f"{draw.choice(['cases', 'loss'])} a{draw.randrange(6)} 2024-{draw.randint(1, 6):02d}"
            for _ in range(4)
        }
        table = "\n".join(f"{line} {draw.randrange(5)} B{step}" for line in lines)
        import_facts(store, OPERATOR, facts(table), FORM, source())
        if step % 3 == 0:
            found = read_facts(store, OPERATOR).sort("measure", "unit", "period")
            assert_frame_equal(
                found.drop("status"), everything(store).select(found.drop("status").columns)
            )
    manifest = snapshot.refresh(store)
    assert manifest["history"]
    assert len(manifest["deltas"]) <= 3
    with store.read() as connection:
        stored = read_rows_after(connection, 0).height
    history = read_history(store, OPERATOR, ["cases", "loss"], None)
    assert history.height == stored


def test_values_are_the_facts_without_their_cells_as_of_any_day_from_snapshot_or_record(
    store: Store,
) -> None:
    import_facts(store, OPERATOR, facts("cases a1 2024-10 1 C3"), FORM, source())
    import_facts(
        store, OPERATOR, facts("cases a1 2024-10 2 C3\nloss b1 2024-09 3 D3"), FORM, source()
    )
    read_facts(store, OPERATOR)  # the snapshot is there
    for day_ in (None, day("2030-01-01")):
        found = read_values(store, OPERATOR, as_of=day_)
        assert_frame_equal(found, read_facts(store, OPERATOR, as_of=day_).drop("sheet", "cell"))
    one = read_values(store, OPERATOR, ["loss"])
    assert one["value"].to_list() == [3.0]


def test_a_lost_or_damaged_snapshot_is_built_anew(store: Store) -> None:
    import_facts(store, OPERATOR, facts("cases a1 2024-10 1 C3"), FORM, source())
    expected = read_facts(store, OPERATOR)
    for path in store.snapshot.glob("*.parquet"):
        path.write_bytes(b"not parquet")
    assert_frame_equal(read_facts(store, OPERATOR), expected)
    for path in store.snapshot.iterdir():
        path.unlink()
    assert_frame_equal(
        read_facts(open_store(store.url.render_as_string(hide_password=False)), OPERATOR), expected
    )


def test_where_no_snapshot_can_be_written_the_record_itself_is_read(store: Store) -> None:
    store.snapshot.write_text("a file where the folder should be")
    import_facts(store, OPERATOR, facts("cases a1 2024-10 1 C3"), FORM, source())
    import_facts(store, OPERATOR, facts("cases a1 2024-10 2 C3"), FORM, source())
    found = read_facts(store, OPERATOR)
    assert values(found) == {("cases", "a1", "2024-10"): 2}


def test_a_snapshot_of_another_record_is_not_believed(
    store: Store, run_sql: Callable[..., None]
) -> None:
    import_facts(store, OPERATOR, facts("cases a1 2024-10 1 C3"), FORM, source())
    read_facts(store, OPERATOR)
    if store.path is None:
        run_sql("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    else:
        for suffix in ("", "-wal", "-shm"):
            store.path.with_name(f"{store.path.name}{suffix}").unlink(missing_ok=True)
    fresh = open_store(store.url.render_as_string(hide_password=False))
    fresh.init("UTC")
    assert read_facts(fresh, OPERATOR).height == 0


def test_a_viewer_reads_only_the_own_subtree(store: Store) -> None:
    table = "cases a1 2024-10 1\ncases a2 2024-10 2\ncases b1 2024-10 3"
    import_facts(store, OPERATOR, facts(table), FORM, source())
    county = Viewer("li", "leader", "a", frozenset({"a", "a1", "a2"}))
    assert set(read_facts(store, county)["unit"]) == {"a1", "a2"}
    assert set(read_history(store, county, ["cases"], None)["unit"]) == {"a1", "a2"}
    # A viewer made without a scope sees the own unit, never everything.
    assert set(read_facts(store, Viewer("wu", "statistician", "b1"))["unit"]) == {"b1"}


def test_one_measure_can_be_read_alone(store: Store) -> None:
    table = "cases a1 2024-10 1\nloss a1 2024-10 2.5"
    import_facts(store, OPERATOR, facts(table), FORM, source())
    assert values(read_facts(store, OPERATOR, ["loss"])) == {("loss", "a1", "2024-10"): 2.5}
    assert read_facts(store, OPERATOR, []).height == 0


def _import_alone(url: str, unit: str) -> None:
    store = open_store(url)
    for month in range(1, 9):
        table = f"cases {unit} 2024-{month:02d} {month} C{month}"
        import_facts(store, OPERATOR, facts(table), FORM, source(unit))
        read_facts(store, OPERATOR)


def test_processes_write_and_read_at_once(store: Store) -> None:
    spawn = multiprocessing.get_context("spawn")
    url = store.url.render_as_string(hide_password=False)
    workers = [spawn.Process(target=_import_alone, args=(url, unit)) for unit in ("a1", "a2")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    found = read_facts(store, OPERATOR).sort("measure", "unit", "period")
    assert found.height == 16
    assert_frame_equal(found.select(LOADED.names()), everything(store).select(LOADED.names()))


def test_history_tells_each_vintage_in_order(store: Store) -> None:
    for value, date in ((1, "2024-11-05"), (2, "2024-12-05"), (4, "2025-01-05")):
        table = facts(f"cases a1 2024-10 {value} C3")
        import_facts(store, OPERATOR, table, FORM, source(), day(date))
    assert read_history(store, OPERATOR, ["cases"], None)["value"].to_list() == [1, 2, 4]
