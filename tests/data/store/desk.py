"""A small bureau on its desk: a district that types the rows of two stations, and who acts."""

import datetime as dt
from dataclasses import replace

import polars as pl

from data.access import Viewer
from data.store.acts import Receipt
from data.store.database import Store
from data.store.record import confirm, review, submit
from data.store.source import Checked, Route
from tests.data.store.samples import checked, day

DISTRICT = frozenset({"a", "a-own", "a1", "a2"})
LEVELS = ("county", "city")
COUNTY, CITY = frozenset({"county", "station"}), frozenset({"city", "county", "station"})
TYPIST = Viewer("qian", "statistician", "a", DISTRICT, DISTRICT, (), frozenset({"a", "a-own"}))
FIRST = Viewer("wu", "statistician", "a1", frozenset({"a1"}))
SECOND = Viewer("wang", "statistician", "a2", frozenset({"a2"}))
JUDGE = Viewer("zhao", "reviewer", "a", DISTRICT, judges=COUNTY)
HEAD = Viewer("sun", "reviewer", "root", None, judges=CITY)
OTHER_HEAD = Viewer("zhou", "reviewer", "root", None, judges=CITY)
LEADER = Viewer("li", "leader", "a", DISTRICT)
STRANGER = Viewer("zheng", "reviewer", "b", frozenset({"b"}), judges=COUNTY)
TYPED = "cases a1 2024-10 12 C3\ncases a2 2024-10 4 C4"
SENT = day("2024-11-03")


def typed(table: str = TYPED, queries: tuple[str, ...] = (), own: tuple[str, ...] = ()) -> Checked:
    """Return a district's return, whose rows their own stations have to confirm but for `own`."""
    made = checked(table, "a", queries)
    filer = pl.when(pl.col("unit").is_in(list(own))).then(None).otherwise(pl.col("unit"))
    route = Route(LEVELS, dt.date(2024, 11, 5))
    return replace(made, facts=made.facts.with_columns(filer=filer), route=route)


def bring(store: Store, state: str) -> Receipt:
    """File a district's return and bring it to a state."""
    receipt = submit(store, TYPIST, typed(queries=("C3",) if state == "checked" else ()), SENT)
    if state in ("checked", "confirming"):
        return receipt
    if state == "replaced":
        submit(store, TYPIST, typed(TYPED.replace("12", "13")), SENT)
        return receipt
    for clerk in (FIRST, SECOND):
        confirm(store, clerk, receipt.number)
    if state == "returned":
        review(store, JUDGE, receipt.number, accept=False, reason="two cases are missing")
    for judge in {"reviewed": (JUDGE,), "approved": (JUDGE, HEAD)}.get(state, ()):
        review(store, judge, receipt.number, accept=True)
    return receipt
