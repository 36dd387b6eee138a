"""How is a definition said in words: formula, use policy with its source, targets, where used?

The catalogue page and the generated catalogue say the same, because both ask here.
"""

from dataclasses import dataclass

from data.definition_types import Catalog, Indicator, Target
from data.texts import text


@dataclass(frozen=True, slots=True)
class PolicyReason:
    """One reason for a use policy: the flag, where it came from, why, and the rule's source."""

    flag: str
    name: str
    reason: str
    source: str
    inherited_from: str


def name_of(catalog: Catalog, code: str, lang: str) -> str:
    """Return the name of an indicator."""
    return catalog.indicators[code].name.get(lang)


def number_words(value: float) -> str:
    """Return a number without needless decimals.

    >>> number_words(98.0), number_words(82.8), number_words(10000)
    ('98', '82.8', '10,000')
    """
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def formula_words(catalog: Catalog, item: Indicator, lang: str) -> str:
    """Return the formula of an indicator with the names of its parts."""
    what = _sum_words(catalog, item.numerator, lang)
    if item.kind == "yoy":
        base = text(f"definitions.formula.{item.base}", lang)
        return text("definitions.formula.change", lang, what=what, base=base)
    if item.is_measure or not item.denominator:
        return text("definitions.formula.own", lang) if item.is_measure else what
    parts = [
        _wrapped(what, len(item.numerator) > 1, lang),
        "−" if item.kind == "difference" else "÷",
        _wrapped(_sum_words(catalog, item.denominator, lang), len(item.denominator) > 1, lang),
    ]
    if item.value_type == "percent" and item.scale == 100:
        parts.append("× 100%" if lang == "zh" else "× 100 %")
    elif item.scale != 1:
        parts.append(f"× {number_words(item.scale)}")
    if item.kind == "annualised":
        parts.append(text("definitions.formula.months", lang))
    return " ".join(parts)


def code_formula(item: Indicator) -> str:
    """Return the formula of an indicator with the codes of its parts."""
    numerator = " + ".join(item.numerator)
    if item.kind == "yoy":
        return f"{numerator} / {item.base}({numerator}) − 1"
    if item.is_measure or not item.denominator:
        return numerator
    denominator = " + ".join(item.denominator)
    if len(item.denominator) > 1:
        denominator = f"({denominator})"
    if len(item.numerator) > 1:
        numerator = f"({numerator})"
    scale = f" × {number_words(item.scale)}" if item.scale != 1 else ""
    months = " × 12 / months" if item.kind == "annualised" else ""
    sign = "−" if item.kind == "difference" else "/"
    return f"{numerator} {sign} {denominator}{scale}{months}"


def adding_words(catalog: Catalog, code: str, lang: str) -> str:
    """Return how a measure is added up over units and months; empty for a derived indicator."""
    if code not in catalog.measures:
        return ""
    measure = catalog.measures[code]
    by = name_of(catalog, measure.roll_by[0], lang) if measure.roll_by else ""
    roll = text(f"definitions.roll.{measure.roll}", lang, by=by)
    over_time = text(f"definitions.over_time.{measure.over_time}", lang)
    return f"{roll}；{over_time}" if lang == "zh" else f"{roll}; {over_time}"


def direction_words(direction: int, lang: str) -> str:
    """Return the direction in words.

    >>> direction_words(-1, "en")
    'lower is better'
    """
    return text(f"direction.{ {1: 'higher', -1: 'lower', 0: 'neutral'}[direction] }", lang)


def shown_policy(item: Indicator) -> str:
    """Return the furthest use that is left: what has no direction is only compared.

    >>> from data.catalog import load_catalog
    >>> [shown_policy(load_catalog().indicators[code]) for code in ("calls_valid", "calls_total")]
    ['rank', 'compare']
    """
    return "compare" if item.policy == "rank" and not item.direction else item.policy


def policy_reasons(catalog: Catalog, item: Indicator, lang: str) -> list[PolicyReason]:
    """Return why an indicator may be used no further, strictest flag first."""
    order = ("monitor", "compare", "score", "rank")
    codes = sorted(item.flags, key=lambda code: (order.index(catalog.flags[code].policy), code))
    found = []
    for code in codes:
        flag = catalog.flags[code]
        origin = next(
            (
                part
                for part in (*item.numerator, *item.denominator)
                if part != item.code and code in catalog.indicators[part].flags
            ),
            "",
        )
        found.append(
            PolicyReason(
                code,
                flag.name.get(lang),
                flag.reason.get(lang),
                flag.source.get(lang),
                name_of(catalog, origin, lang) if origin else "",
            )
        )
    return found


def policy_words(catalog: Catalog, item: Indicator, lang: str) -> list[str]:
    """Return the use policy as plain sentences, with the source of each rule."""
    lines = []
    for reason in policy_reasons(catalog, item, lang):
        end = "" if reason.reason.endswith(("。", ".")) else ("。" if lang == "zh" else ".")
        words = [
            f"{reason.flag} {reason.name}：" if lang == "zh" else f"{reason.flag} {reason.name}:"
        ]
        words.append(f"{reason.reason}{end}")
        if reason.source:
            words.append(text("definitions.policy.source", lang, source=reason.source))
        if reason.inherited_from:
            inherited = text("definitions.policy.inherited", lang, name=reason.inherited_from)
            words.append(f"（{inherited}）" if lang == "zh" else f"({inherited})")
        lines.append("".join(words) if lang == "zh" else " ".join(words))
    if not lines:
        lines.append(text(f"definitions.policy.{'free' if item.direction else 'neutral'}", lang))
    return lines


def target_words(catalog: Catalog, item: Indicator, target: Target, lang: str) -> str:
    """Return a target in words: value or other indicator, from when, for which months."""
    if target.indicator:
        words = [
            text(
                "definitions.target.indicator", lang, name=name_of(catalog, target.indicator, lang)
            )
        ]
    elif target.value is None:
        words = [text("definitions.target.none", lang)]
    else:
        value = number_words(target.value)
        words = [text("definitions.target.value", lang, value=value, unit=item.unit.get(lang))]
    if target.valid_from.year > 1:
        words.append(text("definitions.target.since", lang, date=f"{target.valid_from:%Y-%m}"))
    if target.months:
        months = ", ".join(str(month) for month in target.months)
        words.append(text("definitions.target.months", lang, months=months))
    return "，".join(words) if lang == "zh" else ", ".join(words)


def uses_of(catalog: Catalog, code: str, lang: str) -> list[str]:
    """Return where an indicator is used: other indicators, rules, schemes, the overview."""
    found: list[str] = []

    def add(key: str, name: str = "") -> None:
        found.append(text(f"definitions.used.{key}", lang, name=name))

    for item in catalog.derived():
        if code in (*item.numerator, *item.denominator, item.weighted_by):
            add("indicator", item.name.get(lang))
        if any(target.indicator == code for target in item.targets):
            add("target", item.name.get(lang))
    for rule in catalog.rules:
        if code in rule.measures:
            add("rule", rule.code)
    for scheme in catalog.schemes.values():
        name = scheme.name.get(lang)
        if code in [item.indicator for item in scheme.items]:
            add("scheme", name)
        if code in [entry.get("indicator") for entry in scheme.raw.get("veto", [])]:
            add("veto", name)
        extras = [
            entry.get("indicator", "") + " " + entry.get("expression", "")
            for part in ("bonus", "deduction")
            for entry in scheme.raw.get(part, {}).get("items", [])
        ]
        if code in " ".join(extras).split():
            add("extra", name)
        if code in scheme.monitor_only:
            add("monitor", name)
    if code in catalog.bureau.headline:
        add("headline")
    if code in catalog.bureau.matrix:
        add("matrix")
    return found


def filer_words(catalog: Catalog, code: str, lang: str) -> str:
    """Return who files a measure and on which form; a derived indicator says what it is made of."""
    if code not in catalog.measures:
        return ""
    measure = catalog.measures[code]
    if measure.form == "system":
        return text("definitions.filer.system", lang)
    levels = {level.code: level.name.get(lang) for level in catalog.bureau.levels}
    filers = "、".join(levels[x] for x in measure.filers)
    form = catalog.forms[measure.form]
    joined = filers if lang == "zh" else ", ".join(levels[x] for x in measure.filers)
    return f"{form.code} {form.name.get(lang)} · {joined}"


def _sum_words(catalog: Catalog, codes: tuple[str, ...], lang: str) -> str:
    """Return the names of the terms of one side, joined by plus."""
    return " + ".join(name_of(catalog, code, lang) for code in codes)


def _wrapped(words: str, is_sum: bool, lang: str) -> str:
    """Return the words in brackets where they are a sum."""
    if not is_sum:
        return words
    return (
        f"{text('definitions.formula.open', lang)}{words}{text('definitions.formula.close', lang)}"
    )
