"""Does the page on adding an indicator do what it says?"""

import datetime as dt
import re
import shutil
from pathlib import Path

from data.catalog import BUILT_IN, load_catalog
from data.unit_changes import read_changes
from data.unit_changes_check import check_changes
from metrics.examples import run_examples

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "new-indicator.md"


def test_the_entry_on_the_page_loads_and_its_example_holds(tmp_path: Path) -> None:
    [entry] = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    folder = tmp_path / "definitions"
    shutil.copytree(BUILT_IN, folder)
    path = folder / "indicators" / "public_order.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n" + entry, encoding="utf-8")
    catalog = load_catalog(folder)
    item = catalog.indicators["d_fast_of_closed"]
    assert (item.category, item.flags, item.policy) == ("public_order", frozenset("P"), "score")
    [outcome] = run_examples(catalog, item.examples)
    assert outcome.found == 50


def test_the_changes_on_the_page_fit_the_demonstration() -> None:
    page = PAGE.with_name("units.md").read_text(encoding="utf-8")
    [table] = re.findall(r"```csv\n(.*?)```", page, re.DOTALL)
    changes, problems = read_changes(table.encode(), "changes.csv")
    assert problems == []
    checked = check_changes(load_catalog(), changes, {}, dt.date(2024, 11, 11))
    assert [f["severity"] for f in checked.findings] == ["query"], "its statistician needs a unit"
    assert len(checked.changes) == 3
