"""How is a question said in a sentence: what was seen, how much, what would be usual, and why not?

Never a word of blame, and nothing about a person: what was seen is said beside what chance and the
other units give, and the good reasons stand with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from data.definition_types import Catalog, Question
from data.periods import format_period
from data.texts import text
from metrics.integrity import Run
from metrics.integrity_alike import OTHER
from metrics.rounding import round_half_up

Row = Mapping[str, Any]
BALANCE = ("shift", "ratio")
#: Whose observed and expected values are shares; those of the others are ratios.
SHARES = ("heaping", "copied_month", "copied_series", "copied_unit", "bunching", "revisions")


def question_named(catalog: Catalog, code: str) -> Question:
    """Return a question by its code."""
    return next(item for item in catalog.integrity.questions if item.code == code)


def about(catalog: Catalog, row: Row, lang: str) -> str:
    """Return what of a unit's figures a question is about."""
    code = row["measure"]
    if code == "all":
        return text("integrity.all", lang)
    if code in catalog.indicators:
        named = catalog.indicators[code].name.get(lang)
        question = question_named(catalog, row["question"])
        return question.name.get(lang) if question.kind in BALANCE else named
    form = catalog.forms.get(code)
    name = form.name.get(lang) if form and form.name.get(lang) else code
    return name if name != code else text("integrity.form", lang, form=code)


def seen(catalog: Catalog, row: Row, lang: str) -> str:
    """Return what was seen, beside what would be usual."""
    question = question_named(catalog, row["question"])
    kind = "balance" if question.kind in BALANCE else question.kind
    shares = question.kind in SHARES
    values = {
        "n": f"{row['n']:,}",
        "hits": f"{row['hits']:,.0f}",
        "observed": _number(row["observed"], shares),
        "expected": _number(row["expected"], shares),
    }
    parts = row["parts"] or []
    if kind == "heaping":
        values["step"] = text(f"integrity.x{round(1 / row['expected'])}", lang)
    elif kind == "copied_month":
        lag = next((part for part in parts if part in ("lag1", "lag12")), "lag1")
        values |= {"lag": text(f"integrity.{lag}", lang), "month": format_period(row["last"])}
    elif kind == "copied_unit":
        values |= {"other": _other(catalog, parts, lang), "month": format_period(row["last"])}
    elif kind == "balance":
        values |= {side: _names(catalog, getattr(question, side), lang)
                   for side in ("falls", "rises")}  # fmt: skip
    return text(f"integrity.seen.{kind}", lang, **values)


def effect(catalog: Catalog, row: Row, lang: str) -> str:
    """Return how far it lies from what would be usual, with its interval."""
    question = question_named(catalog, row["question"])
    key = "points" if question.kind in SHARES else "percent"
    key = "less" if question.kind in (*BALANCE, "smooth") else key
    names = ("effect", "lower", "upper")
    return text(f"integrity.effect.{key}", lang, **{n: _number(row[n], True) for n in names})


def base_rate(catalog: Catalog, row: Row, lang: str) -> str:
    """Return what all other units together show, or of steadiness the one in the middle."""
    if row["base"] is None:
        return text("integrity.no_base", lang)
    kind = question_named(catalog, row["question"]).kind
    shown = _number(row["base"], kind in SHARES) + ("%" if kind in SHARES else "×")
    key = "integrity.base_middle" if kind == "smooth" else "integrity.base"
    return text(key, lang, base=shown)


def reasons(catalog: Catalog, row: Row, lang: str) -> str:
    """Return the good reasons that such figures often have, as a sentence."""
    return text("integrity.innocent", lang, reasons=listed_reasons(catalog, row, lang))


def listed_reasons(catalog: Catalog, row: Row, lang: str) -> str:
    """Return the good reasons alone, one after the other."""
    question = question_named(catalog, row["question"])
    between = text("integrity.between", lang)
    return between.join(reason.get(lang) for reason in question.innocent)


def seen_in(catalog: Catalog, row: Row, lang: str) -> list[str]:
    """Return the measures or indicators in which it was seen most."""
    parts = [part for part in row["parts"] or [] if part in catalog.indicators]
    return [catalog.indicators[part].name.get(lang) for part in parts]


def run_words(run: Run, lang: str) -> str:
    """Return how many tests were made, and what share of the questions chance alone may put."""
    if not run.family:
        return text("integrity.no_tests", lang)
    return text(
        "integrity.expected_false",
        lang,
        tests=f"{run.family:,}",
        asked=f"{run.asked.height:,}",
        level=_number(run.level, True),
    )


def family_words(run: Run, lang: str) -> str:
    """Return over which tests the level is kept, and by which method."""
    method = text(f"integrity.method_{run.method}", lang)
    return text("integrity.family", lang, method=method)


def _names(catalog: Catalog, codes: tuple[str, ...], lang: str) -> str:
    between = "、" if lang == "zh" else " + "
    return between.join(catalog.measures[code].name.get(lang) for code in codes)


def _other(catalog: Catalog, parts: Sequence[str], lang: str) -> str:
    """Return the unit that a return is like, where the reader may know."""
    code = next((part.removeprefix(OTHER) for part in parts if part.startswith(OTHER)), "")
    named = next((unit.name.get(lang) for unit in catalog.units if unit.code == code), "")
    return named or text("integrity.other_unit", lang)


def _number(value: float | None, percent: bool) -> str:
    """Return a share in percent without decimals that say nothing, or a ratio with two.

    >>> _number(0.205, True), _number(1.257, False), _number(12.0, False)
    ('21', '1.26', '12')
    """
    if value is None:
        return "—"
    places = 0 if percent and abs(value) >= 0.02 else 1 if percent else 2
    written = str(round_half_up(value, None, 100 if percent else 1, places))
    return written.rstrip("0").rstrip(".") if "." in written else written
