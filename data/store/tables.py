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
# `route` are the review levels it passes, `waits_for` the one whose turn it is; `due` is the form's
# day without extensions, `ready_at` when no question was left open; `why` says why it corrects
# approved figures. `reviewer` and `reason` are those of the last decision (`steps` has all).
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
    sa.Column("route", sa.String, nullable=False, server_default=""),
    sa.Column("waits_for", sa.String),
    sa.Column("due", sa.String),
    sa.Column("ready_at", sa.String),
    sa.Column("why", sa.String),
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

# What a return says, from its arrival on; it joins the facts when it is accepted. `written` is what
# stood in the cell where that was not just the number, `filer` who confirms what another typed.
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
    sa.Column("written", sa.String),
    sa.Column("filer", sa.String),
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

# Each decision of a review level: accept or return. A route without levels has the level "".
STEPS_TABLE = sa.Table(
    "steps",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("submission", sa.Integer, nullable=False, index=True),
    sa.Column("level", sa.String, nullable=False),
    sa.Column("decision", sa.String, nullable=False),
    sa.Column("decided_by", sa.String, nullable=False),
    sa.Column("decided_at", sa.String, nullable=False),
    sa.Column("reason", sa.String),
)

# Whose rows another unit typed: asked when they were filed, then confirmed or refused. `content`
# is the hash of the rows: what a unit has confirmed once it need not confirm again.
CONFIRMATIONS = sa.Table(
    "confirmations",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("submission", sa.Integer, nullable=False, index=True),
    sa.Column("unit", sa.String, nullable=False),
    sa.Column("content", sa.String, nullable=False),
    sa.Column("decision", sa.String, nullable=False),
    sa.Column("decided_by", sa.String, nullable=False),
    sa.Column("decided_at", sa.String, nullable=False),
    sa.Column("reason", sa.String),
)

EXTENSIONS = sa.Table(
    "extensions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("form", sa.String, nullable=False),
    sa.Column("unit", sa.String, nullable=False),
    sa.Column("period", sa.Integer, nullable=False),
    sa.Column("until", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("given_by", sa.String, nullable=False),
    sa.Column("given_at", sa.String, nullable=False),
)

# What was said to an integrity question: answered by the unit, closed (with an `outcome`) by a
# reviewer above it. `evidence` is the last month that spoke for the question when it was said.
QUESTION_ACTS = sa.Table(
    "question_acts",
    METADATA,
    sa.Column("id", ROW_NUMBER, primary_key=True),
    *(sa.Column(name, sa.String, nullable=False) for name in ("question", "unit", "measure")),
    sa.Column("evidence", sa.Integer, nullable=False),
    *(sa.Column(name, sa.String, nullable=False) for name in ("act", "outcome", "words")),
    *(sa.Column(name, sa.String, nullable=False) for name in ("said_by", "said_at")),
)

# Months (or of a month one form, one unit; "" is all of them) that were locked or opened again; of
# the entries that concern a return the last one holds.
LOCKS = sa.Table(
    "locks",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("period", sa.Integer, nullable=False),
    sa.Column("locked_by", sa.String, nullable=False),
    sa.Column("locked_at", sa.String, nullable=False),
    sa.Column("act", sa.String, nullable=False, server_default="lock"),
    sa.Column("form", sa.String, nullable=False, server_default=""),
    sa.Column("unit", sa.String, nullable=False, server_default=""),
    sa.Column("reason", sa.String),
)


def is_whole_lock() -> sa.ColumnElement[bool]:
    """Return whether an entry of the locks makes a whole month final."""
    return sa.and_(LOCKS.c.act == "lock", LOCKS.c.form == "", LOCKS.c.unit == "")


# What was published when: hashes of all figures and facts as known at a moment. `parts` is JSON,
# indicator → hash of its figures; `revised` JSON, what changed since the previous edition of the
# basis. `structure` names the units' structure of that moment; where it is empty none was kept.
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
    sa.Column("basis", sa.String, nullable=False),
    sa.Column("salt", sa.String, nullable=False),
    sa.Column("structure", sa.String, nullable=False),
    sa.Column("definitions_but_units", sa.String, nullable=False),
)

# Each structure of the units that an edition was made on, once (`data.structure`).
STRUCTURES = sa.Table(
    "structures",
    METADATA,
    sa.Column("id", ROW_NUMBER, primary_key=True),
    sa.Column("digest", sa.String, nullable=False, unique=True),
    sa.Column("content", sa.String, nullable=False),
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
