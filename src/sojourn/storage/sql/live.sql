-- name: running
-- What runs and was touched since then, the last touched first; the columns of search.COLUMNS.
SELECT s.organisation, s.id, s.kind, s.person, p.login, d.guid, d.name, s.module, s.started_at, s.ended_at,
    s.closing, s.updated_at, s.first_at, s.last_at, s.seen_at, s.activity_count, s.remark_count
FROM session AS s
LEFT JOIN person AS p ON p.organisation = s.organisation AND p.id = s.person
LEFT JOIN device AS d ON d.organisation = s.organisation AND d.id = s.device
WHERE s.organisation = :organisation AND s.ended_at IS NULL AND s.updated_at >= :since
ORDER BY s.updated_at DESC, s.id DESC
LIMIT :limit;

-- name: added
-- What was handed in with its end, the last first.
SELECT id FROM session
WHERE organisation = :organisation AND id > :above AND id < :below AND ended_at IS NOT NULL
ORDER BY id DESC
LIMIT :limit;

-- name: ended
-- Which of some sessions have ended; the columns of search.COLUMNS.
SELECT s.organisation, s.id, s.kind, s.person, p.login, d.guid, d.name, s.module, s.started_at, s.ended_at,
    s.closing, s.updated_at, s.first_at, s.last_at, s.seen_at, s.activity_count, s.remark_count
FROM batch(organisation INTEGER, id INTEGER)
JOIN session AS s ON s.organisation = batch.organisation AND s.id = batch.id
LEFT JOIN person AS p ON p.organisation = s.organisation AND p.id = s.person
LEFT JOIN device AS d ON d.organisation = s.organisation AND d.id = s.device
WHERE s.ended_at IS NOT NULL;

-- name: latest
-- What was done last in some sessions.
SELECT a.session, a.seq, a.at, a.entity_type, a.entity_id, a.name, a.note
FROM activity AS a JOIN batch(organisation INTEGER, session INTEGER, at INTEGER)
    ON a.organisation = batch.organisation AND a.session = batch.session AND a.at = batch.at;

-- name: highest
-- The highest number of a session and of a visit.
SELECT
    (SELECT id FROM session WHERE organisation = :organisation AND id < :below ORDER BY id DESC LIMIT 1),
    (SELECT id FROM session WHERE organisation = :organisation AND id >= :below ORDER BY id DESC LIMIT 1);
