"""A real server and a real Chromium, watched for errors and for calls to other hosts."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
LAPTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
START_SECONDS = 120
#: One process draws all pages of a context: it has read and compiled their programs before.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--process-per-site",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_server(store_url: str, log: Path) -> Iterator[str]:
    """Serve one store on a free port and give its address."""
    port = free_port()
    environment = os.environ | {"KPI_STORE": store_url}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ui.server", "--host", "127.0.0.1", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_healthy(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_until_healthy(address: str, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")


def store_url(folder: Path) -> str:
    """Return the address of the store in a demonstration folder."""
    from data.demo.build import RECORD

    return f"sqlite:///{folder / RECORD}"


@pytest.fixture(scope="session")
def server(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("server") / "server.log"
    with running_server(store_url(demo_folder), log) as address:
        yield address


@pytest.fixture
def server_of_copy(demo_copy: Path, tmp_path: Path) -> Iterator[str]:
    """Serve a copy of the demonstration bureau that the test may change."""
    with running_server(store_url(demo_copy), tmp_path / "server.log") as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        pytest.fail("Chromium is missing: run `make browser`")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Watch:
    """What a page did that it should not have done."""

    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def on_request(self, request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
            self.strangers.append(request.url)


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> Iterator[dict[tuple[int, int], BrowserContext]]:
    """Browser contexts by size of the screen, kept so that the programs of a page load once."""
    kept: dict[tuple[int, int], BrowserContext] = {}
    yield kept
    for context in kept.values():
        context.close()


@pytest.fixture
def open_page(
    browser: Browser, contexts: dict[tuple[int, int], BrowserContext]
) -> Iterator[Callable[..., tuple[Page, Watch]]]:
    """Open an address on a page of its own; options of a reader's own need a context of its own."""
    pages: list[Page] = []
    own: list[BrowserContext] = []

    def open_(address: str, viewport: dict[str, int] = LAPTOP, **options) -> tuple[Page, Watch]:
        size = (viewport["width"], viewport["height"])
        if options:
            own.append(browser.new_context(viewport=viewport, **options))
        elif size not in contexts:
            contexts[size] = browser.new_context(viewport=viewport)
            # A page that stays open keeps the process alive between two tests.
            contexts[size].new_page().goto(urljoin(address, "/_stcore/health"))
        page, watch = (own[-1] if options else contexts[size]).new_page(), Watch()
        pages.append(page)
        page.on("console", watch.on_console)
        page.on("pageerror", lambda error: watch.errors.append(str(error)))
        page.on("request", watch.on_request)
        page.goto(address)
        return page, watch

    yield open_
    for opened in (*pages, *own):
        opened.close()
