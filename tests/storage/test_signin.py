"""The contract of `SignInStore`: one class for each of its methods, on both engines."""

from collections.abc import Callable

import pytest

from sojourn.core.access import Means, TokenDraft
from sojourn.core.errors import Exists, Unknown
from sojourn.core.ports import AccessStore, SignInStore
from sojourn.storage.engine import Engine
from sojourn.storage.signin import SignInOnDisk
from tests.storage.desk import NOON
from tests.storage.tables import contents
from tests.storage.test_access import ADA, GRACE, draft

LATER = NOON + 1_000


@pytest.fixture
def store(engine: Engine) -> SignInStore:
    return SignInOnDisk(engine)


@pytest.fixture
def here(access: AccessStore) -> int:
    """The first organisation, to which Ada (1) belongs."""
    number = access.add_organisation("Here", "guid-here", NOON).id
    access.add_principal(ADA, NOON)
    access.join(number, ADA, "Owners", None)
    return number


@pytest.fixture
def there(access: AccessStore, here: int) -> int:
    """A second one, to which Ada belongs, and Grace (2), who belongs nowhere else."""
    number = access.add_organisation("There", "guid-there", NOON).id
    access.add_principal(GRACE, NOON)
    for email in (ADA, GRACE):
        access.join(number, email, "Readers", None)
    return number


def session(name: str, means: Means = Means.PASSWORD, email: str = ADA, **rest: object) -> TokenDraft:
    return draft(name, email, means=means, expires_at=LATER, **rest)


def live(store: SignInStore, principal: int = 1) -> list[str]:
    """The names of the sessions that have not ended."""
    return [one.name for one in store.sessions(principal) if one.revoked_at is None]


class TestKnown:
    def test_nobody_has_an_address_that_nobody_has(self, store: SignInStore) -> None:
        assert store.known("nobody@example.org") is None

    def test_it_tells_where_one_belongs_and_what_the_password_opens(
        self, store: SignInStore, here: int, there: int
    ) -> None:
        before = store.known(ADA)
        assert before is not None
        assert (before.hash, before.changed_at, before.vouched) == (None, None, frozenset())
        assert (before.organisations, before.opened, before.has_password) == (
            frozenset({here, there}),
            frozenset(),
            False,
        )
        store.set_password(1, "a hash", NOON, vouched=there, keep=0)
        known = store.known(ADA)
        assert known is not None
        assert (known.principal.email, known.hash, known.changed_at) == (ADA, "a hash", NOON)
        assert (known.opened, known.has_password) == (frozenset({there}), True)

    def test_who_has_left_is_not_led_back_by_the_password(
        self, store: SignInStore, access: AccessStore, here: int, there: int
    ) -> None:
        store.set_password(1, "a hash", NOON, vouched=there, keep=0)
        access.leave(there, ADA, NOON)
        access.join(there, ADA, "Readers", None)
        known = store.known(ADA)
        assert known is not None
        assert (known.opened, known.has_password) == (frozenset(), False)


class TestSetPassword:
    def test_sessions_that_the_old_one_began_are_over(
        self, store: SignInStore, access: AccessStore, here: int, there: int
    ) -> None:
        access.add_token(session("1"), NOON)
        kept = access.add_token(session("2"), NOON)
        access.add_token(session("3", Means.OPENID), NOON)
        access.add_token(session("4", email=GRACE), NOON)
        access.add_token(draft("5"), NOON)
        store.set_password(1, "new", NOON, vouched=None, keep=kept.id)
        assert live(store) == ["token 3", "token 2"]
        assert live(store, 2) == ["token 4"]
        assert [one.revoked_at for one in access.tokens(0)] == [None]

    def test_it_opens_what_it_opened_before_unless_another_vouches(
        self, store: SignInStore, here: int, there: int
    ) -> None:
        opened = []
        for vouched in (here, None, 0, None, there):
            store.set_password(1, "hash", NOON, vouched=vouched, keep=0)
            known = store.known(ADA)
            assert known is not None
            opened.append(known.opened)
        assert opened == [{here}, {here}, {here, there}, {here, there}, {there}]

    def test_it_moves_the_epoch(self, store: SignInStore, access: AccessStore, here: int) -> None:
        before = access.epoch()
        store.set_password(1, "hash", NOON, vouched=0, keep=0)
        assert access.epoch() > before


class TestRehash:
    def test_only_the_same_password_is_kept_in_another_way(self, store: SignInStore, here: int) -> None:
        store.set_password(1, "old", NOON, vouched=0, keep=0)
        for old, kept in (("another", "old"), ("old", "new"), ("old", "new")):
            store.rehash(1, old, "new")
            known = store.known(ADA)
            assert known is not None
            assert known.hash == kept


class TestInvite:
    def test_only_a_member_is_invited(self, store: SignInStore, here: int, there: int, engine: Engine) -> None:
        before = contents(engine)
        for organisation, email in ((here, GRACE), (99, ADA), (here, "nobody@example.org")):
            with pytest.raises(Unknown):
                store.invite(organisation, email, "digest", LATER)
        assert contents(engine) == before

    def test_the_link_before_it_is_good_for_nothing(self, store: SignInStore, here: int, there: int) -> None:
        store.invite(there, ADA, "another's", LATER)
        for digest in ("first", "second"):
            store.invite(here, ADA, digest, LATER)
        assert [store.invitation(digest, NOON) is not None for digest in ("first", "second", "another's")] == [
            False,
            True,
            True,
        ]


class TestInvitation:
    def test_it_tells_who_is_invited_where(self, store: SignInStore, here: int) -> None:
        store.invite(here, ADA, "digest", LATER)
        found = store.invitation("digest", NOON)
        assert found is not None
        assert (found.organisation, found.organisation_name, found.email) == (here, "Here", ADA)
        assert found.expires_at == LATER

    def test_it_holds_for_its_time_and_as_long_as_the_membership(
        self, store: SignInStore, access: AccessStore, here: int
    ) -> None:
        store.invite(here, ADA, "digest", LATER)
        assert store.invitation("digest", LATER - 1) is not None
        assert store.invitation("digest", LATER) is None
        assert store.invitation("other", NOON) is None
        access.add_principal(GRACE, NOON)
        access.join(here, GRACE, "Owners", None)
        access.leave(here, ADA, NOON)
        access.join(here, ADA, "Owners", None)
        assert store.invitation("digest", NOON) is None

    def test_links_that_were_not_used_are_forgotten(
        self, store: SignInStore, access: AccessStore, here: int, engine: Engine
    ) -> None:
        store.invite(here, ADA, "digest", LATER)
        access.drop_expired(LATER, 10)
        assert contents(engine)["invitation"] == []


class TestAccept:
    def test_a_first_password_opens_the_organisation_of_the_link(
        self, store: SignInStore, here: int, there: int
    ) -> None:
        store.invite(there, ADA, "digest", LATER)
        store.accept("digest", "hash", NOON)
        known = store.known(ADA)
        assert known is not None
        assert (known.hash, known.opened) == ("hash", frozenset({there}))

    def test_a_password_that_there_is_opens_it_too(self, store: SignInStore, here: int, there: int) -> None:
        store.set_password(1, "hash", NOON, vouched=here, keep=0)
        store.invite(there, ADA, "digest", LATER)
        store.accept("digest", None, NOON)
        known = store.known(ADA)
        assert known is not None
        assert (known.hash, known.opened) == ("hash", frozenset({here, there}))

    def test_a_password_that_others_vouch_for_is_not_replaced(
        self, store: SignInStore, here: int, there: int, engine: Engine
    ) -> None:
        store.set_password(1, "hash", NOON, vouched=here, keep=0)
        store.invite(there, ADA, "digest", LATER)
        before = contents(engine)
        with pytest.raises(Exists):
            store.accept("digest", "taken over", NOON)
        assert contents(engine) == before

    def test_it_can_be_done_once_and_in_time(self, store: SignInStore, here: int) -> None:
        store.invite(here, ADA, "digest", LATER)
        for now in (LATER, NOON, NOON):
            if now == NOON and store.invitation("digest", NOON):
                store.accept("digest", "hash", now)
            else:
                with pytest.raises(Unknown):
                    store.accept("digest", "hash", now)


class TestSessions:
    def test_they_are_told_newest_first_without_tokens_for_programs(
        self, store: SignInStore, access: AccessStore, here: int, there: int
    ) -> None:
        token = access.add_token(draft("1"), NOON)
        begun = [
            access.add_token(session("2"), NOON),
            access.add_token(session("3", Means.TOKEN, parent=token.id), NOON),
            access.add_token(session("4", Means.OPENID), NOON),
        ]
        access.add_token(session("5", email=GRACE), NOON)
        assert store.sessions(1) == begun[::-1]
        assert store.sessions(99) == []


class TestOwnTokens:
    def test_they_are_told_whoever_made_them(
        self, store: SignInStore, access: AccessStore, here: int, there: int
    ) -> None:
        made = [access.add_token(draft(str(number), organisation=number), NOON) for number in (0, here, there)]
        access.add_token(draft("4", parent=made[0].id), NOON)
        access.add_token(session("5"), NOON)
        assert store.own_tokens(1) == made[::-1]


class TestToken:
    def test_one_is_found_by_its_number(self, store: SignInStore, access: AccessStore, here: int) -> None:
        made = access.add_token(session("1"), NOON)
        assert store.token(made.id) == made
        assert store.token(99) is None


class TestEnd:
    def test_it_is_over_with_all_that_was_bought_with_it(
        self, store: SignInStore, access: AccessStore, here: int
    ) -> None:
        parent = access.add_token(draft("1"), NOON)
        access.add_token(session("2", Means.TOKEN, parent=parent.id), NOON)
        store.end(1, parent.id, NOON + 5)
        found = [access.credential(f"digest of {secret}") for secret in "12"]
        assert [one and one.token.revoked_at for one in found] == [NOON + 5] * 2

    def test_anothers_and_what_is_over_is_unknown(
        self, store: SignInStore, access: AccessStore, here: int, there: int
    ) -> None:
        theirs = access.add_token(session("1", email=GRACE), NOON)
        mine = access.add_token(session("2"), NOON)
        store.end(1, mine.id, NOON)
        for number in (theirs.id, mine.id, 99):
            with pytest.raises(Unknown):
                store.end(1, number, NOON)
        assert live(store, 2) == ["token 1"]


class TestProlong:
    def test_a_session_that_holds_lives_longer(self, store: SignInStore, access: AccessStore, here: int) -> None:
        made, over = access.add_token(session("1"), NOON), access.add_token(session("2"), NOON)
        store.end(1, over.id, NOON)
        for one in (made, over):
            store.prolong(one.id, LATER + 5)
        assert [one.expires_at for one in store.sessions(1)] == [LATER, LATER + 5]


def test_sessions_that_are_over_are_dropped(store: SignInStore, access: AccessStore, here: int) -> None:
    access.add_token(session("1"), NOON)
    access.add_token(draft("2", expires_at=LATER), NOON)
    assert access.drop_expired(LATER + 1, 10) == 1
    assert [one.name for one in store.own_tokens(1)] == ["token 2"]
    assert store.sessions(1) == []


def test_a_session_of_a_password_opens_what_the_password_does(
    store: SignInStore, access: AccessStore, here: int, there: int
) -> None:
    access.add_token(session("1"), NOON)
    opened: Callable[[], list[int]] = lambda: [  # noqa: E731
        membership.organisation
        for membership, _ in access.credential("digest of 1").opened()  # type: ignore[union-attr]
    ]
    assert opened() == []
    store.set_password(1, "hash", NOON, vouched=there, keep=1)
    assert opened() == [there]
    store.set_password(1, "hash", NOON, vouched=0, keep=1)
    assert opened() == [here, there]
