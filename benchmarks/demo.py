"""The demonstration bureau as the benchmarks use it: built once, beside the others' files."""

from pathlib import Path

from data.demo.build import RECORD, build_demo
from data.store.database import Store, open_store
from verbs.publish import publish

FOLDER = Path(__file__).resolve().parent.parent / "var" / "benchmark-demo"


def demo_url() -> str:
    """Return the address of the demonstration's record, built if it is not there."""
    if not (FOLDER / RECORD).exists():
        build_demo(FOLDER, progress=lambda *_: None, finish=publish)
    return f"sqlite:///{FOLDER / RECORD}"


def demo_store() -> Store:
    """Return the demonstration's store."""
    return open_store(demo_url())
