"""How is the app served? One process, safe headers, ready before the first reader comes.

`python -m ui.server --host 127.0.0.1 --port 8501` is what `kpi serve` starts. Uvicorn is run
directly (its sockets send small answers at once). Until the first page is out the garbage collector
stands still; then what later pages need is imported, everything that stays is frozen out of the
collector's sight, and the checking worker starts on the side.
"""

import argparse
import base64
import contextlib
import gc
import hashlib
import importlib
import logging
import os
import re
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit.runtime.pages_manager import PagesManager

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "dashboard.py"
NAV = Path(__file__).with_name("nav.js")
NAV_PATH = "/app/nav.js"
# So long the first reader has the interpreter alone, before later pages' libraries are imported.
FIRST_SECONDS = 1.5
# A run of a page makes some thousands of objects and drops them again. The usual thresholds would
# collect several times a run, and walk all kept results every few seconds.
THRESHOLDS = (20_000, 20, 20)
# By so much the processes beside stand back: where the cores are few, pages are answered first.
STAND_BACK = 5
# So long one run may keep the interpreter while another waits for it. With the usual 5 ms the loop
# that sends all pages waits that long for each message while a large return is drawn.
SWITCH_SECONDS = 0.001
log = logging.getLogger("hengjing.server")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def content_policy() -> str:
    """Return the content policy: this host only, and the one inline script by its hash."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'"
        for s in scripts
    )
    return (
        f"default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
        "frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'self'"
    )


class Guarded:
    """ASGI middleware: security headers, and the navigation script put into the page."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app
        self.headers = [
            (b"content-security-policy", content_policy().encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
            (b"referrer-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
        ]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if scope["path"] == "/_stcore/metrics":  # the server's own counters are nobody's business
            await Response(status_code=404)(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        if not scope["path"].startswith(("/static/", "/_stcore/", "/app/")):
            # The page itself must come plain, or the script could not be put into it.
            plain = [(n, v) for n, v in scope["headers"] if n.lower() != b"accept-encoding"]
            scope = {**scope, "headers": plain}
        await self.app(scope, receive, _Reply(self.headers, send).send)


class _Reply:
    """One answer on its way out: headers added, the script put into the page's HTML."""

    def __init__(self, headers: list[tuple[bytes, bytes]], send: Send) -> None:
        self.headers, self._send = headers, send
        self.start: Message | None = None
        self.body = b""

    async def send(self, message: Message) -> None:
        """Pass a message on; an HTML page is held until it is whole."""
        if message["type"] == "http.response.start":
            names = {name for name, _ in self.headers}
            kept = [(n, v) for n, v in message.get("headers", []) if n.lower() not in names]
            message["headers"] = [*kept, *self.headers]
            kind = dict(kept).get(b"content-type", b"")
            encoded = b"content-encoding" in dict(kept)
            if kind.startswith(b"text/html") and not encoded and message["status"] == 200:
                self.start = message
                return
        elif self.start is not None and message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            if message.get("more_body"):
                return
            script = f'<head><script src="{NAV_PATH}"></script>'.encode()
            body = self.body.replace(b"<head>", script, 1)
            rest = [(n, v) for n, v in self.start["headers"] if n.lower() != b"content-length"]
            self.start["headers"] = [*rest, (b"content-length", str(len(body)).encode())]
            await self._send(self.start)
            self.start = None
            await self._send({"type": "http.response.body", "body": body})
            return
        await self._send(message)


async def health(_request: Request) -> Response:
    """Answer whether the server is up."""
    return JSONResponse({"status": "ok"})


async def navigation(_request: Request) -> Response:
    """Answer the navigation script."""
    return Response(NAV.read_bytes(), media_type="text/javascript; charset=utf-8")


def warm() -> None:
    """Import what pages need and read the figures once, so that the first reader does not wait.

    While the figures are read from disk the interpreter is free for the words and the first page.
    """
    from ui import load

    words = threading.Thread(target=warm_words, daemon=True)
    words.start()
    try:
        load.warm()
    except Exception:
        log.exception("the figures could not be read ahead; the first page tries again")
    words.join()


def warm_words() -> None:
    """Read the texts and import the page on which most readers begin."""
    try:
        from data.texts import all_texts

        all_texts()
        importlib.import_module("ui.overview")
    except Exception:
        log.exception("the texts could not be read ahead; the first page tries again")


def start_worker() -> None:
    """Start the checking process early; a page that needs it waits for less."""
    try:
        from data.checks.desk import shared_desk
        from data.checks.line import NICE

        os.environ.setdefault(NICE, str(STAND_BACK))
        shared_desk()
    except Exception:
        log.exception("the checking worker did not start; it starts with the first return")


def warm_worker() -> None:
    """Hand the definitions to the checking process, so that the first return finds it ready."""
    try:
        from data.checks.desk import shared_desk
        from ui import load

        shared_desk().warm(load.catalog())
    except Exception:
        log.exception("the checking process is not warm; the first return warms it")


def prepare() -> None:
    """Start the worker and import what later pages need, beside the first requests."""
    start_worker()
    time.sleep(FIRST_SECONDS)
    for name in ("overview", "indicator", "districts"):
        try:
            importlib.import_module(f"ui.{name}")
        except Exception:
            log.exception("the page '%s' could not be read ahead", name)
    settle()
    warm_worker()


def settle() -> None:
    """Let the garbage collector work again, with nothing of what stays in its sight."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    gc.enable()


@contextlib.asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Prepare before the first request: the figures in memory."""
    warm()
    threading.Thread(target=prepare, daemon=True).start()
    yield {}


def create_app() -> st.App:
    """Return the application with its routes and headers."""
    os.chdir(ROOT)
    # Pages are registered by dashboard.py alone; else the first link to a page would run it bare.
    PagesManager.uses_pages_directory = False
    return st.App(
        SCRIPT,
        lifespan=lifespan,
        routes=[Route("/healthz", health), Route(NAV_PATH, navigation)],
        middleware=[Middleware(Guarded)],
    )


def main(arguments: list[str] | None = None) -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m ui.server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8501)
    chosen = parser.parse_args(arguments)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.disable()  # at the start nothing is thrown away; `settle` lets it work again
    uvicorn.run(
        create_app(), host=chosen.host, port=chosen.port, log_level="warning", access_log=False
    )


if __name__ == "__main__":
    main()
