"""Does the server close what it should close, and serve what the pages need?"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from ui.server import NAV, Guarded, content_policy, health, navigation

T = TypeVar("T")

PAGE = b"<html><head><title>x</title></head><body>1</body></html>"


async def page(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer an HTML page in two pieces, gzip if the client would take it."""
    takes_gzip = any(name == b"accept-encoding" for name, _ in scope["headers"])
    kind = b"text/html; charset=utf-8" if scope["path"] != "/data.json" else b"application/json"
    headers = [(b"content-type", kind), (b"content-length", str(len(PAGE)).encode())]
    headers += [(b"content-encoding", b"gzip")] if takes_gzip else []
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE[:20], "more_body": True})
    await send({"type": "http.response.body", "body": PAGE[20:]})


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a thread of its own: the browser's tests leave a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def ask(path: str) -> tuple[int, dict[bytes, bytes], bytes]:
    """Return status, headers and body of a page behind the guard."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"accept-encoding", b"gzip")]
    scope = {"type": "http", "path": path, "method": "GET", "headers": headers}
    run(Guarded(page)(scope, receive, send))
    body = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    return sent[0]["status"], dict(sent[0]["headers"]), body


def test_every_answer_carries_the_security_headers() -> None:
    _, headers, _ = ask("/data.json")
    assert headers[b"x-content-type-options"] == b"nosniff"
    assert b"frame-ancestors 'none'" in headers[b"content-security-policy"]


def test_the_policy_names_no_other_host_and_no_eval() -> None:
    policy = content_policy()
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    script = next(part for part in policy.split(";") if "script-src" in part)
    assert "'sha256-" in script
    assert "unsafe-inline" not in script


def test_a_page_comes_plain_and_with_the_navigation_script() -> None:
    _, headers, body = ask("/overview")
    assert b"content-encoding" not in headers
    assert body.startswith(b'<html><head><script src="/app/nav.js"></script><title>')
    assert int(headers[b"content-length"]) == len(body)


def test_other_answers_are_passed_on_as_they_are() -> None:
    assert ask("/data.json")[2] == PAGE
    assert ask("/static/x")[1][b"content-encoding"] == b"gzip"


def test_the_servers_counters_are_closed() -> None:
    assert ask("/_stcore/metrics")[0] == 404


def test_health_and_script_are_served() -> None:
    assert run(health(None)).body == b'{"status":"ok"}'  # type: ignore[arg-type]
    assert run(navigation(None)).body == NAV.read_bytes()  # type: ignore[arg-type]
