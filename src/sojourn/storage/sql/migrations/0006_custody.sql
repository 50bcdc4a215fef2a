-- How long sessions are kept, what must be kept, and what is to be erased.

-- How long ended sessions of a sort are kept, in seconds from their end. What has no row is kept for ever.
CREATE TABLE retention (
    organisation INTEGER NOT NULL,
    sort TEXT NOT NULL,
    seconds INTEGER NOT NULL,
    PRIMARY KEY (organisation, sort)
) STRICT, WITHOUT ROWID;

-- Legal holds: a session, or everything of a person, that nothing deletes. held_by and why are told by whoever asked.
CREATE TABLE legal_hold (
    organisation INTEGER NOT NULL,
    noun TEXT NOT NULL,
    number INTEGER NOT NULL,
    why TEXT NOT NULL,
    held_by TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (organisation, noun, number)
) STRICT, WITHOUT ROWID;

-- Sessions that are gone for every reader, of which activities, remarks, terms and keys are still to be deleted.
-- erasure > 0: the job that counts them.
CREATE TABLE remains (
    organisation INTEGER NOT NULL,
    session INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    erasure INTEGER NOT NULL,
    PRIMARY KEY (organisation, session)
) STRICT, WITHOUT ROWID;

-- Erasures of a person or an entity. subject is JSON, and absent when it is done; progress is JSON: what was deleted.
CREATE TABLE erasure (
    organisation INTEGER NOT NULL,
    id INTEGER NOT NULL,
    noun TEXT NOT NULL,
    subject TEXT,
    salt TEXT NOT NULL,
    subject_digest TEXT NOT NULL,
    why TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    begun_at INTEGER,
    ended_at INTEGER,
    progress TEXT NOT NULL,
    PRIMARY KEY (organisation, id)
) STRICT, WITHOUT ROWID;
-- serves: which are not done yet
CREATE INDEX erasure_waiting ON erasure (organisation, id) WHERE ended_at IS NULL;

-- 'hold' is locked by whoever deletes and by whoever holds, so that neither overtakes the other.
INSERT INTO counter (organisation, noun, next) SELECT id, 'hold', 1 FROM organisation;
INSERT INTO counter (organisation, noun, next) SELECT id, 'erasure', 1 FROM organisation;
