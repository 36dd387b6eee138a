"""What do all definitions say, in one document that a person can read?

`python -m reports.catalogue` writes docs/catalogue.md from the definition files, in both languages;
`python -m reports.catalogue --check` only says whether the document is current.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from data.catalog import load_catalog
from data.definition_types import Catalog, Example, Indicator, Rule
from data.definition_versions import version_words
from data.definition_words import (
    adding_words,
    code_formula,
    direction_words,
    filer_words,
    formula_words,
    number_words,
    policy_words,
    shown_policy,
    target_words,
    uses_of,
)
from data.texts import LANGUAGES, text

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "catalogue.md"


def catalogue_markdown(catalog: Catalog) -> str:
    """Return the whole catalogue as Markdown, Chinese and English side by side."""
    lines = [f"# {_both(lambda lang: text('definitions.document.title', lang))}", ""]
    counts = {
        "measures": len(catalog.measures),
        "derived": len(catalog.derived()),
        "forms": len(catalog.forms),
        "rules": len(catalog.rules),
        "schemes": len(catalog.schemes),
    }
    for lang in LANGUAGES:
        intro = text("definitions.document.intro", lang)
        lines += [intro, text("definitions.document.counts", lang, **counts), ""]
    lines += _contents(catalog)
    lines += _flags(catalog)
    for code, name in catalog.bureau.categories.items():
        items = [item for item in catalog.indicators.values() if item.category == code]
        if items:
            lines += [f"## {name.zh} · {name.en}", ""]
            for item in items:
                lines += _entry(catalog, item)
    lines += _rules(catalog.rules)
    return "\n".join(lines).rstrip() + "\n"


def _both(say: Callable[[str], str]) -> str:
    """Return a text in both languages on one line."""
    return " · ".join(say(lang) for lang in LANGUAGES)


def _cell(words: str) -> str:
    """Return a text that is safe in a Markdown table cell."""
    return words.replace("|", "\\|").replace("\n", " ")


def _contents(catalog: Catalog) -> list[str]:
    """Return the list of categories with how many indicators each holds."""
    lines = []
    for code, name in catalog.bureau.categories.items():
        count = sum(item.category == code for item in catalog.indicators.values())
        if count:
            lines.append(f"- {name.zh} · {name.en} ({count})")
    return [*lines, ""]


def _flags(catalog: Catalog) -> list[str]:
    """Return the table of the use-policy flags."""
    if not catalog.flags:
        return []
    head = _both(lambda lang: text("definitions.document.flags", lang))
    lines = [f"## {head}", "", "| | | 中文 | English |", "|---|---|---|---|"]
    for flag in catalog.flags.values():
        said = [f"**{flag.name.get(lang)}** {flag.reason.get(lang)}" for lang in LANGUAGES]
        sources = [
            text("definitions.policy.source", lang, source=flag.source.get(lang))
            for lang in LANGUAGES
        ]
        stops = ("。", ". ")
        cells = [_cell(a + stop + b) for a, stop, b in zip(said, stops, sources, strict=True)]
        lines.append(f"| `{flag.code}` | {flag.policy} | {cells[0]} | {cells[1]} |")
    return [*lines, ""]


def _entry(catalog: Catalog, item: Indicator) -> list[str]:
    """Return one indicator: a heading, a table of both languages, its worked example."""
    lines = [f"### `{item.code}` {item.name.zh} · {item.name.en}", ""]
    lines += ["| | 中文 | English |", "|---|---|---|"]
    for key, say in _fields(catalog, item):
        cells = [_cell(say(lang)) for lang in LANGUAGES]
        if any(cells):
            label = _both(lambda lang, key=key: text(f"definitions.field.{key}", lang))  # type: ignore[misc]
            lines.append(f"| {label} | {cells[0]} | {cells[1]} |")
    for example in item.examples:
        lines += ["", *_example(example)]
    return [*lines, ""]


def _fields(catalog: Catalog, item: Indicator) -> Iterator[tuple[str, Callable[[str], str]]]:
    """Yield the fields of an entry with how each is said in a language."""
    yield "definition", item.definition.get
    measure = catalog.measures.get(item.code)
    yield "versions", lambda lang: _list(version_words(measure, lang), lang)
    yield "formula", lambda lang: f"{formula_words(catalog, item, lang)}（`{code_formula(item)}`）"
    yield "unit", lambda lang: f"{item.unit.get(lang)} ({item.value_type}, {item.decimals})"
    yield (
        "kind",
        lambda lang: (
            f"{text(f'definitions.kind.{item.kind}', lang)} · "
            f"{text(f'frequency.{item.frequency}', lang)} · "
            f"{text(f'definitions.tier.{item.tier}', lang)} · v{item.version}"
        ),
    )
    yield "roll", lambda lang: adding_words(catalog, item.code, lang)
    yield "direction", lambda lang: direction_words(item.direction, lang)
    yield "windows", lambda lang: _list([text(f"window.{w}", lang) for w in item.windows], lang)
    yield "minimum_base", lambda lang: number_words(item.minimum_base)
    yield (
        "policy",
        lambda lang: (
            f"**{text(f'policy.{shown_policy(item)}', lang)}** "
            + " ".join(policy_words(catalog, item, lang))
        ),
    )
    yield (
        "targets",
        lambda lang: _list(
            [target_words(catalog, item, target, lang) for target in item.targets], lang
        ),
    )
    yield "caveats", item.caveats.get
    yield (
        "example",
        lambda lang: _list(
            [x.name.get(lang) for x in catalog.examples if x.indicator == item.code], lang
        ),
    )
    yield "form", lambda lang: filer_words(catalog, item.code, lang)
    yield "used", lambda lang: _list(uses_of(catalog, item.code, lang), lang)
    yield "source", item.source.get


def _list(words: Iterable[str], lang: str) -> str:
    """Return words joined as a list in a language."""
    return ("；" if lang == "zh" else "; ").join(words)


def _example(example: Example) -> list[str]:
    """Return a worked example: what it shows, its facts, the value."""
    value = (
        _both(lambda lang: text("definitions.document.no_value", lang))
        if example.expected is None
        else number_words(example.expected)
    )
    head = f"{_both(example.name.get)} → {example.unit}, {example.period:%Y-%m}, {example.window}"
    return [f"{head}: **{value}**", "", "```", *example.facts.strip().splitlines(), "```"]


def _rules(rules: Iterable[Rule]) -> list[str]:
    """Return the table of the checking rules."""
    rules = list(rules)
    if not rules:
        return []
    head = _both(lambda lang: text("definitions.document.rules", lang))
    lines = [f"## {head}", "", "| | | | 中文 | English |", "|---|---|---|---|---|"]
    for rule in rules:
        said = [f"{rule.message.get(lang)} → {rule.fix.get(lang)}" for lang in LANGUAGES]
        severity = _both(lambda lang, rule=rule: text(f"severity.{rule.severity}", lang))  # type: ignore[misc]
        expression = _cell(rule.expression)
        lines.append(
            f"| {rule.code} | {severity} | `{expression}` | {_cell(said[0])} | {_cell(said[1])} |"
        )
    return [*lines, ""]


def main(arguments: list[str] | None = None) -> int:
    """Write the document, or with --check say whether it is current; 1 means stale."""
    parser = argparse.ArgumentParser(description="Write docs/catalogue.md from the definitions.")
    parser.add_argument("--check", action="store_true", help="only say whether it is current")
    options = parser.parse_args(arguments)
    wanted = catalogue_markdown(load_catalog())
    current = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    if wanted == current:
        return 0
    if options.check:
        print("docs/catalogue.md is stale: run python -m reports.catalogue", file=sys.stderr)
        return 1
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
