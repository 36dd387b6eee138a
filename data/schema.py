"""What columns and words does each frame of the product carry?

Six tidy frames travel through the code. Their columns, order and types are fixed here, and
`conform` is the only gate: whatever leaves a reader or a calculation has passed it.
"""

from typing import Any

import polars as pl

from data.parse import nearest

PERIOD: Any = pl.Date
VINTAGE: Any = pl.Datetime("us", "UTC")

RAW = pl.Schema(
    {
        "file": pl.String,
        "sheet": pl.String,
        "cell": pl.String,
        "row": pl.Int64,
        "col": pl.Int64,
        "text": pl.String,
        "value": pl.Float64,
        "kind": pl.String,
        "liberty": pl.String,
    }
)
FACTS = pl.Schema(
    {
        "measure": pl.String,
        "definition": pl.Int64,
        "unit": pl.String,
        "period": PERIOD,
        "value": pl.Float64,
        "status": pl.String,
        "vintage": VINTAGE,
        "submission": pl.String,
        "sheet": pl.String,
        "cell": pl.String,
    }
)
FIGURES = pl.Schema(
    {
        "indicator": pl.String,
        "unit": pl.String,
        "period": PERIOD,
        "window": pl.String,
        "numerator": pl.Float64,
        "denominator": pl.Float64,
        "value": pl.Float64,
        "due": pl.Int64,
        "reported": pl.Int64,
        "status": pl.String,
        "suppressed": pl.Boolean,
        "definition": pl.Int64,
    }
)
CHANGES = pl.Schema(
    {
        **FIGURES,
        "comparator": pl.String,
        "base_period": PERIOD,
        "compared_value": pl.Float64,
        "base_value": pl.Float64,
        "compared_units": pl.Int64,
        "change": pl.Float64,
        "change_kind": pl.String,
        "note": pl.String,
        "lower": pl.Float64,
        "upper": pl.Float64,
        "reading": pl.String,
    }
)
FINDINGS = pl.Schema(
    {
        "rule": pl.String,
        "severity": pl.String,
        "unit": pl.String,
        "period": PERIOD,
        "measure": pl.String,
        "sheet": pl.String,
        "cell": pl.String,
        "value": pl.String,
        "message_zh": pl.String,
        "message_en": pl.String,
        "fix_zh": pl.String,
        "fix_en": pl.String,
        "answer": pl.String,
    }
)
SCORES = pl.Schema(
    {
        "scheme": pl.String,
        "round": pl.String,
        "unit": pl.String,
        "group": pl.String,
        "item": pl.String,
        "value": pl.Float64,
        "score": pl.Float64,
        "weight": pl.Float64,
        "points": pl.Float64,
        "note": pl.String,
    }
)

CELL_KIND = ("number", "text", "empty", "error", "formula", "date")
STATUS = ("final", "provisional", "estimated", "missing")
SEVERITY = ("mandatory", "query", "info")
WINDOW = ("month", "quarter", "half", "ytd", "year", "rolling12", "jan_feb", "wave")
COMPARATOR = ("yoy", "mom", "target", "two_year", "peers")
CHANGE_KIND = ("pct", "pp", "points", "abs", "none")
NOTE = (
    "none",
    "zero_base",
    "both_zero",
    "small_base",
    "missing_base",
    "break",
    "festival",
    "partial",
    "opened",
    "closed",
    "structure",
    "response",
)
READING = (
    "none",
    "better",
    "worse",
    "up",
    "down",
    "not_significant",
    "short_history",
)
BASIS = ("now", "then", "matched")
POLICY = ("monitor", "compare", "score", "rank")
FREQUENCY = ("M", "Q", "H", "A")


def conform(frame: pl.DataFrame | pl.LazyFrame, schema: pl.Schema) -> pl.DataFrame:
    """Return the frame with exactly the columns of the schema, in order and cast.

    A column too many or too few is a mistake of the code that built the frame, so it raises.

    >>> points = pl.Schema({"unit": pl.String, "value": pl.Float64})
    >>> conform(pl.DataFrame({"value": [1], "unit": ["yz01"]}), points).row(0)
    ('yz01', 1.0)
    """
    frame = frame.lazy().collect()
    missing = [name for name in schema if name not in frame.columns]
    unknown = [name for name in frame.columns if name not in schema]
    if missing or unknown:
        hints = [f"unknown column '{name}'{nearest(name, missing)}" for name in unknown]
        hints += [f"missing column '{name}'" for name in missing]
        msg = f"frame does not fit its schema: {'; '.join(hints)}. Wanted: {', '.join(schema)}"
        raise ValueError(msg)
    return frame.select(pl.col(name).cast(kind, strict=True) for name, kind in schema.items())


def empty(schema: pl.Schema) -> pl.DataFrame:
    """Return a frame of the schema without rows.

    >>> empty(SCORES).shape
    (0, 10)
    """
    return pl.DataFrame(schema=schema)
