"""Pages on another basis and as of a day: what they list, what they say, what they keep."""

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data.demo.build import RECORD
from reports.tables import csv_bytes
from tests.pages.test_pages import run, words
from ui import districts, load
from ui.scope import Scope, Sight

Open = Callable[..., AppTest]


@pytest.fixture
def open_page(demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    monkeypatch.setenv("KPI_STORE", f"sqlite:///{demo_folder / RECORD}")

    def open_(page: str, **query: str) -> AppTest:
        app = run(**{"lang": "zh", "period": "2024-10", "as": "city_leader", "unit": "yz"} | query)
        app.run()
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        assert 'class="empty failed"' not in " ".join(e.proto.body for e in app.get("html"))
        return app

    return open_


def body(app: AppTest) -> str:
    """Return the text of the page without the frame's bar and side."""
    made = " ".join(element.proto.body for element in app.main.get("html"))
    made = re.sub(r'<div class="scope".*?</div></div></div>', " ", made, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", made))


def test_as_it_was_then_lists_the_units_of_that_month(open_page: Open) -> None:
    then = body(open_page("overview", unit="yz02", period="2023-05", basis="then"))
    now = body(open_page("overview", unit="yz02", period="2023-05"))
    assert "高新派出所" in then
    assert "科技园派出所" not in then
    assert "科技园派出所" in now
    assert "高新派出所" not in now


def test_a_station_that_moved_stands_under_its_parent_of_the_time(open_page: Open) -> None:
    name = load.unit_title("yz0315", "zh")
    before = {"period": "2024-03", "unit": "yz02"}
    assert name in body(open_page("overview", **before, basis="then"))
    assert name not in body(open_page("overview", **before))
    assert name in body(open_page("overview", **before | {"unit": "yz03"}))


@pytest.fixture
def open_home(demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the overview with the frame round it."""
    monkeypatch.setenv("KPI_STORE", f"sqlite:///{demo_folder / RECORD}")

    def open_(**query: str) -> AppTest:
        app = run(**{"lang": "zh", "period": "2024-10", "as": "city_leader", "unit": "yz"} | query)
        app.run()
        assert not app.exception
        assert 'class="empty failed"' not in " ".join(e.proto.body for e in app.get("html"))
        return app

    return open_


@pytest.mark.parametrize(
    ("lang", "basis", "day"),
    [
        ("zh", "按当时区划", "截至 2024年10月22日 的数据"),
        ("en", "As it was then", "As known on 22 October 2024"),
    ],
)
def test_a_page_says_on_what_it_stands(open_home: Open, lang: str, basis: str, day: str) -> None:
    app = open_home(lang=lang, period="2024-09", basis="then", as_of="2024-10-22")
    said = words(app)
    assert basis in said
    assert day in said
    made = " ".join(element.proto.body for element in app.get("html"))
    back = re.search(r'class="notice stand".*?href="([^"]+)"', made, re.DOTALL)
    assert back is not None
    assert "basis" not in back[1]
    assert "as_of" not in back[1]
    links = re.findall(r'href="indicator\?([^"]+)"', made)
    assert len(links) > 50
    assert all("as_of=2024-10-22" in link and "basis=then" in link for link in links)


def test_by_default_nothing_is_said(open_home: Open) -> None:
    made = " ".join(element.proto.body for element in open_home().get("html"))
    assert 'class="notice stand"' not in made


def test_a_day_before_a_month_was_known_says_so_and_leads_back(open_home: Open) -> None:
    app = open_home(as_of="2024-03-25")
    said = words(app)
    assert "截至 2024年3月25日，还没有 2024年10月 的数据" in said
    made = " ".join(element.proto.body for element in app.get("html"))
    assert re.search(r'href="overview\?[^"]*period=2024-02[^"]*as_of=2024-03-25', made)
    assert "当时还没有任何数据" in words(open_home(as_of="2001-01-01"))


def test_a_unit_that_was_not_there_is_not_replaced_by_another(open_home: Open) -> None:
    said = words(open_home(unit="yz0218", period="2023-05", basis="then"))
    assert "按这一口径，2023年5月 没有“科技园派出所”" in said
    said = words(open_home(unit="yz0291", period="2023-05"))
    assert "按这一口径，2023年5月 没有“高新派出所”" in said


def test_a_leader_never_sees_another_district_on_any_basis(open_home: Open) -> None:
    for basis in ("now", "then", "matched"):
        said = body(open_home(**{"as": "minghu_leader"}, unit="yz02", basis=basis))
        assert "青梧" not in said


@pytest.fixture
def city(demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Scope:
    monkeypatch.setenv("KPI_STORE", f"sqlite:///{demo_folder / RECORD}")
    load.begin_run()
    return Scope("city_leader", "yz", dt.date(2024, 9, 1))


def test_downloads_state_basis_and_day(city: Scope) -> None:
    from dataclasses import replace

    from reports.tables import Field, Sheet

    def about(scope: Scope) -> dict[str, str]:
        sheet = Sheet("t", load.sheet_about(scope, "x"), [Field("a")], [])
        lines = csv.reader(io.StringIO(csv_bytes(sheet).decode("utf-8-sig")))
        return {line[0]: line[1] for line in lines if len(line) == 2}

    plain = about(city)
    assert plain["区划口径"] == "现行区划"
    assert "数据截至日" not in plain
    dated = about(replace(city, basis="then", as_of=dt.date(2024, 10, 22)))
    assert (dated["区划口径"], dated["数据截至日"]) == ("当时区划", "2024-10-22")
    assert dated["数据版本"] < plain["数据版本"]


def test_figures_of_a_day_are_those_known_then(city: Scope) -> None:
    asked = (("calls_valid",), ("yz",), (dt.date(2024, 9, 1), dt.date(2024, 10, 1)), "month")
    now = load.figures(Sight(), *asked)["value"].to_list()
    then = load.figures(Sight(as_of=dt.date(2024, 10, 22)), *asked)["value"].to_list()
    assert now[1] is not None
    assert then[0] is not None
    assert then[1] is None, "October was not yet filed"


def test_cubes_of_past_days_are_few(city: Scope) -> None:
    present = load.whole().cube
    for day in range(1, 9):
        load.cube_at(Sight("yz01", "then", dt.date(2024, 9, day)))
    past = [cell.cell_contents for cell in load._past.__closure__ or ()]
    kept = next(found for found in past if isinstance(found, dict))
    assert len(kept) <= load.PAST
    assert load.whole().cube is present, "the cube of today is never pushed out"
    assert load.whole("then").cube is load.whole("then").cube


def test_the_levels_below_are_those_of_the_basis(city: Scope) -> None:
    month = dt.date(2023, 5, 1)
    then = districts.levels_below(Sight(basis="then"), "yz02", month)["station"]
    now = districts.levels_below(Sight(), "yz02", month)["station"]
    assert "yz0291" in then
    assert not {"yz0218", "yz0219"} & set(then)
    assert {"yz0218", "yz0219"} <= set(now)
    assert "yz0291" not in now
