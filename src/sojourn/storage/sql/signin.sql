-- name: known
-- Who has that address, and the hash of the password, where there is one.
SELECT p.id, p.email, p.created_at, w.hash, w.changed_at
FROM principal AS p LEFT JOIN password AS w ON w.principal = p.id
WHERE p.email = :email;

-- name: belongs
-- Where a principal belongs.
SELECT organisation FROM membership WHERE principal = :principal ORDER BY organisation;

-- name: vouched
-- Which organisations the password of a principal opens.
SELECT organisation FROM vouching WHERE principal = :principal ORDER BY organisation;

-- name: vouch
-- The password of a principal opens an organisation.
INSERT INTO vouching (principal, organisation) VALUES (:principal, :organisation) ON CONFLICT DO NOTHING;

-- name: drop_vouching
-- The password of a principal opens nothing.
DELETE FROM vouching WHERE principal = :principal;

-- name: set_password
-- A password as it is to be.
INSERT INTO password (principal, hash, changed_at) VALUES (:principal, :hash, :now)
ON CONFLICT (principal) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at;

-- name: rehash
-- The same password, kept in a better way; nothing where it was changed meanwhile.
UPDATE password SET hash = :hash WHERE principal = :principal AND hash = :old;

-- name: end_password_sessions
-- What was begun with a password is over, but for one session.
UPDATE token SET revoked_at = :now
WHERE principal = :principal AND means = 'password' AND id <> :keep AND revoked_at IS NULL;

-- name: sessions
-- The browsers' sessions of a principal, newest first.
SELECT t.id, p.id, p.email, p.created_at, t.name, t.client_key, t.organisation, t.parent, t.created_at, t.expires_at,
    t.revoked_at, t.last_used_at, t.means
FROM token AS t JOIN principal AS p ON p.id = t.principal
WHERE t.principal = :principal AND t.means <> 'key'
ORDER BY t.id DESC;

-- name: own_tokens
-- The tokens of a principal for programs that were not bought with another, newest first.
SELECT t.id, p.id, p.email, p.created_at, t.name, t.client_key, t.organisation, t.parent, t.created_at, t.expires_at,
    t.revoked_at, t.last_used_at, t.means
FROM token AS t JOIN principal AS p ON p.id = t.principal
WHERE t.principal = :principal AND t.parent = 0 AND t.means = 'key'
ORDER BY t.id DESC;

-- name: token
-- One token.
SELECT t.id, p.id, p.email, p.created_at, t.name, t.client_key, t.organisation, t.parent, t.created_at, t.expires_at,
    t.revoked_at, t.last_used_at, t.means
FROM token AS t JOIN principal AS p ON p.id = t.principal
WHERE t.id = :id;

-- name: end
-- A token of a principal ends, and all that were bought with it.
UPDATE token SET revoked_at = :now
WHERE principal = :principal AND (id = :id OR parent = :id) AND revoked_at IS NULL
RETURNING id;

-- name: prolong
-- A session that goes on lives longer.
UPDATE token SET expires_at = :until WHERE id = :id AND revoked_at IS NULL;

-- name: invite
-- A link; the one before it is good for nothing any more.
INSERT INTO invitation (organisation, principal, digest, expires_at)
VALUES (:organisation, :principal, :digest, :expires_at)
ON CONFLICT (organisation, principal) DO UPDATE SET digest = excluded.digest, expires_at = excluded.expires_at;

-- name: invitation
-- Whose link it is, as long as it holds and the membership does.
SELECT i.organisation, o.name, p.email, i.expires_at
FROM invitation AS i
JOIN membership AS m ON m.organisation = i.organisation AND m.principal = i.principal
JOIN organisation AS o ON o.id = i.organisation
JOIN principal AS p ON p.id = i.principal
WHERE i.digest = :digest AND i.expires_at > :now;

-- name: take_invitation
-- A link is used.
DELETE FROM invitation WHERE digest = :digest AND expires_at > :now RETURNING organisation, principal;

-- name: drop_invitations
-- Links that were not used in time.
DELETE FROM invitation WHERE expires_at <= :now;

-- name: withdraw
-- An organisation has nothing more to say about a principal.
DELETE FROM invitation WHERE organisation = :organisation AND principal = :principal;

-- name: stop_vouching
-- The password of a principal does not open an organisation any more.
DELETE FROM vouching WHERE organisation = :organisation AND principal = :principal;
