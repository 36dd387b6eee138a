"""How do contributions look as a table, the whole first and its lines below?"""

import polars as pl

from metrics.contributed import WHOLE, Contributions
from metrics.mix import Pair

CONTRIBUTIONS = pl.Schema(
    {
        **dict.fromkeys(("indicator", "unit"), pl.String),
        "period": pl.Date,
        "window": pl.String,
        "comparator": pl.String,
        "base_period": pl.Date,
        **dict.fromkeys(("by", "part", "role"), pl.String),
        **dict.fromkeys(
            ("value", "base_value", "numerator", "denominator", "base_numerator",
             "base_denominator", "rate_effect", "mix_effect", "contribution"),
            pl.Float64,
        ),
        "note": pl.String,
    }
)  # fmt: skip


def contributions_frame(found: Contributions) -> pl.DataFrame:
    """Return CONTRIBUTIONS: the whole first, then its lines, which add up to it."""
    row = found.whole
    key = {name: row[name] for name in ("indicator", "unit", "period", "window", "comparator",
                                        "base_period")}  # fmt: skip
    key["by"] = found.by
    first = {
        "part": row["unit"],
        "role": WHOLE,
        "value": row["compared_value"],
        "base_value": row["base_value"],
        "rate_effect": found.own if found.is_rate and found.lines else None,
        "mix_effect": found.weight if found.is_rate and found.lines else None,
        "contribution": found.change,
        "note": row["note"],
    }
    rows = [key | first | _numbers(found.pair)]
    for line in found.lines:
        told = {
            "part": line.code,
            "role": line.role,
            "value": line.value,
            "base_value": line.base_value,
            "rate_effect": line.own if found.is_rate else None,
            "mix_effect": line.weight if found.is_rate else None,
            "contribution": line.contribution,
            "note": line.note,
        }
        rows.append(key | told | _numbers(line.pair))
    return pl.DataFrame(rows, schema=CONTRIBUTIONS)


def _numbers(pair: Pair | None) -> dict[str, float | None]:
    """Return the four numbers of a part by the names of their columns."""
    names = ("numerator", "base_numerator", "denominator", "base_denominator")
    numbers = (None,) * 4 if pair is None else pair.numbers
    return {
        name: None if number is None else float(number)
        for name, number in zip(names, numbers, strict=True)
    }
