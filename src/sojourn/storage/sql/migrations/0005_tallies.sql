-- Counts in three grains, of everything that lists are led by, so that totals and deep pages cost the same however many
-- sessions there are. A process of an earlier release must not write any more: it does not keep these counts.
DROP TABLE tally;

-- How many sessions of a kind began in a stretch of time, under a facet: '' all of the kind, 'p17' a person's, 'd5' on a
-- device, 'mTill' in a module, and terms that are busy. grain 0: 32 days, 1: a day, 2: a quarter of an hour; bucket
-- counts them from 1970, UTC. A day that is fine has quarters. What is 0 is not there.
CREATE TABLE tally (
    organisation INTEGER NOT NULL,
    kind TEXT NOT NULL,
    facet TEXT NOT NULL,
    grain INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    sessions INTEGER NOT NULL,
    fine INTEGER NOT NULL,
    PRIMARY KEY (organisation, kind, facet, grain, bucket)
) STRICT, WITHOUT ROWID;

-- Terms that stand in so many sessions that they are tallied: those that began before counted_to.
CREATE TABLE busy (
    organisation INTEGER NOT NULL,
    kind TEXT NOT NULL,
    term TEXT NOT NULL,
    counted_to INTEGER NOT NULL,
    PRIMARY KEY (organisation, kind, term)
) STRICT, WITHOUT ROWID;

-- 86,400,000,000 microseconds are a day.
INSERT INTO tally (organisation, kind, facet, grain, bucket, sessions, fine)
SELECT organisation, kind, '', 1, started_at / 86400000000, count(*), 0
FROM session GROUP BY organisation, kind, started_at / 86400000000;

INSERT INTO tally (organisation, kind, facet, grain, bucket, sessions, fine)
SELECT organisation, kind, 'p' || person, 1, started_at / 86400000000, count(*), 0
FROM session WHERE person > 0 GROUP BY organisation, kind, person, started_at / 86400000000;

INSERT INTO tally (organisation, kind, facet, grain, bucket, sessions, fine)
SELECT organisation, kind, 'd' || device, 1, started_at / 86400000000, count(*), 0
FROM session WHERE device > 0 GROUP BY organisation, kind, device, started_at / 86400000000;

INSERT INTO tally (organisation, kind, facet, grain, bucket, sessions, fine)
SELECT organisation, kind, 'm' || module, 1, started_at / 86400000000, count(*), 0
FROM session WHERE module IS NOT NULL GROUP BY organisation, kind, module, started_at / 86400000000;

INSERT INTO tally (organisation, kind, facet, grain, bucket, sessions, fine)
SELECT organisation, kind, facet, 0, bucket / 32, sum(sessions), 0
FROM tally GROUP BY organisation, kind, facet, bucket / 32;

-- The quarters of days that have as many sessions as storage.tally.FINE.
UPDATE tally SET fine = 1 WHERE grain = 1 AND sessions >= 1000;

INSERT INTO tally (organisation, kind, facet, grain, bucket, sessions, fine)
SELECT s.organisation, s.kind, t.facet, 2, s.started_at / 900000000, count(*), 0
FROM session AS s JOIN tally AS t
    ON t.organisation = s.organisation AND t.kind = s.kind AND t.grain = 1 AND t.bucket = s.started_at / 86400000000
    AND t.fine = 1
    AND (t.facet = '' OR t.facet = 'p' || s.person OR t.facet = 'd' || s.device OR t.facet = 'm' || s.module)
GROUP BY s.organisation, s.kind, t.facet, s.started_at / 900000000;

DROP INDEX session_on_device;
-- serves: lists of one device
CREATE INDEX session_on_device ON session (organisation, device, kind, started_at, id) WHERE device > 0;
