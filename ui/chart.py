"""How does a chart reach the browser? As a spec whose rows are packed once, not at every run.

Streamlit takes rows as a list through a data frame each time a page runs, which was a third of a
warm run. Packed rows it passes on as they are.
"""

from typing import Any

import altair as alt
from streamlit.dataframe_util import convert_anything_to_arrow_bytes

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
        found["datasets"] = {
            name: convert_anything_to_arrow_bytes(rows) for name, rows in tables.items()
        }
    return found
