"""What does a whole bureau's record ask today, and what of it may somebody see?

A run is made over everything approved, whoever looks: base rates and the false discovery rate are
those of the whole bureau. What is shown is cut afterwards to the viewer's units.
"""

import datetime as dt

import polars as pl

from data.access import OPERATOR, Viewer, is_home, may_see
from data.definition_types import Catalog
from data.store.database import Store
from data.store.questions import Subject, question_acts, subject_of
from data.store.snapshot import read_history, read_values
from data.units import Tree
from metrics.cube import Cube, build_cube
from metrics.integrity import Run, ask
from metrics.integrity_alike import OTHER
from metrics.integrity_state import no_longer_asked, with_states


def revised_measures(catalog: Catalog) -> list[str]:
    """Return the measures whose every vintage is looked at."""
    asked = (q.measures for q in catalog.integrity.questions if q.kind == "revisions")
    return sorted({code for measures in asked for code in measures})


def run_store(
    store: Store,
    catalog: Catalog,
    tree: Tree,
    through: dt.date | None = None,
    cube: Cube | None = None,
) -> Run:
    """Return the questions of a record as it is now, up to a month; a ready `cube` spares time."""
    if cube is None:
        cube = build_cube(read_values(store, OPERATOR), catalog, tree)
    measures = revised_measures(catalog)
    history = read_history(store, OPERATOR, measures, None) if measures else None
    return ask(cube, history, through)


def known(store: Store, catalog: Catalog, tree: Tree, viewer: Viewer, run: Run) -> pl.DataFrame:
    """Return the questions within a viewer's sight with what was said to them."""
    seen = [sees(viewer, unit, tree) for unit in run.asked["unit"].to_list()]
    asked = run.asked.filter(pl.Series(seen, dtype=pl.Boolean)) if run.asked.height else run.asked
    asked = _others_hidden(asked, viewer, tree)
    units = frozenset(asked["unit"].to_list())
    bureaus = frozenset(unit for unit in units if not may_see(viewer, unit))
    return with_states(asked, question_acts(store, viewer, bureaus), catalog)


def _others_hidden(asked: pl.DataFrame, viewer: Viewer, tree: Tree) -> pl.DataFrame:
    """Return the questions without the names of units that a viewer may not see.

    What equals another unit's return tells its figures to who knows which unit it is.
    """
    parts = [
        [part for part in row or () if not _is_hidden(part, viewer, tree)]
        for row in asked["parts"].to_list()
    ]
    return asked.with_columns(parts=pl.Series(parts, dtype=asked.schema["parts"]))


def _is_hidden(part: str, viewer: Viewer, tree: Tree) -> bool:
    return part.startswith(OTHER) and not sees(viewer, part.removeprefix(OTHER), tree)


def past(store: Store, catalog: Catalog, tree: Tree, viewer: Viewer, run: Run) -> pl.DataFrame:
    """Return what was answered within a viewer's sight and is not asked any more."""
    bureaus = frozenset(unit for unit in tree.inner if sees(viewer, unit, tree))
    return no_longer_asked(run.asked, question_acts(store, viewer, bureaus), catalog)


def sees(viewer: Viewer, unit: str, tree: Tree) -> bool:
    """Return whether a question to a unit concerns a viewer: in sight, or their own bureau's."""
    own = tree.own(unit)
    return may_see(viewer, unit) or own is not None and is_home(viewer, own)


def subject_in(rows: pl.DataFrame, key: str, tree: Tree) -> Subject | None:
    """Return the question with a key among those that are asked; None where it is not.

    An earlier key of the same question will do: what speaks for it may have grown meanwhile.
    """
    wanted = subject_of(key)
    if wanted is None:
        return None
    same = rows.filter(
        pl.col("question") == wanted.question,
        pl.col("unit") == wanted.unit,
        pl.col("measure") == wanted.measure,
        pl.col("evidence") >= wanted.evidence,
    ).sort(pl.col("evidence") != wanted.evidence, "evidence")
    if same.is_empty():
        return None
    evidence = same["evidence"][0]
    filer = tree.own(wanted.unit) or wanted.unit
    return Subject(wanted.question, wanted.unit, wanted.measure, evidence, filer)
