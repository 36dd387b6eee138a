"""What does the record say to a return before it is filed: what would its approval change?

Figures and coverage with it, and the approved cells that it corrects. All of it is worked out at
once, beside the pages: it reads figures of units that the person who files may not see, of which
`metrics.effect` lets through what no other unit's figure follows from.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from data.access import Viewer, spoken_for
from data.definition_types import Catalog
from data.definition_versions import filed_codes
from data.returns.gain import Gain, read_gain
from data.store.database import Store
from data.store.record import Checked, Source, corrected_forms, would_change
from data.store.snapshot import read_values
from data.units import Tree
from metrics.effect import Effect, moved_by, places, read_effects
from metrics.sources import read_sources


@dataclass(frozen=True, slots=True)
class Filed:
    """What a return says: whose it is, for which month, its forms and its FACTS."""

    unit: str
    period: dt.date
    forms: tuple[str, ...]
    facts: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Weighed:
    """Figures and coverage by place (the bureau above, the unit), and what is corrected.

    `corrected` are the forms that change approved figures, `changes` their cells (rows of
    `would_change`).
    """

    effects: list[Effect]
    gains: dict[str, Gain]
    corrected: list[str]
    changes: pl.DataFrame


def weigh_return(
    store: Store,
    viewer: Viewer,
    catalog: Catalog,
    tree: Tree,
    indicators: Sequence[str],
    filed: Filed,
) -> Weighed:
    """Return what the approval of a return would change, as far as the viewer may know it."""
    above = places(tree, filed.unit)
    measures = moved_by(catalog, indicators, set(filed.facts["measure"].unique()))
    behind = {source.unit for source in read_sources(catalog, tree, above[0], own=False)}
    read = filed_codes(catalog.measures, set().union(*measures.values()))
    facts = _known(store, behind, read, None, filed.period)
    effects = read_effects(
        facts,
        filed.facts,
        catalog,
        tree,
        list(measures),
        above,
        filed.period,
        viewer.sees(),
        spoken_for(viewer),
    )
    owed = {code for form in filed.forms for code in catalog.forms[form].measures}
    month = _known(store, behind, owed, filed.period, filed.period)
    gains = {
        place: read_gain(month, filed.facts, catalog, tree, filed.forms, place, filed.period)
        for place in above
    }
    returns = _by_form(filed, catalog)
    corrected = corrected_forms(store, returns)
    changes = would_change(store, [one for one in returns if one.form.code in corrected])
    return Weighed(effects, gains, corrected, changes)


def _known(
    store: Store,
    units: Collection[str],
    measures: Iterable[str],
    first: dt.date | None,
    last: dt.date,
) -> pl.DataFrame:
    """Return what was approved of some measures of some units up to a month."""
    whole = Viewer("", "operator", "", frozenset(units))
    return read_values(store, whole, measures, months=(first or dt.date.min, last))


def _by_form(filed: Filed, catalog: Catalog) -> list[Checked]:
    """Return the return form by form, as far as it decides what is corrected."""
    found = []
    for code in filed.forms:
        form = catalog.forms[code]
        facts = filed.facts.filter(pl.col("measure").is_in(form.measures))
        if facts.height:
            source = Source("", "", 0)
            found.append(Checked(form, filed.unit, filed.period, source, facts, pl.DataFrame()))
    return found
