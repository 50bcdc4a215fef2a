-- name: applied_migrations
-- The steps that this database has taken.
SELECT version FROM migration;

-- name: note_migration
-- One step more.
INSERT INTO migration (version, name, applied_at) VALUES (:version, :name, :now);

-- name: forget_migrations
-- The tables are gone: all steps are to be taken again.
DELETE FROM migration;

-- name: pass_epoch
-- Another database stands in this one's place: its epoch goes on from here.
UPDATE epoch SET number = :least WHERE id = 1 AND number < :least;
