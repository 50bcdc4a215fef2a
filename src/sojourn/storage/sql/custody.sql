-- name: retention
-- How long an organisation keeps what.
SELECT sort, seconds FROM retention WHERE organisation = :organisation;

-- name: keep_for_ever
-- An organisation deletes nothing by age.
DELETE FROM retention WHERE organisation = :organisation;

-- name: keep_for
-- A sort of session is kept for so many seconds.
INSERT INTO retention (organisation, sort, seconds) VALUES (:organisation, :sort, :seconds);

-- name: ended_of_class
-- Sessions of one class of length that ended before then, but logins, after a place in the order of their starts.
SELECT id, started_at, activity_count + remark_count FROM session
WHERE organisation = :organisation AND kind = :kind AND span = :span AND ended_at IS NOT NULL
    AND started_at <= :latest AND (started_at, id) > (:at, :id) AND ended_at < :before
    AND (module IS NULL OR module <> :logins)
ORDER BY started_at, id
LIMIT :limit;

-- name: ended_logins
-- The same of logins, which are a module.
SELECT id, started_at, activity_count + remark_count FROM session
WHERE organisation = :organisation AND kind = :kind AND module = :logins AND ended_at IS NOT NULL
    AND started_at <= :latest AND (started_at, id) > (:at, :id) AND ended_at < :before
ORDER BY started_at, id
LIMIT :limit;

-- name: move_holds
-- Locks what `removal.lock_holds` locks: whoever deletes has ended, or has not begun.
UPDATE counter SET next = next + 1 WHERE organisation = :organisation AND noun = 'hold';

-- name: holds
-- All of an organisation, oldest first.
SELECT noun, number, why, held_by, at FROM legal_hold WHERE organisation = :organisation ORDER BY at, noun, number;

-- name: hold
-- It is on hold from now on; who holds it already goes on to.
INSERT INTO legal_hold (organisation, noun, number, why, held_by, at)
VALUES (:organisation, :noun, :number, :why, :held_by, :at)
ON CONFLICT DO NOTHING
RETURNING number;

-- name: release
-- It is not on hold any more.
DELETE FROM legal_hold WHERE organisation = :organisation AND noun = :noun AND number = :number RETURNING number;

-- name: hold_on
-- One of them.
SELECT noun, number, why, held_by, at FROM legal_hold
WHERE organisation = :organisation AND noun = :noun AND number = :number;

-- name: person_by_id
-- Somebody who is known.
SELECT id, login FROM person WHERE organisation = :organisation AND id = :id;

-- name: ask
-- An erasure is asked for.
INSERT INTO erasure (
    organisation, id, noun, subject, salt, subject_digest, why, asked_by, asked_at, begun_at, ended_at, progress
)
VALUES (
    :organisation, :id, :noun, :subject, :salt, :subject_digest, :why, :asked_by, :asked_at, NULL, NULL, :progress
);

-- name: erasures
-- All of an organisation, newest first.
SELECT organisation, id, noun, subject, salt, subject_digest, why, asked_by, asked_at, begun_at, ended_at, progress
FROM erasure WHERE organisation = :organisation
ORDER BY id DESC;

-- name: erasure
-- One of them.
SELECT organisation, id, noun, subject, salt, subject_digest, why, asked_by, asked_at, begun_at, ended_at, progress
FROM erasure WHERE organisation = :organisation AND id = :id;

-- name: asked_already
-- The one of the same thing that is not done yet.
SELECT organisation, id, noun, subject, salt, subject_digest, why, asked_by, asked_at, begun_at, ended_at, progress
FROM erasure WHERE organisation = :organisation AND ended_at IS NULL AND noun = :noun AND subject = :subject;

-- name: waiting
-- The first that is not done.
SELECT organisation, id, noun, subject, salt, subject_digest, why, asked_by, asked_at, begun_at, ended_at, progress
FROM erasure WHERE ended_at IS NULL
ORDER BY organisation, id
LIMIT 1;

-- name: go_on
-- Lock a job that stands as it was read, and note how far it will be: nobody else did the same piece.
UPDATE erasure SET begun_at = CASE WHEN begun_at IS NULL THEN :now ELSE begun_at END
WHERE organisation = :organisation AND id = :id AND ended_at IS NULL AND progress = :progress
RETURNING id;

-- name: note_progress
-- How far it is.
UPDATE erasure SET progress = :progress WHERE organisation = :organisation AND id = :id;

-- name: forget_subject
-- Nothing of what was erased stays in the receipt.
UPDATE erasure SET subject = NULL WHERE organisation = :organisation AND id = :id;

-- name: end_erasure
-- It is done.
UPDATE erasure SET ended_at = :now WHERE organisation = :organisation AND id = :id;

-- name: sessions_of_person
-- A person's sessions after a place, each with how much it holds.
SELECT id, started_at, activity_count + remark_count FROM session
WHERE organisation = :organisation AND person = :person AND (started_at, id) > (:at, :id)
ORDER BY started_at, id
LIMIT :limit;

-- name: leave_person
-- Memberships that were narrowed to a person end.
DELETE FROM membership WHERE organisation = :organisation AND person = :person RETURNING principal;

-- name: delete_person
-- The name is forgotten.
DELETE FROM person WHERE organisation = :organisation AND id = :id RETURNING id;

-- name: entries
-- The sessions that a term stands in, after a place.
SELECT started_at, session FROM term
WHERE organisation = :organisation AND term = :term AND (started_at, session) > (:at, :session)
ORDER BY started_at, session
LIMIT :limit;

-- name: entries_among
-- Which of some sessions a term stands in.
SELECT term.session
FROM term JOIN batch(organisation INTEGER, term TEXT, started_at INTEGER, session INTEGER)
    ON term.organisation = batch.organisation AND term.term = batch.term
    AND term.started_at = batch.started_at AND term.session = batch.session;

-- name: counts_of
-- What tells whether a session has changed: its last number, and how many activities and remarks it has.
SELECT last_seq, activity_count, remark_count FROM session WHERE organisation = :organisation AND id = :id;

-- name: delete_these
-- Some of what was done in a session.
DELETE FROM activity
WHERE (organisation, session, at, seq) IN (
    SELECT batch.organisation, batch.session, batch.at, batch.seq
    FROM batch(organisation INTEGER, session INTEGER, at INTEGER, seq INTEGER)
)
RETURNING seq;

-- name: recount
-- A session holds so much less, and its first and last activity are others.
UPDATE session SET
    activity_count = activity_count - :n,
    first_at = (SELECT min(at) FROM activity WHERE organisation = :organisation AND session = :id),
    last_at = (SELECT max(at) FROM activity WHERE organisation = :organisation AND session = :id)
WHERE organisation = :organisation AND id = :id;

-- name: answers_of
-- What was told of a session, after a key.
SELECT principal, key, answer FROM idempotency
WHERE organisation = :organisation AND session = :session AND (principal, key) > (:principal, :key)
ORDER BY principal, key
LIMIT :limit;

-- name: ended_erasures
-- Those that are done, of all organisations.
SELECT organisation, id FROM erasure WHERE ended_at IS NOT NULL ORDER BY organisation, id;
