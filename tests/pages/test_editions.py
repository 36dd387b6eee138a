"""The page of editions on another basis and as of a day."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.demo.build import RECORD
from data.store.database import open_store
from data.store.editions import editions
from tests.pages.test_pages import run, words
from ui import load
from ui.editions_sizes import triangle_of
from ui.scope import Sight

Open = Callable[..., AppTest]


@pytest.fixture
def open_page(demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    monkeypatch.setenv("KPI_STORE", f"sqlite:///{demo_folder / RECORD}")

    def open_(**query: str) -> AppTest:
        app = run(**{"lang": "zh", "period": "2024-10", "as": "city_leader", "unit": "yz"} | query)
        app.run()
        app.switch_page("pages/editions.py").run()
        assert not app.exception
        assert 'class="empty failed"' not in made(app)
        return app

    return open_


def made(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize("basis", ["now", "then", "matched"])
def test_revisions_stand_on_the_basis_in_scope(open_page: Open, basis: str) -> None:
    """yz0315 was yz02's in March 2024, and is none of the units below it today."""
    app = open_page(unit="yz02", period="2024-03", basis=basis)
    table = re.search(r"<caption[^>]*>各单位的修订</caption>.*?</table>", made(app), re.DOTALL)
    assert table is not None
    assert (load.unit_title("yz0315", "zh") in table[0]) == (basis != "now")
    assert ("“可比单位”在这里就是当时区划" in words(app)) == (basis == "matched")


def test_an_edition_is_opened_on_its_own_basis(open_page: Open) -> None:
    app = open_page(period="2024-09", basis="then")
    found = re.findall(r'href="overview\?([^"]+)"[^>]*class="nw"', made(app))
    opened = [link for link in found if "as_of=" in link]
    assert len(opened) > 3
    assert not any("basis" in link for link in opened), "those of the demonstration stand on now"


def test_as_of_a_day_the_editions_of_then_are_listed(open_page: Open, demo_folder: Path) -> None:
    kept = editions(open_store(f"sqlite:///{demo_folder / RECORD}"))
    day = (kept[1].as_of + dt.timedelta(days=3)).date()
    said = words(open_page(period="2024-03", as_of=day.isoformat()))
    assert f"已固定 2 个版本；最近一版 {kept[1].name}" in said
    assert kept[2].hashes.figures_hash[:12] not in said
    before = (kept[0].as_of - dt.timedelta(days=3)).date()
    assert "截至这一天还没有固定过版本" in words(
        open_page(period="2024-03", as_of=before.isoformat())
    )


def test_a_triangle_knows_its_reader_basis_and_day(
    demo_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KPI_STORE", f"sqlite:///{demo_folder / RECORD}")
    load.begin_run()
    asked = (("crim_recorded",), ("yz02",), dt.date(2024, 3, 1))
    whole = triangle_of(*asked, Sight(basis="then"))
    assert triangle_of(*asked, Sight("yz02", "then")).equals(whole)
    assert triangle_of(*asked, Sight("yz01", "then"))["value"].null_count() == 0
    assert triangle_of(*asked, Sight("yz01", "then")).height == 0, "another district's"
    early = triangle_of(*asked, Sight(basis="then", as_of=dt.date(2024, 3, 31)))
    assert 0 < early.height < whole.height
    assert early["day"].max() <= dt.date(2024, 3, 31)
