"""The server as a reader's browser meets it: start, first page, reruns, many sessions, memory.

Speaks Streamlit's own protocol over its socket; a rerun is over when the script has finished. As a
browser does, a reader keeps the large pieces of a page and says so: they come once.
"""

import asyncio
import contextlib
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.demo import FOLDER, demo_url
from benchmarks.timing import cpu_of, load, percentiles, report, resident_mb

RERUNS = 60
THINK = 10.0
SECONDS = 40.0
SESSIONS = (50, 200)
PAGES = ("overview", "indicator", "districts")


@contextlib.contextmanager
def running(url: str) -> Iterator[tuple[int, subprocess.Popen, float]]:
    """Give port, process and moment of start of a server on the demonstration."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"KPI_STORE": url}
    start = time.perf_counter()
    with (FOLDER / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ui.server", "--port", str(port)],
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield port, process, start
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_healthy(port: int) -> None:
    """Return once the server answers."""
    for _ in range(600):
        address = f"http://127.0.0.1:{port}/healthz"
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2):
            return
        time.sleep(0.05)
    sys.exit("the server did not start; see var/benchmark-demo/server.log")


class Reader:
    """One browser session."""

    def __init__(self, link: websockets.ClientConnection) -> None:
        self.link = link
        self.page = ""
        self.kept: set[str] = set()

    async def rerun(self, query: str = "") -> float:
        """Ask for a run of the page and return how long it took, in milliseconds."""
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = self.page
        message.rerun_script.cached_message_hashes.extend(self.kept)
        start = time.perf_counter()
        await self.link.send(message.SerializeToString())
        async for data in self.link:
            answer = ForwardMsg()
            answer.ParseFromString(data)
            if answer.metadata.cacheable:
                self.kept.add(answer.hash)
            is_over = answer.WhichOneof("type") == "script_finished"
            if is_over and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return (time.perf_counter() - start) * 1000
        msg = "the server closed the session"
        raise ConnectionError(msg)


@contextlib.asynccontextmanager
async def reader(port: int, page: str = ""):
    """Open a session on a page."""
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    options = {"subprotocols": ["streamlit"], "max_size": None, "ping_interval": None}
    async with websockets.connect(address, **options) as link:
        found = Reader(link)
        found.page = page
        yield found


async def one_reader(port: int, page: str) -> dict[str, float]:
    """Return the times of warm reruns of one page."""
    async with reader(port, page) as someone:
        for _ in range(3):
            await someone.rerun()
        return percentiles([await someone.rerun() for _ in range(RERUNS)])


async def crowd(port: int, size: int) -> dict[str, float]:
    """Return the times of reruns of many sessions that think in between."""
    times: list[float] = []
    end = time.perf_counter() + SECONDS

    async def sit(place: int) -> None:
        async with reader(port, PAGES[place % len(PAGES)]) as someone:
            await asyncio.sleep(random.uniform(0, THINK))
            await someone.rerun()
            while time.perf_counter() < end:
                await asyncio.sleep(random.uniform(0.5 * THINK, 1.5 * THINK))
                times.append(await someone.rerun())

    await asyncio.gather(*(sit(place) for place in range(size)))
    return percentiles(times) | {"reruns": len(times)}


async def first_page(port: int) -> None:
    """Run the overview once in a new session."""
    async with reader(port) as someone:
        await someone.rerun()


def main() -> None:
    """Start a server on the demonstration and measure it."""
    url = demo_url()
    with running(url) as (port, process, start):
        wait_healthy(port)
        healthy = time.perf_counter() - start
        asyncio.run(first_page(port))
        first = time.perf_counter() - start
        pages = {}
        for page in PAGES:
            spent = cpu_of(process.pid)
            found = asyncio.run(one_reader(port, page))
            cpu = (cpu_of(process.pid) - spent) * 1000 / (RERUNS + 3)
            pages[page] = found | {"cpu": cpu}
        memory = resident_mb(process.pid)
        crowds = {str(size): asyncio.run(crowd(port, size)) for size in SESSIONS}
        after = resident_mb(process.pid)
    report(
        healthy=healthy, first=first, pages=pages, memory=memory, memory_after=after,
        crowds=crowds, load=load(),
    )  # fmt: skip


if __name__ == "__main__":
    main()
