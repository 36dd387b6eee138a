"""Do the rows of a chart reach the browser packed once, and are they the same rows?"""

import io

import polars as pl
import pyarrow as pa
from streamlit.dataframe_util import convert_anything_to_arrow_bytes

from ui.chart import packed

ROWS = [{"unit": "明湖", "value": 1.5}, {"unit": "青梧", "value": None}]


def opened(table: bytes) -> list[dict]:
    """Return the rows of packed bytes."""
    return pa.ipc.open_stream(io.BytesIO(table)).read_all().to_pylist()


def test_own_rows_get_a_name_and_stay_the_same_rows() -> None:
    spec = {
        "data": {"values": ROWS},
        "layer": [{"mark": "point"}, {"data": {"values": [{"x": 1}]}}],
    }
    found = packed(spec)
    assert found["data"] == {"name": "rows"}
    assert found["layer"] == spec["layer"]
    assert opened(found["datasets"]["rows"]) == ROWS
    assert spec["data"] == {"values": ROWS}


def test_packed_rows_are_what_streamlit_would_make_of_them() -> None:
    rows = [
        {"unit": "明湖", "value": 1.5, "n": 3, "m": 3, "is_real": True, "blank": None},
        {"unit": None, "value": None, "n": None, "m": 4, "is_real": False, "blank": None},
    ]
    mine = packed({"data": {"values": rows}})["datasets"]["rows"]
    theirs = convert_anything_to_arrow_bytes(rows)
    kinds = [pa.ipc.open_stream(io.BytesIO(each)).read_all().schema for each in (mine, theirs)]
    assert kinds[0].equals(kinds[1], check_metadata=False)
    assert opened(mine) == opened(theirs)


def test_named_tables_keep_their_names() -> None:
    spec = {"data": {"name": "a"}, "datasets": {"a": ROWS, "b": pl.DataFrame(ROWS).to_dicts()}}
    found = packed(spec)
    assert found["data"] == {"name": "a"}
    assert [opened(table) for table in found["datasets"].values()] == [ROWS, ROWS]


def test_a_spec_without_rows_is_as_it_was() -> None:
    assert packed({"layer": [{"mark": "rule"}]}) == {"layer": [{"mark": "rule"}]}
