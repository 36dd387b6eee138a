"""How do the tests of the examples speak to a store of their own, as a person would?"""

import contextlib
import csv
import io
from pathlib import Path

import kpi

EXAMPLES = Path(__file__).resolve().parents[2] / "data" / "examples"


class Speaker:
    """A store with the definitions of an example, spoken to through the command line."""

    def __init__(self, definitions: Path, path: Path) -> None:
        self.definitions = definitions
        self.path = path

    def run(self, *arguments: object) -> tuple[int, str, str]:
        base = ["--definitions", str(self.definitions), "--store", f"sqlite:///{self.path}"]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = kpi.main([*base, "--lang", "en", *map(str, arguments)])
        return code, out.getvalue(), err.getvalue()

    def rows(self, *arguments: object) -> list[dict[str, str]]:
        """Return the rows that answer a question that has to have an answer."""
        code, out, err = self.run(*arguments, "--format", "csv")
        assert code == 0, err
        return list(csv.DictReader(io.StringIO(out)))
