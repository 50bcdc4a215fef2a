-- name: count_term
-- How many sessions a term stands in, as far as it matters.
SELECT count(*) FROM (
    SELECT 1 FROM term WHERE organisation = :organisation AND term = :term LIMIT :limit
) AS few;

-- name: count_running
-- How many sessions run, as far as it matters. Without the bound SQLite may take the index of all that began.
SELECT count(*) FROM (
    SELECT 1 FROM session WHERE organisation = :organisation AND kind = :kind AND ended_at IS NULL
    ORDER BY started_at, id LIMIT :limit
) AS few;

-- name: spans
-- The shortest and the longest class of length.
SELECT
    (SELECT span FROM session
        WHERE organisation = :organisation AND kind = :kind AND ended_at IS NOT NULL ORDER BY span LIMIT 1),
    (SELECT span FROM session
        WHERE organisation = :organisation AND kind = :kind AND ended_at IS NOT NULL ORDER BY span DESC LIMIT 1);

-- name: session
-- One session, as far as the person may know; the columns of search.COLUMNS.
SELECT s.organisation, s.id, s.kind, s.person, p.login, d.guid, d.name, s.module, s.started_at, s.ended_at,
    s.closing, s.updated_at, s.first_at, s.last_at, s.seen_at, s.activity_count, s.remark_count
FROM session AS s
LEFT JOIN person AS p ON p.organisation = s.organisation AND p.id = s.person
LEFT JOIN device AS d ON d.organisation = s.organisation AND d.id = s.device
WHERE s.organisation = :organisation AND s.id = :id AND (:person = 0 OR s.person = :person);

-- name: edges_inside
-- The first and the last activity of sessions inside a window.
SELECT activity.session, min(activity.at), max(activity.at)
FROM activity JOIN batch(organisation INTEGER, session INTEGER, first INTEGER, last INTEGER)
    ON activity.organisation = batch.organisation AND activity.session = batch.session
    AND activity.at >= batch.first AND activity.at <= batch.last
GROUP BY activity.organisation, activity.session;

-- name: moments_inside
-- When something was done in sessions inside a window.
SELECT activity.session, activity.at
FROM activity JOIN batch(organisation INTEGER, session INTEGER, first INTEGER, last INTEGER)
    ON activity.organisation = batch.organisation AND activity.session = batch.session
    AND activity.at >= batch.first AND activity.at <= batch.last;

-- name: logins
-- The login names of people.
SELECT person.id, person.login
FROM person JOIN batch(organisation INTEGER, id INTEGER)
    ON person.organisation = batch.organisation AND person.id = batch.id;
