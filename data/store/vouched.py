"""By which hashes does the log vouch for what came in and must never change again?

The entry of an arrival carries a hash of the registration (file name, month, version, route ...),
of the cells, of the findings with the explanations they came with, and of the units asked to
confirm their rows. Entries from before these were kept carry none, and are held to what they say.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from data.schema import FINDINGS
from data.store.facts import LOADED
from data.store.tables import CELLS, CONFIRMATIONS, FINDINGS_TABLE

#: What of a submission is written once; its state, and who decided, move on.
REGISTERED = (
    *("receipt", "kind", "form", "form_version", "unit", "period", "first_period", "version"),
    *("file", "sha256", "size", "content", "submitted_by", "submitted_at", "replaces", "facts"),
    *("definitions", "route", "due", "why"),
)
CELL_PARTS = (*LOADED.names(), "written", "filer")
FINDING_PARTS = tuple(FINDINGS)
ASKED_PARTS = ("unit", "content")
#: What is there without being written: columns that the record fills in by itself.
_FILLED = {"route": ""}


def registration_hash(row: Mapping[str, Any]) -> str:
    """Return the hash of a submission's registration.

    >>> row = {"receipt": "HJ-20241103-000001", "file": "a.xlsx"}
    >>> registration_hash(row) == registration_hash(row | {"state": "approved", "route": ""})
    True
    >>> registration_hash(row) == registration_hash(row | {"file": "b.xlsx"})
    False
    """
    return rows_hash([tuple(row.get(name, _FILLED.get(name)) for name in REGISTERED)])


def rows_hash(rows: Iterable[Sequence[Any]]) -> str:
    """Return the hash of rows in whatever order they come.

    >>> rows_hash([(1, "a"), (2, None)]) == rows_hash([(2, None), (1, "a")])
    True
    """
    written = sorted(json.dumps(list(row), ensure_ascii=False) for row in rows)
    return hashlib.sha256("\n".join(written).encode()).hexdigest()


def kept_hashes(connection: sa.Connection, row: Mapping[str, Any]) -> dict[str, str]:
    """Return what the log says of a submission that has just been written."""
    asked = CONFIRMATIONS.c.decision == "asked"
    return {
        "registered": registration_hash(row),
        "cells": _hash_of(connection, CELLS, CELL_PARTS, row["id"]),
        "findings": _hash_of(connection, FINDINGS_TABLE, FINDING_PARTS, row["id"]),
        "asked": _hash_of(connection, CONFIRMATIONS, ASKED_PARTS, row["id"], asked),
    }


def _hash_of(
    connection: sa.Connection,
    table: sa.Table,
    names: Sequence[str],
    number: int,
    *conditions: sa.ColumnElement[bool],
) -> str:
    query = sa.select(*(table.c[name] for name in names))
    return rows_hash(connection.execute(query.where(table.c.submission == number, *conditions)))
