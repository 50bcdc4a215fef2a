-- What touched an entity, found by its type and its id together: one term for both (core.terms.entity_term). Two terms do
-- not tell whether a session touched the two together, and to look at what was done in each costs what all of them cost.
INSERT INTO term (organisation, term, started_at, session)
SELECT DISTINCT a.organisation, 'b' || length(a.entity_type) || ':' || a.entity_type || a.entity_id, s.started_at, s.id
FROM activity AS a JOIN session AS s ON s.organisation = a.organisation AND s.id = a.session;
