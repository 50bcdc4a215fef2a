"""The errors: each says what happened, and none knows a status code."""

import pytest

from sojourn.core import errors
from sojourn.core.errors import (
    Busy,
    Ended,
    Exists,
    Forbidden,
    Invalid,
    KeyReused,
    Missing,
    SojournError,
    Unauthenticated,
    Unavailable,
    Unknown,
)

TABLE: list[tuple[SojournError, str, dict[str, object]]] = [
    (Invalid("activities[2].name", "must not be empty"), "activities[2].name must not be empty", {}),
    (Invalid("", "The body is no JSON"), "The body is no JSON", {"field": ""}),
    (Missing("userId"), "userId is mandatory", {"field": "userId", "reason": "is mandatory"}),
    (Unknown("session", 5), "There is no session 5", {"noun": "session", "name": 5}),
    (Ended(5), "Session 5 has ended", {"session_id": 5}),
    (Exists("session", 5), "There is already a session 5", {"noun": "session", "name": 5}),
    (KeyReused("k"), "The idempotency key k was used for another request", {"key": "k"}),
    (Unauthenticated(), "No valid credentials were given", {}),
    (Forbidden("Read access"), "This needs Read access", {"needed": "Read access"}),
    (Busy(), "Too many requests are waiting to be written", {"retry_after": 1}),
    (Unavailable(), "The database cannot be reached", {"retry_after": 2}),
]


@pytest.mark.parametrize(
    ("error", "message", "data"), TABLE, ids=[f"{type(e).__name__} {i}" for i, (e, *_) in enumerate(TABLE)]
)
def test_an_error_tells_what_happened_and_keeps_the_data(
    error: SojournError, message: str, data: dict[str, object]
) -> None:
    assert str(error) == error.message == message
    assert {name: getattr(error, name) for name in data} == data


def test_when_to_try_again_can_be_told() -> None:
    assert (Busy(7).retry_after, Unavailable(9).retry_after) == (7, 9)


def test_the_tree_is_drawn_where_it_is_made() -> None:
    for name, value in vars(errors).items():
        if isinstance(value, type) and value not in (SojournError, Missing):
            assert f"── {name} " in (errors.__doc__ or ""), name
            assert value.__bases__ == (SojournError,)
