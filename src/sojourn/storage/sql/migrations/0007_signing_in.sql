-- People sign in: with a password, by a link that they are given, by OpenID Connect, or with a token.

-- How a browser's session began (password, openid, token); key: it is no session, but a token for programs.
ALTER TABLE token ADD COLUMN means TEXT NOT NULL DEFAULT 'key';
-- serves: the tokens that an organisation made
CREATE INDEX token_of_organisation ON token (organisation, id) WHERE parent = 0;
DROP INDEX token_expiry;
-- serves: sweeping out what lives for a short time and is over
CREATE INDEX token_expiry ON token (expires_at) WHERE parent > 0 OR means <> 'key';

-- A hash that tells how it was made, never the password.
CREATE TABLE password (
    principal INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

-- Which organisations a password opens: those that gave its owner a link. 0: all, because who is at the machine said so.
CREATE TABLE vouching (
    organisation INTEGER NOT NULL,
    principal INTEGER NOT NULL,
    PRIMARY KEY (organisation, principal)
) STRICT, WITHOUT ROWID;
-- serves: what a password opens
CREATE INDEX vouching_of_principal ON vouching (principal, organisation);

-- Links that let a member choose a password, once.
CREATE TABLE invitation (
    organisation INTEGER NOT NULL,
    principal INTEGER NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (organisation, principal)
) STRICT, WITHOUT ROWID;
-- serves: forgetting links that were not used
CREATE INDEX invitation_expiry ON invitation (expires_at);
