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


def test_the_files_on_the_page_of_another_bureau_are_sound(tmp_path: Path) -> None:
    page = PAGE.with_name("new-bureau.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    names = ("bureau.toml", "calendar.toml", "policy.toml", "people.toml")
    for name, block in zip(names, blocks, strict=True):
        (tmp_path / name).write_text(block, encoding="utf-8")
    codes = ("theft", "clear_rate", "loss")
    measures = "\n".join(
        f"[{code}]\n"
        f'name = {{zh = "{code}", en = "{code}"}}\ndefinition = {{zh = "{code}", en = "{code}"}}\n'
        'category = "general"\nform = "monthly"\nfilers = ["post"]\nflags = ["S"]\n'
        'unit = {zh = "起", en = "cases"}\nvalue_type = "count"\nkind = "count"\n'
        'windows = ["month", "quarter", "year"]\n'
        for code in codes
    )
    form = (
        'code = "monthly"\nname = {zh = "月报", en = "Monthly"}\nlayouts = ["flat"]\n'
        f'frequency = "M"\nfilers = ["post"]\nmeasures = {list(codes)}\n'
    )
    units = (
        "code,level,group,name_zh,name_en,short_zh,short_en,opened,closed\n"
        "LH,whole,,临河,Linhe,,,,\nLH-N,district,,北城,North,,,,\nLH-N1,post,,青石所,Bluestone,,,,\n"
    )
    (tmp_path / "forms").mkdir()
    for name, words in (
        ("measures.toml", measures),
        ("forms/monthly.toml", form),
        ("units.csv", units),
        ("unit_parents.csv", "unit,parent,from,to\nLH-N,LH,,\nLH-N1,LH-N,,\n"),
    ):
        (tmp_path / name).write_text(words, encoding="utf-8")
    catalog = load_catalog(tmp_path)
    assert [person.unit for person in catalog.bureau.people] == ["LH-N1"]
    assert (catalog.bureau.small_n, catalog.bureau.small_cell) == (10, 5)
    assert catalog.indicators["theft"].policy == "compare"
    assert catalog.calendar.festival == "spring_festival"
