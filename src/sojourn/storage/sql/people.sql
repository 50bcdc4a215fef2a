-- name: take_numbers
-- The next `n` numbers of a counter; tells the one after the last.
UPDATE counter SET next = next + :n WHERE organisation = :organisation AND noun = :noun RETURNING next;

-- name: pass_number
-- A number was chosen by somebody else: the counter goes on after it.
UPDATE counter SET next = :next WHERE organisation = :organisation AND noun = :noun AND next < :next;

-- name: begin_counter
-- Numbers begin at `next`.
INSERT INTO counter (organisation, noun, next) VALUES (:organisation, :noun, :next);

-- name: people_by_login
-- The numbers of login names that are known.
SELECT person.organisation, person.login, person.id
FROM person JOIN batch(organisation INTEGER, login TEXT)
    ON person.organisation = batch.organisation AND person.login = batch.login;

-- name: people_by_id
-- The login names of numbers that are known.
SELECT person.organisation, person.id, person.login
FROM person JOIN batch(organisation INTEGER, id INTEGER)
    ON person.organisation = batch.organisation AND person.id = batch.id;

-- name: add_person
-- A person on first sight; nothing where the number or the login name is taken.
INSERT INTO person (organisation, id, login) VALUES (:organisation, :id, :login)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: devices_by_guid
-- The devices that are known.
SELECT device.organisation, device.guid, device.id, device.name
FROM device JOIN batch(organisation INTEGER, guid TEXT)
    ON device.organisation = batch.organisation AND device.guid = batch.guid;

-- name: add_device
-- A device on first sight; nothing where the GUID is taken.
INSERT INTO device (organisation, id, guid, name) VALUES (:organisation, :id, :guid, :name)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: name_device
-- A device has a new name.
UPDATE device SET name = :name WHERE organisation = :organisation AND id = :id;

-- name: people_page
-- People by number, as far as the person may know.
SELECT id, login FROM person
WHERE organisation = :organisation AND id > :after AND (:person = 0 OR id = :person)
ORDER BY id
LIMIT :limit;

-- name: devices_page
-- Devices in the order in which they were first seen.
SELECT id, guid, name FROM device
WHERE organisation = :organisation AND id > :after
ORDER BY id
LIMIT :limit;
