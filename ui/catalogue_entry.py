"""How is one entry of the catalogue shown: definition, method, policy, targets, worked example?"""

from collections.abc import Iterable

import streamlit as st

from data.catalog import Catalog, Indicator
from data.definition_types import Example
from data.definition_versions import version_words
from data.definition_words import (
    adding_words,
    direction_words,
    filer_words,
    formula_words,
    number_words,
    policy_reasons,
    policy_words,
    shown_policy,
    target_words,
    uses_of,
)
from ui import panel
from ui.html import Child, Markup, icon, join, link, small, tag
from ui.scope import Scope, href
from ui.table import Column, Row, flag, table

# The definition list of an entry: wider terms and larger type than a passport beside a chart.
FIELDS = "padding:0;grid-template-columns:minmax(72px,112px) 1fr;font-size:14px;line-height:20px"


def show_entry(scope: Scope, catalog: Catalog, code: str) -> None:
    """Show everything that is laid down about an indicator."""
    # underlined: in a line of text a link must not be told by its colour alone
    back = link(
        join([icon("arrow_back", 16), " ", scope.t("catalogue.back")]),
        href("catalogue", scope),
        style="text-decoration:underline",
    )
    item = catalog.indicators.get(code)
    if item is None:
        panel.show(back)
        panel.empty(scope.t("catalogue.unknown", code=code), scope.t("catalogue.unknown_how"))
        return
    category = catalog.bureau.categories[item.category].get(scope.lang)
    crumb = join([back, " · ", category, " · ", item.code])
    panel.head(crumb, item.name.get(scope.lang), item.definition.get(scope.lang))
    left, right = st.columns([600, 400])
    with left:
        _show_method(scope, catalog, item)
    with right:
        _show_policy(scope, catalog, item)
    _show_examples(scope, catalog, item)


def _show_method(scope: Scope, catalog: Catalog, item: Indicator) -> None:
    """Show how the indicator is computed, filed and used."""
    figures = link(scope.t("catalogue.figures"), href("indicator", scope, indicator=item.code))
    panel.section(
        scope.t("definitions.field.definition"), scope.t("catalogue.entry_note"), action=figures
    )
    fields = [
        (tag("dt", scope.t(f"definitions.field.{key}")), tag("dd", value))
        for key, value in _method(scope, catalog, item)
        if value
    ]
    panel.show(tag("div", tag("dl", fields, cls="pp", style=FIELDS), cls="card pad"))


def _method(scope: Scope, catalog: Catalog, item: Indicator) -> Iterable[tuple[str, Child]]:
    """Yield the fields of an entry with what they say."""
    lang = scope.lang
    yield "formula", _formula(scope, catalog, item)
    yield (
        "unit",
        scope.t("catalogue.unit_of", unit=item.unit.get(lang), decimals=item.decimals),
    )
    yield (
        "kind",
        scope.t(
            "catalogue.kind_of",
            kind=scope.t(f"definitions.kind.{item.kind}"),
            frequency=scope.t(f"frequency.{item.frequency}"),
            tier=scope.t(f"definitions.tier.{item.tier}"),
            version=item.version,
        ),
    )
    yield "versions", _listed(version_words(catalog.measures.get(item.code), lang), lang)
    yield "roll", adding_words(catalog, item.code, lang)
    yield "direction", direction_words(item.direction, lang)
    yield "windows", _listed([scope.t(f"window.{window}") for window in item.windows], lang)
    yield "minimum_base", number_words(item.minimum_base) if item.minimum_base else ""
    yield "form", filer_words(catalog, item.code, lang)
    yield "used", _listed(uses_of(catalog, item.code, lang), lang)
    yield "caveats", item.caveats.get(lang)
    yield "source", item.source.get(lang)


def _formula(scope: Scope, catalog: Catalog, item: Indicator) -> Child:
    """Return the formula in words; the measures it is made of are links to their entries."""
    words = formula_words(catalog, item, scope.lang)
    if item.is_measure:
        return words
    parts = [
        link(
            catalog.indicators[part].name.get(scope.lang), href("catalogue", scope, indicator=part)
        )
        for part in dict.fromkeys((*item.numerator, *item.denominator))
    ]
    return tag("div", tag("div", words), tag("div", join(parts, " · "), cls="s"))


def _listed(words: Iterable[str], lang: str) -> str:
    """Return words as one list."""
    return ("、" if lang == "zh" else ", ").join(words)


def _show_policy(scope: Scope, catalog: Catalog, item: Indicator) -> None:
    """Show what the indicator may be used for and why, then its targets."""
    lang = scope.lang
    panel.section(scope.t("definitions.field.policy"), scope.t("catalogue.policy_note"))
    reasons = policy_reasons(catalog, item, lang)
    body: list[Child] = [tag("div", tag("b", scope.t(f"policy.{shown_policy(item)}")))]
    for reason in reasons:
        body.append(
            tag(
                "div",
                tag("div", flag(f"{reason.flag} {reason.name}"), reason.reason),
                small(scope.t("definitions.policy.source", source=reason.source)),
                small(" · ", scope.t("definitions.policy.inherited", name=reason.inherited_from))
                if reason.inherited_from
                else None,
                style="margin-top:8px",
            )
        )
    if not reasons:
        body += [tag("div", line) for line in policy_words(catalog, item, lang)]
    panel.show(tag("div", body, cls="card pad"))
    panel.section(scope.t("definitions.field.targets"), scope.t("catalogue.target_note"))
    targets = [tag("div", target_words(catalog, item, target, lang)) for target in item.targets]
    panel.show(tag("div", targets or scope.t("definitions.target.none"), cls="card pad"))


def _show_examples(scope: Scope, catalog: Catalog, item: Indicator) -> None:
    """Show the worked examples of the indicator."""
    examples = item.examples or tuple(x for x in catalog.examples if x.indicator == item.code)
    if not examples:
        return
    panel.section(scope.t("definitions.field.example"), scope.t("catalogue.example_note"))
    for example in examples:
        panel.show(_example(scope, catalog, item, example))


def _example(scope: Scope, catalog: Catalog, item: Indicator, example: Example) -> Markup:
    """Return an example: what it shows, its facts, and the value that comes out."""
    header, *lines = [
        [cell.strip() for cell in line.split("|")] for line in example.facts.strip().splitlines()
    ]
    columns = [
        Column("unit", scope.t("common.unit")),
        Column("period", scope.t("common.period")),
        *(
            Column(code, catalog.measures[code].name.get(scope.lang), number=True)
            for code in header[2:]
        ),
    ]
    rows = [
        Row({**dict(zip(header, line, strict=True)), "unit": _unit_name(scope, catalog, line[0])})
        for line in lines
    ]
    value = (
        scope.t("catalogue.example_none")
        if example.expected is None
        else f"{number_words(example.expected)} {item.unit.get(scope.lang)}"
    )
    result = scope.t(
        "catalogue.example_result",
        unit=_unit_name(scope, catalog, example.unit),
        period=f"{example.period:%Y-%m}",
        window=scope.t(f"window.{example.window}"),
        value=value,
    )
    name = example.name.get(scope.lang)
    return tag(
        "div",
        tag("div", tag("b", name), tag("div", result)),
        table(name, columns, rows, cls="dense", card=False),
        cls="card pad",
        style="margin-bottom:8px",
    )


def _unit_name(scope: Scope, catalog: Catalog, code: str) -> str:
    """Return a unit of the example tree with what kind of unit it is."""
    levels = {level.code: level.name.get(scope.lang) for level in catalog.bureau.levels}
    level = next(unit.level for unit in catalog.example_units if unit.code == code)
    return f"{levels[level]} {code}"
