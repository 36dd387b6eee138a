"""How does the demonstration bureau get into an empty store?

The history goes in as flat tables, one a form and month, through the same import that a bureau
uses; everything is built in a folder beside the wanted one, which takes its place at the end.
"""

import datetime as dt
import hashlib
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from data.access import OPERATOR
from data.catalog import Catalog, load_catalog
from data.definition_types import Form
from data.demo.generate import generate_facts
from data.demo.quality import SYSTEM, quality_facts
from data.store.database import Store, open_store
from data.store.record import import_facts, lock
from data.store.source import Source

RECORD = "hengjing.sqlite"
LAST_LOCKED = dt.date(2024, 9, 1)


def build_demo(folder: Path, progress: Callable[[str], object] = print) -> str:
    """Build the demonstration store in a folder and return its URL; the folder must not exist.

    A failure half way leaves nothing behind.
    """
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()):
        msg = f"{folder}: this folder is not empty; remove it first, or name another"
        raise ValueError(msg)
    folder.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        fill_store(workshop, load_catalog(), progress)
        if folder.exists():
            folder.rmdir()
        workshop.rename(folder)
    except BaseException:
        shutil.rmtree(workshop, ignore_errors=True)
        raise
    return f"sqlite:///{folder / RECORD}"


def fill_store(folder: Path, catalog: Catalog, progress: Callable[[str], object]) -> None:
    """Create the record in a folder and put all months into it."""
    start = time.perf_counter()
    store = open_store(f"sqlite:///{folder / RECORD}")
    store.init(catalog.bureau.timezone)
    facts = generate_facts(catalog)
    facts = pl.concat([facts, quality_facts(catalog, facts)])
    progress(f"{facts.height:,} figures of {facts['period'].n_unique()} months generated")
    stored = import_history(store, catalog, facts, progress)
    store.engine.dispose()
    progress(f"{stored:,} figures stored in {time.perf_counter() - start:.0f} s")


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
    for period, month in by(facts, "period"):
        for code, rows in by(month, "form"):
            rows = rows.with_row_index("row", offset=2).with_columns(
                cell=pl.format("D{}", pl.col("row"))
            )
            source = flat_source(f"{code}_{period:%Y-%m}.csv", rows)
            report = import_facts(
                store, OPERATOR, rows, known[code], source, approved_at(period, known[code])
            )
            stored += report.new
        if period <= LAST_LOCKED:
            lock(store, OPERATOR, period, locked_at(period))
        if period.month == 12 or period >= LAST_LOCKED:
            progress(f"{period:%Y-%m}: {stored:,} figures stored")
    return stored


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


if __name__ == "__main__":
    sys.stdout.write(build_demo(Path(sys.argv[1])) + "\n")
