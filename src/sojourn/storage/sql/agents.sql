-- name: register_agents
-- Agents describe themselves.
INSERT INTO agent (organisation, device, created_at, last_seen, platform, source, document)
SELECT organisation, device, now, now, platform, source, document
FROM batch(organisation INTEGER, device INTEGER, now INTEGER, platform TEXT, source TEXT, document TEXT)
WHERE true
ON CONFLICT (organisation, device) DO UPDATE SET
    last_seen = CASE WHEN agent.last_seen > excluded.last_seen THEN agent.last_seen ELSE excluded.last_seen END,
    platform = excluded.platform, source = excluded.source, document = excluded.document
RETURNING organisation, device, created_at, last_seen;

-- name: see_agents
-- Agents deliver, perhaps without having told anything of themselves.
INSERT INTO agent (organisation, device, created_at, last_seen, platform, source, document)
SELECT organisation, device, now, now, platform, source, document
FROM batch(organisation INTEGER, device INTEGER, now INTEGER, platform TEXT, source TEXT, document TEXT)
WHERE true
ON CONFLICT (organisation, device) DO UPDATE SET
    last_seen = CASE WHEN agent.last_seen > excluded.last_seen THEN agent.last_seen ELSE excluded.last_seen END,
    source = excluded.source
RETURNING organisation, device, platform;

-- name: known_agents
-- Which of them were seen before.
SELECT agent.organisation, agent.device
FROM agent JOIN batch(organisation INTEGER, device INTEGER)
    ON agent.organisation = batch.organisation AND agent.device = batch.device;

-- name: agents
-- A page, in the order of first sight.
SELECT a.organisation, a.device, a.created_at, a.last_seen, a.source, a.document
FROM agent AS a
WHERE a.organisation = :organisation AND a.device > :after
ORDER BY a.device
LIMIT :limit;

-- name: agent
-- One, by its id.
SELECT a.organisation, a.device, a.created_at, a.last_seen, a.source, a.document
FROM device AS d JOIN agent AS a ON a.organisation = d.organisation AND a.device = d.id
WHERE d.organisation = :organisation AND d.guid = :guid;

-- name: delete_agent
-- Forget one, by its id.
DELETE FROM agent
WHERE organisation = :organisation
    AND device = (SELECT id FROM device WHERE organisation = :organisation AND guid = :guid)
RETURNING device;
