-- name: add_to_tally
-- Sessions began in that stretch of time, or (n < 0) are gone.
INSERT INTO tally (organisation, kind, facet, grain, bucket, sessions, fine)
SELECT organisation, kind, facet, grain, bucket, n, 0
FROM batch(organisation INTEGER, kind TEXT, facet TEXT, grain INTEGER, bucket INTEGER, n INTEGER)
WHERE true
ON CONFLICT (organisation, kind, facet, grain, bucket) DO UPDATE SET sessions = tally.sessions + excluded.sessions
RETURNING organisation, kind, facet, grain, bucket, sessions, fine;

-- name: drop_from_tally
-- Nothing is left there.
DELETE FROM tally WHERE organisation = :organisation AND kind = :kind AND facet = :facet AND grain = :grain
    AND bucket = :bucket AND sessions = 0;

-- name: make_fine
-- From now on this day has quarters.
UPDATE tally SET fine = 1
WHERE organisation = :organisation AND kind = :kind AND facet = :facet AND grain = 1 AND bucket = :bucket;

-- name: quarters_of_all
-- How many sessions began in each quarter of an hour. 900,000,000 microseconds are a quarter.
SELECT started_at / 900000000, count(*) FROM session
WHERE organisation = :organisation AND kind = :kind AND started_at >= :first AND started_at <= :last
GROUP BY started_at / 900000000;

-- name: quarters_of_person
-- The same of one person's; the kind is told by their numbers, which stand in the index.
SELECT started_at / 900000000, count(*) FROM session
WHERE organisation = :organisation AND person = :number AND started_at >= :first AND started_at <= :last
    AND +id >= :lowest AND +id <= :highest
GROUP BY started_at / 900000000;

-- name: quarters_on_device
-- The same of one device's.
SELECT started_at / 900000000, count(*) FROM session
WHERE organisation = :organisation AND device > 0 AND device = :number AND kind = :kind
    AND started_at >= :first AND started_at <= :last
GROUP BY started_at / 900000000;

-- name: quarters_in_module
-- The same of one module's.
SELECT started_at / 900000000, count(*) FROM session
WHERE organisation = :organisation AND module = :module AND started_at >= :first AND started_at <= :last
    AND +id >= :lowest AND +id <= :highest
GROUP BY started_at / 900000000;

-- name: quarters_of_term
-- The same of those that a term stands in. What remains of deleted ones is none.
SELECT started_at / 900000000, count(*) FROM term
WHERE organisation = :organisation AND term = :term AND started_at >= :first AND started_at <= :last
    AND +session >= :lowest AND +session <= :highest
    AND NOT EXISTS (
        SELECT 1 FROM remains WHERE remains.organisation = term.organisation AND remains.session = term.session
    )
GROUP BY started_at / 900000000;

-- name: tallied
-- Sessions by when they began.
SELECT grain, bucket, sessions, fine FROM tally
WHERE organisation = :organisation AND kind = :kind AND facet = :facet AND grain = :grain
    AND bucket >= :first AND bucket <= :last
ORDER BY bucket;

-- name: tallied_coarsely
-- The same by months, and by days before and after them.
SELECT grain, bucket, sessions, fine FROM tally
WHERE organisation = :organisation AND kind = :kind AND facet = :facet AND grain = 0
    AND bucket >= :month_first AND bucket <= :month_last
UNION ALL
SELECT grain, bucket, sessions, fine FROM tally
WHERE organisation = :organisation AND kind = :kind AND facet = :facet AND grain = 1
    AND bucket >= :before_first AND bucket <= :before_last
UNION ALL
SELECT grain, bucket, sessions, fine FROM tally
WHERE organisation = :organisation AND kind = :kind AND facet = :facet AND grain = 1
    AND bucket >= :after_first AND bucket <= :after_last;

-- name: tallied_terms
-- In how many sessions terms stand, of those that are tallied.
SELECT tally.facet, sum(tally.sessions)
FROM tally JOIN batch(organisation INTEGER, kind TEXT, facet TEXT)
    ON tally.organisation = batch.organisation AND tally.kind = batch.kind AND tally.facet = batch.facet
WHERE tally.grain = 0
GROUP BY tally.facet;

-- name: keep_busy
-- From now until the transaction ends nobody counts terms: it changes nothing, but waits for whoever does.
DELETE FROM busy WHERE organisation < 0;

-- name: busy_terms
-- Which terms are tallied, and up to which start.
SELECT busy.organisation, busy.kind, busy.term, busy.counted_to
FROM busy JOIN batch(organisation INTEGER, kind TEXT, term TEXT)
    ON busy.organisation = batch.organisation AND busy.kind = batch.kind AND busy.term = batch.term;

-- name: busy_terms_in
-- Which of the terms that are tallied stand in a session.
SELECT busy.organisation, busy.kind, busy.term, busy.counted_to
FROM busy JOIN term ON term.organisation = busy.organisation AND term.term = busy.term
    AND term.started_at = :started_at AND term.session = :session
WHERE busy.organisation = :organisation AND busy.kind = :kind;

-- name: begin_counting
-- Terms are to be tallied; nothing of them is yet.
INSERT INTO busy (organisation, kind, term, counted_to)
SELECT organisation, kind, term, 0 FROM batch(organisation INTEGER, kind TEXT, term TEXT)
WHERE true
ON CONFLICT DO NOTHING
RETURNING term;

-- name: unfinished
-- A term that is not tallied to its end, and up to where it is.
SELECT organisation, kind, term, counted_to FROM busy WHERE counted_to <= :latest
ORDER BY organisation, kind, term
LIMIT 1;

-- name: entry_beyond
-- The start of the session so many entries of a term further on.
SELECT started_at FROM term
WHERE organisation = :organisation AND term = :term AND started_at >= :first
ORDER BY started_at, session
LIMIT 1 OFFSET :n;

-- name: count_up_to
-- A term is tallied up to there.
UPDATE busy SET counted_to = :counted_to
WHERE organisation = :organisation AND kind = :kind AND term = :term;

-- name: term_after
-- The first term after another one, and a session that it stands in.
SELECT term, session FROM term WHERE organisation = :organisation AND term > :term
ORDER BY term, started_at, session
LIMIT 1;

-- name: term_further_on
-- The term so many entries further on than the first of another one, and the session there.
SELECT term, session FROM term WHERE organisation = :organisation AND term >= :term
ORDER BY term, started_at, session
LIMIT 1 OFFSET :n;
