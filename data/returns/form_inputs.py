"""What may be typed into the input cells of a form, and what does the program say while typing?

What the rules refuse is stopped; what they ask about (more than usual, sums that do not hold) is
coloured, for a cell takes one validation only, and to stop words and signs is worth more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from openpyxl.formatting.rule import FormulaRule
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from data.checks.prepare import OWN_LEVEL_FACTOR, limits
from data.definition_types import Catalog, Measure
from data.returns import style
from data.returns.form_words import MOST_TEXT, MOST_TITLE, Relation, clipped
from data.texts import text

#: A whole number in a cell is below this; Excel keeps fifteen digits.
LARGEST = 999_999_999_999
_TOLERANCE = "0.000001"
_SHOWN_CHOICES = 12


@dataclass(frozen=True, slots=True)
class Limits:
    """What a measure's cell may hold: bounds, decimals, a closed list, and what is usual."""

    least: float
    most: float
    decimals: int
    choices: tuple[float, ...] = ()
    usual: float | None = None


def limits_of(catalog: Catalog) -> dict[str, Limits]:
    """Return the limits of each measure: its own, or those of a rule where they are tighter."""
    found = {}
    for row in limits(catalog).iter_rows(named=True):
        least, most = row["minimum"], row["maximum"]
        found[row["measure"]] = Limits(
            -LARGEST if least is None else least,
            LARGEST if most is None else most,
            int(row["decimals_allowed"]),
            catalog.measures[row["measure"]].choices,
            row["warn_maximum"],
        )
    return found


def add_validation(
    sheet: Worksheet, measure: Measure, held: Limits, cells: Iterable[str], first: str, lang: str
) -> None:
    """Let input cells take only what the rules take, with words that say so.

    `cells` are areas, `first` is the upper left cell of the first one.
    """
    least, most = plain(held.least), plain(held.most)
    rule = DataValidation(allow_blank=True, errorStyle="stop")
    if held.choices:
        rule.type = "list"
        rule.formula1 = '"' + ",".join(plain(choice) for choice in held.choices) + '"'
        key = "choice"
    elif held.decimals == 0:
        rule.type, rule.operator = "whole", "between"
        rule.formula1, rule.formula2 = least, most
        key = "whole"
    else:
        rule.type, key = "custom", "decimal"
        rule.formula1 = (
            f"AND(ISNUMBER({first}),{first}>={least},{first}<={most},"
            f"ROUND({first},{held.decimals})={first})"
        )
    told = {"unit": measure.unit.get(lang), "range": _range(held, lang), "decimals": held.decimals}
    told["choices"] = "、".join(plain(c) for c in held.choices[:_SHOWN_CHOICES])
    prompt = text(f"returns.form.prompt_{key}", lang, **told)
    if held.usual is not None:
        prompt += text("returns.form.prompt_usual", lang, most=f"{held.usual:,g}")
    rule.promptTitle = clipped(measure.name.get(lang), MOST_TITLE)
    rule.prompt = clipped(prompt, MOST_TEXT)
    rule.errorTitle = clipped(text("returns.form.error_title", lang), MOST_TITLE)
    rule.error = clipped(text(f"returns.form.error_{key}", lang, **told), MOST_TEXT)
    rule.showErrorMessage = rule.showInputMessage = True
    for area in cells:
        rule.add(area)
    sheet.add_data_validation(rule)


def _range(held: Limits, lang: str) -> str:
    """Return in words between which bounds a number lies."""
    if held.least > -LARGEST and held.most < LARGEST:
        most = f"{held.most:,g}"
        return text("returns.form.range_between", lang, least=f"{held.least:,g}", most=most)
    if held.most < LARGEST:
        return text("returns.form.range_to", lang, most=f"{held.most:,g}")
    if held.least > -LARGEST:
        return text("returns.form.range_from", lang, least=f"{held.least:,g}")
    return text("returns.form.range_any", lang)


def mark_unusual(sheet: Worksheet, held: Limits, area: str, first: str, *, is_own: bool) -> None:
    """Colour what is above the usual while it is typed: the check will ask about it."""
    if held.usual is None:
        return
    usual = held.usual * (OWN_LEVEL_FACTOR if is_own else 1)
    rule = FormulaRule(
        formula=[f"AND(ISNUMBER({first}),{first}>{plain(usual)})"], fill=style.USUAL_MARK
    )
    sheet.conditional_formatting.add(area, rule)


def mark_relations(
    sheet: Worksheet,
    held: Iterable[Relation],
    place: Callable[[str], str],
    area: Callable[[str], str],
) -> None:
    """Colour the first line of a relation that does not hold, once all its cells are filled.

    `place` is the cell of a measure in the first line, `area` all its cells.
    """
    for relation in held:
        cells = {measure: place(measure) for measure in relation.measures}
        filled = ",".join(cells.values())
        broken = broken_formula(relation, cells)
        formula = f"AND(COUNT({filled})={len(cells)},{broken})"
        rule = FormulaRule(formula=[formula], fill=style.ERROR_MARK)
        sheet.conditional_formatting.add(area(relation.measures[0]), rule)


def broken_formula(relation: Relation, cells: Mapping[str, str]) -> str:
    """Return a spreadsheet's formula that is true where a relation does not hold.

    >>> relation = Relation("R", ("<=",), (("a",), ("b", "+", "c")))
    >>> broken_formula(relation, {"a": "D7", "b": "D8", "c": "D9"})
    '(D7)-(D8+D9)>0.000001'
    """
    sides = ["".join(cells.get(token, token) for token in side) for side in relation.sides]
    pairs = []
    for sign, left, right in zip(relation.signs, sides, sides[1:], strict=False):
        match sign:
            case "==":
                pairs.append(f"ABS(({left})-({right}))>{_TOLERANCE}")
            case "<=" | "<":
                pairs.append(f"({left})-({right})>{_TOLERANCE}")
            case _:
                pairs.append(f"({right})-({left})>{_TOLERANCE}")
    return pairs[0] if len(pairs) == 1 else f"OR({','.join(pairs)})"


def name_inputs(sheet: Worksheet, name: str, areas: Iterable[str]) -> None:
    """Give the input cells of a sheet a name, so that formulas and people find them."""
    word = input_name(name)
    quoted = sheet.title.replace("'", "''")
    held = ",".join(f"'{quoted}'!{area}" for area in areas)
    sheet.parent.defined_names[word] = DefinedName(word, attr_text=held)


def input_name(name: str) -> str:
    """Return a name as formulas take it: no signs in it, a letter in front.

    >>> input_name("M01_input"), input_name("1-G_input")
    ('M01_input', '_1_G_input')
    """
    word = re.sub(r"\W", "_", name)
    return word if word[0].isalpha() else f"_{word}"


def plain(value: float) -> str:
    """Return a number as a formula holds it.

    >>> plain(12.0), plain(0.5)
    ('12', '0.5')
    """
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.10g}"
