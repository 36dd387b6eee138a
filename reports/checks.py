"""What do the checking rules ask, how often without need, and how many faults do they find?

`python -m reports.checks` writes the table of rules into docs/checks.md from the definitions and
from what `python -m benchmarks.false_queries --keep` measured; `--check` only says whether it is
current. `python -m benchmarks.faults --keep` writes the table of seeded faults on that page.
"""

import sys
from pathlib import Path

from data.catalog import load_catalog
from data.checks.false_rates import Rate, read_rates
from data.definition_types import Catalog
from data.texts import text
from reports.check_report import share_words

PAGE = Path(__file__).resolve().parent.parent / "docs" / "checks.md"
BEGIN, END = "<!-- rules: python -m reports.checks -->\n", "<!-- end of rules -->\n"


def rules_table(catalog: Catalog) -> str:
    """Return a row a rule: what it asks, and how often of sound returns."""
    rates = read_rates(catalog)
    lines = [
        "| rule | severity | scope | 中文 | English | asked of sound returns | cells | measured |",
        "|---|---|---|---|---|---:|---:|---|",
    ]
    for rule in catalog.rules:
        scope = text(f"checkup.scope.{rule.scope}", "zh"), text(f"checkup.scope.{rule.scope}", "en")
        severity = text(f"severity.{rule.severity}", "zh"), text(f"severity.{rule.severity}", "en")
        said = [words.replace("|", "\\|") for words in (rule.message.zh, rule.message.en)]
        lines.append(
            f"| {rule.code} | {' '.join(severity)} | {' '.join(scope)} | {said[0]} | {said[1]} "
            f"| {measured_words(rates.get(rule.code))} |"
        )
    return "\n".join(lines) + "\n"


def measured_words(rate: Rate | None) -> str:
    """Return the cells of a rate: of returns with its interval, of figures, on which day.

    >>> measured_words(None)
    'not measured | – | –'
    """
    if rate is None or not rate.returns:
        return "not measured | – | –"
    low, high = rate.interval
    of_cells = rate.marked / rate.cells if rate.cells else 0.0
    said = f"{share_words(rate.share)} ({share_words(low)}–{share_words(high)}) of {rate.returns:,}"
    return f"{said} | {share_words(of_cells)} | {rate.measured}"


def page_with_table(page: str, catalog: Catalog) -> str:
    """Return the page with the table as it is now between its marks."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + rules_table(catalog) + END + rest.split(END, 1)[1]


def main(arguments: list[str]) -> int:
    """Write the table into its page, or say whether it stands there already."""
    page = PAGE.read_text("utf-8")
    wanted = page_with_table(page, load_catalog())
    if "--check" in arguments:
        if page != wanted:
            print("docs/checks.md is stale: run python -m reports.checks", file=sys.stderr)
        return 0 if page == wanted else 1
    PAGE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
