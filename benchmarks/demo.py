"""The demonstration bureau as the benchmarks use it: built once, beside the others' files."""

from pathlib import Path

from data.demo.build import RECORD, build_demo
from data.store.database import Store, open_store
from verbs.publish import publish

FOLDER = Path(__file__).resolve().parent.parent / "var" / "benchmark-demo"


def demo_url() -> str:
    """Return the address of the demonstration's record, built or brought up to date if need be."""
    if not (FOLDER / RECORD).exists():
        build_demo(FOLDER, progress=lambda *_: None, finish=publish)
    url = f"sqlite:///{FOLDER / RECORD}"
    open_store(url).init()
    return url


def demo_store() -> Store:
    """Return the demonstration's store."""
    return open_store(demo_url())
