"""How does the demonstration bureau get into an empty store?

The history goes in as flat tables, the last three months as workbooks that are checked, submitted
and reviewed. Everything is built in a folder beside the wanted one, which takes its place at the
end.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from data.catalog import Catalog, load_catalog
from data.checks.worker import Worker
from data.demo.corrections import first_filed, import_corrections
from data.demo.filing import file_months
from data.demo.generate import generate_facts
from data.demo.history import import_by_choice, import_history
from data.demo.quality import FIRST_WORKBOOK, quality_facts
from data.demo.recounts import as_counted_then, import_recounts
from data.store.database import open_store

RECORD = "hengjing.sqlite"
RETURNS = "returns"


def build_demo(
    folder: Path,
    progress: Callable[[str], object] = print,
    finish: Callable[[str], object] | None = None,
) -> str:
    """Build the demonstration store in a folder and return its URL; the folder must not exist.

    `finish` gets the URL of the record to add what needs computed figures, such as editions. A
    failure half way leaves nothing behind.
    """
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()):
        msg = f"{folder}: this folder is not empty; remove it first, or name another"
        raise ValueError(msg)
    folder.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    worker = Worker()
    try:
        worker.start()
        fill_store(workshop, load_catalog(), worker, progress)
        if finish is not None:
            finish(f"sqlite:///{workshop / RECORD}")
        if folder.exists():
            folder.rmdir()
        workshop.rename(folder)
    except BaseException:
        shutil.rmtree(workshop, ignore_errors=True)
        raise
    finally:
        worker.stop()
    return f"sqlite:///{folder / RECORD}"


def fill_store(
    folder: Path, catalog: Catalog, worker: Worker, progress: Callable[[str], object]
) -> None:
    """Create the record in a folder and put all months into it."""
    start = time.perf_counter()
    store = open_store(f"sqlite:///{folder / RECORD}")
    store.init(catalog.bureau.timezone)
    facts = generate_facts(catalog)
    facts = pl.concat([facts, quality_facts(catalog, facts)])
    progress(f"{facts.height:,} figures of {facts['period'].n_unique()} months generated")
    returns = folder / RETURNS
    returns.mkdir()
    is_history = pl.col("period") < FIRST_WORKBOOK
    past = facts.filter(is_history)
    then = as_counted_then(past)
    stored = import_history(store, catalog, first_filed(then), returns, progress)
    import_corrections(store, catalog, then, returns)
    stored += import_recounts(store, catalog, past, returns)
    recent = facts.filter(~is_history)
    counted = [code for code, measure in catalog.measures.items() if measure.absent == "optional"]
    is_counted = pl.col("measure").is_in(counted)
    stored += import_by_choice(store, catalog, recent.filter(is_counted), returns)
    stored += file_months(store, catalog, recent.filter(~is_counted), returns, worker, progress)
    store.engine.dispose()
    progress(f"{stored:,} figures stored in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    sys.stdout.write(build_demo(Path(sys.argv[1])) + "\n")
