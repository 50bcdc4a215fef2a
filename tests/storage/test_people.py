"""People who are given by number and login together, while somebody else writes too."""

import pytest

from sojourn.core.model import Person, PersonDraft
from sojourn.storage.engine import Engine
from sojourn.storage.keys import Overtaken
from sojourn.storage.people import _new_person, find_people
from tests.storage.desk import Desk


def test_a_pair_is_found_or_made_before_its_halves(engine: Engine, desk: Desk) -> None:
    organisation = desk.scope.organisation
    wanted = [PersonDraft(login="ada"), PersonDraft(id=7), PersonDraft(id=7, login="ada"), PersonDraft(login="bob")]
    with engine.write() as transaction:
        found = find_people(transaction, [(organisation, draft) for draft in wanted])
    assert [found[organisation, draft] for draft in wanted] == [
        *[Person(id=7, login="ada")] * 3,
        Person(id=1, login="bob"),
    ]


@pytest.mark.parametrize("draft", [PersonDraft(id=7, login="bob"), PersonDraft(id=8, login="ada")], ids=str)
def test_a_pair_that_has_become_two_is_tried_again(draft: PersonDraft, engine: Engine, desk: Desk) -> None:
    organisation = desk.scope.organisation
    with engine.write() as transaction:
        find_people(transaction, [(organisation, PersonDraft(id=7, login="ada"))])
    with engine.write() as transaction, pytest.raises(Overtaken):
        find_people(transaction, [(organisation, draft)])


def test_a_number_that_another_process_has_just_taken_is_told_with_its_login(engine: Engine, desk: Desk) -> None:
    organisation = desk.scope.organisation
    with engine.write() as transaction:
        find_people(transaction, [(organisation, PersonDraft(id=7, login="ada"))])
        assert _new_person(transaction, organisation, PersonDraft(id=7, login="bob")) == Person(id=7, login="ada")
