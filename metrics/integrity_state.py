"""Which questions are open, answered or closed, and which are asked anew?

A closed question stays closed while nothing new speaks for it. It is asked again once so many
months after those that were known at its closing speak for it; a question about one month never is.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from data.definition_types import Catalog
from metrics.integrity import OF_A_MONTH

STATES = ("open", "again", "answered", "closed")
#: What is known of a question beside its test.
STATE: dict[str, Any] = {
    "state": pl.String,
    "outcome": pl.String,
    "answer": pl.String,
    "answered_at": pl.Datetime("us", "UTC"),
    "closing": pl.String,
    "closed_at": pl.Datetime("us", "UTC"),
}
SUBJECT = ("question", "unit", "measure")


def with_states(asked: pl.DataFrame, acts: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """Return the questions with their states and last words, those to be done first.

    Needs: rows of `Run.asked`, and acts as the store keeps them, oldest first.
    """
    kinds = {question.code: question.kind for question in catalog.integrity.questions}
    said: dict[tuple, list[dict]] = {}
    for act in acts.iter_rows(named=True):
        said.setdefault(tuple(act[name] for name in SUBJECT), []).append(act)
    rows = []
    for row in asked.iter_rows(named=True):
        known = said.get(tuple(row[name] for name in SUBJECT), [])
        if kinds.get(row["question"]) in OF_A_MONTH:
            known = [act for act in known if act["evidence"] == row["evidence"]]
        rows.append(state_of(row, known, catalog.integrity.renew))
    states = pl.DataFrame(rows, schema=STATE)
    found = pl.concat([asked, states], how="horizontal")
    order = pl.col("state").replace_strict({name: at for at, name in enumerate(STATES)})
    return found.sort(order, "q", "p", "key")


def no_longer_asked(asked: pl.DataFrame, acts: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """Return what was answered once and is not asked any more: corrected, or no longer so.

    Rows: SUBJECT, the evidence of the last act and the STATE; the latest first.
    """
    kinds = {question.code: question.kind for question in catalog.integrity.questions}

    def subject(row: Mapping[str, Any]) -> tuple:
        month = row["evidence"] if kinds.get(row["question"]) in OF_A_MONTH else None
        return (*(row[name] for name in SUBJECT), month)

    now = {subject(row) for row in asked.iter_rows(named=True)}
    said: dict[tuple, list[dict]] = {}
    for act in acts.iter_rows(named=True):
        if subject(act) not in now:
            said.setdefault(subject(act), []).append(act)
    rows = [
        {name: found[-1][name] for name in (*SUBJECT, "evidence")}
        | state_of({"months": []}, found, catalog.integrity.renew)
        for found in reversed(said.values())
    ]
    schema = {**dict.fromkeys(SUBJECT, pl.String), "evidence": pl.Date, **STATE}
    return pl.DataFrame(rows, schema=schema)


def state_of(row: Mapping[str, Any], acts: list[dict], renew: int) -> dict[str, Any]:
    """Return how far one question is, by what was said to it.

    >>> import datetime as dt
    >>> months = [dt.date(2024, month, 1) for month in (7, 8, 9)]
    >>> said = {"outcome": "explained", "words": "", "said_at": None, "evidence": months[0]}
    >>> acts = [{**said, "act": "answer"}, {**said, "act": "close"}]
    >>> [state_of({"months": months}, acts, renew)["state"] for renew in (3, 2)]
    ['closed', 'again']
    """
    answers = [act for act in acts if act["act"] == "answer"]
    closings = [act for act in acts if act["act"] == "close"]
    found: dict[str, Any] = dict.fromkeys(STATE)
    if answers:
        found |= {"answer": answers[-1]["words"], "answered_at": answers[-1]["said_at"]}
    if closings:
        last = closings[-1]
        found |= {
            "outcome": last["outcome"],
            "closing": last["words"],
            "closed_at": last["said_at"],
        }
    if not acts:
        state = "open"
    elif acts[-1]["act"] == "answer":
        state = "answered"
    else:
        later = sum(month > acts[-1]["evidence"] for month in row["months"] or ())
        state = "again" if later >= renew else "closed"
    return found | {"state": state}
