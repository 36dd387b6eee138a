"""Does the process beside the pages make the same as one's own, and say no in its own words?"""

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import openpyxl
import polars as pl
import pytest

from data.access import OPERATOR, Viewer, viewer_for
from data.catalog import load_catalog
from data.checks.wire import opened, order
from data.checks.worker import Worker, WorkerError
from data.returns.gain import read_gain
from data.returns.template import write_template
from data.said import SpokenError
from data.schema import FACTS, conform
from data.store.database import Store
from data.store.record import import_facts
from data.store.snapshot import read_facts, read_values
from data.store.source import Source
from data.units import tree
from metrics.effect import places, read_effects
from metrics.weigh import Filed, Weighed, weigh_return
from tests.data.returns.conftest import PERIOD, sound_values

CATALOG = load_catalog()
UNITS = tree(CATALOG)
STATIONS = tuple(code for code in UNITS.leaves("yz01") if UNITS.level(code) == "station")
FORM = CATALOG.forms["M01"]
BEFORE = dt.date(2024, 9, 1)
HEADLINE = ["calls_valid", "crim_recorded"]


def frame(values: dict[str, float], month: dt.date, unit: str = "") -> pl.DataFrame:
    """Return FACTS of a month: of one unit, or of all stations of the district."""
    rows = [
        (code, u, month, v) for u in ([unit] if unit else STATIONS) for code, v in values.items()
    ]
    made = pl.DataFrame(rows, schema=["measure", "unit", "period", "value"], orient="row")
    made = made.with_columns(
        definition=pl.lit(1),
        status=pl.lit("provisional"),
        vintage=pl.lit(None, FACTS["vintage"]),
        submission=pl.lit(None, pl.String),
        sheet=pl.lit("接处警"),
        cell=pl.lit("D8"),
    )
    return conform(made, FACTS)


@pytest.fixture
def filled(store: Store) -> Store:
    """Give a record with two months of the stations' calls."""
    for month, values in ((BEFORE, {"calls_valid": 90.0}), (PERIOD, {"calls_valid": 138.0})):
        source = Source(f"{month}.csv", f"{month:%Y%m}" * 10, 1)
        import_facts(store, OPERATOR, frame(values, month), FORM, source)
    return store


@pytest.fixture(scope="module")
def aside() -> Iterator[Worker]:
    worker = Worker(60, "reports.aside")
    worker.start()
    yield worker
    worker.stop()


def asked(aside: Worker, kind: str, **values: Any) -> Any:
    message = order(kind, digest=CATALOG.digest, **values)
    return opened(aside.ask(message, lambda _: order("given", catalog=CATALOG)))


def address(store: Store) -> dict[str, str]:
    return {"url": store.url.render_as_string(hide_password=False)}


def test_what_a_return_would_change_is_what_its_parts_say(filled: Store, aside: Worker) -> None:
    clerk = viewer_for(CATALOG, "minghu_statistician")
    told = Filed("yz01", PERIOD, ("M01",), frame({"calls_valid": 140.0}, PERIOD))
    facts = read_values(filled, OPERATOR)
    above = places(UNITS, "yz01")
    effects = read_effects(
        facts, told.facts, CATALOG, UNITS, HEADLINE, above, PERIOD, clerk.sees(), clerk.reach
    )
    assert [effect.indicator for effect in effects] == ["calls_valid", "calls_valid"]
    here = weigh_return(filled, clerk, CATALOG, UNITS, HEADLINE, told)
    there: Weighed = asked(
        aside, "weigh", **address(filled), viewer=clerk, indicators=HEADLINE, filed=told
    )
    for found in (here, there):
        assert found.effects == effects
        assert found.gains == {
            place: read_gain(facts, told.facts, CATALOG, UNITS, ["M01"], place, PERIOD)
            for place in above
        }
        assert found.corrected == ["M01"]
        assert found.changes.height == len(STATIONS)
        assert found.changes["change"].unique().to_list() == [2.0]
    assert there.changes.equals(here.changes)


def test_the_same_figures_again_correct_nothing(filled: Store) -> None:
    told = Filed("yz0101", PERIOD, ("M01",), frame({"calls_valid": 138.0}, PERIOD, "yz0101"))
    clerk = viewer_for(CATALOG, "hubinlu_statistician")
    found = weigh_return(filled, clerk, CATALOG, UNITS, HEADLINE, told)
    assert (found.corrected, found.changes.height) == ([], 0)
    assert found.gains["yz0101"].cells_before == found.gains["yz0101"].cells_after


def test_forms_are_filled_from_what_their_reader_may_see(filled: Store, aside: Worker) -> None:
    clerk = viewer_for(CATALOG, "minghu_statistician")
    made = {"unit": "yz01", "period": PERIOD, "forms": ["M01"], "lang": "zh"}
    content = asked(aside, "template", **address(filled), viewer=clerk, **made)
    own = io.BytesIO()
    known = read_facts(filled, clerk)
    write_template(CATALOG, UNITS, ["M01"], "yz01", PERIOD, own, previous=known, lang="zh")
    there, here = (openpyxl.load_workbook(book) for book in (io.BytesIO(content), own))
    assert there.sheetnames == here.sheetnames
    for sheet in here:
        assert list(there[sheet.title].values) == list(sheet.values)


def test_a_refusal_comes_back_in_its_own_words(filled: Store, aside: Worker) -> None:
    stranger = Viewer("li", "statistician", "yz02", frozenset({"yz02"}))
    made = {"unit": "yz01", "period": PERIOD, "lang": "zh"}
    with pytest.raises(SpokenError, match="yz01") as refused:
        asked(aside, "templates", **address(filled), viewer=stranger, **made)
    assert refused.value.key == "cli.error.scope"
    with pytest.raises(WorkerError):
        asked(aside, "template", **address(filled), viewer=stranger, **made)  # lacks the forms
    assert sound_values().height  # and the process goes on
    assert asked(
        aside,
        "weigh",
        **address(filled),
        viewer=OPERATOR,
        indicators=HEADLINE,
        filed=Filed("yz0101", PERIOD, ("M01",), frame({"calls_valid": 1.0}, PERIOD, "yz0101")),
    ).corrected == ["M01"]
