"""What do other people notice while workbooks are checked, and how long does a verdict take there?

The server runs on the demonstration with every station under one district, whose statistician drops
the collection workbook again and again, alone and with four colleagues. Readers of other pages are
timed before, meanwhile and after; what counts is the ratio within one run.
"""

import asyncio
import contextlib
import os
import random
import re
import shutil
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import polars as pl
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.demo import demo_store, demo_url
from benchmarks.server_part import PAGES, reader, running, wait_healthy
from benchmarks.timing import cpu_of, load, percentiles, report, resident_mb
from data.access import OPERATOR
from data.catalog import load_catalog
from data.definition_types import Catalog
from data.returns.template import write_template
from data.store.snapshot import read_facts
from data.units import tree as tree_of

PERIOD, DISTRICT, PERSON = "2023-12", "yz01", "minghu_statistician"
READERS, THINK, SECONDS = 10, 1.5, 25.0
#: So many uploads, and runs of the page afterwards, tell what one costs the serving process.
ALONE = 6
DONE = "verdict-head"


def main() -> None:
    """Prepare definitions and workbook, run the server, measure every phase."""
    url = demo_url()
    folder = Path(tempfile.mkdtemp())
    definitions = one_district(folder)
    catalog = load_catalog(definitions)
    content = workbook(catalog, folder)
    os.environ["KPI_DEFINITIONS"] = str(definitions)
    with running(url) as (port, process, _):
        wait_healthy(port)
        asyncio.run(settle(port))
        before = resident_mb(process.pid)
        first = asyncio.run(one_upload(port, content))
        alone = asyncio.run(cost(port, content, process.pid))
        phases = {}
        for name, uploaders in (("idle", 0), ("one", 1), ("five", 5), ("after", 0)):
            spent = cpu_of(process.pid)
            start = time.perf_counter()
            phases[name] = asyncio.run(phase(port, content, uploaders))
            seconds = time.perf_counter() - start
            phases[name]["server_cpu"] = (cpu_of(process.pid) - spent) / seconds
        memory = resident_mb(process.pid)
        checkers = [resident_mb(pid) for pid in children(process.pid)]
    shutil.rmtree(folder)
    idle = (phases["idle"]["pages"]["p95"] + phases["after"]["pages"]["p95"]) / 2
    ratio = {name: phases[name]["pages"]["p95"] / idle for name in ("one", "five")}
    report(
        phases=phases, ratio=ratio,
        first=first, alone=alone, readers=READERS, memory=memory - before, checkers=checkers,
        load=load(),
    )  # fmt: skip


def one_district(folder: Path) -> Path:
    """Return a copy of the definitions with every station under one district."""
    definitions = folder / "definitions"
    shutil.copytree(load_catalog().folder, definitions)
    path = definitions / "unit_parents.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    moved = [re.sub(r"^(yz\d{4}),yz\d\d,", rf"\1,{DISTRICT},", line) for line in lines]
    path.write_text("\n".join(moved) + "\n", encoding="utf-8")
    return definitions


def workbook(catalog: Catalog, folder: Path) -> bytes:
    """Return the district's workbook, filled with the month's figures of the record."""
    facts = read_facts(demo_store(), OPERATOR)
    month = facts.filter(pl.col("period").dt.strftime("%Y-%m") == PERIOD)
    period = month["period"][0]
    forms = [code for code, form in catalog.forms.items() if "station" in form.filers]
    path = folder / "return.xlsx"
    past = facts.filter(pl.col("period") < period)
    write_template(catalog, tree_of(catalog), forms, DISTRICT, period, path, past, month)
    return path.read_bytes()


def another(content: bytes, number: int) -> bytes:
    """Return the workbook as another file: the same cells, a different fingerprint."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        with zipfile.ZipFile(file, "a") as archive:
            archive.comment = f"{number} {random.random()}".encode()
        file.seek(0)
        return file.read()


class Filer:
    """A statistician's browser session on My returns."""

    def __init__(self, link: websockets.ClientConnection, port: int) -> None:
        self.link, self.port = link, port
        self.uploader = self.session = ""
        self.last: BackMsg | None = None
        self.stood = 0.0
        self.verdicts: set[str] = set()

    async def run(self, message: BackMsg) -> bool:
        """Send a message, wait for the end of the runs it sets off; whether a verdict came.

        `stood` is the moment at which it stood on the page.
        """
        await self.link.send(message.SerializeToString())
        is_done = False
        async for data in self.link:
            answer = ForwardMsg()
            answer.ParseFromString(data)
            match answer.WhichOneof("type"):
                case "new_session":
                    self.session = answer.new_session.initialize.session_id or self.session
                case "delta":
                    element = answer.delta.new_element
                    if element.WhichOneof("type") == "file_uploader":
                        self.uploader = element.file_uploader.id
                    if DONE.encode() in data:
                        is_done, self.stood = True, time.perf_counter()
                        self.verdicts.add(answer.hash)
                case "ref_hash" if answer.ref_hash in self.verdicts:  # not sent a second time
                    is_done, self.stood = True, time.perf_counter()
                case "script_finished":
                    if answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                        return is_done
        msg = "the server closed the session"
        raise ConnectionError(msg)

    def asked(self) -> BackMsg:
        """Return the request for a run of the page."""
        message = BackMsg()
        message.rerun_script.query_string = f"as={PERSON}&unit={DISTRICT}&period={PERIOD}"
        message.rerun_script.page_name = "returns"
        return message

    def again(self) -> BackMsg:
        """Return the request for one more run with the file that lies there."""
        return self.last or self.asked()

    async def upload(self, content: bytes) -> float:
        """Drop a file on the page and return the milliseconds until its verdict stands there."""
        wish = BackMsg()
        wish.file_urls_request.request_id = "wish"
        wish.file_urls_request.file_names.append("return.xlsx")
        wish.file_urls_request.session_id = self.session
        await self.link.send(wish.SerializeToString())
        async for data in self.link:
            answer = ForwardMsg()
            answer.ParseFromString(data)
            if answer.WhichOneof("type") == "file_urls_response":
                urls = answer.file_urls_response.file_urls[0]
                break
        address = f"http://127.0.0.1:{self.port}{urls.upload_url}"
        await asyncio.to_thread(put, address, content)
        message = self.asked()
        state = message.rerun_script.widget_states.widgets.add()
        state.id = self.uploader
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.name, info.size, info.file_id = "return.xlsx", len(content), urls.file_id
        info.file_urls.CopyFrom(urls)
        self.last = message
        start = time.perf_counter()
        if not await self.run(message):
            msg = "no verdict came"
            raise RuntimeError(msg)
        return (self.stood - start) * 1000


def put(address: str, content: bytes) -> None:
    """Send a file as a browser does: a form with one part."""
    edge = "edge-of-the-part"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="return.xlsx"\r\n'
    body = head.encode() + b"\r\n" + content + f"\r\n--{edge}--\r\n".encode()
    with urllib.request.urlopen(address.partition("/_stcore")[0] + "/_stcore/health") as answer:
        token = answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
    headers = {
        "Content-Type": f"multipart/form-data; boundary={edge}",
        "Cookie": f"_streamlit_xsrf={token}",
        "X-Xsrftoken": token,
    }
    request = urllib.request.Request(address, data=body, headers=headers, method="PUT")
    urllib.request.urlopen(request, timeout=60).close()


async def file_again(port: int, content: bytes, times: list[float], end: float) -> None:
    """Upload until the time is over."""
    async with filing(port) as filer:
        while not times or time.perf_counter() < end:
            times.append(await filer.upload(another(content, len(times))))


@contextlib.asynccontextmanager
async def filing(port: int) -> AsyncIterator[Filer]:
    """Open a session on My returns."""
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    options = {"subprotocols": ["streamlit"], "max_size": None, "ping_interval": None}
    async with websockets.connect(address, **options) as link:
        filer = Filer(link, port)
        await filer.run(filer.asked())
        yield filer


async def cost(port: int, content: bytes, pid: int) -> dict[str, float]:
    """Return the processor milliseconds that an upload, and a run after it, cost the server."""
    async with filing(port) as filer:
        await filer.upload(another(content, 0))
        spent = cpu_of(pid)
        times = [await filer.upload(another(content, n)) for n in range(ALONE)]
        uploads = cpu_of(pid) - spent
        spent = cpu_of(pid)
        for _ in range(ALONE):
            await filer.run(filer.again())
        runs = cpu_of(pid) - spent
    found = {"upload": uploads * 1000 / ALONE, "run": runs * 1000 / ALONE}
    return found | {"verdict": percentiles(times)["p50"]}


async def read_on(port: int, page: str, times: list[float], end: float) -> None:
    """Read a page again and again, thinking in between."""
    async with reader(port, page) as someone:
        await someone.rerun()
        while time.perf_counter() < end:
            await asyncio.sleep(random.uniform(0.5 * THINK, 1.5 * THINK))
            times.append(await someone.rerun())


async def phase(port: int, content: bytes, uploaders: int) -> dict:
    """Return how long pages took while so many people upload."""
    pages: list[float] = []
    # Those who file have a process of their own: what they do must not slow down the clock.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as others:
        await asyncio.wrap_future(others.submit(os.getpid))  # it is there before the clock starts
        filed = others.submit(file_all, port, content, uploaders)
        end = time.perf_counter() + SECONDS
        await asyncio.gather(
            *(read_on(port, PAGES[n % len(PAGES)], pages, end) for n in range(READERS))
        )
        verdicts = await asyncio.wrap_future(filed)
    found = {"pages": percentiles(pages), "reruns": len(pages), "uploads": len(verdicts)}
    return found | ({"verdict": percentiles(verdicts)} if verdicts else {})


def file_all(port: int, content: bytes, uploaders: int) -> list[float]:
    """Let so many people upload until the time is over; return how long their verdicts took."""
    times: list[float] = []

    async def together() -> None:
        end = time.perf_counter() + SECONDS
        await asyncio.gather(*(file_again(port, content, times, end) for _ in range(uploaders)))

    asyncio.run(together())
    return times


async def one_upload(port: int, content: bytes) -> float:
    """Return how long the very first upload takes."""
    times: list[float] = []
    await file_again(port, content, times, 0.0)
    return times[0]


async def settle(port: int) -> None:
    """Open every page once, and give the checking process the time to be ready."""
    for page in PAGES:
        async with reader(port, page) as someone:
            await someone.rerun()
    await asyncio.sleep(15)


def children(pid: int) -> list[int]:
    """Return the numbers of the processes that a process has started."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    tasks = [p.read_text().split() for p in Path(f"/proc/{pid}/task").glob("*/children")]
    return sorted({int(number) for part in [found, *tasks] for number in part})


if __name__ == "__main__":
    main()
