-- name: applied_migrations
-- The steps that this database has taken.
SELECT version FROM migration;

-- name: note_migration
-- One step more.
INSERT INTO migration (version, name, applied_at) VALUES (:version, :name, :now);
