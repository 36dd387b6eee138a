"""Is every published file that is no form of ours refused as a return, in words?"""

from collections.abc import Callable
from pathlib import Path

import pytest

from data.returns.reading import Reading
from data.texts import text

EXAMPLES = Path(__file__).resolve().parents[3] / "data" / "examples"
SUFFIXES = {".xlsx", ".xls", ".ods", ".csv", ".txt"}
#: Extracts of what seven services published, and tables worked out from them.
FILES = sorted(
    path
    for path in EXAMPLES.rglob("*")
    if path.suffix.lower() in SUFFIXES
    and "definitions" not in path.parts
    and path.relative_to(EXAMPLES).parts[0] not in ("demo", "seed")
)


def test_there_are_files_to_look_at() -> None:
    assert len(FILES) >= 20
    assert {path.suffix.lower() for path in FILES} >= {".xlsx", ".csv"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_published_file_is_no_return_of_ours(path: Path, read: Callable[..., Reading]) -> None:
    reading = read(path.read_bytes(), name=path.name)
    assert reading.refusal is not None
    key, values = reading.refusal
    assert key == "returns.refused.no_form"
    assert "M01" in text(key, "en", **values)
    assert reading.facts.is_empty()
    assert reading.raw.is_empty()
