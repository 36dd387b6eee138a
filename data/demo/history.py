"""How does the past of the demonstration bureau enter the record?

As flat tables, through the import that a bureau uses for its own past: the first years one file a
form and year, the recent past one file a form and month, each with the day of its approval.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator

import polars as pl

from data.access import OPERATOR
from data.catalog import Catalog
from data.definition_types import Form
from data.demo.quality import SYSTEM
from data.store.database import Store
from data.store.record import import_facts, lock
from data.store.source import Source

LAST_LOCKED = dt.date(2024, 9, 1)
FIRST_MONTHLY = dt.date(2023, 1, 1)


def import_history(
    store: Store, catalog: Catalog, facts: pl.DataFrame, progress: Callable[[str], object]
) -> int:
    """Import flat tables month by month, lock the closed months, return how many facts."""
    forms = {code: measure.form for code, measure in catalog.measures.items()}
    versions = {code: measure.version for code, measure in catalog.measures.items()}
    facts = facts.with_columns(
        form=pl.col("measure").replace_strict(forms),
        definition=pl.col("measure").replace_strict(versions, return_dtype=pl.Int64),
        sheet=pl.lit(None, pl.String),
        cell=pl.lit(None, pl.String),
    )
    known = {**catalog.forms, SYSTEM: system_form(catalog)}
    stored = 0
    for last, edition in by(facts.with_columns(edition=edition_of("period")), "edition"):
        name = f"{last:%Y}" if last < FIRST_MONTHLY else f"{last:%Y-%m}"
        for code, rows in by(edition, "form"):
            rows = rows.with_row_index("row", offset=2).with_columns(
                cell=pl.format("D{}", pl.col("row"))
            )
            form = known[code]
            source = flat_source(f"{code}_{name}.csv", rows)
            moment = approved_at(last, form)
            stored += import_facts(store, OPERATOR, rows, form, source, moment).new
        for period in edition["period"].unique().sort():
            if period <= LAST_LOCKED:
                lock(store, OPERATOR, period, locked_at(last))
        progress(f"{name}: {stored:,} figures stored")
    return stored


def edition_of(period: str) -> pl.Expr:
    """Return the last month of the file that a month came in: a year at first, then a month.

    >>> months = pl.DataFrame({"period": [dt.date(2018, 12, 1), dt.date(2023, 5, 1)]})
    >>> [str(day) for day in months.select(edition_of("period")).to_series()]
    ['2019-12-01', '2023-05-01']
    """
    month = pl.col(period)
    year = pl.max_horizontal(month.dt.year(), pl.lit(2019))
    return pl.when(month < FIRST_MONTHLY).then(pl.date(year, 12, 1)).otherwise(month)


def by(frame: pl.DataFrame, column: str) -> Iterator[tuple]:
    """Give each value of a column with its rows, in ascending order."""
    for key, rows in sorted(frame.partition_by(column, as_dict=True).items()):
        yield key[0], rows


def system_form(catalog: Catalog) -> Form:
    """Return the form under which figures of the product itself are kept."""
    measures = tuple(code for code, item in catalog.measures.items() if item.form == SYSTEM)
    some = next(iter(catalog.forms.values()))
    return Form(
        code=SYSTEM,
        name=some.name,
        layout="flat",
        layouts=("flat",),
        version=1,
        frequency="M",
        filers=(),
        measures=measures,
        sheet=some.sheet,
        file_replaces="cells",
        due_day=some.due_day,
        note=some.note,
    )


def flat_source(name: str, rows: pl.DataFrame) -> Source:
    """Return the source of a flat table as it would be written."""
    content = rows.select("measure", "unit", "period", "value").write_csv().encode()
    return Source(name, hashlib.sha256(content).hexdigest(), len(content))


def following(period: dt.date, day: int, hour: int, minute: int) -> dt.datetime:
    """Return a moment (UTC) in the month after a period.

    >>> following(dt.date(2024, 12, 1), 6, 1, 12).isoformat()
    '2025-01-06T01:12:00+00:00'
    """
    year, month = divmod(period.year * 12 + period.month, 12)
    return dt.datetime(year, month + 1, day, hour, minute, tzinfo=dt.UTC)


def approved_at(period: dt.date, form: Form) -> dt.datetime:
    """Return when a form's month was approved: the day after it was due."""
    return following(period, min(form.due_day + 1, 24), 1, 12)


def locked_at(period: dt.date) -> dt.datetime:
    """Return when a month became final."""
    return following(period, 25, 8, 0)
