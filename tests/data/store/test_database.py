"""Is a record set up once, found where it is named, and refused when it cannot be trusted?"""

from pathlib import Path

import pytest
import sqlalchemy as sa

from data.said import say
from data.store.database import Store, StoreError, default_url, open_store, store_version
from data.store.tables import META, METADATA


def test_a_record_is_set_up_once(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'deep' / 'record.db'}")
    assert not store.exists()
    assert store.init("Europe/London") is True
    assert store.init("Asia/Shanghai") is False
    assert (store.exists(), store.timezone, store_version(store)) == (True, "Europe/London", 0)
    with store.read() as connection:
        assert set(sa.inspect(connection).get_table_names()) == set(METADATA.tables)


def test_opening_creates_nothing(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'record.db'}")
    with pytest.raises(StoreError, match="kpi init"):
        store_version(store)
    assert list(tmp_path.iterdir()) == []


def test_the_environment_names_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_STORE", f"sqlite:///{tmp_path / 'named.db'}")
    assert open_store().path == tmp_path / "named.db"
    monkeypatch.delenv("KPI_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_url() == f"sqlite:///{tmp_path / 'hengjing' / 'record.db'}"
    assert open_store("sqlite:///other.db").path == Path("other.db")


def test_a_record_of_a_newer_program_is_left_alone(store: Store) -> None:
    with store.write() as connection:
        connection.execute(sa.update(META).where(META.c.key == "schema_version").values(value="99"))
    fresh = open_store(str(store.url))
    with pytest.raises(StoreError, match="99"):
        store_version(fresh)
    with pytest.raises(StoreError, match="99"):
        fresh.init()


def test_an_error_speaks_both_languages_and_no_password() -> None:
    store = open_store("postgresql://clerk:secret@127.0.0.1:1/none")
    with pytest.raises(StoreError) as caught:
        store_version(store)
    for lang in ("zh", "en"):
        said = say(caught.value, lang)
        assert "127.0.0.1" in said
        assert "secret" not in said
        assert "\n" not in said


def test_an_unknown_kind_of_store_is_refused_without_its_password() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("oracle://clerk:secret@127.0.0.1/none")
    for lang in ("zh", "en"):
        assert "secret" not in say(caught.value, lang)


def test_a_block_that_fails_leaves_nothing(store: Store) -> None:
    def half_done() -> None:
        with store.write() as connection:
            connection.execute(sa.insert(META).values(key="half", value="done"))
            raise KeyError

    with pytest.raises(KeyError):
        half_done()
    with store.read() as connection:
        keys = connection.execute(sa.select(META.c.key)).scalars().all()
    assert "half" not in keys
