"""The contract of `AccessStore`: one class for each of its methods, on both engines."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sojourn.core.access import Level, Membership, Organisation, Principal, Resource, Token, TokenDraft
from sojourn.core.errors import Exists, Invalid, Unknown
from sojourn.core.model import INT32, MINUTE, PersonDraft
from sojourn.core.ports import AccessStore
from sojourn.storage.engine import Engine
from tests.storage.desk import NOON, Desk
from tests.storage.tables import contents

ADA = "ada@example.org"
GRACE = "grace@example.org"
JOAN = "joan@example.org"


@pytest.fixture
def here(access: AccessStore) -> int:
    """The first organisation, to which Ada belongs as an owner."""
    number = access.add_organisation("Here", "guid-here", NOON).id
    access.add_principal(ADA, NOON)
    access.join(number, ADA, "Owners", None)
    return number


@pytest.fixture
def there(access: AccessStore, here: int) -> int:
    """A second organisation, to which nobody belongs."""
    return access.add_organisation("There", "guid-there", NOON).id


def draft(secret: str = "secret", email: str = ADA, **rest: object) -> TokenDraft:
    """A token whose public key and digests can be told from its secret."""
    values = {
        "email": email,
        "name": f"token {secret}",
        "client_key": f"key of {secret}",
        "digest": f"digest of {secret}",
        "md5_digest": f"digest of md5 of {secret}",
    }
    return TokenDraft(**values | rest)  # type: ignore[arg-type]


def share(access: AccessStore, organisation: int) -> None:
    """Let Joan own the organisation too, so that Ada may go."""
    access.add_principal(JOAN, NOON)
    access.join(organisation, JOAN, "Owners", None)


def narrow_and_watch(access: AccessStore, organisation: int) -> None:
    """Let in two who may not administer: Grace owns it but sees herself alone, and a watcher may only read."""
    access.set_group(organisation, "Watchers", {Resource.ADMINISTRATION: Level.READ})
    for email in (GRACE, "watcher"):
        access.add_principal(email, NOON)
    access.join(organisation, GRACE, "Owners", PersonDraft(login="grace"))
    access.join(organisation, "watcher", "Watchers", None)


class TestEpoch:
    def test_it_moves_with_every_change(self, access: AccessStore, here: int) -> None:
        token = access.add_token(draft(organisation=here), NOON)
        changes: list[Callable[[], object]] = [
            lambda: access.add_organisation("Elsewhere", "guid", NOON),
            lambda: access.change_organisation(replace(access.organisation(here), idle_limit=1)),
            lambda: access.add_principal(GRACE, NOON),
            lambda: access.join(here, GRACE, "Readers", None),
            lambda: access.make_default(here, GRACE),
            lambda: access.leave(here, GRACE, NOON),
            lambda: access.set_group(here, "Mine", {}),
            lambda: access.drop_group(here, "Mine"),
            lambda: access.add_token(draft("other"), NOON),
            lambda: access.revoke(here, token.id, NOON),
        ]
        for change in changes:
            before = access.epoch()
            change()
            assert access.epoch() > before

    def test_it_stays_where_a_change_is_refused_or_nothing_is_changed(self, access: AccessStore, here: int) -> None:
        before = access.epoch()
        with pytest.raises(Exists):
            access.add_organisation("Here", "guid", NOON)
        with pytest.raises(Unknown):
            access.leave(here, GRACE, NOON)
        access.note_use({1: NOON})
        access.organisations()
        access.credential("digest")
        assert access.epoch() == before


class TestOrganisations:
    def test_a_new_store_has_none(self, access: AccessStore) -> None:
        assert access.organisations() == []

    def test_they_are_told_by_number(self, access: AccessStore) -> None:
        made = [access.add_organisation(name, f"guid of {name}", NOON) for name in ("b", "a", "c")]
        assert access.organisations() == made
        assert [organisation.id for organisation in made] == [1, 2, 3]


class TestOrganisation:
    def test_it_is_told_as_it_was_made(self, access: AccessStore, here: int) -> None:
        assert access.organisation(here) == Organisation(
            id=1,
            name="Here",
            device_guid="guid-here",
            idle_limit=1_800,
            rate_limit=240,
            time_zone="UTC",
            created_at=NOON,
        )

    def test_another_is_unknown(self, access: AccessStore) -> None:
        with pytest.raises(Unknown) as refused:
            access.organisation(1)
        assert (refused.value.noun, refused.value.name) == ("organisation", 1)


class TestAddOrganisation:
    def test_it_has_groups_for_owners_recorders_and_readers(self, access: AccessStore, here: int) -> None:
        groups = {group.name: group.levels for group in access.groups(here)}
        assert set(groups) == {"Owners", "Recorders", "Readers"}
        assert set(groups["Owners"].values()) == {Level.WRITE}
        assert groups["Recorders"][Resource.ACTIVITY_SESSIONS] is Level.WRITE
        assert groups["Readers"][Resource.ACTIVITY_SESSIONS] is Level.READ
        assert groups["Recorders"][Resource.ADMINISTRATION] is Level.NONE
        assert groups["Readers"][Resource.ADMINISTRATION] is Level.NONE

    def test_a_name_is_given_once(self, access: AccessStore, here: int, engine: Engine) -> None:
        before = contents(engine)
        with pytest.raises(Exists) as refused:
            access.add_organisation("Here", "guid", NOON)
        assert (refused.value.noun, refused.value.name) == ("organisation", "Here")
        assert contents(engine) == before
        assert access.add_organisation("here", "guid", NOON).id == 2

    def test_its_sessions_are_numbered_from_1(self, access: AccessStore, desk: Desk, neighbour: Desk) -> None:
        assert [one.open().id for one in (desk, desk, neighbour)] == [1, 2, 1]


class TestChangeOrganisation:
    def test_what_it_is_called_and_allows_is_changed_and_the_rest_is_kept(self, access: AccessStore, here: int) -> None:
        changed = replace(
            access.organisation(here), name="Elsewhere", idle_limit=0, rate_limit=1, time_zone="Europe/Berlin"
        )
        access.change_organisation(replace(changed, device_guid="another", created_at=1))
        assert access.organisation(here) == changed

    def test_its_own_name_is_no_conflict(self, access: AccessStore, here: int) -> None:
        access.change_organisation(replace(access.organisation(here), rate_limit=5))
        assert access.organisation(here).rate_limit == 5

    def test_anothers_name_is_one(self, access: AccessStore, here: int, there: int, engine: Engine) -> None:
        before = contents(engine)
        with pytest.raises(Exists):
            access.change_organisation(replace(access.organisation(there), name="Here", rate_limit=5))
        assert contents(engine) == before

    def test_another_is_unknown(self, access: AccessStore, here: int) -> None:
        with pytest.raises(Unknown):
            access.change_organisation(replace(access.organisation(here), id=99, name="Nowhere"))


class TestAddPrincipal:
    def test_it_is_made_on_first_sight_and_known_from_then_on(self, access: AccessStore) -> None:
        assert access.add_principal(ADA, NOON) == Principal(id=1, email=ADA, created_at=NOON)
        assert access.add_principal(GRACE, NOON + 1) == Principal(id=2, email=GRACE, created_at=NOON + 1)
        assert access.add_principal(ADA, NOON + 2) == Principal(id=1, email=ADA, created_at=NOON)


class TestMembers:
    def test_they_are_told_by_address_in_the_same_order_on_every_engine(self, access: AccessStore, here: int) -> None:
        emails = [ADA, "a-b@x", "a_b@x", "ab@x", "a.b@x", "äb@x", "zoe", "b@x"]
        for email in emails[1:]:
            access.add_principal(email, NOON)
            access.join(here, email, "Readers", None)
        assert [member.principal.email for member in access.members(here)] == sorted(emails)

    def test_nobody_belongs_to_a_new_or_an_unknown_one(self, access: AccessStore, there: int) -> None:
        assert access.members(there) == access.members(99) == []


class TestJoin:
    def test_the_first_membership_is_the_default_one(self, access: AccessStore, here: int, there: int) -> None:
        principal = access.add_principal(ADA, NOON)
        assert access.members(here) == [
            Membership(organisation=here, principal=principal, group="Owners", person=0, is_default=True)
        ]
        assert access.join(there, ADA, "Readers", None) == Membership(
            organisation=there, principal=principal, group="Readers", person=0, is_default=False
        )

    def test_again_it_changes_the_membership_and_keeps_the_default(self, access: AccessStore, here: int) -> None:
        share(access, here)
        changed = access.join(here, ADA, "Readers", PersonDraft(login="ada"))
        assert (changed.group, changed.person, changed.is_default) == ("Readers", 1, True)
        assert changed in access.members(here)
        assert access.join(here, ADA, "Owners", None).person == 0

    def test_it_may_be_narrowed_to_a_person_who_is_made_on_first_sight(self, access: AccessStore, desk: Desk) -> None:
        desk.open("ada")
        access.add_principal(ADA, NOON)
        organisation = desk.scope.organisation
        assert access.join(organisation, ADA, "Readers", PersonDraft(login="ada")).person == 1
        assert access.join(organisation, ADA, "Readers", PersonDraft(login="grace")).person == 2
        assert access.join(organisation, ADA, "Readers", PersonDraft(id=INT32)).person == INT32
        person = desk.open("grace").person
        assert person is not None
        assert person.id == 2

    @pytest.mark.parametrize(("group", "own", "field"), [("Readers", None, "group"), ("Owners", "ada", "own")])
    def test_the_last_who_may_administer_goes_on(
        self, access: AccessStore, here: int, engine: Engine, group: str, own: str | None, field: str
    ) -> None:
        narrow_and_watch(access, here)
        person = PersonDraft(login=own) if own else None
        before = contents(engine)
        with pytest.raises(Invalid) as refused:
            access.join(here, ADA, group, person)
        assert refused.value.field == field
        assert contents(engine) == before
        share(access, here)
        assert access.join(here, ADA, group, person).group == group

    @pytest.mark.parametrize(
        ("email", "group", "noun"),
        [(GRACE, "Owners", "principal"), (ADA, "owners", "access group"), (ADA, "Mine", "access group")],
    )
    def test_both_must_be_known(
        self, access: AccessStore, there: int, engine: Engine, email: str, group: str, noun: str
    ) -> None:
        access.set_group(1, "Mine", {})
        before = contents(engine)
        with pytest.raises(Unknown) as refused:
            access.join(there, email, group, PersonDraft(login="ada"))
        assert refused.value.noun == noun
        assert contents(engine) == before


class TestLeave:
    def test_the_membership_is_over_and_others_are_not(self, access: AccessStore, here: int, there: int) -> None:
        share(access, here)
        access.join(there, ADA, "Readers", None)
        access.leave(here, ADA, NOON + 9)
        assert [member.principal.email for member in access.members(here)] == [JOAN]
        assert [member.principal.email for member in access.members(there)] == [ADA]

    def test_the_tokens_that_it_made_for_the_principal_are_over_and_others_are_not(
        self, access: AccessStore, here: int, there: int
    ) -> None:
        share(access, here)
        access.add_principal(GRACE, NOON)
        for organisation, email in ((there, ADA), (here, GRACE)):
            access.join(organisation, email, "Readers", None)
        made = access.add_token(draft("1", organisation=here), NOON)
        access.add_token(draft("2", organisation=here, parent=made.id), NOON)
        access.add_token(draft("3", organisation=there), NOON)
        access.add_token(draft("4"), NOON)
        access.add_token(draft("5", GRACE, organisation=here), NOON)
        access.leave(here, ADA, NOON + 5)
        found = [access.credential(f"digest of {secret}") for secret in "12345"]
        assert [credential and credential.token.revoked_at for credential in found] == [NOON + 5] * 2 + [None] * 3

    def test_who_does_not_belong_cannot_leave(self, access: AccessStore, here: int, there: int) -> None:
        for organisation, email in ((there, ADA), (here, GRACE)):
            with pytest.raises(Unknown):
                access.leave(organisation, email, NOON)
        assert len(access.members(here)) == 1

    def test_the_last_who_may_administer_stays(self, access: AccessStore, here: int, engine: Engine) -> None:
        narrow_and_watch(access, here)
        before = contents(engine)
        with pytest.raises(Invalid) as refused:
            access.leave(here, ADA, NOON)
        assert refused.value.field == "email"
        assert contents(engine) == before
        share(access, here)
        access.leave(here, ADA, NOON)
        with pytest.raises(Invalid):
            access.leave(here, JOAN, NOON)

    def test_where_nobody_administers_whoever_is_there_may_go(self, access: AccessStore, there: int) -> None:
        access.join(there, ADA, "Readers", None)
        access.leave(there, ADA, NOON)
        assert access.members(there) == []


class TestMakeDefault:
    def test_one_membership_is_the_default(self, access: AccessStore, here: int, there: int) -> None:
        access.join(there, ADA, "Readers", None)
        access.make_default(there, ADA)
        assert [access.members(number)[0].is_default for number in (here, there)] == [False, True]
        access.make_default(here, ADA)
        assert [access.members(number)[0].is_default for number in (here, there)] == [True, False]

    def test_it_must_be_one_of_the_principals(self, access: AccessStore, here: int, there: int) -> None:
        for organisation, email in ((there, ADA), (here, GRACE)):
            with pytest.raises(Unknown):
                access.make_default(organisation, email)
        assert access.members(here)[0].is_default


class TestGroups:
    def test_they_are_told_by_name_in_the_same_order_on_every_engine(self, access: AccessStore, here: int) -> None:
        names = ["a b", "ab", "a-b", "B", "ä"]
        for name in names:
            access.set_group(here, name, {})
        told = [group.name for group in access.groups(here)]
        assert told == sorted([*names, "Owners", "Recorders", "Readers"])

    def test_an_unknown_organisation_has_none(self, access: AccessStore) -> None:
        assert access.groups(99) == []


class TestSetGroup:
    def test_what_is_not_named_in_a_new_one_is_none(self, access: AccessStore, here: int) -> None:
        told = access.set_group(here, "Mine", {Resource.ACTIVITY_SESSIONS: Level.READ})
        (mine,) = [group for group in access.groups(here) if group.name == "Mine"]
        assert mine == told
        assert mine.levels == dict.fromkeys(Resource, Level.NONE) | {Resource.ACTIVITY_SESSIONS: Level.READ}

    def test_again_it_is_changed_and_what_is_not_named_stays(self, access: AccessStore, here: int, there: int) -> None:
        access.set_group(here, "Mine", {Resource.LOGIN_SESSIONS: Level.WRITE, Resource.ACTIVITY_SESSIONS: Level.READ})
        told = access.set_group(here, "Mine", {Resource.LOGIN_SESSIONS: Level.NONE})
        (mine,) = [group for group in access.groups(here) if group.name == "Mine"]
        assert mine == told
        assert mine.levels[Resource.LOGIN_SESSIONS] is Level.NONE
        assert mine.levels[Resource.ACTIVITY_SESSIONS] is Level.READ
        assert "Mine" not in {group.name for group in access.groups(there)}

    def test_the_last_that_may_administer_goes_on(self, access: AccessStore, here: int, engine: Engine) -> None:
        narrow_and_watch(access, here)
        access.set_group(here, "Empty", {Resource.ADMINISTRATION: Level.WRITE})
        before = contents(engine)
        with pytest.raises(Invalid) as refused:
            access.set_group(here, "Owners", {Resource.ADMINISTRATION: Level.READ})
        assert refused.value.field == "administration"
        assert contents(engine) == before
        access.set_group(here, "Watchers", {Resource.ADMINISTRATION: Level.WRITE})
        access.set_group(here, "Owners", {Resource.ADMINISTRATION: Level.NONE})
        with pytest.raises(Invalid):
            access.set_group(here, "Watchers", {Resource.ADMINISTRATION: Level.READ})


class TestDropGroup:
    def test_one_that_nobody_is_in_is_gone(self, access: AccessStore, here: int, there: int) -> None:
        access.drop_group(here, "Readers")
        assert "Readers" not in {group.name for group in access.groups(here)}
        assert "Readers" in {group.name for group in access.groups(there)}

    def test_one_that_somebody_is_in_stays(self, access: AccessStore, here: int) -> None:
        with pytest.raises(Invalid) as refused:
            access.drop_group(here, "Owners")
        assert refused.value.field == "name"
        assert "Owners" in {group.name for group in access.groups(here)}

    def test_another_is_unknown(self, access: AccessStore, here: int) -> None:
        with pytest.raises(Unknown):
            access.drop_group(here, "Mine")


class TestAddToken:
    def test_it_is_told_as_it_is_kept(self, access: AccessStore, here: int) -> None:
        told = access.add_token(draft(organisation=here, expires_at=NOON + 5), NOON)
        assert told == Token(
            id=1,
            principal=access.add_principal(ADA, NOON),
            name="token secret",
            client_key="key of secret",
            organisation=here,
            parent=0,
            created_at=NOON,
            expires_at=NOON + 5,
            revoked_at=None,
            last_used_at=None,
        )
        assert access.tokens(here) == [told]

    def test_only_digests_are_kept(self, access: AccessStore, here: int, engine: Engine) -> None:
        access.add_token(draft(), NOON)
        (row,) = contents(engine)["token"]
        assert row[4:6] == ("digest of secret", "digest of md5 of secret")

    @pytest.mark.parametrize("change", [{"email": GRACE}, {"organisation": 2}, {"organisation": 99}])
    def test_the_principal_must_be_known_and_belong(
        self, access: AccessStore, there: int, engine: Engine, change: dict[str, str | int]
    ) -> None:
        before = contents(engine)
        with pytest.raises(Unknown):
            access.add_token(draft(**change), NOON)  # type: ignore[arg-type]
        assert contents(engine) == before

    @pytest.mark.parametrize("same", ["client_key", "digest", "md5_digest"])
    def test_no_two_have_the_same_secret_or_key(
        self, access: AccessStore, here: int, engine: Engine, same: str
    ) -> None:
        access.add_token(draft(), NOON)
        before = contents(engine)
        with pytest.raises(Exists) as refused:
            access.add_token(draft("other", **{same: getattr(draft(), same)}), NOON)
        assert str(refused.value) == "There is already a token with that secret"
        assert contents(engine) == before


class TestTokens:
    def test_those_that_one_made_are_told_newest_first_without_short_lived_ones(
        self, access: AccessStore, here: int, there: int
    ) -> None:
        access.join(there, ADA, "Readers", None)
        first = access.add_token(draft("1", organisation=here), NOON)
        theirs = access.add_token(draft("2", organisation=there), NOON)
        access.add_token(draft("3", organisation=here, parent=first.id), NOON)
        last = access.add_token(draft("4", organisation=here), NOON)
        own = access.add_token(draft("5"), NOON)
        assert access.tokens(here) == [last, first]
        assert access.tokens(there) == [theirs]
        assert access.tokens(0) == [own]
        assert access.tokens(99) == []


class TestRevoke:
    def test_it_and_all_that_were_bought_with_it_are_over(self, access: AccessStore, here: int) -> None:
        parent, other = [access.add_token(draft(name, organisation=here), NOON) for name in "12"]
        access.add_token(draft("3", parent=parent.id), NOON)
        access.add_token(draft("4", parent=other.id), NOON)
        access.revoke(here, parent.id, NOON + 5)
        found = [access.credential(f"digest of {secret}") for secret in "1234"]
        assert [credential and credential.token.revoked_at for credential in found] == [NOON + 5, None] * 2

    def test_again_it_was_over_before(self, access: AccessStore, here: int) -> None:
        token = access.add_token(draft(organisation=here), NOON)
        for now in (NOON + 1, NOON + 2):
            access.revoke(here, token.id, now)
        assert access.tokens(here)[0].revoked_at == NOON + 1

    def test_only_what_one_made_can_be_revoked(self, access: AccessStore, here: int, there: int) -> None:
        access.join(there, ADA, "Readers", None)
        token = access.add_token(draft(organisation=here), NOON)
        for organisation, number in ((there, token.id), (0, token.id), (here, 99)):
            with pytest.raises(Unknown) as refused:
                access.revoke(organisation, number, NOON)
            assert (refused.value.noun, refused.value.name) == ("token", number)
        assert access.tokens(here)[0].revoked_at is None


class TestCredential:
    def test_a_token_is_found_by_the_digest_of_its_secret_or_of_its_md5(
        self, access: AccessStore, here: int, there: int
    ) -> None:
        token = access.add_token(draft(), NOON)
        access.add_token(draft("other"), NOON)
        access.join(there, ADA, "Readers", PersonDraft(id=5))
        found = access.credential("digest of secret")
        assert found is not None
        assert found.token == token
        assert [(m.organisation, m.group, m.person, group.name) for m, group in found.memberships] == [
            (here, "Owners", 0, "Owners"),
            (there, "Readers", 5, "Readers"),
        ]
        assert set(found.memberships[0][1].levels.values()) == {Level.WRITE}
        assert access.credential("digest of md5 of secret") == found

    @pytest.mark.parametrize("digest", ["", "secret", "Digest of secret", "key of secret"])
    def test_nothing_else_finds_it(self, access: AccessStore, here: int, digest: str) -> None:
        access.add_token(draft(), NOON)
        assert access.credential(digest) is None

    def test_a_change_of_its_group_or_membership_shows_at_once(self, access: AccessStore, here: int) -> None:
        access.add_token(draft(), NOON)
        share(access, here)
        access.join(here, ADA, "Readers", None)
        access.set_group(here, "Readers", dict.fromkeys(Resource, Level.NONE))
        found = access.credential("digest of secret")
        assert found is not None
        assert set(found.memberships[0][1].levels.values()) == {Level.NONE}
        access.leave(here, ADA, NOON + 9)
        found = access.credential("digest of secret")
        assert found is not None
        assert found.memberships == ()


class TestClient:
    def test_it_is_found_by_both_its_key_and_its_secret(self, access: AccessStore, here: int) -> None:
        token = access.add_token(draft(), NOON)
        access.add_token(draft("other"), NOON)
        found = access.client("key of secret", "digest of secret")
        assert found is not None
        assert found.token == token

    @pytest.mark.parametrize(
        ("client_key", "digest"),
        [
            ("key of secret", "digest of other"),
            ("key of other", "digest of secret"),
            ("key of secret", "nonsense"),
            ("", "digest of secret"),
        ],
    )
    def test_one_of_them_is_not_enough(self, access: AccessStore, here: int, client_key: str, digest: str) -> None:
        access.add_token(draft(), NOON)
        access.add_token(draft("other"), NOON)
        assert access.client(client_key, digest) is None


class TestNoteUse:
    def test_each_token_has_the_moment_of_its_last_use(self, access: AccessStore, here: int) -> None:
        for secret in "123":
            access.add_token(draft(secret), NOON)
        access.note_use({2: NOON + 2, 1: NOON + 1, 99: NOON})
        access.note_use({})
        assert [token.last_used_at for token in access.tokens(0)] == [None, NOON + 2, NOON + 1]


class TestDropExpired:
    def test_short_lived_ones_that_are_over_are_dropped_oldest_first(
        self, access: AccessStore, here: int, engine: Engine
    ) -> None:
        access.add_token(draft("parent", expires_at=NOON), NOON)
        for number, minutes in enumerate((3, 1, 2, 9), 1):
            access.add_token(draft(str(number), parent=1, expires_at=NOON + minutes * MINUTE), NOON)
        assert access.drop_expired(NOON + MINUTE, 10) == 0
        assert access.drop_expired(NOON + 4 * MINUTE, 2) == 2
        assert sorted(row[0] for row in contents(engine)["token"]) == [1, 2, 5]
        assert access.drop_expired(NOON + 4 * MINUTE, 2) == 1
        assert access.drop_expired(NOON + 4 * MINUTE, 2) == 0
        assert sorted(row[0] for row in contents(engine)["token"]) == [1, 5]
