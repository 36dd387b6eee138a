"""Does every file keep to its room: imports one way, libraries at home, readable sizes."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("data", "metrics", "charts", "reports", "verbs", "ui", "pages")
# A room may import from itself and from the rooms named here, never the other way round.
ALLOWED = {
    "data": set(),
    "metrics": {"data"},
    "charts": {"data", "metrics"},
    "reports": {"data", "metrics", "charts"},
    "ui": {"data", "metrics", "charts", "reports"},
    "pages": {"ui"},
    "dashboard": {"ui", "pages"},
    "verbs": {"data", "metrics", "charts", "reports"},
    "kpi": {"data", "metrics", "charts", "reports", "verbs"},
}
# The only places where these libraries may be imported.
HOMES = {
    "streamlit": ("ui/", "pages/", "dashboard.py"),
    "openpyxl": ("data/returns/", "reports/"),
    "great_expectations": ("data/checks/expectations.py",),
    "pandas": (),
}
PAGES_MUST_NOT = {"polars", "altair", "openpyxl", "great_expectations", "numpy", "pandas"}


def sources() -> list[Path]:
    """Return every Python file of the product itself."""
    files = [ROOT / "dashboard.py", ROOT / "kpi.py"]
    for room in ROOMS:
        files += sorted((ROOT / room).rglob("*.py"))
    return [f for f in files if f.exists()]


@cache
def imports(path: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno} has a relative import"
            names.add(node.module or "")
    return frozenset(name.split(".")[0] for name in names)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", sources(), ids=relative)
def test_imports_go_one_way(path: Path) -> None:
    room = relative(path).split("/")[0].removesuffix(".py")
    ours = imports(path) & (set(ROOMS) | {"dashboard", "kpi"})
    assert ours - {room} <= ALLOWED[room], f"{relative(path)} imports {sorted(ours - {room})}"


@pytest.mark.parametrize("path", sources(), ids=relative)
def test_libraries_stay_in_their_homes(path: Path) -> None:
    name = relative(path)
    for library, homes in HOMES.items():
        if library in imports(path):
            assert name.startswith(homes) if homes else False, f"{name} imports {library}"
    if name.startswith("pages/") or name == "dashboard.py":
        assert not imports(path) & PAGES_MUST_NOT, f"{name} does more than show a view"


@pytest.mark.parametrize("path", sources(), ids=relative)
def test_files_have_a_readable_size_and_say_what_they_answer(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400, f"{relative(path)} is too long to find one's way in"
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), f"{relative(path)} does not say what it is for"


def test_no_index_address_and_no_machine_path_is_committed() -> None:
    address = re.compile(
        r"--(extra-)?index-url|https?://\S*(pypi|/simple/|registry)", re.IGNORECASE
    )
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml", "Makefile"):
        assert not address.search((ROOT / name).read_text(encoding="utf-8")), name
    machine = re.compile(r"(?<![\w.])/(?:work|root|home)/\w")
    for path in sources():
        assert not machine.search(path.read_text(encoding="utf-8")), relative(path)


def test_requirements_pin_every_version() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            assert re.fullmatch(r"[A-Za-z0-9._\[\]-]+==[^ ]+( ; .+)?", line), f"{name}: {line}"
