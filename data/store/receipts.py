"""Is a receipt that somebody shows ours, and does the record still say the same?

The code of a receipt begins with its number and ends with the hash of the log's entry about its
arrival: who, when, unit, form, month, version, hash of the file and of the figures. That entry
hangs in the chain of the log, so a code can neither be made up nor outlive a changed record.
"""

import json
import re
from typing import Any

import sqlalchemy as sa

from data.access import Viewer
from data.store import audit
from data.store.database import Store
from data.store.filed import find
from data.store.tables import AUDIT, SUBMISSIONS

SIGNS = 12
CODE = re.compile(r"(HJ-\d{8}-\d{6,})-([0-9A-F]{4})-([0-9A-F]{4})-([0-9A-F]{4})")


def receipt_code(store: Store, viewer: Viewer, submission: int | str) -> str:
    """Return the code that stands on the receipt of a return; nothing for an import."""
    with store.read() as connection:
        row = find(connection, viewer, submission)
        entry = _arrival(connection, row.receipt)
    return "" if entry is None else code_of(row.receipt, entry["hash"])


def code_of(receipt: str, digest: str) -> str:
    """Return a receipt's number with the first signs of the hash, in groups of four.

    >>> code_of("HJ-20241103-000001", "0123456789abcdef")
    'HJ-20241103-000001-0123-4567-89AB'
    """
    signs = digest[:SIGNS].upper()
    return "-".join([receipt, *(signs[n : n + 4] for n in range(0, SIGNS, 4))])


def verify_code(store: Store, code: str) -> dict[str, Any] | None:
    """Return what a code stands for, as the record says it now; None where they do not agree."""
    found = CODE.fullmatch("".join(code.split()).upper())
    if found is None:
        return None
    with store.read() as connection:
        entry = _arrival(connection, found[1])
        query = sa.select(SUBMISSIONS).where(SUBMISSIONS.c.receipt == found[1])
        row = connection.execute(query).mappings().first()
    if entry is None or row is None or code_of(found[1], entry["hash"]) != found[0]:
        return None
    detail = json.loads(entry["detail"])
    names = ("form", "unit", "period", "sha256", "content")
    is_same = all(row[name] == detail[name] for name in names)
    plain = {key: value for key, value in entry.items() if key != "hash"}
    is_whole = audit.entry_hash(plain) == entry["hash"]
    return dict(row) if is_same and is_whole and row["submitted_by"] == entry["actor"] else None


def _arrival(connection: sa.Connection, receipt: str) -> dict[str, Any] | None:
    query = sa.select(AUDIT).where(AUDIT.c.subject == receipt, AUDIT.c.action == "submit")
    row = connection.execute(query.order_by(AUDIT.c.id)).mappings().first()
    return None if row is None else dict(row)
