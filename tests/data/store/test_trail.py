"""Does the trail of a cell tell what happened to it, from what was written to what counts?"""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from data.access import OPERATOR, Viewer
from data.schema import FINDINGS
from data.store.database import Store
from data.store.facts import KEY
from data.store.lineage import read_lineage
from data.store.record import answer, confirm, import_facts, review, submit
from data.store.trail import BESIDE, EVENTS, read_trail, told
from tests.data.store.desk import FIRST, HEAD, JUDGE, SECOND, SENT, TYPED, TYPIST, typed
from tests.data.store.samples import FORM, checked, day, facts, source

WHY = "one case came late"


def cells_of(lineage: pl.DataFrame, unit: str, value: float | None) -> pl.DataFrame:
    """Return the latest cell of a unit as a passport lists it; hidden where there is no value."""
    last = lineage.filter(unit=unit).tail(1)
    return last.select(*KEY, "submission", fact="id", value=pl.lit(value, pl.Float64))


def trail(store: Store, unit: str, value: float | None, viewer: Viewer = OPERATOR) -> pl.DataFrame:
    lineage = read_lineage(store, viewer, ["cases"])
    return read_trail(store, lineage, cells_of(lineage, unit, value), {}, "en")


@pytest.fixture
def corrected(store: Store) -> Store:
    """October of a1: filed as 12 起, asked about, explained, approved; then corrected to 13."""
    asked = [
        {name: None for name in FINDINGS}
        | {"rule": "R17", "severity": "query", "sheet": "M02", "cell": "C3", "unit": "a1"}
        | {"message_zh": "12 起，比上月多", "message_en": "12, more than last month"}
    ]
    made = typed()
    written = pl.when(pl.col("cell") == "C3").then(pl.lit("１２起")).alias("written")
    made = replace(
        made,
        facts=made.facts.with_columns(written),
        findings=pl.DataFrame(asked, schema=FINDINGS, orient="row"),
    )
    number = submit(store, TYPIST, made, SENT).number
    answer(store, TYPIST, number, "C3", "a gang was caught", day("2024-11-04"))
    for clerk in (FIRST, SECOND):
        confirm(store, clerk, number, at=day("2024-11-05"))
    review(store, JUDGE, number, accept=True, at=day("2024-11-06"))
    review(store, HEAD, number, accept=True, reason="compared with the ledger",
           at=day("2024-11-07"))  # fmt: skip
    again = typed(TYPED.replace("12 C3", "13 C4").replace("4 C4", "4 C5"))
    number = submit(store, TYPIST, again, day("2024-11-10"), reason=WHY).number
    confirm(store, FIRST, number, at=day("2024-11-11"))
    review(store, JUDGE, number, accept=True, at=day("2024-11-12"))
    review(store, HEAD, number, accept=True, at=day("2024-11-13"))
    return store


def test_a_corrected_cell_tells_its_whole_life(corrected: Store) -> None:
    found = trail(corrected, "a1", 13)
    rows = found.select(pl.col("at").dt.strftime("%m-%d"), "event", "by", "level", "value", "words")
    assert rows.rows() == [
        ("11-03", "filed", "qian", None, 12.0, "１２起"),
        ("11-03", "asked", "qian", "query", None, "R17 12, more than last month"),
        ("11-04", "answered", "qian", None, None, "a gang was caught"),
        ("11-05", "confirmed", "wu", None, None, None),
        ("11-06", "accepted", "zhao", "county", None, None),
        ("11-07", "accepted", "sun", "city", None, "compared with the ledger"),
        ("11-07", "in_force", None, None, 12.0, None),
        ("11-10", "filed", "qian", None, 13.0, None),
        ("11-10", "corrects", "qian", None, None, WHY),
        ("11-11", "confirmed", "wu", None, None, None),
        ("11-12", "accepted", "zhao", "county", None, None),
        ("11-13", "accepted", "sun", "city", None, None),
        ("11-13", "in_force", None, None, 13.0, None),
    ]
    assert found["cell"].unique(maintain_order=True).to_list() == ["C3", "C4"]
    assert found["version"].unique(maintain_order=True).to_list() == [1, 2]
    assert found["fact"].n_unique() == 1
    assert found.schema == EVENTS


def test_what_is_said_beside_a_cell_is_of_the_vintage_that_counts(corrected: Store) -> None:
    lineage = read_lineage(corrected, OPERATOR, ["cases"])
    cells = pl.concat([cells_of(lineage, "a1", 13), cells_of(lineage, "a2", 4)])
    found = told(cells, read_trail(corrected, lineage, cells, {}, "en"))
    assert found.select(BESIDE).drop("submitted_at", "confirmed_at").rows() == [
        (None, "wu", "county zhao 2024-11-12; city sun 2024-11-13", WHY, 0),
        (None, "wang", "county zhao 2024-11-06; city sun 2024-11-07", None, 0),
    ]
    assert found["submitted_at"].dt.day().to_list() == [10, 3]
    early = read_lineage(corrected, OPERATOR, ["cases"], as_of=dt.date(2024, 11, 9))
    cell = cells_of(early, "a1", 12)
    (row,) = told(cell, read_trail(corrected, early, cell, {}, "en")).iter_rows(named=True)
    assert (row["written"], row["findings"], row["why"]) == ("１２起", 1, None)


def test_a_hidden_cell_tells_who_and_when_but_not_what(corrected: Store) -> None:
    found = trail(corrected, "a1", None)
    assert found.height == 13
    assert found["value"].null_count() == found["words"].null_count() == 13


def test_history_tells_its_file_and_the_vintage_that_it_was_dated_to(store: Store) -> None:
    for value, moment in ((11, day("2024-11-01")), (12, day("2024-11-20"))):
        made = facts(f"cases a1 2024-10 {value} C3")
        import_facts(store, OPERATOR, made, FORM, source("cases.csv"), moment)
    found = trail(store, "a1", 12)
    assert found.select("event", "value", "file", "cell").rows() == [
        ("imported", 11.0, "cases.csv", "C3"),
        ("in_force", 11.0, "cases.csv", "C3"),
        ("imported", 12.0, "cases.csv", "C3"),
        ("in_force", 12.0, "cases.csv", "C3"),
    ]
    assert found.filter(event="in_force")["at"].dt.day().to_list() == [1, 20]


def test_a_withdrawn_and_filed_again_cell_says_so(store: Store) -> None:
    scope = replace(FORM, file_replaces="scope")
    for number, table in enumerate(("cases a1 2024-10 12 C3", "loss a1 2024-10 1 C4")):
        made = facts(table)
        moment = day(f"2024-11-0{number + 1}")
        import_facts(store, OPERATOR, made, scope, source(f"{number}.csv"), moment)
    own = checked("cases a1 2024-10 13 C3", "a1")
    receipt = submit(store, FIRST, own, day("2024-11-05")).number
    review(store, HEAD, receipt, accept=True, at=day("2024-11-06"))
    kinds = trail(store, "a1", 13)["event"].to_list()
    assert kinds == [
        *("imported", "in_force", "withdrawn", "in_force"),
        *("filed", "accepted", "in_force"),
    ], "nothing approved stood there any more, so that it corrects nothing"


def test_others_confirmations_are_not_told(corrected: Store) -> None:
    first = trail(corrected, "a1", 13, FIRST)
    assert set(first["unit"]) == {"a1"}
    assert "wang" not in first["by"].to_list()
    lineage = read_lineage(corrected, FIRST, ["cases"])
    assert set(lineage["unit"]) == {"a1"}
