"""How did each return that was owed turn out: in time, passed at once, changed afterwards?

Arithmetic only: what was owed, filed and approved comes in as frames (`data.returns.quality` reads
them). One return is what one filing unit owes of one form for one month, whoever's file its rows
came in.

The rules, each with a test of its own:

* **Came.** A file is in when no question is left open. The return has come when each figure that
  was filed before the return was first approved has been in a file that was in: half of it in time
  and the rest too late is late; a line that stays blank is a matter of coverage, not of time. A
  file that the unit itself took back before anybody judged it counts as well: who mends their own
  return is not late for it. Nor does what is filed after the first approval move the day.
* **On time** is a return that came by its day in the bureau's time zone. More time given to the
  unit, or to one above it, moves the day. One that has not come is late once the day is over; until
  then it is not counted at all.
* **Passed first time** is a return that was approved as it was first filed. Questions that were
  explained do not spoil it. A file that its own unit sent and a reviewer sent back does; of a file
  in which another unit typed the rows of many, only those units are held to account whose figures
  were changed before it was approved.
* **Refused by the unit** is no return of it: rows that a district typed and the unit did not
  confirm neither came in time nor failed. For the other units of that file they count as filed.
* **Revised** is a return of which an approved figure was changed or withdrawn later, in a file
  or an import that counts by now. A figure that was added is none. It costs nothing: neither the
  day nor the first pass is taken back.
* **Imported** figures were not filed here: whether they were in time cannot be known. A return that
  only corrects imported figures is not counted, nor is a month in which nothing was filed here.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import polars as pl

KEY = ["unit", "form", "period"]
CELL = ["of", "measure", "period"]
OWED: dict[str, Any] = {
    "unit": pl.String,
    "form": pl.String,
    "period": pl.Date,
    "of": pl.String,
    "measure": pl.String,
}
#: One file that came in. `ready` is the local day on which it was in, null while a question is
#: open; `refused` are the units that did not confirm their rows of it.
FILES: dict[str, Any] = {
    "id": pl.Int64,
    "receipt": pl.String,
    "filer": pl.String,
    "state": pl.String,
    "submitted_at": pl.Datetime("us", "UTC"),
    "ready": pl.Date,
    "decided_at": pl.Datetime("us", "UTC"),
    "sent_back": pl.Boolean,
    "refused": pl.List(pl.String),
}
#: One figure of a file.
CELLS: dict[str, Any] = {
    "id": pl.Int64,
    "of": pl.String,
    "measure": pl.String,
    "period": pl.Date,
    "value": pl.Float64,
}
#: One vintage of an approved figure, and the number of the submission that brought it.
VINTAGES: dict[str, Any] = {
    "of": pl.String,
    "measure": pl.String,
    "definition": pl.Int64,
    "period": pl.Date,
    "submission": pl.Int64,
}
OUTCOMES: dict[str, Any] = {
    "unit": pl.String,
    "form": pl.String,
    "period": pl.Date,
    "due": pl.Date,
    "came": pl.Date,
    "is_due": pl.Boolean,
    "is_imported": pl.Boolean,
    "on_time": pl.Boolean,
    "first_pass": pl.Boolean,
    "revised": pl.Boolean,
    "receipt": pl.String,
}


@dataclass(frozen=True, slots=True)
class Filed:
    """What was filed and approved of some months: FILES, CELLS and VINTAGES of them.

    `used` are the months for which anything was filed here; of others nothing can be known.
    """

    files: pl.DataFrame
    cells: pl.DataFrame
    vintages: pl.DataFrame
    used: Collection[dt.date]


def outcomes(owed: pl.DataFrame, days: pl.DataFrame, filed: Filed, today: dt.date) -> pl.DataFrame:
    """Return OUTCOMES: how each return that is owed stands today.

    Needs: OWED, a row a figure; `days` with the `due` day of each unit, form and period.
    Rows: one return. `is_due` is whether it is counted: it has come, or its day is over, and it was
    not imported. `on_time` is null until one or the other, `first_pass` while nobody has decided;
    `receipt` is that of the file that was first approved, else of the latest one.
    """
    held = _held(owed, filed)
    first = _first_approved(held)
    early = held.join(first, on=KEY, how="left").filter(
        pl.col("decided").is_null() | (pl.col("submitted_at") <= pl.col("decided"))
    )
    rows = owed.select(KEY).unique(maintain_order=True).join(days, on=KEY, how="left")
    for part in (
        _came(early),
        first,
        _blamed(early, held, first),
        _origin(owed, held, filed.vintages),
        _last(held),
    ):
        rows = rows.join(part, on=KEY, how="left", maintain_order="left")
    return _told(rows, filed.used, today)


def _held(owed: pl.DataFrame, filed: Filed) -> pl.DataFrame:
    """Return the figures that units owe, in each file that holds them and they did not refuse."""
    held = owed.join(filed.cells, on=CELL).join(filed.files, on="id")
    return held.filter(~pl.col("refused").list.contains(pl.col("unit")).fill_null(False))


def _first_approved(held: pl.DataFrame) -> pl.DataFrame:
    """Return the file of each return that was approved first, and when."""
    approved = held.filter(pl.col("state") == "approved").sort("decided_at", "id")
    return approved.group_by(KEY, maintain_order=True).agg(
        approved=pl.col("id").first(),
        decided=pl.col("decided_at").first(),
        approved_receipt=pl.col("receipt").first(),
    )


def _came(early: pl.DataFrame) -> pl.DataFrame:
    """Return the day on which the last of its figures was in; null while one is not."""
    each = early.group_by(*KEY, "of", "measure").agg(pl.col("ready").min())
    is_in = pl.col("ready").is_not_null().all()
    return each.group_by(KEY).agg(came=pl.when(is_in).then(pl.col("ready").max()))


def _blamed(early: pl.DataFrame, held: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    """Return the returns that were sent back before they were approved, on the unit's account."""
    sent = early.filter("sent_back").select(*KEY, "id", "filer").unique()
    own = sent.filter(pl.col("filer") == pl.col("unit")).select(KEY)
    others = sent.filter(pl.col("filer") != pl.col("unit"))
    # What it says in the end: in the sender's next file that counts, else in whoever's does.
    mended = held.filter(pl.col("state") == "approved").sort("decided_at", "id")
    mended = mended.group_by(*KEY, "filer", maintain_order=True).agg(next=pl.col("id").first())
    pairs = others.join(mended, on=[*KEY, "filer"], how="left").join(first, on=KEY)
    pairs = pairs.select(*KEY, "id", next=pl.coalesce("next", "approved"))
    said = held.select(*KEY, "of", "measure", "id", "value").unique()
    before = pairs.join(said, on=[*KEY, "id"])
    after = pairs.join(said.rename({"id": "next", "value": "now"}), on=[*KEY, "next"])
    place = [*KEY, "id", "next", "of", "measure"]
    both = before.join(after, on=place, how="full", coalesce=True)
    changed = both.filter(pl.col("value").ne_missing(pl.col("now"))).select(KEY)
    return pl.concat([own, changed]).unique().with_columns(blamed=pl.lit(True))


def _origin(owed: pl.DataFrame, held: pl.DataFrame, vintages: pl.DataFrame) -> pl.DataFrame:
    """Return which returns brought anything new, which have figures at all, which were revised."""
    first = vintages.group_by(CELL).agg(since=pl.col("submission").min())
    is_new = pl.col("since").is_null() | (pl.col("since") >= pl.col("id"))
    brought = held.join(first, on=CELL, how="left").group_by(KEY).agg(brought=is_new.any())
    times = vintages.group_by(*CELL, "definition").len().group_by(CELL).agg(pl.col("len").max())
    known = owed.join(times, on=CELL).group_by(KEY).agg(revised=(pl.col("len") > 1).any())
    return known.join(brought, on=KEY, how="full", coalesce=True)


def _last(held: pl.DataFrame) -> pl.DataFrame:
    """Return the receipt of the latest file of each return."""
    return held.sort("id").group_by(KEY).agg(last_receipt=pl.col("receipt").last())


def _told(rows: pl.DataFrame, used: Collection[dt.date], today: dt.date) -> pl.DataFrame:
    """Return OUTCOMES from what was found of each return."""
    is_filed = pl.col("brought").fill_null(False)
    is_known = pl.col("revised").is_not_null()
    is_counted = pl.col("period").is_in(list(used)) & (is_filed | ~is_known)
    has_come = is_filed & pl.col("came").is_not_null()
    is_over = pl.col("due") < today
    in_time = pl.when(has_come).then(pl.col("came") <= pl.col("due")).when(is_over).then(False)
    is_approved, is_blamed = pl.col("approved").is_not_null(), pl.col("blamed").fill_null(False)
    at_once = (
        pl.when(is_approved).then(~is_blamed).when(is_blamed | (~is_filed & is_over)).then(False)
    )
    return rows.with_columns(
        came=pl.when(is_filed).then("came"),
        is_due=is_counted & (has_come | is_over),
        is_imported=is_known & ~is_filed,
        on_time=pl.when(is_counted).then(in_time),
        first_pass=pl.when(is_counted).then(at_once),
        revised=is_counted & pl.col("revised").fill_null(False),
        receipt=pl.coalesce("approved_receipt", "last_receipt"),
    ).select(pl.col(name).cast(kind) for name, kind in OUTCOMES.items())


def counts(found: pl.DataFrame) -> pl.DataFrame:
    """Return how many returns of each unit and month were due, in time, passed at once, revised.

    Needs: OUTCOMES.
    Rows: one unit in one month; null where no return of it is counted.
    """
    due = pl.col("is_due")
    rows = found.group_by("unit", "period", maintain_order=True).agg(
        dq_returns_due=due.sum(),
        dq_returns_ontime=(due & pl.col("on_time").fill_null(False)).sum(),
        dq_first_pass=(due & pl.col("first_pass").fill_null(False)).sum(),
        dq_revised=(due & pl.col("revised")).sum(),
    )
    is_counted = pl.col("dq_returns_due") > 0
    return rows.with_columns(
        pl.when(is_counted).then(pl.col(name).cast(pl.Int64)).alias(name) for name in COUNTS
    )


#: What is counted, by the codes of the measures under which it enters the record.
COUNTS = {
    "dq_returns_due": "is_due",
    "dq_returns_ontime": "on_time",
    "dq_first_pass": "first_pass",
    "dq_revised": "revised",
}
