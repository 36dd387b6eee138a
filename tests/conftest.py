"""What all tests share: the demonstration bureau, built once for a whole run."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return the folder of the demonstration bureau; several test workers share one build.

    KPI_TEST_DEMO may name a folder that was built before, to try a single test quickly.
    """
    from data.demo.build import build_demo

    if ready := os.environ.get("KPI_TEST_DEMO"):
        return Path(ready)
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder = shared / "demonstration"
    with (shared / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            build_demo(folder, progress=lambda *_: None)
    return folder


@pytest.fixture
def demo_copy(demo_folder: Path, tmp_path: Path) -> Iterator[Path]:
    """Give a copy of the demonstration bureau that a test may change."""
    folder = tmp_path / "demonstration"
    shutil.copytree(demo_folder, folder)
    yield folder
    shutil.rmtree(folder)
