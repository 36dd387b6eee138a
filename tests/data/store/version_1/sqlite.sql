CREATE TABLE answers (
    id INTEGER NOT NULL,
    submission INTEGER NOT NULL,
    sheet VARCHAR,
    cell VARCHAR NOT NULL,
    answer VARCHAR NOT NULL,
    answered_by VARCHAR NOT NULL,
    answered_at VARCHAR NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE audit (
    id INTEGER NOT NULL,
    at VARCHAR NOT NULL,
    actor VARCHAR NOT NULL,
    role VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    previous VARCHAR NOT NULL,
    hash VARCHAR NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE cells (
    id INTEGER NOT NULL,
    submission INTEGER NOT NULL,
    measure VARCHAR NOT NULL,
    definition INTEGER NOT NULL,
    unit VARCHAR NOT NULL,
    period INTEGER NOT NULL,
    value FLOAT,
    sheet VARCHAR,
    cell VARCHAR,
    PRIMARY KEY (id)
);
CREATE TABLE codes (
    id INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    code VARCHAR NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (kind, code)
);
CREATE TABLE facts (
    id INTEGER NOT NULL,
    measure INTEGER NOT NULL,
    definition INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    period INTEGER NOT NULL,
    value FLOAT,
    submission INTEGER NOT NULL,
    sheet INTEGER,
    cell VARCHAR,
    PRIMARY KEY (id)
);
CREATE TABLE findings (
    id INTEGER NOT NULL,
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
    answer VARCHAR,
    PRIMARY KEY (id)
);
CREATE TABLE locks (
    id INTEGER NOT NULL,
    period INTEGER NOT NULL,
    locked_by VARCHAR NOT NULL,
    locked_at VARCHAR NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE meta (
    "key" VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    PRIMARY KEY ("key")
);
CREATE TABLE submissions (
    id INTEGER NOT NULL,
    receipt VARCHAR NOT NULL,
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
    definitions VARCHAR NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (receipt)
);
CREATE TRIGGER facts_no_update BEFORE UPDATE ON facts BEGIN SELECT RAISE(ABORT, 'facts only grows: file a correction instead'); END;
CREATE TRIGGER facts_no_delete BEFORE DELETE ON facts BEGIN SELECT RAISE(ABORT, 'facts only grows: file a correction instead'); END;
CREATE INDEX ix_cells_submission ON cells (submission);
CREATE TRIGGER cells_no_update BEFORE UPDATE ON cells BEGIN SELECT RAISE(ABORT, 'cells only grows: file a correction instead'); END;
CREATE TRIGGER cells_no_delete BEFORE DELETE ON cells BEGIN SELECT RAISE(ABORT, 'cells only grows: file a correction instead'); END;
CREATE INDEX ix_findings_submission ON findings (submission);
CREATE INDEX ix_answers_submission ON answers (submission);
CREATE TRIGGER answers_no_update BEFORE UPDATE ON answers BEGIN SELECT RAISE(ABORT, 'answers only grows: file a correction instead'); END;
CREATE TRIGGER answers_no_delete BEFORE DELETE ON answers BEGIN SELECT RAISE(ABORT, 'answers only grows: file a correction instead'); END;
CREATE TRIGGER locks_no_update BEFORE UPDATE ON locks BEGIN SELECT RAISE(ABORT, 'locks only grows: file a correction instead'); END;
CREATE TRIGGER locks_no_delete BEFORE DELETE ON locks BEGIN SELECT RAISE(ABORT, 'locks only grows: file a correction instead'); END;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit only grows: file a correction instead'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit only grows: file a correction instead'); END;
