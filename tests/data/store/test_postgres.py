"""Is a record on a server reached, refused and shared as one in a file?"""

import contextlib
import datetime as dt
import io
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

import kpi
from data.access import OPERATOR, Viewer
from data.said import say
from data.store.database import Store, StoreError, open_store, store_version
from data.store.record import answer, import_facts, lock, review, submit
from data.store.snapshot import read_facts
from data.store.verify import verify
from tests.data.store.samples import FORM, checked, facts, source, values
from tests.postgres import Server

HOW_TO = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "postgresql.md"
GRANTS = [line.strip() for line in HOW_TO.read_text("utf-8").splitlines() if "GRANT" in line]
CLERK = Viewer("wu", "statistician", "a1", frozenset({"a1"}))
LONDON = Path(__file__).resolve().parents[3] / "data" / "examples" / "london"


def refusal(url: str) -> list[str]:
    """Return what is said in both languages when a store cannot be reached."""
    with pytest.raises(StoreError) as caught:
        store_version(open_store(url))
    return [say(caught.value, lang) for lang in ("zh", "en")]


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    for url in (
        "postgresql://clerk:secret@127.0.0.1:1/bureau",
        f"postgresql://clerk:secret@/bureau?host={tmp_path}",
    ):
        for said in refusal(url):
            assert ("secret" in said, "\n" in said, "bureau" in said) == (False, False, True)
        assert "no database server answers" in said


def test_a_wrong_password_is_said_and_not_repeated(postgres_server: Server) -> None:
    by_query = f"postgresql://hengjing@127.0.0.1:{postgres_server.port}/postgres?password=secret"
    for url in (postgres_server.network_url("postgres", "secret"), by_query):
        zh, en = refusal(url)
        assert "密码不对" in zh
        assert "password is wrong" in en
        assert "secret" not in zh + en


def test_a_missing_database_is_named(postgres_server: Server) -> None:
    zh, en = refusal(postgres_server.network_url("bureau"))
    assert "createdb bureau" in zh
    assert "createdb bureau" in en
    assert postgres_server.password not in zh + en


def test_a_database_without_a_record_is_set_up_over_the_network(
    postgres_server: Server, postgres_url: str
) -> None:
    name = postgres_url.split("@/")[1].split("?")[0]
    url = postgres_server.network_url(name)
    assert "kpi init" in refusal(url)[1]
    store = open_store(url)
    assert store.init("Asia/Shanghai") is True
    import_facts(store, OPERATOR, facts("cases a1 2024-10 1 C3"), FORM, source())
    assert values(read_facts(open_store(url), OPERATOR)) == {("cases", "a1", "2024-10"): 1}


def test_a_password_with_a_sign_that_addresses_use_is_refused_whole() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("postgresql://clerk:se@cret@127.0.0.1/bureau")
    assert "cret" not in str(caught.value)


def test_an_account_that_owns_nothing_can_do_the_work(
    postgres_server: Server, postgres_url: str
) -> None:
    """The grants are those of docs/how-to/postgresql.md."""
    owner = open_store(postgres_url)
    owner.init("Asia/Shanghai")
    name = postgres_url.split("@/")[1].split("?")[0]
    postgres_server.run(f"CREATE ROLE {name} LOGIN")
    with owner.engine.connect() as connection, connection.begin():
        for grant in GRANTS:
            connection.exec_driver_sql(grant.replace("hengjing_app", name))
    store = open_store(postgres_url.replace("hengjing@", f"{name}@"))
    assert store.init() is False
    import_facts(store, OPERATOR, facts("cases a1 2024-09 1 C3"), FORM, source())
    receipt = submit(store, CLERK, checked("cases a1 2024-10 2 C3", "a1", queries=("C3",)))
    answer(store, CLERK, receipt.number, "C3", "a flood")
    review(store, OPERATOR, receipt.number, accept=True)
    lock(store, OPERATOR, dt.date(2024, 10, 1))
    assert len(values(read_facts(store, OPERATOR))) == 2
    assert verify(store) == []
    with pytest.raises(sa.exc.ProgrammingError), store.engine.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER facts_no_update ON facts")


def test_the_snapshot_of_a_server_has_a_place_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    folder = tmp_path / "hengjing"
    by_network = open_store("postgresql://clerk@db.example:5433/bureau")
    assert by_network.snapshot == folder / "db.example-5433-bureau.snapshot"
    by_socket = open_store("postgresql:///bureau?host=/run/pg")
    assert by_socket.snapshot == folder / "_run_pg-5432-bureau.snapshot"
    monkeypatch.setenv("KPI_SNAPSHOT", str(tmp_path / "shared"))
    assert open_store("postgresql:///bureau").snapshot == tmp_path / "shared"


def test_replicas_share_the_record_and_keep_snapshots_apart_or_together(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replica(name: str) -> Store:
        monkeypatch.setenv("KPI_SNAPSHOT", str(tmp_path / name))
        return open_store(postgres_url)

    first, second, shared = replica("one"), replica("two"), replica("one")
    first.init("UTC")
    for value in (1, 2, 3):
        writer = (first, second, shared)[value - 1]
        import_facts(writer, OPERATOR, facts(f"cases a1 2024-10 {value} C3"), FORM, source())
        for reader in (first, second, shared):
            assert values(read_facts(reader, OPERATOR)) == {("cases", "a1", "2024-10"): value}


def test_writers_of_one_process_wait_for_one_another(store: Store) -> None:
    def work(unit: str) -> None:
        for month in range(1, 6):
            table = facts(f"cases {unit} 2024-{month:02d} {month} C{month}")
            import_facts(store, OPERATOR, table, FORM, source(unit))

    threads = [threading.Thread(target=work, args=(unit,)) for unit in ("a1", "a2", "a3")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert read_facts(store, OPERATOR).height == 15
    assert store_version(store) == 15


def said(*arguments: object) -> str:
    """Return the data that a command prints."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        assert kpi.main(["--lang", "en", *map(str, arguments)]) == 0, err.getvalue()
    return out.getvalue()


def test_london_comes_out_of_a_server_as_it_does_out_of_a_file(
    postgres_url: str, tmp_path: Path
) -> None:
    file = LONDON / "mps_dashboard_tno.parquet"
    asked = (
        "--indicator",
        "recorded",
        "--level",
        "borough",
        "--from",
        "2022-04",
        "--to",
        "2024-03",
    )
    answers = []
    for url in (f"sqlite:///{tmp_path / 'london.db'}", postgres_url):
        base = ("--definitions", LONDON / "definitions", "--store", url)
        first = said(*base, "import", file, "--form", "mps_dashboard")
        assert ",0,0,0," in first  # nothing revised, withdrawn or held before
        again = said(*base, "import", file, "--form", "mps_dashboard")
        assert again.splitlines()[1].split(",")[1] == '""'  # no second receipt
        answers.append(said(*base, "figures", *asked, "--compare", "yoy"))
        assert "broken" not in said(*base, "audit", "verify")
    assert answers[0].count("\n") > 700
    assert answers[0] == answers[1]
