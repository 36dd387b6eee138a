"""Make the editions of the demonstration bureau, as its reviewer would."""

import datetime as dt

from data.access import OPERATOR, viewer_for
from data.catalog import load_catalog
from data.demo.editions import plans
from data.demo.filing import JUDGE
from data.store.database import open_store, store_version
from data.store.days import first_locks
from data.store.editions import editions, make_edition
from data.store.snapshot import end_of_day, read_history
from data.units import tree
from metrics.editions import changed_cells, count_changes, freeze
from metrics.revisions import known_at, with_ends


def publish(url: str) -> int:
    """Make the planned editions of a record that has none yet; return how many."""
    catalog, store = load_catalog(), open_store(url)
    units, reviewer = tree(catalog), viewer_for(catalog, JUDGE)
    history = read_history(store, OPERATOR, catalog.measures, None)
    rows = with_ends(history)
    made = 0
    for plan in plans():
        moment = end_of_day(plan.day, store.timezone).astimezone(dt.UTC)
        before = editions(store)
        revised: dict[str, object] = {}
        if before:
            last = before[-1]
            cells = changed_cells(history, last.as_of, moment, last.period)
            revised = count_changes(cells, first_locks(store, moment))
        # What is approved at the very end of the day belongs to the next one.
        facts = known_at(rows, moment - dt.timedelta(microseconds=1))
        # A demonstration has no secrets: without a salt of chance it comes out the same each time.
        hashes = freeze(facts, catalog, units, plan.period, "now", f"demonstration {plan.name}")
        make_edition(
            store, reviewer, plan.name, plan.period, moment, hashes, revised,
            catalog, store_version(store), plan.note, moment,
        )  # fmt: skip
        made += 1
    store.engine.dispose()
    return made
