"""Who may do what, by tables."""

import pytest

from sojourn.core.access import Caller, Level, Organisation, Principal, Resource, Scope, Token
from sojourn.core.errors import Forbidden
from tests.storage.desk import NOON

PRINCIPAL = Principal(id=1, email="ada", created_at=NOON)


def caller(levels: dict[Resource, Level]) -> Caller:
    organisation = Organisation(
        id=1, name="Here", device_guid="guid", idle_limit=0, rate_limit=1, time_zone="UTC", created_at=NOON
    )
    return Caller(
        principal=1,
        email="ada",
        scope=Scope(1, 5),
        organisation=organisation,
        levels=levels,
        memberships=(),
        token=1,
        epoch=1,
        until=None,
    )


@pytest.mark.parametrize("has", list(Level))
@pytest.mark.parametrize("needs", [Level.READ, Level.WRITE])
def test_write_includes_read_and_none_opens_nothing(has: Level, needs: Level) -> None:
    one = caller({Resource.LOGIN_SESSIONS: has})
    if has >= needs:
        assert one.require(Resource.LOGIN_SESSIONS, needs) == Scope(1, 5)
    else:
        with pytest.raises(Forbidden) as refused:
            one.require(Resource.LOGIN_SESSIONS, needs)
        assert refused.value.needed == f"{needs.label} access to Login Sessions"


def test_what_is_not_named_is_none() -> None:
    with pytest.raises(Forbidden):
        caller({Resource.LOGIN_SESSIONS: Level.WRITE}).require(Resource.ACTIVITY_SESSIONS, Level.READ)


def test_levels_have_the_names_that_people_see() -> None:
    assert [level.label for level in Level] == ["None", "Read", "Write"]


@pytest.mark.parametrize(
    ("expires_at", "revoked_at", "holds"),
    [
        (None, None, True),
        (NOON + 1, None, True),
        (NOON, None, False),
        (NOON - 1, None, False),
        (None, NOON + 1, False),
        (NOON + 1, NOON - 1, False),
    ],
)
def test_a_token_holds_until_it_is_over(expires_at: int | None, revoked_at: int | None, holds: bool) -> None:
    token = Token(
        id=1,
        principal=PRINCIPAL,
        name="token",
        client_key="key",
        organisation=0,
        parent=0,
        created_at=0,
        expires_at=expires_at,
        revoked_at=revoked_at,
        last_used_at=None,
    )
    assert token.holds(NOON) is holds
