"""How does everybody below a unit get a form: a workbook each, in one file or one folder?"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Sequence

import polars as pl

from data.access import Viewer, may_see
from data.definition_types import Catalog
from data.returns.due import Sheet, is_by_choice, sheets_of
from data.returns.form_kit import make_kit
from data.returns.form_words import period_words
from data.returns.prior import prior_values
from data.returns.template import by_pair, write_book
from data.said import SpokenError
from data.units import Tree

#: Layouts that are filled in by hand.
BY_HAND = frozenset({"unit", "collection"})
#: What no file may be called by on Windows: characters, endings, and names of devices.
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
#: A file of an archive bears the same date each time it is made.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


def forms_by_hand(catalog: Catalog) -> list[str]:
    """Return the forms that are filled in as workbooks, in the order of the definitions.

    One that nobody owes is fetched by its own name.
    """
    return [
        code
        for code, form in catalog.forms.items()
        if BY_HAND & set(form.layouts) and not is_by_choice(catalog, form)
    ]


def filers_below(
    catalog: Catalog, tree: Tree, form_codes: Sequence[str], unit: str, period: dt.date
) -> dict[str, list[Sheet]]:
    """Return the filing units below a unit (or itself) that owe something, with their sheets."""
    found = {}
    for filer in tree.leaves(unit):
        if not tree.is_open(filer, period):
            continue
        forms = (catalog.forms[code] for code in form_codes)
        plans = [p for form in forms for p in sheets_of(catalog, tree, form, filer, period)]
        if plans:
            found[filer] = plans
    return found


def each_template(
    viewer: Viewer,
    catalog: Catalog,
    tree: Tree,
    form_codes: Sequence[str],
    unit: str,
    period: dt.date,
    previous: pl.DataFrame | None = None,
    values: pl.DataFrame | None = None,
    lang: str = "zh",
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of a workbook for each filing unit below a unit.

    Needs: previous (FACTS as the viewer may see them), values (unit, measure, value).

    Raises:
        SpokenError: the unit is out of the viewer's sight, or nobody below it owes anything.
    """
    if not may_see(viewer, unit):
        raise SpokenError(key="cli.error.scope", unit=unit, user=viewer.name)
    filers = filers_below(catalog, tree, form_codes, unit, period)
    filers = {filer: plans for filer, plans in filers.items() if may_see(viewer, filer)}
    if not filers:
        raise SpokenError(
            key="cli.template_each.nobody",
            unit=unit,
            forms=", ".join(form_codes),
            period=f"{period:%Y-%m}",
        )
    listed = {whose for plans in filers.values() for plan in plans for whose in plan.units}
    prior = prior_values(previous, period, catalog, listed)
    kit = make_kit(catalog, tree, period, lang, prior, by_pair(values))
    for filer, plans in filers.items():
        book = io.BytesIO()
        write_book(kit, plans, book)
        yield file_name(tree, filer, period, lang), book.getvalue()


def district_templates(
    viewer: Viewer,
    catalog: Catalog,
    tree: Tree,
    form_codes: Sequence[str],
    unit: str,
    period: dt.date,
    previous: pl.DataFrame | None = None,
    values: pl.DataFrame | None = None,
    lang: str = "zh",
) -> bytes:
    """Return an archive (zip) with a workbook for each filing unit below a unit."""
    made = each_template(viewer, catalog, tree, form_codes, unit, period, previous, values, lang)
    return archived(made)


def archived(files: Iterator[tuple[str, bytes]]) -> bytes:
    """Return an archive of files; workbooks are packed already."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, _NO_DATE), content)
    return stream.getvalue()


def file_name(tree: Tree, unit: str, period: dt.date, lang: str) -> str:
    """Return what a unit's workbook is called: code, name and month, as Windows takes it."""
    name = f"{unit}_{tree.unit(unit).name.get(lang)}_{period_words(period, lang)}"
    return f"{allowed_name(name)}.xlsx"


def allowed_name(name: str) -> str:
    """Return a name without what Windows refuses in the name of a file.

    >>> allowed_name('a/b: "c"? '), allowed_name("con"), allowed_name("湖滨路派出所_2024年10月")
    ('a b c', '_con', '湖滨路派出所_2024年10月')
    """
    kept = re.sub(r"\s+", " ", _FORBIDDEN.sub(" ", name)).strip(" .")
    return f"_{kept}" if _DEVICES.fullmatch(kept) or not kept else kept[:120]
