"""What all tests share: the demonstration bureau and the databases, made once for a whole run."""

import fcntl
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.store.database import Store, open_store
from data.store.migrations import SCHEMA_VERSION
from tests import postgres

TEMPLATE = "hengjing_template"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with one file of the demonstration bureau and leave the others of it for the end.

    One worker builds the bureau, which takes minutes, while the others run what does without it.
    A worker runs whole files, so that what a file prepares is prepared once; files that take long,
    in a browser or of many tests, come before others, so that all workers end together.
    """
    tests = Counter(item.path for item in items)
    needs = {item.path for item in items if "demo_folder" in getattr(item, "fixturenames", ())}
    shown = {item.path for item in items if "browser" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: (item.path in needs, item.path not in shown, -tests[item.path]))
    first = next((item.path for item in items if item.path in needs), None)
    items.sort(key=lambda item: item.path != first)


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return the folder of the demonstration bureau; several test workers share one build.

    KPI_TEST_DEMO may name a folder that was built before, to try a single test quickly.
    """
    from data.demo.build import RECORD, build_demo
    from verbs.publish import publish

    ready = os.environ.get("KPI_TEST_DEMO")
    if ready and open_store(f"sqlite:///{ready}/{RECORD}").structure() == SCHEMA_VERSION:
        return Path(ready)
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder = shared / "demonstration"
    with (shared / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists() and ready:
            shutil.copytree(ready, folder)  # of an older structure: a copy is upgraded
            open_store(f"sqlite:///{folder}/{RECORD}").init()
        if not folder.exists():
            build_demo(folder, progress=lambda *_: None, finish=publish)
    return folder


@pytest.fixture
def demo_copy(demo_folder: Path, tmp_path: Path) -> Iterator[Path]:
    """Give a copy of the demonstration bureau that a test may change."""
    folder = tmp_path / "demonstration"
    shutil.copytree(demo_folder, folder)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """Give a PostgreSQL server that holds one empty record as a template for others."""
    with postgres.running() as server:
        server.run(f"CREATE DATABASE {TEMPLATE}")
        template = open_store(server.url(TEMPLATE))
        template.init("Asia/Shanghai")
        template.engine.dispose()
        yield server


@pytest.fixture
def postgres_url(
    postgres_server: postgres.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Give the address of a new database without any tables, dropped after the test."""
    monkeypatch.setenv("KPI_SNAPSHOT", str(tmp_path / "snapshot"))
    with postgres_server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a store that is not there yet, in each kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'record.db'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    """Give an empty record in each kind of database, its days ending in Shanghai."""
    if request.param == "sqlite":
        found = open_store(f"sqlite:///{tmp_path / 'record.db'}")
        found.init("Asia/Shanghai")
        yield found
        found.engine.dispose()
        return
    monkeypatch.setenv("KPI_SNAPSHOT", str(tmp_path / "snapshot"))
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with server.database(TEMPLATE) as url:
        yield open_store(url)


@pytest.fixture
def run_sql(store: Store) -> Callable[..., None]:
    """Return a function that writes to the record behind its back, as an intruder would."""

    def run(*statements: str) -> None:
        with store.engine.connect() as connection, connection.begin():
            for statement in statements:
                connection.exec_driver_sql(statement)

    return run
