"""The nation's record and snapshot: a year of monthly files, imported once and kept.

47.5 million facts, written by the product's own import; the files' reader is measured apart.
"""

import datetime as dt
import sys
from pathlib import Path

from benchmarks.nation import month_facts, write_definitions
from data.access import OPERATOR
from data.catalog import load_catalog
from data.periods import months_between
from data.store.database import Store, open_store
from data.store.loading import import_facts
from data.store.source import Source

FOLDER = Path(__file__).resolve().parent.parent / "var" / "benchmark-nation"
MONTHS = months_between(dt.date(2023, 1, 1), dt.date(2023, 12, 1))
TOP, BASE = "m23", "m03"  # the sides of share_03


def definitions() -> Path:
    """Return the folder of the nation's definitions, written if it is not there."""
    folder = FOLDER / "definitions"
    return folder if (folder / "bureau.toml").exists() else write_definitions(folder)


def nation_store() -> Store:
    """Return the nation's record."""
    return open_store(f"sqlite:///{FOLDER / 'nation.db'}")


def build() -> None:
    """Import the months that the record does not hold yet."""
    catalog, store = load_catalog(definitions()), nation_store()
    store.init("Asia/Shanghai")
    form = catalog.forms["monthly"]
    held = int(store.meta("version"))
    for month in MONTHS[held:]:
        print(f"nation {month:%Y-%m} …", file=sys.stderr, flush=True)
        when = dt.datetime.combine(month, dt.time(), tzinfo=dt.UTC) + dt.timedelta(days=40)
        import_facts(store, OPERATOR, month_facts(month), form, Source(f"{month}", "", 0), when)


if __name__ == "__main__":
    build()
