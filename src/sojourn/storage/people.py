"""People and devices: known by number once they have been seen."""

from collections.abc import Iterable

from sojourn.core.model import Device, DeviceDraft, Person, PersonDraft
from sojourn.storage import numbers
from sojourn.storage.engine import Transaction
from sojourn.storage.sql import load

_SQL = load("people")

PersonKey = tuple[int, PersonDraft]
DeviceKey = tuple[int, DeviceDraft]


def find_people(transaction: Transaction, wanted: Iterable[PersonKey]) -> dict[PersonKey, Person]:
    """The people meant, each made on first sight."""
    keys = set(wanted)
    by_login = {(o, p.login): (o, p) for o, p in keys if p.login is not None}
    by_id = {(o, p.id): (o, p) for o, p in keys if p.id is not None}
    found: dict[PersonKey, Person] = {}
    for organisation, login, number in transaction.each(_SQL["people_by_login"], sorted(by_login)):
        found[by_login[organisation, login]] = Person(id=number, login=login)
    for organisation, number, login in transaction.each(_SQL["people_by_id"], sorted(by_id)):
        found[by_id[organisation, number]] = Person(id=number, login=login)
    for key in sorted(keys - found.keys(), key=lambda key: (key[0], key[1].login or "", key[1].id or 0)):
        found[key] = _new_person(transaction, *key)
    return found


def _new_person(transaction: Transaction, organisation: int, draft: PersonDraft) -> Person:
    if draft.id is not None:
        login = str(draft.id)
        transaction.run(_SQL["add_person"], {"organisation": organisation, "id": draft.id, "login": login})
        ((_, number, login),) = transaction.each(_SQL["people_by_id"], [(organisation, draft.id)])
        return Person(id=number, login=login)
    assert draft.login is not None
    while True:  # a number that somebody chose is skipped
        (number,) = numbers.take(transaction, organisation, "person", 1)
        transaction.run(_SQL["add_person"], {"organisation": organisation, "id": number, "login": draft.login})
        known = transaction.each(_SQL["people_by_login"], [(organisation, draft.login)])
        if known:
            return Person(id=known[0][2], login=draft.login)


def find_devices(transaction: Transaction, wanted: Iterable[DeviceKey]) -> dict[DeviceKey, tuple[int, Device]]:
    """The devices meant with their numbers, each made on first sight; the last name that was told is kept."""
    drafts: dict[tuple[int, str], DeviceDraft] = {}
    for organisation, draft in wanted:
        if draft.name is not None or (organisation, draft.guid) not in drafts:
            drafts[organisation, draft.guid] = draft
    rows = transaction.each(_SQL["devices_by_guid"], sorted(drafts))
    known = {(organisation, guid): (number, name) for organisation, guid, number, name in rows}
    for (organisation, guid), draft in sorted(drafts.items(), key=lambda item: item[0]):
        number, name = known.get((organisation, guid)) or _new_device(transaction, organisation, draft)
        if draft.name is not None and draft.name != name:
            name = draft.name
            transaction.run(_SQL["name_device"], {"organisation": organisation, "id": number, "name": name})
        known[organisation, guid] = (number, name)
    return {
        (organisation, draft): (number, Device(guid=draft.guid, name=name))
        for organisation, draft in wanted
        for number, name in [known[organisation, draft.guid]]
    }


def _new_device(transaction: Transaction, organisation: int, draft: DeviceDraft) -> tuple[int, str | None]:
    (number,) = numbers.take(transaction, organisation, "device", 1)
    values = {"organisation": organisation, "id": number, "guid": draft.guid, "name": draft.name}
    transaction.run(_SQL["add_device"], values)
    ((_, _, number, name),) = transaction.each(_SQL["devices_by_guid"], [(organisation, draft.guid)])
    return number, name
