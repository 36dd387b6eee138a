"""A sound return of a station and of a district, and a warm checking worker for all tests here."""

import datetime as dt
import io
from collections.abc import Callable, Iterator

import openpyxl
import polars as pl
import pytest

from data.catalog import load_catalog
from data.checks.run import CheckedReturn, check_return
from data.checks.worker import Worker
from data.definition_types import Catalog
from data.returns.read import read_workbook
from data.returns.reading import Reading
from data.returns.template import write_template
from data.schema import FACTS, empty
from data.units import Tree, tree

PERIOD = dt.date(2024, 10, 1)
TODAY = dt.date(2024, 11, 11)
#: October of one station: every identity of forms M01 and M03 holds.
SOUND = {
    "calls_total": 168, "calls_valid": 138, "calls_invalid": 30, "calls_criminal": 12,
    "calls_public_order": 31, "calls_traffic": 40, "calls_dispute": 25, "calls_help": 22,
    "calls_other": 8, "calls_theft": 9, "calls_dispatch_urgent": 33, "calls_arrived_1min": 4,
    "calls_arrived_3min": 17, "calls_arrived_5min": 29, "response_minutes_sum": 152.5,
    "response_n": 33, "calls_followup_n": 60, "calls_followup_satisfied": 57,
    "padm_accepted": 30, "padm_resolved": 26, "adm_accepted": 36, "adm_closed": 31,
    "adm_fast_eligible": 12, "adm_fast_handled": 10, "adm_fast_minutes_sum": 420,
    "adm_first_warning": 5, "adm_fine_amount": 1.25, "adm_detained": 3,
}  # fmt: skip
FORMS = ("M01", "M03")

Edit = Callable[[openpyxl.Workbook], None]


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="session")
def units(catalog: Catalog) -> Tree:
    return tree(catalog)


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    checking = Worker()
    assert checking.wait()
    yield checking
    checking.stop()


def sound_values(units: tuple[str, ...] = ("yz0101",)) -> pl.DataFrame:
    """Return the sound month for each unit."""
    rows = [(unit, code, float(value)) for unit in units for code, value in SOUND.items()]
    return pl.DataFrame(rows, schema=["unit", "measure", "value"], orient="row")


@pytest.fixture(scope="session")
def station(catalog: Catalog, units: Tree) -> bytes:
    """The workbook of one station, filled in soundly."""
    book = io.BytesIO()
    write_template(catalog, units, FORMS, "yz0101", PERIOD, book, values=sound_values())
    return book.getvalue()


@pytest.fixture(scope="session")
def district(catalog: Catalog, units: Tree) -> bytes:
    """The workbook of a district that collects form M01 from its stations."""
    book = io.BytesIO()
    values = sound_values(units.leaves("yz09"))
    write_template(catalog, units, ["M01"], "yz09", PERIOD, book, values=values)
    return book.getvalue()


@pytest.fixture(scope="session")
def read(catalog: Catalog, units: Tree) -> Callable[..., Reading]:
    def reading(content: bytes, **asked: object) -> Reading:
        told = {"today": TODAY, "name": "return.xlsx", **asked}
        return read_workbook(content, catalog, units, **told)

    return reading


@pytest.fixture(scope="session")
def check(
    catalog: Catalog, units: Tree, worker: Worker, read: Callable[..., Reading]
) -> Callable[..., CheckedReturn]:
    def checked(
        content: bytes, history: pl.DataFrame | None = None, **asked: object
    ) -> CheckedReturn:
        past = empty(FACTS) if history is None else history
        return check_return(read(content, **asked), catalog, units, past, worker)

    return checked


def edited(content: bytes, edit: Edit) -> bytes:
    """Return the workbook after somebody has changed it and saved."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    edit(book)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()
