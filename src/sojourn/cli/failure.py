"""What a command tells when it cannot do what it was asked, and the exit code that scripts see.

    0   done
    1   refused; or there is something to mend (`doctor`, `migrate --check`, lines of `import`)
    2   the command was not written rightly
    69  the database cannot be reached
    71  the address cannot be listened on
    78  a setting is wrong

The last three are those of sysexits.h, which service managers know.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from sojourn.core.errors import SojournError, Unavailable

REFUSED = 1
NO_DATABASE = 69
NO_ADDRESS = 71
WRONG_SETTING = 78


class Failure(click.ClickException):
    """Ends the command with a message and an exit code."""

    def __init__(self, message: str, exit_code: int = REFUSED) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click itself sets it so

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"sojourn: {self.message}", file=file or sys.stderr)


@contextmanager
def told() -> Iterator[None]:
    """Errors in the core's words become failures; what is a bug stays a traceback."""
    try:
        yield
    except Unavailable as error:
        raise Failure(f"{error.message}: {reason_of(error)}", NO_DATABASE) from error
    except SojournError as error:
        raise Failure(error.message) from error


def reason_of(error: Unavailable) -> str:
    """What the driver said, on one line. No driver tells a password."""
    return " ".join(str(error.__cause__ or "no reason is known").split())
