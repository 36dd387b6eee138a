"""Are findings and returns counted as one would by hand?"""

import datetime as dt

import polars as pl
import pytest

from data.returns.outcomes import OUTCOMES
from data.store.histories import CHANGES, FINDINGS, RETURNS
from metrics.quality import (
    change_sizes,
    findings_by_rule,
    first_pass,
    hot_spots,
    own_history,
    resolution,
)

SEPTEMBER, OCTOBER = dt.date(2024, 9, 1), dt.date(2024, 10, 1)


def moment(day: float) -> dt.datetime:
    """Return so many days after the start of November."""
    return dt.datetime(2024, 11, 1, tzinfo=dt.UTC) + dt.timedelta(days=day - 1)


def rows(schema: dict, *told: dict, **same: object) -> pl.DataFrame:
    """Return rows of a frame; what is not told is null."""
    return pl.DataFrame([{name: None for name in schema} | same | row for row in told], schema)


def finding(unit: str, rule: str, period: dt.date, submission: int, **more: object) -> dict:
    told = {"unit": unit, "rule": rule, "period": period, "submission": submission}
    return {"severity": "query", "form": "M02", "measure": "cases", "answered": True} | told | more


FOUND = rows(
    FINDINGS,
    finding("a1", "R49", SEPTEMBER, 1),
    finding("a1", "R49", OCTOBER, 3),
    finding("a1", "R49", OCTOBER, 3, measure="loss", answered=False),
    finding("a2", "R49", OCTOBER, 3),
    finding("a2", "R17", OCTOBER, 4),
    finding("a2", "F07", OCTOBER, 4, severity="info", answered=False),
)


def outcome(
    unit: str, form: str, period: dt.date, *marks: bool | None, came: int | None = 3
) -> dict:
    names = ("is_due", "on_time", "first_pass", "revised")
    day = None if came is None else dt.date(2024, 11, came)
    told = dict(zip(names, marks, strict=True)) | {"came": day}
    return {"unit": unit, "form": form, "period": period, "is_imported": False} | told


FATES = rows(
    OUTCOMES,
    outcome("a1", "M01", OCTOBER, True, True, True, True),
    outcome("a1", "M02", OCTOBER, True, True, None, False),
    outcome("a1", "M03", OCTOBER, True, False, False, False, came=None),
    outcome("a1", "M02", SEPTEMBER, True, True, True, False),
    outcome("a2", "M02", OCTOBER, True, False, True, False, came=7),
    outcome("a2", "M04", OCTOBER, False, None, None, False, came=None),
)


def test_a_rule_speaks_so_often_in_a_month() -> None:
    assert findings_by_rule(FOUND).rows() == [
        ("R49", "query", SEPTEMBER, 1, 1, 1, 1),
        ("R49", "query", OCTOBER, 3, 2, 2, 1),
        ("F07", "info", OCTOBER, 1, 0, 1, 1),
        ("R17", "query", OCTOBER, 1, 1, 1, 1),
    ]
    assert findings_by_rule(FOUND, ("unit",)).rows() == [("a1", 3, 2, 1, 2), ("a2", 3, 2, 1, 2)]
    assert findings_by_rule(FOUND.clear()).height == 0


def test_hot_spots_are_where_a_rule_asks_again_and_again() -> None:
    found = hot_spots(FOUND, FATES)
    columns = ("unit", "rule", "months", "findings", "returns", "filed", "share", "last")
    assert found.select(columns).rows() == [
        ("a1", "R49", 2, 3, 2, 2, 100, OCTOBER),
        ("a2", "R17", 1, 1, 1, 1, 100, OCTOBER),
        ("a2", "R49", 1, 1, 1, 1, 100, OCTOBER),
    ]
    assert hot_spots(FOUND, FATES.clear())["share"].null_count() == 3


def test_the_rate_is_of_the_returns_due() -> None:
    found = first_pass(FATES).rows(named=True)
    october = next(row for row in found if (row["unit"], row["period"]) == ("a1", OCTOBER))
    assert {name: october[name] for name in ("returns", "came", "ontime", "passed")} == {
        "returns": 3, "came": 2, "ontime": 2, "passed": 1,
    }  # fmt: skip
    assert (october["waiting"], october["revised"]) == (1, 1)
    assert october["rate"] == pytest.approx(100 / 3)
    assert october["ontime_rate"] == pytest.approx(200 / 3)
    by_month = first_pass(FATES, ("period",))
    assert by_month.select("period", "returns", "passed").rows() == [
        (SEPTEMBER, 1, 1),
        (OCTOBER, 4, 2),
    ]
    assert first_pass(FATES.clear()).height == 0


def file(unit: str, sent: float, state: str = "submitted", **more: object) -> dict:
    told = {"unit": unit, "form": "M02", "period": OCTOBER, "submitted_at": moment(sent)}
    plain = {"sent_back": False, "refused": [], "corrected": False, "questions": 0, "answered": 0}
    return told | plain | {"state": state} | more


def test_how_long_returns_take_and_what_became_of_questions() -> None:
    files = rows(
        RETURNS,
        file("a1", 1, "returned", sent_back=True, questions=3, answered=3),
        file("a1", 3, "approved", approved_at=moment(5), questions=2, answered=2),
        file("a2", 2, "approved", approved_at=moment(4)),
        file("a2", 9, "approved", approved_at=moment(10), corrected=True),
        file("b", 2, "returned", refused=["b1"]),
        file("b", 4, "checked", questions=1),
    )
    (row,) = resolution(files).rows(named=True)
    assert row == {
        "period": OCTOBER, "returns": 3, "files": 6, "approved": 2, "median_days": 3,
        "sent_back": 1, "refused": 1, "corrected": 1, "questions": 6, "answered": 5, "accepted": 2,
    }  # fmt: skip
    assert resolution(files, ("unit",))["median_days"].to_list() == [4, 2, None]


def change(
    unit: str, period: dt.date, before: float, after: float | None, how: str, **more: object
):
    told = {"unit": unit, "period": period, "before": before, "after": after, "how": how}
    return {"form": "M02", "measure": "cases", "submission": 9} | told | more


CHANGED = rows(
    CHANGES,
    change("a1", OCTOBER, 12, 15, "sent_back"),
    change("a1", OCTOBER, 15, 14, "corrected", submission=10),
    change("a2", SEPTEMBER, 0, 4, "corrected", measure="loss"),
    change("a2", OCTOBER, 8, None, "corrected", submission=10),
)


def test_one_s_own_history_says_whether_the_figure_stood() -> None:
    found = own_history(FOUND, CHANGED)
    columns = ("unit", "measure", "rule", "months", "first", "last", "findings", "changed")
    assert found.select(columns).rows() == [
        ("a1", "cases", "R49", 2, SEPTEMBER, OCTOBER, 2, 1),
        ("a1", "loss", "R49", 1, OCTOBER, OCTOBER, 1, 0),
        ("a2", "cases", "R17", 1, OCTOBER, OCTOBER, 1, 1),
        ("a2", "cases", "R49", 1, OCTOBER, OCTOBER, 1, 1),
        ("a2", "loss", "changed", 1, SEPTEMBER, SEPTEMBER, 0, 1),
    ]
    assert own_history(FOUND.clear(), CHANGED.clear()).height == 0


def test_how_far_figures_moved_between_files() -> None:
    found = change_sizes(CHANGED).rows(named=True)
    by_key = {(row["measure"], row["how"]): row for row in found}
    corrected = by_key["cases", "corrected"]
    assert (corrected["figures"], corrected["returns"], corrected["ups"]) == (2, 1, 0)
    assert (corrected["median"], corrected["largest"]) == (1, -1)
    assert corrected["median_pct"] == pytest.approx(100 / 15)
    loss = by_key["loss", "corrected"]
    assert (loss["median"], loss["median_pct"]) == (4, None)
    assert by_key["cases", "sent_back"]["median_pct"] == 25
