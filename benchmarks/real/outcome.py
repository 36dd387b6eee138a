"""What came of checking one published table against the figures of the command line?"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Outcome:
    """One published table, checked cell by cell.

    `rows_in` counts the rows or cells read from the source's files, `findings` what the reader and
    the rules said of them, `checked` the published figures compared, `equal` those that agree;
    `reasons` says why the others do not, each reason with its count.
    """

    source: str
    what: str
    rows_in: int
    findings: int
    checked: int
    equal: int
    reasons: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an outcome whose differences are not all accounted for."""
        unequal = self.checked - self.equal
        if sum(self.reasons.values()) != unequal:
            msg = f"{self.what}: {unequal} differ, {sum(self.reasons.values())} have a reason"
            raise ValueError(msg)
