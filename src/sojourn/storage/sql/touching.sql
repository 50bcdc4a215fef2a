-- name: touches
-- What was done in the sessions of a page to one entity, of each session the first `listed`; and of all of it how much
-- and when last. An empty type is any.
SELECT session, seq, at, entity_type, entity_id, name, note, touches, ended
FROM (
    SELECT activity.session, activity.seq, activity.at, activity.entity_type, activity.entity_id, activity.name,
        activity.note, batch.listed,
        row_number() OVER (PARTITION BY activity.organisation, activity.session ORDER BY activity.at, activity.seq)
            AS place,
        count(*) OVER (PARTITION BY activity.organisation, activity.session) AS touches,
        max(activity.at) OVER (PARTITION BY activity.organisation, activity.session) AS ended
    FROM activity JOIN batch(
        organisation INTEGER, session INTEGER, entity_type TEXT, entity_id TEXT, listed INTEGER
    )
        ON activity.organisation = batch.organisation AND activity.session = batch.session
        AND activity.entity_id = batch.entity_id
        AND (batch.entity_type = '' OR activity.entity_type = batch.entity_type)
) AS touched
WHERE place <= listed
ORDER BY session, at, seq;

-- name: rhythm
-- How much was done in each even part of a session, and when first and last.
SELECT (at - :first) / :width AS part, count(*), min(at), max(at) FROM activity
WHERE organisation = :organisation AND session = :session
GROUP BY (at - :first) / :width
ORDER BY (at - :first) / :width;
