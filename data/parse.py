"""How does a definition file become values, and what does it say when it is wrong?

Every complaint names the file, the key and what was found, then the nearest valid word. The
functions take a `Place` (file and key path) so that no caller has to build that sentence.
"""

import csv
import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

TYPE_WORDS = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the definitions something stands: the file and the path of keys."""

    file: str
    key: str = ""

    def at(self, key: str | int) -> "Place":
        """Return the place of a key inside this one.

        >>> str(Place("measures.toml", "calls_total").at("unit"))
        'measures.toml: calls_total.unit'
        """
        return Place(self.file, f"{self.key}.{key}" if self.key else str(key))

    def __str__(self) -> str:
        return f"{self.file}: {self.key}" if self.key else self.file


class Near(str):
    """` (did you mean 'x'?)` as definitions and logs say it; texts say `word` in their language."""

    word: str


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` for the nearest allowed word, or nothing.

    >>> nearest("windos", ["windows", "unit"])
    " (did you mean 'windows'?)"
    """
    close = get_close_matches(str(word), [str(item) for item in allowed], n=1, cutoff=0.6)
    if not close:
        return ""
    found = Near(f" (did you mean '{close[0]}'?)")
    found.word = close[0]
    return found


def wrong(place: Place, found: str, word: str = "", allowed: Iterable[str] = ()) -> NoReturn:
    """Raise the error of a wrong definition: where, what, the nearest name, what is allowed."""
    allowed = [str(item) for item in allowed]
    message = f"{place}: {found}"
    close = get_close_matches(word, allowed, n=1, cutoff=0.6) if word else []
    if close:
        message += f". Did you mean '{close[0]}'?"
    if allowed:
        shown = ", ".join(allowed[:30]) + (f" and {len(allowed) - 30} more" if allowed[30:] else "")
        message += f"{'' if close else '.'} Allowed: {shown}"
    raise ValueError(message)


@contextmanager
def gathered(problems: list[str]) -> Iterator[None]:
    """Keep the complaint about one entry, so that those about the next ones are heard too.

    >>> problems: list[str] = []
    >>> with gathered(problems):
    ...     wrong(Place("measures.toml", "calls"), "missing key 'name'")
    >>> problems
    ["measures.toml: calls: missing key 'name'"]
    """
    try:
        yield
    except ValueError as error:
        problems.extend(str(error).split("\n"))


def complain(problems: list[str]) -> None:
    """Raise what was gathered, if anything was, as one error with a line each."""
    if problems:
        raise ValueError("\n".join(problems))


def read_toml(path: Path, file: str) -> dict[str, Any]:
    """Return the content of a TOML file; a syntax error names the file and the line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{file}: not readable as TOML: {error}"
        raise ValueError(msg) from None


def read_rows(path: Path, columns: Iterable[str], optional: Iterable[str] = ()) -> list[dict]:
    """Return the rows of a CSV file whose header holds the columns (others are refused)."""
    columns, optional = list(columns), list(optional)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        header = reader.fieldnames or []
        for name in header:
            if name not in columns + optional:
                wrong(Place(path.name), f"unknown column '{name}'", name, columns + optional)
        for name in columns:
            if name not in header:
                wrong(Place(path.name), f"missing column '{name}'", "", columns)
        rows = []
        for number, row in enumerate(reader, start=2):
            if None in row or None in row.values():
                wrong(Place(path.name, f"line {number}"), f"expected {len(header)} fields")
            rows.append({**dict.fromkeys(optional, ""), **row, "line": number})
        return rows


def check_keys(
    table: Mapping[str, Any], place: Place, required: Iterable[str], optional: Iterable[str] = ()
) -> None:
    """Refuse a table with an unknown key or without a required one."""
    required, optional = list(required), list(optional)
    for key in table:
        if key not in required and key not in optional:
            wrong(place, f"unknown key '{key}'", key, required + optional)
    for key in required:
        if key not in table:
            wrong(place, f"missing key '{key}'")


def take(table: Mapping[str, Any], key: str, kind: type, place: Place, default: Any = ...) -> Any:
    """Return the value of a key, of the wanted type; whole numbers serve as numbers."""
    if key not in table:
        if default is ...:
            wrong(place, f"missing key '{key}'")
        return default
    value = table[key]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind in (int, float) and isinstance(value, bool)):
        wrong(place.at(key), f"expected {TYPE_WORDS[kind]}, found {value!r}")
    return value


def take_word(
    table: Mapping[str, Any], key: str, allowed: Iterable[str], place: Place, default: Any = ...
) -> str:
    """Return the value of a key that must be one of the allowed words."""
    value = take(table, key, str, place, default)
    allowed = list(allowed)
    if value not in allowed and not (key not in table and value == default):
        wrong(place.at(key), f"unknown word '{value}'", value, allowed)
    return value


def take_words(
    table: Mapping[str, Any],
    key: str,
    place: Place,
    allowed: Iterable[str] | None = None,
    default: Any = ...,
) -> tuple[str, ...]:
    """Return a list of words without repetition, each of them allowed."""
    values = take(table, key, list, place, default)
    allowed = None if allowed is None else list(allowed)
    for value in values:
        if not isinstance(value, str):
            wrong(place.at(key), f"expected text in the list, found {value!r}")
        if allowed is not None and value not in allowed:
            wrong(place.at(key), f"unknown word '{value}'", value, allowed)
    if len(set(values)) != len(values):
        twice = sorted({value for value in values if list(values).count(value) > 1})
        wrong(place.at(key), f"listed twice: {', '.join(twice)}")
    return tuple(values)


def parse_month(value: Any, place: Place) -> dt.date:
    """Return the first day of a month written as `2024-10`.

    >>> parse_month("2024-10", Place("x.toml"))
    datetime.date(2024, 10, 1)
    """
    try:
        year, month = str(value).split("-")
        if len(year) != 4 or len(month) != 2:
            raise ValueError
        return dt.date(int(year), int(month), 1)
    except ValueError:
        wrong(place, f"expected a month like 2024-10, found {value!r}")


def parse_day(value: Any, place: Place) -> dt.date:
    """Return a day written as a TOML date or as the text `2024-02-10`."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        wrong(place, f"expected a day like 2024-02-10, found {value!r}")
