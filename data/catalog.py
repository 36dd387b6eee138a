"""Which definitions are in force: everything a definitions folder says, checked and frozen."""

import hashlib
import os
from collections.abc import Collection
from functools import cache
from pathlib import Path

from data.definition_aliases import read_aliases
from data.definition_bureau import (
    read_bureau,
    read_calendar,
    read_flags,
    read_parents,
    read_successions,
    read_units,
)
from data.definition_checks import check_catalog
from data.definition_events import read_events
from data.definition_forms import read_examples, read_forms, read_rules, read_schemes
from data.definition_integrity import read_integrity
from data.definition_measures import measure_indicators, read_indicators, read_measures
from data.definition_stages import read_stages
from data.definition_targets import with_own_targets
from data.definition_types import (
    Bureau,
    Calendar,
    Catalog,
    Event,
    Example,
    Flag,
    Form,
    Indicator,
    Level,
    Measure,
    Parent,
    Person,
    Rule,
    RuleExample,
    Scheme,
    SchemeDimension,
    SchemeGrade,
    SchemeGroup,
    SchemeItem,
    Succession,
    Target,
    Text,
    Unit,
)
from data.parse import gathered, read_toml
from data.returns.flat_layout import LAYOUTS as PUBLISHED
from data.returns.flat_layout import parse_layout

BUILT_IN = Path(__file__).parent / "definitions"
# The files of the units, their names and their history: what the structure is told by.
UNIT_FILES = ("units.csv", "unit_parents.csv", "unit_successions.csv", "unit_aliases.csv")

__all__ = [
    "BUILT_IN",
    "Bureau",
    "Calendar",
    "Catalog",
    "Event",
    "Example",
    "Flag",
    "Form",
    "Indicator",
    "Level",
    "Measure",
    "Parent",
    "Person",
    "Rule",
    "RuleExample",
    "Scheme",
    "SchemeDimension",
    "SchemeGrade",
    "SchemeGroup",
    "SchemeItem",
    "Succession",
    "Target",
    "Text",
    "Unit",
    "check_definitions",
    "definitions_folder",
    "load_catalog",
]


def definitions_folder(path: Path | str | None = None) -> Path:
    """Return the folder of the definitions in force: given, KPI_DEFINITIONS, or the built-in one.

    >>> definitions_folder("elsewhere").name
    'elsewhere'
    """
    chosen = path or os.environ.get("KPI_DEFINITIONS") or BUILT_IN
    return Path(chosen)


def load_catalog(path: Path | str | None = None) -> Catalog:
    """Return the definitions of a folder; a wrong one raises ValueError with file, key and remedy.

    Loading again is free as long as no file of the folder has changed.
    """
    folder = definitions_folder(path).resolve()
    if not (folder / "bureau.toml").is_file():
        msg = f"{folder}: no definitions here (bureau.toml is missing)"
        raise ValueError(msg)
    return _load(folder, _stamp(folder))


def check_definitions(path: Path | str | None = None) -> list[str]:
    """Return what is wrong with a definitions folder, in words; empty when it is sound."""
    try:
        load_catalog(path)
    except ValueError as error:
        return str(error).split("\n")
    return []


def digest_of(folder: Path, without: Collection[str] = ()) -> str:
    """Return a hash of the content of every definition file of a folder, some names left out."""
    total = hashlib.sha256()
    for file in _files(folder):
        if file.name in without:
            continue
        total.update(file.relative_to(folder).as_posix().encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _files(folder: Path) -> list[Path]:
    """Return the definition files of a folder in a fixed order."""
    return sorted(file for file in folder.rglob("*") if file.suffix in (".toml", ".csv"))


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what tells whether a file of the folder was touched: name, size, time."""
    found = []
    for file in _files(folder):
        state = file.stat()
        found.append((str(file), state.st_size, state.st_mtime_ns))
    return tuple(found)


@cache
def _load(folder: Path, stamp: tuple) -> Catalog:
    """Read a folder; the stamp is in the key so that a changed file is read again."""
    bureau = read_bureau(folder)
    calendar = read_calendar(folder)
    flags = read_flags(folder, bureau)
    measures = read_measures(folder, bureau, flags)
    indicators = read_indicators(folder, bureau, measure_indicators(folder, measures, flags), flags)
    indicators = with_own_targets(folder, indicators)
    rules, sets = read_rules(folder, measures)
    units, parents = read_units(folder), read_parents(folder)
    examples, example_units, example_parents = read_examples(folder, measures)
    evaluation = folder / "evaluation.toml"
    catalog = Catalog(
        bureau=bureau,
        calendar=calendar,
        measures=measures,
        indicators=indicators,
        forms=read_forms(folder, bureau, calendar),
        rules=rules,
        schemes=read_schemes(folder, bureau),
        flags=flags,
        evaluation=read_toml(evaluation, evaluation.name) if evaluation.exists() else {},
        sets=sets,
        units=units,
        parents=parents,
        successions=read_successions(folder),
        examples=examples,
        example_units=example_units or units,
        example_parents=example_parents if example_units else parents,
        folder=folder,
        digest=digest_of(folder),
        digest_but_units=digest_of(folder, UNIT_FILES),
        aliases=read_aliases(folder, units),
        stages=read_stages(folder, measures, indicators),
        events=read_events(folder),
        integrity=read_integrity(folder, BUILT_IN, measures),
    )
    problems = check_catalog(catalog)
    for form in catalog.forms.values():
        if set(PUBLISHED) & set(form.layouts):
            with gathered(problems):
                parse_layout(form, catalog)
    if problems:
        raise ValueError("\n".join(problems))
    return catalog
