"""Signing in: by what, into what, for how long, and how it ends."""

import pytest

from sojourn.core.access import Caller, Means
from sojourn.core.errors import Invalid, Unauthenticated, Unknown
from sojourn.core.model import DAY, MINUTE
from sojourn.core.ports import AccessStore
from sojourn.core.registry import OWNERS, Presented, Registry
from sojourn.core.signin import IDLE, LINK_LIFE, MOST, SignIn
from sojourn.storage.engine import Engine
from sojourn.storage.signin import SignInOnDisk
from tests.core.conftest import Clock
from tests.storage.desk import NOON
from tests.storage.tables import contents

OWNER = "owner@example.org"
ADA = "ada@example.org"
GOOD = "correct horse battery"


class Plainly:
    """Keeps passwords in a way that takes no time, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, str]] = []
        self.mark = "plain "

    def hash(self, password: str) -> str:
        return self.mark + password

    def verify(self, kept: str | None, password: str) -> bool:
        self.asked.append((kept, password))
        return kept is not None and kept.partition(" ")[2] == password

    def is_dated(self, kept: str) -> bool:
        return not kept.startswith(self.mark)


@pytest.fixture
def passwords() -> Plainly:
    return Plainly()


@pytest.fixture
def registry(access: AccessStore, clock: Clock) -> Registry:
    registry = Registry(access, clock)
    registry.begin(OWNER, "the owner's secret")
    registry.add_organisation("Two")
    registry.add_member(1, ADA, "Readers")
    registry.add_member(2, ADA, "Recorders")
    return registry


@pytest.fixture
def signin(registry: Registry, access: AccessStore, engine: Engine, passwords: Plainly, clock: Clock) -> SignIn:
    return SignIn(access, SignInOnDisk(engine), passwords, clock)


def entered(registry: Registry, secret: str, organisation: int | None = None) -> Caller:
    return registry.identify(Presented(secret=secret, organisation=organisation, browser=True))


class TestByToken:
    def test_it_opens_what_the_token_opens(self, registry: Registry, signin: SignIn) -> None:
        made = registry.add_token(2, ADA, "laptop")
        caller = entered(registry, signin.by_token(made.secret, "Firefox").secret)
        assert (caller.email, caller.scope.organisation, caller.means, caller.maker) == (ADA, 2, Means.TOKEN, 2)
        assert [membership.organisation for membership in caller.memberships] == [2]
        assert not caller.everywhere

    def test_it_ends_with_the_token(self, registry: Registry, signin: SignIn, clock: Clock) -> None:
        made = registry.add_token(2, ADA, "laptop", life=60)
        begun = signin.by_token(made.secret, "Firefox")
        assert begun.token.expires_at == NOON + MINUTE
        registry.revoke(2, made.token.id)
        with pytest.raises(Unauthenticated):
            entered(registry, begun.secret)

    def test_what_is_no_lasting_token_begins_nothing(self, registry: Registry, signin: SignIn, clock: Clock) -> None:
        made = registry.add_token(2, ADA, "laptop", life=60)
        bought = registry.buy_access(made.token.client_key, made.secret)
        begun = signin.by_token(made.secret, "Firefox")
        clock.now += MINUTE
        for secret in (made.secret, bought.secret, begun.secret, "wrong", ""):
            with pytest.raises(Unauthenticated):
                signin.by_token(secret, "Firefox")

    def test_a_session_opens_nothing_to_programs_and_a_token_is_no_session(
        self, registry: Registry, signin: SignIn
    ) -> None:
        made = registry.add_token(2, ADA, "laptop")
        begun = signin.by_token(made.secret, "Firefox")
        with pytest.raises(Unauthenticated):
            registry.identify(Presented(secret=begun.secret))
        with pytest.raises(Unauthenticated):
            entered(registry, made.secret)
        with pytest.raises(Unauthenticated):
            registry.buy_access(begun.token.client_key, begun.secret)


class TestByPassword:
    def test_who_is_at_the_machine_sets_one_for_all_organisations(self, registry: Registry, signin: SignIn) -> None:
        signin.set_password(ADA, GOOD)
        secret = signin.by_password(" Ada@Example.org ", GOOD, "Firefox").secret
        assert entered(registry, secret).everywhere
        assert [entered(registry, secret, number).scope.organisation for number in (1, 2)] == [1, 2]

    def test_letters_may_be_composed_either_way(self, registry: Registry, signin: SignIn) -> None:
        signin.set_password(ADA, "se\N{LATIN SMALL LETTER N WITH TILDE}or de la casa")
        assert signin.by_password(ADA, "sen\N{COMBINING TILDE}or de la casa", "Firefox").secret

    @pytest.mark.parametrize(
        ("email", "password"),
        [(ADA, "wrong"), (ADA, ""), ("nobody@example.org", GOOD), (OWNER, GOOD), ("no address", GOOD), ("", "")],
    )
    def test_whoever_it_is_not_is_told_the_same_after_the_same_work(
        self, registry: Registry, signin: SignIn, passwords: Plainly, email: str, password: str
    ) -> None:
        signin.set_password(ADA, GOOD)
        with pytest.raises(Unauthenticated):
            signin.by_password(email, password, "Firefox")
        assert len(passwords.asked) == 1

    def test_who_belongs_nowhere_is_nobody(self, registry: Registry, signin: SignIn) -> None:
        signin.set_password(OWNER, GOOD)
        registry.add_member(1, ADA, OWNERS)
        registry.remove_member(1, OWNER)
        with pytest.raises(Unauthenticated):
            signin.by_password(OWNER, GOOD, "Firefox")

    def test_one_that_is_kept_in_an_old_way_is_kept_in_the_new_one(
        self, registry: Registry, signin: SignIn, passwords: Plainly, engine: Engine
    ) -> None:
        signin.set_password(ADA, GOOD)
        passwords.mark = "newer "
        for _ in range(2):
            signin.by_password(ADA, GOOD, "Firefox")
        assert [row[1] for row in contents(engine)["password"]] == [f"newer {GOOD}"]


class TestByAddress:
    def test_it_opens_all_organisations_of_a_member(self, registry: Registry, signin: SignIn) -> None:
        caller = entered(registry, signin.by_address(ADA, "Firefox").secret, 2)
        assert (caller.email, caller.means, caller.everywhere) == (ADA, Means.OPENID, True)

    def test_who_is_no_member_is_nobody(self, registry: Registry, signin: SignIn) -> None:
        registry.add_member(1, ADA, OWNERS)
        registry.remove_member(1, OWNER)
        for email in (OWNER, "nobody@example.org"):
            with pytest.raises(Unauthenticated):
                signin.by_address(email, "Firefox")


class TestProlong:
    def test_a_session_ends_when_it_is_not_used(self, registry: Registry, signin: SignIn, clock: Clock) -> None:
        begun = signin.by_address(ADA, "Firefox")
        assert begun.token.expires_at == NOON + IDLE
        clock.now += IDLE
        with pytest.raises(Unauthenticated):
            entered(registry, begun.secret)

    def test_it_goes_on_while_it_is_used_but_not_for_ever(
        self, registry: Registry, signin: SignIn, clock: Clock
    ) -> None:
        begun = signin.by_address(ADA, "Firefox")
        while clock.now < NOON + MOST:
            signin.prolong(entered(registry, begun.secret))
            clock.now += IDLE // 2
        with pytest.raises(Unauthenticated):
            entered(registry, begun.secret)

    def test_it_does_not_outlive_its_token(self, registry: Registry, signin: SignIn, clock: Clock) -> None:
        made = registry.add_token(2, ADA, "laptop", life=60)
        begun = signin.by_token(made.secret, "Firefox")
        before = registry.epoch()
        signin.prolong(entered(registry, begun.secret))
        assert registry.epoch() == before


class TestSessions:
    def test_one_signs_out_everywhere(self, registry: Registry, signin: SignIn) -> None:
        secrets = [signin.by_address(ADA, name).secret for name in ("Firefox", "Chromium")]
        caller = entered(registry, secrets[0])
        assert [session.name for session in signin.sessions(caller)] == ["Chromium", "Firefox"]
        signin.end_all(caller)
        for secret in secrets:
            with pytest.raises(Unauthenticated):
                entered(registry, secret)

    def test_one_ends_ones_own_alone(self, registry: Registry, signin: SignIn) -> None:
        mine = entered(registry, signin.by_address(ADA, "Firefox").secret)
        theirs = signin.by_address(OWNER, "Firefox")
        with pytest.raises(Unknown):
            signin.end(mine, theirs.token.id)
        signin.end(mine, mine.token)
        assert entered(registry, theirs.secret).email == OWNER

    def test_what_opens_one_organisation_does_not_tell_of_others(self, registry: Registry, signin: SignIn) -> None:
        """Organisation 2 made the token, and may have kept it: what Ada does elsewhere is not for it to see or end."""
        elsewhere = signin.by_address(ADA, "at home")
        registry.add_token(1, ADA, "of one")
        made = registry.add_token(2, ADA, "of two")
        caller = entered(registry, signin.by_token(made.secret, "Firefox").secret)
        assert [session.name for session in signin.sessions(caller)] == ["Firefox"]
        assert [token.name for token in signin.tokens(caller)] == ["of two"]
        with pytest.raises(Unknown):
            signin.end(caller, elsewhere.token.id)
        signin.end_all(caller)
        assert entered(registry, elsewhere.secret).email == ADA


class TestChangePassword:
    def test_the_first_one_opens_what_the_session_does(self, registry: Registry, signin: SignIn) -> None:
        made = registry.add_token(2, ADA, "laptop")
        caller = entered(registry, signin.by_token(made.secret, "Firefox").secret)
        signin.change_password(caller, "", GOOD)
        begun = entered(registry, signin.by_password(ADA, GOOD, "Firefox").secret)
        assert [membership.organisation for membership in begun.memberships] == [2]
        assert not begun.everywhere

    def test_another_one_needs_the_old_one_and_ends_other_sessions(self, registry: Registry, signin: SignIn) -> None:
        signin.set_password(ADA, GOOD)
        other, this = [signin.by_password(ADA, GOOD, name).secret for name in ("other", "this")]
        with pytest.raises(Invalid) as refused:
            signin.change_password(entered(registry, this), "wrong", "another one to keep")
        assert refused.value.field == "old"
        signin.change_password(entered(registry, this), GOOD, "another one to keep")
        with pytest.raises(Unauthenticated):
            entered(registry, other)
        assert entered(registry, this).everywhere
        with pytest.raises(Unauthenticated):
            signin.by_password(ADA, GOOD, "Firefox")

    @pytest.mark.parametrize("password", ["", "short", "x" * 257, ADA.upper(), "aaaaaaaaaaaaaaaa", "abababababab"])
    def test_one_that_is_soon_guessed_is_refused(self, registry: Registry, signin: SignIn, password: str) -> None:
        with pytest.raises(Invalid):
            signin.set_password(ADA, password)

    def test_only_somebody_gets_one(self, registry: Registry, signin: SignIn) -> None:
        with pytest.raises(Unknown):
            signin.set_password("nobody@example.org", GOOD)


class TestInvite:
    def test_a_link_leads_into_its_organisation_alone(self, registry: Registry, signin: SignIn) -> None:
        link = signin.invite(2, ADA)
        found, has_password = signin.invitation(link.secret)
        assert (found.organisation_name, found.email, has_password) == ("Two", ADA, False)
        caller = entered(registry, signin.accept(link.secret, GOOD, "Firefox").secret)
        assert [membership.organisation for membership in caller.memberships] == [2]
        with pytest.raises(Unknown):
            signin.accept(link.secret, GOOD, "Firefox")

    def test_another_one_needs_the_password_that_there_is(self, registry: Registry, signin: SignIn) -> None:
        """Organisation 2 invites somebody whom 1 knows: whoever holds that link must not get into 1."""
        signin.accept(signin.invite(1, ADA).secret, GOOD, "Firefox")
        link = signin.invite(2, ADA)
        assert signin.invitation(link.secret)[1]
        with pytest.raises(Invalid):
            signin.accept(link.secret, "what the thief wants", "Firefox")
        assert [m.organisation for m in entered(registry, signin.by_password(ADA, GOOD, "x").secret).memberships] == [1]
        caller = entered(registry, signin.accept(link.secret, GOOD, "Firefox").secret)
        assert sorted(membership.organisation for membership in caller.memberships) == [1, 2]

    def test_a_password_that_nobody_vouches_for_any_more_is_none(self, registry: Registry, signin: SignIn) -> None:
        signin.accept(signin.invite(1, ADA).secret, GOOD, "Firefox")
        registry.remove_member(1, ADA)
        link = signin.invite(2, ADA)
        assert not signin.invitation(link.secret)[1]
        signin.accept(link.secret, "another one to keep", "Firefox")
        with pytest.raises(Unauthenticated):
            signin.by_password(ADA, GOOD, "Firefox")

    def test_it_is_good_for_three_days(self, registry: Registry, signin: SignIn, clock: Clock) -> None:
        link = signin.invite(2, ADA)
        assert (link.expires_at, LINK_LIFE) == (NOON + 3 * DAY, 3 * DAY)
        clock.now = link.expires_at
        with pytest.raises(Unknown):
            signin.invitation(link.secret)

    def test_no_secret_is_kept(self, registry: Registry, signin: SignIn, engine: Engine) -> None:
        link = signin.invite(2, ADA)
        begun = signin.by_address(ADA, "Firefox")
        kept = repr(contents(engine))
        assert link.secret not in kept
        assert begun.secret not in kept


def test_a_token_that_a_session_makes_lives_no_longer_than_what_began_it(registry: Registry, signin: SignIn) -> None:
    short, long = registry.add_token(2, ADA, "a", life=600), registry.add_token(2, ADA, "b")
    lives = [
        signin.longest_life(entered(registry, begun.secret))
        for begun in (
            signin.by_token(short.secret, "x"),
            signin.by_token(long.secret, "x"),
            signin.by_address(ADA, "x"),
        )
    ]
    assert lives == [600, None, None]
