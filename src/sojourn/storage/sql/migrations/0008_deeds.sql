-- When owners last did what they should do now and then.
CREATE TABLE deed (
    name TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
