"""Which tables did the first version of the record have?

Frozen: stores in the field were made by these words. What changed since is in `migrations`, what
holds now in `tables`. `{number}` is the key of rows that are numbered by the database.
"""

TABLES = (
    """
    CREATE TABLE meta (
        key VARCHAR NOT NULL PRIMARY KEY,
        value VARCHAR NOT NULL
    )
    """,
    """
    CREATE TABLE codes (
        id {number},
        kind VARCHAR NOT NULL,
        code VARCHAR NOT NULL,
        UNIQUE (kind, code)
    )
    """,
    """
    CREATE TABLE submissions (
        id {number},
        receipt VARCHAR NOT NULL UNIQUE,
        kind VARCHAR NOT NULL,
        form VARCHAR NOT NULL,
        form_version INTEGER NOT NULL,
        unit VARCHAR NOT NULL,
        period INTEGER NOT NULL,
        first_period INTEGER NOT NULL,
        version INTEGER NOT NULL,
        file VARCHAR NOT NULL,
        sha256 VARCHAR NOT NULL,
        size BIGINT NOT NULL,
        content VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        submitted_by VARCHAR NOT NULL,
        submitted_at VARCHAR NOT NULL,
        reviewer VARCHAR,
        reviewed_at VARCHAR,
        reason VARCHAR,
        vintage VARCHAR,
        replaces VARCHAR NOT NULL,
        facts INTEGER NOT NULL,
        changed INTEGER,
        definitions VARCHAR NOT NULL
    )
    """,
    """
    CREATE TABLE facts (
        id INTEGER NOT NULL PRIMARY KEY,
        measure INTEGER NOT NULL,
        definition INTEGER NOT NULL,
        unit INTEGER NOT NULL,
        period INTEGER NOT NULL,
        value DOUBLE PRECISION,
        submission INTEGER NOT NULL,
        sheet INTEGER,
        cell VARCHAR
    )
    """,
    """
    CREATE TABLE cells (
        id {number},
        submission INTEGER NOT NULL,
        measure VARCHAR NOT NULL,
        definition INTEGER NOT NULL,
        unit VARCHAR NOT NULL,
        period INTEGER NOT NULL,
        value DOUBLE PRECISION,
        sheet VARCHAR,
        cell VARCHAR
    )
    """,
    """
    CREATE TABLE findings (
        id {number},
        submission INTEGER NOT NULL,
        rule VARCHAR,
        severity VARCHAR,
        unit VARCHAR,
        period INTEGER,
        measure VARCHAR,
        sheet VARCHAR,
        cell VARCHAR,
        value VARCHAR,
        message_zh VARCHAR,
        message_en VARCHAR,
        fix_zh VARCHAR,
        fix_en VARCHAR,
        answer VARCHAR
    )
    """,
    """
    CREATE TABLE answers (
        id {number},
        submission INTEGER NOT NULL,
        sheet VARCHAR,
        cell VARCHAR NOT NULL,
        answer VARCHAR NOT NULL,
        answered_by VARCHAR NOT NULL,
        answered_at VARCHAR NOT NULL
    )
    """,
    """
    CREATE TABLE locks (
        id {number},
        period INTEGER NOT NULL,
        locked_by VARCHAR NOT NULL,
        locked_at VARCHAR NOT NULL
    )
    """,
    """
    CREATE TABLE audit (
        id INTEGER NOT NULL PRIMARY KEY,
        at VARCHAR NOT NULL,
        actor VARCHAR NOT NULL,
        role VARCHAR NOT NULL,
        action VARCHAR NOT NULL,
        subject VARCHAR NOT NULL,
        detail VARCHAR NOT NULL,
        previous VARCHAR NOT NULL,
        hash VARCHAR NOT NULL
    )
    """,
    "CREATE INDEX ix_cells_submission ON cells (submission)",
    "CREATE INDEX ix_findings_submission ON findings (submission)",
    "CREATE INDEX ix_answers_submission ON answers (submission)",
)
GROWING = ("facts", "audit", "cells", "answers", "locks")
