"""What do London's and Rio de Janeiro's published figures ask, by the same commands?

`python -m benchmarks.integrity_real FOLDER` imports the original files of both (see
`benchmarks.real_data`) and asks them; what comes out is read by hand in `READ`.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.integrity_part import LEVEL
from benchmarks.integrity_report import keep
from benchmarks.integrity_seeded import WAYS, ground_of, put_back
from benchmarks.real.command import ask as command
from benchmarks.real_data import FOLDERS
from data.access import OPERATOR
from data.catalog import load_catalog
from data.definition_types import Catalog
from data.store.database import Store, open_store
from data.store.snapshot import read_history, read_values
from data.units import tree
from metrics.cube import Cube, build_cube
from metrics.integrity import Run, all_tests, put
from metrics.integrity_block import open_block
from metrics.integrity_run import revised_measures, run_store
from metrics.integrity_words import about, effect, question_named, seen

ROOT = Path(__file__).resolve().parent.parent
MOST, NEAREST = 12, 4
NAMES = {"london": "London (Metropolitan Police)", "rio": "Rio de Janeiro (ISP-RJ)"}
ABOUT = {
    "london": "33 boroughs, 32 months, four counts; one edition, so that nothing is revised.",
    "rio": "92 municipalities, 54 columns, five editions, whose changes are the revisions.",
}
READ = {
    "london": "No question is put. What moved all boroughs at once, a change of the recording "
    "system among it, is the base rate and nobody's question. There are no targets, one edition "
    "has no revisions, and four counts are too few to compare a whole month.",
    "rio": "One question is put: thefts of mobile phones in Cabo Frio, a seaside resort whose high "
    "season begins after Christmas, so that January is not like December there. That is the third "
    "of the good reasons named with the question: a unit's own season is no chance, only the unit "
    "can say it, and once it has, the question stays closed while nothing new speaks for it. "
    "Revisions went against the municipalities more often than in their favour: later editions "
    "mostly raise what was recorded, as late entries do. Whether homicides fall where bodies and "
    "bones are found more often is asked of every municipality and region with enough of both.",
}
#: What is changed in the real figures to see whether it would be found: way, strength, units.
TRIED = (("heaping", 0.5), ("copied_month", 1.0))
UNITS, LEAST_MEAN = 12, 10.0


def imported(name: str, folder: Path, work: Path) -> tuple[Catalog, str]:
    """Import a source's files as `benchmarks.real_data` does; return its definitions and store."""
    definitions = ROOT / "data" / "examples" / name / "definitions"
    store = f"sqlite:///{work / 'record.db'}"
    source = folder / FOLDERS[name]
    if name == "london":
        files = sorted([*source.glob("*.xlsx"), *source.glob("*.parquet")])
        command(definitions, store, "import", *files, "--form", "mps_dashboard")
    else:
        for path in sorted((source / "vintages").glob("*.parquet")):
            day = path.stem.rpartition("_")[2]
            more = ("--form", "isp_municipality", "--vintage", day)
            command(definitions, store, "import", path, *more)
    return load_catalog(definitions), store


def told(name: str, catalog: Catalog, cube: Cube, run: Run, every: pl.DataFrame) -> dict[str, Any]:
    """Return what a source asks, in words; where nothing, what came nearest to it."""
    names = {unit.code: unit.name.en for unit in catalog.units}
    nearest = every.filter(pl.col("p") < 1).sort("p").with_columns(q=pl.lit(None, pl.Float64))
    listed = run.asked.head(MOST) if run.asked.height else nearest.head(NEAREST)
    rows = [
        [
            question_named(catalog, row["question"]).name.en,
            names.get(row["unit"], row["unit"]),
            about(catalog, row, "en"),
            f"{seen(catalog, row, 'en')} {effect(catalog, row, 'en')}",
            f"{row['p']:.1e}",
        ]
        for row in listed.iter_rows(named=True)
    ]
    counted = run.asked.group_by("question", maintain_order=True).len()
    return {
        "name": NAMES[name],
        "about": ABOUT[name],
        "tests": run.family,
        "asked": run.asked.height,
        "by": dict(counted.rows()),
        "rows": rows,
        "read": READ[name],
        "tried": [tried(cube, code, strength) for code, strength in TRIED],
    }


def tried(cube: Cube, code: str, strength: float) -> list[Any]:
    """Change some units of the real figures, and return how many were tried and how many found."""
    filed = cube.base or cube
    ground = ground_of(filed)
    way = next(way for way in WAYS if way.question == code)
    draw = np.random.default_rng(7)
    counts = [ground.index[measure] for measure in ground.counts()]
    recent = np.nan_to_num(ground.values[counts][:, :, -12:])
    large = np.flatnonzero((recent.mean(axis=2) >= LEAST_MEAN).sum(axis=0) >= 5)
    if len(large) < UNITS:
        return [code, strength, 0, 0]
    leaves = draw.choice(large, UNITS, replace=False)
    for leaf in leaves:
        way.change(ground, int(leaf), strength, draw)
    changed = replace(filed, values=filed.values.copy())
    put_back(changed, ground)
    asked = put(all_tests(open_block(changed)), "by", LEVEL).filter(question=code)
    units = {filed.leaves[leaf] for leaf in leaves}
    return [code, strength, UNITS, len(units & set(asked["unit"].to_list()))]


def _asked(name: str, catalog: Catalog, store: Store) -> dict[str, Any]:
    """Ask one record."""
    cube = build_cube(read_values(store, OPERATOR), catalog)
    run = run_store(store, catalog, tree(catalog), cube=cube)
    measures = revised_measures(catalog)
    history = read_history(store, OPERATOR, measures, None) if measures else None
    return told(name, catalog, cube, run, all_tests(open_block(cube), history))


def main(arguments: list[str] | None = None) -> int:
    """Import and ask both sources, and write what came of it."""
    words = sys.argv[1:] if arguments is None else arguments
    if not words or not Path(words[0]).is_dir():
        sys.stderr.write("usage: python -m benchmarks.integrity_real FOLDER\n")
        return 2
    found = []
    for name in NAMES:
        with tempfile.TemporaryDirectory() as work:
            catalog, url = imported(name, Path(words[0]), Path(work))
            store = open_store(url)
            found.append(_asked(name, catalog, store))
            store.engine.dispose()
        sys.stderr.write(f"{name}: {found[-1]['asked']} questions\n")
    sys.stdout.write(keep("real", found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
