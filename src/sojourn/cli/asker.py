"""Who types a command: what a hold or a receipt says of whoever asked for it."""

import getpass
import socket


def asker() -> str:
    """The user of the machine, and the machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as in a container
        user = "somebody"
    return f"{user} on {socket.gethostname()}, by command"
