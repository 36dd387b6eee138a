"""What tests of commands share: a copy of the demonstration bureau that they may move."""

import csv
import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import kpi
from data.demo.build import RECORD

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def store_url(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give a copy of the demonstration, whose October still moves."""
    folder = tmp_path_factory.mktemp("copy") / "demonstration"
    shutil.copytree(demo_folder, folder)
    yield f"sqlite:///{folder / RECORD}"
    shutil.rmtree(folder)


@pytest.fixture
def run(store_url: str, capsys: pytest.CaptureFixture[str]) -> Run:
    """Give a function that runs a command as a person and returns its code and both outputs."""

    def run_(user: str, *words: str) -> tuple[int, str, str]:
        code = kpi.main(["--lang", "en", "--store", store_url, "--as", user, *words])
        out, err = capsys.readouterr()
        return code, out, err

    return run_


def rows(out: str) -> list[dict[str, str]]:
    """Return the rows of a table that was printed as CSV."""
    return list(csv.DictReader(io.StringIO(out)))
