"""The rules of administration: nobody locks everybody out, and who sees one person's sessions administers nothing."""

from collections.abc import Callable

import pytest

from sojourn.core.access import Caller, Level, Resource, Scope
from sojourn.core.administration import Administration
from sojourn.core.errors import Forbidden, Invalid, SojournError, Unknown
from sojourn.core.model import PersonDraft
from sojourn.core.ports import AccessStore
from sojourn.core.registry import Issued, Presented, Registry
from sojourn.core.signin import SignIn
from sojourn.passwords import Argon2
from sojourn.storage.engine import Engine
from sojourn.storage.signin import SignInOnDisk
from tests.core.conftest import Clock
from tests.storage.tables import contents

OWNER = "owner@example.org"
NINA = "nina@example.org"
ACME = Scope(1)
OWN = PersonDraft(login="owner")

Work = Callable[[Administration], object]


@pytest.fixture
def registry(access: AccessStore, clock: Clock) -> Registry:
    return Registry(access, clock)


@pytest.fixture
def issued(registry: Registry) -> Issued:
    """The token of the owner of the first organisation; there is a second one."""
    first = registry.begin(OWNER, None)
    assert first is not None
    registry.add_organisation("Beta")
    registry.add_member(2, "stranger@example.org", "Owners")
    return first


@pytest.fixture
def signin(access: AccessStore, engine: Engine, clock: Clock) -> SignIn:
    return SignIn(access, SignInOnDisk(engine), Argon2(), clock)


@pytest.fixture
def rules(registry: Registry, signin: SignIn, issued: Issued) -> Administration:
    assert issued.secret
    return Administration(registry, signin)


@pytest.fixture
def owner(registry: Registry, issued: Issued) -> Caller:
    return registry.identify(Presented(secret=issued.secret))


LOCKING: dict[str, Work] = {
    "the last owner leaves": lambda rules: rules.remove_member(ACME, OWNER),
    "in other letters": lambda rules: rules.remove_member(ACME, " OWNER@example.org "),
    "the last owner becomes a reader": lambda rules: rules.set_member(ACME, OWNER, "Readers"),
    "the last owner is narrowed": lambda rules: rules.set_member(ACME, OWNER, "Owners", OWN),
    "the owners may only read it": lambda rules: rules.set_group(ACME, "Owners", {Resource.ADMINISTRATION: Level.READ}),
    "the owners may nothing": lambda rules: rules.set_group(ACME, " Owners ", dict.fromkeys(Resource, Level.NONE)),
    "the owners are dropped": lambda rules: rules.drop_group(ACME, "Owners"),
}


@pytest.mark.parametrize("others", ["nobody else", "somebody narrowed", "somebody who reads"])
def test_nobody_locks_everybody_out(others: str, rules: Administration, registry: Registry, engine: Engine) -> None:
    registry.set_group(1, "Watchers", {Resource.ADMINISTRATION: Level.READ})
    if others == "somebody narrowed":
        registry.add_member(1, NINA, "Owners", PersonDraft(login="nina"))
    elif others == "somebody who reads":
        registry.add_member(1, NINA, "Watchers")
    before = contents(engine)
    for case, work in LOCKING.items():
        with pytest.raises(Invalid):
            work(rules)
        assert contents(engine) == before, case


@pytest.mark.parametrize("case", [case for case in LOCKING if "owners" not in case])
def test_an_owner_may_go_where_another_is_left(case: str, rules: Administration) -> None:
    rules.set_group(ACME, "Trustees", {Resource.ADMINISTRATION: Level.WRITE})
    rules.set_member(ACME, NINA, "Trustees")
    LOCKING[case](rules)
    with pytest.raises(Invalid):
        rules.remove_member(ACME, NINA)


def test_the_token_that_one_came_with_stays(
    rules: Administration, registry: Registry, signin: SignIn, owner: Caller, issued: Issued
) -> None:
    bought = registry.identify(Presented(secret=registry.buy_access(issued.token.client_key, issued.secret).secret))
    session = signin.by_token(issued.secret, "a test").secret
    browser = registry.identify(Presented(secret=session, browser=True))
    for caller in (owner, bought, browser):
        with pytest.raises(Invalid, match="must not be the token that you came with"):
            rules.revoke(caller, issued.token.id)
    another = rules.add_token(ACME, OWNER, "another")
    rules.revoke(registry.identify(Presented(secret=another.secret)), issued.token.id)
    assert rules.token(ACME, issued.token.id).revoked_at is not None


EVERYTHING: dict[str, Work] = {
    "organisation": lambda rules: rules.organisation(Scope(1, 7)),
    "change_organisation": lambda rules: rules.change_organisation(Scope(1, 7), name="Mine"),
    "members": lambda rules: rules.members(Scope(1, 7)),
    "member": lambda rules: rules.member(Scope(1, 7), OWNER),
    "set_member": lambda rules: rules.set_member(Scope(1, 7), NINA, "Owners"),
    "remove_member": lambda rules: rules.remove_member(Scope(1, 7), OWNER),
    "invite": lambda rules: rules.invite(Scope(1, 7), OWNER),
    "groups": lambda rules: rules.groups(Scope(1, 7)),
    "group": lambda rules: rules.group(Scope(1, 7), "Owners"),
    "set_group": lambda rules: rules.set_group(Scope(1, 7), "Mine", {}),
    "drop_group": lambda rules: rules.drop_group(Scope(1, 7), "Readers"),
    "tokens": lambda rules: rules.tokens(Scope(1, 7)),
    "token": lambda rules: rules.token(Scope(1, 7), 1),
    "add_token": lambda rules: rules.add_token(Scope(1, 7), OWNER, "mine"),
}


def test_who_is_narrowed_to_a_person_administers_nothing(rules: Administration, engine: Engine) -> None:
    before = contents(engine)
    for case, work in EVERYTHING.items():
        with pytest.raises(Forbidden):
            work(rules)
        assert contents(engine) == before, case


def test_nor_do_they_revoke(rules: Administration, registry: Registry, engine: Engine) -> None:
    registry.add_member(1, NINA, "Owners", PersonDraft(login="nina"))
    narrowed = registry.identify(Presented(secret=registry.add_token(1, NINA, "hers").secret))
    before = contents(engine)
    with pytest.raises(Forbidden):
        rules.revoke(narrowed, 1)
    assert contents(engine) == before


def test_every_rule_is_tried_by_somebody_narrowed() -> None:
    rules = {name for name in vars(Administration) if not name.startswith("_")}
    assert rules == EVERYTHING.keys() | {"revoke"}


@pytest.mark.parametrize("email", ["stranger@example.org", "unheard@example.org"])
def test_who_belongs_elsewhere_is_as_unknown_as_nobody(email: str, rules: Administration, engine: Engine) -> None:
    before = contents(engine)
    told: list[SojournError] = []
    for work in (
        lambda: rules.member(ACME, email),
        lambda: rules.remove_member(ACME, email),
        lambda: rules.add_token(ACME, email, "x"),
        lambda: rules.invite(ACME, email),
    ):
        with pytest.raises((Unknown, Invalid)) as refused:
            work()
        told.append(refused.value)
    assert [error.message for error in told] == [
        f"There is no member {email}",
        f"There is no member {email}",
        "email must be the address of a member",
        "email must be the address of a member",
    ]
    assert contents(engine) == before


def test_an_access_group_that_is_not_there_is_named(rules: Administration, engine: Engine) -> None:
    before = contents(engine)
    for email in (OWNER, NINA):
        with pytest.raises(Invalid) as refused:
            rules.set_member(ACME, email, "Nonsense")
        assert refused.value.field == "group"
    with pytest.raises(Unknown):
        rules.group(ACME, "Nonsense")
    assert contents(engine) == before


def test_what_an_access_group_is_not_told_stays(rules: Administration) -> None:
    rules.set_group(ACME, "Readers", {Resource.ADMINISTRATION: Level.READ})
    levels = rules.group(ACME, "Readers").levels
    assert (levels[Resource.ADMINISTRATION], levels[Resource.LOGIN_SESSIONS]) == (Level.READ, Level.READ)


def test_a_token_of_another_organisation_is_unknown(rules: Administration, registry: Registry, owner: Caller) -> None:
    theirs = registry.add_token(2, "stranger@example.org", "theirs").token.id
    with pytest.raises(Unknown):
        rules.token(ACME, theirs)
    with pytest.raises(Unknown):
        rules.revoke(owner, theirs)
    assert registry.tokens(2)[0].revoked_at is None
