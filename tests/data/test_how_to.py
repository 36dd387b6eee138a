"""Does the page on adding an indicator do what it says?"""

import re
import shutil
from pathlib import Path

from data.catalog import BUILT_IN, load_catalog
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
