"""Which integrity questions are asked: the product's, as a bureau's integrity.toml has them?

A bureau's file repeats only what it wants otherwise: `on = false` switches a question off, another
`effect` or `least` changes it, a new table adds one. Questions of the product that name measures
which a bureau does not have are left out.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.definition_bureau import parse_text
from data.definition_types import Integrity, Measure, Question, Text
from data.parse import Place, check_keys, complain, gathered, read_toml, take, take_word, take_words
from data.parse import wrong as wrong_

FILE = "integrity.toml"
#: What a question is asked of: last digits, equal months, equal series, equal units, targets, a
#: balance of two counts (shift: at a steady total), quarter ends, turns of the year, revisions,
#: spread.
KINDS = (
    *("heaping", "copied_month", "copied_series", "copied_unit", "bunching", "shift", "ratio"),
    *("surge", "turn", "revisions", "smooth"),
)
BALANCES = ("shift", "ratio")
METHODS = ("by", "bh")
RUN_KEYS = ("level", "method", "renew", "except_flags")
REQUIRED = ("kind", "name", "asks", "innocent")
SELECTING = ("measures", "except", "kinds", "value_types", "directions", "flags")
OPTIONAL = (*SELECTING, "on", "falls", "rises", "months", "recent", "least", "effect")


def read_integrity(folder: Path, built_in: Path, measures: dict[str, Measure]) -> Integrity:
    """Return the questions in force in a folder."""
    own_path = folder / FILE
    default = read_toml(built_in / FILE, FILE)
    own = read_toml(own_path, FILE) if own_path.exists() and folder != built_in.resolve() else {}
    place = Place(FILE)
    for table in (default, own):
        check_keys(table, place, (), ("run", "questions"))
    run = {**default.get("run", {}), **take(own, "run", dict, place, {})}
    check_keys(run, place.at("run"), (), RUN_KEYS)
    hidden = frozenset(take(run, "except_flags", list, place.at("run"), []))
    changed = take(own, "questions", dict, place, {})
    found: list[Question] = []
    problems: list[str] = []
    for code in dict.fromkeys((*default["questions"], *changed)):
        here = place.at("questions").at(code)
        table = {**default["questions"].get(code, {}), **take(changed, code, dict, here, {})}
        if code not in changed and not _knows(table, measures):
            continue
        with gathered(problems):
            question = _question(code, table, here, measures, hidden)
            if table.get("on", True) and question.measures:
                found.append(question)
    complain(problems)
    level = take(run, "level", float, place.at("run"), 0.05)
    if not 0 < level < 1:
        wrong_(place.at("run").at("level"), f"expected a share between 0 and 1, found {level}")
    method = take_word(run, "method", METHODS, place.at("run"), "by")
    renew = _whole(run, "renew", place.at("run"), 3)
    return Integrity(tuple(found), level, method, renew)


def _knows(table: Mapping[str, Any], measures: Mapping[str, Measure]) -> bool:
    """Return whether a bureau has every measure that a question of the product names."""
    named = [code for key in ("measures", "falls", "rises") for code in table.get(key, ())]
    return all(code in measures for code in named)


def _question(
    code: str,
    table: dict[str, Any],
    place: Place,
    measures: dict[str, Measure],
    hidden: frozenset[str],
) -> Question:
    """Return one question with the measures that it is asked of."""
    check_keys(table, place, REQUIRED, OPTIONAL)
    take(table, "on", bool, place, True)
    kind = take_word(table, "kind", KINDS, place)
    falls, rises = (take_words(table, key, place, measures, ()) for key in ("falls", "rises"))
    if (kind in BALANCES) != bool(falls and rises):
        wrong_(place, f"a question of kind {' or '.join(BALANCES)} names what falls and what rises")
    for name in (*falls, *rises):
        if hidden & measures[name].flags:
            wrong_(place, f"'{name}' must not be asked about: it bears {sorted(hidden)}")
    chosen = (*falls, *rises) if kind in BALANCES else _chosen(table, place, measures, hidden)
    effect = take(table, "effect", float, place, 0.2)
    if effect < 0:
        wrong_(place.at("effect"), f"expected 0 or more, found {effect}")
    months, recent = _whole(table, "months", place, 24), _whole(table, "recent", place, 3)
    if recent >= months:
        wrong_(place.at("recent"), f"{recent} recent months leave nothing of {months}")
    return Question(
        code=code,
        kind=kind,
        name=parse_text(table, "name", place),
        asks=parse_text(table, "asks", place),
        innocent=_reasons(table, place),
        measures=chosen,
        falls=falls,
        rises=rises,
        months=months,
        recent=recent,
        least=_whole(table, "least", place, 20),
        effect=effect,
    )


def _whole(table: Mapping[str, Any], key: str, place: Place, default: int) -> int:
    number: int = take(table, key, int, place, default)
    if number < 1:
        wrong_(place.at(key), f"expected 1 or more, found {number}")
    return number


def _reasons(table: Mapping[str, Any], place: Place) -> tuple[Text, ...]:
    """Return the good reasons; a question without any would be a reproach."""
    listed = take(table, "innocent", list, place)
    if not listed:
        wrong_(place.at("innocent"), "expected at least one innocent explanation")
    here = place.at("innocent")
    return tuple(parse_text({"reason": one}, "reason", here) for one in listed)


def _chosen(
    table: Mapping[str, Any],
    place: Place,
    measures: dict[str, Measure],
    hidden: frozenset[str],
) -> tuple[str, ...]:
    """Return the monthly measures that units file of themselves, as far as a question wants them.

    What must not be shown to everyone, and what others find out about a unit, is never among them.
    """
    named = take_words(table, "measures", place, measures, ())
    left_out = take_words(table, "except", place, measures, ())
    kinds = take_words(table, "kinds", place, default=())
    types = take_words(table, "value_types", place, default=())
    flags = frozenset(take_words(table, "flags", place, default=()))
    directions = take(table, "directions", list, place, [])

    def wanted(item: Measure) -> bool:
        if item.frequency != "M" or hidden & item.flags or not item.filers:
            return False
        if set(item.value_of) - set(item.filers) or item.code in left_out:
            return False
        if named:
            return item.code in named
        fits = (not kinds or item.kind in kinds) and (not types or item.value_type in types)
        may = (not flags and not directions) or bool(flags & item.flags)
        return fits and (may or item.direction in directions)

    return tuple(code for code, item in measures.items() if wanted(item))
