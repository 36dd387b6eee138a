"""How fast does the snapshot give facts: everything, and one indicator's?"""

from benchmarks.demo import demo_store
from benchmarks.timing import load, report, spread
from data.access import OPERATOR
from data.catalog import load_catalog
from data.store.snapshot import read_values
from metrics.cube import build_cube
from metrics.plan import measures_of


def main() -> None:
    """Measure reading and building."""
    store, catalog = demo_store(), load_catalog()
    facts = read_values(store, OPERATOR)
    one = measures_of(catalog, ["d_arrive_5min_rate"])
    report(
        facts=len(facts),
        everything=spread(lambda: read_values(store, OPERATOR), 10),
        one=spread(lambda: read_values(store, OPERATOR, one), 40),
        cube=spread(lambda: build_cube(facts, catalog), 10),
        load=load(),
    )


if __name__ == "__main__":
    main()
