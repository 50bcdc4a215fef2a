"""All operations of the dialect."""

from collections.abc import Sequence

from sojourn.api.native_v1 import sessions
from sojourn.web.backend import Backend
from sojourn.web.operation import Operation


def operations(backend: Backend) -> Sequence[Operation]:
    """All operations of the dialect."""
    return [*sessions.operations(backend)]
