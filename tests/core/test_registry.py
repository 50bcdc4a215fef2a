"""Organisations, who belongs to them, and the door."""

import hashlib
from collections.abc import Callable

import pytest

from sojourn.core.access import Caller, Level, Resource, Scope
from sojourn.core.errors import Exists, Invalid, Unauthenticated, Unknown
from sojourn.core.model import MINUTE, SECOND, PersonDraft
from sojourn.core.ports import AccessStore
from sojourn.core.registry import ACCESS_LIFE, OWNERS, Presented, Registry, digest, md5_hex
from sojourn.storage.engine import Engine
from tests.core.conftest import Clock
from tests.storage.desk import NOON
from tests.storage.tables import contents

OWNER = "owner@example.org"
ADA = "ada@example.org"


@pytest.fixture
def registry(access: AccessStore, clock: Clock) -> Registry:
    return Registry(access, clock)


@pytest.fixture
def secret(registry: Registry) -> str:
    """The secret of the owner of the first organisation."""
    issued = registry.begin(OWNER, None)
    assert issued is not None
    return issued.secret


def test_the_published_md5_scheme() -> None:
    """The vendor's example: `store.server` with `server123`."""
    assert md5_hex("server123") == "8a16a6b70505eb1f1ff7cdc0cd5559a7"
    assert digest("server123") == hashlib.sha256(b"server123").hexdigest()


class TestBegin:
    def test_the_first_start_makes_one_owner_who_may_do_everything(self, registry: Registry) -> None:
        issued = registry.begin(" Owner@Example.org ", None)
        assert issued is not None
        assert len(issued.secret) >= 43  # 256 bits
        assert [organisation.id for organisation in registry.organisations()] == [1]
        (member,) = registry.members(1)
        assert (member.principal.email, member.group, member.person) == (OWNER, OWNERS, 0)
        caller = registry.identify(Presented(secret=issued.secret))
        assert caller.scope == Scope(1)
        assert {caller.levels[resource] for resource in Resource} == {Level.WRITE}

    def test_it_happens_once(self, registry: Registry, secret: str, engine: Engine) -> None:
        before = contents(engine)
        assert registry.begin("another@example.org", "another") is None
        assert contents(engine) == before

    def test_the_owner_may_choose_the_secret(self, registry: Registry) -> None:
        issued = registry.begin(OWNER, "chosen")
        assert issued is not None
        assert issued.secret == "chosen"
        assert registry.identify(Presented(secret="chosen")).email == OWNER

    def test_an_organisation_that_nobody_can_enter_gets_an_owner(self, registry: Registry) -> None:
        registry.add_organisation("Made by hand")
        assert registry.begin(OWNER, None) is not None
        assert [organisation.name for organisation in registry.organisations()] == ["Made by hand"]

    @pytest.mark.parametrize(("email", "chosen"), [("", None), ("a b", None), (OWNER, ""), (OWNER, " "), (OWNER, "\0")])
    def test_what_can_be_no_credential_is_refused_and_nothing_is_made(
        self, registry: Registry, email: str, chosen: str | None
    ) -> None:
        with pytest.raises(Invalid):
            registry.begin(email, chosen)
        assert registry.organisations() == []


class TestOrganisations:
    def test_one_has_a_trimmed_name_and_a_device_of_its_own(self, registry: Registry) -> None:
        one, other = registry.add_organisation(" Here "), registry.add_organisation("There")
        assert (one.name, one.id, other.id) == ("Here", 1, 2)
        assert one.device_guid != other.device_guid
        assert registry.organisation(1) == one

    @pytest.mark.parametrize("name", ["", " ", "x" * 256, "a\0"])
    def test_a_name_that_is_none_is_refused(self, registry: Registry, name: str) -> None:
        with pytest.raises(Invalid):
            registry.add_organisation(name)

    def test_a_name_is_given_once(self, registry: Registry) -> None:
        registry.add_organisation("Here")
        with pytest.raises(Exists):
            registry.add_organisation(" Here")

    def test_what_is_given_is_changed(self, registry: Registry) -> None:
        made = registry.add_organisation("Here")
        assert registry.change_organisation(1) == made
        changed = registry.change_organisation(
            1, name=" There ", idle_limit=0, rate_limit=1_000_000, time_zone="Europe/Berlin"
        )
        assert (changed.name, changed.idle_limit, changed.rate_limit, changed.time_zone) == (
            "There",
            0,
            1_000_000,
            "Europe/Berlin",
        )
        assert registry.change_organisation(1, idle_limit=60).name == "There"
        assert registry.organisation(1).idle_limit == 60

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"name": " "}, "name"),
            ({"idle_limit": -1}, "idle_limit"),
            ({"idle_limit": 366 * 86_400 + 1}, "idle_limit"),
            ({"rate_limit": 0}, "rate_limit"),
            ({"rate_limit": 1_000_001}, "rate_limit"),
            ({"time_zone": "Mars/Olympus"}, "time_zone"),
            ({"time_zone": ""}, "time_zone"),
            ({"time_zone": "../etc/passwd"}, "time_zone"),
            ({"time_zone": "Europe"}, "time_zone"),
        ],
    )
    def test_what_cannot_be_is_refused(self, registry: Registry, change: dict[str, object], field: str) -> None:
        made = registry.add_organisation("Here")
        with pytest.raises(Invalid) as refused:
            registry.change_organisation(1, **change)  # type: ignore[arg-type]
        assert refused.value.field == field
        assert registry.organisation(1) == made

    def test_an_unknown_one_cannot_be_changed(self, registry: Registry) -> None:
        with pytest.raises(Unknown):
            registry.change_organisation(9, name="Nowhere")


class TestMembers:
    def test_an_address_is_the_same_in_capitals(self, registry: Registry, secret: str) -> None:
        registry.add_member(1, " Ada@Example.ORG", "Readers")
        changed = registry.add_member(1, ADA, "Recorders", PersonDraft(login=" 17 "))
        assert (changed.principal.email, changed.group, changed.person) == (ADA, "Recorders", 17)
        assert [member.principal.email for member in registry.members(1)] == [ADA, OWNER]
        registry.remove_member(1, "ADA@example.org")
        assert [member.principal.email for member in registry.members(1)] == [OWNER]

    @pytest.mark.parametrize("email", ["", "a b", "a:b", "a@b@c", "@b", "a@", "a\0b", "x" * 256])
    def test_what_is_no_address_is_refused(self, registry: Registry, secret: str, email: str) -> None:
        for work in (
            lambda: registry.add_member(1, email, "Readers"),
            lambda: registry.remove_member(1, email),
            lambda: registry.make_default(1, email),
            lambda: registry.add_token(1, email, "token"),
        ):
            with pytest.raises(Invalid) as refused:
                work()
            assert refused.value.field == "email"

    def test_what_is_unknown_leaves_nothing(self, registry: Registry, secret: str, engine: Engine) -> None:
        before = contents(engine)
        for organisation, group in ((9, "Readers"), (1, "Nobody")):
            with pytest.raises(Unknown):
                registry.add_member(organisation, ADA, group)
        with pytest.raises(Invalid):
            registry.add_member(1, ADA, "Readers", PersonDraft(id=0))
        assert contents(engine) == before


class TestGroups:
    def test_what_is_not_named_stays(self, registry: Registry, secret: str) -> None:
        registry.set_group(1, " Night shift ", {Resource.ACTIVITY_SESSIONS: Level.WRITE})
        registry.set_group(1, "Night shift", {Resource.LOGIN_SESSIONS: Level.READ})
        levels = {group.name: group.levels for group in registry.groups(1)}["Night shift"]
        assert levels == dict.fromkeys(Resource, Level.NONE) | {
            Resource.ACTIVITY_SESSIONS: Level.WRITE,
            Resource.LOGIN_SESSIONS: Level.READ,
        }
        registry.drop_group(1, "Night shift")
        assert "Night shift" not in {group.name for group in registry.groups(1)}

    def test_its_organisation_and_its_name_must_be_real(self, registry: Registry, secret: str) -> None:
        with pytest.raises(Unknown):
            registry.set_group(9, "Night shift", {})
        with pytest.raises(Invalid):
            registry.set_group(1, " ", {})


class TestTokens:
    def test_only_digests_of_the_secret_are_kept(self, registry: Registry, secret: str, engine: Engine) -> None:
        kept = repr(contents(engine))
        assert secret not in kept
        assert md5_hex(secret) not in kept
        assert digest(secret) in kept

    def test_two_are_never_the_same(self, registry: Registry, secret: str) -> None:
        issued = [registry.add_token(1, OWNER, "one") for _ in range(5)]
        assert len({one.secret for one in issued} | {one.token.client_key for one in issued}) == 10

    def test_it_lives_as_long_as_it_is_told(self, registry: Registry, secret: str, clock: Clock) -> None:
        issued = registry.add_token(1, OWNER, " one ", life=60)
        assert (issued.token.name, issued.token.expires_at) == ("one", NOON + MINUTE)
        caller = registry.identify(Presented(secret=issued.secret))
        assert caller.until == NOON + MINUTE
        clock.now += MINUTE
        with pytest.raises(Unauthenticated):
            registry.identify(Presented(secret=issued.secret))

    @pytest.mark.parametrize(("name", "life"), [("", None), ("x" * 256, None), ("one", 0), ("one", -1)])
    def test_what_cannot_be_is_refused(self, registry: Registry, secret: str, name: str, life: int | None) -> None:
        with pytest.raises(Invalid):
            registry.add_token(1, OWNER, name, life=life)
        assert len(registry.tokens(1)) == 1

    def test_only_a_member_gets_one(self, registry: Registry, secret: str) -> None:
        with pytest.raises(Unknown):
            registry.add_token(1, ADA, "one")
        registry.add_organisation("There")
        with pytest.raises(Unknown):
            registry.add_token(2, OWNER, "one")

    def test_a_revoked_one_is_over_at_once_with_all_that_it_bought(self, registry: Registry, secret: str) -> None:
        issued = registry.add_token(1, OWNER, "one")
        bought = registry.buy_access(issued.token.client_key, issued.secret)
        registry.revoke(1, issued.token.id)
        for over in (issued.secret, bought.secret, md5_hex(issued.secret)):
            with pytest.raises(Unauthenticated):
                registry.identify(Presented(secret=over))
        with pytest.raises(Unauthenticated):
            registry.buy_access(issued.token.client_key, issued.secret)
        assert registry.identify(Presented(secret=secret)).email == OWNER

    def test_their_use_is_noted(self, registry: Registry, secret: str) -> None:
        registry.note_use({})
        registry.note_use({1: NOON + 5})
        assert [token.last_used_at for token in registry.tokens(1)] == [NOON + 5]


class TestBuyAccess:
    def test_it_is_a_token_for_five_minutes(self, registry: Registry, secret: str, clock: Clock) -> None:
        (owner,) = registry.tokens(1)
        bought = registry.buy_access(owner.client_key, secret)
        assert bought.token.expires_at == NOON + ACCESS_LIFE * SECOND
        assert bought.token.parent == owner.id
        caller = registry.identify(Presented(secret=bought.secret))
        assert (caller.email, caller.token) == (OWNER, bought.token.id)
        clock.now += ACCESS_LIFE * SECOND
        with pytest.raises(Unauthenticated):
            registry.identify(Presented(secret=bought.secret))

    def test_it_does_not_outlive_what_it_was_bought_with(self, registry: Registry, secret: str) -> None:
        issued = registry.add_token(1, OWNER, "x" * 255, life=60)
        bought = registry.buy_access(issued.token.client_key, issued.secret)
        assert bought.token.expires_at == NOON + MINUTE
        assert len(bought.token.name) == 255

    def test_what_is_bought_buys_nothing(self, registry: Registry, secret: str) -> None:
        (owner,) = registry.tokens(1)
        bought = registry.buy_access(owner.client_key, secret)
        with pytest.raises(Unauthenticated):
            registry.buy_access(bought.token.client_key, bought.secret)

    def test_a_wrong_key_or_secret_buys_nothing(self, registry: Registry, secret: str, clock: Clock) -> None:
        (owner,) = registry.tokens(1)
        issued = registry.add_token(1, OWNER, "one", life=60)
        clock.now += MINUTE
        for client_key, wrong in (
            (owner.client_key, "wrong"),
            ("wrong", secret),
            (owner.client_key, issued.secret),
            (issued.token.client_key, issued.secret),  # expired
        ):
            with pytest.raises(Unauthenticated):
                registry.buy_access(client_key, wrong)

    def test_those_that_are_over_are_dropped_after_a_minute(
        self, registry: Registry, secret: str, clock: Clock, engine: Engine
    ) -> None:
        (owner,) = registry.tokens(1)
        for _ in range(3):
            registry.buy_access(owner.client_key, secret)
        clock.now += ACCESS_LIFE * SECOND + MINUTE
        assert registry.drop_expired() == 0
        clock.now += 1
        assert registry.drop_expired(limit=2) == 2
        assert registry.drop_expired() == 1
        assert len(contents(engine)["token"]) == 1


class TestIdentify:
    def test_the_secret_or_its_md5_with_or_without_the_name(self, registry: Registry, secret: str) -> None:
        (owner,) = registry.tokens(1)
        callers = {
            registry.identify(Presented(secret=shown, user=user)).token
            for shown in (secret, md5_hex(secret))
            for user in (None, OWNER, OWNER.upper(), owner.client_key)
        }
        assert callers == {owner.id}

    @pytest.mark.parametrize("user", ["", "another@example.org", "owner"])
    def test_another_name_is_nobody(self, registry: Registry, secret: str, user: str) -> None:
        with pytest.raises(Unauthenticated):
            registry.identify(Presented(secret=secret, user=user))

    @pytest.mark.parametrize(
        "change",
        [lambda secret: secret[:-1], lambda secret: secret + " ", str.swapcase, lambda secret: "", digest],
        ids=["shorter", "longer", "other case", "empty", "the digest itself"],
    )
    def test_another_secret_is_nobody(self, registry: Registry, secret: str, change: Callable[[str], str]) -> None:
        with pytest.raises(Unauthenticated):
            registry.identify(Presented(secret=change(secret)))

    def test_who_belongs_nowhere_any_more_is_nobody(self, registry: Registry, secret: str) -> None:
        registry.add_member(1, ADA, OWNERS)
        registry.remove_member(1, OWNER)
        with pytest.raises(Unauthenticated):
            registry.identify(Presented(secret=secret))

    def test_a_change_of_access_shows_in_the_epoch(self, registry: Registry, secret: str) -> None:
        caller = registry.identify(Presented(secret=secret))
        assert caller.epoch == registry.epoch()
        registry.set_group(1, OWNERS, {Resource.LOGIN_SESSIONS: Level.READ})
        again = registry.identify(Presented(secret=secret))
        assert again.epoch == registry.epoch() > caller.epoch
        assert again.levels[Resource.LOGIN_SESSIONS] is Level.READ

    def test_one_may_be_narrowed_to_a_person(self, registry: Registry, secret: str) -> None:
        registry.add_member(1, ADA, "Recorders", PersonDraft(login="ada"))
        caller = registry.identify(Presented(secret=registry.add_token(1, ADA, "one").secret))
        assert caller.scope == Scope(1, 1)
        assert caller.levels[Resource.ADMINISTRATION] is Level.NONE


class TestTheOrganisationToWorkIn:
    """Ada belongs to 1 and 2, the owner to 1 only; 3 is another's."""

    @pytest.fixture
    def ada(self, registry: Registry, secret: str) -> str:
        """The secret of a token of Ada's own."""
        for name in ("Two", "Three"):
            registry.add_organisation(name)
        registry.add_member(1, ADA, "Readers")
        registry.add_member(2, ADA, "Recorders")
        return registry.add_own_token(ADA, "one").secret

    @staticmethod
    def at(registry: Registry, secret: str, organisation: int | None = None) -> Caller:
        return registry.identify(Presented(secret=secret, organisation=organisation))

    def test_a_token_that_one_made_opens_that_one_alone(self, registry: Registry, ada: str) -> None:
        made = registry.add_token(2, ADA, "one").secret
        caller = self.at(registry, made)
        assert (caller.scope, caller.organisation.name) == (Scope(2), "Two")
        assert [membership.organisation for membership in caller.memberships] == [2]
        with pytest.raises(Unknown):
            self.at(registry, made, 1)

    def test_what_was_bought_with_it_opens_no_more(self, registry: Registry, ada: str) -> None:
        made = registry.add_token(2, ADA, "one")
        bought = registry.buy_access(made.token.client_key, made.secret).secret
        assert self.at(registry, bought).scope == Scope(2)
        with pytest.raises(Unknown):
            self.at(registry, bought, 1)

    def test_it_opens_nothing_once_the_membership_is_over_and_not_after_it_begins_again(
        self, registry: Registry, ada: str
    ) -> None:
        made = registry.add_token(2, ADA, "one").secret
        registry.remove_member(2, ADA)
        for _ in range(2):
            with pytest.raises(Unauthenticated):
                self.at(registry, made)
            registry.add_member(2, ADA, "Readers")

    def test_ones_own_opens_all(self, registry: Registry, ada: str) -> None:
        assert self.at(registry, ada).scope == Scope(1)
        assert self.at(registry, ada, 2).scope == Scope(2)
        assert sorted(membership.organisation for membership in self.at(registry, ada).memberships) == [1, 2]

    def test_one_that_does_not_belong_is_told_that_there_is_none(self, registry: Registry, ada: str) -> None:
        for organisation in (3, 99, 0, -1):
            with pytest.raises(Unknown) as refused:
                self.at(registry, ada, organisation)
            assert refused.value.noun == "organisation"

    def test_ones_own_begins_in_the_default_one(self, registry: Registry, ada: str) -> None:
        registry.add_member(3, ADA, "Readers")
        registry.make_default(3, ADA)
        assert self.at(registry, ada).scope == Scope(3)

    def test_without_a_default_it_is_the_one_with_the_lowest_number(self, registry: Registry, ada: str) -> None:
        registry.add_member(3, ADA, "Readers")
        registry.make_default(2, ADA)
        registry.remove_member(2, ADA)
        assert self.at(registry, ada).scope == Scope(1)

    def test_rights_are_those_of_the_organisation_worked_in(self, registry: Registry, ada: str) -> None:
        assert self.at(registry, ada, 2).levels[Resource.ACTIVITY_SESSIONS] is Level.WRITE
        assert self.at(registry, ada, 2).levels[Resource.ADMINISTRATION] is Level.NONE
