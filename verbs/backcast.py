"""Under which definition does a file count its figures, and what may it then replace?

Figures worked out again under a later definition (back-casts) stand beside those first filed; they
replace only what was filed under the same definition.
"""

from dataclasses import replace

import polars as pl

from data.definition_types import Catalog, Form
from data.definition_versions import version_in_force
from data.store.loading import whole_scope
from data.store.record import Load
from verbs.session import UsageError


def under_definition(load: Load, form: Form, catalog: Catalog, written: str | None) -> Load:
    """Return what a file says, under the definitions in force or under the one that is named."""
    stated = None if written is None else _version(written, load, catalog)
    version = version_in_force(catalog.measures) if stated is None else pl.lit(stated, pl.Int64)
    facts = load.facts
    if stated is not None:
        facts = facts.with_columns(definition=version)
    scope = load.scope
    if scope is None and form.file_replaces == "scope":
        scope = whole_scope(form, facts)
    if scope is not None:
        scope = scope.with_columns(definition=version)
    return replace(load, facts=facts, scope=scope)


def _version(written: str, load: Load, catalog: Catalog) -> int:
    """Return the version that --definition names, if every measure of the file has it."""
    if not written.isdecimal() or int(written) < 1:
        raise UsageError(key="cli.error.definition", written=written)
    number = int(written)
    for code in load.facts["measure"].unique().sort():
        known = [version.number for version in catalog.measures[code].versions]
        if number not in known:
            name = f"{code} ({catalog.measures[code].name.zh})"
            shown = ", ".join(map(str, known))
            raise UsageError(key="cli.error.no_version", measure=name, written=number, known=shown)
    return number
