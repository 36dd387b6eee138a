"""How does a chart reach the browser?

As a spec whose rows are packed once, not at every run: Streamlit takes a list of rows through
pandas each time a page runs, a third of a warm run and the memory of two libraries. Packed rows it
passes on as they are.
"""

import io
from typing import Any

import altair as alt
import polars as pl

from charts.base import to_spec

ROWS = "rows"


def ready_spec(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """Return the spec of a chart, its tables as Arrow bytes; to be kept with `load.cached`."""
    return packed(to_spec(chart))


def packed(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a spec with its tables as Arrow bytes under their names.

    Rows that a single layer names for itself stay in the spec: they are few.
    """
    tables = dict(spec.get("datasets", {}))
    found = dict(spec)
    own = found.get("data")
    if isinstance(own, dict) and "values" in own:
        tables[ROWS] = own["values"]
        found["data"] = {"name": ROWS}
    if tables:
        found["datasets"] = {name: _arrow(rows) for name, rows in tables.items()}
    return found


def _arrow(rows: list[dict[str, Any]]) -> bytes:
    """Return flat rows as an Arrow stream; whole numbers with gaps become decimals, as in a list.

    A browser takes 64-bit whole numbers for another kind of number where it also meets a gap.
    """
    frame = pl.DataFrame(rows, infer_schema_length=None)
    gaps = [n for n, kind in frame.schema.items() if kind.is_integer() and frame[n].null_count()]
    stream = io.BytesIO()
    whole = frame.with_columns(pl.col(gaps).cast(pl.Float64))
    whole.write_ipc_stream(stream, compat_level=pl.CompatLevel.oldest())
    return stream.getvalue()
