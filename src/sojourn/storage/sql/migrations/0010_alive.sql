-- What runs, and what was alive in a window, is found in an index alone, also that of one person or on one device: of
-- each class of length more sessions are looked at than were alive, and a look at a row costs many times what an entry
-- does. SQLite takes an index for enough only if it has each column that is asked about, ended_at too.
DROP INDEX session_span;
-- serves: what was going on in a window
CREATE INDEX session_span ON session (organisation, kind, span, started_at, id, ended_at, person, device)
WHERE ended_at IS NOT NULL;
DROP INDEX session_running;
-- serves: what is going on now
CREATE INDEX session_running ON session (organisation, kind, started_at, id, ended_at, person, device, module)
WHERE ended_at IS NULL;
