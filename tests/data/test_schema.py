"""Does the gate of the frames let through what fits, and say what does not?"""

import datetime as dt

import polars as pl
import pytest

from data.schema import (
    CHANGES,
    FACTS,
    FIGURES,
    FINDINGS,
    RAW,
    SCORES,
    conform,
    empty,
)

POINTS = pl.Schema({"unit": pl.String, "period": pl.Date, "value": pl.Float64})


def test_the_frames_have_the_columns_of_the_command_line_contract() -> None:
    assert list(FIGURES) == [
        *("indicator", "unit", "period", "window", "numerator", "denominator", "value", "due"),
        *("reported", "status", "suppressed", "definition"),
    ]
    assert list(CHANGES) == [
        *FIGURES,
        *("comparator", "base_period", "compared_value", "base_value", "compared_units", "change"),
        *("change_kind", "note", "lower", "upper", "reading"),
    ]
    assert list(FACTS)[:6] == ["measure", "definition", "unit", "period", "value", "status"]
    assert (len(RAW), len(FINDINGS), len(SCORES)) == (9, 13, 10)


def test_conform_orders_and_casts() -> None:
    frame = pl.DataFrame({"value": [3], "period": [dt.date(2024, 10, 1)], "unit": ["yz"]})
    assert conform(frame, POINTS).schema == POINTS
    assert conform(frame.lazy(), POINTS).row(0) == ("yz", dt.date(2024, 10, 1), 3.0)


def test_conform_names_the_column_that_is_meant() -> None:
    frame = pl.DataFrame({"units": ["yz"], "period": [dt.date(2024, 10, 1)], "value": [3.0]})
    with pytest.raises(ValueError, match=r"unknown column 'units' \(did you mean 'unit'\?\)"):
        conform(frame, POINTS)
    with pytest.raises(ValueError, match="missing column 'period'"):
        conform(frame.drop("period").rename({"units": "unit"}), POINTS)


def test_conform_refuses_a_value_that_is_no_number() -> None:
    frame = pl.DataFrame({"unit": ["yz"], "period": [dt.date(2024, 10, 1)], "value": ["12 起"]})
    with pytest.raises(pl.exceptions.InvalidOperationError):
        conform(frame, POINTS)


def test_an_empty_frame_has_every_column() -> None:
    assert empty(FACTS).schema == FACTS
    assert conform(empty(CHANGES), CHANGES).is_empty()
