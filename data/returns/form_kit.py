"""What do all sheets of a template share? It is worked out once, for one workbook or for many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from openpyxl.comments import Comment

from data.definition_types import Catalog, Form, Measure
from data.returns import style
from data.returns.form_inputs import Limits, limits_of
from data.returns.form_words import Relation, line_codes, measure_note, relations
from data.returns.prior import Printed, Prior
from data.texts import text
from data.units import Tree

_NOTE_WIDTH = 340
_CHARACTERS = 50


@dataclass(frozen=True, slots=True)
class Kit:
    """Definitions, month, language, earlier figures and those that are filled in beforehand."""

    catalog: Catalog
    tree: Tree
    period: dt.date
    lang: str
    prior: Prior
    values: Mapping[tuple[str, str], float]
    limits: Mapping[str, Limits]
    _relations: dict[str, tuple[Relation, ...]] = field(default_factory=dict)
    _notes: dict[tuple[str, str], str] = field(default_factory=dict)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def relations(self, form: Form) -> tuple[Relation, ...]:
        """Return the binding rules among the lines of a form."""
        if form.code not in self._relations:
            self._relations[form.code] = relations(self.catalog.rules, form)
        return self._relations[form.code]

    def codes(self, form: Form) -> dict[str, str]:
        """Return the printed code of each line of a form."""
        if form.code not in self._codes:
            self._codes[form.code] = line_codes(form)
        return self._codes[form.code]

    def note(self, form: Form, measure: Measure) -> Comment:
        """Return the note on a measure, for one cell."""
        key = (form.code, measure.code)
        if key not in self._notes:
            held = self.relations(form)
            self._notes[key] = measure_note(measure, form, held, self.catalog, self.lang)
        return self.comment(self._notes[key])

    def comment(self, words: str) -> Comment:
        """Return a note with a text, as large as it needs."""
        lines = style.lines_of(words, _CHARACTERS)
        author = text("common.product", self.lang)
        return Comment(words, author, width=_NOTE_WIDTH, height=24 + 17 * lines)

    def taken_over(self, printed: Printed) -> Comment:
        """Return the note on a figure that was taken over from other units."""
        parts = [
            text(
                "returns.note.share" if share != 1 else "returns.note.whole",
                self.lang,
                unit=self.tree.unit(unit).name.get(self.lang),
                share=f"{share * 100:g}",
            )
            for unit, share in printed.sources
        ]
        key = "taken_estimated" if printed.is_estimated else "taken"
        joined = text("returns.form.comma", self.lang).join(parts)
        return self.comment(text(f"returns.note.{key}", self.lang, value=joined))


def make_kit(
    catalog: Catalog,
    tree: Tree,
    period: dt.date,
    lang: str,
    prior: Prior,
    values: Mapping[tuple[str, str], float],
) -> Kit:
    """Return what the sheets of one month in one language share."""
    return Kit(catalog, tree, period, lang, prior, values, limits_of(catalog))
