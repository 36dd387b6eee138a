"""Setting up, serving and looking after a store on the command line."""

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl

from data.store.database import data_folder, open_store
from data.texts import text
from verbs.session import Session, UsageError
from verbs.show import show, words

ROOT = Path(__file__).resolve().parent.parent
PORTS = range(1, 65536)


def init(session: Session, args: argparse.Namespace) -> int:
    """Create or upgrade the store."""
    store = session.store
    before = store.structure()
    key = "created" if store.init(session.catalog.bureau.timezone) else "exists"
    after = store.structure()
    key = "upgraded" if 0 < before < after else key
    words(text(f"cli.init.{key}", session.lang, store=store.shown, before=before, after=after))
    return 0


def definitions_check(session: Session, args: argparse.Namespace) -> int:
    """Validate a definitions folder and run its worked examples."""
    from data.catalog import check_definitions, definitions_folder
    from metrics.examples import check_examples
    from metrics.lint import check_schemes
    from metrics.survey import check_survey

    folder = definitions_folder(args.folder or session.definitions)
    if not folder.is_dir():
        raise UsageError(key="cli.error.no_folder", folder=str(folder))
    problems = check_definitions(folder)
    if not problems:
        from data.catalog import load_catalog

        catalog = load_catalog(folder)
        problems = [*check_survey(catalog), *check_examples(catalog)]
        forbidden, hints = check_schemes(catalog, session.lang)
        problems += forbidden
        for hint in hints:
            words(hint)
    for problem in problems:
        words(problem)
    if problems:
        words(text("cli.definitions.wrong", session.lang, count=len(problems)))
        return 1
    counts = {
        "measures": len(catalog.measures),
        "indicators": len(catalog.indicators) - len(catalog.measures),
        "forms": len(catalog.forms),
        "units": len(catalog.units),
    }
    words(text("cli.definitions.sound", session.lang, folder=folder, **counts))
    return 0


def demo(session: Session, args: argparse.Namespace) -> int:
    """Build the demonstration bureau if it is absent, and serve it."""
    url = session.store_url or os.environ.get("KPI_STORE") or f"sqlite:///{demo_file()}"
    store = open_store(url)
    if store.path is None:
        raise UsageError(key="cli.error.demo_store", store=store.shown)
    if not store.path.exists():
        words(text("cli.demo.building", session.lang, store=store.shown))
        build_at(store.path.resolve())
    store.init()  # one that an earlier version of the program built comes up to date
    words(text("cli.demo.ready", session.lang, store=store.shown))
    if args.build_only:
        return 0
    session = replace(session, store_url=url)
    return serve(session, args)


def demo_file() -> Path:
    """Return where the demonstration store lives: beside the code, or with the user's data."""
    from data.demo.build import RECORD

    base = ROOT / "var" if (ROOT / "pyproject.toml").exists() else data_folder()
    return base / "demo" / RECORD


def build_at(path: Path) -> None:
    """Build the demonstration store so that its record stands at a path."""
    from data.demo.build import RECORD, build_demo
    from verbs.publish import publish

    if path.name == RECORD and not (path.parent.exists() and any(path.parent.iterdir())):
        build_demo(path.parent, words, publish)
        return
    workshop = path.with_name(f".{path.name}.build")
    shutil.rmtree(workshop, ignore_errors=True)
    try:
        build_demo(workshop, words, publish)
        (workshop / RECORD).rename(path)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def serve(session: Session, args: argparse.Namespace) -> int:
    """Serve the pages on this machine until interrupted."""
    if args.port not in PORTS:
        raise UsageError(key="cli.error.port", port=args.port)
    if not session.store.exists():
        session.created_store()
    # The server runs in the folder of the code, where its settings are: paths become absolute.
    store = session.store
    url = f"sqlite:///{store.path.resolve()}" if store.path else store.url.render_as_string(False)
    folder = session.catalog.folder.resolve()
    environment = {**os.environ, "KPI_STORE": url, "KPI_DEFINITIONS": str(folder)}
    store.engine.dispose()
    words(text("cli.serving", session.lang, host=args.host, port=args.port))
    command = [sys.executable, "-m", "ui.server", "--host", args.host, "--port", str(args.port)]
    sys.stderr.flush()
    if os.name == "posix":
        # The server takes this process over, so that whoever stops the one stops the other.
        os.chdir(ROOT)
        os.execve(sys.executable, command, environment)
    try:
        return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode
    except KeyboardInterrupt:
        return 0


def user_list(session: Session, args: argparse.Namespace) -> int:
    """List the people who may sign in."""
    rows = [
        {
            "user": person.user,
            "role": person.role,
            "unit": person.unit,
            "name": person.name.get(session.lang),
        }
        for person in session.catalog.bureau.people
    ]
    schema = dict.fromkeys(("user", "role", "unit", "name"), pl.String)
    show(pl.DataFrame(rows, schema=schema), args.format)
    return 0


def audit_verify(session: Session, args: argparse.Namespace) -> int:
    """Check that what the record holds is what the log says was done."""
    from data.store import audit
    from data.store.verify import verify

    faults = verify(session.store)
    for fault in faults:
        said = dict(fault)
        if "table" in said:
            said["table"] = text(f"store.table.{said['table']}", session.lang)
        words(text(said.pop("key"), session.lang, **said))
    count = audit.length(session.store)
    key = "cli.audit.broken" if faults else "cli.audit.sound"
    words(text(key, session.lang, entries=count, faults=len(faults)))
    return 1 if faults else 0
