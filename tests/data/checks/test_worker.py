"""Does the checking process start aside, survive its death, and say when it cannot judge?"""

import os
import signal
from collections.abc import Iterator

import polars as pl
import pytest

from data.checks.worker import Worker, WorkerError

CLAIMS = pl.DataFrame(
    {
        "row": [0, 1],
        "sheet": ["s", "s"],
        "cell": ["A1", "A2"],
        "check": ["claim", "claim"],
        "holds": [True, False],
    }
)


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    checking = Worker(answer_seconds=30)
    checking.start()
    yield checking
    checking.stop()


def test_starting_does_not_wait(worker: Worker) -> None:
    worker.start()
    assert worker.pid is not None
    assert worker.wait()
    assert worker.ready


def test_a_failure_names_its_row_and_cell(worker: Worker) -> None:
    (failure,) = worker.judge({"claims": CLAIMS})
    assert failure == {
        "suite": "claims", "check": "claim", "row": 1, "sheet": "s", "cell": "A2",
    }  # fmt: skip


def test_an_expectation_that_cannot_be_evaluated_is_a_fault_of_the_program(
    worker: Worker,
) -> None:
    with pytest.raises(WorkerError, match="could not be evaluated"):
        worker.judge({"claims": CLAIMS.drop("holds")})
    assert len(worker.judge({"claims": CLAIMS})) == 1


def test_a_dead_worker_is_started_again(worker: Worker) -> None:
    worker.wait()
    first = worker.pid
    os.kill(first, signal.SIGKILL)
    assert len(worker.judge({"claims": CLAIMS})) == 1
    assert worker.pid != first


def test_a_worker_that_does_not_answer_in_time_is_given_up(worker: Worker) -> None:
    worker.answer_seconds = 0.0
    with pytest.raises(WorkerError, match="not checked within"):
        worker.judge({"claims": CLAIMS})
