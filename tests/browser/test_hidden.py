"""No message that the server sends holds a number of a hidden wave: page, chart or tooltip."""

import datetime as dt
import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocket

from data.access import OPERATOR
from data.catalog import load_catalog
from data.demo.build import RECORD
from data.store.database import open_store
from data.store.snapshot import read_values
from data.units import tree
from metrics.compare import compare_figures
from metrics.cube import Cube, build_cube
from metrics.disclose import SURVEY, hidden_units

#: A wave with hidden stations in Qingwu, and the one a year later, whose base it is.
HIDDEN, LATER = dt.date(2023, 6, 1), dt.date(2024, 6, 1)
CODE = "wb_overall_score"
WORDS = {
    "wellbeing": "健康",
    "indicator": "梧桐路派出所",
    "districts": "梧桐路派出所",
}


@pytest.fixture(scope="module")
def cube(demo_folder: Path) -> Cube:
    facts = read_values(open_store(f"sqlite:///{demo_folder / RECORD}"), OPERATOR)
    return build_cube(facts, load_catalog())


@pytest.fixture(scope="module")
def secrets(cube: Cube) -> dict[tuple[str, str], float]:
    """Return the scores of hidden stations by unit and measure, as they are, and their changes.

    Those that a shown station has too, in either wave, say nothing when they are found.
    """
    catalog = cube.catalog
    codes = [
        code
        for code, item in catalog.measures.items()
        if SURVEY in item.flags and item.decimals and item.decimals > 1
    ]
    gone = set(hidden_units(catalog, tree(catalog), cube, HIDDEN)["unit"])
    units = [*tree(catalog).subtree("yz02")]
    rows = compare_figures(cube, codes, units, [LATER], "wave", ("yoy",), readings=False)
    told, found = set[float](), {}
    for row in rows.iter_rows(named=True):
        told.add(row["value"])
        if row["unit"] not in gone:
            told |= {row["base_value"], row["change"]}
        else:
            found[row["unit"], row["indicator"]] = row["base_value"]
            found[row["unit"], f"{row['indicator']} change"] = row["change"]
    return {key: value for key, value in found.items() if value is not None and value not in told}


def heard(open_page: Callable, address: str, word: str) -> bytes:
    """Return all that the server sent until a page stood."""
    page: Page
    server = address.rpartition("/")[0]
    page, _ = open_page(f"{server}/_stcore/health")
    frames: list[bytes] = []

    def listen(socket: WebSocket) -> None:
        socket.on(
            "framereceived",
            lambda payload: frames.append(payload if isinstance(payload, bytes) else b""),
        )

    page.on("websocket", listen)
    page.goto(address)
    page.get_by_text(word).first.wait_for()
    page.wait_for_timeout(1500)
    return b"".join(frames)


def written(value: float) -> set[bytes]:
    """Return how a number may stand in a message: as a word or as a double."""
    words = {f"{value:.2f}".rstrip("0"), f"{value:.12g}"}
    return {struct.pack("<d", value), *(word.encode() for word in words if len(word) > 4)}


def in_its_row(sent: bytes, name: str, value: float) -> bool:
    """Return whether a table's row of a unit shows a number as pages write it."""
    rows = re.findall(r"<tr.*?</tr>", sent.decode(errors="ignore"), flags=re.DOTALL)
    mine = re.sub(r"<[^>]+>", " ", " ".join(row for row in rows if name in row))
    return f"{abs(value):.1f}" in re.split(r"[^0-9.]+", mine)


@pytest.mark.parametrize("page", WORDS)
def test_no_message_holds_a_hidden_wave(
    open_page: Callable, server: str, secrets: dict, page: str
) -> None:
    assert len(secrets) > 20
    asked = f"as=city_leader&unit=yz02&period={LATER:%Y-%m}&lang=zh&indicator={CODE}&all=1"
    sent = heard(open_page, f"{server}/{page}?{asked}&level=station", WORDS[page])
    assert len(sent) > 20_000
    found = {key: value for key, value in secrets.items() for w in written(value) if w in sent}
    assert found == {}
    units, words = load_catalog().units, sent.decode(errors="ignore")
    names = [unit.name.zh for unit in units if (unit.code, CODE) in secrets]
    assert page == "wellbeing" or all(name in words for name in names)
    told = {
        (unit.code, code): value
        for unit in units
        for code in (CODE, f"{CODE} change")
        if (value := secrets.get((unit.code, code))) is not None
        and in_its_row(sent, unit.name.zh, value)
    }
    assert told == {}
