"""Do the examples of the page on new forms give the figures that stand below them?"""

import re
from pathlib import Path

import pytest

from data.returns.flat import read_flat
from tests.data.returns.small_bureau import bureau

PAGE = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "new-form.md"
EXAMPLES = re.findall(
    r"```csv\n(.*?)```.*?```toml\n(.*?)```.*?```facts\n(.*?)```",
    PAGE.read_text(encoding="utf-8"),
    re.DOTALL,
)


def test_the_page_has_its_examples() -> None:
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize(("table", "options", "facts"), EXAMPLES)
def test_an_example_gives_its_figures(table: str, options: str, facts: str, tmp_path: Path) -> None:
    frequency = "M" if "count = true" in options else "A"
    year_start = 4 if "April" in table else 1
    catalog = bureau(tmp_path / "definitions", options, frequency, year_start=year_start)
    path = tmp_path / "table.csv"
    path.write_text(table, encoding="utf-8")
    found = read_flat(path, catalog.forms["f"], catalog)
    assert found.findings.filter(severity="mandatory").height == 0, found.findings
    rows = found.facts.sort("measure", "unit", "period").iter_rows(named=True)
    read = [f"{r['measure']} | {r['unit']} | {r['period']:%Y-%m} | {r['value']:g}" for r in rows]
    assert read == facts.strip().splitlines()
