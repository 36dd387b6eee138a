"""How are the expectations kept warm and out of the way: a process of their own, fed with Arrow.

Great Expectations takes seconds to import and hundreds of megabytes; the worker pays that once.
"""

from __future__ import annotations

import atexit
import json
import os
import queue
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

import polars as pl

from data.said import SpokenError

START_SECONDS = 120.0
ANSWER_SECONDS = 60.0
_LENGTH = struct.Struct(">Q")
_ROOT = Path(__file__).resolve().parents[2]


class WorkerError(SpokenError):
    """The form checks could not be made; a return without them cannot be submitted."""


class Worker:
    """A checking process: started without waiting, restarted when it dies, stopped at exit."""

    def __init__(self, answer_seconds: float = ANSWER_SECONDS) -> None:
        self.answer_seconds = answer_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._answers: queue.Queue[bytes | None] = queue.Queue()
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
            self._answers = queue.Queue()
            environment = {
                **os.environ,
                "GX_ANALYTICS_ENABLED": "false",
                "PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")]),
            }
            self._process = subprocess.Popen(
                [sys.executable, "-m", "data.checks.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
            reader = threading.Thread(
                target=_listen,
                args=(self._process.stdout, self._answers, self._ready),
                daemon=True,
            )
            reader.start()
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
        message = _packed({name: _ipc(frame) for name, frame in frames.items()})
        with self._lock:
            for _ in range(2):
                if not self.wait():
                    continue
                answer = self._ask(message)
                if answer is not None:
                    return _unpacked_answer(answer)
                self._end()
        raise WorkerError(key="returns.error.worker")

    def stop(self) -> None:
        """End the process."""
        self._end()
        atexit.unregister(self.stop)

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _ask(self, message: bytes) -> bytes | None:
        process = self._process
        if process is None or process.stdin is None:
            return None
        try:
            _write(process.stdin, message)
            return self._answers.get(timeout=self.answer_seconds)
        except (OSError, ValueError, queue.Empty):
            return None

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


def _listen(stream: IO[bytes], answers: queue.Queue[bytes | None], ready: threading.Event) -> None:
    """Take what the process says: first that it is ready, then its answers; None at its end."""
    try:
        while (message := _read(stream)) is not None:
            if ready.is_set():
                answers.put(message)
            else:
                ready.set()
    except (OSError, ValueError):
        pass
    answers.put(None)


def _ipc(frame: pl.DataFrame) -> bytes:
    buffer = frame.write_ipc(None, compat_level=pl.CompatLevel.oldest())
    return buffer.getvalue()


def _packed(frames: dict[str, bytes]) -> bytes:
    parts = [_LENGTH.pack(len(frames))]
    for name, content in frames.items():
        for piece in (name.encode(), content):
            parts += [_LENGTH.pack(len(piece)), piece]
    return b"".join(parts)


def _unpacked(message: bytes) -> dict[str, bytes]:
    count, place = _LENGTH.unpack_from(message)[0], _LENGTH.size
    pieces = []
    for _ in range(2 * count):
        (length,) = _LENGTH.unpack_from(message, place)
        place += _LENGTH.size
        pieces.append(message[place : place + length])
        place += length
    return {name.decode(): content for name, content in zip(pieces[::2], pieces[1::2], strict=True)}


def _unpacked_answer(answer: bytes) -> list[dict[str, Any]]:
    said = json.loads(answer)
    if "error" in said:
        raise WorkerError(key="returns.error.expectation", reason=said["error"])
    return said["failures"]


def _write(stream: IO[bytes], message: bytes) -> None:
    stream.write(_LENGTH.pack(len(message)) + message)
    stream.flush()


def _read(stream: IO[bytes]) -> bytes | None:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    return stream.read(length)


def serve() -> None:
    """Answer over the standard streams until the other side closes them."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever a library prints must not end up among the answers.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from data.checks.expectations import Validator

    validator = Validator()
    _write(answers, b"ready")
    while (message := _read(sys.stdin.buffer)) is not None:
        try:
            said: dict[str, Any] = {"failures": validator.judge(_unpacked(message))}
        except Exception as error:  # noqa: BLE001 - the asker is told; the worker goes on
            said = {"error": f"{type(error).__name__}: {error}"}
        _write(answers, json.dumps(said, ensure_ascii=False, default=str).encode())


if __name__ == "__main__":
    serve()
