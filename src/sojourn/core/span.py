"""How long a session was, as the power of two that its length falls under.

Stored with each ended session, it makes "what was going on in this window?" cheap for sessions of any length: a session
of class `c` that began before `window.start - 2**c` cannot reach into the window, so that each class is one short
range of an index.
"""

from sojourn.core.model import Instant


def span_class(started_at: Instant, ended_at: Instant) -> int:
    """The smallest `c` with `ended_at - started_at < 2**c`."""
    return (ended_at - started_at).bit_length()


def reach(span: int) -> int:
    """How far back before a window a session of this class can have begun: microseconds."""
    return 1 << span
