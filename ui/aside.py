"""How does a page have something made beside the pages, and wait for it?

What takes the interpreter for long is made by a process of its own (`reports.aside`), so that the
other pages keep theirs; the run that asked waits. One process does one thing after the other.
"""

from typing import Any

from data.checks.run import CheckedReturn
from data.checks.wire import opened, order
from data.checks.worker import Worker
from metrics.weigh import Filed, Weighed
from ui import load
from ui.scope import Scope

MODULE = "reports.aside"
#: The forms of a large district take a while.
MOST_SECONDS = 300.0
_SHARED: list[Worker] = []
_PACKED: dict[str, bytes] = {}


def start() -> Worker:
    """Return the one process of this server, starting it without waiting."""
    if not _SHARED:
        _SHARED.append(Worker(MOST_SECONDS, MODULE))
    _SHARED[0].start()
    return _SHARED[0]


def weigh(scope: Scope, checked: CheckedReturn) -> Weighed:
    """Return what the approval of a return would change."""
    reading = checked.reading
    period = reading.period or scope.period
    filed = Filed(reading.unit, period, reading.forms, checked.facts)
    return _made("weigh", **_record(scope), indicators=load.headline(), filed=filed)


def template(scope: Scope, unit: str, forms: list[str]) -> bytes:
    """Return the workbook of some forms of a unit for the month in scope."""
    asked = {"unit": unit, "period": scope.period, "forms": forms, "lang": scope.lang}
    return _made("template", **_record(scope), **asked)


def templates(scope: Scope, unit: str) -> bytes:
    """Return an archive with the workbooks of all units below one."""
    asked = {"unit": unit, "period": scope.period, "lang": scope.lang}
    return _made("templates", **_record(scope), **asked)


def findings_book(scope: Scope, checked: CheckedReturn, name: str) -> bytes:
    """Return the findings of a verdict as a workbook."""
    return _made("findings", checked=checked, name=name, lang=scope.lang)


def report(scope: Scope, checked: CheckedReturn) -> bytes:
    """Return the report of a check as a page."""
    return _made("report", **_record(scope), checked=checked, lang=scope.lang)


def _record(scope: Scope) -> dict[str, Any]:
    """Return which record is read, and for whom."""
    url = load.store().url.render_as_string(hide_password=False)
    return {"url": url, "viewer": load.viewer(scope.person)}


def _made(kind: str, **asked: Any) -> Any:
    """Return what the process makes; it asks for the definitions where it lacks them."""
    catalog = load.catalog()

    def definitions(_: object) -> bytes:
        if catalog.digest not in _PACKED:
            _PACKED.clear()
            _PACKED[catalog.digest] = order("given", catalog=catalog)
        return _PACKED[catalog.digest]

    return opened(start().ask(order(kind, digest=catalog.digest, **asked), definitions))
