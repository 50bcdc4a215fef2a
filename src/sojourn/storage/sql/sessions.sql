-- name: add_sessions
-- Sessions as they are handed in; nothing where the number is taken.
INSERT INTO session (
    organisation, id, kind, person, device, module, started_at, ended_at, closing, updated_at,
    first_at, last_at, seen_at, last_seq, activity_count, remark_count, span
)
SELECT
    organisation, id, kind, person, device, module, started_at, ended_at, closing, updated_at,
    first_at, last_at, seen_at, activities, activities, remarks, span
FROM batch(
    organisation INTEGER, id INTEGER, kind TEXT, person INTEGER, device INTEGER, module TEXT, started_at INTEGER,
    ended_at INTEGER, closing TEXT, updated_at INTEGER, first_at INTEGER, last_at INTEGER, seen_at INTEGER,
    activities INTEGER, remarks INTEGER, span INTEGER
)
WHERE true
ON CONFLICT DO NOTHING
RETURNING organisation, id;

-- name: add_activities
-- What was done.
INSERT INTO activity (organisation, session, at, seq, entity_type, entity_id, name, note)
SELECT organisation, session, at, seq, entity_type, entity_id, name, note
FROM batch(
    organisation INTEGER, session INTEGER, at INTEGER, seq INTEGER,
    entity_type TEXT, entity_id TEXT, name TEXT, note TEXT
);

-- name: add_remarks
-- Why.
INSERT INTO remark (organisation, session, seq, at, reason, comment)
SELECT organisation, session, seq, at, reason, comment
FROM batch(organisation INTEGER, session INTEGER, seq INTEGER, at INTEGER, reason TEXT, comment TEXT);

-- name: add_terms
-- What sessions can be found by; those entries that there were not yet.
INSERT INTO term (organisation, term, started_at, session)
SELECT organisation, term, started_at, session
FROM batch(organisation INTEGER, term TEXT, started_at INTEGER, session INTEGER)
WHERE true
ON CONFLICT DO NOTHING
RETURNING organisation, term, started_at, session;

-- name: add_terms_of_new
-- What sessions can be found by that nobody has seen yet. Not to look for what may be there already halves the cost.
INSERT INTO term (organisation, term, started_at, session)
SELECT organisation, term, started_at, session
FROM batch(organisation INTEGER, term TEXT, started_at INTEGER, session INTEGER);

-- name: touch
-- Lock and check in one: activities may be recorded where the session runs (or ended just at `late_until`), is the
-- person's, and began before them. Numbers them up to `last_seq`.
UPDATE session SET
    updated_at = batch.now,
    last_seq = session.last_seq + batch.n,
    activity_count = session.activity_count + batch.n,
    first_at = CASE WHEN session.first_at < batch.first_at OR batch.n = 0
        THEN session.first_at ELSE batch.first_at END,
    last_at = CASE WHEN session.last_at > batch.last_at OR batch.n = 0
        THEN session.last_at ELSE batch.last_at END,
    seen_at = CASE WHEN session.seen_at > batch.last_at THEN session.seen_at ELSE batch.last_at END
FROM batch(
    organisation INTEGER, id INTEGER, person INTEGER, n INTEGER, first_at INTEGER, last_at INTEGER,
    late_until INTEGER, now INTEGER
)
WHERE session.organisation = batch.organisation AND session.id = batch.id
    AND (batch.person = 0 OR session.person = batch.person)
    AND (session.ended_at IS NULL OR session.ended_at = batch.late_until)
    AND session.started_at <= batch.first_at
RETURNING session.organisation, session.id, session.last_seq, session.started_at;

-- name: reopen
-- A session that was closed for idleness turns out to have been alive.
UPDATE session SET ended_at = NULL, closing = NULL, span = NULL
WHERE organisation = :organisation AND id = :id AND closing = 'idle';

-- name: hold
-- Lock a session until the transaction ends, and tell how it stands, as far as the person may know.
UPDATE session SET last_seq = last_seq
WHERE organisation = :organisation AND id = :id AND (:person = 0 OR person = :person)
RETURNING started_at, ended_at, closing, last_at;

-- name: taken
-- Which numbers are taken.
SELECT session.organisation, session.id
FROM session JOIN batch(organisation INTEGER, id INTEGER)
    ON session.organisation = batch.organisation AND session.id = batch.id;

-- name: annotate
-- Lock a session for new remarks.
UPDATE session SET updated_at = :now, remark_count = remark_count + :n
WHERE organisation = :organisation AND id = :id
RETURNING started_at;

-- name: remarks_of
-- Why, oldest first.
SELECT organisation, session, reason, comment, at FROM remark
WHERE organisation = :organisation AND session = :session
ORDER BY at, seq;

-- name: finish
-- A session that is held ends.
UPDATE session SET ended_at = :at, closing = 'ended', span = :span
WHERE organisation = :organisation AND id = :id;

-- name: idle_sessions
-- Sessions of one organisation that nobody has written to since then.
SELECT id, started_at, seen_at FROM session
WHERE organisation = :organisation AND ended_at IS NULL AND updated_at < :before AND kind = 'work'
ORDER BY updated_at, id
LIMIT :limit;

-- name: close_idle
-- Lock and check in one: a session ends with its last sign of life, if it is still idle.
UPDATE session SET ended_at = batch.at, closing = 'idle', span = batch.span, updated_at = batch.now
FROM batch(organisation INTEGER, id INTEGER, at INTEGER, span INTEGER, before INTEGER, now INTEGER)
WHERE session.organisation = batch.organisation AND session.id = batch.id
    AND session.ended_at IS NULL AND session.updated_at < batch.before AND session.seen_at = batch.at
RETURNING session.id;

-- name: idle_limits
-- How long sessions may be idle, in seconds, where that is limited.
SELECT id, idle_limit FROM organisation WHERE idle_limit > 0;

-- name: activities_of_many
-- What was done in the sessions of a page, as far as a list shows it.
SELECT activity.organisation, activity.session, activity.seq, activity.at,
    activity.entity_type, activity.entity_id, activity.name, activity.note
FROM activity JOIN batch(organisation INTEGER, session INTEGER)
    ON activity.organisation = batch.organisation AND activity.session = batch.session;

-- name: remarks_of_many
-- Why, for the sessions of a page.
SELECT remark.organisation, remark.session, remark.seq, remark.reason, remark.comment, remark.at
FROM remark JOIN batch(organisation INTEGER, session INTEGER)
    ON remark.organisation = batch.organisation AND remark.session = batch.session;

-- name: activities_of
-- What was done in one session after a place, in order of time.
SELECT seq, at, entity_type, entity_id, name, note FROM activity
WHERE organisation = :organisation AND session = :session AND (at, seq) > (:at, :seq)
ORDER BY at, seq
LIMIT :limit;

-- name: activities_back
-- The same from the end, before a place.
SELECT seq, at, entity_type, entity_id, name, note FROM activity
WHERE organisation = :organisation AND session = :session AND (at, seq) < (:at, :seq)
ORDER BY at DESC, seq DESC
LIMIT :limit;
