-- name: hold_lease
-- Take or keep a duty: no row while it is another's.
INSERT INTO lease (duty, holder, until) VALUES (:duty, :holder, :until)
ON CONFLICT (duty) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE lease.holder = excluded.holder OR lease.until <= :now
RETURNING holder;

-- name: release_lease
-- Let go of a duty, so that nobody need wait for its end.
DELETE FROM lease WHERE duty = :duty AND holder = :holder;

-- name: latest
-- The latest start of a session: one step in an index for each organisation and kind.
SELECT max(started_at) FROM session WHERE organisation = :organisation AND kind = :kind;

-- name: any_session
-- A session, if there is one.
SELECT id FROM session LIMIT 1;

-- name: count_stray_activities
-- What was done in no session.
SELECT count(*) FROM activity AS a
WHERE NOT EXISTS (SELECT 1 FROM session AS s WHERE s.organisation = a.organisation AND s.id = a.session)
    AND NOT EXISTS (
        SELECT 1 FROM remains AS left_over
        WHERE left_over.organisation = a.organisation AND left_over.session = a.session
    );

-- name: mend_stray_activities
DELETE FROM activity
WHERE NOT EXISTS (
    SELECT 1 FROM session AS s WHERE s.organisation = activity.organisation AND s.id = activity.session
)
    AND NOT EXISTS (
        SELECT 1 FROM remains AS left_over
        WHERE left_over.organisation = activity.organisation AND left_over.session = activity.session
    );

-- name: count_stray_remarks
-- Why, of no session.
SELECT count(*) FROM remark AS r
WHERE NOT EXISTS (SELECT 1 FROM session AS s WHERE s.organisation = r.organisation AND s.id = r.session)
    AND NOT EXISTS (
        SELECT 1 FROM remains AS left_over
        WHERE left_over.organisation = r.organisation AND left_over.session = r.session
    );

-- name: mend_stray_remarks
DELETE FROM remark
WHERE NOT EXISTS (SELECT 1 FROM session AS s WHERE s.organisation = remark.organisation AND s.id = remark.session)
    AND NOT EXISTS (
        SELECT 1 FROM remains AS left_over
        WHERE left_over.organisation = remark.organisation AND left_over.session = remark.session
    );

-- name: count_stray_visits
-- What was measured on no visit.
SELECT
    (SELECT count(*) FROM visit AS v
        WHERE NOT EXISTS (SELECT 1 FROM session AS s WHERE s.organisation = v.organisation AND s.id = v.session))
    + (SELECT count(*) FROM visit_report AS v
        WHERE NOT EXISTS (SELECT 1 FROM session AS s WHERE s.organisation = v.organisation AND s.id = v.session))
    + (SELECT count(*) FROM har AS v
        WHERE NOT EXISTS (SELECT 1 FROM session AS s WHERE s.organisation = v.organisation AND s.id = v.session));

-- name: mend_stray_visits
DELETE FROM visit
WHERE NOT EXISTS (SELECT 1 FROM session AS s WHERE s.organisation = visit.organisation AND s.id = visit.session);

-- name: mend_stray_visits_reports
DELETE FROM visit_report
WHERE NOT EXISTS (
    SELECT 1 FROM session AS s WHERE s.organisation = visit_report.organisation AND s.id = visit_report.session
);

-- name: mend_stray_visits_hars
DELETE FROM har
WHERE NOT EXISTS (SELECT 1 FROM session AS s WHERE s.organisation = har.organisation AND s.id = har.session);

-- name: count_stray_terms
-- What finds no session, or not at its start.
SELECT count(*) FROM term AS t
WHERE NOT EXISTS (
    SELECT 1 FROM session AS s
    WHERE s.organisation = t.organisation AND s.id = t.session AND s.started_at = t.started_at
)
    AND NOT EXISTS (
        SELECT 1 FROM remains AS left_over
        WHERE left_over.organisation = t.organisation AND left_over.session = t.session
    );

-- name: mend_stray_terms
DELETE FROM term
WHERE NOT EXISTS (
    SELECT 1 FROM session AS s
    WHERE s.organisation = term.organisation AND s.id = term.session AND s.started_at = term.started_at
)
    AND NOT EXISTS (
        SELECT 1 FROM remains AS left_over
        WHERE left_over.organisation = term.organisation AND left_over.session = term.session
    );

-- name: count_stray_keys
-- What was told of no session. The keys of a day are few beside the sessions: they go where those are.
SELECT count(*) FROM idempotency WHERE (organisation, principal, key) NOT IN (
    SELECT i.organisation, i.principal, i.key
    FROM idempotency AS i JOIN session AS s ON s.organisation = i.organisation AND s.id = i.session
    UNION ALL
    SELECT i.organisation, i.principal, i.key
    FROM idempotency AS i JOIN remains AS r ON r.organisation = i.organisation AND r.session = i.session
);

-- name: mend_stray_keys
DELETE FROM idempotency WHERE (organisation, principal, key) NOT IN (
    SELECT i.organisation, i.principal, i.key
    FROM idempotency AS i JOIN session AS s ON s.organisation = i.organisation AND s.id = i.session
    UNION ALL
    SELECT i.organisation, i.principal, i.key
    FROM idempotency AS i JOIN remains AS r ON r.organisation = i.organisation AND r.session = i.session
);

-- name: count_stray_tokens
-- Tokens of nobody.
SELECT count(*) FROM token AS t WHERE NOT EXISTS (SELECT 1 FROM principal AS p WHERE p.id = t.principal);

-- name: mend_stray_tokens
DELETE FROM token WHERE NOT EXISTS (SELECT 1 FROM principal AS p WHERE p.id = token.principal);

-- name: count_stray_memberships
-- Members that are nobody, of no organisation, or in no access group.
SELECT count(*) FROM membership AS m
WHERE NOT EXISTS (SELECT 1 FROM principal AS p WHERE p.id = m.principal)
    OR NOT EXISTS (SELECT 1 FROM organisation AS o WHERE o.id = m.organisation)
    OR NOT EXISTS (SELECT 1 FROM access_group AS g WHERE g.organisation = m.organisation AND g.name = m.access_group);

-- name: mend_stray_memberships
DELETE FROM membership
WHERE NOT EXISTS (SELECT 1 FROM principal AS p WHERE p.id = membership.principal)
    OR NOT EXISTS (SELECT 1 FROM organisation AS o WHERE o.id = membership.organisation)
    OR NOT EXISTS (
        SELECT 1 FROM access_group AS g
        WHERE g.organisation = membership.organisation AND g.name = membership.access_group
    );

-- name: count_lost_people
-- Sessions of a person that is not known.
SELECT count(*) FROM session AS s
WHERE s.person > 0
    AND NOT EXISTS (SELECT 1 FROM person AS p WHERE p.organisation = s.organisation AND p.id = s.person);

-- name: mend_lost_people
INSERT INTO person (organisation, id, login)
SELECT DISTINCT s.organisation, s.person, 'lost ' || s.person FROM session AS s
WHERE s.person > 0
    AND NOT EXISTS (SELECT 1 FROM person AS p WHERE p.organisation = s.organisation AND p.id = s.person);

-- name: count_lost_devices
-- Sessions on a device that is not known.
SELECT count(*) FROM session AS s
WHERE s.device > 0
    AND NOT EXISTS (SELECT 1 FROM device AS d WHERE d.organisation = s.organisation AND d.id = s.device);

-- name: mend_lost_devices
INSERT INTO device (organisation, id, guid)
SELECT DISTINCT s.organisation, s.device, 'lost ' || s.device FROM session AS s
WHERE s.device > 0
    AND NOT EXISTS (SELECT 1 FROM device AS d WHERE d.organisation = s.organisation AND d.id = s.device);

-- name: count_lost_agents
-- Agents that are no device.
SELECT count(*) FROM agent AS a
WHERE NOT EXISTS (SELECT 1 FROM device AS d WHERE d.organisation = a.organisation AND d.id = a.device);

-- name: mend_lost_agents
INSERT INTO device (organisation, id, guid)
SELECT DISTINCT a.organisation, a.device, 'lost ' || a.device FROM agent AS a
WHERE NOT EXISTS (SELECT 1 FROM device AS d WHERE d.organisation = a.organisation AND d.id = a.device);

-- name: count_missing_terms
-- Sessions that something finds not that was done in them. The letters are those of core.terms.
SELECT count(DISTINCT s.id) FROM session AS s
JOIN activity AS a ON a.organisation = s.organisation AND a.session = s.id
WHERE NOT EXISTS (
        SELECT 1 FROM term AS t WHERE t.organisation = s.organisation AND t.term = 'e' || a.entity_id
            AND t.started_at = s.started_at AND t.session = s.id
    ) OR NOT EXISTS (
        SELECT 1 FROM term AS t WHERE t.organisation = s.organisation AND t.term = 't' || a.entity_type
            AND t.started_at = s.started_at AND t.session = s.id
    ) OR NOT EXISTS (
        SELECT 1 FROM term AS t WHERE t.organisation = s.organisation AND t.term = 'n' || a.name
            AND t.started_at = s.started_at AND t.session = s.id
    ) OR NOT EXISTS (
        SELECT 1 FROM term AS t WHERE t.organisation = s.organisation
            AND t.term = 'b' || length(a.entity_type) || ':' || a.entity_type || a.entity_id
            AND t.started_at = s.started_at AND t.session = s.id
    );

-- name: mend_missing_terms
INSERT INTO term (organisation, term, started_at, session)
SELECT DISTINCT s.organisation, letter.a || CASE letter.a
        WHEN 'e' THEN a.entity_id WHEN 't' THEN a.entity_type WHEN 'n' THEN a.name
        ELSE length(a.entity_type) || ':' || a.entity_type || a.entity_id END, s.started_at, s.id
FROM session AS s
JOIN activity AS a ON a.organisation = s.organisation AND a.session = s.id
CROSS JOIN (SELECT 'e' AS a UNION ALL SELECT 't' UNION ALL SELECT 'n' UNION ALL SELECT 'b') AS letter
WHERE true
ON CONFLICT DO NOTHING;

-- name: count_wrong_counts
-- Sessions that tell a wrong number of activities or remarks, or wrong times of the first and the last.
SELECT count(*) FROM session AS s
LEFT JOIN (
    SELECT organisation, session, count(*) AS n, min(at) AS first_at, max(at) AS last_at FROM activity
    GROUP BY organisation, session
) AS a ON a.organisation = s.organisation AND a.session = s.id
LEFT JOIN (
    SELECT organisation, session, count(*) AS n FROM remark GROUP BY organisation, session
) AS r ON r.organisation = s.organisation AND r.session = s.id
WHERE s.activity_count <> coalesce(a.n, 0) OR s.remark_count <> coalesce(r.n, 0)
    OR coalesce(s.first_at, -1) <> coalesce(a.first_at, -1) OR coalesce(s.last_at, -1) <> coalesce(a.last_at, -1);

-- name: mend_wrong_counts
UPDATE session SET
    activity_count = (SELECT count(*) FROM activity AS a
        WHERE a.organisation = session.organisation AND a.session = session.id),
    first_at = (SELECT min(at) FROM activity AS a
        WHERE a.organisation = session.organisation AND a.session = session.id),
    last_at = (SELECT max(at) FROM activity AS a
        WHERE a.organisation = session.organisation AND a.session = session.id),
    remark_count = (SELECT count(*) FROM remark AS r
        WHERE r.organisation = session.organisation AND r.session = session.id);

-- name: count_wrong_tallies
-- Days whose counts are not what the sessions and, of busy terms, the index tell, and months and quarters of an hour that do not add up to the days.
-- 86,400,000,000 microseconds are a day.
SELECT count(*) FROM (
    SELECT organisation, kind, facet, grain, bucket FROM (
        SELECT organisation, kind, facet, grain, bucket, sessions AS n FROM tally
        WHERE grain = 1
        UNION ALL
        SELECT busy.organisation, busy.kind, busy.term, 1, term.started_at / 86400000000, -count(*)
        FROM busy JOIN term ON term.organisation = busy.organisation AND term.term = busy.term
            AND term.started_at < busy.counted_to
        WHERE (busy.kind = 'visit') = (term.session >= 1099511627776)
            AND NOT EXISTS (
                SELECT 1 FROM remains AS r WHERE r.organisation = term.organisation AND r.session = term.session
            )
        GROUP BY busy.organisation, busy.kind, busy.term, term.started_at / 86400000000
        UNION ALL
        SELECT organisation, kind, '', 1, started_at / 86400000000, -count(*) FROM session
        GROUP BY organisation, kind, started_at / 86400000000
        UNION ALL
        SELECT organisation, kind, 'p' || person, 1, started_at / 86400000000, -count(*) FROM session
        WHERE person > 0 GROUP BY organisation, kind, person, started_at / 86400000000
        UNION ALL
        SELECT organisation, kind, 'd' || device, 1, started_at / 86400000000, -count(*) FROM session
        WHERE device > 0 GROUP BY organisation, kind, device, started_at / 86400000000
        UNION ALL
        SELECT organisation, kind, 'm' || module, 1, started_at / 86400000000, -count(*) FROM session
        WHERE module IS NOT NULL GROUP BY organisation, kind, module, started_at / 86400000000
        UNION ALL
        SELECT organisation, kind, facet, 0, bucket, sessions FROM tally WHERE grain = 0
        UNION ALL
        SELECT organisation, kind, facet, 0, bucket / 32, -sum(sessions) FROM tally
        WHERE grain = 1 GROUP BY organisation, kind, facet, bucket / 32
        UNION ALL
        SELECT organisation, kind, facet, 2, bucket / 96, sum(sessions) FROM tally
        WHERE grain = 2 GROUP BY organisation, kind, facet, bucket / 96
        UNION ALL
        SELECT organisation, kind, facet, 2, bucket, -sessions FROM tally WHERE grain = 1 AND fine = 1
    ) AS told
    GROUP BY organisation, kind, facet, grain, bucket
    HAVING sum(n) <> 0
) AS wrong;

-- name: mend_wrong_tallies
DELETE FROM tally;

-- name: mend_wrong_tallies_of_terms
-- They are counted anew, in pieces.
UPDATE busy SET counted_to = 0;

-- name: mend_wrong_tallies_all
INSERT INTO tally (organisation, kind, facet, grain, bucket, sessions, fine)
SELECT organisation, kind, '', 1, started_at / 86400000000, count(*), 0
FROM session GROUP BY organisation, kind, started_at / 86400000000;

-- name: mend_wrong_tallies_of_people
INSERT INTO tally (organisation, kind, facet, grain, bucket, sessions, fine)
SELECT organisation, kind, 'p' || person, 1, started_at / 86400000000, count(*), 0
FROM session WHERE person > 0 GROUP BY organisation, kind, person, started_at / 86400000000;

-- name: mend_wrong_tallies_on_devices
INSERT INTO tally (organisation, kind, facet, grain, bucket, sessions, fine)
SELECT organisation, kind, 'd' || device, 1, started_at / 86400000000, count(*), 0
FROM session WHERE device > 0 GROUP BY organisation, kind, device, started_at / 86400000000;

-- name: mend_wrong_tallies_in_modules
INSERT INTO tally (organisation, kind, facet, grain, bucket, sessions, fine)
SELECT organisation, kind, 'm' || module, 1, started_at / 86400000000, count(*), 0
FROM session WHERE module IS NOT NULL GROUP BY organisation, kind, module, started_at / 86400000000;

-- name: mend_wrong_tallies_of_months
INSERT INTO tally (organisation, kind, facet, grain, bucket, sessions, fine)
SELECT organisation, kind, facet, 0, bucket / 32, sum(sessions), 0
FROM tally WHERE grain = 1
GROUP BY organisation, kind, facet, bucket / 32;

-- name: note_deed
-- It was done.
INSERT INTO deed (name, at) VALUES (:name, :at)
ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE deed.at < excluded.at;

-- name: deed
-- When it was done last.
SELECT at FROM deed WHERE name = :name;
