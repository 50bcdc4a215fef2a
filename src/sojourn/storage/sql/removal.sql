-- name: lock_sessions
-- Lock sessions until the transaction ends, and tell what is to be known of them.
UPDATE session SET last_seq = session.last_seq
FROM batch(organisation INTEGER, id INTEGER)
WHERE session.organisation = batch.organisation AND session.id = batch.id
RETURNING session.organisation, session.id, session.kind, session.person, session.device, session.module,
    session.started_at, session.ended_at, session.activity_count, session.remark_count,
    session.last_seq;

-- name: lock_holds
-- From now until the transaction ends nobody holds anything, or lets it go.
UPDATE counter SET next = next WHERE organisation = :organisation AND noun = 'hold';

-- name: held
-- Which of these sessions or people are on hold.
SELECT legal_hold.organisation, legal_hold.noun, legal_hold.number
FROM legal_hold JOIN batch(organisation INTEGER, noun TEXT, number INTEGER)
    ON legal_hold.organisation = batch.organisation AND legal_hold.noun = batch.noun
    AND legal_hold.number = batch.number;

-- name: delete_sessions
-- Sessions that are locked are gone.
DELETE FROM session
WHERE (organisation, id) IN (SELECT batch.organisation, batch.id FROM batch(organisation INTEGER, id INTEGER));

-- name: delete_terms
-- Nothing finds them any more.
DELETE FROM term
WHERE (organisation, term, started_at, session) IN (
    SELECT batch.organisation, batch.term, batch.started_at, batch.session
    FROM batch(organisation INTEGER, term TEXT, started_at INTEGER, session INTEGER)
)
RETURNING organisation, term, started_at, session;

-- name: delete_activities
-- What was done in them.
DELETE FROM activity
WHERE (organisation, session) IN (
    SELECT batch.organisation, batch.session FROM batch(organisation INTEGER, session INTEGER)
);

-- name: delete_remarks
-- Why.
DELETE FROM remark
WHERE (organisation, session) IN (
    SELECT batch.organisation, batch.session FROM batch(organisation INTEGER, session INTEGER)
);

-- name: delete_keys
-- What was told of them.
DELETE FROM idempotency
WHERE (organisation, session) IN (
    SELECT batch.organisation, batch.session FROM batch(organisation INTEGER, session INTEGER)
)
RETURNING key;

-- name: terms_of_visits
-- What visits stand under besides their activities.
SELECT visit.organisation, visit.session, visit.terms
FROM visit JOIN batch(organisation INTEGER, session INTEGER)
    ON visit.organisation = batch.organisation AND visit.session = batch.session;

-- name: delete_visits
-- What lists told of them.
DELETE FROM visit
WHERE (organisation, session) IN (
    SELECT batch.organisation, batch.session FROM batch(organisation INTEGER, session INTEGER)
);

-- name: delete_reports
-- What was measured.
DELETE FROM visit_report
WHERE (organisation, session) IN (
    SELECT batch.organisation, batch.session FROM batch(organisation INTEGER, session INTEGER)
);

-- name: delete_hars
-- The requests of their pages.
DELETE FROM har
WHERE (organisation, session) IN (
    SELECT batch.organisation, batch.session FROM batch(organisation INTEGER, session INTEGER)
);

-- name: leave_remains
-- The rest of a session that is gone is deleted later, in pieces.
INSERT INTO remains (organisation, session, started_at, erasure)
SELECT organisation, session, started_at, erasure
FROM batch(organisation INTEGER, session INTEGER, started_at INTEGER, erasure INTEGER);

-- name: any_remains
-- Sessions of which something is left; erasure -1 is any.
SELECT organisation, session, started_at, erasure FROM remains
WHERE :erasure = -1 OR (organisation = :organisation AND erasure = :erasure)
ORDER BY organisation, session
LIMIT 1;

-- name: lock_remains
-- One of them, so that no two clear it at the same time.
UPDATE remains SET started_at = started_at
WHERE organisation = :organisation AND session = :session
RETURNING session;

-- name: first_activities
-- The first of what was done that is left.
SELECT seq, at, entity_type, entity_id, name, note FROM activity
WHERE organisation = :organisation AND session = :session
ORDER BY at, seq
LIMIT :limit;

-- name: delete_activities_up_to
-- They are gone, up to a place.
DELETE FROM activity WHERE organisation = :organisation AND session = :session AND (at, seq) <= (:at, :seq);

-- name: first_remarks
-- The first reasons that are left.
SELECT seq, reason, comment FROM remark
WHERE organisation = :organisation AND session = :session
ORDER BY seq
LIMIT :limit;

-- name: delete_remarks_up_to
-- They are gone, up to a number.
DELETE FROM remark WHERE organisation = :organisation AND session = :session AND seq <= :seq;

-- name: some_keys
-- Some of what was told.
SELECT organisation, principal, key FROM idempotency
WHERE organisation = :organisation AND session = :session
LIMIT :limit;

-- name: delete_some_keys
-- It is forgotten.
DELETE FROM idempotency
WHERE (organisation, principal, key) IN (
    SELECT batch.organisation, batch.principal, batch.key
    FROM batch(organisation INTEGER, principal INTEGER, key TEXT)
);

-- name: forget_remains
-- Nothing of a session is left.
DELETE FROM remains WHERE organisation = :organisation AND session = :session;

-- name: remaining
-- Which numbers are of sessions of which something is left: nobody else can have them yet.
SELECT remains.organisation, remains.session
FROM remains JOIN batch(organisation INTEGER, id INTEGER)
    ON remains.organisation = batch.organisation AND remains.session = batch.id;
