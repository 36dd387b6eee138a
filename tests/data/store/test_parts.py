"""Do parts of the snapshot stay apart by month, small enough, and complete?"""

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from data.access import OPERATOR
from data.store import parts, snapshot
from data.store.database import Store, open_store
from data.store.facts import KEY, STORED
from data.store.loading import import_facts
from data.store.snapshot import read_facts, read_history, stored_rows
from tests.data.store.samples import FORM, facts, source, values


def rows(first_id: int, *months: int, value: float = 1.0) -> pl.DataFrame:
    """Return stored rows of one measure, three units, in each month of 2024, from an id on."""
    frame = pl.DataFrame(
        [(unit, dt.date(2024, month, 1)) for month in months for unit in ("a1", "a2", "b1")],
        schema={"unit": pl.String, "period": pl.Date},
        orient="row",
    )
    return frame.select(
        id=pl.int_range(first_id, first_id + frame.height),
        measure=pl.lit("cases"),
        definition=pl.lit(1),
        unit="unit",
        period="period",
        value=pl.lit(value),
        vintage=pl.lit(dt.datetime(2024, 12, 1)).dt.replace_time_zone("UTC")
        + pl.duration(days=first_id),
        submission=pl.lit("s"),
        sheet=pl.lit(None),
        cell=pl.lit(None),
    ).cast(dict(STORED))


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST_ROWS", 6)


def spans(found: list) -> list[tuple[int, int]]:
    return [parts.months_of(part) for part in found]


def test_a_large_first_file_is_cut_at_the_borders_of_months(tmp_path: Path) -> None:
    found, replaced = parts.settle(tmp_path, [], rows(1, 1, 2, 3, 4, 5))
    assert spans(found) == [(202401, 202402), (202403, 202404), (202405, 202405)]
    assert replaced == []
    assert parts.read(tmp_path, found).collect().height == 15


def test_a_new_month_leaves_the_other_files_alone(tmp_path: Path) -> None:
    found, _ = parts.settle(tmp_path, [], rows(1, 1, 2, 3, 4))
    more, _ = parts.settle(tmp_path, found, rows(13, 5))
    assert spans(more) == [(202401, 202402), (202403, 202404), (202405, 202405)]
    assert more[:2] == found
    # The next one shares the file of a neighbour that has room.
    again, _ = parts.settle(tmp_path, more, rows(16, 6))
    assert spans(again)[2:] == [(202405, 202406)]
    assert again[:2] == found


def test_a_correction_rewrites_its_month_and_keeps_what_was(tmp_path: Path) -> None:
    found, _ = parts.settle(tmp_path, [], rows(1, 1, 2, 3, 4))
    more, (old,) = parts.settle(tmp_path, found, rows(13, 2, value=2.0))
    assert more[1:] == found[1:]
    assert sorted(old["id"]) == [4, 5, 6]
    kept = parts.read(tmp_path, more).collect()
    assert kept.height == 12
    assert kept.filter(value=2.0)["id"].sort().to_list() == [13, 14, 15]
    assert not kept.select(KEY).is_duplicated().any()


def test_two_vintages_of_one_cell_in_one_delta_leave_the_later_one(tmp_path: Path) -> None:
    twice = pl.concat([rows(1, 1, value=1.0), rows(4, 1, value=2.0)])
    found, (old,) = parts.settle(tmp_path, [], twice)
    assert parts.read(tmp_path, found).collect()["value"].unique().to_list() == [2.0]
    assert old["value"].unique().to_list() == [1.0]


def test_only_the_parts_of_the_asked_months_are_read(store: Store) -> None:
    table = "\n".join(f"cases a{unit} 2024-{month:02d} {month}" for month in range(1, 7)
                      for unit in range(6))  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot, "FOLD_ROWS", 4)
        import_facts(store, OPERATOR, facts(table), FORM, source())
    manifest = snapshot.refresh(store)
    assert len(manifest["current"]) == 6
    for part in manifest["current"]:
        if parts.months_of(part) != (202403, 202403):
            (store.snapshot / part[0]).unlink()
    found = stored_rows(store, None, ["cases"], months=(202403, 202403))
    assert found["value"].to_list() == [3.0] * 6


def test_a_snapshot_read_back_in_chunks_is_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "FOLD_ROWS", 4)
    for value in (1, 2):
        table = "\n".join(f"cases a{n} 2024-{month:02d} {value}" for month in range(1, 5)
                          for n in range(4))  # fmt: skip
        import_facts(store, OPERATOR, facts(table), FORM, source())
    now, before = read_facts(store, OPERATOR), read_history(store, OPERATOR, ["cases"], None)
    for path in store.snapshot.iterdir():
        path.unlink()
    monkeypatch.setattr(snapshot, "CHUNK", 5)
    fresh = open_store(store.url.render_as_string(hide_password=False))
    assert_frame_equal(read_facts(fresh, OPERATOR), now, check_row_order=False)
    assert_frame_equal(read_history(fresh, OPERATOR, ["cases"], None), before)
    assert set(values(now).values()) == {2.0}


def test_rows_that_fresh_ones_replace_are_left_out_and_the_others_keep_their_order() -> None:
    held = rows(1, 1, 2, 3)
    fresh = rows(100, 2).filter(pl.col("unit") == "a2")
    expected = held.filter(~((pl.col("unit") == "a2") & (pl.col("id") == 5)))
    assert expected.height == 8
    assert_frame_equal(parts.without(held, fresh), expected)
    assert_frame_equal(parts.without(held, rows(100, 7)), held)
    assert_frame_equal(
        parts.without(held, fresh.with_columns(definition=pl.lit(2, pl.Int64))), held
    )
    assert_frame_equal(parts.without(held, fresh.clear()), held)
    assert parts.without(held.clear(), fresh).is_empty()
