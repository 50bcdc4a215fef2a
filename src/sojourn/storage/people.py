"""People and devices: known by number once they have been seen."""

from collections.abc import Iterable

from sojourn.core.access import Scope
from sojourn.core.errors import Unknown
from sojourn.core.model import Device, DeviceDraft, Person, PersonDraft
from sojourn.core.query import DevicePage, PersonPage, Place
from sojourn.storage import numbers
from sojourn.storage.engine import Transaction
from sojourn.storage.keys import Overtaken
from sojourn.storage.sql import load

_SQL = load("people")

PersonKey = tuple[int, PersonDraft]
DeviceKey = tuple[int, DeviceDraft]


def find_people(transaction: Transaction, wanted: Iterable[PersonKey]) -> dict[PersonKey, Person]:
    """The people meant, each made on first sight.

    Raises: Overtaken, when one that is given by number and login has meanwhile become two.
    """
    keys = set(wanted)
    logins = sorted({(o, p.login) for o, p in keys if p.login is not None})
    ids = sorted({(o, p.id) for o, p in keys if p.id is not None})
    people = [(o, Person(id=i, login=login)) for o, login, i in transaction.each(_SQL["people_by_login"], logins)]
    people += [(o, Person(id=i, login=login)) for o, i, login in transaction.each(_SQL["people_by_id"], ids)]
    by_login: dict[tuple[int, str | None], Person] = {(o, person.login): person for o, person in people}
    by_id: dict[tuple[int, int | None], Person] = {(o, person.id): person for o, person in people}
    found: dict[PersonKey, Person] = {}
    for o, p in sorted(keys, key=_wholest_first):
        person = by_login.get((o, p.login)) or by_id.get((o, p.id)) or _new_person(transaction, o, p)
        if not is_meant(p, person):
            raise Overtaken
        found[o, p] = by_login[o, person.login] = by_id[o, person.id] = person
    return found


def _wholest_first(key: PersonKey) -> tuple[bool, int, str, int]:
    organisation, draft = key
    return (draft.id is None or draft.login is None, organisation, draft.login or "", draft.id or 0)


def is_meant(draft: PersonDraft, person: Person) -> bool:
    """Whether it is the one: the number may be taken under another login, or the login under another number."""
    return draft.id in (None, person.id) and draft.login in (None, person.login)


def _new_person(transaction: Transaction, organisation: int, draft: PersonDraft) -> Person:
    while True:  # a number that somebody chose is skipped
        number = draft.id or numbers.take(transaction, organisation, "person", 1)[0]
        login = draft.login or str(number)
        transaction.run(_SQL["add_person"], {"organisation": organisation, "id": number, "login": login})
        known = transaction.each(_SQL["people_by_login"], [(organisation, login)])
        if known:
            return Person(id=known[0][2], login=login)
        if draft.id is not None:
            ((_, number, login),) = transaction.each(_SQL["people_by_id"], [(organisation, draft.id)])
            return Person(id=number, login=login)


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


def read_people(transaction: Transaction, scope: Scope, after: Place | None, limit: int) -> PersonPage:
    """A page of people, by number."""
    values = {"organisation": scope.organisation, "person": scope.person}
    rows = transaction.run(_SQL["people_page"], {**values, "after": after.id if after else 0, "limit": limit + 1})
    people = tuple([Person(id=number, login=login) for number, login in rows[:limit]])
    return PersonPage(people=people, next=Place(0, people[-1].id) if len(rows) > limit else None)


def read_device(transaction: Transaction, scope: Scope, guid: str) -> Device:
    """One device. Raises: Unknown."""
    rows = transaction.each(_SQL["devices_by_guid"], [(scope.organisation, guid)])
    if not rows:
        raise Unknown("device", guid)
    return Device(guid=guid, name=rows[0][3])


def read_devices(transaction: Transaction, scope: Scope, after: Place | None, limit: int) -> DevicePage:
    """A page of devices, by number."""
    values = {"organisation": scope.organisation, "after": after.id if after else 0, "limit": limit + 1}
    rows = transaction.run(_SQL["devices_page"], values)
    devices = tuple([Device(guid=guid, name=name) for _, guid, name in rows[:limit]])
    return DevicePage(devices=devices, next=Place(0, rows[limit - 1][0]) if len(rows) > limit else None)
