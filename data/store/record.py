"""What may be done to the record: load, submit, answer, review, lock, and list what was filed."""

from data.store.filed import cells_of, findings_of, submissions
from data.store.filing import Receipt, answer, review, submit, submit_all
from data.store.loading import ImportReport, Load, import_facts, import_files, lock
from data.store.source import Checked, Source

__all__ = [
    "Checked",
    "ImportReport",
    "Load",
    "Receipt",
    "Source",
    "answer",
    "cells_of",
    "findings_of",
    "import_facts",
    "import_files",
    "lock",
    "review",
    "submissions",
    "submit",
    "submit_all",
]
