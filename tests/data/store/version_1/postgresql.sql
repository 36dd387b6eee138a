CREATE TABLE meta (
    key VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    PRIMARY KEY (key)
);
CREATE TABLE codes (
    id SERIAL NOT NULL,
    kind VARCHAR NOT NULL,
    code VARCHAR NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (kind, code)
);
CREATE TABLE submissions (
    id SERIAL NOT NULL,
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
CREATE OR REPLACE FUNCTION facts_no_update() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'facts only grows: file a correction instead'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER facts_no_update BEFORE UPDATE ON facts FOR EACH ROW EXECUTE FUNCTION facts_no_update();
CREATE OR REPLACE FUNCTION facts_no_delete() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'facts only grows: file a correction instead'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER facts_no_delete BEFORE DELETE ON facts FOR EACH ROW EXECUTE FUNCTION facts_no_delete();
CREATE TABLE cells (
    id SERIAL NOT NULL,
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
CREATE INDEX ix_cells_submission ON cells (submission);
CREATE OR REPLACE FUNCTION cells_no_update() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'cells only grows: file a correction instead'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER cells_no_update BEFORE UPDATE ON cells FOR EACH ROW EXECUTE FUNCTION cells_no_update();
CREATE OR REPLACE FUNCTION cells_no_delete() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'cells only grows: file a correction instead'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER cells_no_delete BEFORE DELETE ON cells FOR EACH ROW EXECUTE FUNCTION cells_no_delete();
CREATE TABLE findings (
    id SERIAL NOT NULL,
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
CREATE INDEX ix_findings_submission ON findings (submission);
CREATE TABLE answers (
    id SERIAL NOT NULL,
    submission INTEGER NOT NULL,
    sheet VARCHAR,
    cell VARCHAR NOT NULL,
    answer VARCHAR NOT NULL,
    answered_by VARCHAR NOT NULL,
    answered_at VARCHAR NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_answers_submission ON answers (submission);
CREATE OR REPLACE FUNCTION answers_no_update() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'answers only grows: file a correction instead'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER answers_no_update BEFORE UPDATE ON answers FOR EACH ROW EXECUTE FUNCTION answers_no_update();
CREATE OR REPLACE FUNCTION answers_no_delete() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'answers only grows: file a correction instead'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER answers_no_delete BEFORE DELETE ON answers FOR EACH ROW EXECUTE FUNCTION answers_no_delete();
CREATE TABLE locks (
    id SERIAL NOT NULL,
    period INTEGER NOT NULL,
    locked_by VARCHAR NOT NULL,
    locked_at VARCHAR NOT NULL,
    PRIMARY KEY (id)
);
CREATE OR REPLACE FUNCTION locks_no_update() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'locks only grows: file a correction instead'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER locks_no_update BEFORE UPDATE ON locks FOR EACH ROW EXECUTE FUNCTION locks_no_update();
CREATE OR REPLACE FUNCTION locks_no_delete() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'locks only grows: file a correction instead'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER locks_no_delete BEFORE DELETE ON locks FOR EACH ROW EXECUTE FUNCTION locks_no_delete();
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
CREATE OR REPLACE FUNCTION audit_no_update() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'audit only grows: file a correction instead'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_no_update();
CREATE OR REPLACE FUNCTION audit_no_delete() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'audit only grows: file a correction instead'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_no_delete();
