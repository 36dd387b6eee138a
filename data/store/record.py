"""What may be done to the record: load, submit, answer, confirm, review, lock, and list it all."""

from data.store.acts import Receipt
from data.store.confirming import confirm, confirm_all
from data.store.deadlines import extend, extensions
from data.store.differences import differences, differences_between, would_change
from data.store.filed import (
    cells_of,
    confirmations,
    findings_of,
    question_counts,
    steps_of,
    submissions,
)
from data.store.filing import answer, corrected_forms, submit, submit_all
from data.store.judging import review
from data.store.loading import ImportReport, Load, import_facts, import_files
from data.store.locking import lock, lock_entries, lock_history, unlock
from data.store.source import Checked, Route, Source

__all__ = [
    "Checked",
    "ImportReport",
    "Load",
    "Receipt",
    "Route",
    "Source",
    "answer",
    "cells_of",
    "confirm",
    "confirm_all",
    "confirmations",
    "corrected_forms",
    "differences",
    "differences_between",
    "extend",
    "extensions",
    "findings_of",
    "import_facts",
    "import_files",
    "lock",
    "lock_entries",
    "lock_history",
    "question_counts",
    "review",
    "steps_of",
    "submissions",
    "submit",
    "submit_all",
    "unlock",
    "would_change",
]
