-- Times are integer microseconds UTC. Every table of an organisation has it as its first column.

-- Numbers that are given out one after the other: organisations, principals and tokens (organisation 0), and each
-- organisation's sessions, visits, people and devices. Dense, because the row is locked until the transaction ends.
CREATE TABLE counter (
    organisation INTEGER NOT NULL,
    noun TEXT NOT NULL,
    next INTEGER NOT NULL,
    PRIMARY KEY (organisation, noun)
) STRICT, WITHOUT ROWID;

-- Moves with every change of access, so that a process knows when to forget what it knew.
CREATE TABLE epoch (
    id INTEGER PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT;
INSERT INTO epoch (id, number) VALUES (1, 1);

CREATE TABLE organisation (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    device_guid TEXT NOT NULL,
    idle_limit INTEGER NOT NULL,
    rate_limit INTEGER NOT NULL,
    time_zone TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE principal (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE access_group (
    organisation INTEGER NOT NULL,
    name TEXT NOT NULL,
    resource TEXT NOT NULL,
    level INTEGER NOT NULL,
    PRIMARY KEY (organisation, name, resource)
) STRICT, WITHOUT ROWID;

-- person > 0: sees the sessions of that person alone.
CREATE TABLE membership (
    organisation INTEGER NOT NULL,
    principal INTEGER NOT NULL,
    access_group TEXT NOT NULL,
    person INTEGER NOT NULL,
    is_default INTEGER NOT NULL,
    PRIMARY KEY (organisation, principal)
) STRICT, WITHOUT ROWID;
-- serves: the organisations of a caller
CREATE INDEX membership_of_principal ON membership (principal, organisation);

-- Only digests of a secret are kept. parent > 0: a short-lived token bought with that one.
CREATE TABLE token (
    id INTEGER PRIMARY KEY,
    principal INTEGER NOT NULL,
    name TEXT NOT NULL,
    client_key TEXT NOT NULL UNIQUE,
    digest TEXT NOT NULL UNIQUE,
    md5_digest TEXT NOT NULL UNIQUE,
    organisation INTEGER NOT NULL,
    parent INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER
) STRICT;
-- serves: the tokens of a principal
CREATE INDEX token_of_principal ON token (principal);
-- serves: sweeping out short-lived tokens that are over
CREATE INDEX token_expiry ON token (expires_at) WHERE parent > 0;

CREATE TABLE person (
    organisation INTEGER NOT NULL,
    id INTEGER NOT NULL,
    login TEXT NOT NULL,
    PRIMARY KEY (organisation, id),
    UNIQUE (organisation, login)
) STRICT, WITHOUT ROWID;

CREATE TABLE device (
    organisation INTEGER NOT NULL,
    id INTEGER NOT NULL,
    guid TEXT NOT NULL,
    name TEXT,
    PRIMARY KEY (organisation, id),
    UNIQUE (organisation, guid)
) STRICT, WITHOUT ROWID;

-- person 0: nobody; device 0: none told. last_seq numbers activities and is never taken back; seen_at is the latest
-- sign of life; span is the power of two that the length falls under, absent while the session runs.
CREATE TABLE session (
    organisation INTEGER NOT NULL,
    id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    person INTEGER NOT NULL,
    device INTEGER NOT NULL,
    module TEXT,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    closing TEXT,
    updated_at INTEGER NOT NULL,
    first_at INTEGER,
    last_at INTEGER,
    seen_at INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    activity_count INTEGER NOT NULL,
    remark_count INTEGER NOT NULL,
    span INTEGER,
    PRIMARY KEY (organisation, id)
) STRICT, WITHOUT ROWID;
-- serves: lists by start, newest or oldest first
CREATE INDEX session_started ON session (organisation, kind, started_at, id);
-- serves: lists of one person
CREATE INDEX session_of_person ON session (organisation, person, started_at, id);
-- serves: lists of one device
CREATE INDEX session_on_device ON session (organisation, device, started_at, id) WHERE device > 0;
-- serves: lists of one module
CREATE INDEX session_in_module ON session (organisation, module, started_at, id) WHERE module IS NOT NULL;
-- serves: what is going on now
CREATE INDEX session_running ON session (organisation, kind, started_at, id) WHERE ended_at IS NULL;
-- serves: the idle closer
CREATE INDEX session_unattended ON session (organisation, updated_at, id) WHERE ended_at IS NULL;
-- serves: what was going on in a window
CREATE INDEX session_span ON session (organisation, kind, span, started_at, id, ended_at) WHERE ended_at IS NOT NULL;

-- In order of time within its session, however late it came.
CREATE TABLE activity (
    organisation INTEGER NOT NULL,
    session INTEGER NOT NULL,
    at INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    name TEXT NOT NULL,
    note TEXT,
    PRIMARY KEY (organisation, session, at, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE remark (
    organisation INTEGER NOT NULL,
    session INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    comment TEXT,
    PRIMARY KEY (organisation, session, seq)
) STRICT, WITHOUT ROWID;

-- What a session can be found by besides its columns: one entry for each session and term, in order of its start.
CREATE TABLE term (
    organisation INTEGER NOT NULL,
    term TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    session INTEGER NOT NULL,
    PRIMARY KEY (organisation, term, started_at, session)
) STRICT, WITHOUT ROWID;

-- How many sessions began on a day (days since 1970, UTC): of all (facet '') and of one person (facet 'p17').
CREATE TABLE tally (
    organisation INTEGER NOT NULL,
    facet TEXT NOT NULL,
    day INTEGER NOT NULL,
    sessions INTEGER NOT NULL,
    PRIMARY KEY (organisation, facet, day)
) STRICT, WITHOUT ROWID;

-- What a request with an idempotency key was told.
CREATE TABLE idempotency (
    organisation INTEGER NOT NULL,
    principal INTEGER NOT NULL,
    key TEXT NOT NULL,
    session INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    answer TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (organisation, principal, key)
) STRICT, WITHOUT ROWID;
-- serves: deleting what was told of a session together with it
CREATE INDEX idempotency_of_session ON idempotency (organisation, session);
-- serves: forgetting keys after their day
CREATE INDEX idempotency_age ON idempotency (at);

INSERT INTO counter (organisation, noun, next) VALUES (0, 'organisation', 1), (0, 'principal', 1), (0, 'token', 1);
