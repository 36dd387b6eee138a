"""What a page asks for: from the snapshot on disk, and from the cube that the server keeps."""

import datetime as dt

from benchmarks.demo import demo_store
from benchmarks.timing import load, peak_mb, report, spread
from data.access import OPERATOR
from data.catalog import load_catalog
from data.periods import add_months, months_between
from data.store.snapshot import read_values
from data.units import tree as tree_of
from metrics.compare import compare_figures
from metrics.cube import build_cube
from metrics.figures import compute_figures
from metrics.overview import read_view
from metrics.plan import measures_of

PERIOD = dt.date(2024, 10, 1)
INDICATOR = "d_arrive_5min_rate"


def main() -> None:
    """Measure the questions of the overview and of the indicator page."""
    store, catalog = demo_store(), load_catalog()
    tree = tree_of(catalog)
    root = catalog.bureau.root
    units = [root, *tree.at_level("county")]
    months = months_between(add_months(PERIOD, -59), PERIOD)
    tiles = catalog.bureau.headline
    everything = read_values(store, OPERATOR)
    cube = build_cube(everything, catalog, tree)

    def from_snapshot() -> None:
        facts = read_values(store, OPERATOR, measures_of(catalog, [INDICATOR]))
        asked = build_cube(facts, catalog, tree)
        compute_figures(asked, [INDICATOR], units, months)
        compare_figures(asked, [INDICATOR], units, [PERIOD])

    def indicator() -> None:
        compute_figures(cube, [INDICATOR], units, months)
        compare_figures(cube, [INDICATOR], units, [PERIOD])

    def stations() -> None:
        compare_figures(cube, [INDICATOR], tree.at_level("station"), [PERIOD], "ytd")

    report(
        facts=len(everything),
        snapshot=spread(from_snapshot),
        indicator=spread(indicator),
        tiles=spread(lambda: compare_figures(cube, tiles, [root], [PERIOD])),
        overview=spread(
            lambda: read_view(cube, catalog.bureau.matrix, units, PERIOD, "month", "now"), 20
        ),
        stations=spread(stations, 20),
        memory=peak_mb(),
        load=load(),
    )


if __name__ == "__main__":
    main()
