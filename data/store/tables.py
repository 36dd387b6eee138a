"""Which tables does the record hold?

What holds now, as the code reads and writes it; `migrations` makes it, in SQLite and PostgreSQL.
Facts and audit only ever grow: triggers refuse to change or delete a row. Codes that repeat a
million times are numbers into `codes`; a period is 202410; a moment is UTC text such as
2024-11-11T02:03:04.000005Z, which sorts as it reads.
"""

import sqlalchemy as sa

METADATA = sa.MetaData()
ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")

META = sa.Table(
    "meta",
    METADATA,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)

# Short numbers for the words of facts: kind is measure, unit or sheet.
CODES = sa.Table(
    "codes",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("code", sa.String, nullable=False),
    sa.UniqueConstraint("kind", "code"),
)

# One file that came in: imported history, or a unit's return. `content` is the hash of its facts.
SUBMISSIONS = sa.Table(
    "submissions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("receipt", sa.String, nullable=False, unique=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("form", sa.String, nullable=False),
    sa.Column("form_version", sa.Integer, nullable=False),
    sa.Column("unit", sa.String, nullable=False),
    sa.Column("period", sa.Integer, nullable=False),
    sa.Column("first_period", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("file", sa.String, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("content", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("submitted_by", sa.String, nullable=False),
    sa.Column("submitted_at", sa.String, nullable=False),
    sa.Column("reviewer", sa.String),
    sa.Column("reviewed_at", sa.String),
    sa.Column("reason", sa.String),
    sa.Column("vintage", sa.String),
    sa.Column("replaces", sa.String, nullable=False),
    sa.Column("facts", sa.Integer, nullable=False),
    sa.Column("changed", sa.Integer),
    sa.Column("definitions", sa.String, nullable=False),
    sa.Index("ix_submissions_return", "form", "unit", "period"),
)

# The approved record: a null value is a tombstone, a null cell a zero that a file implied.
FACTS_TABLE = sa.Table(
    "facts",
    METADATA,
    sa.Column("id", ROW_NUMBER, primary_key=True, autoincrement=False),
    sa.Column("measure", sa.Integer, nullable=False),
    sa.Column("definition", sa.Integer, nullable=False),
    sa.Column("unit", sa.Integer, nullable=False),
    sa.Column("period", sa.Integer, nullable=False),
    sa.Column("value", sa.Float),
    sa.Column("submission", sa.Integer, nullable=False),
    sa.Column("sheet", sa.Integer),
    sa.Column("cell", sa.String),
)

# What a return says, from its arrival on; it joins the facts when it is accepted.
CELLS = sa.Table(
    "cells",
    METADATA,
    sa.Column("id", ROW_NUMBER, primary_key=True),
    sa.Column("submission", sa.Integer, nullable=False, index=True),
    sa.Column("measure", sa.String, nullable=False),
    sa.Column("definition", sa.Integer, nullable=False),
    sa.Column("unit", sa.String, nullable=False),
    sa.Column("period", sa.Integer, nullable=False),
    sa.Column("value", sa.Float),
    sa.Column("sheet", sa.String),
    sa.Column("cell", sa.String),
)

FINDINGS_TABLE = sa.Table(
    "findings",
    METADATA,
    sa.Column("id", ROW_NUMBER, primary_key=True),
    sa.Column("submission", sa.Integer, nullable=False, index=True),
    *(
        sa.Column(name, sa.Integer if name == "period" else sa.String)
        for name in (
            "rule",
            "severity",
            "unit",
            "period",
            "measure",
            "sheet",
            "cell",
            "value",
            "message_zh",
            "message_en",
            "fix_zh",
            "fix_en",
            "answer",
        )
    ),
)

ANSWERS = sa.Table(
    "answers",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("submission", sa.Integer, nullable=False, index=True),
    sa.Column("sheet", sa.String),
    sa.Column("cell", sa.String, nullable=False),
    sa.Column("answer", sa.String, nullable=False),
    sa.Column("answered_by", sa.String, nullable=False),
    sa.Column("answered_at", sa.String, nullable=False),
)

LOCKS = sa.Table(
    "locks",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("period", sa.Integer, nullable=False),
    sa.Column("locked_by", sa.String, nullable=False),
    sa.Column("locked_at", sa.String, nullable=False),
)

# What was published when: hashes of all figures and facts as known at a moment. `parts` is JSON,
# indicator → hash of its figures; `revised` JSON, what changed since the previous edition.
EDITIONS = sa.Table(
    "editions",
    METADATA,
    sa.Column("id", ROW_NUMBER, primary_key=True),
    sa.Column("name", sa.String, nullable=False, unique=True),
    sa.Column("period", sa.Integer, nullable=False),
    sa.Column("as_of", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("definitions", sa.String, nullable=False),
    sa.Column("figures", sa.Integer, nullable=False),
    sa.Column("figures_hash", sa.String, nullable=False),
    sa.Column("facts_hash", sa.String, nullable=False),
    sa.Column("last_fact", sa.BigInteger, nullable=False),
    sa.Column("parts", sa.String, nullable=False),
    sa.Column("revised", sa.String, nullable=False),
    sa.Column("previous", sa.String),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("made_by", sa.String, nullable=False),
    sa.Column("made_at", sa.String, nullable=False),
)

AUDIT = sa.Table(
    "audit",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("detail", sa.String, nullable=False),
    sa.Column("previous", sa.String, nullable=False),
    sa.Column("hash", sa.String, nullable=False),
)
