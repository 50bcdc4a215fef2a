-- Visits: what lists tell of them, what was measured, and the HAR, so that lists stay dense.

-- terms is a JSON list: what the visit stands under in the table term besides its activities.
CREATE TABLE visit (
    organisation INTEGER NOT NULL,
    session INTEGER NOT NULL,
    committed INTEGER NOT NULL,
    source_addr TEXT,
    org_name TEXT,
    visited_site TEXT NOT NULL,
    protocol TEXT NOT NULL,
    port INTEGER NOT NULL,
    number_of_pages INTEGER NOT NULL,
    experience_score REAL,
    has_har INTEGER NOT NULL,
    terms TEXT NOT NULL,
    PRIMARY KEY (organisation, session)
) STRICT, WITHOUT ROWID;

CREATE TABLE visit_report (
    organisation INTEGER NOT NULL,
    session INTEGER NOT NULL,
    coordinates TEXT,
    document TEXT NOT NULL,
    PRIMARY KEY (organisation, session)
) STRICT, WITHOUT ROWID;

CREATE TABLE har (
    organisation INTEGER NOT NULL,
    session INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (organisation, session)
) STRICT, WITHOUT ROWID;
