-- name: known_keys
-- What requests with these idempotency keys were told.
SELECT idempotency.organisation, idempotency.principal, idempotency.key, idempotency.fingerprint, idempotency.answer
FROM idempotency JOIN batch(organisation INTEGER, principal INTEGER, key TEXT, after INTEGER)
    ON idempotency.organisation = batch.organisation AND idempotency.principal = batch.principal
    AND idempotency.key = batch.key AND idempotency.at > batch.after;

-- name: keep_keys
-- What a request was told; nothing where another process was quicker. A key that has had its day is taken over.
INSERT INTO idempotency (organisation, principal, key, session, fingerprint, answer, at)
SELECT organisation, principal, key, session, fingerprint, answer, at
FROM batch(
    organisation INTEGER, principal INTEGER, key TEXT, session INTEGER, fingerprint TEXT, answer TEXT, at INTEGER
)
WHERE true
ON CONFLICT (organisation, principal, key) DO UPDATE
    SET session = excluded.session, fingerprint = excluded.fingerprint, answer = excluded.answer, at = excluded.at
    WHERE idempotency.at <= excluded.at - 86400000000 -- keys.KEPT_FOR
RETURNING key;

-- name: old_keys
-- Keys that have had their day.
SELECT organisation, principal, key FROM idempotency WHERE at <= :before ORDER BY at LIMIT :limit;

-- name: forget_keys
-- Forget them.
DELETE FROM idempotency
WHERE organisation = :organisation AND principal = :principal AND key = :key AND at <= :before;
