"""What does a form say: its title, the codes of its lines, how they hang together, each note?"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data.definition_types import Catalog, Form, Measure, Rule
from data.periods import SPAN
from data.returns.due import Sheet, due_date
from data.texts import text

_TOKEN = re.compile(r"[A-Za-z_]\w*|\d+(?:\.\d+)?|[<>=!]=|=>|\S")
_COMPARED = ("==", "<=", ">=", "<", ">")
_SIGNS = {
    "zh": {"==": "＝", "<=": "≤", ">=": "≥", "<": "＜", ">": "＞", "+": "＋", "-": "－", "*": "×"},
    "en": {"==": " = ", "<=": " ≤ ", ">=": " ≥ ", "<": " < ", ">": " > ", "+": " + ", "-": " - "},
}
_PARTS = ("其中", "of which")
#: A form whose name ends so bears its title already.
_TITLES = ("表", "return", "form")
#: What a spreadsheet program shows of a text in a box; longer ones damage the file.
MOST_TITLE, MOST_TEXT = 32, 255


@dataclass(frozen=True, slots=True)
class Relation:
    """A rule among the lines of one form: comparisons and what stands between them, as tokens."""

    rule: str
    signs: tuple[str, ...]
    sides: tuple[tuple[str, ...], ...]

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that it speaks of, in order."""
        words = (token for side in self.sides for token in side if token[0].isalpha())
        return tuple(dict.fromkeys(words))

    def said(self, names: Mapping[str, str], lang: str) -> str:
        """Return it with the measures as they are called, in the signs of printed tables."""
        signs = _SIGNS[lang]
        sides = ["".join(names.get(t, signs.get(t, t)) for t in side) for side in self.sides]
        found = sides[0]
        for sign, side in zip(self.signs, sides[1:], strict=True):
            found += signs[sign] + side
        return found


def relations(rules: tuple[Rule, ...], form: Form) -> tuple[Relation, ...]:
    """Return the binding rules that add up or compare lines of one form."""
    here = set(form.measures)
    return tuple(
        relation
        for rule in rules
        if rule.severity == "mandatory" and not rule.sets
        for clause in rule.clauses
        if (relation := parse_relation(rule.code, clause)) is not None
        and len(relation.measures) > 1
        and here.issuperset(relation.measures)
    )


def parse_relation(rule: str, clause: str) -> Relation | None:
    """Return a clause as comparisons of sums; None where it says more than that.

    >>> parse_relation("R01", "a <= b + c").said({"a": "01", "b": "02", "c": "03"}, "zh")
    '01≤02＋03'
    >>> parse_relation("R02", "a == prev(b)") is None
    True
    """
    sides: list[list[str]] = [[]]
    signs: list[str] = []
    for token in _TOKEN.findall(clause):
        if token in _COMPARED:
            signs.append(token)
            sides.append([])
        elif token in ("+", "-") or re.fullmatch(r"[a-z]\w*|\d+(\.\d+)?", token):
            sides[-1].append(token)
        else:
            return None
    if not signs or not all(_is_sum(side) for side in sides):
        return None
    return Relation(rule, tuple(signs), tuple(tuple(side) for side in sides))


def _is_sum(side: list[str]) -> bool:
    """Return whether tokens are terms with a sign between each two."""
    return len(side) % 2 == 1 and all((t in "+-") == (n % 2 == 1) for n, t in enumerate(side))


def line_codes(form: Form) -> dict[str, str]:
    """Return the printed code of each line of a form: its place, the same in every month.

    >>> from types import SimpleNamespace
    >>> line_codes(SimpleNamespace(measures=("calls", "thefts")))
    {'calls': '01', 'thefts': '02'}
    """
    digits = max(2, len(str(len(form.measures))))
    return {code: f"{n:0{digits}d}" for n, code in enumerate(form.measures, start=1)}


def title_of(plan: Sheet, lang: str) -> str:
    """Return the title of a sheet: what the form is about, how often, and by unit or not."""
    kind = {1: "month", 3: "quarter", 6: "half", 12: "year"}[SPAN[plan.form.frequency]]
    name = plan.form.name.get(lang)
    is_title = name.endswith(_TITLES)
    title = name if is_title else text(f"returns.form.title_{kind}", lang, name=name)
    is_by_unit = plan.layout == "collection"
    return title + text("returns.form.by_unit", lang) if is_by_unit else title


def period_words(period: dt.date, lang: str, frequency: str = "M") -> str:
    """Return a period as a form prints it; a quarter with its last month.

    >>> period_words(dt.date(2024, 10, 1), "zh"), period_words(dt.date(2024, 10, 1), "en")
    ('2024年10月', '2024-10')
    >>> period_words(dt.date(2024, 9, 1), "zh", "Q")
    '2024年9月（第3季度）'
    """
    month = f"{period.year}年{period.month}月" if lang == "zh" else f"{period:%Y-%m}"
    match SPAN[frequency]:
        case 3:
            return month + text("returns.form.quarter", lang, number=(period.month + 2) // 3)
        case 6:
            return month + text(f"returns.form.half_{1 if period.month <= 6 else 2}", lang)
        case 12:
            return month + text("returns.form.year", lang)
        case _:
            return month


def measured_in(plan: Sheet, lang: str) -> str:
    """Return the unit of measure of a whole table, or that each line says its own."""
    units = {measure.unit.get(lang) for measure in plan.measures}
    return units.pop() if len(units) == 1 else text("returns.form.measured_below", lang)


def label_of(measure: Measure, lang: str) -> tuple[str, int]:
    """Return what a line is called, and how far it stands in: parts stand below their whole."""
    label = measure.label.get(lang) or measure.name.get(lang)
    return label, 2 if label.startswith(_PARTS) else 0


def notes_of(plan: Sheet, held: Sequence[Relation], period: dt.date, lang: str) -> list[str]:
    """Return the notes below a table, as official forms number them; `held` are its relations."""
    form = plan.form
    due = due_date(form, period)
    day = f"{due.year}年{due.month}月{due.day}日" if lang == "zh" else f"{due:%Y-%m-%d}"
    said = [form.note.get(lang)] if form.note.get(lang) else []
    said.append(text("returns.form.note_due", lang, day=day))
    said.append(text("returns.form.note_fill", lang))
    said.append(text(f"returns.form.note_prior_{plan.layout}", lang))
    codes = line_codes(form)
    here = {measure.code for measure in plan.measures}
    told = [relation.said(codes, lang) for relation in held if here.issuperset(relation.measures)]
    if told:
        joined = text("returns.form.semicolon", lang).join(told)
        said.append(text("returns.form.relations", lang, value=joined))
    said.append(text("returns.form.note_sign", lang))
    return [f"{n}. {words}" for n, words in enumerate(said, start=1)]


def measure_note(
    measure: Measure, form: Form, held: Sequence[Relation], catalog: Catalog, lang: str
) -> str:
    """Return the note on a measure: what is counted, in which unit, how it hangs together."""
    code = line_codes(form).get(measure.code, "")
    names = {m: catalog.measures[m].name.get(lang) for m in form.measures}
    said = [
        text("returns.note.name", lang, code=code, name=measure.name.get(lang), key=measure.code),
        text("returns.note.definition", lang, value=measure.definition.get(lang)),
        text("returns.note.unit", lang, value=measure.unit.get(lang)),
        text(f"returns.note.{measure.kind}", lang),
    ]
    for relation in held:
        if measure.code in relation.measures:
            said.append(text("returns.note.relation", lang, value=relation.said(names, lang)))
    if measure.source.get(lang):
        said.append(text("returns.note.source", lang, value=measure.source.get(lang)))
    return "\n".join(said)


def clipped(words: str, most: int) -> str:
    """Return a text cut to what a box takes.

    >>> clipped("abcdef", 4)
    'abc…'
    """
    return words if len(words) <= most else f"{words[: most - 1]}…"
