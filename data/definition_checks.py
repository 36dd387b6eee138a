"""Do the definitions of a folder fit together: codes, levels, parents, targets, examples?

What one file can tell about itself is refused while reading; this is what needs all of them.
All problems are listed at once.
"""

from collections.abc import Iterable, Iterator

from data.definition_events import check_events
from data.definition_types import Catalog, Measure
from data.parse import Place, gathered, nearest, parse_month
from data.unit_checks import check_units

Problems = Iterator[str]


def check_catalog(catalog: Catalog) -> list[str]:
    """Return the problems of a catalogue, each naming file, key and the nearest valid word."""
    return [
        problem
        for check in (
            _measures,
            _names,
            _indicators,
            _examples,
            _forms,
            _rules,
            _schemes,
            _bureau,
            _units,
            check_events,
        )
        for problem in check(catalog)
    ]


def _unknown(where: str, words: Iterable[str], known: Iterable[str], what: str) -> Problems:
    """Yield a problem for each word that is not known; a dict of thousands is not copied."""
    known = known if isinstance(known, dict) else dict.fromkeys(known)
    for word in words:
        if word not in known:
            yield f"{where}: unknown {what} '{word}'{nearest(word, known)}"


def _measures(catalog: Catalog) -> Problems:
    """Yield what is wrong with single measures."""
    for item in catalog.measures.values():
        where = f"measures.toml: {item.code}"
        yield from _unknown(f"{where}.roll_by", item.roll_by, catalog.measures, "measure")
        wanted = {"wmean": 1, "pooled_sd": 2}.get(item.roll, 0)
        if len(item.roll_by) != wanted:
            yield f"{where}.roll_by: roll '{item.roll}' needs {wanted} measures in roll_by"
        if item.over_time == "wmean" and not item.roll_by:
            yield f"{where}.over_time: 'wmean' needs its n in roll_by"
        if item.form != "system" and item.form not in catalog.forms:
            yield from _unknown(f"{where}.form", [item.form], [*catalog.forms, "system"], "form")
        if item.form != "system" and not item.filers:
            yield f"{where}.filers: nobody files it"
        if item.minimum is not None and item.maximum is not None and item.minimum > item.maximum:
            yield f"{where}.minimum: {item.minimum} is above the maximum {item.maximum}"
        yield from _measure_windows(item)
    former = [old for item in catalog.measures.values() for old in item.formerly]
    for old in former:
        if old in catalog.indicators:
            yield f"measures.toml: formerly: '{old}' is still the code of an indicator"
        elif former.count(old) > 1:
            yield f"measures.toml: formerly: '{old}' is named by more than one measure"


def _measure_windows(item: Measure) -> Problems:
    """Yield windows that the measure's frequency or behaviour over time cannot serve."""
    where = f"measures.toml: {item.code}"
    if item.kind == "stock" and item.over_time != "last":
        yield f"{where}.over_time: a stock takes the last value of a window, not '{item.over_time}'"
    spans = ("month", "quarter", "half", "year")
    shortest = {"M": 0, "Q": 1, "H": 2, "A": 3}[item.frequency]
    for window in item.windows:
        if window in spans[:shortest]:
            yield f"{where}.windows: '{window}' is shorter than its frequency {item.frequency}"
        if item.over_time == "none" and window not in (spans[shortest], "wave"):
            yield f"{where}.windows: '{window}' pools months, but over_time is 'none'"


def _names(catalog: Catalog) -> Problems:
    """Yield names that two indicators share in a language."""
    for lang in ("zh", "en"):
        seen: dict[str, str] = {}
        for code, item in catalog.indicators.items():
            name = item.name.get(lang)
            if not name or not item.definition.get(lang):
                yield f"{code}: name or definition is empty in {lang}"
            elif name in seen:
                yield f"{code}.name.{lang}: '{name}' is already the name of '{seen[name]}'"
            seen[name] = code


def _indicators(catalog: Catalog) -> Problems:
    """Yield what is wrong with targets, weights and examples of indicators."""
    levels = dict.fromkeys(unit.code for unit in catalog.example_units)
    covered = {example.indicator for example in catalog.examples}
    for code, item in catalog.indicators.items():
        where = f"{code}"
        for target in item.targets:
            if target.indicator:
                yield from _unknown(
                    f"{where}.targets", [target.indicator], catalog.indicators, "indicator"
                )
        if item.weighted_by:
            yield from _unknown(
                f"{where}.weighted_by", [item.weighted_by], catalog.measures, "measure"
            )
        for side in (item.numerator, item.denominator):
            lists = {
                part: catalog.measures[part].roll == "none"
                for part in side
                if part in catalog.measures
            }
            if len(set(lists.values())) > 1:
                yield f"{where}: adds a list of one unit (roll none) to summed measures: {lists}"
        if not item.is_measure and not item.examples:
            yield f"{where}.examples: a derived indicator needs at least one worked example"
        if item.is_measure and catalog.examples and code not in covered:
            yield f"examples.toml: no group of worked examples lists the measure '{code}'"
        for example in item.examples:
            yield from _unknown(f"{where}.examples.unit", [example.unit], levels, "unit")


def _examples(catalog: Catalog) -> Problems:
    """Yield what is wrong with the facts of worked examples."""
    units = dict.fromkeys(unit.code for unit in catalog.example_units)
    derived = [example for item in catalog.indicators.values() for example in item.examples]
    for example in [*catalog.examples, *derived]:
        where = f"{example.indicator}.examples"
        if example.window not in catalog.indicators[example.indicator].windows:
            yield f"{where}: window '{example.window}' is not one of the indicator's windows"
        lines = example.facts.strip().splitlines()
        header, *rows = [[cell.strip() for cell in line.split("|")] for line in lines]
        if header[:2] != ["unit", "period"]:
            yield f"{where}: the first columns of the facts are unit and period"
        yield from _unknown(where, header[2:], catalog.measures, "measure")
        yield from _unknown(where, dict.fromkeys(row[0] for row in rows), units, "unit")
        if any(len(row) != len(header) for row in rows):
            yield f"{where}: a row of the facts has not {len(header)} cells"
            continue
        problems: list[str] = []
        for row in rows:
            with gathered(problems):
                parse_month(row[1], Place(where))
            for cell in row[2:]:
                if cell and not cell.removeprefix("-").replace(".", "", 1).isdecimal():
                    problems.append(f"{where}: expected a number, found '{cell}'")
        yield from problems


def _forms(catalog: Catalog) -> Problems:
    """Yield measures that a form names wrongly, or that no form carries."""
    carried: dict[str, str] = {}
    for form in catalog.forms.values():
        where = f"forms/{form.code}"
        yield from _unknown(f"{where}.measures", form.measures, catalog.measures, "measure")
        for code in form.measures:
            if code in catalog.measures and catalog.measures[code].form != form.code:
                yield (
                    f"{where}.measures: '{code}' says in measures.toml that it belongs to form "
                    f"{catalog.measures[code].form}"
                )
            carried[code] = form.code
        if not 1 <= form.due_day <= 31:
            yield f"{where}.due_day: expected a day of the month, found {form.due_day}"
    for code, item in catalog.measures.items():
        if item.form != "system" and code not in carried:
            yield f"forms/{item.form}.measures: the measure '{code}' of this form is not listed"


def _rules(catalog: Catalog) -> Problems:
    """Yield rules without a failing or a passing example."""
    for rule in catalog.rules:
        where = f"rules.toml: rules.{rule.code}"
        if not rule.passing or not rule.failing:
            yield f"{where}: needs a passing and a failing example"


def _schemes(catalog: Catalog) -> Problems:
    """Yield codes, windows and dimensions that a scheme names wrongly."""
    methods = catalog.evaluation.get("methods", {})
    for scheme in catalog.schemes.values():
        where = f"schemes/{scheme.code}"
        items = [item.indicator for item in scheme.items]
        other = [*scheme.monitor_only, *scheme.countersigned]
        for part in ("bonus", "deduction"):
            entries = scheme.raw.get(part, {}).get("items", [])
            other += [entry["indicator"] for entry in entries if "indicator" in entry]
        other += [e["indicator"] for e in scheme.raw.get("veto", []) if "indicator" in e]
        yield from _unknown(where, [*items, *other], catalog.indicators, "indicator")
        dimensions = [dimension.code for dimension in scheme.dimensions]
        for item in scheme.items:
            here = f"{where}.items.{item.indicator}"
            yield from _unknown(here, [item.dimension], dimensions, "dimension")
            yield from _unknown(here, [item.method], methods, "method")
            target = item.params.get("target")
            if isinstance(target, dict):
                yield from _unknown(
                    here, [target.get("indicator", "")], catalog.indicators, "indicator"
                )
            if item.indicator in catalog.indicators:
                indicator = catalog.indicators[item.indicator]
                yield from _unknown(f"{here}.window", [item.window], indicator.windows, "window")


def _bureau(catalog: Catalog) -> Problems:
    """Yield codes that the bureau's own lists name wrongly."""
    bureau = catalog.bureau
    yield from _unknown("bureau.toml: headline", bureau.headline, catalog.indicators, "indicator")
    yield from _unknown("bureau.toml: matrix", bureau.matrix, catalog.indicators, "indicator")
    codes = [unit.code for unit in catalog.units]
    yield from _unknown("bureau.toml: root", [bureau.root], codes, "unit")
    yield from _unknown(
        "people.toml: unit", [person.unit for person in bureau.people], codes, "unit"
    )


def _units(catalog: Catalog) -> Problems:
    """Yield units, parents and successions that do not make one tree, now and in the past."""
    yield from check_units(catalog)
    levels = [level.code for level in catalog.bureau.levels]
    for unit in catalog.example_units:
        yield from _unknown(f"examples.toml: tree.{unit.code}", [unit.level], levels, "level")
