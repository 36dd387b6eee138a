"""How is what was measured of the integrity questions kept, and written into docs/integrity.md?"""

import json
import math
from pathlib import Path
from typing import Any

from benchmarks.integrity_seeded import ANY, MORE, WAYS
from data.catalog import load_catalog
from metrics.chance import wilson

ROOT = Path(__file__).resolve().parent.parent
KEPT, PAGE = ROOT / "var" / "integrity.json", ROOT / "docs" / "integrity.md"
HEAD = """# Integrity questions

Written by `python -m benchmarks.integrity_part` and `python -m benchmarks.integrity_real FOLDER`;
do not edit.

Data quality asks about patterns over many months that counting seldom gives. They are **questions,
never accusations**: each stands with its effect and interval, with what all other units show, with
its q-value and with the good reasons that such figures often have. Nothing is asked about a person,
about wellbeing, about small cells that are hidden, or about figures that others find out about a
unit. Nothing of it enters a score.

How a question comes to be put:

1. Every question of `integrity.toml` is tested for every unit (and, where one unit has too few
   figures, over all its measures or all its stations together): exactly, by the binomial,
   Poisson-binomial or conditional hypergeometric distribution, or by a chi-square with a correction
   for whole numbers. Blank is not zero; months under an older definition are left out; a number
   that stands still is one round number, not one a month. A return is held against all units of its
   level beside it, the one most like it at the chance of the pair times how many were compared.
2. What is usual is taken from the bureau's own figures wherever it moves them: a measure that
   repeats, is steady, or surges everywhere is held against itself. Counts that vary more than
   chance alone are made smaller until chance is as wide as what the units show. At quarter ends and
   turns of the year a unit must stand out beside the others without any one of them as well: what
   one large unit moves is asked of nobody else.
3. A test whose effect is under the question's least effect counts with a chance of 1. All tests of
   a run are one family; a question is put where its q-value is at most the bureau's level (5 %),
   after Benjamini and Yekutieli (2001), which holds however the tests depend on each other.
4. What a station is asked is not asked of its district and city as well.

A question is answered by the unit and closed by a reviewer above it, never by who answered; both
are in the log. It is asked again only once later months speak for it (`renew`, three by default).

"""
CLEAN = """## Honest figures

{bureaus} demonstration bureaus drawn with other seeds, nothing changed; {tests:,} tests each on
average, {seconds:.1f} s of processor time a run. There are no revisions in these.

| method | questions in all | bureaus asked anything | at most (95 %) |
|---|---:|---:|---:|
{rows}
With nothing to be found, the false discovery rate is the share of bureaus that are asked anything:
it should not lie above 5 %. The last column is the upper end of its interval.

| question | tests | chance ≤ 1 % | chance ≤ 0.1 % |
|---|---:|---:|---:|
{small}
Chances are those of tests with an effect that matters; discrete tests stay below their nominal
share. Revisions are tested by sign, exactly: among so many tests a question about them takes {acts}
acts or more, all in the unit's favour, where it is the only one put.

"""
POWER = """## Changed figures

{bureaus} bureaus more; in each, five stations a way (of a district's way one district) are changed
at each strength. Power is the share of them that is asked the question (of a district: it or one of
its stations), at 5 % after Benjamini and Yekutieli; in brackets its 95 % interval. "Any" stands
where no question is about the way: then whatever is asked of the unit counts.

| question | what was changed | power at each strength |
|---|---|---|
{rows}
Of {asked} questions put, {honest} were to units that had not been changed and had none changed
below them: {share} ({low:.1%}–{high:.1%}).

How to read it: in a single station a question is put where a third of the figures are rounded,
where a month is taken over nearly whole, where a measure stays the same in most months, or where
figures lie close to their mean; a month taken over from another station, or filed for a whole
district from one, is found by the same reckoning between units, and lines drawn between two ends
are found once they make up a third of three years. Shifts between classes, unfiled cases, cases
held back in December, moved clearances and lifted targets are found from a third or a half on, and
in districts: in a station of a few cases a month the figures cannot tell them from chance, and no
question is put.

What is **not**, or hardly, found: cases filed a month late, since the totals barely move; thefts
put into another class where no pair of counts is named for it (a bureau adds one, kind `shift`, see
docs/how-to/questions.md); anything that a whole bureau does alike, which is its base rate; a single
altered figure. No question is no proof.

Is there a way to find more in small stations? Three were tried. Pooling is in use where the parts
can be added without counting one thing twice: last digits and targets over all measures of a unit,
and over all units of a measure; balances, quarter ends and turns of the year over all stations of a
district. A level for each question apart (its own family at 5 % divided by their
number) found nothing that one family does not, and fewer copied months (2 of 10 for 6 of 10),
in two bureaus. Adding up the spread of all measures of a station would count what is one thing in
several measures more than once, and ask honest stations; it is not done.

"""


def keep(part: str, found: dict[str, Any]) -> str:
    """Keep what was measured, rewrite the page and return it."""
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    kept[part] = found
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False), encoding="utf-8")
    page = write_page(kept)
    PAGE.write_text(page, encoding="utf-8")
    return page


def write_page(kept: dict[str, Any]) -> str:
    """Return the page of what is kept."""
    parts = [HEAD]
    seeded = kept.get("seeded", {"tests": [], "power": {}})
    if seeded["tests"]:
        parts.append(_clean(seeded))
    if seeded["power"]:
        parts.append(_power(seeded))
    if "real" in kept:
        parts.append(_real(kept["real"]))
    return "".join(parts).rstrip() + "\n"


def _clean(found: dict[str, Any]) -> str:
    bureaus = len(found["tests"])
    rows = ""
    for method, counts in found["clean"].items():
        name = {"by": "Benjamini and Yekutieli", "bh": "Benjamini and Hochberg"}[method]
        asked = sum(count > 0 for count in counts)
        high = wilson(asked, bureaus)[1] if asked else 1 - 0.05 ** (1 / bureaus)
        rows += f"| {name} | {sum(counts)} | {asked} of {bureaus} | {high:.1%} |\n"
    small = "".join(
        f"| {_name(code)} | {n:,} | {a / n:.2%} | {b / n:.3%} |\n"
        for code, (n, a, b) in found["small"].items()
        if n
    )
    tests = round(sum(found["tests"]) / bureaus)
    seconds = sum(found["seconds"]) / bureaus
    price = sum(1 / k for k in range(1, tests + 1))
    acts = math.ceil(math.log2(tests * price / 0.05))
    return CLEAN.format(
        bureaus=bureaus, tests=tests, seconds=seconds, rows=rows, small=small, acts=acts
    )


def _power(found: dict[str, Any]) -> str:
    rows = ""
    for name, cells in found["power"].items():
        code, what = name.split("|")
        shown = []
        for strength, (tried, hit) in cells.items():
            low, high = (max(0.0, min(1.0, edge)) for edge in wilson(hit, tried))
            shown.append(f"{float(strength):.0%}: {hit}/{tried} ({low:.0%}–{high:.0%})")
        rows += f"| {_name(code)} | {what} | {'; '.join(shown)} |\n"
    asked, honest = (sum(found["false"][name]) for name in ("asked", "honest"))
    low, high = wilson(honest, asked) if asked else (0.0, 1.0)
    share = f"{honest / asked:.1%}" if asked else "none"
    runs = sum(max(len(way.strengths) for way in ways) for ways in (WAYS, MORE))
    bureaus = math.ceil(len(found["false"]["asked"]) / runs)
    return POWER.format(
        bureaus=bureaus, rows=rows, asked=asked, honest=honest, share=share,
        low=max(0.0, low), high=high,
    )  # fmt: skip


def _real(found: list[dict[str, Any]]) -> str:
    text = "## Real data\n\nThe same questions, by the same commands, of published figures.\n\n"
    for source in found:
        text += f"### {source['name']}\n\n{source['about']}\n\n"
        text += f"{source['tests']:,} tests; questions put: {source['asked']}"
        each = ", ".join(f"{_name(code)} {count}" for code, count in source["by"].items())
        text += f" ({each}).\n\n" if each else ".\n\n"
        if source["rows"]:
            text += (
                "" if source["asked"] else "What came nearest to a question, and is not asked:\n\n"
            )
            text += "| question | unit | about | what was seen | chance |\n|---|---|---|---|---:|\n"
            text += "".join(f"| {' | '.join(row)} |\n" for row in source["rows"]) + "\n"
        text += source["read"] + "\n\n"
        tried = [one for one in source["tried"] if one[2]]
        if tried:
            told = "; ".join(
                f"{_name(code)} ({strength:.0%}): {hit} of {n}" for code, strength, n, hit in tried
            )
            text += "Changed on purpose in these real figures, units drawn by lot: "
            text += f"{told} are asked.\n\n"
    return text


def _name(code: str) -> str:
    names = {q.code: q.name.en for q in load_catalog().integrity.questions} | {ANY: "Any"}
    return names.get(code, code)
