"""How does the outcome of a check look as a page that needs nothing from anywhere?

One file of HTML that prints on A4: the verdict, every finding with its cell, what was found, what
to do and by which rule, how often that rule asks about sound figures, the rules that ran and held,
and those that could not run, with the reason.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from data.checks.false_rates import Rate, read_rates
from data.checks.liberties import CODE as LIBERTY
from data.checks.ran import Ran, rules_ran, with_findings
from data.checks.run import CheckedReturn
from data.definition_types import Catalog, Rule
from data.texts import has_text, text
from data.units import Tree

STYLE = (Path(__file__).parent / "check_report.css").read_text(encoding="utf-8")
#: The classes of rules in the report, by scope.
CLASSES = {
    "form": ("format", "identity", "privacy"),
    "within": ("table",),
    "over": ("cumulative", "sequence", "comparison", "trend", "unit"),
    "above": ("total",),
}


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was checked: the file, whose return it says it is, the findings and the rules.

    `counts` are the numbers of the verdict; `is_table` says that it is a flat table, which is
    imported and not filed; without `is_complete` the form checks are lacking.
    """

    file: str
    sha256: str
    unit: str
    period: dt.date | None
    forms: Sequence[str]
    findings: pl.DataFrame
    counts: Mapping[str, int]
    rules: Sequence[Ran]
    is_complete: bool = True
    is_table: bool = False


def return_report(
    verdict: CheckedReturn, catalog: Catalog, tree: Tree, history: pl.DataFrame
) -> CheckReport:
    """Return what the check of a return came to; `history` is FACTS as it was checked against."""
    reading = verdict.reading
    rules = rules_ran(reading, catalog, tree, history)
    return CheckReport(
        reading.source.name,
        reading.source.sha256,
        reading.unit,
        reading.period,
        [code for code in reading.forms if code in catalog.forms],
        verdict.findings,
        verdict.counts,
        with_findings(rules, verdict.findings),
        verdict.is_complete,
    )


def report_html(
    report: CheckReport, catalog: Catalog, tree: Tree, lang: str, now: dt.datetime | None = None
) -> str:
    """Return the report as one page that stands alone."""
    rates = read_rates(catalog)
    rules = {rule.code: rule for rule in catalog.rules}
    title = text("checkup.title", lang)
    parts = [f"<p class=org>{_safe(catalog.bureau.name.get(lang))}</p><h1>{_safe(title)}</h1>"]
    parts += [_about(report, catalog, tree, lang, now), _verdict(report, lang)]
    numbered = 0
    liberties = report.findings.filter(pl.col("rule") == LIBERTY)
    others = report.findings.filter(pl.col("rule") != LIBERTY)
    for severity in ("mandatory", "query", "info"):
        rows = others.filter(pl.col("severity") == severity).rows(named=True)
        if rows:
            parts.append(_findings(rows, severity, numbered, catalog, rules, rates, lang))
            numbered += len(rows)
    if not others.filter(pl.col("severity") != "info").height:
        parts.append(f"<p>{_safe(text('checkup.part.none', lang))}</p>")
    if liberties.height:
        parts.append(_liberties(liberties.rows(named=True), lang))
    parts += [_ran(report, lang), _unasked(report, catalog, lang)]
    notes = [text(f"checkup.foot.{key}", lang) for key in ("rates", "use")]
    parts += [f"<p class=foot>{_safe(note)}</p>" for note in notes]
    return (
        f'<!doctype html><html lang="{"zh-CN" if lang == "zh" else lang}">'
        f'<head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_safe(title)} {_safe(report.file)}</title><style>{STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _about(
    report: CheckReport, catalog: Catalog, tree: Tree, lang: str, now: dt.datetime | None
) -> str:
    at = (now or dt.datetime.now(dt.UTC)).astimezone(ZoneInfo(catalog.bureau.timezone))
    unit = tree.unit(report.unit).name.get(lang) if report.unit in tree.units else report.unit
    forms = [f"{code} {catalog.forms[code].name.get(lang)}" for code in report.forms]
    lines = {
        "unit": f"{unit} {report.unit}" if report.unit else "",
        "period": f"{report.period:%Y-%m}" if report.period else "",
        "forms": ("、" if lang == "zh" else ", ").join(forms),
        "file": report.file,
        "hash": report.sha256[:16],
        "checked": f"{at:%Y-%m-%d %H:%M}",
        "definitions": catalog.digest[:12],
    }
    rows = "".join(
        f"<div><dt>{_safe(text(f'checkup.{key}', lang))}</dt><dd>{_safe(words)}</dd></div>"
        for key, words in lines.items()
        if words
    )
    return f"<dl class=about>{rows}</dl>"


def _verdict(report: CheckReport, lang: str) -> str:
    counts = report.counts
    errors = counts["errors"]
    open_ = counts["questions"] - counts.get("answered", 0)
    if errors:
        kind, words = "stop", text("checkup.verdict.blocked", lang, errors=errors)
        if open_:
            more = text("checkup.verdict.blocked_more", lang, open=open_)
            words += f"{'。' if lang == 'zh' else '. '}{more}"
    elif not report.is_complete:
        kind, words = "stop", text("checkup.verdict.incomplete", lang)
    elif open_:
        kind, words = "ask", text("checkup.verdict.asks", lang, open=open_)
    else:
        key = "sound_table" if report.is_table else "sound"
        kind, words = "pass", text(f"checkup.verdict.{key}", lang)
    tiles = "".join(
        f"<div><b>{counts[key]:,}</b><span>{_safe(text(f'checkup.count.{key}', lang))}</span></div>"
        for key in ("cells", "passed", "errors", "questions", "notes")
        if key in counts
    )
    said = _safe(text("checkup.kind", lang))
    return (
        f"<section class='verdict {kind}'><p class=say>{_safe(words)}</p>"
        f"<p class=small>{said}</p><div class=tiles>{tiles}</div></section>"
    )


def _findings(
    rows: Sequence[Mapping[str, Any]],
    severity: str,
    before: int,
    catalog: Catalog,
    rules: Mapping[str, Rule],
    rates: Mapping[str, Rate],
    lang: str,
) -> str:
    head = "".join(
        f"<th>{_safe(text(f'checkup.{key}', lang))}</th>"
        for key in ("number", "place", "found", "fix", "rule")
    )
    lines = []
    for number, row in enumerate(rows, start=before + 1):
        cells = [
            str(number),
            _place(row, catalog, lang),
            _found(row, lang),
            _safe(row[f"fix_{lang}"]),
            _rule(row["rule"], severity, rules, rates, lang),
        ]
        lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    title = text(f"checkup.part.{severity}", lang)
    return (
        f"<h2 class={severity}>{_safe(title)}<small>{len(rows)}</small></h2>"
        f"<table class=findings><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def _place(row: Mapping[str, Any], catalog: Catalog, lang: str) -> str:
    sheet, cell = row["sheet"] or "", row["cell"] or ""
    first = f"<b>{_safe(cell)}</b>" if cell else _safe(text("checkup.whole", lang))
    measure = catalog.measures.get(row["measure"] or "")
    name = f"<br>{_safe(measure.name.get(lang))}" if measure else ""
    return f"{first}<span class=sheet>{_safe(sheet)}</span>{name}"


def _found(row: Mapping[str, Any], lang: str) -> str:
    parts = [_safe(row[f"message_{lang}"])]
    if row["value"] and row["measure"]:
        said = text("checkup.value", lang, value=row["value"])
        parts.append(f"<span class=small>{_safe(said)}</span>")
    if row["answer"]:
        said = text("checkup.answered", lang, answer=row["answer"])
        parts.append(f"<span class=answer>{_safe(said)}</span>")
    return "<br>".join(parts)


def _rule(
    code: str, severity: str, rules: Mapping[str, Rule], rates: Mapping[str, Rate], lang: str
) -> str:
    """Return a rule's code, what it rests on, and how often it asks about what is sound."""
    parts = [f"<b>{_safe(code)}</b>"]
    rule = rules.get(code)
    if rule is not None and rule.source:
        said = text("checkup.basis", lang, basis=basis_words(rule.source, lang))
        parts.append(f"<span class=small>{_safe(said)}</span>")
    if severity == "query":
        parts.append(f"<span class=small>{_safe(rate_words(rates.get(code), lang))}</span>")
    return "<br>".join(parts)


def basis_words(source: str, lang: str) -> str:
    """Return what a rule rests on, in words; the catalogue of rules marks it by a short word.

    >>> basis_words("general", "en"), basis_words("sourced:a paper", "en")
    ('common accounting', 'published: a paper')
    """
    kind, mark, rest = re.split(r"([:：；(]|$)", source, maxsplit=1)
    if not has_text(f"checkup.source.{kind}"):
        return source
    stop = "：" if lang == "zh" else ": "
    name = text(f"checkup.source.{kind}", lang)
    rest = rest.removesuffix(")") if mark == "(" else rest
    return f"{name}{stop}{rest}" if rest else name


def rate_words(rate: Rate | None, lang: str) -> str:
    """Return how often a rule asks about sound returns."""
    if rate is None or not rate.returns:
        return text("checkup.no_rate", lang)
    low, high = rate.interval
    return text(
        "checkup.rate",
        lang,
        share=share_words(rate.share),
        low=share_words(low),
        high=share_words(high),
    )


def share_words(value: float) -> str:
    """Return a share in percent, with two decimals where it is small.

    >>> share_words(0.0009), share_words(0.043), share_words(0.0)
    ('0.09%', '4.3%', '0%')
    """
    percent = value * 100
    return f"{percent:.{2 if percent < 1 else 1}f}".rstrip("0").rstrip(".") + "%"


def _liberties(rows: Sequence[Mapping[str, Any]], lang: str) -> str:
    lines = "".join(
        f"<li>{_safe(row['sheet'] or '')} {_safe(row['cell'] or '')} "
        f"{_safe(row[f'message_{lang}'])}</li>"
        for row in rows
    )
    title = text("checkup.part.liberty", lang)
    return f"<h2>{_safe(title)}<small>{len(rows)}</small></h2><ul>{lines}</ul>"


def _ran(report: CheckReport, lang: str) -> str:
    """Return how many rules of each class ran and held."""
    keys = ("rules", "passed", "failed", "unasked", "asked", "held")
    names = "".join(f"<th>{_safe(text(f'checkup.rules.{key}', lang))}</th>" for key in keys)
    head = f"<th>{_safe(text('checkup.rules.class', lang))}</th>{names}"
    lines, total = [], [0] * len(keys)
    for name, scopes in CLASSES.items():
        of = [ran for ran in report.rules if ran.rule.scope in scopes]
        if not of:
            continue
        states = [ran.state for ran in of]
        held = sum(ran.held for ran in of)
        numbers = [len(of), *(states.count(s) for s in ("held", "failed", "unasked"))]
        numbers += [held + sum(ran.failed for ran in of), held]
        total = [a + b for a, b in zip(total, numbers, strict=True)]
        lines.append((text(f"checkup.class.{name}", lang), numbers))
    lines.append((text("checkup.rules.total", lang), total))
    rows = "".join(
        f"<tr><td>{_safe(name)}</td>"
        + "".join(f"<td class=n>{n:,}</td>" for n in numbers)
        + "</tr>"
        for name, numbers in lines
    )
    codes = [ran.rule.code for ran in report.rules if ran.state == "held"]
    listed = text("checkup.rules.listed", lang, codes=" ".join(codes)) if codes else ""
    return (
        f"<h2>{_safe(text('checkup.part.rules', lang))}</h2>"
        f"<table class=rules><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f"<p class=small>{_safe(listed)}</p>"
    )


def _unasked(report: CheckReport, catalog: Catalog, lang: str) -> str:
    """Return the rules that could not run, those of figures that are not here last and short."""
    waiting = [ran for ran in report.rules if ran.state == "unasked"]
    if not waiting:
        return ""
    rows = []
    for ran in (r for r in waiting if r.reason != "not_here"):
        cells = (ran.rule.code, ran.rule.message.get(lang), _why(ran, catalog, lang))
        rows.append("<tr>" + "".join(f"<td>{_safe(cell)}</td>" for cell in cells) + "</tr>")
    absent = [ran.rule.code for ran in waiting if ran.reason == "not_here"]
    if absent:
        said = f"<td colspan=2>{_safe(' '.join(absent))}</td>"
        rows.append(f"<tr>{said}<td>{_safe(text('checkup.why.not_here', lang))}</td></tr>")
    head = "".join(
        f"<th>{_safe(words)}</th>"
        for words in (
            text("checkup.rule", lang),
            text("checkup.rules.says", lang),
            text("checkup.rules.why", lang),
        )
    )
    title = text("checkup.part.unasked", lang)
    return (
        f"<h2>{_safe(title)}<small>{len(waiting)}</small></h2>"
        f"<table class=unasked><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _why(ran: Ran, catalog: Catalog, lang: str) -> str:
    names = [f"{code} {catalog.forms[code].name.get(lang)}" for code in sorted(ran.forms)]
    forms = ("、" if lang == "zh" else ", ").join(names)
    key = f"checkup.why.{ran.reason}"
    return text(key, lang, forms=forms) if ran.reason == "other_form" else text(key, lang)


def _safe(value: Any) -> str:
    return html.escape("" if value is None else str(value))
