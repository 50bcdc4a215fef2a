-- name: add_visits
-- What lists tell of visits.
INSERT INTO visit (
    organisation, session, committed, source_addr, org_name, visited_site, protocol, port, number_of_pages,
    experience_score, has_har, terms
)
SELECT organisation, session, committed, source_addr, org_name, visited_site, protocol, port, number_of_pages,
    experience_score, has_har, terms
FROM batch(
    organisation INTEGER, session INTEGER, committed INTEGER, source_addr TEXT, org_name TEXT, visited_site TEXT,
    protocol TEXT, port INTEGER, number_of_pages INTEGER, experience_score REAL, has_har INTEGER, terms TEXT
);

-- name: add_reports
-- What was measured.
INSERT INTO visit_report (organisation, session, coordinates, document)
SELECT organisation, session, coordinates, document
FROM batch(organisation INTEGER, session INTEGER, coordinates TEXT, document TEXT);

-- name: add_hars
-- The requests of the pages.
INSERT INTO har (organisation, session, document)
SELECT organisation, session, document
FROM batch(organisation INTEGER, session INTEGER, document TEXT);

-- name: reports
-- What was measured in the visits of a page.
SELECT r.organisation, r.session, r.coordinates, r.document
FROM visit_report AS r JOIN batch(organisation INTEGER, session INTEGER)
    ON r.organisation = batch.organisation AND r.session = batch.session;

-- name: har
-- The requests of a visit's pages.
SELECT document FROM har WHERE organisation = :organisation AND session = :session;

-- name: newest_visit
-- The date of the newest visit.
SELECT started_at FROM session
WHERE organisation = :organisation AND kind = 'visit'
ORDER BY started_at DESC, id DESC
LIMIT 1;
