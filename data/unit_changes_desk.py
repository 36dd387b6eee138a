"""What comes of a file of unit changes: read, checked against the units, tried on a copy?"""

import datetime as dt
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from data.definition_types import Catalog
from data.unit_changes import Finding, findings_frame, read_changes
from data.unit_changes_check import Checked, Months, check_changes, filed_months
from data.unit_changes_write import trial


@dataclass(frozen=True, slots=True)
class Verdict:
    """The changes as checked, every finding on them, and what each unit has filed."""

    checked: Checked
    findings: tuple[Finding, ...]
    filed: Months

    @property
    def errors(self) -> int:
        """How many findings stand in the way."""
        return sum(found["severity"] == "mandatory" for found in self.findings)

    @property
    def is_sound(self) -> bool:
        """Whether the changes may be carried out."""
        return not self.errors and self.checked.is_sound

    @property
    def frame(self) -> pl.DataFrame:
        """The findings as FINDINGS, in the order of the rows."""
        return findings_frame(self.findings)


def judge_changes(
    catalog: Catalog, content: bytes, name: str, facts: pl.DataFrame, today: dt.date
) -> Verdict:
    """Return the verdict on a file of changes.

    Needs: FACTS of the whole bureau; those of units that close are looked for after their end.

    Raises:
        UnreadableError: the file must not, or cannot, be read.
    """
    changes, found = read_changes(content, name)
    filed = filed_months(facts)
    checked = check_changes(catalog, changes, filed, today)
    findings = [*found, *checked.findings]
    if checked.is_sound and not found:
        with tempfile.TemporaryDirectory(prefix="hengjing-") as workshop:
            problems = trial(catalog, checked, Path(workshop))
        findings += problems
        if problems:
            checked = replace(checked, findings=(*checked.findings, *problems))
    return Verdict(checked, tuple(sorted(findings, key=_row)), filed)


def _row(found: Finding) -> int:
    """Return the row that a finding is about; what concerns no row comes first."""
    digits = found["cell"].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return int(digits) if digits.isdecimal() else 0
