"""A record in a temporary folder."""

from pathlib import Path

import pytest

from data.store.database import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = open_store(f"sqlite:///{tmp_path / 'record.db'}")
    found.init("Asia/Shanghai")
    return found
