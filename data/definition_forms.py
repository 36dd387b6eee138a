"""How do forms, rules, schemes and the worked examples of the measures get read?"""

import datetime as dt
import re
from pathlib import Path
from typing import Any

from data.checks.grammar import FUNCTIONS
from data.definition_bureau import parse_text
from data.definition_measures import parse_example
from data.definition_types import (
    EMPTY,
    Bureau,
    Calendar,
    Example,
    Form,
    Measure,
    Parent,
    Rule,
    RuleExample,
    Scheme,
    SchemeDimension,
    SchemeGrade,
    SchemeGroup,
    SchemeItem,
    Unit,
)
from data.parse import (
    Place,
    check_keys,
    complain,
    gathered,
    parse_month,
    read_toml,
    take,
    take_word,
    take_words,
    wrong,
)
from data.schema import FREQUENCY, SEVERITY

LAYOUTS = ("unit", "collection", "flat", "matrix")
SCOPES = ("table", "cumulative", "sequence", "trend", "comparison", "total") + (
    "format",
    "identity",
    "privacy",
    "unit",
)
# The words of the rule grammar that are no measures.
RULE_WORDS = frozenset({"for", "in", "and", "or", "not", "x", "count", *FUNCTIONS})
SET_KEYS = ("category", "value_type", "kind", "roll", "over_time", "frequency", "tier", "codes")
EXCEPT = "except"


def read_forms(folder: Path, bureau: Bureau, calendar: Calendar) -> dict[str, Form]:
    """Return the forms of forms/*.toml by code."""
    found: dict[str, Form] = {}
    levels = [level.code for level in bureau.levels]
    for path in sorted((folder / "forms").glob("*.toml")):
        file = f"forms/{path.name}"
        table, place = read_toml(path, file), Place(file)
        check_keys(
            table,
            place,
            ("code", "name", "layouts", "measures"),
            ("version", "frequency", "filers", "sheet", "file_replaces", "due_day", "note")
            + ("options", "reads", "approval", "valid_until"),
        )
        code = take(table, "code", str, place)
        if code in found:
            wrong(place.at("code"), f"form '{code}' is given twice")
        layouts = take_words(table, "layouts", place, LAYOUTS)
        name = parse_text(table, "name", place)
        found[code] = Form(
            code=code,
            name=name,
            layout=layouts[0],
            layouts=layouts,
            version=take(table, "version", int, place, 1),
            frequency=take_word(table, "frequency", FREQUENCY, place, "M"),
            filers=take_words(table, "filers", place, levels, ()),
            measures=take_words(table, "measures", place),
            sheet=parse_text(table, "sheet", place, name),
            file_replaces=take_word(table, "file_replaces", ("cells", "scope"), place, "cells"),
            due_day=take(table, "due_day", int, place, calendar.due_day),
            note=parse_text(table, "note", place, EMPTY),
            layout_options=take(table, "options", dict, place, {}),
            reads=_earlier(table, place),
            approval=parse_text(table, "approval", place, EMPTY),
            valid_until=_last_month(table, place),
        )
    return found


def _last_month(table: dict[str, Any], place: Place) -> dt.date | None:
    """Return the last month in which a form may be used, None where it says none."""
    if "valid_until" not in table:
        return None
    return parse_month(table["valid_until"], place.at("valid_until"))


def _earlier(table: dict[str, Any], place: Place) -> tuple[int, ...]:
    """Return the earlier versions of a form that may still be filed."""
    version = take(table, "version", int, place, 1)
    found = take(table, "reads", list, place, [])
    if not all(isinstance(number, int) and 0 < number < version for number in found):
        wrong(place.at("reads"), f"{found} must be numbers below the form's version {version}")
    return tuple(found)


def read_rules(
    folder: Path, measures: dict[str, Measure]
) -> tuple[tuple[Rule, ...], dict[str, tuple[str, ...]]]:
    """Return the rules of rules.toml and the sets of measures that they name."""
    path = folder / "rules.toml"
    if not path.exists():
        return (), {}
    table, place = read_toml(path, path.name), Place(path.name)
    check_keys(table, place, (), ("sets", "rules"))
    sets = {
        name: _read_set(entry, measures, place.at("sets").at(name))
        for name, entry in take(table, "sets", dict, place, {}).items()
    }
    rules: list[Rule] = []
    problems: list[str] = []
    entries = take(table, "rules", dict, place, {})
    for code, entry in entries.items():
        with gathered(problems):
            here = place.at("rules").at(code)
            rules.append(_rule(code, entry, sets, measures, here))
            take_words(entry, "yields_to", here, entries, [])
    complain(problems)
    return tuple(rules), sets


def _read_set(entry: Any, measures: dict[str, Measure], place: Place) -> tuple[str, ...]:
    """Return the codes of a set: the measures with every property it lists, less the exceptions."""
    if not isinstance(entry, dict):
        wrong(place, f"expected a table of properties, found {entry!r}")
    check_keys(entry, place, (), (*SET_KEYS, EXCEPT))
    if "codes" in entry:
        return take_words(entry, "codes", place, measures)
    left_out = take_words(entry, EXCEPT, place, measures, [])
    wanted = {key: take_words(entry, key, place) for key in entry if key != EXCEPT}
    for key, words in wanted.items():
        known = {getattr(item, key) for item in measures.values()}
        for word in words:
            if word not in known:
                wrong(place.at(key), f"no measure has '{word}'", word, sorted(known))
    return tuple(
        code
        for code, item in measures.items()
        if code not in left_out
        and all(getattr(item, key) in words for key, words in wanted.items())
    )


def _rule(
    code: str,
    entry: dict,
    sets: dict[str, tuple[str, ...]],
    measures: dict[str, Measure],
    place: Place,
) -> Rule:
    """Return one rule, with the measures, sets and forms that its clauses speak of."""
    check_keys(
        entry,
        place,
        ("severity", "scope", "clauses", "message", "fix", "passing", "failing"),
        ("source", "yields_to", "integrity"),
    )
    clauses = take_words(entry, "clauses", place)
    used: list[str] = []
    named: list[str] = []
    for clause in clauses:
        for word in re.findall(r"[A-Za-z_][A-Za-z0-9_]*", clause):
            if word in RULE_WORDS:
                continue
            if word in sets:
                named.append(word)
            elif word in measures:
                used.append(word)
            else:
                wrong(place.at("clauses"), f"unknown word '{word}'", word, [*measures, *sets])
    members = [*used, *(member for name in named for member in sets[name])]
    return Rule(
        code=code,
        severity=take_word(entry, "severity", SEVERITY, place),
        scope=take_word(entry, "scope", SCOPES, place),
        expression="; ".join(clauses),
        clauses=clauses,
        message=parse_text(entry, "message", place),
        fix=parse_text(entry, "fix", place),
        forms=tuple(dict.fromkeys(measures[member].form for member in members)),
        measures=tuple(dict.fromkeys(used)),
        sets=tuple(dict.fromkeys(named)),
        source=take(entry, "source", str, place, ""),
        passing=_rule_examples(entry, "passing", place),
        failing=_rule_examples(entry, "failing", place),
        yields_to=take_words(entry, "yields_to", place, default=[]),
        integrity=take(entry, "integrity", bool, place, False),
    )


def _rule_examples(entry: dict, key: str, place: Place) -> tuple[RuleExample, ...]:
    """Return the examples of a rule; each names the unit and period that are checked."""
    found = []
    for number, example in enumerate(take(entry, key, list, place)):
        here = place.at(key).at(number)
        check_keys(example, here, ("facts",), ("unit", "period"))
        facts = take(example, "facts", str, here)
        rows = [line.split("|") for line in facts.strip().splitlines()]
        unit = take(example, "unit", str, here, rows[-1][0].strip())
        period = example.get("period", rows[-1][1].strip() if len(rows[-1]) > 1 else "")
        found.append(RuleExample(facts, unit, parse_month(period, here.at("period"))))
    return tuple(found)


def read_examples(
    folder: Path, measures: dict[str, Measure]
) -> tuple[tuple[Example, ...], tuple[Unit, ...], tuple[Parent, ...]]:
    """Return the examples of the measures and the small tree that every example runs on.

    One entry serves a group of measures that behave alike: its facts write `x` for the measure.
    """
    path = folder / "examples.toml"
    if not path.exists():
        return (), (), ()
    table, place = read_toml(path, path.name), Place(path.name)
    check_keys(table, place, ("tree",), ("groups",))
    units, parents = [], []
    for order, line in enumerate(take(table, "tree", str, place).strip().splitlines()[1:]):
        code, parent, level = (part.strip() for part in line.split("|"))
        name = parse_text({"name": {"zh": code, "en": code}}, "name", place)
        units.append(Unit(code, level, "", name, name, None, None, order))
        if parent:
            parents.append(Parent(code, parent, None, None))
    examples = []
    for number, entry in enumerate(take(table, "groups", list, place, [])):
        here = place.at("groups").at(number)
        group = {key: value for key, value in entry.items() if key != "measures"}
        for code in take_words(entry, "measures", here, measures):
            facts = re.sub(r"\bx\b", code, group["facts"])
            examples.append(parse_example({**group, "facts": facts}, code, here))
    return tuple(examples), tuple(units), tuple(parents)


def read_schemes(folder: Path, bureau: Bureau) -> dict[str, Scheme]:
    """Return the evaluation schemes of schemes/*.toml by code."""
    found: dict[str, Scheme] = {}
    for path in sorted((folder / "schemes").glob("*.toml")):
        file = f"schemes/{path.name}"
        table, place = read_toml(path, file), Place(file)
        for key in ("code", "name", "level", "assessor", "round", "window", "items", "grades"):
            if key not in table:
                wrong(place, f"missing key '{key}'")
        code = take(table, "code", str, place)
        levels = [level.code for level in bureau.levels]
        window = take(table, "window", str, place)
        found[code] = Scheme(
            code=code,
            name=parse_text(table, "name", place),
            version=take(table, "version", int, place, 1),
            level=take_word(table, "level", levels, place),
            assessor=take_word(table, "assessor", levels, place),
            round=take_word(table, "round", ("monthly", "quarterly", "yearly"), place),
            window=window,
            min_group=take(table, "min_group", int, place, 8),
            groups=tuple(
                SchemeGroup(entry["code"], parse_text(entry, "name", place), entry.get("rule", ""))
                for entry in take(table, "groups", list, place, [])
            ),
            dimensions=tuple(
                SchemeDimension(
                    entry["code"], parse_text(entry, "name", place), float(entry["weight"])
                )
                for entry in take(table, "dimensions", list, place, [])
            ),
            items=tuple(
                _scheme_item(entry, place.at("items").at(number), window)
                for number, entry in enumerate(take(table, "items", list, place))
            ),
            grades=tuple(_grade(entry, place) for entry in take(table, "grades", list, place)),
            monitor_only=take_words(table, "monitor_only", place, default=()),
            countersigned=take_words(table, "countersigned", place, default=()),
            raw=table,
        )
    return found


def _scheme_item(entry: dict, place: Place, window: str) -> SchemeItem:
    """Return one item of a scheme; its window is its own or the scheme's."""
    check_keys(
        entry,
        place,
        ("indicator", "dimension", "weight", "method", "direction"),
        ("params", "countersign"),
    )
    params = take(entry, "params", dict, place, {})
    return SchemeItem(
        indicator=take(entry, "indicator", str, place),
        dimension=take(entry, "dimension", str, place),
        weight=take(entry, "weight", float, place),
        method=take(entry, "method", str, place),
        direction=take(entry, "direction", int, place),
        window=params.get("window", window),
        params=params,
        countersign=take(entry, "countersign", dict, place, {}),
    )


def _grade(entry: dict, place: Place) -> SchemeGrade:
    """Return one grade of a scheme."""
    quota = entry.get("quota", {})
    return SchemeGrade(
        name=parse_text(entry, "name", place.at("grades")),
        minimum=take(entry, "min", float, place.at("grades")),
        share=quota.get("share"),
        cumulative=quota.get("cumulative", False),
    )
