"""How does the past of the demonstration bureau enter the record?

As flat tables, through the import that a bureau uses for its own past: the first years one file a
form and year, the recent past one file a form and month, each with the day of its approval.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from data.access import OPERATOR
from data.catalog import Catalog
from data.definition_types import Form
from data.demo.quality import SYSTEM
from data.returns.flat import read_flat
from data.store.database import Store
from data.store.record import import_facts, lock
from data.store.source import Source

FIRST_MONTHLY = dt.date(2024, 1, 1)


def import_history(
    store: Store,
    catalog: Catalog,
    facts: pl.DataFrame,
    folder: Path,
    progress: Callable[[str], object],
) -> int:
    """Write flat tables into a folder, import them, lock their months; return how many facts."""
    stored = 0
    for last, edition in by(facts.with_columns(edition=edition_of("period")), "edition"):
        stored += import_edition(store, catalog, edition.drop("edition"), last, folder)
        for period in edition["period"].unique().sort():
            lock(store, OPERATOR, period, locked_at(last))
        progress(f"{last:%Y-%m}: {stored:,} figures stored")
    return stored


def import_by_choice(store: Store, catalog: Catalog, facts: pl.DataFrame, folder: Path) -> int:
    """Import what a case system counts each month and nobody files; return how many are new."""
    editions = by(facts.with_columns(edition=edition_of("period")), "edition")
    return sum(
        import_edition(store, catalog, rows.drop("edition"), last, folder)
        for last, rows in editions
    )


def import_edition(
    store: Store, catalog: Catalog, facts: pl.DataFrame, last: dt.date, folder: Path
) -> int:
    """Import the facts of one edition, a file a form, and return how many are new."""
    forms = {code: measure.form for code, measure in catalog.measures.items()}
    known = {**catalog.forms, SYSTEM: system_form(catalog)}
    name = f"{last:%Y}" if last < FIRST_MONTHLY else f"{last:%Y-%m}"
    stored = 0
    for code, rows in by(facts.with_columns(form=pl.col("measure").replace_strict(forms)), "form"):
        form = known[code]
        path = write_flat(rows.drop("form"), folder / f"{code}_{name}.csv")
        table = read_flat(path, form, catalog)
        if table.findings.height:
            msg = f"{path.name}: {table.findings['message_en'][0]}"
            raise ValueError(msg)
        moment = approved_at(last, form)
        source = Source.of_path(path)
        stored += import_facts(
            store, OPERATOR, table.facts, form, source, moment, definitions=catalog.digest
        ).new
        path.unlink()
    return stored


def write_flat(rows: pl.DataFrame, path: Path) -> Path:
    """Write a flat table, a row a unit and month, a column a measure; return its path."""
    wide = rows.pivot(on="measure", index=["unit", "period"], values="value")
    wide = wide.with_columns(pl.col("period").dt.strftime("%Y-%m")).sort("period", "unit")
    wide.write_csv(path)
    return path


def by(frame: pl.DataFrame, column: str) -> Iterator[tuple]:
    """Give each value of a column with its rows, in ascending order."""
    for key, rows in sorted(frame.partition_by(column, as_dict=True).items()):
        yield key[0], rows


def edition_of(period: str) -> pl.Expr:
    """Return the last month of the file that a month came in: a year at first, then a month.

    >>> months = pl.DataFrame({"period": [dt.date(2018, 12, 1), dt.date(2024, 5, 1)]})
    >>> [str(day) for day in months.select(edition_of("period")).to_series()]
    ['2019-12-01', '2024-05-01']
    """
    month = pl.col(period)
    year = pl.max_horizontal(month.dt.year(), pl.lit(2019))
    return pl.when(month < FIRST_MONTHLY).then(pl.date(year, 12, 1)).otherwise(month)


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
