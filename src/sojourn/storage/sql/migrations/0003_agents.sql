-- Agents: devices that deliver. source and document are JSON: where it last came from, and what it told of itself.
CREATE TABLE agent (
    organisation INTEGER NOT NULL,
    device INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    platform TEXT,
    source TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (organisation, device)
) STRICT, WITHOUT ROWID;
