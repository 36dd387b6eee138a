"""How are the checks kept warm and out of the way: a process of their own.

Great Expectations takes seconds to import and hundreds of megabytes; the worker pays that once. A
stranger's file is read there too: what it does to the worker, it does not do to the server.
"""

from __future__ import annotations

import atexit
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import polars as pl

from data.checks.wire import Said, hear, order, write
from data.said import SpokenError

START_SECONDS = 120.0
ANSWER_SECONDS = 60.0
#: Kinds of words after which the process waits for the next order.
LAST = frozenset({"done", "failed", "refused"})
#: What a checking process runs.
CHECKING = "data.checks.serving"
_ROOT = Path(__file__).resolve().parents[2]
#: Answers a question of the process; what it is told is the next order's bytes.
Reply = Callable[[Said], bytes | None]


class WorkerError(SpokenError):
    """The checks could not be made; a return without them cannot be submitted."""


class Worker:
    """A process beside: started without waiting, restarted when it dies, stopped at exit."""

    def __init__(self, answer_seconds: float = ANSWER_SECONDS, module: str = CHECKING) -> None:
        self.answer_seconds, self.module = answer_seconds, module
        self._process: subprocess.Popen[bytes] | None = None
        self._said: queue.Queue[Said | None] = queue.Queue()
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._starting = threading.Lock()

    @property
    def ready(self) -> bool:
        """Whether an answer would come at once."""
        return self._ready.is_set() and self._is_alive()

    @property
    def pid(self) -> int | None:
        """The number of the process, None before the start."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process and return at once; starting twice does nothing."""
        with self._starting:
            if self._is_alive():
                return
            self._ready = threading.Event()
            self._said = queue.Queue()
            environment = {
                **os.environ,
                "GX_ANALYTICS_ENABLED": "false",
                # One return is checked by one thread: the other cores belong to the pages.
                "POLARS_MAX_THREADS": "1",
                "PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")]),
            }
            self._process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
            listener = threading.Thread(
                target=_listen,
                args=(self._process.stdout, self._said, self._ready),
                daemon=True,
            )
            listener.start()
            atexit.register(self.stop)

    def wait(self, seconds: float = START_SECONDS) -> bool:
        """Start if needed and return whether the worker became ready in time."""
        self.start()
        end = time.monotonic() + seconds
        while not self._ready.wait(0.05):
            if not self._is_alive() or time.monotonic() > end:
                return False
        return True

    def judge(self, frames: dict[str, pl.DataFrame]) -> list[dict[str, Any]]:
        """Return the failures that the expectations find; a dead worker is started again once."""
        said = self.ask(order("judge", frames=frames), lambda _: None)
        return list(said.values["failures"])

    def ask(self, message: bytes, reply: Reply) -> Said:
        """Return the last word of the process on an order; on the way `reply` hears every other.

        A dead process is started again once. Whoever leaves half way (`reply` raises) leaves the
        process to itself until it has finished.
        """
        self._lock.acquire()
        is_left, said = False, None
        try:
            for _ in range(2):
                if said is None and self.wait():
                    said = self._talk(message, reply)
        except WorkerError:
            raise
        except BaseException:
            is_left = True
            threading.Thread(target=self._finish, daemon=True).start()
            raise
        finally:
            if not is_left:
                self._lock.release()
        if said is None:
            raise WorkerError(key="returns.error.worker")
        return _checked(said)

    def stop(self) -> None:
        """End the process."""
        self._end()
        atexit.unregister(self.stop)

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _talk(self, message: bytes, reply: Reply) -> Said | None:
        """Return the last word of the process, None where it died; too slow a one is ended."""
        end = time.monotonic() + self.answer_seconds
        try:
            self._write(message)
            while (said := self._said.get(timeout=max(0.0, end - time.monotonic()))) is not None:
                if said.kind in LAST:
                    return said
                answer = reply(said)
                if answer is not None:
                    self._write(answer)
        except queue.Empty:
            self._end()
            raise WorkerError(key="returns.error.slow", seconds=self.answer_seconds) from None
        except (OSError, ValueError):
            pass
        self._end()
        return None

    def _finish(self) -> None:
        """Let the process come to the end of an order that nobody waits for any more."""
        end = time.monotonic() + self.answer_seconds
        try:
            while (said := self._said.get(timeout=max(0.0, end - time.monotonic()))) is not None:
                if said.kind in LAST:
                    return
                if said.kind.startswith("ask"):
                    self._write(order("leave"))
            self._end()
        except (OSError, ValueError, queue.Empty):
            self._end()
        finally:
            self._lock.release()

    def _write(self, message: bytes) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise OSError
        write(process.stdin, message)

    def _end(self) -> None:
        process, self._process = self._process, None
        self._ready.clear()
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


_SHARED: list[Worker] = []


def shared_worker() -> Worker:
    """Return the one worker of this process, starting it without waiting."""
    if not _SHARED:
        _SHARED.append(Worker())
    _SHARED[0].start()
    return _SHARED[0]


def _checked(said: Said) -> Said:
    """Return what was said where it is an answer; what the process could not do is raised."""
    if said.kind == "refused":
        raise SpokenError(key=said.values["key"], **said.values["values"])
    if said.kind == "failed":
        raise WorkerError(key="returns.error.expectation", reason=said.values["reason"])
    return said


def _listen(stream: IO[bytes], heard: queue.Queue[Said | None], ready: threading.Event) -> None:
    """Take what the process says: first that it is ready, then its answers; None at its end."""
    try:
        while (said := hear(stream)) is not None:
            if said.kind == "ready":
                ready.set()
            else:
                heard.put(said)
    except (OSError, ValueError, pl.exceptions.PolarsError):
        pass
    heard.put(None)
