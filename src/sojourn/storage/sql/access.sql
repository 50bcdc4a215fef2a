-- name: epoch
-- Moves with every change of access.
SELECT number FROM epoch WHERE id = 1;

-- name: move_epoch
-- Access has changed.
UPDATE epoch SET number = number + 1 WHERE id = 1;

-- name: lock_epoch
-- Whoever changes access waits from here on: it moves the epoch first.
UPDATE epoch SET number = number WHERE id = 1;

-- name: organisations
-- All of them.
SELECT id, name, device_guid, idle_limit, rate_limit, time_zone, created_at FROM organisation ORDER BY id;

-- name: organisation
-- One of them.
SELECT id, name, device_guid, idle_limit, rate_limit, time_zone, created_at FROM organisation WHERE id = :id;

-- name: organisation_named
-- The number of a name.
SELECT id FROM organisation WHERE name = :name;

-- name: add_organisation
-- A new one.
INSERT INTO organisation (id, name, device_guid, idle_limit, rate_limit, time_zone, created_at)
VALUES (:id, :name, :device_guid, :idle_limit, :rate_limit, :time_zone, :created_at);

-- name: change_organisation
-- Its settings.
UPDATE organisation SET name = :name, idle_limit = :idle_limit, rate_limit = :rate_limit, time_zone = :time_zone
WHERE id = :id
RETURNING id;

-- name: principal
-- Who has that address.
SELECT id, email, created_at FROM principal WHERE email = :email;

-- name: add_principal
-- A new one.
INSERT INTO principal (id, email, created_at) VALUES (:id, :email, :created_at);

-- name: members
-- Who belongs to an organisation.
SELECT m.organisation, m.access_group, m.person, m.is_default, p.id, p.email, p.created_at
FROM membership AS m JOIN principal AS p ON p.id = m.principal
WHERE m.organisation = :organisation;

-- name: memberships
-- Where a principal belongs.
SELECT m.organisation, m.access_group, m.person, m.is_default, p.id, p.email, p.created_at
FROM membership AS m JOIN principal AS p ON p.id = m.principal
WHERE m.principal = :principal
ORDER BY m.organisation;

-- name: join
-- A membership as it is to be; the first one of a principal is its default.
INSERT INTO membership (organisation, principal, access_group, person, is_default)
VALUES (:organisation, :principal, :access_group, :person, :is_default)
ON CONFLICT (organisation, principal)
DO UPDATE SET access_group = excluded.access_group, person = excluded.person;

-- name: leave
-- A membership ends.
DELETE FROM membership WHERE organisation = :organisation AND principal = :principal RETURNING principal;

-- name: make_default
-- The organisation that a principal works in when it names none.
UPDATE membership SET is_default = CASE WHEN organisation = :organisation THEN 1 ELSE 0 END
WHERE principal = :principal;

-- name: administered
-- Whether anybody may let others in: through a group with that level, and not narrowed to a person.
SELECT m.principal
FROM membership AS m
JOIN access_group AS g ON g.organisation = m.organisation AND g.name = m.access_group
WHERE m.organisation = :organisation AND m.person = 0 AND g.resource = :resource AND g.level = :level
LIMIT 1;

-- name: groups
-- What the access groups of an organisation open.
SELECT name, resource, level FROM access_group WHERE organisation = :organisation;

-- name: set_level
-- How far an access group opens a resource.
INSERT INTO access_group (organisation, name, resource, level) VALUES (:organisation, :name, :resource, :level)
ON CONFLICT (organisation, name, resource) DO UPDATE SET level = excluded.level;

-- name: drop_group
-- An access group is gone.
DELETE FROM access_group WHERE organisation = :organisation AND name = :name RETURNING name;

-- name: group_members
-- How many are in it.
SELECT count(*) FROM membership WHERE organisation = :organisation AND access_group = :name;

-- name: add_token
-- Digests only; nothing where one of them, or the key, is taken.
INSERT INTO token (
    id, principal, name, client_key, digest, md5_digest, organisation, parent, created_at, expires_at, means
)
VALUES (
    :id, :principal, :name, :client_key, :digest, :md5_digest, :organisation, :parent, :created_at, :expires_at, :means
)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: tokens
-- The tokens that an organisation made and that were not bought with another.
SELECT t.id, p.id, p.email, p.created_at, t.name, t.client_key, t.organisation, t.parent, t.created_at, t.expires_at,
    t.revoked_at, t.last_used_at, t.means
FROM token AS t JOIN principal AS p ON p.id = t.principal
WHERE t.organisation = :organisation AND t.parent = 0 AND t.means = 'key'
ORDER BY t.id DESC;

-- name: token_by_digest
-- The token that has this secret, or whose secret has this MD5.
SELECT t.id, p.id, p.email, p.created_at, t.name, t.client_key, t.organisation, t.parent, t.created_at, t.expires_at,
    t.revoked_at, t.last_used_at, t.means
FROM token AS t JOIN principal AS p ON p.id = t.principal
WHERE t.digest = :digest OR t.md5_digest = :digest;

-- name: revoke
-- A token ends, and with it all that were bought with it.
UPDATE token SET revoked_at = :now
WHERE (id = :id OR parent = :id) AND revoked_at IS NULL;

-- name: revoke_made_for
-- All tokens end that an organisation made for a principal, and those that were bought with them.
UPDATE token SET revoked_at = :now
WHERE organisation = :organisation AND principal = :principal AND revoked_at IS NULL;

-- name: note_use
-- When a token was last used.
UPDATE token SET last_used_at = batch.at
FROM batch(id INTEGER, at INTEGER)
WHERE token.id = batch.id;

-- name: expired
-- Short-lived tokens and sessions that are over.
SELECT id FROM token WHERE (parent > 0 OR means <> 'key') AND expires_at < :before ORDER BY expires_at LIMIT :limit;

-- name: drop_token
-- A short-lived token is forgotten.
DELETE FROM token WHERE id = :id;
