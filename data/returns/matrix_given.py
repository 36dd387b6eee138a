"""What do a document title, a file name, a sheet name or a single cell say about a whole table?

Several sources may speak of the same thing; those that do must agree. A test (`when`, `expects`) is
a source that must speak at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from data.parse import nearest
from data.returns.flat_findings import Found
from data.returns.flat_words import picked_match, plain, tidy
from data.returns.matrix_blocks import Grid, Place, at, place_name, right_of
from data.returns.matrix_layout import Source
from data.returns.spans import Years, read_period
from data.texts import text


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds a block: its file, the document title, the sheet with its cells."""

    path: Path
    title: str | None
    sheet: str | None = None
    grid: Grid | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What one source says, and where: `place` is a cell, None for a title or file name."""

    source: Source
    value: str
    whole: str
    place: Place | None = None

    def where(self, lang: str) -> str:
        """Return in words where this stands."""
        name = place_name(self.place) if self.place else ""
        return text(f"flat.where.{self.source.kind}", lang, cell=name)


@dataclass(frozen=True, slots=True)
class Meaning:
    """How names of units and months are understood."""

    units: Mapping[str, str]
    published: tuple[str, ...]
    years: Years
    frequency: str


def hear(source: Source, context: Context) -> Said | None:
    """Return what a source says; None where it is silent."""
    whole, place = _whole(source, context)
    if whole is None:
        return None
    value = picked_match(source.pattern, whole)
    return None if value is None else Said(source, value.strip(), whole, place)


def _whole(source: Source, context: Context) -> tuple[str | None, Place | None]:
    grid = context.grid or []
    match source.kind:
        case "title":
            return context.title, None
        case "file":
            return context.path.name, None
        case "sheet":
            return context.sheet, None
        case "word":
            return source.constant, None
        case "cell":
            return at(grid, source.row, source.column), (source.row, source.column)
        case "right_of" if source.words is not None:
            return right_of(grid, source.words) or (None, None)
        case _:
            for number, row in enumerate(grid, start=1):
                for column, cell in enumerate(row, start=1):
                    if cell and source.pattern and source.pattern.search(tidy(cell)):
                        return cell, (number, column)
            return None, None


def is_about_file(source: Source) -> bool:
    """Return whether a source can be heard before any sheet is read."""
    return source.kind in ("title", "file")


def unmet(tests: tuple[Source, ...], context: Context) -> list[Source]:
    """Return the tests that a table does not meet; an optional one is met by silence."""
    return [
        test
        for test in tests
        if hear(test, context) is None
        and not (test.is_optional and _whole(test, context)[0] is None)
    ]


def unmet_finding(test: Source, context: Context) -> Found:
    """Return the finding that a table is not what the form expects."""
    whole, place = _whole(test, context)
    wanted = test.pattern.pattern if test.pattern else test.constant
    if test.kind in ("found", "right_of"):
        values = {"wanted": wanted}
        return Found("mandatory", "expects_found", values, "expects", {"sheet": context.sheet})
    values = {"value": whole or "–", "wanted": wanted}
    spot = place or ((test.row, test.column) if test.row else None)
    return _found("expects", values, context, spot, {"where": f"flat.where.{test.kind}"})


def given_value(
    role: str, sources: tuple[Source, ...], context: Context, meaning: Meaning, found: list[Found]
) -> Said | None:
    """Return what the sources of a role agree on; units and months as codes and dates.

    What cannot be understood, and sources that contradict each other, become findings.
    """
    heard = []
    for source in sources:
        said = hear(source, context)
        if said is not None:
            heard.append(said)
        elif _whole(source, context)[0] is not None and not source.is_optional:
            # It is there and says something else than it should.
            found.append(unmet_finding(source, context))
    known: list[tuple[str, Said]] = []
    for said in heard:
        value = _understood(role, said.value, meaning)
        if value is not None:
            known.append((value, said))
            continue
        severity = "info" if said.source.is_optional else "mandatory"
        hint = nearest(said.value, meaning.published) if role == "unit" else ""
        values = {"value": said.value, "hint": hint}
        found.append(_about(said, f"given_{role}", severity, values, context))
    if not known:
        return None
    value, first = known[0]
    for other, said in known[1:]:
        if other != value:
            values = {"value": said.value, "other": first.value}
            places = {"where": said, "other_where": first}
            found.append(_about(said, "contrary", "mandatory", values, context, places))
    return Said(first.source, value, first.whole, first.place)


def _understood(role: str, value: str, meaning: Meaning) -> str | None:
    if role == "unit":
        return meaning.units.get(plain(value))
    if role == "period":
        month = read_period(value, meaning.frequency, meaning.years)
        return None if month is None else month.isoformat()
    return value


def _about(
    said: Said,
    key: str,
    severity: str,
    values: dict[str, str],
    context: Context,
    places: Mapping[str, Said] | None = None,
) -> Found:
    words = {
        name: {lang: item.where(lang) for lang in ("zh", "en")}
        for name, item in (places or {"where": said}).items()
    }
    return Found(severity, key, values, key, _spot(context, said.place, said.source), words)


def _found(
    key: str, values: dict[str, str], context: Context, place: Place | None, words: dict[str, str]
) -> Found:
    cell = place_name(place) if place else ""
    said = {
        name: {lang: text(word, lang, cell=cell) for lang in ("zh", "en")}
        for name, word in words.items()
    }
    spot = {"sheet": context.sheet, "cell": cell or None}
    return Found("mandatory", key, values, key, spot, said)


def _spot(context: Context, place: Place | None, source: Source) -> dict[str, str | None]:
    if is_about_file(source):
        return {"sheet": None, "cell": None}
    return {"sheet": context.sheet, "cell": place_name(place) if place else None}
