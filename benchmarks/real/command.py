"""What does the command line print and say, asked from within one process?"""

import contextlib
import io
from pathlib import Path

import kpi


def ask(definitions: Path, store: str, *arguments: object) -> tuple[str, str]:
    """Return what a command prints as csv, and what it says.

    Raises:
        RuntimeError: the command did not end with 0; the message holds what it said.
    """
    out, said = io.StringIO(), io.StringIO()
    base = ["--definitions", str(definitions), "--store", store, "--lang", "en"]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
        code = kpi.main([*base, *map(str, arguments), "--format", "csv"])
    if code:
        msg = f"{arguments[0]} ended with {code}: {said.getvalue()}"
        raise RuntimeError(msg)
    return out.getvalue(), said.getvalue()
