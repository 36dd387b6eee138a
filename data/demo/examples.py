"""Which workbooks can a newcomer try the returns page with?

The October return of a station that has not filed: once with the usual mistakes, once mended. Run
`python -m data.demo.examples FOLDER` to write both.
"""

import datetime as dt
import sys
from pathlib import Path

import polars as pl

from data.catalog import Catalog, load_catalog
from data.demo.generate import generate_facts, generate_world
from data.demo.world import World
from data.returns.overwrite import overwrite_cells
from data.returns.read import read_workbook
from data.returns.template import write_template
from data.units import tree

UNIT, PERIOD = "yz0411", dt.date(2024, 10, 1)
FORMS = ("M01", "M02", "M03", "M04", "M05", "M07", "M08")


def write_examples(folder: Path, catalog: Catalog) -> tuple[Path, Path]:
    """Write the faulty and the mended workbook into a folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    units = tree(catalog)
    world = generate_world(catalog)
    values = unfiled_values(world, catalog)
    history = generate_facts(catalog).filter(pl.col("unit") == UNIT)
    faulty, mended = (folder / f"{UNIT}_2024-10_{kind}.xlsx" for kind in ("faulty", "mended"))
    for path in (faulty, mended):
        write_template(catalog, units, FORMS, UNIT, PERIOD, path, history, values)
    places = {
        row["measure"]: (row["sheet"], row["cell"])
        for row in read_workbook(mended, catalog, units).cells.iter_rows(named=True)
    }
    known = dict(values.select("measure", "value").iter_rows())
    overwrite_cells(faulty, {places[code]: wrong for code, wrong in faults(known).items()})
    return faulty, mended


def unfiled_values(world: World, catalog: Catalog) -> pl.DataFrame:
    """Return what the station would have filed."""
    row, column = world.rows(UNIT)[0], world.months.index(PERIOD)
    codes = [
        code
        for code in world.values
        if catalog.measures[code].frequency == "M" and "station" in catalog.measures[code].filers
    ]
    found = [float(world.values[code][row, column]) for code in codes]
    return pl.DataFrame({"unit": [UNIT] * len(codes), "measure": codes, "value": found})


def faults(known: dict[str, float]) -> dict[str, str | float | None]:
    """Return the usual mistakes: an about-number, a sum, a swap, a blank, a slip of scale."""
    return {
        "crim_recorded": f"约{known['crim_recorded']:.0f}起",
        "calls_valid": known["calls_valid"] + 9,
        "calls_arrived_5min": known["calls_dispatch_urgent"] + 3,
        "com_hours_total": None,
        "fraud_loss_amount": (known["fraud_loss_amount"] or 8.5) * 10_000,
    }


if __name__ == "__main__":
    for written in write_examples(Path(sys.argv[1]), load_catalog()):
        sys.stdout.write(f"{written}\n")
