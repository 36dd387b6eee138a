"""Which cells break the form's own expectations? Great Expectations lives here and nowhere else.

The expectations are few: what differs between measures (range, decimals, duty) stands in columns
of the judged frames, which are made from the definitions. What an expectation costs hardly depends
on the rows, so all limits of all cells are rows of one frame, and so are all words that must not
be there.
"""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import great_expectations as gx  # noqa: E402 - the switch above must be set first
import polars as pl  # noqa: E402
from great_expectations import expectations as gxe  # noqa: E402
from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: E402

#: Every failure is named by these columns of the frame.
INDEX = ["row", "sheet", "cell", "check"]
_COMPLETE = {"result_format": "COMPLETE", "unexpected_index_column_names": INDEX}


def suites() -> dict[str, Any]:
    """Return the suites by the frame that each of them judges."""
    expected = {
        "claims": gxe.ExpectColumnValuesToBeInSet(column="holds", value_set=[True]),
        "words": gxe.ExpectColumnValuesToBeNull(column="wrong"),
        "limits": gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="larger",
            column_B="smaller",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
        ),
        "cells": gxe.ExpectCompoundColumnsToBeUnique(column_list=["unit", "measure"]),
    }
    return {name: gx.ExpectationSuite(name=name, expectations=[e]) for name, e in expected.items()}


class Validator:
    """A context with the suites, ready to judge one return after another."""

    def __init__(self) -> None:
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(
            globally=False, metric_calculations=False
        )
        source = context.data_sources.add_pandas("returns")
        self.suites = suites()
        self.batches = {
            name: source.add_dataframe_asset(name).add_batch_definition_whole_dataframe(name)
            for name in self.suites
        }

    def judge(self, frames: dict[str, pl.DataFrame]) -> list[dict[str, Any]]:
        """Return one entry a failure: suite, check, row, sheet, cell, in the order of the frames.

        Needs: each frame with the columns of INDEX. An expectation that could not be
        evaluated raises: that is a fault of the program, never of the return.
        """
        found: list[dict[str, Any]] = []
        for name, frame in frames.items():
            if frame.is_empty():
                continue
            batch = self.batches[name].get_batch({"dataframe": frame.to_arrow().to_pandas()})
            for result in batch.validate(self.suites[name], result_format=_COMPLETE).results:
                found += _failures(name, result)
        return found


def _failures(suite: str, result: Any) -> list[dict[str, Any]]:
    problem = result.exception_info or {}
    if problem.get("raised_exception") or not result.result:
        reason = problem.get("exception_message") or _first_message(problem) or "no result"
        message = f"the expectation of suite '{suite}' could not be evaluated: {reason}"
        raise RuntimeError(message)
    places = result.result.get("unexpected_index_list") or []
    return [
        {"suite": suite, **place, "row": int(place["row"])}
        for place in ({name: place[name] for name in INDEX} for place in places)
    ]


def _first_message(problem: dict[str, Any]) -> str:
    nested = [v for v in problem.values() if isinstance(v, dict) and v.get("raised_exception")]
    return str(nested[0].get("exception_message", "")) if nested else ""
