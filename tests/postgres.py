"""Debian's own PostgreSQL server, started for one test run in a folder that is thrown away."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa

ABSENT = (
    "These tests need PostgreSQL's server programs (initdb, pg_ctl). "
    "On Debian: sh tools/install-system.sh postgres"
)
# Nothing here has to survive a power cut.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "log_min_messages": "fatal",
}


@dataclass(frozen=True)
class Server:
    """A running server: `folder` holds its socket, which needs no password; `port` needs one."""

    folder: Path
    port: int
    password: str

    def url(self, database: str) -> str:
        """Return the address of a database through the socket."""
        return f"postgresql://hengjing@/{database}?host={self.folder}&port={self.port}"

    def network_url(self, database: str, password: str | None = None) -> str:
        """Return the address of a database over the network."""
        given = self.password if password is None else password
        return f"postgresql://hengjing:{given}@127.0.0.1:{self.port}/{database}"

    def run(self, *statements: str) -> None:
        """Carry out statements about whole databases."""
        connection = psycopg.connect(
            host=str(self.folder), port=self.port, user="hengjing", dbname="postgres"
        )
        connection.autocommit = True
        for statement in statements:
            connection.execute(statement)
        connection.close()

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Give the address of a new database, dropped at the end with all its connections."""
        name = f"t{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        opened: list[psycopg.Connection] = []

        def note(connection: object, _record: object) -> None:
            if isinstance(connection, psycopg.Connection):
                opened.append(connection)

        sa.event.listen(sa.Pool, "connect", note)
        try:
            yield self.url(name)
        finally:
            sa.event.remove(sa.Pool, "connect", note)
            for connection in opened:
                connection.close()
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


def programs() -> Path:
    """Return the folder of the server's programs, the newest where there are several."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    folders = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(folders, key=lambda path: int(path.parts[-3]), default=None)
    if newest is None:
        raise RuntimeError(ABSENT)
    return newest.parent


@contextmanager
def running() -> Iterator[Server]:
    """Give a server of its own, stopped and deleted at the end."""
    bins = programs()
    # Not pytest's folder: the path of a socket has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="hengjing-pg-"))
    person = _unprivileged(folder)
    server = Server(folder, _free_port(), secrets.token_hex(8))
    secret = folder / "password"
    secret.write_text(server.password, "utf-8")
    data = folder / "data"
    settings = SETTINGS | {
        "port": str(server.port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(folder),
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    try:
        _call(
            [bins / "initdb", "-D", data, "-U", "hengjing", "--pwfile", secret, "-E", "UTF8",
             "--locale=C", "--no-sync", "--no-instructions", "--auth-local=trust",
             "--auth-host=scram-sha-256"],
            person,
        )  # fmt: skip
        log = folder / "log"
        _call([bins / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "-t", "60", "start"],
              person)  # fmt: skip
        try:
            yield server
        finally:
            _call([bins / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop"], person)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged(folder: Path) -> str | None:
    """Return whom the server runs as: it refuses root, so root hands over to somebody."""
    if os.geteuid() != 0:
        return None
    names = [entry.pw_name for entry in pwd.getpwall()]
    person = "postgres" if "postgres" in names else "nobody"
    folder.chmod(0o755)
    shutil.chown(folder, person)
    return person


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _call(command: list, person: str | None) -> None:
    options: dict = {"cwd": "/", "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}}
    if person:
        entry = pwd.getpwnam(person)
        options |= {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    # The server keeps the output open, so it goes to a file, never to a pipe.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            [str(part) for part in command], stdout=said, stderr=said, check=False, **options
        )
        if done.returncode:
            said.seek(0)
            msg = f"{Path(str(command[0])).name} failed: {said.read().decode(errors='replace')}"
            raise RuntimeError(msg)
