"""Is each return judged as the rules say, and are the counts those of a plain count?"""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.returns.outcomes import CELLS, FILES, OWED, VINTAGES, Filed, counts, outcomes

OCTOBER, DUE, TODAY = dt.date(2024, 10, 1), dt.date(2024, 11, 5), dt.date(2024, 11, 11)
UNITS, MEASURES = ("a1", "a2"), ("cases", "loss")


def moment(day: int) -> dt.datetime:
    """Return noon of a day of November."""
    return dt.datetime(2024, 11, day, 12, tzinfo=dt.UTC)


def file(  # noqa: PLR0913 - a file has that many sides
    cells: str,
    sent: int,
    state: str = "submitted",
    filer: str = "a1",
    ready: int | None = -1,
    decided: int | None = None,
    sent_back: bool = False,
    refused: tuple[str, ...] = (),
) -> dict:
    """Return a file of a day; cells are `a1 cases 5, a1 loss 2`. It is in at once unless said."""
    return {
        "cells": [tuple(cell.split()) for cell in cells.split(", ")],
        "filer": filer,
        "state": state,
        "submitted_at": moment(sent),
        "ready": None if ready is None else dt.date(2024, 11, sent if ready == -1 else ready),
        "decided_at": None if decided is None else moment(decided),
        "sent_back": sent_back,
        "refused": list(refused),
    }


def judged(
    *files: dict,
    imported: str = "",
    due: dt.date = DUE,
    today: dt.date = TODAY,
    used: tuple[dt.date, ...] = (OCTOBER,),
) -> dict[str, tuple]:
    """Return of each unit: is_due, on_time, first_pass, revised."""
    return {row["unit"]: tuple(row[name] for name in SHOWN) for row in told(
        files, imported, due, today, used).iter_rows(named=True)}  # fmt: skip


SHOWN = ("is_due", "on_time", "first_pass", "revised")


def told(
    files: tuple[dict, ...],
    imported: str = "",
    due: dt.date = DUE,
    today: dt.date = TODAY,
    used: tuple[dt.date, ...] = (OCTOBER,),
) -> pl.DataFrame:
    owed = [(unit, "M02", OCTOBER, unit, code) for unit in UNITS for code in MEASURES]
    rows, cells = [], []
    for number, one in enumerate(files, start=1):
        rows.append({"id": number, "receipt": f"R{number}"} | {n: one[n] for n in list(FILES)[2:]})
        cells += [(number, unit, code, OCTOBER, float(v)) for unit, code, v in one["cells"]]
    filed = Filed(
        pl.DataFrame(rows, schema=FILES),
        pl.DataFrame(cells, schema=CELLS, orient="row"),
        pl.DataFrame(vintages(files, imported), schema=VINTAGES, orient="row"),
        used,
    )
    days = pl.DataFrame({"unit": UNITS, "form": "M02", "period": OCTOBER, "due": due})
    return outcomes(pl.DataFrame(owed, schema=OWED, orient="row"), days, filed, today)


def vintages(files: tuple[dict, ...], imported: str = "") -> list[tuple]:
    """Return the approved figures: what an import brought, then what each approval changed."""
    known, rows = {}, []
    for cell in imported.split(", ") if imported else ():
        unit, code, value = cell.split()
        known[unit, code] = float(value)
        rows.append((unit, code, 1, OCTOBER, 0))
    approved = [(f["decided_at"], number, f) for number, f in enumerate(files, start=1)
                if f["state"] == "approved"]  # fmt: skip
    for _, number, one in sorted(approved, key=lambda entry: entry[:2]):
        for unit, code, value in one["cells"]:
            if known.get((unit, code)) != float(value):
                known[unit, code] = float(value)
                rows.append((unit, code, 1, OCTOBER, number))
    return rows


BOTH = "a1 cases 5, a1 loss 2"
MISSED = (True, False, False, False)


def test_in_time_approved_as_filed() -> None:
    found = judged(file(BOTH, 3, "approved", decided=6))
    assert found == {"a1": (True, True, True, False), "a2": MISSED}


@pytest.mark.parametrize(("day", "expected"), [(5, True), (6, False)])
def test_the_due_day_counts_in_full(day: int, expected: bool) -> None:
    assert judged(file(BOTH, day, "approved", decided=9))["a1"] == (True, expected, True, False)


def test_more_time_moves_the_day() -> None:
    late = file(BOTH, 8, "approved", decided=9)
    assert judged(late, due=dt.date(2024, 11, 8))["a1"][1] is True


def test_a_file_is_in_when_its_questions_are_explained() -> None:
    answered = file(BOTH, 4, "approved", ready=7, decided=9)
    assert judged(answered)["a1"] == (True, False, True, False), "late, but passed at once"
    open_still = file(BOTH, 4, "checked", ready=None)
    assert judged(open_still)["a1"] == (True, False, None, False)
    assert judged(open_still, today=DUE)["a1"] == (False, None, None, False)


def test_what_is_not_due_yet_is_not_counted() -> None:
    early = judged(file(BOTH, 3), today=DUE)
    assert early == {"a1": (True, True, None, False), "a2": (False, None, None, False)}


def test_half_in_time_and_half_too_late_is_late() -> None:
    first = file("a1 cases 5", 4, "replaced")
    second = file(BOTH, 7, "approved", decided=9)
    assert judged(first, second)["a1"] == (True, False, True, False)
    same = file(BOTH.replace("5", "6"), 7, "approved", decided=9)
    assert judged(file(BOTH, 4, "replaced"), same)["a1"] == (True, True, True, False), "mended"


def test_a_blank_line_is_a_matter_of_coverage() -> None:
    assert judged(file("a1 cases 5", 4, "approved", decided=9))["a1"] == (True, True, True, False)


def test_what_is_added_after_the_approval_costs_nothing() -> None:
    part = file("a1 cases 5", 4, "approved", decided=6)
    rest = file(BOTH, 8, "approved", decided=9)
    assert judged(part, rest)["a1"] == (True, True, True, False)


def test_a_correction_of_one_s_own_is_revised_and_no_more() -> None:
    first = file(BOTH, 4, "approved", decided=6)
    later = BOTH.replace("5", "6")
    assert judged(first, file(later, 9))["a1"] == (True, True, True, False), "it waits still"
    mended = file(later, 9, "approved", decided=10)
    assert judged(first, mended)["a1"] == (True, True, True, True)
    returned = file(later, 9, "returned", decided=10, sent_back=True)
    assert judged(first, returned)["a1"] == (True, True, True, False)


def test_sent_back_is_not_passed_at_once_though_in_time() -> None:
    back = file(BOTH, 4, "returned", decided=6, sent_back=True)
    assert judged(back)["a1"] == (True, True, False, False)
    again = file(BOTH, 8, "approved", decided=9)
    assert judged(back, again)["a1"] == (True, True, False, False), "the same figures again"


def test_of_a_typed_file_sent_back_only_the_changed_rows_are_blamed() -> None:
    rows = f"{BOTH}, a2 cases 4"
    back = file(rows, 4, "returned", "a", decided=6, sent_back=True)
    assert {unit: of[2] for unit, of in judged(back).items()} == {"a1": None, "a2": None}
    again = file(rows.replace("a2 cases 4", "a2 cases 9"), 8, "approved", "a", decided=9)
    found = judged(back, again)
    assert found == {"a1": (True, True, True, False), "a2": (True, True, False, False)}


def test_rows_that_a_unit_refused_are_no_return_of_it() -> None:
    rows = f"{BOTH}, a2 cases 4"
    refused = file(rows, 4, "returned", "a", decided=5, refused=("a2",))
    assert judged(refused) == {"a1": (True, True, None, False), "a2": MISSED}
    again = file(rows.replace("a2 cases 4", "a2 cases 9"), 8, "approved", "a", decided=9)
    found = judged(refused, again)
    assert found == {"a1": (True, True, True, False), "a2": (True, False, True, False)}


def test_a_district_s_correction_revises_only_whose_row_it_changes() -> None:
    rows = f"{BOTH}, a2 cases 4"
    first = file(rows, 4, "approved", "a", decided=6)
    second = file(rows.replace("a2 cases 4", "a2 cases 3"), 8, "approved", "a", decided=9)
    found = judged(first, second)
    assert (found["a1"][3], found["a2"][3]) == (False, True)


def test_imported_figures_are_not_counted_nor_is_a_return_that_corrects_them() -> None:
    mended = file("a1 cases 6", 9, "approved", decided=10)
    found = judged(mended, imported=BOTH)
    assert found == {"a1": (False, None, None, False), "a2": MISSED}
    (row,) = told((mended,), BOTH).filter(unit="a1").rows(named=True)
    assert (row["is_imported"], row["came"]) == (True, None)
    partly = file(BOTH, 4, "approved", decided=6)
    assert judged(partly, imported="a1 cases 5")["a1"] == (True, True, True, False)


def test_a_month_in_which_nothing_was_filed_here_is_not_counted() -> None:
    none = (False, None, None, False)
    assert judged(imported=BOTH, used=()) == {"a1": none, "a2": none}
    numbers = counts(told((), BOTH, used=()))
    assert numbers.row(0) == ("a1", OCTOBER, None, None, None, None)


def test_counts_of_a_unit_and_month() -> None:
    numbers = counts(told((file(BOTH, 6, "approved", decided=9),)))
    assert numbers.rows() == [("a1", OCTOBER, 1, 0, 1, 0), ("a2", OCTOBER, 1, 0, 0, 0)]


# ---- any history at all, against a count in plain Python ----

VALUES = st.integers(0, 2)
STATES = ("checked", "submitted", "replaced", "returned", "refused", "approved")


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict, ...]:
    """Return files in the order of time, each with an end that its state allows."""
    files, day = [], 1
    for _ in range(draw(st.integers(0, 5))):
        day += draw(st.integers(0, 3))
        state = draw(st.sampled_from(STATES))
        filer = draw(st.sampled_from(("a", *UNITS)))
        units = UNITS if filer == "a" else (filer,)
        places = [(unit, code) for unit in units for code in MEASURES]
        held = draw(st.lists(st.sampled_from(places), min_size=1, unique=True))
        cells = ", ".join(f"{unit} {code} {draw(VALUES)}" for unit, code in held)
        is_refused = state == "refused" and filer == "a"
        waits = state == "checked" or (state == "replaced" and draw(st.booleans()))
        decided = day if state in ("returned", "approved", "refused") else None
        end = "returned" if state == "refused" else state
        refused = (draw(st.sampled_from(UNITS)),) if is_refused else ()
        back = state == "returned" or (state == "refused" and not is_refused)
        files.append(file(cells, day, end, filer, None if waits else day, decided, back, refused))
        day += 1
    return tuple(files)


def plain_count(files: tuple[dict, ...], imported: set[tuple[str, str]]) -> dict[str, tuple]:
    """Return of each unit: returns due, in time, passed at once, revised; counted by hand."""
    found: dict[str, tuple] = {}
    for unit in UNITS:
        mine = []
        for one in files:
            cells = {code: float(v) for of, code, v in one["cells"] if of == unit}
            if cells and unit not in one["refused"]:
                mine.append(one | {"said": cells})
        is_new = any((unit, code) not in imported for one in mine for code in one["said"])
        if not is_new and any(of == unit for of, _ in imported):
            found[unit] = (None, None, None, None)
            continue
        approved = [one for one in mine if one["state"] == "approved"]
        end = approved[0]["decided_at"] if approved else moment(30)
        early = [one for one in mine if one["submitted_at"] <= end]
        days = []
        for code in MEASURES:
            holding = [one for one in early if code in one["said"]]
            if holding:
                ready = [one["ready"] for one in holding if one["ready"] is not None]
                days.append(min(ready) if ready else None)
        known_days = [day for day in days if day is not None]
        in_time = bool(days) and known_days == days and max(known_days) <= DUE
        blamed = False
        for one in early:
            if one["sent_back"] and approved:
                same = [a for a in approved if a["filer"] == one["filer"]] or approved
                blamed |= one["filer"] == unit or same[0]["said"] != one["said"]
        changes, known = 0, {code: 9.0 for of, code in imported if of == unit}
        for one in [f for f in files if f["state"] == "approved"]:
            for of, code, value in one["cells"]:
                if of == unit and known.get(code) != float(value):
                    changes += code in known
                    known[code] = float(value)
        found[unit] = (1, int(in_time), int(bool(approved) and not blamed), int(changes > 0))
    return found


PLACES = [(unit, code) for unit in UNITS for code in MEASURES]


@settings(max_examples=100, deadline=None)
@given(histories(), st.sets(st.sampled_from(PLACES), max_size=2))
def test_counts_are_those_of_a_plain_count_and_never_exceed_what_is_due(
    files: tuple[dict, ...], imported: set[tuple[str, str]]
) -> None:
    brought = ", ".join(f"{unit} {code} 9" for unit, code in sorted(imported))
    numbers = counts(told(files, brought))
    assert {row[0]: row[2:] for row in numbers.iter_rows()} == plain_count(files, imported)
    for name in ("dq_returns_ontime", "dq_first_pass", "dq_revised"):
        assert (numbers[name] <= numbers["dq_returns_due"]).all()
