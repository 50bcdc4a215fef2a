"""What can go wrong, in the domain's own words.

    SojournError
    ├── Invalid            a value breaks a rule; names the field
    ├── Unknown            no such thing, as far as this caller may know
    ├── Ended              the session is over, nothing can be added
    ├── Held               it is on legal hold: nothing deletes it
    ├── Exists             the name, number or address is taken
    ├── KeyReused          an idempotency key came back with another content
    ├── Unauthenticated    nobody we know
    ├── Forbidden          known, but not allowed
    ├── Busy               too much is waiting; try again
    └── Unavailable        the database cannot be reached; try again

No error knows a status code: each dialect has a table of its own.
"""


class SojournError(Exception):
    """Anything that a caller did or met, told so that they can mend it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(SojournError):
    """A value breaks a rule. `field` is its path in core words: `activities[2].entity_id`."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}" if field else reason)
        self.field = field
        self.reason = reason


class Missing(Invalid):
    """A mandatory value is absent."""

    def __init__(self, field: str) -> None:
        super().__init__(field, "is mandatory")


class Unknown(SojournError):
    """No such thing. The same answer for what does not exist and what is another's."""

    def __init__(self, noun: str, name: object) -> None:
        super().__init__(f"There is no {noun} {name}")
        self.noun = noun
        self.name = name


class Ended(SojournError):
    """The session is over."""

    def __init__(self, session_id: int) -> None:
        super().__init__(f"Session {session_id} has ended")
        self.session_id = session_id


class Held(SojournError):
    """It is on legal hold: nothing deletes it."""

    def __init__(self, noun: str, name: object) -> None:
        super().__init__(f"The {noun} {name} is on legal hold: it cannot be deleted")
        self.noun = noun
        self.name = name


class Exists(SojournError):
    """The name, number or address is taken."""

    def __init__(self, noun: str, name: object) -> None:
        super().__init__(f"There is already {'an' if noun[0] in 'aeiou' else 'a'} {noun} {name}")
        self.noun = noun
        self.name = name


class KeyReused(SojournError):
    """An idempotency key came back with another content."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The idempotency key {key} was used for another request")
        self.key = key


class Unauthenticated(SojournError):
    """Nobody we know: the token is absent, wrong, revoked or expired."""

    def __init__(self) -> None:
        super().__init__("No valid credentials were given")


class Forbidden(SojournError):
    """Known, but the access group does not allow it."""

    def __init__(self, needed: str) -> None:
        super().__init__(f"This needs {needed}")
        self.needed = needed


class Busy(SojournError):
    """More is waiting to be written than the queue holds. `retry_after` is in seconds."""

    def __init__(self, retry_after: int = 1) -> None:
        super().__init__("Too many requests are waiting to be written")
        self.retry_after = retry_after


class Unavailable(SojournError):
    """The database cannot be reached or did not answer. `retry_after` is in seconds."""

    def __init__(self, retry_after: int = 2) -> None:
        super().__init__("The database cannot be reached")
        self.retry_after = retry_after
