"""How do measures.toml and indicators/*.toml become measures and indicators?"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from data.definition_bureau import parse_text
from data.definition_releases import KEY as RELEASES
from data.definition_releases import releases_of
from data.definition_targets import parse_targets
from data.definition_types import EMPTY, Bureau, Example, Flag, Indicator, Measure, Text
from data.definition_versions import parse_versions
from data.parse import (
    Place,
    check_keys,
    complain,
    gathered,
    parse_day,
    parse_month,
    read_toml,
    take,
    take_word,
    take_words,
    wrong,
)
from data.schema import FREQUENCY, POLICY, WINDOW

MEASURE_KINDS = ("count", "stock", "mean", "index")
DERIVED_KINDS = ("count", "ratio", "difference", "mean", "index", "stock", "yoy", "annualised")
ROLLS = ("sum", "none", "wmean", "pooled_sd")
OVER_TIME = ("sum", "last", "none", "wmean")
# The most decimals a return may write, and the decimals that are shown, by type of value.
ACCEPTED = {"count": 0, "person": 0, "money": 4, "minutes": 2, "hours": 2, "days": 2, "score": 2}
SHOWN = {"count": 0, "person": 0, "minutes": 0, "hours": 0, "days": 0}
VALUE_TYPES = (*ACCEPTED, "percent", "ratio")
MEASURE_KEYS = (
    ("name", "definition", "category", "form", "unit", "value_type", "kind", "windows"),
    (
        "label",
        "filers",
        "value_of",
        "frequency",
        "roll",
        "roll_by",
        "over_time",
        "direction",
        "minimum_base",
    )
    + ("flags", "policy", "minimum", "maximum", "decimals", "shown_decimals", "absent", "targets")
    + ("warn_max_month", "version", "versions", "valid_from", "valid_to", "formerly", "tier")
    + ("source", "caveats", "seeds", "choices", RELEASES),
)
DERIVED_KEYS = (
    ("name", "definition", "kind", "numerator", "unit", "value_type", "windows", "examples"),
    ("category", "denominator", "base", "weighted_by", "scale", "direction", "decimals")
    + ("minimum_base", "flags", "policy", "targets", "caveats", "source", "version", "tier")
    + ("frequency", "seeds", "denominator_ago", "beside"),
)
MOST_AGO = 24
ABSENT = ("missing", "zero", "optional")


def entries(path: Path, file: str) -> Iterator[tuple[str, dict, Place]]:
    """Yield code, table and place of each entry of a file of named tables."""
    for code, table in read_toml(path, file).items():
        place = Place(file, code)
        if not isinstance(table, dict):
            wrong(place, f"expected a table [{code}], found {table!r}")
        if len(code) > 40 or not code.replace("_", "a").isalnum() or code != code.lower():
            wrong(place, "a code is lower_snake of at most 40 characters")
        yield code, table, place


def read_measures(folder: Path, bureau: Bureau, flags: dict[str, Flag]) -> dict[str, Measure]:
    """Return the measures of measures.toml by code, in the order of the file."""
    found: dict[str, Measure] = {}
    problems: list[str] = []
    for code, table, place in entries(folder / "measures.toml", "measures.toml"):
        with gathered(problems):
            found[code] = _measure(code, table, place, len(found), bureau, flags)
    complain(problems)
    return found


def _measure(
    code: str, table: dict, place: Place, order: int, bureau: Bureau, flags: dict[str, Flag]
) -> Measure:
    """Return one measure."""
    check_keys(table, place, *MEASURE_KEYS)
    value_type = take_word(table, "value_type", ACCEPTED, place)
    kind = take_word(table, "kind", MEASURE_KINDS, place)
    filers = take_words(table, "filers", place, [x.code for x in bureau.levels], ())
    name = parse_text(table, "name", place)
    definition = parse_text(table, "definition", place)
    versions = parse_versions(table, definition, place)
    valid_from, valid_to = (_month_start(table, key, place) for key in ("valid_from", "valid_to"))
    if valid_from and valid_to and valid_to <= valid_from:
        wrong(place.at("valid_to"), f"{valid_to} is not after valid_from, {valid_from}")
    return Measure(
        code=code,
        name=name,
        definition=definition,
        category=take_word(table, "category", bureau.categories, place),
        form=take(table, "form", str, place),
        filers=filers,
        value_of=take_words(table, "value_of", place, [x.code for x in bureau.levels], filers),
        unit=parse_text(table, "unit", place),
        value_type=value_type,
        kind=kind,
        frequency=take_word(table, "frequency", FREQUENCY, place, "M"),
        roll=take_word(table, "roll", ROLLS, place, "sum"),
        roll_by=take_words(table, "roll_by", place, default=()),
        over_time=take_word(
            table, "over_time", OVER_TIME, place, "last" if kind == "stock" else "sum"
        ),
        direction=_direction(table, place),
        windows=take_words(table, "windows", place, WINDOW),
        minimum_base=take(table, "minimum_base", float, place, bureau.minimum_base),
        flags=frozenset(take_words(table, "flags", place, flags, ())),
        minimum=take(table, "minimum", float, place, None),
        maximum=take(table, "maximum", float, place, None),
        decimals=take(table, "decimals", int, place, ACCEPTED[value_type]),
        absent=take_word(table, "absent", ABSENT, place, "missing"),
        warn_max_month=take(table, "warn_max_month", float, place, None),
        version=versions[-1].number,
        valid_from=valid_from,
        order=order,
        tier=take_word(table, "tier", ("core", "extended"), place, "core"),
        source=parse_text(table, "source", place, EMPTY),
        label=parse_text(table, "label", place, name),
        seeds=tuple(take(table, "seeds", list, place, [])),
        versions=versions,
        valid_to=valid_to,
        formerly=tuple(take(table, "formerly", list, place, [])),
        choices=_choices(table, place),
        releases=releases_of(table, place, bureau.levels, flags),
    )


def _choices(table: dict, place: Place) -> tuple[float, ...]:
    """Return the only numbers that a measure takes, lowest first; none where any will do."""
    found = take(table, "choices", list, place, [])
    if not all(isinstance(item, int | float) and not isinstance(item, bool) for item in found):
        wrong(place.at("choices"), f"{found} must be numbers")
    if len(set(found)) != len(found):
        wrong(place.at("choices"), f"{found} names a number twice")
    return tuple(sorted(float(item) for item in found))


def _month_start(table: dict, key: str, place: Place) -> dt.date | None:
    """Return the month from which, or up to which, a measure is filed; it begins on the first."""
    if key not in table:
        return None
    day = parse_day(table[key], place.at(key))
    if day.day != 1:
        wrong(place.at(key), f"expected the first day of a month, found {day}")
    return day


def measure_indicators(
    folder: Path, measures: dict[str, Measure], flags: dict[str, Flag]
) -> dict[str, Indicator]:
    """Return every measure as an indicator under its own code."""
    found: dict[str, Indicator] = {}
    for code, table, place in entries(folder / "measures.toml", "measures.toml"):
        item = measures[code]
        policy = strictest(item.flags, flags)
        _check_policy(table, policy, item.flags, place)
        found[code] = Indicator(
            code=code,
            name=item.name,
            definition=item.definition,
            category=item.category,
            kind=item.kind,
            numerator=(code,),
            denominator=(),
            base="",
            weighted_by=item.roll_by[0] if item.roll_by else "",
            scale=1.0,
            windows=item.windows,
            direction=item.direction,
            decimals=take(table, "shown_decimals", int, place, SHOWN.get(item.value_type, 1)),
            minimum_base=item.minimum_base,
            flags=item.flags,
            policy=policy,
            unit=item.unit,
            value_type=item.value_type,
            targets=parse_targets(table, place),
            caveats=parse_text(table, "caveats", place, EMPTY),
            source=item.source,
            examples=(),
            is_measure=True,
            version=item.version,
            order=item.order,
            tier=item.tier,
            frequency=item.frequency,
            seeds=item.seeds,
        )
    return found


def read_indicators(
    folder: Path, bureau: Bureau, known: dict[str, Indicator], flags: dict[str, Flag]
) -> dict[str, Indicator]:
    """Return all indicators: the known ones (measures), then those of indicators/*.toml."""
    found = dict(known)
    problems: list[str] = []
    waiting: list[tuple[str, dict, Place, str]] = []
    for path in sorted((folder / "indicators").glob("*.toml")):
        for code, table, place in entries(path, f"indicators/{path.name}"):
            with gathered(problems):
                if code in found or code in [item[0] for item in waiting]:
                    wrong(place, f"the code '{code}' is already used")
                check_keys(table, place, *DERIVED_KEYS)
                waiting.append((code, table, place, path.stem))
    complain(problems)
    names = [*found, *[item[0] for item in waiting]]
    waiting.sort(key=lambda item: any(part not in known for part in item[1]["numerator"]))
    for code, table, place, stem in waiting:
        with gathered(problems):
            found[code] = _indicator(code, table, place, stem, bureau, found, names, flags)
    complain(problems)
    order = {code: number for number, code in enumerate(names)}
    return {code: found[code] for code in sorted(found, key=order.__getitem__)}


def _indicator(
    code: str,
    table: dict,
    place: Place,
    stem: str,
    bureau: Bureau,
    found: dict[str, Indicator],
    names: list[str],
    flags: dict[str, Flag],
) -> Indicator:
    """Return one derived indicator, its flags inherited from what it is computed from."""
    kind = take_word(table, "kind", DERIVED_KINDS, place)
    numerator = take_words(table, "numerator", place, names)
    denominator = take_words(table, "denominator", place, names, ())
    base = take_word(table, "base", ("same_period", "prev"), place, "")
    inputs = (*numerator, *denominator)
    for part in inputs:
        if part not in found:
            wrong(place, f"its part '{part}' is not sound")
        if not found[part].is_measure and kind != "yoy":
            wrong(place, f"'{part}' is itself derived; only kind yoy may build on one indicator")
    if kind == "yoy":
        if not base or denominator:
            wrong(place, "kind yoy needs base = 'same_period' or 'prev' and no denominator")
        denominator = numerator
    elif kind in ("ratio", "difference", "mean", "annualised") and not denominator:
        wrong(place, f"kind {kind} needs a denominator")
    ago = _months_ago(table, kind, [found[part] for part in inputs], place)
    own = frozenset(take_words(table, "flags", place, flags, ()))
    inherited = own.union(*(found[part].flags for part in inputs))
    policy = strictest(inherited, flags)
    _check_policy(table, policy, inherited, place)
    value_type = take_word(table, "value_type", VALUE_TYPES, place)
    return Indicator(
        code=code,
        name=parse_text(table, "name", place),
        definition=parse_text(table, "definition", place),
        category=take_word(table, "category", bureau.categories, place, stem),
        kind=kind,
        numerator=numerator,
        denominator=denominator,
        base=base,
        weighted_by=take(table, "weighted_by", str, place, ""),
        scale=take(table, "scale", float, place, 1.0),
        windows=take_words(table, "windows", place, WINDOW),
        direction=_direction(table, place),
        decimals=take(table, "decimals", int, place, SHOWN.get(value_type, 1)),
        minimum_base=take(table, "minimum_base", float, place, bureau.minimum_base),
        flags=inherited,
        policy=policy,
        unit=parse_text(table, "unit", place),
        value_type=value_type,
        targets=parse_targets(table, place),
        caveats=parse_text(table, "caveats", place, EMPTY),
        source=parse_text(table, "source", place, EMPTY),
        examples=tuple(
            parse_example(entry, code, place.at("examples").at(number))
            for number, entry in enumerate(take(table, "examples", list, place))
        ),
        is_measure=False,
        version=take(table, "version", int, place, 1),
        order=names.index(code),
        tier=take_word(table, "tier", ("core", "extended"), place, "core"),
        frequency=take_word(table, "frequency", FREQUENCY, place, "M"),
        seeds=tuple(take(table, "seeds", list, place, [])),
        ago=ago,
        beside=take_words(table, "beside", place, names, ()),
    )


def _months_ago(table: dict, kind: str, inputs: list[Indicator], place: Place) -> int:
    """Return how many months before its numerator an indicator's denominator is taken."""
    ago = take(table, "denominator_ago", int, place, 0)
    here = place.at("denominator_ago")
    if not 0 <= ago <= MOST_AGO:
        wrong(here, f"expected 0 to {MOST_AGO} months, found {ago}")
    if ago and kind != "ratio":
        wrong(here, f"only a ratio has an earlier denominator, found kind {kind}")
    if ago and any(part.kind != "count" or part.frequency != "M" for part in inputs):
        wrong(here, "an earlier denominator needs monthly counts in both parts")
    return ago


def strictest(codes: frozenset[str], flags: dict[str, Flag]) -> str:
    """Return the strictest use that a set of flags leaves.

    >>> strictest(frozenset(), {})
    'rank'
    """
    return min((flags[code].policy for code in codes), key=POLICY.index, default="rank")


def parse_example(entry: dict, indicator: str, place: Place) -> Example:
    """Return a worked example of an indicator."""
    check_keys(
        entry, place, ("facts", "unit", "period", "window"), ("name", "expected", "indicator")
    )
    return Example(
        name=parse_text(entry, "name", place, Text("算例", "Worked example")),
        facts=take(entry, "facts", str, place),
        unit=take(entry, "unit", str, place),
        period=parse_month(entry["period"], place.at("period")),
        window=take_word(entry, "window", WINDOW, place),
        expected=take(entry, "expected", float, place, None),
        indicator=indicator,
    )


def _direction(table: dict, place: Place) -> int:
    """Return +1 when higher is better, -1 when lower is, 0 when neutral."""
    value = take(table, "direction", int, place, 0)
    if value not in (-1, 0, 1):
        wrong(place.at("direction"), f"expected 1, 0 or -1, found {value}")
    return value


def _check_policy(table: dict, policy: str, flags: frozenset[str], place: Place) -> None:
    """Refuse a stated policy that differs from the strictest use of the flags."""
    stated = take_word(table, "policy", POLICY, place, policy)
    if stated != policy:
        shown = "|".join(sorted(flags)) or "none"
        wrong(place.at("policy"), f"'{stated}' is stated, but the flags ({shown}) say '{policy}'")
