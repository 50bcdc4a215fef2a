-- Duties that one process at a time sees to: who holds it, and until when if nothing more is heard of it.
CREATE TABLE lease (
    duty TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT;
