"""How does a failed expectation or rule become a finding that a clerk can act on?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import polars as pl

from data.checks.grammar import Code
from data.checks.prepare import claims, judged_cells
from data.checks.rules import Failure
from data.checks.season_words import broken_words
from data.checks.words import (
    cell_ranges,
    measures_in_question,
    name_words,
    number_words,
)
from data.definition_types import Catalog, Rule
from data.returns.reading import Reading
from data.texts import LANGUAGES, text
from data.units import Tree

#: Form checks that no rule of the definitions speaks of: code and severity.
OWN_CHECKS = {
    "warn": ("F01", "query"),
    "line_blank": ("F02", "query"),
    "form_blank": ("F02", "info"),
    "surplus": ("F03", "info"),
    "twice": ("F04", "mandatory"),
    "part_measures_known": ("F05", "mandatory"),
    "part_measures_once": ("F05", "mandatory"),
    "part_labels_agree": ("F05", "mandatory"),
    "part_column_known": ("F05", "mandatory"),
    "part_is_upright": ("F05", "mandatory"),
    "ignored": ("F06", "info"),
}
Row = dict[str, Any]


def finding_id(row: Mapping[str, Any]) -> str:
    """Return a name of a finding that stays the same when the file is uploaded again.

    >>> row = {"rule": "R01", "unit": "a", "period": "2024-10", "measure": "m", "sheet": "s"}
    >>> finding_id(row) == finding_id({**row, "sheet": "t"})
    True
    """
    where = row.get("measure") or row.get("sheet") or ""
    key = "|".join(str(v) for v in (row["rule"], row["unit"] or "", row["period"] or "", where))
    return hashlib.sha256(key.encode()).hexdigest()[:10]


def form_findings(
    failures: Iterable[Mapping[str, Any]], reading: Reading, catalog: Catalog, tree: Tree
) -> list[Row]:
    """Return a finding for each failure of the expectations."""
    said, cells = claims(reading), judged_cells(reading, catalog, tree)
    parts = {part["sheet"]: part for part in reading.parts.rows(named=True)}
    by_scope = {rule.scope: rule for rule in reversed(catalog.rules)}
    found = []
    for failure in failures:
        part = parts.get(failure["sheet"], {})
        match failure["check"]:
            case "claim":
                found.append(
                    _of_claim(said.row(failure["row"], named=True), part, by_scope, catalog)
                )
            case "line_blank":
                found.append(
                    _of_line(
                        reading.lines.row(failure["row"], named=True), part, reading, catalog, tree
                    )
                )
            case "personal":
                found.append(_of_person(failure, part, by_scope))
            case _:
                found.append(
                    _of_cell(failure["check"], cells.row(failure["row"], named=True), part, catalog)
                )
    return found


def rule_findings(failures: Sequence[Failure], cells: pl.DataFrame, catalog: Catalog) -> list[Row]:
    """Return a finding for each broken rule, at the first measure in question of this return.

    Needs: cells (unit, measure, period, sheet, cell, text).
    """
    places: dict[tuple[str, str], Row] = {}
    units = {failure.unit for failure in failures}
    for row in cells.filter(pl.col("unit").is_in(units)).iter_rows(named=True):
        places.setdefault((row["unit"], row["measure"]), row)
    by_unit: dict[str, dict[str, str]] = {}
    for (unit, measure), row in places.items():
        by_unit.setdefault(unit, {})[measure] = row["cell"]
    by_first = {unit: measure for unit, measure in reversed(places)}
    found = []
    for failure in unyielding(failures):
        check = failure.check
        first = measures_in_question(check.condition, failure.quantities)
        asked = dict.fromkeys((*first, *check.measures))
        here = [m for m in asked if (failure.unit, m) in places]
        named = here or [by_first[failure.unit]] if failure.unit in by_first else here
        if not named:
            continue
        place = places[(failure.unit, named[0])]
        # Cells are named only where they stand on the finding's own sheet.
        spots = {
            m: by_unit[failure.unit][m]
            for m in here
            if places[(failure.unit, m)]["sheet"] == place["sheet"]
        }
        found.append(_of_rule(failure, place, spots, bool(here), catalog))
    return found


def unyielding(failures: Sequence[Failure]) -> list[Failure]:
    """Return the failures less those of figures that a rule asks about to which theirs yields."""
    asked = {(f.check.rule.code, f.unit, m) for f in failures for m in f.check.measures}
    return [
        f
        for f in failures
        if not any(
            (c, f.unit, m) in asked for c in f.check.rule.yields_to for m in f.check.measures
        )
    ]


def ignored_findings(reading: Reading) -> list[Row]:
    """Return a note for each sheet that is no return."""
    return [
        _row("ignored", None, {}, sheet, "", "", None, _texts("returns.line.ignored", sheet=sheet))
        for sheet in reading.ignored
    ]


def _of_rule(
    failure: Failure, place: Row, cells: Mapping[str, str], names_measure: bool, catalog: Catalog
) -> Row:
    rule = failure.check.rule
    said: Row = {}
    for lang in LANGUAGES:
        numbers = broken_words(
            failure.check.condition, failure.quantities, catalog.measures, cells, lang
        )
        numbers = numbers[:1].upper() + numbers[1:]
        principle = rule.message.get(lang)
        is_query = rule.severity != "mandatory"
        stop = "。" if lang == "zh" else ". "
        end = "。" if lang == "zh" else "."
        said[f"message_{lang}"] = (
            f"{numbers}{stop}{principle}{end}" if is_query else f"{numbers}{end}"
        )
        fix = rule.fix.get(lang) or principle
        others = list(cells.values())
        if len(others) > 1:
            where = cell_ranges(others, lang)
            fix = (
                f"{fix}{'' if lang == 'zh' else ' '}{text('returns.hint.cells', lang, cells=where)}"
            )
        said[f"fix_{lang}"] = fix
    measure = place["measure"] if names_measure else None
    value = place["text"] if names_measure else ""
    return _row(
        rule.code, rule.severity, place, place["sheet"], place["cell"], value, measure, said
    )


def _of_claim(
    claim: Row, part: Mapping[str, Any], by_scope: Mapping[str, Rule], catalog: Catalog
) -> Row:
    name = claim["claim"]
    names = [u.name.zh for u in catalog.units] if "unit" in name else list(catalog.measures)
    near = get_close_matches(claim["words"] or "", names, n=1, cutoff=0.6)
    key = name if claim["words"] else name.replace("_known", "_absent")
    said: Row = {}
    for lang in LANGUAGES:
        hint = text("returns.hint.near", lang, near=near[0]) if near else ""
        values = {"words": claim["words"] or "", "clash": claim["clash"], "near": hint}
        for what in ("message", "fix"):
            said[f"{what}_{lang}"] = text(f"returns.claim.{key}.{what}", lang, **values)
    code = name if name in OWN_CHECKS else _code(by_scope, "identity", "R51")
    place = {**part, "unit": claim["unit"] or part.get("unit")}
    return _row(code, "mandatory", place, claim["sheet"], claim["cell"], claim["words"], None, said)


def _of_line(
    line: Row, part: Mapping[str, Any], reading: Reading, catalog: Catalog, tree: Tree
) -> Row:
    is_form = line["unit"] == part.get("unit")
    check = "form_blank" if is_form else "line_blank"
    form = catalog.forms[line["form"]]
    said: Row = {}
    for lang in LANGUAGES:
        unit = tree.unit(line["unit"]).name.get(lang) if line["unit"] in tree.units else ""
        names = {"unit": unit} if not is_form else {"form": f"{form.code} {form.name.get(lang)}"}
        key = "form_blank" if is_form else "blank"
        said[f"message_{lang}"] = text(f"returns.line.{key}.message", lang, **names)
        said[f"fix_{lang}"] = text(f"returns.line.{key}.fix", lang)
    place = {**part, "unit": line["unit"]}
    return _row(check, None, place, line["sheet"], line["cell"], "", None, said)


def _of_person(
    failure: Mapping[str, Any], part: Mapping[str, Any], by_scope: Mapping[str, Rule]
) -> Row:
    rule = by_scope.get("privacy")
    said: Row = {}
    for lang in LANGUAGES:
        said[f"message_{lang}"] = text("returns.personal.message", lang)
        said[f"fix_{lang}"] = rule.fix.get(lang) if rule else ""
    code = rule.code if rule else "R52"
    # What was found is not repeated: a finding is stored, a person's data never.
    return _row(code, "mandatory", part, failure["sheet"], failure["cell"], "***", None, said)


def _of_cell(check: str, cell: Row, part: Mapping[str, Any], catalog: Catalog) -> Row:
    measure = catalog.measures[cell["measure"]]
    limit = {
        "minimum": cell["minimum"],
        "maximum": cell["maximum"],
        "decimals": cell["decimals_allowed"],
        "warn": cell["warn_maximum"],
    }.get(check)
    key = cell["fault"] if check == "fault" else check
    if check == "blank" and not cell["cell"]:
        key = "absent"
    rule = cell.get(f"{check}_rule") or cell["decimals_rule"]
    said: Row = {}
    for lang in LANGUAGES:
        values = {
            "measure": name_words(Code(measure.code), catalog.measures, lang),
            "text": cell["text"] or "",
            "unit": measure.unit.get(lang),
        }
        if key in ("minimum", "maximum", "decimals", "warn"):
            values["limit"] = number_words(limit, lang)
        if key == "decimals":
            values["found"] = number_words(cell["decimals_found"], lang)
        if check == "fault":
            hint = cell.get("hint") or ""
            values["hint"] = text("returns.hint.number", lang, number=hint) if hint else ""
        for what in ("message", "fix"):
            said[f"{what}_{lang}"] = text(f"returns.cell.{key}.{what}", lang, **values)
    code = check if check in OWN_CHECKS else rule
    place = {**part, "unit": cell["unit"]}
    text_found = cell["text"] or ""
    return _row(
        code, "mandatory", place, cell["sheet"], cell["cell"], text_found, measure.code, said
    )


def _row(
    code: str,
    severity: str | None,
    place: Mapping[str, Any],
    sheet: str,
    cell: str,
    value: str | None,
    measure: str | None,
    said: Mapping[str, str],
) -> Row:
    if code in OWN_CHECKS:
        code, severity = OWN_CHECKS[code]
    return {
        "rule": code,
        "severity": severity,
        "unit": place.get("unit") or None,
        "period": place.get("period"),
        "measure": measure,
        "sheet": sheet,
        "cell": cell,
        "value": value or "",
        **said,
        "answer": "",
    }


def _texts(key: str, **values: str) -> Row:
    return {
        f"{what}_{lang}": text(f"{key}.{what}", lang, **(values if what == "message" else {}))
        for lang in LANGUAGES
        for what in ("message", "fix")
    }


def _code(by_scope: Mapping[str, Rule], scope: str, otherwise: str) -> str:
    return by_scope[scope].code if scope in by_scope else otherwise


def _name_unit(row: Row, reading: Reading, tree: Tree) -> None:
    """Put the unit before the message where a workbook speaks of several."""
    if row["measure"] and row["unit"] in tree.units and row["unit"] != reading.unit:
        short = tree.unit(row["unit"]).short
        row["message_zh"] = f"{short.zh}：{row['message_zh']}"
        row["message_en"] = f"{short.en}: {row['message_en']}"


def sorted_findings(
    findings: list[Row], reading: Reading, tree: Tree, schema: pl.Schema
) -> pl.DataFrame:
    """Return the findings, blocking ones first, then as they stand in the workbook, each once."""
    sheets = {sheet: n for n, sheet in enumerate(reading.parts["sheet"])}
    rank = {"mandatory": 0, "query": 1, "info": 2}
    letters = "".join

    def place(row: Row) -> tuple[Any, ...]:
        digits = letters(c for c in row["cell"] if c.isdigit())
        column = letters(c for c in row["cell"] if c.isalpha())
        where = (int(digits or 0), len(column), column)
        return (rank[row["severity"]], sheets.get(row["sheet"], 99), *where, row["rule"])

    for row in findings:
        _name_unit(row, reading, tree)
    once = {tuple(row.values()): row for row in sorted(findings, key=place)}
    return pl.DataFrame(list(once.values()), schema=schema, orient="row")
